/**
 * Accepts or refuses a token exactly as Prosody with Jitsi's modules would, and says why in its words.
 *
 * For people: the command line, the doctor and the demo ask it what a token would meet. It guards no door of ours,
 * for it repeats Prosody's indulgences too (no `exp` is fine, an empty segment is skipped).
 * Pure but for the signature, which it is told. Knows neither keys nor addresses.
 */
import { fromUrl64, type LuaValue, luaLower, luaNumber, luaNumberOf, readLuaJson } from './lua.ts';

/** The claims of a token Prosody accepted, their types as Prosody left them: unlooked at. */
export type ProsodyClaims = { readonly [claim: string]: LuaValue };

/**
 * How one Prosody is set up to judge tokens.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util.new`
 */
export interface ProsodyOptions {
  /** `signature_algorithm`; it takes one. */
  readonly algorithm: 'HS256' | 'HS384' | 'HS512' | 'RS256' | 'RS384' | 'RS512';
  /** Are keys fetched (`asap_key_server`, `cache_keys_url`)? With RS* unless said. A shared secret then counts for nothing. */
  readonly keyServer?: boolean;
  /** `asap_accepted_issuers`, which is `app_id` alone unless set; `*` accepts any. */
  readonly issuers: readonly string[];
  /** `asap_accepted_audiences`; `['*']`, which accepts any, unless set. */
  readonly audiences?: readonly string[];
  /** `asap_require_room_claim`; true unless set. */
  readonly requireRoom?: boolean;
  /** `allow_empty_token`; false unless set. */
  readonly allowEmptyToken?: boolean;
}

/** What the judge is told. */
export interface JudgeParts {
  /** Unix seconds. */
  readonly now: number;
  /** Does the signature hold? `kid` is undefined where Prosody has a shared secret and never looks at it. */
  verify(
    algorithm: string,
    kid: string | undefined,
    signingInput: string,
    signature: Uint8Array,
  ): Promise<boolean> | boolean;
  /** Would the key server answer with a PEM for this kid? Taken for yes if not given. */
  hasKey?(kid: string): Promise<boolean> | boolean;
}

/** How Prosody refuses. */
export interface Refusal {
  readonly accepted: false;
  /** The condition of the SASL failure or stanza error. Clients read `text` only with `not-allowed`. */
  readonly condition: 'not-allowed' | 'not-authorized';
  readonly text: string;
  /** The element in `http://jitsi.org/jitmeet` beside the condition, where there is one. */
  readonly child?: string;
  /** Prosody stops with a Lua error and the client waits for ever; `text` is ours. */
  readonly unanswered?: true;
}

/** What becomes of a connection. */
export type Verdict = { readonly accepted: true; readonly claims: ProsodyClaims } | Refusal;

function refused(text: string, condition: Refusal['condition'] = 'not-allowed'): Refusal {
  return { accepted: false, condition, text };
}

function unanswered(why: string): Refusal {
  return { ...refused(`Prosody does not answer: ${why}`), unanswered: true };
}

/** Lua stops with an error when it looks into this. */
const UNINDEXABLE = Symbol('no table and no string');

