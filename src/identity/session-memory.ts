/**
 * Parsed sessions of the last second: the hot path reads these instead of the store.
 *
 * Bounded in number and time. Remembers no "no", so that a stranger's ids fill nothing.
 */
import type { Clock } from '../base/clock.ts';
import type { Session } from './session-record.ts';

/** A parsed session and the text it was parsed from, which changing it needs. */
export interface Held {
  readonly raw: string;
  readonly session: Session;
  /** Somebody is writing its use down already. */
  writing?: boolean;
}

/** A bounded map of one second. */
export interface SessionMemory {
  /** What is remembered at this time, in milliseconds. */
  get(handle: string, now: number): Held | undefined;
  /** What was remembered last, however long ago: no answer, but its text need not be parsed twice. */
  last(handle: string): Held | undefined;
  /** Call before asking the store; what it answered is remembered unless somebody said `forget` in between. */
  reading(handle: string): (held: Held) => Held;
  forget(handle: string): void;
}

/** Makes the memory. `seconds` is how long an entry is believed, `most` how many there are at most. */
export function createSessionMemory({
  clock,
  seconds,
  most,
}: {
  clock: Clock;
  seconds: number;
  most: number;
}): SessionMemory {
  const entries = new Map<string, Held & { readonly readAt: number }>();
  let forgotten = 0;

  return {
    get(handle, now) {
      const entry = entries.get(handle);
      if (entry === undefined) return undefined;
      const age = now - entry.readAt;
      return age >= 0 && age < seconds * 1000 ? entry : undefined;
    },
    last: (handle) => entries.get(handle),
    reading(handle) {
      // From the question, not the answer: an end in between must be felt in time.
      const readAt = clock.now();
      const before = forgotten;
      return (held) => {
        const entry = { ...held, readAt };
        if (forgotten !== before) return entry;
        entries.delete(handle);
        entries.set(handle, entry);
        const oldest = entries.keys().next().value;
        if (entries.size > most && oldest !== undefined) entries.delete(oldest);
        return entry;
      };
    },
    forget(handle) {
      forgotten += 1;
      entries.delete(handle);
    },
  };
}
