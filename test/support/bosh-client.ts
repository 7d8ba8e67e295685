/**
 * Somebody in a meeting by BOSH, as Jitsi's client is where no WebSocket passes: one request always waits, a second
 * one speaks. Every wait has an end.
 *
 * @see XEP-0124; XEP-0206; XEP-0045 (rooms)
 */
import { Agent, request } from 'node:http';
import { child, type Element, escaped, parseXml } from '../prosody/xml.ts';
import type { ClientOptions, Seen } from './xmpp-client.ts';

/** What became of a start. */
export type BoshStarted =
  | { readonly kind: 'in'; readonly client: BoshClient }
  | { readonly kind: 'failure'; readonly condition: string; readonly text: string }
  | { readonly kind: 'ended'; readonly condition: string }
  | { readonly kind: 'http'; readonly status: number };

/** Somebody who was let in. */
export interface BoshClient {
  readonly sid: string;
  /** Everybody seen and heard in rooms, oneself included, in this order. */
  readonly seen: readonly Seen[];
  /** Joins the room at this address; `joined`, or the condition of the error. */
  join(address: string, nick: string): Promise<string>;
  /** Says something to everybody in a room. */
  say(address: string, text: string): void;
  /** Resolves when this holds; it is looked at whenever something was heard. */
  until(holds: () => boolean): Promise<void>;
  /** Resolves when the stream is over: how the last request was answered. */
  readonly over: Promise<string>;
  /** Says a body as somebody else would who learnt all of this stream but the right to it. */
  stolen(by: Partial<ClientOptions>, inside: string): Promise<string>;
  /** Ends the stream. */
  leave(): Promise<void>;
}

const NAMESPACES = "xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'";
const PATIENCE = 15_000;

interface Reply {
  readonly status: number;
  readonly body: Element | undefined;
}

function send(options: ClientOptions, text: string, agent?: Agent): Promise<Reply> {
  const url = new URL(`${options.origin}${options.path ?? '/http-bind'}?${options.query}`);
  const headers = {
    ...options.headers,
    'content-type': 'text/xml',
    'content-length': Buffer.byteLength(text),
  };
  return new Promise((done, failed) => {
    const asking = request(
      url,
      { method: 'POST', headers, timeout: PATIENCE, ...(agent && { agent }) },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', failed);
        answer.on('end', () => {
          const status = answer.statusCode ?? 0;
          const all = Buffer.concat(chunks).toString();
          done({ status, body: status === 200 ? parseXml(all)[0] : undefined });
        });
      },
    );
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', failed);
    asking.end(text);
  });
}

/** How a reply ends the stream, if it does. */
function endOf({ status, body }: Reply): string | undefined {
  if (status !== 200) return `HTTP ${status}`;
  if (body?.attributes['type'] !== 'terminate') return undefined;
  return body.attributes['condition'] ?? 'terminate';
}

function conditionOf(element: Element | undefined): string {
  return element?.children.find(({ name }) => name !== 'text')?.name ?? '';
}

/** A stream under way: what is said gets the next number. */
function createStream(options: ClientOptions, agent: Agent) {
  let rid = 1_000_000;
  let sid = '';
  return {
    get sid() {
      return sid;
    },
    get rid() {
      return rid;
    },
    async say(inside: string, more = ''): Promise<Reply> {
      rid += 1;
      const session = sid === '' ? '' : ` sid='${sid}'`;
      const reply = await send(
        options,
        `<body ${NAMESPACES} rid='${rid}'${session} ${more}>${inside}</body>`,
        agent,
      );
      sid ||= reply.body?.attributes['sid'] ?? '';
      return reply;
    },
  };
}

type Stream = ReturnType<typeof createStream>;

