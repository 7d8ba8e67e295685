/**
 * What becomes of a session whose time ran out: it is marked, so that it never
 * lives again, and kept for connections that are open until its grace is over.
 *
 * Straight from the store, never from memory: an open connection must feel an end.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import type { Store } from '../base/store.ts';
import type { Held } from './session-memory.ts';
import {
  keptFor,
  ranOutAt,
  readSession,
  type Session,
  type SessionLimits,
  type Standing,
  standingOf,
  writeSession,
} from './session-record.ts';

/** What it works with. */
export interface AfterwardsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly options: SessionLimits;
}

/** Every method throws what the store throws. */
export interface Afterwards {
  /** Writes down that this one's time ran out, if it did: it stays so even if the clock is moved back. */
  mark(held: Held): Promise<void>;
  /** One that ran out by time, until its grace is over. */
  ranOut(handle: string): Promise<Session | undefined>;
  /** How these stand, read in slices. */
  standing(handles: readonly string[]): Promise<ReadonlyMap<string, Standing>>;
}

/** Where sessions stand in the store. */
export const PREFIX = 'session/';
const SLICE = 100;
/** More sessions than that have no open connection at one time on one node. */
const MOST_PARSED = 20_000;

/** Makes it. */
export function createAfterwards({ store, clock, options }: AfterwardsParts): Afterwards {
  const now = () => unixSeconds(clock);
  /** What was read last: it is looked at once a second, and the same text says the same. */
  const parsed = new Map<string, Held>();

  function read(handle: string, raw: string): Session | undefined {
    const before = parsed.get(handle);
    if (before?.raw === raw) return before.session;
    const session = readSession(handle, raw);
    if (session === undefined) return undefined;
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(handle, { raw, session });
    return session;
  }

  async function mark({ raw, session }: Held): Promise<void> {
    const at = ranOutAt(session, now(), options);
    const over = at !== undefined && now() >= at + options.grace;
    if (at === undefined || (at === session.ranOutAt && !over)) return;
    const marked = { ...session, ranOutAt: at };
    const next = over ? undefined : writeSession(marked);
    await unlessFull(store.swap(PREFIX + session.handle, raw, next, keptFor(marked, now(), options)));
  }

  async function found(handle: string): Promise<Session | undefined> {
    const raw = await store.get(PREFIX + handle);
    if (raw === undefined) parsed.delete(handle);
    const session = raw === undefined ? undefined : read(handle, raw);
    if (raw === undefined || session === undefined) return undefined;
    await mark({ raw, session });
    return session;
  }

  return {
    mark,
    async ranOut(handle) {
      const session = await found(handle);
      if (session === undefined || standingOf(session, now(), options) === 'gone') return undefined;
      const at = ranOutAt(session, now(), options);
      return at === undefined ? undefined : Object.freeze({ ...session, ranOutAt: at });
    },
    standing: (handles) =>
      inSlices(handles, async (handle) => standingOf(await found(handle), now(), options)),
  };
}

async function inSlices<T>(
  handles: readonly string[],
  ask: (handle: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  for (let from = 0; from < handles.length; from += SLICE) {
    const slice = handles.slice(from, from + SLICE);
    const answers = await Promise.all(slice.map(async (handle) => [handle, await ask(handle)] as const));
    for (const [handle, answer] of answers) found.set(handle, answer);
  }
  return found;
}

/** Undefined where the store could not write; every other failure stays one. */
export async function unlessFull(writing: Promise<boolean>): Promise<boolean | undefined> {
  try {
    return await writing;
  } catch (cause) {
    if (isProblem(cause, 'store.full')) return undefined;
    throw cause;
  }
}
