/**
 * Our cookies: their names, and the one way each is written. Pure.
 *
 * All are `__Host-`, Secure, HttpOnly and for `/`: no sibling host can plant one
 * (RFC 6265bis, section 4.1.3.2). All are SameSite=Lax but one: that of a room a
 * page of another site frames, which is kept for frames in that site alone.
 */
import { parse } from 'hono/utils/cookie';
import { digest } from '../base/random.ts';
import { type Room, roomKey } from '../base/room.ts';

/** The cookie that holds the session's id. */
export const SESSION_COOKIE = '__Host-ostiary';
/** Set by the sign-in page, looked for when its form is sent: does this browser keep cookies? */
export const PROBE_COOKIE = '__Host-ostiary-probe';
/** One sign-in attempt each, by the attempt's id. */
export const ATTEMPT_COOKIE = '__Host-ostiary-try-';
/** What a provider posted, on its way to the address where our cookies come along. */
export const POSTED_COOKIE = '__Host-ostiary-posted';

/** Tells a browser that has signed in with a password here from one that never has. It opens nothing. */
export const KNOWN_COOKIE = '__Host-ostiary-known';

/** The browser that a message came to which it never asked for. */
export const ARRIVED_COOKIE = '__Host-ostiary-arrived';

/** The room, digested, that this browser wants to enter itself and by no app. */
export const HERE_COOKIE = '__Host-ostiary-here';

/** The sign-in service that was taken last, by its id. */
export const BY_COOKIE = '__Host-ostiary-by';

/** Where "sign in as somebody else" leads after the provider's sign-out. */
export const NEXT_COOKIE = '__Host-ostiary-next';

/** The session that a link of another application began, by the room it is for. */
export const LINK_COOKIE = '__Host-ostiary-in-';

/** The invitation that somebody signs in for, and its room: on the way back it is opened again. */
export const INVITE_COOKIE = '__Host-ostiary-invited';

/** The room whose page somebody signs in for who leads it: on the way back it is opened. */
export const HOSTING_COOKIE = '__Host-ostiary-hosting';

/** What a host has just done, sealed, for the page that says so. */
export const HOSTED_COOKIE = '__Host-ostiary-hosted';

/** Links of so many rooms may be open in one browser; servers in front refuse long headers. */
export const MOST_LINKS = 12;

const LONGEST_HEADER = 16_384;

/** The cookies a request carries. Ours only: whatever others set does not interest us. */
export function readCookies(header: string | undefined): ReadonlyMap<string, string> {
  const ours = new Map<string, string>();
  if (header === undefined || header.length > LONGEST_HEADER) return ours;
  for (const [name, value] of Object.entries(parse(header)))
    if (name.startsWith('__Host-ostiary')) ours.set(name, value);
  return ours;
}

/** The session's id alone, without parsing what else is there: every request asks for it. */
export function sessionCookie(header: string | undefined): string | undefined {
  return oneCookie(header, SESSION_COOKIE);
}

/** The id of the session that a link to this room began, if one did. */
export function linkCookie(header: string | undefined, room: Room): string | undefined {
  // Most browsers have none, and a name costs a digest.
  return header?.includes(LINK_COOKIE) ? oneCookie(header, linkCookieName(room)) : undefined;
}

/** The ids of the sessions that links to whatever room began, the oldest cookie first. */
export function linkCookies(header: string | undefined): ReadonlyMap<string, string> {
  if (!header?.includes(LINK_COOKIE)) return new Map();
  return new Map([...readCookies(header)].filter(([name]) => name.startsWith(LINK_COOKIE)));
}

/** What the cookie of a link to this room is called: an address may not hold every name, and a cookie holds less. */
export function linkCookieName(room: Room): string {
  return `${LINK_COOKIE}${digest(roomKey(room)).slice(0, 16)}`;
}

/**
 * A name stands behind a semicolon or at the beginning: a blank before it is a sibling host's cookie, whose value may
 * hold whatever it likes.
 */
function oneCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined || header.length > LONGEST_HEADER) return undefined;
  const start = `${name}=`;
  for (let at = header.indexOf(start); at !== -1; at = header.indexOf(start, at + 1)) {
    if (!beginsPair(header, at)) continue;
    const from = at + start.length;
    const to = header.indexOf(';', from);
    return header.slice(from, to === -1 ? undefined : to);
  }
  return undefined;
}

function beginsPair(header: string, at: number): boolean {
  if (at === 0) return true;
  let before = at - 1;
  while (header[before] === ' ' || header[before] === '\t') before -= 1;
  return before < 0 || header[before] === ';';
}

/** One `Set-Cookie` line. `maxAge` in seconds; 0 takes the cookie away. */
export function writeCookie(name: string, value: string, maxAge: number): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; Secure; HttpOnly; SameSite=Lax`;
}

/**
 * The same for a frame in a page of another site. Partitioned: no other site's frames have it, and no tab.
 * @see CHIPS, Cookies Having Independent Partitioned State
 */
export function writeFramedCookie(name: string, value: string, maxAge: number): string {
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; Secure; HttpOnly; SameSite=None; Partitioned`;
}
