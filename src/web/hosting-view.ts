/**
 * A room as whoever leads it sees it: for applications and scripts as JSON, and for the page.
 */
import { type Invite, placesLeft } from '../admission/invite-record.ts';
import type { Kick } from '../admission/kick.ts';
import type { Listed } from '../admission/roll.ts';
import { digest } from '../base/random.ts';
import { type Room, roomKey } from '../base/room.ts';
import { type Actor, type Done, invitationsOf, madeBy } from './hosting.ts';
import type { WebParts } from './parts.ts';

/** All there is to see of a room. */
export interface RoomView {
  readonly waiting: readonly Listed[];
  readonly invitations: readonly Invite[];
  readonly out: readonly Kick[];
  readonly lately: readonly Listed[];
}

/** Looks at all of it. Throws `store.unavailable`. */
export async function viewOf(room: Room, parts: WebParts): Promise<RoomView> {
  const { door, kicks } = parts;
  const key = roomKey(room);
  return {
    waiting: await door.waiting.list(room),
    invitations: await invitationsOf(room, parts),
    out: (await kicks.list()).filter((kick) => roomKey(kick.room) === key),
    lately: await door.lately.list(room),
  };
}

/** Changes when somebody begins to wait, or does so no more. */
export function markOf(waiting: readonly Listed[]): string {
  return digest(waiting.map(({ person }) => person).join(' ')).slice(0, 12);
}

/** Those who wait, as JSON. */
export function waitingJson(waiting: readonly Listed[]) {
  return { waiting: waiting.map(listedJson), mark: markOf(waiting) };
}

/** The room as JSON. */
export function roomJson(room: Room, { waiting, invitations, out, lately }: RoomView) {
  return {
    ...{ room: room.name, tenant: room.tenant },
    ...waitingJson(waiting),
    invitations: invitations.map(invitationJson),
    out: out.map(kickJson),
    lately: lately.map(listedJson),
  };
}

/** What was done, as JSON; `link` is told this once. */
export function doneJson(done: Done, linkTo: (code: string) => string) {
  switch (done.what) {
    case 'let-in':
    case 'let-all-in':
    case 'turn-away':
      return { did: done.what, people: done.people.map(({ person }) => person) };
    case 'invite':
      return { did: done.what, link: linkTo(done.code.reveal()), invitation: invitationJson(done.invite) };
    case 'revoke':
      return { did: done.what, invitation: invitationJson(done.invite), ended: done.ended };
    case 'put-out':
    case 'undo':
      return { did: done.what, person: done.person, name: done.name, until: iso(done.until) };
  }
}

function listedJson({ person, name, standing, since }: Listed) {
  return { person, name, standing, since: iso(since) };
}

/** Never the places: they are marks of sessions. */
function invitationJson(invite: Invite) {
  const { id, role, from, until, madeAt, email, title, by, uses, seats } = invite;
  const left = placesLeft(invite);
  return {
    ...{ id, role, from: iso(from * 1000), until: iso(until * 1000), made: iso(madeAt * 1000) },
    ...{ uses: uses ?? 'any', used: left === undefined ? undefined : seats.length },
    ...{ email, about: title, by, madeBy: madeBy(invite) },
  };
}

function kickJson({ person, name, at, until, by, turnedAway }: Kick) {
  return { person, name, at: iso(at), until: iso(until), by, turnedAway };
}

/** RFC 3339. */
function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

/** How a host is told of somebody who gave no name. */
export function calledAs({ name, person }: { readonly name?: string; readonly person: string }): string {
  return name ?? person;
}

/** Can this actor put them out? Nobody puts out themselves. */
export function othersThan({ id }: Actor, people: readonly Listed[]): readonly Listed[] {
  return people.filter(({ person }) => person !== id);
}
