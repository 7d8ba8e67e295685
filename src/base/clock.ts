/**
 * The time of day as an argument, so that rules about time need no mock.
 */

/** Tells the time in milliseconds since 1970, as `Date.now` does. */
export interface Clock {
  now(): number;
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** A clock that stands still until it is told to move. */
export interface FixedClock extends Clock {
  /** Moves the clock by so many seconds, back if negative. */
  advance(seconds: number): void;
}

/** Makes a clock that stands at `start` (an ISO 8601 date or milliseconds). */
export function fixedClock(start: string | number = '2026-03-02T09:00:00Z'): FixedClock {
  let at = typeof start === 'number' ? start : Date.parse(start);
  return {
    now: () => at,
    advance: (seconds) => {
      at += seconds * 1000;
    },
  };
}

/** The clock's time in whole seconds since 1970, as JSON Web Tokens tell it (RFC 7519, section 2, NumericDate). */
export function unixSeconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}
