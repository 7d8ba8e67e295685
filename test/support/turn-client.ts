/**
 * A TURN client that says whatever it is told to say: allocations, permissions, channels and data, towards
 * any peer address in whatever clothes.
 *
 * @see RFC 8489, RFC 8656
 */
import { randomBytes } from 'node:crypto';
import {
  ATTRIBUTE,
  attribute,
  type Body,
  codeOf,
  header,
  METHOD,
  type Message,
  number,
  proven,
  readMessage,
  readXorAddress,
  xorAddress,
} from '../../src/outbound/stun.ts';
import { type At, openWire, type TlsWish, type Wire } from './turn-wire.ts';

export type { At } from './turn-wire.ts';

/** What a person shows, in the clear. */
export interface Shown {
  readonly username: string;
  readonly password: string;
}

/** A place at the TURN server. A number is what it answered: 200, or the code of its error. */
export interface Allocation {
  readonly relayed: At;
  /** Seconds. */
  readonly lifetime: number;
  /** CreatePermission. */
  permit(peer: At): Promise<number>;
  /** ChannelBind, and data by it from then on. */
  bind(peer: At): Promise<number>;
  /** A Send indication, which nobody answers, whether permitted or not. */
  send(peer: At, data: string): void;
  /** Data by a channel, bound or not. */
  sendByChannel(peer: At, data: string): void;
  /** Another lifetime in seconds; 0 ends it. */
  refresh(lifetime: number): Promise<number>;
  /** What comes next from a peer. */
  received(): Promise<{ readonly from?: At; readonly data: string }>;
  close(): void;
}

const FIRST_CHANNEL = 0x4000;
/** Milliseconds after which a request is sent again, and after which nobody waits any more. */
const AGAIN = 500;
const LIMIT = 10_000;

interface Line {
  ask(method: number, body: Body): Promise<Message>;
  readonly wire: Wire;
  readonly heard: { readonly from?: At; readonly data: string }[];
  wake?: () => void;
}

function openLine(wire: Wire): Line {
  const waiting = new Map<string, (message: Message) => void>();
  const line: Line = {
    wire,
    heard: [],
    ask: (method, body) => {
      const id = randomBytes(12);
      const attributes = Buffer.concat(body(id));
      const bytes = Buffer.concat([header(method, attributes.length, id), attributes]);
      return new Promise((done, failed) => {
        const send = () => wire.send(bytes);
        const again = setInterval(send, AGAIN);
        const end = (settle: () => void) => {
          clearInterval(again);
          clearTimeout(late);
          waiting.delete(id.toString('hex'));
          settle();
        };
        const late = setTimeout(() => end(() => failed(new Error('the TURN server says nothing'))), LIMIT);
        waiting.set(id.toString('hex'), (message) => end(() => done(message)));
        send();
      });
    },
  };
  const hear = (one: { readonly from?: At; readonly data: string }) => {
    line.heard.push(one);
    line.wake?.();
  };
  wire.hear((bytes) => {
    if (bytes.readUInt16BE(0) >= FIRST_CHANNEL)
      return hear({ data: bytes.subarray(4, 4 + bytes.readUInt16BE(2)).toString() });
    const message = readMessage(bytes);
    if (message === undefined) return;
    if (message.type === (METHOD.data | 0x10)) {
      const peer = message.attributes.get(ATTRIBUTE.peer);
      const from = peer && readXorAddress(peer, message.id);
      return hear({
        ...(from && { from }),
        data: message.attributes.get(ATTRIBUTE.data)?.toString() ?? '',
      });
    }
    waiting.get(message.id.toString('hex'))?.(message);
  });
  return line;
}

/** Asks a STUN server who we are; resolves when it answers. For those who wait until it is up. */
export async function bindingAnswered(server: At): Promise<void> {
  const wire = await openWire(server);
  try {
    await openLine(wire).ask(METHOD.binding, () => []);
  } finally {
    wire.close();
  }
}

/** How an allocation is asked for. */
export interface Wish {
  readonly server: At;
  /** TLS, and how; UDP without it. */
  readonly tls?: TlsWish;
  /** Without it nothing is shown. */
  readonly shown?: Shown;
  /** Of the relayed address. */
  readonly family?: 4 | 6;
  /** UDP (17) or TCP (6) towards peers. */
  readonly transport?: number;
  /** Seconds. */
  readonly lifetime?: number;
}

