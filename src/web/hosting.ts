/**
 * What whoever leads a room may do there, as one table of acts: for the page of hosts and for applications alike.
 *
 * Each act is written down with who, where, whom. Who may act at all is decided before.
 */
import type { Inviting } from '../admission/invite.ts';
import { type Invite, makerId, roomOfInvite } from '../admission/invite-record.ts';
import type { Listed } from '../admission/roll.ts';
import { parseDuration } from '../base/duration.ts';
import type { AuditEntry } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import { type Room, roomKey } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import { invitationWish } from './hosting-wish.ts';
import type { WebParts } from './parts.ts';
import { visitFacts } from './respond.ts';
import { single, type Visit } from './visit.ts';

/** Whoever leads the room here: a person, or an application. */
export interface Actor {
  /** As the audit has it. */
  readonly id: string;
  /** As invitations say who invites. */
  readonly name?: string;
  readonly inviting: Inviting & { readonly maker: NonNullable<Inviting['maker']> };
}

/** What was done. */
export type Done =
  | { readonly what: 'let-in' | 'let-all-in' | 'turn-away'; readonly people: readonly Listed[] }
  | { readonly what: 'invite'; readonly invite: Invite; readonly code: Secret }
  | { readonly what: 'revoke'; readonly invite: Invite; readonly ended: readonly string[] }
  | {
      readonly what: 'put-out' | 'undo';
      readonly person: string;
      readonly name?: string;
      readonly until: number;
    };

/** Seconds for which somebody turned away is not asked about again. */
export const TURNED_AWAY = 900;
/** Seconds: for longer than this it is the operator who puts people out. */
export const LONGEST_OUT = 86_400;
/** Characters of a person's id. */
const LONGEST_ID = 400;

interface Acting {
  readonly visit: Visit;
  readonly fields: URLSearchParams;
  readonly room: Room;
  readonly actor: Actor;
}

const ACTS: Readonly<Record<string, (acting: Acting, parts: WebParts) => Promise<Done>>> = {
  'let-in': letIn,
  'let-all-in': letAllIn,
  'turn-away': turnAway,
  invite,
  revoke,
  'put-out': putOut,
  undo,
};

/**
 * Does what the form says under `do`. Throws `host.gone` for who or what is not there any more, `host.unusable` for
 * what cannot be done, `client.role` for a role the actor may not give, and `request.too-many`.
 */
export function act(acting: Acting, parts: WebParts): Promise<Done> {
  const name = single(acting.fields, 'do') ?? '';
  const work = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
  if (work === undefined) throw new Problem('request.malformed', { what: 'do' });
  return work(acting, parts);
}

