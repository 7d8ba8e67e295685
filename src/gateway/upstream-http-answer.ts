/**
 * What Jitsi's answers and failures come to, read without believing anything.
 * Pure.
 */
import { isProblem, Problem } from '../base/problem.ts';

/** Nobody sends more than one or two interim answers; each of them starts the clock anew. */
const MOST_INFORMATIONAL = 8;
/** More than this between a first and a last header is no head. */
const LARGEST_AT_ONCE = 65_536;

/** Ends an exchange whose caller went away. */
export function callerLeft(): Error {
  return new Error('the caller went away');
}

/** Is this answer an interim one, to be passed over? Throws `upstream.unusable` where they do not end. */
export function informationalLimit(to: string): (status: number) => boolean {
  let seen = 0;
  return (status) => {
    if (status >= 200) return false;
    seen += 1;
    if (seen > MOST_INFORMATIONAL) throw new Problem('upstream.unusable', { to, why: 'informational' });
    return true;
  };
}

/**
 * The headers as text, byte for byte as Node writes them. Throws `upstream.unusable` where the body is wrapped in
 * what nobody takes off again.
 * @see RFC 9112, section 6.1
 */
export function rawText(raw: unknown, to: string): string[] {
  const list = Array.isArray(raw) ? textOf(raw as readonly (Buffer | string)[]) : [];
  for (let at = 0; at < list.length; at += 2)
    if (
      list[at]?.length === 17 &&
      list[at]?.toLowerCase() === 'transfer-encoding' &&
      list[at + 1]?.trim().toLowerCase() !== 'chunked'
    )
      throw new Problem('upstream.unusable', { to, why: 'transfer-encoding' });
  return list;
}

/** The names of the last answer's headers, in their order: a server mostly says the same ones again. */
let lastNames: readonly string[] = [];

/**
 * Each piece as text. Most of the time all are pieces of what was read at once: then that is made text once and cut,
 * which costs a fifth of asking for each; and a name that stood there before is not cut at all.
 */
function textOf(raw: readonly (Buffer | string)[]): string[] {
  const first = raw[0];
  const last = raw.at(-1);
  if (!(first instanceof Uint8Array) || !(last instanceof Uint8Array)) return raw.map(pieceAlone);
  const { buffer, byteOffset: from } = first;
  const length = last.byteOffset + last.length - from;
  if (last.buffer !== buffer || length < 0 || length > LARGEST_AT_ONCE) return raw.map(pieceAlone);
  const whole = Buffer.from(buffer, from, length).toString('latin1');
  const known = lastNames;
  let isNew = raw.length !== known.length;
  const text = raw.map((piece, index) => {
    if (typeof piece === 'string') return piece;
    const at = piece.byteOffset - from;
    const isInside = piece.buffer === buffer && at >= 0 && at + piece.length <= length;
    if (!isInside) return piece.toString('latin1');
    if (index % 2 === 1) return whole.slice(at, at + piece.length);
    const name = known[index];
    if (name?.length === piece.length && whole.startsWith(name, at)) return name;
    isNew = true;
    return whole.slice(at, at + piece.length);
  });
  // Texts of their own: a slice would keep all that stood around it, and no value is kept.
  if (isNew)
    lastNames = text.map((name, index) =>
      index % 2 === 0 ? Buffer.from(name, 'latin1').toString('latin1') : '',
    );
  return text;
}

function pieceAlone(piece: Buffer | string): string {
  return typeof piece === 'string' ? piece : piece.toString('latin1');
}

const SLOW: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
]);
const UNUSABLE: ReadonlySet<string> = new Set([
  'ERR_ASSERTION',
  'ERR_HTTP_INVALID_HEADER_VALUE',
  'ERR_HTTP_INVALID_STATUS_CODE',
  'ERR_INVALID_CHAR',
  'ERR_INVALID_HTTP_TOKEN',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);
/** What undici says of an answer nobody asked for. @see undici, lib/dispatcher/client-h1.js, `onHeadersComplete` */
const BAD = /^bad (?:response|upgrade)$/;
/** The other side closed before it said anything. */
const CLOSED: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

function codeOf(cause: Error): string {
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}

/** What went wrong with Jitsi in our words; a wrong argument is a bug of ours and stays what it is. */
export function problemOf(cause: unknown, to: string): unknown {
  if (isProblem(cause) || !(cause instanceof Error)) return cause;
  const why = codeOf(cause);
  if (why === 'UND_ERR_INVALID_ARG' || why === 'UND_ERR_NOT_SUPPORTED') return cause;
  if (why === 'TypeError' || why === 'RangeError' || why === 'ReferenceError') return cause;
  if (SLOW.has(why)) return new Problem('upstream.slow', { to, why }, cause);
  if (UNUSABLE.has(why) || BAD.test(cause.message) || why.startsWith('HPE_') || why === 'HTTPParserError')
    return new Problem('upstream.unusable', { to, why }, cause);
  return new Problem('upstream.unreachable', { to, why }, cause);
}

/**
 * A kept connection may have been closed by the other side while the request was on its way: then once more is no
 * harm, if the method changes nothing.
 * @see RFC 9110, section 9.2.2
 */
export function worthAnotherTry(cause: unknown, method: string): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    cause instanceof Error &&
    CLOSED.has(codeOf(cause)) &&
    !BAD.test(cause.message)
  );
}
