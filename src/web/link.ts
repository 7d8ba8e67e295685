/**
 * A link of another application, opened by a browser: its token becomes a session for that room alone, beside the
 * one this browser may have. Who follows a link is in its room who the link says.
 */

import { linkFacts } from '../admission/link.ts';
import { unixSeconds } from '../base/clock.ts';
import type { Person, PersonBound } from '../base/person.ts';
import { isProblem, type Problem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import { type Room, roomPath } from '../base/room.ts';
import { isSamePerson } from '../identity/issuer.ts';
import type { Session } from '../identity/session.ts';
import { linkCookieName, linkCookies, MOST_LINKS, writeCookie, writeFramedCookie } from './cookies.ts';
import type { WebParts } from './parts.ts';
import { redirect, visitFacts } from './respond.ts';
import { isFramed, type Visit } from './visit.ts';

/** A token that came with somebody, and the room it came to. */
export interface Link {
  readonly token: string;
  readonly room: Room;
}

/** What became of it. `session` is known by its handle; `cookies` are the lines that give it to this browser. */
export type Opened =
  | { readonly kind: 'opened'; readonly session: Session; readonly cookies: readonly string[] }
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** A token of our own, which is no link: it is passed over. */
  | { readonly kind: 'ours' };

/** Opens a link. A token that does not hold, or not here, is an answer. Throws what the store throws. */
export async function openLink(visit: Visit, link: Link, parts: WebParts): Promise<Opened> {
  const { followLink } = parts;
  if (followLink === undefined) throw new TypeError('no application may send links');
  try {
    const followed = await followLink(link.token, link.room);
    if (followed.kind === 'ours') return followed;
    if (followed.kind === 'followed') return await welcome(visit, { ...followed, room: link.room }, parts);
    await recordRefused(visit, { ...followed, room: link.room }, parts);
    return { kind: 'refused', problem: followed.problem };
  } catch (thrown) {
    if (isProblem(thrown) && (thrown.code.startsWith('link.') || thrown.code === 'issuer.unreachable'))
      return { kind: 'refused', problem: thrown };
    throw thrown;
  }
}

/**
 * The answer to a link: always a redirect, so that the token is out of the address before any page is shown. `to` is
 * where the room is.
 */
export async function linkAnswer(
  visit: Visit,
  link: Link & { readonly to: string },
  parts: WebParts,
): Promise<Response> {
  const opened = await openLink(visit, link, parts);
  const status = visit.asked.method === 'POST' ? 303 : 302;
  const framed = isFramed(visit.asked.header('sec-fetch-dest'));
  if (opened.kind === 'ours') return redirect(link.to, { status, framed });
  const outcome = opened.kind === 'opened' ? 'opened' : opened.problem.code;
  parts.metrics.count('ostiary_links_total', { outcome });
  if (opened.kind === 'opened') return redirect(link.to, { status, cookies: opened.cookies, framed });
  const { problem } = opened;
  parts.log.info('link-refused', { ...problem.facts, code: problem.code, ...visitFacts(visit) });
  const about = new URLSearchParams({
    to: roomPath(link.room),
    problem: problem.code,
    id: visit.asked.id,
  });
  return redirect(`${parts.places.prefix}/link?${about}#`, { status });
}

interface Welcome {
  readonly person: Person & { readonly bound: PersonBound };
  readonly room: Room;
}

async function welcome(visit: Visit, { person, room }: Welcome, parts: WebParts): Promise<Opened> {
  const { clock } = parts;
  const given = await sessionFor(visit, { person, before: visit.cookies.get(linkCookieName(room)) }, parts);
  await parts.audit.record({
    at: clock.now(),
    event: 'link-followed',
    ...visitFacts(visit),
    ...linkFacts(given.session.person, room),
  });
  const lasts = Math.min(person.bound.until - unixSeconds(clock), parts.sessionLifetime);
  return {
    kind: 'opened',
    session: given.session,
    cookies: roomCookies(visit, { room, id: given.id, lasts }),
  };
}

/** The lines that give a browser the session of one room, for `lasts` seconds; the oldest of too many make room. */
export function roomCookies(
  visit: Visit,
  { room, id, lasts }: { readonly room: Room; readonly id: string; readonly lasts: number },
): readonly string[] {
  const name = linkCookieName(room);
  const write = isForeignFrame(visit) ? writeFramedCookie : writeCookie;
  const others = [...linkCookies(visit.asked.header('cookie')).keys()].filter((other) => other !== name);
  // The browser names the oldest first.
  const oldest = others.slice(0, Math.max(0, others.length + 1 - MOST_LINKS));
  return [...oldest.map((other) => write(other, '', 0)), write(name, id, lasts)];
}

/** Does a page of another site build a frame of this? There a cookie must say that it is for such frames. */
function isForeignFrame({ asked: { header } }: Visit): boolean {
  return header('sec-fetch-dest') === 'iframe' && header('sec-fetch-site') === 'cross-site';
}

/**
 * Who comes again by a fresh link goes on in the session that is there, so that nothing of theirs that is open ends;
 * somebody else gets one of their own.
 */
async function sessionFor(
  { asked }: Visit,
  { person, before }: { readonly person: Person; readonly before: string | undefined },
  { sessions, limits }: WebParts,
): Promise<{ readonly id: string; readonly session: Session }> {
  const old = before === undefined ? undefined : await sessions.read(before);
  if (before !== undefined && old !== undefined && isSamePerson(old.person, person)) {
    const session = await sessions.rechecked(before, old, { person: { ...person, id: old.person.id } });
    if (session !== undefined) return { id: before, session };
  }
  // A link may be followed again and again, and each session is kept: who fills the store by it is stopped.
  await limits.count('link', { address: asked.address });
  // Any page may lead a browser to a link: that must cut nobody off. What was there opens nothing more for this browser,
  // stays for its connections, and ends with what takes its place.
  const follows = old ?? (before === undefined ? undefined : await sessions.ranOut(digest(before)));
  const about = { address: asked.address, ...(follows !== undefined && { follows: follows.handle }) };
  const { id, session } = await sessions.issue({ person }, about);
  return { id: id.reveal(), session };
}

/** Somebody was vouched for, and not here: that is written down. Tokens nobody vouches for fill no audit. */
async function recordRefused(
  visit: Visit,
  { person, room, problem }: { readonly person: Person; readonly room: Room; readonly problem: Problem },
  { audit, clock }: WebParts,
): Promise<void> {
  await audit.record({
    at: clock.now(),
    event: 'link-refused',
    ...visitFacts(visit),
    ...linkFacts(person, room),
    code: problem.code,
  });
}
