/**
 * Whom a host let in by hand, into which room: a fact that is asked about where a rule says wait.
 *
 * Kept in the store, so that every process knows; told to who waits by a mark of the room that changes, which is
 * looked at once a second wherever somebody waits for it. Decides nothing.
 */
import type { Clock } from '../base/clock.ts';
import { digest, type Random, randomToken } from '../base/random.ts';
import { type Room, roomKey } from '../base/room.ts';
import type { Store } from '../base/store.ts';

/** Who may go on. Everything throws what the store throws. */
export interface LetIns {
  /** Was this person let into this room? */
  has(person: string, room: Room): Promise<boolean>;
  /** Lets them in. */
  add(person: string, room: Room): Promise<void>;
  /** Takes it back. */
  remove(person: string, room: Room): Promise<void>;
  /** A host has said something about who waits here: whoever waits is to ask again. */
  ring(room: Room): Promise<void>;
  /** Changes with each ring; undefined where nobody rang lately. */
  rung(room: Room): Promise<string | undefined>;
  /** Forgets somebody everywhere, and says in how many rooms. */
  forget(person: string): Promise<number>;
}

/**
 * Seconds for which somebody let in comes in again, host or none: a long meeting, with its breaks. It opens no meeting
 * of tomorrow.
 */
export const LET_IN = 4 * 3600;

const PREFIX = 'let-in';
/** Seconds: longer than anybody sleeps between two looks. */
const RUNG = 60;

/** Makes them. */
export function createLetIns({
  store,
  clock,
  random,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}): LetIns {
  const keyOf = (person: string, room: Room) => `${PREFIX}/${digest(roomKey(room))}/${digest(person)}`;
  const bell = (room: Room) => `rung/${digest(roomKey(room))}`;
  return {
    has: async (person, room) => (await store.get(keyOf(person, room))) !== undefined,
    add: (person, room) => store.put(keyOf(person, room), String(clock.now()), LET_IN),
    remove: async (person, room) => void (await store.take(keyOf(person, room))),
    ring: (room) => store.put(bell(room), randomToken(random, 9), RUNG),
    rung: (room) => store.get(bell(room)),
    async forget(person) {
      let forgotten = 0;
      for (const { key } of await store.list(`${PREFIX}/`))
        if (key.endsWith(`/${digest(person)}`) && (await store.take(key)) !== undefined) forgotten += 1;
      return forgotten;
    },
  };
}
