/**
 * The page of whoever leads a room, and the same as JSON: who waits, invitations, who was put out.
 *
 * Whoever the rules make host of the room leads it, and nobody else. Everything is done by forms of ours.
 */

import type { Invite } from '../../admission/invite-record.ts';
import { MOST_USES, roomOfInvite } from '../../admission/invite-record.ts';
import type { Outcome, Recognised } from '../../admission/outcome.ts';
import { refusalOf } from '../../admission/outcome.ts';
import { untilOf } from '../../base/person.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { digest } from '../../base/random.ts';
import { ROLES } from '../../base/role.ts';
import { parseRoomPath, type Room, roomKey, roomPath, shownRoom } from '../../base/room.ts';
import { hostingPage, type ShownInvitation, type ShownLink } from '../../pages/hosting.ts';
import { invitationCalendar, invitationText } from '../../pages/invitation.ts';
import { HOSTED_COOKIE, HOSTING_COOKIE, writeCookie } from '../cookies.ts';
import { type Actor, act, type Done, LONGEST_OUT } from '../hosting.ts';
import { type Flash, openFlash, sealFlash } from '../hosting-flash.ts';
import { calledAs, doneJson, markOf, othersThan, roomJson, viewOf, waitingJson } from '../hosting-view.ts';
import { GOOD_FOR } from '../hosting-wish.ts';
import type { Target } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { problemAnswer } from '../problem-answer.ts';
import { data, file, page, redirect, wantsPage } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';
import { hostingAddress } from '../way-back.ts';

/** Seconds for which the page of a room waits for its host to sign in. */
const SIGN_IN_WITHIN = 900;
/** So many of those who wait stand on the page. */
const MOST_SHOWN = 100;
/** Seconds: what the page offers. */
const SPANS = [900, 3600, 4 * 3600, LONGEST_OUT];

/** The routes of hosts. */
export function hostingRoutes(parts: WebParts): readonly Route[] {
  const both = ['/room/:room', '/room/:tenant/:room'] as const;
  return [
    {
      method: 'GET',
      path: '/room',
      on: ['public'],
      from: 'anyone',
      does: 'leads to the page of the room that a form names',
      handle: (visit) => toRoom(visit, parts),
    },
    ...both.map(
      (path): Route => ({
        method: 'GET',
        path,
        on: ['public'],
        from: 'anyone',
        does: 'for whoever leads the room: who waits, its invitations, who was put out of it; as a page or as JSON',
        handle: (visit) => told(visit, parts, (room) => show(visit, room, parts)),
      }),
    ),
    ...both.map(
      (path): Route => ({
        method: 'POST',
        path,
        on: ['public'],
        from: 'our own form',
        does: 'the same: lets in, turns away, makes and takes back invitations, puts out and allows again',
        handle: (visit) => told(visit, parts, (room) => press(visit, room, parts)),
      }),
    ),
  ];
}

/**
 * Where somebody who signed in to lead this room goes on: to its page, once. Who has no account here yet, or gave a
 * name alone, goes on where they were going: they may have thought better of it.
 */
export function hostingAgain(
  visit: Visit,
  { target: { room, app, popup }, outcome }: { readonly target: Target; readonly outcome: Outcome },
  { prefix }: WebParts['places'],
): Response | undefined {
  if (app !== undefined || popup || visit.cookies.get(HOSTING_COOKIE) !== markFor(room)) return undefined;
  if (outcome.kind === 'sign-in' || isGuest(outcome)) return undefined;
  return redirect(hostingAddress(room, prefix), { cookies: [writeCookie(HOSTING_COOKIE, '', 0)] });
}

function markFor(room: Room): string {
  return digest(roomKey(room)).slice(0, 16);
}

/** What a person types: a name, or a tenant's and a name. */
function toRoom(visit: Visit, { places }: WebParts): Response {
  const parts = (single(visit.query, 'room') ?? '').trim().split('/');
  const room = parseRoomPath(`/${parts.map(encodeURIComponent).join('/')}`);
  return redirect(hostingAddress(room, places.prefix));
}

/** The room stands in the path as in the meeting's own address; what goes wrong names it. */
async function told(
  visit: Visit,
  parts: WebParts,
  answer: (room: Room) => Promise<Response>,
): Promise<Response> {
  const room = parseRoomPath(visit.asked.path.slice(`${parts.places.prefix}/room`.length));
  try {
    return await answer(room);
  } catch (thrown) {
    if (isProblem(thrown, 'host.required') || isProblem(thrown, 'entry.refused'))
      return problemAnswer(thrown, { visit, parts }, { room, otherAccountTo: roomPath(room) });
    throw thrown;
  }
}

type Led = { readonly kind: 'host'; readonly actor: Actor } | { readonly kind: 'sign-in' };

