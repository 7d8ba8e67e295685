/**
 * Room and tenant, parsed once, exactly as Jitsi's web client names them.
 *
 * What the client strips goes before decoding, then one decoding, NFKC, lower
 * case. Nothing here is decoded twice, and only these parsers make a RoomName.
 */
import { Problem, type ProblemCode } from './problem.ts';

declare const roomBrand: unique symbol;
declare const tenantBrand: unique symbol;

/** A room's name: decoded, NFKC, lower case. Holds no slash, colon or star, so it can name neither a host nor every room. */
export type RoomName = string & { readonly [roomBrand]: true };

/** A tenant as it stands in the address line, lower case: one segment of `a-z 0-9 . _ -`. */
export type TenantName = string & { readonly [tenantBrand]: true };

/** A meeting. `claim` is its name percent-encoded and lower-cased again: what Prosody compares. */
export interface Room {
  readonly name: RoomName;
  readonly claim: string;
  readonly tenant?: TenantName;
}

/** A room as a person reads it, below its tenant. */
export function shownRoom({ name, tenant }: Room): string {
  return tenant === undefined ? name : `${tenant}/${name}`;
}

/** What the client takes out of an undecoded path segment. @see jitsi-meet, react/features/base/util/uri.ts, `_fixPathPart` */
const STRIPPED = /[:?#[\]@!$&'()*+,;=></"]/g;

/**
 * What no room may hold after decoding: what would name a host, a path or every
 * room, what Jitsi's nginx does not serve as a room, what reads as `[tenant]room`
 * in Prosody, controls, bidirectional overrides and broken UTF-8.
 */
const FORBIDDEN = /[/\\:*?&'"[\]\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffd\ufeff]|\p{Cs}/u;

/** JIDs may hold 1,023 bytes before the `@` (RFC 7622, section 3.3); tenant and brackets need their part. */
const LONGEST_CLAIM = 512;

/** Segments that Jitsi's web server, what often stands beside it, or we ourselves serve as something else than a room. */
const RESERVED: ReadonlySet<string> = new Set([
  '.',
  '..',
  '.well-known',
  '_ostiary',
  '_unlock',
  'admin',
  'authenticate',
  'base.html',
  'body.html',
  'callback',
  'colibri-ws',
  'connection_optimization',
  'css',
  'etherpad',
  'external_api.js',
  'favicon.ico',
  'fonts',
  'fonts.html',
  'head.html',
  'images',
  'index.html',
  'interface_config.js',
  'lang',
  'libs',
  'logging_config.js',
  'login',
  'logout',
  'manifest.json',
  'oauth2',
  'oidc',
  'plugin.head.html',
  'pwa-worker.js',
  'robots.txt',
  'rtc-visualizer',
  'rtcstats-ws',
  'shibboleth.sso',
  'socket.io',
  'sounds',
  'static',
  'title.html',
  'transcripts',
]);

/**
 * What answers about machines, rooms and people without asking who calls, where it is reachable at all. The web
 * server's patterns for tenants have no end, so that of some names the beginning alone is enough.
 * @see jitsi-meet, doc/debian/jitsi-meet/jitsi-meet.example, resources/prosody-plugins
 */
const BACK_END =
  /^(?:(?:_api|_load-test|about|colibri|colibri-relay-ws|conference-request|debug|metrics|room|sessions)$|http-bind|xmpp-websocket|room-size|room-census|room-info|turn-credentials|kick-participant|end-meeting|invite-jigasi|send-system-chat-message)/s;

/** Of these no web server of Jitsi's knows anything, and people call meetings so: what answers there must be a page. */
const ROOMS_TOO: ReadonlySet<string> = new Set(['room', 'sessions']);

/** Does a path segment of this name (decoded, lower case) lead to Prosody, Jicofo or a bridge? */
export function isBackEnd(name: string): boolean {
  return BACK_END.test(name);
}

/** Is a segment of this name (decoded, lower case) served as something else than a room or a tenant? */
export function isReserved(name: string): boolean {
  // In the web server's pattern for a tenant's config.js the dot stands for any character.
  return RESERVED.has(name) || (isBackEnd(name) && !ROOMS_TOO.has(name)) || /^config.js$/s.test(name);
}

/** A tenant with this prefix makes the client leave token sign-in. @see jitsi-meet, react/features/jaas */
const JAAS_PREFIX = 'vpaas-magic-cookie-';

function refuse(code: ProblemCode, why: string): never {
  throw new Problem(code, { why });
}

function normalise(decoded: string): string {
  return decoded.normalize('NFKC').toLowerCase();
}

function named(decoded: string): RoomName {
  if (decoded.trim() === '') refuse('room.missing', 'empty');
  if (FORBIDDEN.test(decoded)) refuse('room.unusable', 'character');
  const name = normalise(decoded);
  if (FORBIDDEN.test(name)) refuse('room.unusable', 'character');
  // The browser is sent to this name and normalises it once more; were that to change it, page and token would part.
  if (normalise(name) !== name) refuse('room.unusable', 'unstable');
  if (isReserved(name)) refuse('room.reserved', 'reserved');
  if (claimOf(name).length > LONGEST_CLAIM) refuse('room.unusable', 'long');
  return name as RoomName;
}

/** @see jitsi-meet, react/features/base/util/uri.ts, `getBackendSafeRoomName` */
function claimOf(name: string): string {
  return encodeURIComponent(name).toLowerCase();
}

/** Percent-decoded once; undefined for what is no such text. */
export function decodeOnce(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    if (cause instanceof URIError) return undefined;
    throw cause;
  }
}

/**
 * The room an address line names: `segment` is the undecoded path segment.
 * Throws `room.missing`, `room.unusable` or `room.reserved`.
 * @see jitsi-meet, react/features/base/util/uri.ts, `parseURIString`, `getBackendSafeRoomName`
 */
export function roomFromPath(segment: string): RoomName {
  const decoded = decodeOnce(segment.replace(STRIPPED, ''));
  return named(decoded ?? refuse('room.unusable', 'escape'));
}

/**
 * The room in `?room=` of BOSH and WebSocket addresses: the caller has form-decoded it, nothing is stripped.
 * Throws as `roomFromPath`.
 * @see jitsi-meet, react/features/base/connection/actions.any.ts, `constructOptions`
 */
export function roomFromQuery(value: string): RoomName {
  return named(value);
}

/**
 * The tenant an address line names: the undecoded part between host and room, without slashes around it.
 * Throws `tenant.unusable`.
 */
export function tenantFromPath(part: string): TenantName {
  const tenant = decodeOnce(part)?.normalize('NFKC').toLowerCase() ?? refuse('tenant.unusable', 'escape');
  if (!/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/.test(tenant) || tenant.includes('..'))
    refuse('tenant.unusable', 'character');
  if (tenant.startsWith(JAAS_PREFIX)) refuse('tenant.unusable', 'jaas');
  if (isReserved(tenant)) refuse('tenant.unusable', 'reserved');
  return tenant as TenantName;
}

/** A room of its name and, where there is one, its tenant. */
export function roomOf(name: RoomName, tenant?: TenantName): Room {
  return tenant === undefined ? { name, claim: claimOf(name) } : { name, claim: claimOf(name), tenant };
}

/**
 * The tenant as Prosody compares it with `sub`: dots are underscores in its MUC address. Two spellings of one tenant
 * are one.
 * @see jitsi-meet, config.js, `subdomain`
 */
export function tenantClaim(tenant: string): string {
  return tenant.replaceAll('.', '_');
}

/**
 * A room of a tenant, in one word, as the key of what is known of it: no room holds a slash, and Prosody knows two
 * spellings of one tenant as one.
 */
export function roomKey({ claim, tenant }: { readonly claim: string; readonly tenant?: string }): string {
  return `${tenant === undefined ? '' : tenantClaim(tenant)}/${claim}`;
}

/** What a room is called in Prosody's MUC. @see jitsi-meet, resources/prosody-plugins/util.lib.lua, `room_jid_match_rewrite` */
export function prosodyNode({ claim, tenant }: Pick<Room, 'claim'> & { readonly tenant?: string }): string {
  return tenant === undefined ? claim : `[${tenantClaim(tenant)}]${claim}`;
}

/** The `roomKey` of a room by what it is called there. */
export function keyOfProsodyNode(node: string): string {
  const [, tenant = '', claim = node] = /^\[([^\]]+)\](.+)$/s.exec(node) ?? [];
  return `${tenant}/${claim}`;
}