function member(value: LuaValue, name: string): LuaValue | undefined | typeof UNINDEXABLE {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return UNINDEXABLE;
  if (typeof value === 'string' || isList(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function isList(value: LuaValue): value is readonly LuaValue[] {
  return Array.isArray(value);
}

/** Lua's truth: all but `nil` and `false`. */
function isTrue(value: LuaValue | undefined): value is LuaValue {
  return value !== undefined && value !== false;
}

/** A value where Lua wants a text: numbers turn into one, everything else is an error. */
function textOf(value: LuaValue): string | undefined {
  return typeof value === 'number' ? luaNumber(value) : typeof value === 'string' ? value : undefined;
}

/**
 * What Prosody makes of a connection with this token; undefined is a connection without one.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util:process_and_verify_token`
 */
export async function judge(
  token: string | undefined,
  options: ProsodyOptions,
  parts: JudgeParts,
): Promise<Verdict> {
  if (token === undefined)
    return options.allowEmptyToken ? { accepted: true, claims: {} } : refused('token required');
  const kid = (options.keyServer ?? options.algorithm.startsWith('RS')) ? keyIdOf(token) : undefined;
  if (typeof kid === 'object') return kid;
  if (kid !== undefined && (await parts.hasKey?.(kid)) === false)
    return refused('could not obtain public key');
  const read = readToken(token, options.algorithm);
  if ('accepted' in read) return read;
  if (!(await parts.verify(options.algorithm, kid, read.signingInput, read.signature)))
    return refused('Invalid signature');
  return judgeClaims(read.body, options, parts.now);
}

/** With a key server the header is looked at first, on its own and less strictly. */
function keyIdOf(token: string): string | Refusal {
  const dot = token.indexOf('.');
  const bytes = dot < 0 ? undefined : fromUrl64(token.slice(0, dot));
  if (bytes === undefined) return refused('Invalid token');
  const header = readLuaJson(bytes);
  if (header === undefined) return refused('bad token format');
  const kid = member(header.value, 'kid');
  if (kid === UNINDEXABLE) return unanswered('the header is no object');
  if (kid === undefined) return refused("'kid' claim is missing");
  const alg = member(header.value, 'alg');
  if (alg === undefined) return refused("'alg' claim is missing");
  if (typeof alg !== 'string') return unanswered("'alg' is no text");
  if (!alg.startsWith('RS')) return refused("'kid' claim only support with RS family");
  return textOf(kid) ?? unanswered("'kid' is no text");
}

interface ReadToken {
  readonly body: LuaValue;
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

/** @see jitsi-meet, resources/prosody-plugins/luajwtjitsi.lib.lua, `parse_token`, `M.verify` */
function readToken(token: string, algorithm: string): ReadToken | Refusal {
  // A backslash parts segments as a dot does, and empty segments are passed over.
  const [first = '', second = '', third, ...more] = token.split(/[.\\]/).filter((segment) => segment !== '');
  if (third === undefined || more.length > 0) return refused('Invalid token');
  const header = readPart(first, 'header');
  if ('accepted' in header) return header;
  const body = readPart(second, 'body');
  if ('accepted' in body) return body;
  const signature = fromUrl64(third);
  if (signature === undefined) return refused('Invalid signature');
  const typ = member(header.value, 'typ');
  if (typ === UNINDEXABLE) return unanswered('the header is no object');
  if (typ !== 'JWT') return refused('Invalid typ');
  if (member(header.value, 'alg') !== algorithm) return refused('Invalid or incorrect alg');
  return { body: body.value, signingInput: `${first}.${second}`, signature };
}

function readPart(segment: string, part: 'header' | 'body'): { readonly value: LuaValue } | Refusal {
  const bytes = fromUrl64(segment);
  if (bytes === undefined) return unanswered(`the ${part} is not base64url`);
  return readLuaJson(bytes) ?? refused(`Invalid ${part}`);
}

function judgeClaims(body: LuaValue, options: ProsodyOptions, now: number): Verdict {
  if (member(body, 'exp') === UNINDEXABLE) return unanswered('the body is no object');
  const claims: ProsodyClaims = typeof body === 'object' && body !== null && !isList(body) ? body : {};
  return (
    refuseTime(claims, now) ??
    refuseName('iss', claims['iss'], options.issuers) ??
    refuseName('aud', claims['aud'], options.audiences ?? ['*']) ??
    refuseMissing(claims, options.requireRoom ?? true) ?? { accepted: true, claims }
  );
}

function refuseTime({ exp, nbf, iat }: ProsodyClaims, now: number): Refusal | undefined {
  if (isTrue(exp) && typeof exp !== 'number') return refused('exp must be number');
  if (isTrue(nbf) && typeof nbf !== 'number') return refused('nbf must be number');
  if (typeof exp === 'number' && now >= exp) return expired(exp, iat, now);
  if (typeof nbf === 'number' && now < nbf) return refused('Not acceptable by nbf');
  return undefined;
}

/** `iat` is looked at here alone, to adorn the text. */
function expired(exp: number, iat: LuaValue | undefined, now: number): Refusal {
  const since = `${luaNumber(now - exp)} sec since expired`;
  if (!isTrue(iat)) return refused(`Not acceptable by exp (${since})`);
  const issued = typeof iat === 'string' ? luaNumberOf(iat) : iat;
  if (typeof issued !== 'number') return unanswered('expired, and iat is no number');
  return refused(`Not acceptable by exp (${since}, valid for:${luaNumber(exp - issued)} sec)`);
}

function refuseName(
  name: 'iss' | 'aud',
  value: LuaValue | undefined,
  accepted: readonly string[],
): Refusal | undefined {
  if (value === undefined) return refused(`'${name}' claim is missing`);
  // A list never equals a text: an `aud` with several entries passes only where any does.
  return accepted.some((one) => one === '*' || one === value)
    ? undefined
    : refused(`invalid '${name}' claim`);
}

function refuseMissing({ room, sub, context }: ProsodyClaims, requireRoom: boolean): Refusal | undefined {
  if (requireRoom && room === undefined) return refused('room claim is missing', 'not-authorized');
  if (sub === undefined) return refused('sub claim is missing', 'not-authorized');
  if (context !== undefined && member(context, 'user') === UNINDEXABLE)
    return unanswered('context is no object');
  return undefined;
}

/** The room somebody wants, and how their Prosody compares it. */
export interface JoinOptions {
  /** The node of the room's address: the claim form of its name, `[tenant]name` in a tenant. */
  readonly node: string;
  /** `muc_mapper_domain_base`: the XMPP domain, `meet.jitsi` in docker-jitsi-meet. */
  readonly xmppDomain: string;
  /** `enable_domain_verification`; true unless set, and docker-jitsi-meet sets false. */
  readonly domainVerification?: boolean;
  /** `asap_require_room_claim`; true unless set. */
  readonly requireRoom?: boolean;
}

/** What becomes of a join. */
export type Entry = { readonly accepted: true } | Refusal;

const WELCOME: Entry = { accepted: true };

function turnedAway(child: string, text: string): Refusal {
  return { ...refused(text), child };
}

/**
 * May whoever connected with these claims join this room, which its focus has opened?
 * A claim flagged as a Lua pattern (`context.room.regex`) is not matched here: `unanswered`.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util:verify_room`
 */
export function mayJoin(claims: ProsodyClaims, options: JoinOptions): Entry {
  const { room = null, sub = null, context = {} } = claims;
  const wanted = typeof room === 'string' ? luaLower(room) : room;
  const isOpenToAll = claims['room'] === undefined || wanted === false;
  if (options.domainVerification === false) return isOpenToAll ? WELCOME : sameRoom(wanted, options.node);
  const pattern = patternRefusal(wanted, context);
  if (pattern !== undefined) return pattern;
  if (isOpenToAll)
    return (options.requireRoom ?? true)
      ? turnedAway('room-name-does-not-match', 'Room name cannot be matched to the one from token.')
      : WELCOME;
  return sameTenant(wanted, sub, options);
}

/** Without domain verification the room of every tenant will do. */
function sameRoom(wanted: LuaValue, node: string): Entry {
  const text = textOf(wanted);
  if (text === undefined) return unanswered('room is no text');
  const isSame = wanted === '*' || wanted === node || node.endsWith(`]${text}`);
  return isSame ? WELCOME : turnedAway('room-mismatch', 'Room does not match the room from token');
}

function patternRefusal(wanted: LuaValue, context: LuaValue): Refusal | undefined {
  const details = member(context, 'room');
  if (wanted === '*' || details === UNINDEXABLE || !isTrue(details)) return undefined;
  const regex = member(details, 'regex');
  if (regex === UNINDEXABLE) return unanswered('context.room is no object');
  return regex === true || regex === 'true'
    ? unanswered('room is a Lua pattern, which only Prosody can match')
    : undefined;
}

function sameTenant(wanted: LuaValue, sub: LuaValue, { node, xmppDomain }: JoinOptions): Entry {
  const [, tenant, inner = ''] = /^\[([^\]]+)\](.+)$/s.exec(node) ?? [];
  const name = tenant === undefined ? node : inner;
  const room = textOf(wanted);
  const subject = textOf(sub);
  if (room === undefined || subject === undefined) return unanswered('room or sub is no text');
  const isThere = ['*', tenant ?? xmppDomain].includes(luaLower(subject));
  // Jitsi adds no element of its own to this one.
  return isThere && (room === '*' || room === name) ? WELCOME : refused('Room and token mismatched');
}