/** Whose room is it? A link is asked about before an account, as at every door. Throws why it is not theirs. */
async function leader(visit: Visit, room: Room, parts: WebParts): Promise<Led> {
  const { asked } = visit;
  // Invitations are made long before the room opens.
  const arrival = { asked, wants: { kind: 'enter', room, anyHour: true } } as const;
  const first = await parts.admit(arrival);
  const outcomes = [first, ...(isHost(first) ? [] : [await parts.admit({ ...arrival, which: 'account' })])];
  const host = outcomes.find(isHost);
  if (host !== undefined) return { kind: 'host', actor: actorOf(host.grant, visit) };
  // Behind the account of somebody who gave a name they may be a host.
  const isPage = wantsPage(asked.header('accept'));
  if (outcomes.every((one) => one.kind === 'sign-in' || (isPage && isGuest(one)))) return { kind: 'sign-in' };
  const refused = outcomes.find((outcome) => outcome.kind === 'refused');
  throw new Problem(refused === undefined ? 'host.required' : refusalOf(refused), { role: roleIn(first) });
}

type Hosting = Extract<Outcome, { kind: 'admitted' }>;

function isHost(outcome: Outcome): outcome is Hosting {
  return outcome.kind === 'admitted' && outcome.grant.decision.role === 'host';
}

function isGuest(outcome: Outcome): boolean {
  if (outcome.kind === 'sign-in') return false;
  const person = outcome.kind === 'admitted' ? outcome.grant.person : outcome.person;
  return person?.guest === true && person.invite === undefined;
}

function roleIn(outcome: Outcome): string {
  return outcome.kind === 'admitted' ? outcome.grant.decision.role : outcome.kind;
}

function actorOf({ person }: Pick<Recognised, 'person'>, { asked }: Visit): Actor {
  const name = person.name ?? person.email;
  // What no rule looks at is not kept with an invitation.
  const { name: _, avatar: __, ...ruled } = person;
  return {
    id: person.id,
    ...(name !== undefined && { name }),
    inviting: {
      role: 'host',
      until: untilOf(person),
      maker: { kind: 'person', person: ruled, address: asked.address },
    },
  };
}

async function show(visit: Visit, room: Room, parts: WebParts): Promise<Response> {
  const led = await leader(visit, room, parts);
  const isPage = wantsPage(visit.asked.header('accept'));
  if (led.kind === 'sign-in') {
    if (!isPage) throw new Problem('session.required');
    return redirect(`${parts.places.prefix}/sign-in?auto=0&to=${encodeURIComponent(roomPath(room))}`, {
      cookies: [writeCookie(HOSTING_COOKIE, markFor(room), SIGN_IN_WITHIN)],
    });
  }
  if (isPage) return shownPage(visit, { room, actor: led.actor }, parts);
  if (single(visit.query, 'only') === 'waiting')
    return data(waitingJson(await parts.door.waiting.list(room)));
  return data(roomJson(room, await viewOf(room, parts)));
}

async function shownPage(
  visit: Visit,
  { room, actor }: { readonly room: Room; readonly actor: Actor },
  parts: WebParts,
): Promise<Response> {
  const { words, nonce, asked, cookies } = visit;
  const { branding, places, clock, attempts } = parts;
  const flash = await openFlash(cookies.get(HOSTED_COOKIE), room, { ...attempts, sessions: parts.sessions });
  const now = clock.now();
  const view = await viewOf(room, parts);
  const html = hostingPage({
    ...{ words, nonce, branding, prefix: places.prefix, id: asked.id },
    room: shownRoom(room),
    here: hostingAddress(room, places.prefix),
    meeting: `${places.jitsiUrl}${roomPath(room)}`,
    waiting: view.waiting.slice(0, MOST_SHOWN).map(({ person, name, standing, since }) => ({
      ...{ person, standing, name: calledAs({ person, ...(name !== undefined && { name }) }) },
      since: (now - since) / 1000,
    })),
    waitingCount: view.waiting.length,
    mark: markOf(view.waiting),
    now,
    invitations: view.invitations.map((invite) => shownInvitation(invite, now)),
    out: view.out.map(({ person, until, turnedAway, by, ...kick }) => ({
      ...{ person, until, turnedAway: turnedAway === true, byOperator: by === undefined },
      name: calledAs({ person, ...kick }),
    })),
    lately: othersThan(actor, view.lately).map((one) => ({ person: one.person, name: calledAs(one) })),
    roles: ROLES,
    from: fieldOf(now),
    until: fieldOf(now + GOOD_FOR * 1000),
    mostUses: MOST_USES,
    spans: SPANS,
    ...(flash && { done: { what: flash.what, ...(flash.name !== undefined && { name: flash.name }) } }),
    ...(flash?.code !== undefined && { made: await shownLink(visit, flash.code, parts) }),
  });
  return page(html, nonce, { asks: true, cookies: flash ? [writeCookie(HOSTED_COOKIE, '', 0)] : [] });
}

