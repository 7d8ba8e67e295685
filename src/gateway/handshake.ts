/**
 * The request that makes a WebSocket out of a connection, and the answer to it. Pure.
 *
 * A connection that changes its protocol is out of every later judgement. So it changes to WebSocket and to
 * nothing else, when both sides said exactly that. @see RFC 6455, sections 4.1 and 4.2
 */
import { createHash } from 'node:crypto';
import { Problem } from '../base/problem.ts';

/** A judged wish to speak WebSocket. */
export interface Handshake {
  /** `Sec-WebSocket-Key`, as it came. */
  readonly key: string;
  /** The subprotocols offered, in the caller's order. */
  readonly protocols: readonly string[];
}

/** What of a request is looked at. Header names and values in turns, as Node has them. */
export interface UpgradeRequest {
  readonly method?: string | undefined;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Sixteen bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{21}[AQgw]==$/;
/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/;
/** RFC 9110, section 5.5. */
const VALUE = /^[\t -~\u0080-\u00ff]*$/;
const MOST_PROTOCOLS = 8;

/** Every value of one header, in order. */
export function valuesOf(raw: readonly string[], name: string): readonly string[] {
  return raw.flatMap((value, at) =>
    at % 2 === 1 && raw[at - 1]?.toLowerCase() === name ? [value.trim()] : [],
  );
}

function listOf(raw: readonly string[], name: string): readonly string[] {
  return valuesOf(raw, name).flatMap((value) => value.split(',').map((part) => part.trim()));
}

/**
 * Judges a request to speak WebSocket. `early` is what came behind it: a client waits for the answer, and
 * who does not may be hiding a request of somebody else's. Throws `request.malformed`.
 */
export function handshakeOf(request: UpgradeRequest, early: Uint8Array): Handshake {
  const raw = request.rawHeaders;
  const only = (name: string) => {
    const [value, ...more] = valuesOf(raw, name);
    return more.length === 0 ? value : undefined;
  };
  const refuse = (what: string): never => {
    throw new Problem('request.malformed', { what: `upgrade ${what}` });
  };
  if (request.method !== 'GET' || request.httpVersion !== '1.1') refuse('method');
  if (only('upgrade')?.toLowerCase() !== 'websocket') refuse('protocol');
  if (!listOf(raw, 'connection').some((word) => word.toLowerCase() === 'upgrade')) refuse('connection');
  if (only('sec-websocket-version') !== '13') refuse('version');
  const hasBody = ['content-length', 'transfer-encoding', 'expect', 'http2-settings'];
  if (early.length > 0 || hasBody.some((name) => valuesOf(raw, name).length > 0)) refuse('body');
  const key = only('sec-websocket-key') ?? '';
  if (!KEY.test(key)) refuse('key');
  const protocols = listOf(raw, 'sec-websocket-protocol');
  if (protocols.length > MOST_PROTOCOLS || !protocols.every((name) => TOKEN.test(name)))
    refuse('subprotocol');
  return { key, protocols };
}

/** What proves that the other side read this key as WebSocket. @see RFC 6455, section 4.2.2 */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/**
 * Holds an answer against what was asked, and gives back the subprotocol it chose. Throws `upstream.unusable`:
 * a "101" that proves nothing would make a tunnel to wherever it came from.
 */
export function checkAnswer(raw: readonly string[], asked: Handshake): string | undefined {
  const refuse = (why: string): never => {
    throw new Problem('upstream.unusable', { why });
  };
  const upgrades = valuesOf(raw, 'upgrade');
  if (upgrades.length !== 1 || upgrades[0]?.toLowerCase() !== 'websocket') refuse('upgrade');
  if (!listOf(raw, 'connection').some((word) => word.toLowerCase() === 'upgrade')) refuse('connection');
  const accepts = valuesOf(raw, 'sec-websocket-accept');
  if (accepts.length !== 1 || accepts[0] !== acceptOf(asked.key)) refuse('accept');
  if (valuesOf(raw, 'sec-websocket-extensions').length > 0) refuse('extensions');
  const [chosen, ...more] = valuesOf(raw, 'sec-websocket-protocol');
  if (more.length > 0 || (chosen !== undefined && !asked.protocols.includes(chosen))) refuse('subprotocol');
  return chosen;
}

/** The answer that makes the connection a WebSocket, and further headers: names and values in turns. */
export function switching(
  { key }: Pick<Handshake, 'key'>,
  protocol: string | undefined,
  more: readonly string[] = [],
): string {
  const lines = [
    'Upgrade',
    'websocket',
    'Connection',
    'Upgrade',
    'Sec-WebSocket-Accept',
    acceptOf(key),
    ...(protocol === undefined ? [] : ['Sec-WebSocket-Protocol', protocol]),
    ...more,
  ];
  let text = 'HTTP/1.1 101 Switching Protocols\r\n';
  for (let at = 0; at < lines.length; at += 2) {
    const [name = '', value = ''] = [lines[at], lines[at + 1]];
    if (TOKEN.test(name) && VALUE.test(value)) text += `${name}: ${value}\r\n`;
  }
  return `${text}\r\n`;
}
