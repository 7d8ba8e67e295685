/**
 * A brake before XMPP starts: after a restart everybody comes back at once, and
 * Prosody takes some fifty joins a second. The others wait their turn here.
 */
import type { Clock } from '../base/clock.ts';
import { Problem } from '../base/problem.ts';

/** Lets starts through, so many a second. */
export interface Brake {
  /** Milliseconds until it is this one's turn. Throws `request.too-many` where that would be too late for its client. */
  turn(): number;
}

/** Seconds after which Jitsi's client has given up. @see lib-jitsi-meet, modules/xmpp/xmpp.ts */
const LONGEST_WAIT = 20;

/** Makes the brake; without a number everybody passes at once. */
export function createBrake(clock: Clock, perSecond: number | undefined): Brake {
  if (perSecond === undefined) return { turn: () => 0 };
  const gap = 1000 / perSecond;
  let free = 0;
  return {
    turn() {
      const now = clock.now();
      const ahead = Math.max(0, free - now);
      if (ahead > LONGEST_WAIT * 1000)
        throw new Problem('request.too-many', { retryAfter: Math.ceil(ahead / 1000) });
      free = now + ahead + gap;
      return ahead;
    },
  };
}
