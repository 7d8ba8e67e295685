/**
 * A TURN client that asks for an allocation and for permissions, and sends no data to anybody: UDP, TCP or TLS.
 *
 * For the terminal alone. Knows nothing of what should be allowed.
 * @see RFC 8489, RFC 8656
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP, connect as plainConnect, type Socket } from 'node:net';
import { type SecureContext, connect as tlsConnect } from 'node:tls';
import { boundsOf } from '../base/bounds.ts';
import { isProblem, Problem } from '../base/problem.ts';
import type { Secret } from '../base/secret.ts';

/** Where a TURN server is. @see RFC 7065 */
export interface TurnPlace {
  readonly host: string;
  readonly port: number;
  readonly by: 'udp' | 'tcp' | 'tls';
}

/** What is shown; nothing without it. */
export interface TurnShown {
  readonly username: string;
  readonly password: Secret;
}

/** What a server did. Each code is 200, or that of its error. */
export interface TurnSeen {
  readonly code: number;
  /** What it calls itself, where it does. */
  readonly software?: string;
  readonly realm?: string;
  /** The peers for which it gave permission. */
  readonly permitted: readonly string[];
}

/** What is asked. */
export interface TurnAsk {
  readonly place: TurnPlace;
  readonly shown?: TurnShown;
  /** Of the relayed address. */
  readonly family: 4 | 6;
  /** Addresses for which permission is asked, one after the other. */
  readonly peers: readonly string[];
  readonly secureContext: SecureContext;
  /** Milliseconds for one answer. */
  readonly timeout: number;
}

const COOKIE = 0x2112a442;
const METHOD = { allocate: 3, refresh: 4, permission: 8 } as const;
const ATTRIBUTE = {
  username: 6,
  integrity: 8,
  error: 9,
  lifetime: 13,
  peer: 18,
  realm: 20,
  nonce: 21,
  family: 23,
  transport: 25,
  software: 0x8022,
} as const;
/** Milliseconds after which a request by UDP is sent again. */
const AGAIN = 500;
/** The port of a peer; nothing is sent there. */
const DISCARD = 9;

/** The place a TURN address names. */
export function turnPlace(url: string): TurnPlace | undefined {
  const found = /^(turns?):(\[[^\]]+\]|[^:?[\]]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/i.exec(url);
  if (found === null) return undefined;
  const [, scheme = '', host = '', port, transport] = found;
  const secure = scheme.toLowerCase() === 'turns';
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (secure ? 5349 : 3478)),
    by: secure ? 'tls' : transport?.toLowerCase() === 'tcp' ? 'tcp' : 'udp',
  };
}

interface Message {
  readonly type: number;
  readonly id: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

interface Wire {
  send(bytes: Buffer): void;
  hear(what: (bytes: Buffer) => void): void;
  close(): void;
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
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

/** @see RFC 8489, section 14.2 */
function peerOf(address: string, id: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt8(isIP(address) === 6 ? 2 : 1, 1);
  head.writeUInt16BE(DISCARD ^ (COOKIE >>> 16), 2);
  const mask = Buffer.concat([header(0, 0, id).subarray(4, 8), id]);
  return Buffer.concat([head, Buffer.from(bytesOf(address).map((byte, at) => byte ^ (mask[at] ?? 0)))]);
}

function messageIn(bytes: Buffer): Message | undefined {
  if (bytes.length < 20 || bytes.readUInt32BE(4) !== COOKIE) return undefined;
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= bytes.length; ) {
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    if (!attributes.has(type)) attributes.set(type, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length + (-length & 3);
  }
  return { type: bytes.readUInt16BE(0), id: bytes.subarray(8, 20), attributes };
}

function codeOf({ type, attributes }: Message): number {
  if ((type & 0x110) === 0x100) return 200;
  const error = attributes.get(ATTRIBUTE.error);
  return error === undefined ? 0 : (error[2] ?? 0) * 100 + (error[3] ?? 0);
}

function failed(reason: string, cause?: unknown): Problem {
  return new Problem('outbound.failed', { reason, purpose: 'turn' }, cause);
}

async function opened({ place, secureContext, timeout }: TurnAsk): Promise<Wire> {
  const { address, family } = await lookup(place.host).catch((cause: NodeJS.ErrnoException) => {
    throw failed(cause.code ?? 'unknown', cause);
  });
  if (place.by === 'udp') {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    // Where nobody listens the machine says so; who waits for an answer hears that none came.
    socket.on('error', () => {});
    return {
      send: (bytes) => socket.send(bytes, place.port, address),
      hear: (what) => void socket.on('message', what),
      close: () => socket.close(),
    };
  }
  return overStream(await connected(place, address, { secureContext, timeout }));
}

function connected(
  { host, port, by }: TurnPlace,
  address: string,
  { secureContext, timeout }: Pick<TurnAsk, 'secureContext' | 'timeout'>,
): Promise<Socket> {
  return new Promise((done, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket =
      by === 'tls'
        ? tlsConnect({ host: address, port, secureContext, ...name })
        : plainConnect(port, address);
    const deadline = setTimeout(() => socket.destroy(failed('timeout')), timeout);
    socket.once(by === 'tls' ? 'secureConnect' : 'connect', () => {
      clearTimeout(deadline);
      done(socket);
    });
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(deadline);
      reject(isProblem(cause) ? cause : failed(cause.code ?? 'closed', cause));
    });
  });
}

