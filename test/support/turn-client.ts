/**
 * A TURN client that says whatever it is told to say: allocations, permissions, channels and data, towards
 * any peer address in whatever clothes.
 *
 * @see RFC 8489, RFC 8656
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { boundsOf } from '../../src/base/bounds.ts';
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

const COOKIE = 0x2112a442;
const METHOD = { binding: 1, allocate: 3, refresh: 4, send: 6, data: 7, permission: 8, channel: 9 } as const;
const ATTRIBUTE = {
  username: 6,
  integrity: 8,
  error: 9,
  channel: 12,
  lifetime: 13,
  peer: 18,
  data: 19,
  realm: 20,
  nonce: 21,
  relayed: 22,
  family: 23,
  transport: 25,
} as const;
const FIRST_CHANNEL = 0x4000;
/** Milliseconds after which a request is sent again, and after which nobody waits any more. */
const AGAIN = 500;
const LIMIT = 10_000;

type Attributes = ReadonlyMap<number, Buffer>;

interface Message {
  readonly type: number;
  readonly id: Buffer;
  readonly attributes: Attributes;
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function header(type: number, length: number, id: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(length, 2);
  head.writeUInt32BE(COOKIE, 4);
  return Buffer.concat([head, id]);
}

function bytesOf(address: string): Buffer {
  const [first] = boundsOf(address);
  if (isIP(address) === 4) return Buffer.from(first.split('.').map(Number));
  const bytes = Buffer.alloc(16);
  for (const [at, group] of first.split(':').entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), at * 2);
  return bytes;
}

function masked(value: Buffer, id: Buffer): Buffer {
  const mask = Buffer.concat([header(0, 0, id).subarray(4, 8), id]);
  return Buffer.from(value.map((byte, at) => byte ^ (mask[at] ?? 0)));
}

/** @see RFC 8489, section 14.2 */
function xorAddress({ address, port }: At, id: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt8(isIP(address) === 6 ? 2 : 1, 1);
  head.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  return Buffer.concat([head, masked(bytesOf(address), id)]);
}

function readAddress(value: Buffer | undefined, id: Buffer): At | undefined {
  if (value === undefined) return undefined;
  const bytes = masked(value.subarray(4), id);
  const groups = Array.from({ length: 8 }, (_, at) => bytes.subarray(at * 2, at * 2 + 2).toString('hex'));
  const address =
    value[1] === 2 ? new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1) : bytes.join('.');
  return { address, port: value.readUInt16BE(2) ^ (COOKIE >>> 16) };
}

function readMessage(bytes: Buffer): Message {
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2);
    const type = bytes.readUInt16BE(at);
    if (!attributes.has(type)) attributes.set(type, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return { type: bytes.readUInt16BE(0), id: bytes.subarray(8, 20), attributes };
}

function codeOf({ type, attributes }: Message): number {
  if ((type & 0x110) === 0x100) return 200;
  const error = attributes.get(ATTRIBUTE.error);
  return error === undefined ? 0 : (error[2] ?? 0) * 100 + (error[3] ?? 0);
}

/** What was said in one request, with what proves it where something does. */
type Body = (id: Buffer) => readonly Buffer[];

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
    if (message.type === (METHOD.data | 0x10)) {
      const from = readAddress(message.attributes.get(ATTRIBUTE.peer), message.id);
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
  const relayed = readAddress(answer.attributes.get(ATTRIBUTE.relayed), answer.id);
  if (relayed !== undefined && codeOf(answer) === 200)
    return allocation(line, { ...wish, relayed, ask, given: answer.attributes.get(ATTRIBUTE.lifetime) });
  // Kept to the end: coturn remembers its port for a minute, and another client there would be taken for this one.
  wire.unref();
  return codeOf(answer);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
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
  const full: Body = (id) => {
    if (shown === undefined || proof.nonce.length === 0) return body(id);
    const said = [
      ...body(id),
      attribute(ATTRIBUTE.username, Buffer.from(shown.username)),
      attribute(ATTRIBUTE.realm, proof.realm),
      attribute(ATTRIBUTE.nonce, proof.nonce),
    ];
    const length = Buffer.concat(said).length;
    const key = createHash('md5').update(`${shown.username}:${proof.realm}:${shown.password}`).digest();
    const whole = Buffer.concat([header(method, length + 24, id), ...said]);
    return [...said, attribute(ATTRIBUTE.integrity, createHmac('sha1', key).update(whole).digest())];
  };
  const answer = await line.ask(method, full);
  const first = proof.nonce.length === 0;
  proof.realm = answer.attributes.get(ATTRIBUTE.realm) ?? proof.realm;
  proof.nonce = answer.attributes.get(ATTRIBUTE.nonce) ?? proof.nonce;
  const isAsked = shown !== undefined && ((first && codeOf(answer) === 401) || codeOf(answer) === 438);
  return isAsked ? line.ask(method, full) : answer;
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
