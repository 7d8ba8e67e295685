/**
 * What is kept for the hosts of a room beside its invitations: who waits, who came in lately, whom they let in by hand.
 */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Store } from '../base/store.ts';
import { createLetIns, type LetIns } from './let-in.ts';
import { createRoll, type Roll } from './roll.ts';

/** The book at the door. */
export interface DoorBook {
  readonly letIns: LetIns;
  /** Who waits. */
  readonly waiting: Roll;
  /** Who came in lately, and may still be there. */
  readonly lately: Roll;
  /** Forgets somebody, and says how many lines spoke of them. Throws what the store throws. */
  forget(person: string): Promise<number>;
}

/** Seconds for which somebody counts as waiting of whom nothing more is heard: a page without script looks again in 15. */
const WAITS = 45;
/** Milliseconds between two signs that somebody still waits. */
export const SAY_WAITING = 20_000;
/** Seconds: a day's meetings. */
const LATELY = 12 * 3600;

/** Opens it. */
export function createDoorBook(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}): DoorBook {
  const letIns = createLetIns(parts);
  const waiting = createRoll({ ...parts, prefix: 'waits', ttl: WAITS });
  const lately = createRoll({ ...parts, prefix: 'lately', ttl: LATELY });
  return {
    ...{ letIns, waiting, lately },
    forget: async (person) =>
      (await letIns.forget(person)) + (await waiting.forget(person)) + (await lately.forget(person)),
  };
}
