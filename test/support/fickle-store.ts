/**
 * A store that fails when it is told to, and is a good one otherwise.
 */
import type { Clock } from '../../src/base/clock.ts';
import { Problem } from '../../src/base/problem.ts';
import type { Store } from '../../src/base/store.ts';
import { createMemoryStore } from '../../src/store/memory.ts';

/** What goes wrong: nothing, every writing as on a full disk, everything as with a server that is gone, or a bug. */
export type Mood = 'good' | 'full' | 'gone' | 'bug';

/** A store and its mood. */
export interface FickleStore {
  readonly store: Store;
  mood: Mood;
}

const WRITES: ReadonlySet<string> = new Set(['put', 'take', 'swap']);

/** Where a broken store's words come from: nothing of them may reach anybody. */
export const INNER_WORDS = 'canary-inner /var/lib/ostiary/ostiary.sqlite SQLITE_IOERR';

/** Makes one over a store in memory. */
export function createFickleStore(clock: Clock): FickleStore {
  const good = createMemoryStore({ clock });
  const fickle: FickleStore = {
    mood: 'good',
    store: new Proxy(good, {
      get(target, verb: keyof Store) {
        if (verb === 'close') return () => target.close();
        return async (...given: readonly unknown[]) => {
          const { mood } = fickle;
          const cause = new Error(INNER_WORDS);
          if (mood === 'bug') throw cause;
          if (mood === 'gone') throw new Problem('store.unavailable', { why: INNER_WORDS }, cause);
          if (mood === 'full' && WRITES.has(verb))
            throw new Problem('store.full', { why: INNER_WORDS }, cause);
          return (target[verb] as (...all: readonly unknown[]) => unknown)(...given);
        };
      },
    }),
  };
  return fickle;
}
