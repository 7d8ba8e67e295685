/**
 * Somebody in a meeting, as lib-jitsi-meet is: XMPP over WebSocket, with stream management, so that a connection
 * that breaks off is taken up again where it was. Every wait has an end.
 *
 * @see XEP-0198 (stream management), XEP-0045 (rooms), RFC 7395 (WebSocket)
 */
import { WebSocket } from 'ws';
import { child, type Element, escaped, parseXml } from '../prosody/xml.ts';

/** Where to, and with what in hand. */
export interface ClientOptions {
  /** Without path: `http://127.0.0.1:8080`. */
  readonly origin: string;
  /** `/xmpp-websocket`, with a tenant in front or not. */
  readonly path?: string;
  /** Without `?`. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The host the stream is opened to. */
  readonly domain: string;
  /** The host it is opened to anew once signed in, if another. */
  readonly restartsTo?: string;
}

/** Somebody was seen to come into a room or to leave it, or was heard there. */
export interface Seen {
  readonly nick: string;
  readonly is: 'here' | 'gone' | 'heard';
  /** What they said. */
  readonly text?: string;
}

/** What became of a start. */
export type Started =
  | { readonly kind: 'in'; readonly client: XmppClient }
  | { readonly kind: 'failure'; readonly condition: string; readonly text: string }
  | { readonly kind: 'stream-error'; readonly condition: string }
  | { readonly kind: 'http'; readonly status: number };

/** Somebody Prosody let in. */
export interface XmppClient {
  /** Everybody seen and heard in rooms, oneself included, in this order. */
  readonly seen: readonly Seen[];
  /** Joins the room at this address; `joined`, or the condition of the error. */
  join(address: string, nick: string): Promise<string>;
  /** Resolves when this holds; it is looked at whenever something was heard. */
  until(holds: () => boolean): Promise<void>;
  /** Resolves when the connection is closed, with its code. */
  readonly closed: Promise<number>;
  isOpen(): boolean;
  /** Says something to everybody in a room. */
  say(address: string, text: string): void;
  /** Bytes as they are, past the WebSocket. */
  sendRaw(bytes: Uint8Array): void;
  /** The connection breaks off; Prosody keeps what it was. */
  cut(): void;
  /** Takes the stream up again, through whichever gate: `resumed`, or why not. */
  resume(changes?: Partial<ClientOptions>): Promise<string>;
  /** Closes the stream. */
  leave(): Promise<void>;
}

const FRAMING = 'urn:ietf:params:xml:ns:xmpp-framing';
const SM = 'urn:xmpp:sm:3';
const PATIENCE = 15_000;

/** One WebSocket and what was heard on it. */
interface Line {
  send(xml: string): void;
  /** The next element that is no stanza, or is of this name. */
  next(...names: readonly string[]): Promise<Element | undefined>;
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
}

/** Listens to elements; true where one is nobody else's business. */
type Listener = (element: Element, line: Line) => boolean;

async function dial(options: ClientOptions, listen: Listener): Promise<Line | number> {
  const url = `${options.origin.replace(/^http/, 'ws')}${options.path ?? '/xmpp-websocket'}?${options.query}`;
  const socket = new WebSocket(url, 'xmpp', { headers: options.headers, handshakeTimeout: PATIENCE });
  const heard: Element[] = [];
  let wake: () => void = () => {};
  let status = 0;
  const closed = new Promise<number>((done) => socket.on('close', done));
  socket.on('unexpected-response', (_, response) => {
    status = response.statusCode ?? 0;
    response.resume();
    socket.terminate();
  });
  socket.on('error', () => {});
  const line: Line = {
    socket,
    closed,
    send: (xml) => socket.send(xml),
    next: (...names) =>
      new Promise((done) => {
        const finish = (element?: Element) => {
          clearTimeout(late);
          wake = () => {};
          done(element);
        };
        const late = setTimeout(finish, PATIENCE);
        wake = () => {
          const at = heard.findIndex(({ name }) => names.includes(name));
          if (at !== -1) finish(heard.splice(0, at + 1).at(-1));
          else if (socket.readyState === WebSocket.CLOSED) finish();
        };
        wake();
      }),
  };
  socket.on('message', (data) => {
    for (const element of parseXml(String(data))) if (!listen(element, line)) heard.push(element);
    wake();
  });
  void closed.then(() => wake());
  await Promise.race([new Promise((done) => socket.on('open', done)), closed]);
  return socket.readyState === WebSocket.OPEN ? line : status;
}

function conditionOf(element: Element): string {
  return element.children.find(({ name }) => name !== 'text')?.name ?? '';
}

