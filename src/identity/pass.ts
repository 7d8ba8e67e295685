/**
 * A one-time entry made on the machine, for the morning the provider is down.
 *
 * Good for one room in one role, spent by the first who shows it, kept hashed.
 * Whether the rules let such a person in is policy's business.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { PASS_PROVIDER, type Person, type PersonPass, personId } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { digest, type Random, readSpokenCode, spokenId } from '../base/random.ts';
import type { Role } from '../base/role.ts';
import type { Room } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import type { Store } from '../base/store.ts';
import { cleanName } from './profile.ts';
import { parseObject } from './session-record.ts';

/** What entries are made of. */
export interface PassParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** What an entry shall be good for. */
export interface PassWish {
  readonly room: Room;
  readonly role: Role;
  /** Seconds the person may stay signed in, from the moment the code is used. */
  readonly for: number;
  /** Seconds in which the code can be used; as long as `for` if it is left out. */
  readonly validFor?: number;
}

/** An entry as it is shown once. `usableUntil` in Unix seconds. */
export interface Pass {
  readonly code: Secret;
  /** Whom the audit will name. */
  readonly person: string;
  readonly usableUntil: number;
}

/** 80 bits: sixteen characters of Crockford's base32 in groups of four. */
const CHARACTERS = 16;

interface Kept extends Omit<PersonPass, 'until'> {
  readonly id: string;
  readonly for: number;
}

/** Makes an entry. The code is in the answer and nowhere else. */
export async function makePass(wish: PassWish, { store, clock, random }: PassParts): Promise<Pass> {
  const { room, role } = wish;
  const code = spokenId(random, CHARACTERS);
  const kept: Kept = {
    id: spokenId(random),
    room: room.claim,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    role,
    for: wish.for,
  };
  const validFor = wish.validFor ?? wish.for;
  await store.put(keyOf(code), JSON.stringify(kept), validFor);
  return {
    code: new Secret(code),
    person: personId(PASS_PROVIDER, kept.id),
    usableUntil: unixSeconds(clock) + validFor,
  };
}

/**
 * Spends an entry and returns who came by it, named as they say. Case, spaces and letters that look like digits
 * are forgiven in `code`. Throws `pass.unknown` for what is unknown, used or expired.
 */
export async function usePass(
  code: string,
  { store, clock }: Omit<PassParts, 'random'>,
  name?: string,
): Promise<Person> {
  const spoken = readSpokenCode(code, CHARACTERS);
  const text = spoken === undefined ? undefined : await store.take(keyOf(spoken));
  const kept = text === undefined ? undefined : parseObject(text);
  if (!isKept(kept)) throw new Problem('pass.unknown');
  const { id, for: seconds, room, tenant, role } = kept;
  const called = cleanName(name);
  return {
    id: personId(PASS_PROVIDER, id),
    provider: PASS_PROVIDER,
    ...(called !== undefined && { name: called }),
    emailVerified: false,
    groups: [],
    pass: { room, ...(tenant !== undefined && { tenant }), role, until: unixSeconds(clock) + seconds },
  };
}

function keyOf(code: string): string {
  return `pass/${digest(code)}`;
}

function isKept(value: object | undefined): value is Kept {
  const { id, room, role, for: seconds } = (value ?? {}) as Partial<Kept>;
  return (
    typeof id === 'string' &&
    typeof room === 'string' &&
    typeof role === 'string' &&
    typeof seconds === 'number'
  );
}