function personIn(fields: URLSearchParams): string {
  const id = single(fields, 'person') ?? '';
  if (!/^[^#]+#\P{Cc}+$/u.test(id) || id.length > LONGEST_ID)
    throw new Problem('host.unusable', { what: 'person' });
  return id;
}

async function waitingAt({ fields, room }: Acting, { door }: WebParts): Promise<Listed> {
  const id = personIn(fields);
  const found = (await door.waiting.list(room)).find(({ person }) => person === id);
  if (found === undefined) throw new Problem('host.gone', { what: 'person' });
  return found;
}

async function letIn(acting: Acting, parts: WebParts): Promise<Done> {
  const one = await waitingAt(acting, parts);
  await welcome([one], acting, parts);
  return { what: 'let-in', people: [one] };
}

async function letAllIn(acting: Acting, parts: WebParts): Promise<Done> {
  const all = await parts.door.waiting.list(acting.room);
  const before = single(acting.fields, 'before');
  // Whoever came since the page was made is nobody its host has seen.
  const people = before === undefined ? all : all.filter(({ since }) => since <= Number(before));
  await welcome(people, acting, parts);
  return { what: 'let-all-in', people };
}

async function welcome(people: readonly Listed[], acting: Acting, parts: WebParts): Promise<void> {
  const { room } = acting;
  const { letIns, waiting } = parts.door;
  for (const { person, name } of people) {
    await note(acting, { event: 'let-in', person, ...(name !== undefined && { name }) }, parts);
    await letIns.add(person, room);
    await waiting.strike(person, room);
  }
  // Whom another host turned away meanwhile is let in by nobody, nor when that is over.
  const isOut = await parts.kicks.look();
  for (const { person } of people) if (isOut(person, room)) await letIns.remove(person, room);
  await letIns.ring(room);
}

async function turnAway(acting: Acting, parts: WebParts): Promise<Done> {
  const one = await waitingAt(acting, parts);
  const about = { person: one.person, ...(one.name !== undefined && { name: one.name }) };
  const kick = await parts.kicks.add({
    ...{ ...about, room: acting.room, seconds: TURNED_AWAY, by: acting.actor.id, turnedAway: true as const },
  });
  await note(acting, { event: 'turned-away', ...about, until: kick.until }, parts);
  await gone(one.person, acting.room, parts);
  return { what: 'turn-away', people: [one] };
}

/** Not at the door any more, and let in by nobody. */
async function gone(person: string, room: Room, { door }: WebParts): Promise<void> {
  await door.letIns.remove(person, room);
  await door.waiting.strike(person, room);
  await door.letIns.ring(room);
}

async function invite(acting: Acting, parts: WebParts): Promise<Done> {
  const { fields, room, actor } = acting;
  const wish = invitationWish(fields, {
    now: Math.floor(parts.clock.now() / 1000),
    inviting: actor.inviting,
  });
  const by = wish.by ?? actor.name;
  const made = await parts.invites.make({ ...wish, room, ...(by !== undefined && { by }) }, actor.inviting);
  await note(acting, { event: 'invite-made', ...invitationFacts(made.invite, actor) }, parts);
  return { what: 'invite', ...made };
}

function invitationFacts({ id, role }: Invite, { id: person }: Actor) {
  return { invite: id, role, person };
}

async function revoke(acting: Acting, parts: WebParts): Promise<Done> {
  const { fields, room, actor } = acting;
  const id = single(fields, 'invitation') ?? '';
  const found = (await invitationsOf(room, parts)).find((one) => one.id === id);
  const revoked = found === undefined ? [] : await parts.invites.revoke(found.id);
  const [first] = revoked;
  if (first === undefined) throw new Problem('host.gone', { what: 'invitation' });
  for (const one of revoked)
    await note(acting, { event: 'invite-revoked', ...invitationFacts(one.invite, actor) }, parts);
  const ended = revoked.flatMap((one) => one.ended.map(({ person }) => person.id));
  return { what: 'revoke', invite: first.invite, ended };
}

/** The invitations to a room, the last one made first. */
export async function invitationsOf(room: Room, { invites }: WebParts): Promise<readonly Invite[]> {
  const key = roomKey(room);
  return (await invites.list()).filter((one) => roomKey(roomOfInvite(one)) === key).toReversed();
}

async function putOut(acting: Acting, parts: WebParts): Promise<Done> {
  const { fields, room, actor } = acting;
  const person = personIn(fields);
  const seconds = parseDuration(single(fields, 'for') ?? '1h') ?? 0;
  if (seconds <= 0 || seconds > LONGEST_OUT) throw new Problem('host.unusable', { what: 'for' });
  if (person === actor.id) throw new Problem('host.unusable', { what: 'person', why: 'oneself' });
  const name = await nameOf(person, room, parts);
  const about = { person, ...(name !== undefined && { name }) };
  const kick = await parts.kicks.add({ ...about, room, seconds, by: actor.id });
  await note(acting, { event: 'kicked', ...about, until: kick.until }, parts);
  await gone(person, room, parts);
  return { what: 'put-out', ...about, until: kick.until };
}

async function nameOf(id: string, room: Room, { door }: WebParts): Promise<string | undefined> {
  const known = [...(await door.lately.list(room)), ...(await door.waiting.list(room))];
  return known.find(({ person }) => person === id)?.name;
}

async function undo(acting: Acting, parts: WebParts): Promise<Done> {
  const person = personIn(acting.fields);
  const undone = await parts.kicks.undo(person, acting.room, 'host');
  if (undone === undefined) throw new Problem('host.gone', { what: 'kick' });
  const { name, until } = undone;
  const about = { person, ...(name !== undefined && { name }) };
  await note(acting, { event: 'kick-undone', ...about }, parts);
  return { what: 'undo', ...about, until };
}

/** Who, where, what; to whom. */
async function note(
  { visit, room, actor }: Acting,
  facts: Pick<AuditEntry, 'event' | 'person' | 'name' | 'until' | 'invite' | 'role'>,
  { audit, clock }: WebParts,
): Promise<void> {
  await audit.record({
    at: clock.now(),
    ...facts,
    ...visitFacts(visit),
    by: actor.id,
    room: room.name,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
  });
}

/** By what the maker of an invitation is known to whoever leads its room. */
export function madeBy({ maker }: Invite): string | undefined {
  return maker && makerId(maker);
}