/** Is it one room, of one tenant? */
export function sameRoom(one: Room, other: Room): boolean {
  return one.claim === other.claim && one.tenant === other.tenant;
}

/** The path that names this room to Jitsi's client and to `parseRoomPath`: `/[tenant/]room`, percent-encoded. */
export function roomPath(room: Room): string {
  // encodeURIComponent leaves these as they are, and the client would strip them.
  const segment = encodeURIComponent(room.name).replace(
    /[!()]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return room.tenant === undefined ? `/${segment}` : `/${room.tenant}/${segment}`;
}

/**
 * The room a whole undecoded path names: `/room` or `/tenant/room`.
 * Throws the problems of `roomFromPath` and `tenantFromPath`.
 */
export function parseRoomPath(path: string): Room {
  const [before, first, second, ...more] = path.split('/');
  if (before !== '' || first === undefined || more.length > 0) refuse('room.unusable', 'path');
  if (second === undefined) return roomOf(roomFromPath(first));
  return roomOf(roomFromPath(second), tenantFromPath(first));
}

/**
 * A room from the claim we once wrote ourselves, and its tenant.
 * Nothing is stripped. Throws the problems of `roomFromPath` and `tenantFromPath`.
 */
export function roomFromClaim(claim: string, tenant?: string): Room {
  return roomOf(
    named(decodeOnce(claim) ?? refuse('room.unusable', 'escape')),
    tenant === undefined ? undefined : tenantFromPath(tenant),
  );
}