/** Asks for an allocation; a number is the error. */
export async function allocate(wish: Wish): Promise<Allocation | number> {
  const wire = await openWire(wish.server, wish.tls);
  const line = openLine(wire);
  const proof = { realm: Buffer.alloc(0), nonce: Buffer.alloc(0) };
  const ask = (method: number, body: Body) => asked(line, { method, body, proof, shown: wish.shown });
  const answer = await ask(METHOD.allocate, () => [
    attribute(ATTRIBUTE.transport, Buffer.from([wish.transport ?? 17, 0, 0, 0])),
    ...(wish.family === 6 ? [attribute(ATTRIBUTE.family, Buffer.from([2, 0, 0, 0]))] : []),
    ...(wish.lifetime === undefined ? [] : [attribute(ATTRIBUTE.lifetime, number(wish.lifetime))]),
  ]);
  const at = answer.attributes.get(ATTRIBUTE.relayed);
  const relayed = at && readXorAddress(at, answer.id);
  if (relayed !== undefined && codeOf(answer) === 200)
    return allocation(line, { ...wish, relayed, ask, given: answer.attributes.get(ATTRIBUTE.lifetime) });
  // Kept to the end: coturn remembers its port for a minute, and another client there would be taken for this one.
  wire.unref();
  return codeOf(answer);
}

/** The long-term mechanism: what the server said of itself comes back with every request. @see RFC 8489, section 9.2 */
async function asked(
  line: Line,
  {
    method,
    body,
    proof,
    shown,
  }: {
    readonly method: number;
    readonly body: Body;
    readonly proof: { realm: Buffer; nonce: Buffer };
    readonly shown: Shown | undefined;
  },
): Promise<Message> {
  const full = () =>
    shown === undefined || proof.nonce.length === 0 ? body : proven(method, body, { ...proof, shown });
  const answer = await line.ask(method, full());
  const first = proof.nonce.length === 0;
  proof.realm = answer.attributes.get(ATTRIBUTE.realm) ?? proof.realm;
  proof.nonce = answer.attributes.get(ATTRIBUTE.nonce) ?? proof.nonce;
  const isAsked = shown !== undefined && ((first && codeOf(answer) === 401) || codeOf(answer) === 438);
  return isAsked ? line.ask(method, full()) : answer;
}

interface Made {
  readonly relayed: At;
  readonly given: Buffer | undefined;
  readonly ask: (method: number, body: Body) => Promise<Message>;
}

function allocation(line: Line, { relayed, given, ask }: Made): Allocation {
  const channels = new Map<string, number>();
  const channelTo = ({ address, port }: At): number => {
    const key = `${address} ${port}`;
    const channel = channels.get(key) ?? FIRST_CHANNEL + channels.size;
    channels.set(key, channel);
    return channel;
  };
  const peer = (at: At) => (id: Buffer) => attribute(ATTRIBUTE.peer, xorAddress(at, id));
  return {
    relayed,
    lifetime: given?.readUInt32BE(0) ?? 0,
    permit: async (at) => codeOf(await ask(METHOD.permission, (id) => [peer(at)(id)])),
    bind: async (at) => {
      const channel = Buffer.alloc(4);
      channel.writeUInt16BE(channelTo(at));
      return codeOf(await ask(METHOD.channel, (id) => [attribute(ATTRIBUTE.channel, channel), peer(at)(id)]));
    },
    send: (at, data) => {
      const id = randomBytes(12);
      const attributes = Buffer.concat([peer(at)(id), attribute(ATTRIBUTE.data, Buffer.from(data))]);
      line.wire.send(Buffer.concat([header(METHOD.send | 0x10, attributes.length, id), attributes]));
    },
    sendByChannel: (at, data) => {
      const head = Buffer.alloc(4);
      head.writeUInt16BE(channelTo(at), 0);
      head.writeUInt16BE(Buffer.byteLength(data), 2);
      line.wire.send(Buffer.concat([head, Buffer.from(data)]));
    },
    refresh: async (seconds) =>
      codeOf(await ask(METHOD.refresh, () => [attribute(ATTRIBUTE.lifetime, number(seconds))])),
    received: () =>
      new Promise((done, failed) => {
        const late = setTimeout(() => failed(new Error('nothing came from a peer')), LIMIT);
        const look = () => {
          const next = line.heard.shift();
          if (next === undefined) return;
          clearTimeout(late);
          delete line.wake;
          done(next);
        };
        line.wake = look;
        look();
      }),
    close: () => line.wire.close(),
  };
}