function shownInvitation(invite: Invite, now: number): ShownInvitation {
  const { id, title, by, email, role, from, until, uses, seats } = invite;
  return {
    ...{ id, role, until: until * 1000, isOver: until * 1000 <= now },
    ...(title !== undefined && { about: title }),
    ...(by !== undefined && { by }),
    ...(email !== undefined && { email }),
    ...(from * 1000 > now && { from: from * 1000 }),
    ...(uses !== undefined && { uses: { used: seats.length, of: uses } }),
  };
}

/** As a browser's field for times holds it: to the minute, in UTC. */
function fieldOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 16);
}

function linkTo(code: string, { publicUrl, prefix }: WebParts['places']): string {
  return `${publicUrl}${prefix}/invite?code=${code}`;
}

/** What is sent on of an invitation. Times in Unix seconds. */
function sentOn(
  invite: Invite,
  { code, starts, lasts }: { readonly code: string; readonly starts: number; readonly lasts: number },
  { places, branding }: WebParts,
) {
  return {
    ...{ link: linkTo(code, places), id: invite.id, host: new URL(places.publicUrl).hostname },
    ...{ by: invite.by ?? branding.name, madeAt: invite.madeAt, starts, lasts },
    ...(invite.title !== undefined && { about: invite.title }),
  };
}

async function shownLink({ words }: Visit, code: string, parts: WebParts): Promise<ShownLink> {
  const invite = await parts.invites.of(code);
  const { from, madeAt } = invite;
  const { link, starts, ...about } = sentOn(invite, { code, starts: from, lasts: 3600 }, parts);
  // Where it is good from now on, nobody knows when the meeting is.
  const text = invitationText(words, { ...about, link, ...(from > madeAt && { starts }) });
  return { link, text, code, starts: fieldOf(from * 1000) };
}

async function press(visit: Visit, room: Room, parts: WebParts): Promise<Response> {
  const led = await leader(visit, room, parts);
  if (led.kind === 'sign-in') throw new Problem('session.required');
  const fields = await visit.form();
  if (single(fields, 'do') === 'calendar') return calendar(visit, room, parts);
  if (!wantsPage(visit.asked.header('accept'))) {
    const done = await act({ visit, fields, room, actor: led.actor }, parts);
    return data(doneJson(done, (code) => linkTo(code, parts.places)));
  }
  const flash = await flashOf(act({ visit, fields, room, actor: led.actor }, parts));
  return redirect(hostingAddress(room, parts.places.prefix), {
    status: 303,
    cookies: [await sealFlash(flash, room, parts.attempts)],
  });
}

/** A page may be older than what became of the room since: that is told on the page, and nothing else happens. */
async function flashOf(doing: Promise<Done>): Promise<Flash> {
  try {
    const done = await doing;
    switch (done.what) {
      case 'let-in':
      case 'turn-away':
        return { what: done.what, name: done.people.map(calledAs).join() };
      case 'put-out':
      case 'undo':
        return { what: done.what, name: calledAs(done) };
      case 'invite':
        return { what: done.what, code: done.code.reveal() };
      case 'let-all-in':
      case 'revoke':
        return { what: done.what };
    }
  } catch (thrown) {
    if (isProblem(thrown, 'host.gone')) return { what: 'gone' };
    throw thrown;
  }
}

/** The invitation of this code, where it is to this room. Who guesses is counted as everywhere. */
async function known(
  code: string,
  room: Room,
  { asked }: Visit,
  { invites, limits }: WebParts,
): Promise<Invite> {
  const from = { address: asked.address };
  await limits.notBarred('invite', from);
  try {
    const invite = await invites.of(code);
    if (roomKey(roomOfInvite(invite)) === roomKey(room)) return invite;
  } catch (thrown) {
    if (!isProblem(thrown, 'invite.unknown')) throw thrown;
  }
  await limits.failed('invite', from);
  throw new Problem('invite.unknown');
}

/** An entry for a calendar, of an invitation to this very room. The code comes in the form, and stands in no address. */
async function calendar(visit: Visit, room: Room, parts: WebParts): Promise<Response> {
  const fields = await visit.form();
  const code = single(fields, 'code') ?? '';
  const invite = await known(code, room, visit, parts);
  const starts = Date.parse(`${single(fields, 'starts')}Z`) / 1000;
  const lasts = Number(single(fields, 'minutes')) * 60;
  if (!Number.isFinite(starts) || !(lasts > 0 && lasts <= 86_400))
    throw new Problem('host.unusable', { what: 'time' });
  const about = sentOn(invite, { code, starts: Math.floor(starts), lasts }, parts);
  return file(invitationCalendar(visit.words, about), {
    type: 'text/calendar; charset=utf-8',
    name: 'meeting.ics',
  });
}
