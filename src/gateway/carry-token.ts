/**
 * The query on its way to Prosody: what of it may pass, and where the token
 * goes. Pure.
 *
 * Read as Prosody reads it, because Prosody acts on it: names are decoded, a plus
 * is a space, a piece without `=` is nothing, and of two the last would count.
 */
import { Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';

/** What a caller's query comes to. */
export interface Carried {
  /** What goes upstream, each piece byte for byte as it came. */
  readonly query: string;
  /** The room it names, form-decoded and not yet judged. */
  readonly room?: string;
  /** The token it held, which goes nowhere. An empty one is none. */
  readonly token?: Secret;
}

/** What of the query passes. */
export interface Passing {
  /** `upstream.visitors`: `vnode` and `customusername` pass. */
  readonly visitors: boolean;
  /** The tenant, where Prosody is asked directly; Jitsi's web server makes its own `prefix`. */
  readonly prefix?: string;
}

const PASSING: ReadonlySet<string> = new Set(['room', 'previd']);
const PASSING_VISITORS: ReadonlySet<string> = new Set([...PASSING, 'customusername', 'vnode']);
const TOKENS: ReadonlySet<string> = new Set(['jwt', 'token']);

/** One piece of a query and the name it has for who reads forms. */
interface Piece {
  readonly raw: string;
  readonly name: string;
  /** Undecoded. */
  readonly value: string;
}

function pieceOf(raw: string): Piece {
  const equals = raw.indexOf('=');
  return equals === -1
    ? { raw, name: decodedName(raw), value: '' }
    : { raw, name: decodedName(raw.slice(0, equals)), value: raw.slice(equals + 1) };
}

/** An escape that is none stays as it is. @see prosody, util/http.lua, `formdecode` */
function decodedName(name: string): string {
  if (!name.includes('%') && !name.includes('+')) return name;
  return name
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function decodedValue(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch (cause) {
    throw new Problem('request.malformed', { what: 'query' }, cause);
  }
}

/**
 * The query of an XMPP path, cut down to what may pass. Throws `request.malformed`
 * where a name that counts stands there twice, or the room's escapes are broken.
 * @see prosody, util/http.lua, `formdecode`; jitsi-meet, resources/prosody-plugins/mod_jitsi_session.lua
 */
export function carriedQuery(query: string, { visitors, prefix }: Passing): Carried {
  const passing = visitors ? PASSING_VISITORS : PASSING;
  const kept: string[] = prefix === undefined ? [] : [`prefix=${encodeURIComponent(prefix)}`];
  const seen = new Map<string, string>();
  for (const raw of query.split('&')) {
    if (!raw.includes('=')) continue;
    const piece = pieceOf(raw);
    const passes = passing.has(piece.name);
    if (!passes && piece.name !== 'token') continue;
    if (seen.has(piece.name)) throw new Problem('request.malformed', { what: 'query', why: 'twice' });
    seen.set(piece.name, piece.value);
    if (passes) kept.push(piece.raw);
  }
  const room = seen.get('room');
  const token = seen.get('token') ?? '';
  return {
    query: kept.join('&'),
    ...(room !== undefined && { room: decodedValue(room) }),
    ...(token !== '' && { token: new Secret(token) }),
  };
}

/** The query with our token in it, for Prosody modules that read no header (`upstream.carry: query`). On the inner hop alone. */
export function queryWithToken(query: string, token: Secret): string {
  const piece = `token=${encodeURIComponent(token.reveal())}`;
  return query === '' ? piece : `${query}&${piece}`;
}

/**
 * What stands as `jwt` in the query of a room's page, as Jitsi's client reads it: undecoded. Two are no link, because
 * readers differ in which of them counts.
 * @see jitsi-meet, react/features/base/util/parseURLParams.ts, `parseURLParams`
 */
export function linkTokenIn(query: string): Secret | undefined {
  if (!query.includes('jwt')) return undefined;
  const values = query
    .split('&')
    .map(pieceOf)
    .filter(({ name }) => name === 'jwt')
    .map(({ value }) => value);
  return values.length === 1 && values[0] !== '' ? new Secret(values[0] ?? '') : undefined;
}

/** Any other query without `jwt` and `token`, however they are written; the rest byte for byte. */
export function withoutTokens(query: string): string {
  if (!/jwt|token|%/i.test(query)) return query;
  return query
    .split('&')
    .filter((raw) => !TOKENS.has(pieceOf(raw).name.toLowerCase()))
    .join('&');
}
