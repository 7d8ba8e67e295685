/**
 * How often strangers may knock. Nothing here ever counts a live session.
 *
 * Per browser first, then per address, far above what a campus behind one
 * address needs. In memory: a limit that a restart forgets is still a limit.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../base/problem.ts';
import { limitKey } from './origin.ts';

/** What may be limited. */
export type Limited = 'sign-in' | 'pass' | 'logout-token';

/** Attempts a minute. */
export interface LimitOptions {
  readonly perBrowser: number;
  readonly perAddress: number;
  /** Tries at an entry code, per address: a person needs few, a guesser many. */
  readonly passes: number;
}

/** Counts attempts. */
export interface Limits {
  /** Counts one attempt. Throws `request.too-many`, whose fact `retryAfter` is in seconds. */
  count(
    what: Limited,
    from: { readonly address: string; readonly browser?: string | undefined },
  ): Promise<void>;
}

/** Makes the limits of one process. */
export function createLimits(options: LimitOptions): Limits {
  const perMinute = (points: number) => new RateLimiterMemory({ points, duration: 60 });
  const browsers = perMinute(options.perBrowser);
  const addresses = perMinute(options.perAddress);
  const passes = perMinute(options.passes);
  return {
    count: async (what, { address, browser }) => {
      const from = `${what}/${limitKey(address)}`;
      if (what === 'pass') await consume(passes, from);
      // An address that has had its share is not even remembered by browser: made-up browsers cost memory.
      const spent = await addresses.get(from);
      if (spent && spent.remainingPoints === 0) throw tooMany(spent);
      if (browser !== undefined) await consume(browsers, `${what}/${browser}`);
      await consume(addresses, from);
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (refused instanceof RateLimiterRes) throw tooMany(refused);
    throw refused;
  }
}

function tooMany({ msBeforeNext }: RateLimiterRes): Problem {
  return new Problem('request.too-many', { retryAfter: Math.max(1, Math.ceil(msBeforeNext / 1000)) });
}
