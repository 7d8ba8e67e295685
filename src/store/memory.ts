/**
 * The store of tests and trials: a map that forgets when the process ends.
 *
 * Behaves as the file does in everything its contract names, and knows nothing
 * of what is kept in it.
 */
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import type { Store, StoreEntry } from '../base/store.ts';
import { expiry } from './expiry.ts';

interface Kept {
  readonly value: string;
  readonly expiresAt: number;
}

/** By bytes of UTF-8, as SQLite and Redis sort; JavaScript's own order differs beyond the basic plane. */
function byKey(a: StoreEntry, b: StoreEntry): number {
  return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
}

/** Makes a store that lives in this process alone. */
export function createMemoryStore({ clock }: { readonly clock: Clock }): Store {
  const kept = new Map<string, Kept>();
  let closed = false;
  let writes = 0;

  function open(): void {
    if (closed) throw new Problem('store.unavailable', { why: 'closed' });
  }

  function live(key: string): string | undefined {
    const found = kept.get(key);
    return found !== undefined && found.expiresAt > clock.now() ? found.value : undefined;
  }

  function keep(key: string, value: string, ttl: number): void {
    const expiresAt = expiry(clock, ttl);
    // As often as the map is large, so that a write costs the same however much is kept.
    writes += 1;
    if (writes > kept.size) {
      writes = 0;
      for (const [old, { expiresAt: end }] of kept) if (end <= clock.now()) kept.delete(old);
    }
    kept.set(key, { value, expiresAt });
  }

  // Half a surrogate pair cannot be written as UTF-8: what a file would keep is kept here too.
  return {
    async put(key, value, ttl) {
      open();
      keep(key.toWellFormed(), value.toWellFormed(), ttl);
    },
    async get(key) {
      open();
      return live(key.toWellFormed());
    },
    async take(key) {
      open();
      const found = live(key.toWellFormed());
      kept.delete(key.toWellFormed());
      return found;
    },
    async swap(key, expected, next, ttl) {
      open();
      if (live(key.toWellFormed()) !== expected?.toWellFormed()) return false;
      if (next === undefined) kept.delete(key.toWellFormed());
      else keep(key.toWellFormed(), next.toWellFormed(), ttl);
      return true;
    },
    async list(prefix) {
      open();
      const entries: StoreEntry[] = [];
      for (const [key, { value, expiresAt }] of kept)
        if (key.startsWith(prefix.toWellFormed()) && expiresAt > clock.now())
          entries.push({ key, value, expiresAt });
      return entries.sort(byKey);
    },
    async ping() {
      open();
    },
    async close() {
      closed = true;
      kept.clear();
    },
  };
}
