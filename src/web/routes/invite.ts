/**
 * An invitation: looked at by GET, which spends nothing, because mails and chats fetch every link; spent by the button.
 */
import { type Invite, roomOfInvite } from '../../admission/invite-record.ts';
import { unixSeconds } from '../../base/clock.ts';
import type { Person } from '../../base/person.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { digest } from '../../base/random.ts';
import { lowerRole } from '../../base/role.ts';
import { type Room, roomPath, shownRoom } from '../../base/room.ts';
import { LONGEST_GUEST_NAME } from '../../identity/guest.ts';
import { invitePage } from '../../pages/invite.ts';
import { isVerifiedAs } from '../../policy/match.ts';
import { INVITE_COOKIE, linkCookieName, PROBE_COOKIE, writeCookie } from '../cookies.ts';
import type { Target } from '../jitsi-state.ts';
import { roomCookies } from '../link.ts';
import type { WebParts } from '../parts.ts';
import { PROBE_LIFETIME, probeOf } from '../probe.ts';
import { problemAnswer } from '../problem-answer.ts';
import { page, redirect, UNNAMED, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import { sessionHere } from '../session-here.ts';
import { afterSignIn } from '../sign-in-ways.ts';
import { single, type Visit } from '../visit.ts';

/** Seconds for which an invitation waits for somebody to sign in. */
const SIGN_IN_WITHIN = 900;
/** No browser keeps a cookie longer; seconds: four hundred days. */
const LONGEST_COOKIE = 34_560_000;

/** The routes of invitations. */
export function inviteRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/invite',
      on: ['public'],
      from: 'anyone',
      does: 'shows an invitation: which room, who invites; spends nothing',
      handle: (visit) => unnamed(visit, parts, () => show(visit, parts)),
    },
    {
      method: 'POST',
      path: '/invite',
      on: ['public'],
      from: 'our own form',
      does: 'spends an invitation and makes a session for its one room; or leads to the sign-in that it wants',
      handle: (visit) => press(visit, parts),
    },
  ];
}

/** Where somebody who signed in for an invitation to this room goes on: to the invitation, once. */
export function invitationAgain(
  visit: Visit,
  { room, app, popup }: Target,
  places: WebParts['places'],
): Response | undefined {
  const [mark, code] = visit.cookies.get(INVITE_COOKIE)?.split('.') ?? [];
  if (app !== undefined || popup || code === undefined || mark !== markOf(room)) return undefined;
  return redirect(addressOf(code, places), { cookies: [writeCookie(INVITE_COOKIE, '', 0)] });
}

/** Whatever is answered at an address with a code in it: its address goes nowhere. */
async function unnamed(visit: Visit, parts: WebParts, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (thrown) {
    const response = await problemAnswer(thrown, { visit, parts });
    response.headers.set('referrer-policy', UNNAMED['referrer-policy']);
    return response;
  }
}

async function show(visit: Visit, parts: WebParts): Promise<Response> {
  const code = single(visit.query, 'code') ?? '';
  const invite = await looked(visit, code, parts);
  if (await isInside(visit, invite, parts)) return redirect(afterSignIn(goalOf(invite), parts));
  const account = await accountOf(visit, parts);
  if (isOther(invite, account) && !(await isEnough(visit, invite, parts)))
    return otherPerson(visit, { invite, code, account }, parts);
  return shownPage(visit, { invite, code, account }, parts);
}

/** Codes that are none are counted, so that nobody guesses; who holds a link is never held up. */
async function looked(
  { asked, cookies }: Visit,
  code: string,
  { limits, invites }: WebParts,
): Promise<Invite> {
  const from = { address: asked.address };
  await limits.notBarred('invite', from);
  try {
    return await invites.read(code, (room) => cookies.get(linkCookieName(room)));
  } catch (thrown) {
    if (isProblem(thrown, 'invite.unknown')) await limits.failed('invite', from);
    throw thrown;
  }
}

interface Shown {
  readonly invite: Invite;
  readonly code: string;
  readonly account: Person | undefined;
}

function shownPage(
  visit: Visit,
  { invite, code, account, wrong }: Shown & { readonly wrong?: true },
  { branding, places }: WebParts,
): Response {
  const { words, nonce, asked } = visit;
  const signIn = invite.email !== undefined && account === undefined;
  const html = invitePage({
    ...{ words, nonce, branding, prefix: places.prefix, id: asked.id },
    room: shownRoom(roomOfInvite(invite)),
    ...(invite.by !== undefined && { by: invite.by }),
    ...(invite.title !== undefined && { about: invite.title }),
    form: { action: `${places.prefix}/invite`, hidden: { code, ...(signIn && { how: 'sign-in' }) } },
    ...(signIn && { signIn }),
    ...(account && { signedInAs: calledAs(account) }),
    longest: LONGEST_GUEST_NAME,
    ...(wrong && { wrong }),
  });
  return page(html, nonce, {
    unnamed: true,
    status: wrong ? 400 : 200,
    // The redirects that follow the form may end at a Jitsi of another origin.
    formAction: [places.jitsiUrl],
    cookies: [writeCookie(PROBE_COOKIE, probeOf(visit) ?? nonce, PROBE_LIFETIME)],
  });
}

