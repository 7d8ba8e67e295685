/**
 * A link of another application, opened by a browser: its token becomes a session for that room alone, beside the
 * one this browser may have. Who follows a link is in its room who the link says.
 */

import { unixSeconds } from '../base/clock.ts';
import type { Person, PersonBound } from '../base/person.ts';
import { isProblem, type Problem } from '../base/problem.ts';
import { type Room, roomPath } from '../base/room.ts';
import type { Session } from '../identity/session.ts';
import { linkCookieName, linkCookies, writeCookie } from './cookies.ts';
import type { WebParts } from './parts.ts';
import { redirect, visitFacts } from './respond.ts';
import type { Visit } from './visit.ts';

/** Links of so many rooms may be open in one browser; servers in front refuse long headers. */
const MOST_LINKS = 12;

/** A token that came with somebody, and the room it came to. */
export interface Link {
  readonly token: string;
  readonly room: Room;
}

/** What became of it. `session` is known by its handle; `cookies` are the lines that give it to this browser. */
export type Opened =
  | { readonly kind: 'opened'; readonly session: Session; readonly cookies: readonly string[] }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** Opens a link. A token that does not hold, or not here, is an answer. Throws what the store throws. */
export async function openLink(visit: Visit, link: Link, parts: WebParts): Promise<Opened> {
  const { followLink } = parts;
  if (followLink === undefined) throw new TypeError('no application may send links');
  try {
    const followed = await followLink(link.token, link.room);
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
  if (opened.kind === 'opened') return redirect(link.to, { status, cookies: opened.cookies });
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
  const { sessions, clock } = parts;
  const name = linkCookieName(room);
  const before = visit.cookies.get(name);
  const old = before === undefined ? undefined : await sessions.read(before);
  const same =
    old?.person.id === person.id && before !== undefined
      ? await sessions.rechecked(before, old, { person })
      : undefined;
  if (old !== undefined && same === undefined) await sessions.end(old.handle, 'replaced');
  const issued = same ? { id: before ?? '', session: same } : await issue(visit, person, parts);
  await parts.audit.record({
    at: clock.now(),
    event: 'link-followed',
    ...visitFacts(visit),
    ...about(person, room),
    proposed: person.bound.role,
  });
  const lasts = Math.min(person.bound.until - unixSeconds(clock), parts.sessionLifetime);
  const others = [...linkCookies(visit.asked.header('cookie')).keys()].filter((other) => other !== name);
  return {
    kind: 'opened',
    session: issued.session,
    cookies: [
      // The browser names the oldest first.
      ...others
        .slice(0, Math.max(0, others.length + 1 - MOST_LINKS))
        .map((other) => writeCookie(other, '', 0)),
      writeCookie(name, issued.id, lasts),
    ],
  };
}

async function issue({ asked }: Visit, person: Person, { sessions }: WebParts) {
  const { id, session } = await sessions.issue({ person }, { address: asked.address });
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
    ...about(person, room),
    code: problem.code,
  });
}

function about({ id, provider, name }: Person, room: Room) {
  return {
    person: id,
    provider,
    ...(name !== undefined && { name }),
    room: room.name,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
  };
}
