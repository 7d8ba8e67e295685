/**
 * Which sessions belong to a person, or to a session at the provider: short
 * lists of handles in the store, changed in one step however many change them.
 *
 * A list may name a session that is gone; it never misses one that lives.
 */
import { digest } from '../base/random.ts';
import { amend, type Store } from '../base/store.ts';

/** A session in a list, and until when it can live at most (Unix seconds). */
export interface Listed {
  readonly handle: string;
  readonly until: number;
}

/** A list and how long it is kept. `ttl` in seconds, at least as long as a session lives. */
export interface IndexKey {
  readonly key: string;
  readonly ttl: number;
}

/** So many sessions one list holds; the oldest make room. */
export const MOST_LISTED = 200;

/** Where a person's sessions are listed. */
export function personKey(person: string): string {
  return `person-sessions/${digest(person)}`;
}

/** Where the sessions are listed that hang on one session at the provider. */
export function sidKey(provider: string, sid: string): string {
  return `sid/${provider}/${digest(sid)}`;
}

/** Where the sessions of a provider's own `sub` are listed, if our id for the person is another. */
export function subjectKey(provider: string, subject: string): string {
  return `sub/${provider}/${digest(subject)}`;
}

/** Lists one more session and returns the handles of those that made room: the caller ends them. */
export async function addToIndex(
  store: Store,
  { key, ttl }: IndexKey,
  added: Listed & { readonly now: number },
): Promise<readonly string[]> {
  let dropped: readonly Listed[] = [];
  await amend(store, key, ttl, (text) => {
    const all = [...unexpired(text, added.now), added];
    dropped = all.slice(0, -MOST_LISTED);
    return write(all.slice(-MOST_LISTED));
  });
  return dropped.map(({ handle }) => handle);
}

/** Takes a session from the list. */
export async function removeFromIndex(
  store: Store,
  { key, ttl }: IndexKey,
  { handle, now }: { handle: string; now: number },
): Promise<void> {
  await amend(store, key, ttl, (text) => {
    const left = unexpired(text, now).filter((listed) => listed.handle !== handle);
    return left.length > 0 ? write(left) : undefined;
  });
}

/** The handles in a list, the oldest first. */
export async function readIndex(store: Store, key: string, now: number): Promise<readonly string[]> {
  return unexpired(await store.get(key), now).map(({ handle }) => handle);
}

function write(listed: readonly Listed[]): string {
  return listed.map(({ handle, until }) => `${handle} ${until}`).join('\n');
}

function unexpired(text: string | undefined, now: number): readonly Listed[] {
  return [...(text ?? '').matchAll(/^(\S+) (\d+)$/gm)]
    .map(([, handle = '', until]) => ({ handle, until: Number(until) }))
    .filter(({ until }) => until > now);
}