/** Over a stream messages come one behind the other. @see RFC 8656, section 3.1 */
function overStream(socket: Socket): Wire {
  return {
    send: (bytes) => void socket.write(bytes),
    hear: (what) => {
      let rest: Buffer = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= 20 && rest.length >= rest.readUInt16BE(2) + 20) {
          const length = rest.readUInt16BE(2) + 20;
          what(rest.subarray(0, length));
          rest = rest.subarray(length);
        }
      });
    },
    close: () => void socket.destroy(),
  };
}

type Body = (id: Buffer) => readonly Buffer[];

/** One request at a time, each answered or given up. */
function asking(wire: Wire, { shown, place, timeout }: TurnAsk) {
  const waiting = new Map<string, (message: Message) => void>();
  wire.hear((bytes) => {
    const message = messageIn(bytes);
    if (message !== undefined) waiting.get(message.id.toString('hex'))?.(message);
  });
  const proof = { realm: Buffer.alloc(0), nonce: Buffer.alloc(0) };
  const once = (method: number, body: Body): Promise<Message> => {
    const id = randomBytes(12);
    const said = Buffer.concat([...body(id)]);
    const bytes = Buffer.concat([header(method, said.length, id), said]);
    return new Promise((done, reject) => {
      const again = place.by === 'udp' ? setInterval(() => wire.send(bytes), AGAIN) : undefined;
      const over = () => {
        clearInterval(again);
        clearTimeout(deadline);
        waiting.delete(id.toString('hex'));
      };
      const deadline = setTimeout(() => {
        over();
        reject(failed('silence'));
      }, timeout);
      waiting.set(id.toString('hex'), (message) => {
        over();
        done(message);
      });
      wire.send(bytes);
    });
  };
  /** The long-term mechanism. @see RFC 8489, section 9.2 */
  const proven =
    (method: number, body: Body): Body =>
    (id) => {
      if (shown === undefined || proof.nonce.length === 0) return body(id);
      const said = [
        ...body(id),
        attribute(ATTRIBUTE.username, Buffer.from(shown.username)),
        attribute(ATTRIBUTE.realm, proof.realm),
        attribute(ATTRIBUTE.nonce, proof.nonce),
      ];
      const whole = Buffer.concat(said);
      const secret = `${shown.username}:${proof.realm}:${shown.password.reveal()}`;
      const key = createHash('md5').update(secret).digest();
      const signed = Buffer.concat([header(method, whole.length + 24, id), whole]);
      return [...said, attribute(ATTRIBUTE.integrity, createHmac('sha1', key).update(signed).digest())];
    };
  return async (method: number, body: Body): Promise<Message> => {
    const first = proof.nonce.length === 0;
    const answer = await once(method, proven(method, body));
    proof.realm = Buffer.from(answer.attributes.get(ATTRIBUTE.realm) ?? proof.realm);
    proof.nonce = Buffer.from(answer.attributes.get(ATTRIBUTE.nonce) ?? proof.nonce);
    const code = codeOf(answer);
    const wantsProof = shown !== undefined && ((first && code === 401) || code === 438);
    return wantsProof ? once(method, proven(method, body)) : answer;
  };
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * Asks for an allocation, and for permissions in it, and gives it back. Throws `outbound.failed` where nobody answers.
 */
export async function seeTurn(ask: TurnAsk): Promise<TurnSeen> {
  const wire = await opened(ask);
  try {
    const request = asking(wire, ask);
    const answer = await request(METHOD.allocate, () => [
      attribute(ATTRIBUTE.transport, Buffer.from([17, 0, 0, 0])),
      ...(ask.family === 6 ? [attribute(ATTRIBUTE.family, Buffer.from([2, 0, 0, 0]))] : []),
    ]);
    const said = (type: number) => answer.attributes.get(type)?.toString('utf8');
    const [software, realm] = [said(ATTRIBUTE.software), said(ATTRIBUTE.realm)];
    const code = codeOf(answer);
    const permitted: string[] = [];
    if (code === 200) {
      for (const peer of ask.peers) {
        const permission = await request(METHOD.permission, (id) => [
          attribute(ATTRIBUTE.peer, peerOf(peer, id)),
        ]);
        if (codeOf(permission) === 200) permitted.push(peer);
      }
      await request(METHOD.refresh, () => [attribute(ATTRIBUTE.lifetime, number(0))]);
    }
    return { code, permitted, ...(software && { software }), ...(realm && { realm }) };
  } finally {
    wire.close();
  }
}
