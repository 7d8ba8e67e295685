/**
 * The messages of STUN and TURN, written and read: attributes, masked addresses, and what proves who asks.
 *
 * Pure. Knows no sockets.
 * @see RFC 8489, RFC 8656
 */
import { createHash, createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import { boundsOf } from '../base/bounds.ts';

/** The number by which a message is known. @see RFC 8489, section 5 */
const COOKIE = 0x2112a442;

/** What is asked. */
export const METHOD = {
  ...{ binding: 1, allocate: 3, refresh: 4, send: 6, data: 7, permission: 8, channel: 9 },
} as const;

/** What stands in a message. */
export const ATTRIBUTE = {
  ...{ username: 6, integrity: 8, error: 9, channel: 12, lifetime: 13, peer: 18, data: 19, realm: 20 },
  ...{ nonce: 21, relayed: 22, family: 23, transport: 25, software: 0x8022 },
} as const;

/** An address and a port. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/** A message that was read. Of two attributes of one type the first counts. */
export interface Message {
  readonly type: number;
  readonly id: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

/** Attributes of a message with this id. */
export type Body = (id: Buffer) => readonly Buffer[];

/** One attribute, filled up to four bytes. */
export function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(-value.length & 3)]);
}

/** What stands before `length` bytes of attributes. */
export function header(type: number, length: number, id: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(length, 2);
  head.writeUInt32BE(COOKIE, 4);
  return Buffer.concat([head, id]);
}

/** A number of four bytes. */
export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
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

/** An address as it is written into an attribute. @see RFC 8489, section 14.2 */
export function xorAddress({ address, port }: Place, id: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt8(isIP(address) === 6 ? 2 : 1, 1);
  head.writeUInt16BE(port ^ (COOKIE >>> 16), 2);
  return Buffer.concat([head, masked(bytesOf(address), id)]);
}

/** The same, read. */
export function readXorAddress(value: Buffer, id: Buffer): Place {
  const bytes = masked(value.subarray(4), id);
  const groups = Array.from({ length: 8 }, (_, at) => bytes.subarray(at * 2, at * 2 + 2).toString('hex'));
  const address =
    value[1] === 2 ? new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1) : bytes.join('.');
  return { address, port: value.readUInt16BE(2) ^ (COOKIE >>> 16) };
}

/** Reads a message; undefined for what is none. */
export function readMessage(bytes: Buffer): Message | undefined {
  if (bytes.length < 20 || bytes.readUInt32BE(4) !== COOKIE) return undefined;
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= bytes.length; ) {
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    if (!attributes.has(type)) attributes.set(type, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length + (-length & 3);
  }
  return { type: bytes.readUInt16BE(0), id: bytes.subarray(8, 20), attributes };
}

/** 200, or the code of an error; 0 where it names none. */
export function codeOf({ type, attributes }: Message): number {
  if ((type & 0x110) === 0x100) return 200;
  const error = attributes.get(ATTRIBUTE.error);
  return error === undefined ? 0 : (error[2] ?? 0) * 100 + (error[3] ?? 0);
}

/** Who asks, and what the server said of itself, which comes back with every request. */
export interface Proof {
  readonly shown: { readonly username: string; readonly password: string };
  readonly realm: Buffer;
  readonly nonce: Buffer;
}

/** The attributes with what proves who asks: the long-term mechanism. @see RFC 8489, section 9.2 */
export function proven(method: number, body: Body, { shown, realm, nonce }: Proof): Body {
  return (id) => {
    const said = [
      ...body(id),
      attribute(ATTRIBUTE.username, Buffer.from(shown.username)),
      attribute(ATTRIBUTE.realm, realm),
      attribute(ATTRIBUTE.nonce, nonce),
    ];
    const whole = Buffer.concat(said);
    const key = createHash('md5').update(`${shown.username}:${realm}:${shown.password}`).digest();
    // The length counts the signature, which it does not cover.
    const signed = Buffer.concat([header(method, whole.length + 24, id), whole]);
    return [...said, attribute(ATTRIBUTE.integrity, createHmac('sha1', key).update(signed).digest())];
  };
}
