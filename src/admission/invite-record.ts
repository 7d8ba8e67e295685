/**
 * An invitation as it is kept: by the digest of its code, with a mark for each place that is taken.
 *
 * Every change is one step, however many people press the button at once. Knows nothing of persons.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { digest, readSpokenCode } from '../base/random.ts';
import { ROLES, type Role } from '../base/role.ts';
import { type Room, roomFromClaim } from '../base/room.ts';
import { amend, type Store } from '../base/store.ts';
import { parseObject } from '../identity/session-record.ts';
import { appProvider } from './vouched.ts';

/** 140 bits: twenty-eight characters of Crockford's base32. */
export const CHARACTERS = 28;
/** One that is counted is spent by so many at most: every place stands in its record. */
export const MOST_USES = 1000;
/** Seconds after its end for which an invitation is told to be over, and not unknown: four weeks. */
const TOLD_AFTERWARDS = 2_419_200;
const PREFIX = 'invite/';

/** An invitation as it is listed. It opens nothing. Times in Unix seconds. */
export interface Invite {
  /** By which it is shown and revoked. */
  readonly id: string;
  /** The claim form of the room. */
  readonly room: string;
  readonly tenant?: string;
  readonly role: Role;
  readonly madeAt: number;
  readonly from: number;
  readonly until: number;
  readonly uses?: number;
  /** One mark for each place that is taken, where places are counted. */
  readonly seats: readonly string[];
  readonly email?: string;
  readonly title?: string;
  readonly by?: string;
  /** Who made it, where it was not the operator. */
  readonly maker?: InviteMaker;
}

/** Who made an invitation, as the rules saw them: what they may still give is asked when it is used. */
export type InviteMaker =
  | { readonly kind: 'person'; readonly person: Person; readonly address: string }
  | { readonly kind: 'app'; readonly name: string };

/** By what a maker is known: the id of a person, or the provider's name of an application. */
export function makerId(maker: InviteMaker): string {
  return maker.kind === 'app' ? appProvider(maker.name) : maker.person.id;
}

/** The room of an invitation. */
export function roomOfInvite({ room, tenant }: Pick<Invite, 'room' | 'tenant'>): Room {
  return roomFromClaim(room, tenant);
}

/** How many places are left; undefined where they are not counted. */
export function placesLeft({ uses, seats }: Invite): number | undefined {
  return uses === undefined ? undefined : Math.max(0, uses - seats.length);
}

/** Changes the record in one step, however many change it at the same time: whoever is late looks again. */
export async function changeInvite(
  key: string,
  to: (invite: Invite) => Invite,
  { store, clock }: { readonly store: Store; readonly clock: Clock },
): Promise<Invite> {
  const ttl = (text: string) => keptFor(readKept(text), unixSeconds(clock));
  return readKept(
    await amend(store, key, ttl, (text) => {
      const invite = readKept(text);
      const next = to(invite);
      // Where nobody counts, nobody is written down.
      return JSON.stringify(invite.uses === undefined ? invite : next);
    }),
  );
}

/** All there are, each with where it stands. For people, never on the way into a meeting. */
export async function listed(
  store: Store,
): Promise<readonly { readonly key: string; readonly invite: Invite }[]> {
  return (await store.list(PREFIX)).flatMap(({ key, value }) => {
    const invite = parseObject(value);
    return isInvite(invite) ? [{ key, invite }] : [];
  });
}

/** Reads what was kept. Throws `invite.unknown`. */
export function readKept(text: string | undefined): Invite {
  const invite = text === undefined ? undefined : parseObject(text);
  if (!isInvite(invite)) throw new Problem('invite.unknown');
  return invite;
}

/** Where the invitation of this code would stand. Throws `invite.unknown` for what can be none. */
export function keyOfCode(code: string): string {
  const spoken = readSpokenCode(code, CHARACTERS);
  if (spoken === undefined) throw new Problem('invite.unknown');
  return keyOf(spoken);
}

/** The same for a code as we wrote it. */
export function keyOf(spoken: string): string {
  return `${PREFIX}${digest(spoken)}`;
}

/** Seconds: until it is over, and for a while after that. */
export function keptFor({ until }: Pick<Invite, 'until'>, now: number): number {
  return Math.max(0, until - now) + TOLD_AFTERWARDS;
}

function isInvite(value: object | undefined): value is Invite {
  const { id, room, role, from, until, seats } = (value ?? {}) as Partial<Invite>;
  return (
    typeof id === 'string' &&
    typeof room === 'string' &&
    ROLES.some((one) => one === role) &&
    [from, until].every(Number.isSafeInteger) &&
    Array.isArray(seats)
  );
}
