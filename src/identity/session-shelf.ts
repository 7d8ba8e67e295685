/**
 * Where sessions stand: the store, and in front of it a memory of one second.
 *
 * Every change is a swap, so a session that ended meanwhile is never revived.
 * Knows handles only: who may read which, and why one ends, is session.ts.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';
import type { Soon } from '../base/soon.ts';
import type { Store } from '../base/store.ts';
import { createSessionMemory, type Held } from './session-memory.ts';
import {
  endsAt,
  hasRunOut,
  isLive,
  readSession,
  type Session,
  type SessionLimits,
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

/** Live sessions by handle. Every method throws what the store throws. */
export interface SessionShelf {
  put(session: Session): Promise<void>;
  peek(handle: string): Promise<Session | undefined>;
  /** As `peek`, and counts as use: written down once a minute at most. At once where it is remembered and nothing is due. */
  use(handle: string): Soon<Session | undefined>;
  /** Removes and returns it; undefined if it was gone already. */
  take(handle: string): Promise<Session | undefined>;
  /** Changes it in one step; undefined if it is gone. */
  change(handle: string, to: (session: Session) => Session): Promise<Session | undefined>;
  /** Which of these live, read from the store in slices. */
  stillLive(handles: readonly string[]): Promise<ReadonlySet<string>>;
  list(): Promise<readonly Session[]>;
}

/** Seconds between two writings of a session in use. */
const WRITE_BACK = 60;
/** Seconds a session that has run out is kept, so that one who asks removes it and a clock moved back finds nothing. */
const AFTERWARDS = 86_400;
const ATTEMPTS = 20;
const SLICE = 100;
const PREFIX = 'session/';

/** Makes the shelf. */
export function createSessionShelf({ store, clock, options, ...bounds }: ShelfParts): SessionShelf {
  const memory = createSessionMemory({ clock, seconds: bounds.memory, most: bounds.maxRemembered });
  const writeBack = Math.min(WRITE_BACK, Math.ceil(options.idle / 4));
  const now = () => unixSeconds(clock);
  const live = (session: Session) => isLive(session, now(), options);
  const ttl = (session: Session) => Math.max(0, endsAt(session, options) - now()) + AFTERWARDS;

  async function load(handle: string): Promise<Held | undefined> {
    const remember = memory.reading(handle);
    const raw = await store.get(PREFIX + handle);
    const session = raw === undefined ? undefined : readSession(handle, raw);
    return raw === undefined || session === undefined ? undefined : remember({ raw, session });
  }

  async function recall(handle: string): Promise<Held | undefined> {
    const held = memory.get(handle) ?? (await load(handle));
    if (held === undefined || live(held.session)) return held;
    memory.forget(handle);
    // What has run out stays so, even if the clock is moved back.
    if (hasRunOut(held.session, now(), options))
      await unlessFull(store.swap(PREFIX + handle, held.raw, undefined, 1));
    return undefined;
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

  const written = ({ writing, session }: Held) => writing || now() - session.seenAt < writeBack;

  async function look(handle: string): Promise<Session | undefined> {
    const held = await recall(handle);
    return held === undefined || written(held) ? held?.session : slide(held);
  }

  return {
    put: (session) => store.put(PREFIX + session.handle, writeSession(session), ttl(session)),
    peek: async (handle) => (await recall(handle))?.session,
    use(handle) {
      const held = memory.get(handle);
      return held !== undefined && live(held.session) && written(held) ? held.session : look(handle);
    },
    async take(handle) {
      const raw = await store.take(PREFIX + handle);
      memory.forget(handle);
      return raw === undefined ? undefined : readSession(handle, raw);
    },
    async change(handle, to) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const raw = await store.get(PREFIX + handle);
        const session = raw === undefined ? undefined : readSession(handle, raw);
        if (session === undefined || !live(session)) return undefined;
        const next = Object.freeze(to(session));
        const written = await store.swap(PREFIX + handle, raw, writeSession(next), ttl(next));
        memory.forget(handle);
        if (written) return next;
      }
      throw new Problem('store.unavailable', { why: 'contention' });
    },
    stillLive: (handles) => stillLive(store, handles, live),
    async list() {
      const entries = await store.list(PREFIX);
      return entries
        .flatMap(({ key, value }) => readSession(key.slice(PREFIX.length), value) ?? [])
        .filter(live);
    },
  };
}

async function stillLive(
  store: Store,
  handles: readonly string[],
  live: (session: Session) => boolean,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let from = 0; from < handles.length; from += SLICE) {
    const slice = handles.slice(from, from + SLICE);
    const texts = await Promise.all(slice.map((handle) => store.get(PREFIX + handle)));
    for (const [at, handle] of slice.entries()) {
      const session = readSession(handle, texts[at] ?? '');
      if (session !== undefined && live(session)) found.add(handle);
    }
  }
  return found;
}

/** Undefined where the store could not write; every other failure stays one. */
async function unlessFull(writing: Promise<boolean>): Promise<boolean | undefined> {
  try {
    return await writing;
  } catch (cause) {
    if (isProblem(cause, 'store.full')) return undefined;
    throw cause;
  }
}