/** Opens the stream and signs in: the line, or how that failed. */
async function signIn(
  options: ClientOptions,
  listen: Listener,
): Promise<Line | Exclude<Started, { kind: 'in' }>> {
  const line = await dial(options, listen);
  if (typeof line === 'number') return { kind: 'http', status: line };
  const open = (to: string) => line.send(`<open xmlns='${FRAMING}' to='${escaped(to)}' version='1.0'/>`);
  open(options.domain);
  const features = await line.next('stream:features', 'stream:error');
  if (features?.name !== 'stream:features')
    return { kind: 'stream-error', condition: features === undefined ? 'closed' : conditionOf(features) };
  line.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`);
  const answer = await line.next('success', 'failure', 'stream:error');
  if (answer?.name === 'failure')
    return { kind: 'failure', condition: conditionOf(answer), text: child(answer, 'text')?.text ?? '' };
  if (answer?.name !== 'success')
    return { kind: 'stream-error', condition: answer === undefined ? 'closed' : conditionOf(answer) };
  open(options.restartsTo ?? options.domain);
  const again = await line.next('stream:features', 'stream:error');
  if (again?.name === 'stream:features') return line;
  return { kind: 'stream-error', condition: again === undefined ? 'closed' : conditionOf(again) };
}

/** What is heard in rooms, and how much of the stream was taken in. */
interface Ears {
  readonly seen: readonly Seen[];
  readonly listen: Listener;
  until(holds: () => boolean): Promise<void>;
  /** The presence that refused a join, once. */
  refusal(): Element | undefined;
  /** From now on stanzas are counted. */
  count(): void;
  /** So many stanzas were taken in. @see XEP-0198, section 4 */
  handled(): number;
}

function createEars(): Ears {
  let handled = 0;
  let counts = false;
  const seen: Seen[] = [];
  const errors: Element[] = [];
  const watching = new Set<() => void>();
  function see(stanza: Element): void {
    const { from = '', type } = stanza.attributes;
    const nick = from.replace(/^[^/]*\//, '');
    const text = child(stanza, 'body')?.text;
    if (type === 'error') errors.push(stanza);
    else if (stanza.name === 'presence') seen.push({ nick, is: type === undefined ? 'here' : 'gone' });
    else if (text !== undefined) seen.push({ nick, is: 'heard', text });
  }
  return {
    seen,
    listen: (element, line) => {
      const { name } = element;
      if (name === 'r') line.send(`<a xmlns='${SM}' h='${handled}'/>`);
      if (['iq', 'presence', 'message'].includes(name) && counts) handled += 1;
      if (name !== 'presence' && name !== 'message') return name === 'a' || name === 'r';
      see(element);
      for (const look of watching) look();
      return true;
    },
    until: (holds) =>
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
    refusal: () => errors.shift(),
    count: () => {
      counts = true;
    },
    handled: () => handled,
  };
}

/** Starts a stream, binds and asks for stream management. */
export async function startClient(options: ClientOptions): Promise<Started> {
  const ears = createEars();
  const { seen, listen, until } = ears;
  const first = await signIn(options, listen);
  if ('kind' in first) return first;
  let line = first;
  line.send(
    `<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`,
  );
  await line.next('iq');
  line.send(`<enable xmlns='${SM}' resume='true'/>`);
  const enabled = await line.next('enabled', 'failed');
  ears.count();
  const previd = enabled?.attributes['id'] ?? '';

  const client: XmppClient = {
    seen,
    until,
    get closed() {
      return line.closed;
    },
    isOpen: () => line.socket.readyState === WebSocket.OPEN,
    say: (address, text) =>
      line.send(
        `<message xmlns='jabber:client' type='groupchat' to='${escaped(address)}'><body>${escaped(text)}</body></message>`,
      ),
    sendRaw: (bytes) => {
      // The connection below, which ws keeps to itself.
      const { _socket: socket } = line.socket as unknown as { _socket: NodeJS.WritableStream };
      socket.write(bytes);
    },
    async join(address, nick) {
      line.send(
        `<presence xmlns='jabber:client' to='${escaped(`${address}/${nick}`)}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
      );
      let error: Element | undefined;
      await until(() => {
        error ??= ears.refusal();
        return error !== undefined || seen.some((one) => one.nick === nick);
      });
      return error === undefined ? 'joined' : conditionOf(child(error, 'error') ?? error);
    },
    cut: () => line.socket.terminate(),
    async resume(changes = {}) {
      const query = `${changes.query ?? options.query}&previd=${encodeURIComponent(previd)}`;
      const again = await signIn({ ...options, ...changes, query }, listen);
      if ('kind' in again) return again.kind === 'http' ? `HTTP ${again.status}` : again.condition;
      line = again;
      line.send(`<resume xmlns='${SM}' h='${ears.handled()}' previd='${escaped(previd)}'/>`);
      const answer = await line.next('resumed', 'failed', 'stream:error');
      if (answer === undefined) return 'closed';
      return answer.name === 'resumed' ? 'resumed' : conditionOf(answer);
    },
    async leave() {
      if (line.socket.readyState !== WebSocket.OPEN) return;
      line.send(`<close xmlns='${FRAMING}'/>`);
      const impatient = setTimeout(() => line.socket.terminate(), 1000);
      await line.closed;
      clearTimeout(impatient);
    },
  };
  return { kind: 'in', client };
}
