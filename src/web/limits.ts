/**
 * How often strangers may knock. Nothing here ever counts the live session of somebody who has signed in.
 *
 * Per browser first, then per address, far above what a campus behind one
 * address needs. In memory: a limit that a restart forgets is still a limit.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../base/problem.ts';
import { limitKey } from './origin.ts';

/** What may be limited. */
export type Limited = 'sign-in' | 'pass' | 'logout-token' | 'saml' | 'link' | 'exchange' | 'guest' | 'invite';

/** What is counted by its failures alone: who holds the right secret, or the right link, may ask as often as their own limit says. */
export type Guessed = 'client' | 'invite';

/** Attempts a minute. */
export interface LimitOptions {
  readonly perBrowser: number;
  readonly perAddress: number;
  /** Tries at an entry code, per address: a person needs few, a guesser many. */
  readonly passes: number;
  /** Failed proofs of an application, and invitations there are none of, per address; each for itself. */
  readonly guesses: number;
  /** Tokens one application may ask for. */
  readonly perApp: number;
  /** Wrong passwords for one account from one browser or address, in a quarter of an hour. */
  readonly wrongPerAccount: number;
  /** Wrong passwords from one address, in a quarter of an hour. */
  readonly wrongPerAddress: number;
}

/** Whose password is tried, and from where. */
export interface PasswordTry {
  readonly account: string;
  readonly address: string;
  /** What tells browsers apart. */
  readonly browser: string;
  /** Has this browser signed in to this account before? Then nobody elsewhere can shut it out. */
  readonly known: () => Promise<boolean>;
}

/** A password that counts as wrong. */
export interface CountedTry {
  /** It was right: whatever was wrong before is forgiven. */
  right(): Promise<void>;
  /** Nobody judged it: it counts for nothing, and forgives nothing. */
  notJudged(): Promise<void>;
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
  /** Counts a password as wrong until what it gives says otherwise. Throws `request.too-many`. */
  tryPassword(of: PasswordTry): Promise<CountedTry>;
  /**
   * Counts one time that somebody who only gave a name stands at a door, by the id of the person: each is written down,
   * and a name costs nothing. Throws `request.too-many`.
   */
  countGuest(person: string): Promise<void>;
  /** Counts one token an application asks for, by its name. Throws `request.too-many`. */
  countApp(name: string): Promise<void>;
}

/** So often in a minute one guest stands at a door: far more than reloading and a bad network come to. */
const DOORS = 60;
/** Seconds in which guests of one address are counted together. */
const HOUR = 3600;

/** Makes the limits of one process. */
export function createLimits(options: LimitOptions): Limits {
  const perMinute = (points: number) => new RateLimiterMemory({ points, duration: 60 });
  const browsers = perMinute(options.perBrowser);
  const addresses = perMinute(options.perAddress);
  // A guest is kept for half a day and costs a stranger nothing: what one address makes is counted for longer.
  const guests = new RateLimiterMemory({ points: options.perAddress, duration: HOUR });
  const passes = perMinute(options.passes);
  const guesses = perMinute(options.guesses);
  const apps = perMinute(options.perApp);
  const doors = perMinute(DOORS);
  const tryPassword = passwordTries(options);
  return {
    count: async (what, { address, browser }) => {
      const from = `${what}/${limitKey(address)}`;
      if (what === 'pass') await consume(passes, from);
      // An address that has had its share is not even remembered by browser: made-up browsers cost memory.
      const byAddress = what === 'guest' ? guests : addresses;
      const spent = await byAddress.get(from);
      if (spent && spent.remainingPoints === 0) throw tooMany(spent);
      if (browser !== undefined) await consume(browsers, `${what}/${browser}`);
      await consume(byAddress, from);
    },
    notBarred: async (what, { address }) => {
      const spent = await guesses.get(`${what}/${limitKey(address)}`);
      if (spent && spent.remainingPoints <= 0) throw tooMany(spent);
    },
    failed: async (what, { address }) => void (await guesses.penalty(`${what}/${limitKey(address)}`)),
    tryPassword,
    countGuest: (person) => consume(doors, person),
    countApp: (name) => consume(apps, name),
  };
}

/** Seconds in which wrong passwords are counted together. */
const QUARTER = 900;
/** So many times what one browser may is what all together may. */
const EVERYWHERE = 10;

/**
 * Per browser and account first, so that one guesser shuts out themselves. Made-up browsers and addresses meet the
 * count of the account as a whole, which does not hold for a browser that has been there before.
 */
function passwordTries({ wrongPerAccount, wrongPerAddress }: LimitOptions): Limits['tryPassword'] {
  const of = (points: number) => new RateLimiterMemory({ points, duration: QUARTER });
  const [pairs, accounts, addresses] = [
    of(wrongPerAccount),
    of(wrongPerAccount * EVERYWHERE),
    of(wrongPerAddress),
  ];
  return async ({ account, address, browser, known }) => {
    const from = limitKey(address);
    const [byBrowser, byAddress] = [`b/${account}/${browser}`, `a/${account}/${from}`];
    const spent = await addresses.get(from);
    if (spent && spent.remainingPoints <= 0) throw tooMany(spent);
    await consume(pairs, byBrowser);
    const strange = !(await known());
    if (strange) {
      await consume(pairs, byAddress);
      await consume(accounts, account);
    }
    await consume(addresses, from);
    const back = async () => {
      await addresses.reward(from);
      if (strange) await accounts.reward(account);
    };
    return {
      right: async () => {
        await back();
        await pairs.delete(byBrowser);
        if (strange) await pairs.delete(byAddress);
      },
      notJudged: async () => {
        await back();
        await pairs.reward(byBrowser);
        if (strange) await pairs.reward(byAddress);
      },
    };
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
