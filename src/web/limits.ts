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
export type Limited = 'sign-in' | 'pass' | 'logout-token' | 'saml' | 'link' | 'exchange';

/** What is counted by its failures alone: who holds the right secret may ask as often as their own limit says. */
export type Guessed = 'client';

/** Attempts a minute. */
export interface LimitOptions {
  readonly perBrowser: number;
  readonly perAddress: number;
  /** Tries at an entry code, per address: a person needs few, a guesser many. */
  readonly passes: number;
  /** Failed proofs of an application, per address. */
  readonly guesses: number;
  /** Tokens one application may ask for. */
  readonly perApp: number;
}

/** Counts attempts. */
export interface Limits {
  /** Counts one attempt. Throws `request.too-many`, whose fact `retryAfter` is in seconds. */
  count(
    what: Limited,
    from: { readonly address: string; readonly browser?: string | undefined },
  ): Promise<void>;
  /** Throws `request.too-many` for an address that has failed too often; counts nothing. */
  notBarred(what: Guessed, from: { readonly address: string }): Promise<void>;
  /** Counts one failure. */
  failed(what: Guessed, from: { readonly address: string }): Promise<void>;
  /** Counts one token an application asks for, by its name. Throws `request.too-many`. */
  countApp(name: string): Promise<void>;
}

/** Makes the limits of one process. */
export function createLimits(options: LimitOptions): Limits {
  const perMinute = (points: number) => new RateLimiterMemory({ points, duration: 60 });
  const browsers = perMinute(options.perBrowser);
  const addresses = perMinute(options.perAddress);
  const passes = perMinute(options.passes);
  const guesses = perMinute(options.guesses);
  const apps = perMinute(options.perApp);
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
    notBarred: async (what, { address }) => {
      const spent = await guesses.get(`${what}/${limitKey(address)}`);
      if (spent && spent.remainingPoints <= 0) throw tooMany(spent);
    },
    failed: async (what, { address }) => void (await guesses.penalty(`${what}/${limitKey(address)}`)),
    countApp: (name) => consume(apps, name),
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