/** Signs in and binds, one request after the other; or how that failed. */
async function signIn(
  stream: Stream,
  domain: string,
): Promise<Exclude<BoshStarted, { kind: 'in' }> | undefined> {
  const to = `to='${domain}'`;
  let reply = await stream.say('', `${to} wait='60' hold='1' ver='1.6' xml:lang='en' xmpp:version='1.0'`);
  const until = async (...names: readonly string[]): Promise<Element | undefined> => {
    for (let turns = 0; turns < 5 && endOf(reply) === undefined; turns += 1) {
      const found = reply.body?.children.find(({ name }) => names.includes(name));
      if (found !== undefined) return found;
      reply = await stream.say('');
    }
    return undefined;
  };
  const failed = (): Exclude<BoshStarted, { kind: 'in' }> =>
    reply.status === 200
      ? { kind: 'ended', condition: endOf(reply) ?? 'nothing' }
      : { kind: 'http', status: reply.status };
  if ((await until('stream:features')) === undefined) return failed();
  reply = await stream.say(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`);
  const answer = await until('success', 'failure');
  if (answer?.name === 'failure')
    return { kind: 'failure', condition: conditionOf(answer), text: child(answer, 'text')?.text ?? '' };
  if (answer === undefined) return failed();
  reply = await stream.say('', `${to} xmpp:restart='true'`);
  if ((await until('stream:features')) === undefined) return failed();
  reply = await stream.say(
    `<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`,
  );
  return (await until('iq')) === undefined ? failed() : undefined;
}

/** What is heard in rooms. */
function createEars() {
  const seen: Seen[] = [];
  const errors: Element[] = [];
  const watching = new Set<() => void>();
  return {
    seen,
    errors,
    hear({ body }: Reply): void {
      for (const stanza of body?.children ?? []) {
        const { from = '', type } = stanza.attributes;
        const nick = from.replace(/^[^/]*\//, '');
        const text = child(stanza, 'body')?.text;
        if (type === 'error') errors.push(stanza);
        else if (stanza.name === 'presence') seen.push({ nick, is: type === undefined ? 'here' : 'gone' });
        else if (text !== undefined) seen.push({ nick, is: 'heard', text });
      }
      for (const look of watching) look();
    },
    until: (holds: () => boolean): Promise<void> =>
      new Promise((done, failed) => {
        const look = () => {
          if (!holds()) return;
          clearTimeout(late);
          watching.delete(look);
          done();
        };
        const late = setTimeout(() => {
          watching.delete(look);
          failed(new Error(`heard nothing of it: ${holds}`));
        }, PATIENCE);
        watching.add(look);
        look();
      }),
  };
}

/** Starts a stream. */
export async function startBoshClient(options: ClientOptions): Promise<BoshStarted> {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const stream = createStream(options, agent);
  const failed = await signIn(stream, options.domain);
  if (failed !== undefined) {
    agent.destroy();
    return failed;
  }
  const { seen, errors, hear, until } = createEars();
  const { promise: over, resolve } = Promise.withResolvers<string>();
  let isOver = false;
  const finish = (why: string) => {
    isOver = true;
    agent.destroy();
    resolve(why);
  };
  const say = async (inside: string, more = ''): Promise<void> => {
    try {
      const reply = await stream.say(inside, more);
      hear(reply);
      const end = endOf(reply);
      if (end !== undefined && !isOver) finish(end);
    } catch (cause) {
      if (!isOver) finish(String(cause));
    }
  };
  const poll = async (): Promise<void> => {
    while (!isOver) await say('');
  };
  void poll();
  const client: BoshClient = {
    ...{ sid: stream.sid, seen, until, over },
    async join(address, nick) {
      void say(
        `<presence xmlns='jabber:client' to='${escaped(`${address}/${nick}`)}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      );
      await until(() => errors.length > 0 || seen.some((one) => one.nick === nick));
      const error = errors.shift();
      return error === undefined ? 'joined' : conditionOf(child(error, 'error') ?? error);
    },
    say: (address, text) =>
      void say(
        `<message xmlns='jabber:client' type='groupchat' to='${escaped(address)}'><body>${escaped(text)}</body></message>`,
      ),
    async stolen(by, inside) {
      const body = `<body ${NAMESPACES} rid='${stream.rid + 1}' sid='${stream.sid}'>${inside}</body>`;
      return endOf(await send({ ...options, ...by }, body)) ?? 'taken';
    },
    async leave() {
      if (isOver) return;
      void say('', `type='terminate'`);
      await over;
    },
  };
  return { kind: 'in', client };
}
