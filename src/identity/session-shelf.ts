/**
 * Where sessions stand: the store, and in front of it a memory of one second.
 *
 * Every change is a swap, so a session that ended meanwhile is never revived.
 * Knows handles only: who may read which, and why one ends, is session.ts.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import type { Store } from '../base/store.ts';
import { createAfterwards, PREFIX, unlessFull } from './session-afterwards.ts';
import { createSessionMemory, type Held } from './session-memory.ts';
import {
  isLive,
  keptFor,
  readSession,
  type Session,
  type SessionLimits,
  type Standing,
  standingOf,
  writeSession,
} from './session-record.ts';

/** What a shelf is made of. `memory` in seconds. */
export interface ShelfParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly options: SessionLimits;
  readonly memory: number;
  readonly maxRemembered: number;
}

/** Sessions by handle. Every method throws what the store throws. */
export interface SessionShelf {
  put(session: Session): Promise<void>;
  peek(handle: string): Promise<Session | undefined>;
  /** As `peek`, and counts as use: written down once a minute at most. At once where it is remembered and nothing is due. */
  use(handle: string): Soon<Session | undefined>;
  /** One that ran out by time, until its grace is over. */
  ranOut(handle: string): Promise<Session | undefined>;
  /** Removes and returns it; undefined if it was gone already. */
  take(handle: string): Promise<Session | undefined>;
  /** Changes one in one step, which lives or ran out as this one did; undefined if it is gone, or ran out meanwhile. */
  change(session: Session, to: (session: Session) => Session): Promise<Session | undefined>;
  /** How these stand, read from the store in slices. */
  standing(handles: readonly string[]): Promise<ReadonlyMap<string, Standing>>;
  list(): Promise<readonly Session[]>;
}

/** Seconds between two writings of a session in use. */
const WRITE_BACK = 60;
const ATTEMPTS = 20;

/** Makes the shelf. */
export function createSessionShelf({ store, clock, options, ...bounds }: ShelfParts): SessionShelf {
  const memory = createSessionMemory({ clock, seconds: bounds.memory, most: bounds.maxRemembered });
  const writeBack = Math.min(WRITE_BACK, Math.ceil(options.idle / 4));
  const now = () => unixSeconds(clock);
  const live = (session: Session, at = now()) => isLive(session, at, options);
  const ttl = (session: Session) => keptFor(session, now(), options);
  const { mark, ...afterwards } = createAfterwards({ store, clock, options });

  async function load(handle: string): Promise<Held | undefined> {
    const before = memory.last(handle);
    const remember = memory.reading(handle);
    const raw = await store.get(PREFIX + handle);
    // The same text says the same, and need not be parsed once a second.
    const session = before?.raw === raw ? before?.session : readSession(handle, raw ?? '');
    if (raw !== undefined && session !== undefined) return remember({ raw, session });
    if (before !== undefined) memory.forget(handle);
    return undefined;
  }

  function recall(handle: string): Soon<Held | undefined> {
    return recallAt(handle, clock.now());
  }

  function recallAt(handle: string, at: number): Soon<Held | undefined> {
    const held = memory.get(handle, at);
    if (held !== undefined) return live(held.session, Math.floor(at / 1000)) ? held : drop(held);
    return load(handle).then((read) => (read === undefined || live(read.session) ? read : drop(read)));
  }

  async function drop(held: Held): Promise<undefined> {
    memory.forget(held.session.handle);
    await mark(held);
  }

  async function slide(held: Held): Promise<Session | undefined> {
    held.writing = true;
    const { handle } = held.session;
    const session = Object.freeze({ ...held.session, seenAt: now() });
    const raw = writeSession(session);
    const remember = memory.reading(handle);
    const written = await unlessFull(store.swap(PREFIX + handle, held.raw, raw, ttl(session)));
    // A full disk ends nobody's session: reading is enough to know them.
    if (written === undefined) return held.session;
    if (written) return remember({ raw, session }).session;
    // Somebody changed or ended it in between.
    memory.forget(handle);
    return (await recall(handle))?.session;
  }

  const written = ({ writing, session }: Held, at: number) =>
    writing || Math.floor(at / 1000) - session.seenAt < writeBack;

  return {
    ...afterwards,
    put: (session) => store.put(PREFIX + session.handle, writeSession(session), ttl(session)),
    peek: async (handle) => (await recall(handle))?.session,
    use(handle) {
      // One look at the clock: every request comes this way.
      const at = clock.now();
      return whenThere(recallAt(handle, at), (held) =>
        held === undefined || written(held, at) ? held?.session : slide(held),
      );
    },
    async take(handle) {
      const raw = await store.take(PREFIX + handle);
      memory.forget(handle);
      return raw === undefined ? undefined : readSession(handle, raw);
    },
    async change({ handle, ranOutAt: over }, to) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const raw = await store.get(PREFIX + handle);
        const session = raw === undefined ? undefined : readSession(handle, raw);
        if (session === undefined || session.ranOutAt !== over) return undefined;
        if (over === undefined ? !live(session) : standingOf(session, now(), options) === 'gone')
          return undefined;
        const next = Object.freeze(to(session));
        const written = await store.swap(PREFIX + handle, raw, writeSession(next), ttl(next));
        memory.forget(handle);
        if (written) return next;
      }
      throw new Problem('store.unavailable', { why: 'contention' });
    },
    async list() {
      const entries = await store.list(PREFIX);
      return entries
        .flatMap(({ key, value }) => readSession(key.slice(PREFIX.length), value) ?? [])
        .filter((session) => live(session));
    },
  };
}