async function press(visit: Visit, parts: WebParts): Promise<Response> {
  const { asked } = visit;
  const fields = await visit.form();
  const code = single(fields, 'code') ?? '';
  const browser = probeOf(visit);
  if (browser === undefined) throw new Problem('sign-in.no-cookie');
  await parts.limits.count('invite', { address: asked.address, browser });
  const invite = await looked(visit, code, parts);
  const goal = goalOf(invite);
  if (single(fields, 'how') === 'sign-in') return signInFor(invite, code, parts);
  const account = await accountOf(visit, parts);
  if ((await isInside(visit, invite, parts)) || (account && (await isEnough(visit, invite, parts))))
    return redirect(afterSignIn(goal, parts), { status: 303 });
  // Whoever was put out in this browser is nobody else by an invitation: the door tells them.
  if (await isOut(visit, invite, parts)) return redirect(afterSignIn(goal, parts), { status: 303 });
  if (isOther(invite, account)) return otherPerson(visit, { invite, code, account }, parts);
  try {
    const cookies = await spend(visit, { invite, code, account, name: single(fields, 'name') }, parts);
    return redirect(afterSignIn(goal, parts), { status: 303, cookies });
  } catch (thrown) {
    if (isProblem(thrown, 'guest.name'))
      return shownPage(visit, { invite, code, account, wrong: true }, parts);
    throw thrown;
  }
}

async function spend(
  visit: Visit,
  { invite, code, account, name }: Shown & { readonly name: string | undefined },
  parts: WebParts,
): Promise<readonly string[]> {
  const { sessions, clock } = parts;
  const room = roomOfInvite(invite);
  const before = (of: Room) => visit.cookies.get(linkCookieName(of));
  const old = before(room);
  const over = old === undefined ? undefined : await sessions.ranOut(digest(old));
  const follows = over?.person.invite?.id === invite.id ? over.handle : undefined;
  const { address } = visit.asked;
  const { id, session } = await parts.invites.spend(code, { name, account, before, follows, address });
  const { person } = session;
  // Who was here by another link comes by this one now.
  if (old !== undefined && follows === undefined) await sessions.end(digest(old), 'replaced');
  await parts.audit.record({
    at: clock.now(),
    event: 'invite-used',
    ...visitFacts(visit),
    ...{
      person: person.id,
      provider: person.provider,
      invite: invite.id,
      role: invite.role,
      room: room.name,
    },
    ...(person.name !== undefined && { name: person.name }),
    ...(room.tenant !== undefined && { tenant: room.tenant }),
  });
  const lasts = Math.min(invite.until - unixSeconds(clock), LONGEST_COOKIE);
  return [...roomCookies(visit, { room, id: id.reveal(), lasts }), writeCookie(INVITE_COOKIE, '', 0)];
}

/** Whoever has an account that does as much goes in by it, and leaves the place to somebody else. */
async function isEnough({ asked }: Visit, invite: Invite, { admit }: WebParts): Promise<boolean> {
  const wants = { kind: 'enter', room: roomOfInvite(invite) } as const;
  const outcome = await admit({ asked, wants, which: 'account' });
  if (outcome.kind !== 'admitted') return false;
  const { role, lobby } = outcome.grant.decision;
  return !lobby && lowerRole(role, invite.role) === invite.role;
}

/** Was somebody put out of the room whose session this browser holds, as an account, a name or by a link? */
async function isOut({ asked }: Visit, invite: Invite, { admit }: WebParts): Promise<boolean> {
  const wants = { kind: 'enter', room: roomOfInvite(invite) } as const;
  const [link, account] = [
    await admit({ asked, wants, which: 'link' }),
    await admit({ asked, wants, which: 'account' }),
  ];
  return [link, account].some((one) => one.kind === 'refused' && one.kickedUntil !== undefined);
}

/** Who came by this very invitation goes on, and spends nothing. */
async function isInside(visit: Visit, invite: Invite, { sessions }: WebParts): Promise<boolean> {
  const id = visit.cookies.get(linkCookieName(roomOfInvite(invite)));
  const session = id === undefined ? undefined : await sessions.read(id);
  return session?.person.invite?.id === invite.id;
}

/** As whom they have signed in: a name alone, and an entry for one room, are no account. */
async function accountOf(visit: Visit, parts: WebParts): Promise<Person | undefined> {
  const person = (await sessionHere(visit, parts))?.session.person;
  return person === undefined || person.guest || person.pass !== undefined ? undefined : person;
}

function isOther({ email }: Invite, account: Person | undefined): boolean {
  return email !== undefined && account !== undefined && !isVerifiedAs(account, email);
}

async function otherPerson(
  visit: Visit,
  { invite, code, account }: Shown,
  parts: WebParts,
): Promise<Response> {
  const room = roomOfInvite(invite);
  const response = await problemAnswer(
    new Problem('invite.other-person', { invite: invite.id }),
    { visit, parts },
    {
      room,
      otherAccountTo: roomPath(room),
      ...(account && { signedInAs: calledAs(account) }),
      cookies: [waiting(room, code)],
    },
  );
  response.headers.set('referrer-policy', UNNAMED['referrer-policy']);
  return response;
}

function signInFor(invite: Invite, code: string, { places }: WebParts): Response {
  const room = roomOfInvite(invite);
  return redirect(`${places.prefix}/sign-in?auto=0&to=${encodeURIComponent(roomPath(room))}`, {
    status: 303,
    cookies: [waiting(room, code)],
  });
}

function waiting(room: Room, code: string): string {
  return writeCookie(INVITE_COOKIE, `${markOf(room)}.${code.replace(/[^0-9A-Za-z]/g, '')}`, SIGN_IN_WITHIN);
}

function markOf(room: Room): string {
  return digest(roomPath(room)).slice(0, 16);
}

/** The one address of an invitation. */
function addressOf(code: string, { prefix }: WebParts['places']): string {
  return `${prefix}/invite?code=${encodeURIComponent(code)}`;
}

function goalOf(invite: Invite): Target {
  return { room: roomOfInvite(invite), overrides: new Map() };
}

function calledAs({ name, email, id }: Person): string {
  return name ?? email ?? id;
}
