/**
 * The port behind which everything lives that must outlive a request.
 */
import { Problem } from './problem.ts';

/** One entry as a person listing the drawer sees it. `expiresAt` is milliseconds since 1970. */
export interface StoreEntry {
  readonly key: string;
  readonly value: string;
  readonly expiresAt: number;
}

/**
 * One drawer for what must outlive a request. Every value expires.
 * Every verb throws `store.unavailable` when the drawer does not answer, and a
 * writing verb `store.full` when it cannot write; an error never reads as "absent".
 */
export interface Store {
  /** Keeps a value for `ttl` seconds, over whatever was there. */
  put(key: string, value: string, ttl: number): Promise<void>;
  /** The value, unless it is absent or expired. */
  get(key: string): Promise<string | undefined>;
  /** Read and remove in one step: two takers never both receive it. */
  take(key: string): Promise<string | undefined>;
  /**
   * Replaces `expected` by `next` in one step and says whether it did.
   * `undefined` as `expected` means "only if absent"; as `next` it means "remove".
   */
  swap(key: string, expected: string | undefined, next: string | undefined, ttl: number): Promise<boolean>;
  /** All live entries under a prefix, in the order of their keys. For people, never on the way into a meeting. */
  list(prefix: string): Promise<readonly StoreEntry[]>;
  /** Is the drawer there? Resolves, or throws `store.unavailable`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * How often a change under contention is tried again before it counts as a failure of the store. Each time that it does
 * not come to pass somebody else's did, so this is no more than how many may change one value at once.
 */
const ATTEMPTS = 1000;

/**
 * Changes a value by a function of what is there, however many others change it at the same time.
 * `change` may run several times; returning undefined removes the entry, and what it throws ends the change.
 * `ttl` in seconds, or how it follows from what is to stand. Gives back what stands now.
 */
export async function amend(
  store: Store,
  key: string,
  ttl: number | ((next: string) => number),
  change: (current: string | undefined) => string | undefined,
): Promise<string | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await store.get(key);
    const next = change(current);
    if (current === undefined && next === undefined) return undefined;
    const seconds = typeof ttl === 'number' ? ttl : next === undefined ? 0 : ttl(next);
    if (await store.swap(key, current, next, seconds)) return next;
  }
  throw new Problem('store.unavailable', { why: 'contention' });
}
