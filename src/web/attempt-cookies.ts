/**
 * How many sign-ins a browser may have under way at once, and which of them go.
 *
 * Requests sent at the same moment do not carry what the others are being given,
 * so what was handed out is remembered by browser too: however many tabs are
 * restored at once, the answers to the later ones take the older away. Servers in
 * front refuse a long Cookie header before we hear of it, and then nobody could
 * take anything away.
 */
import { ATTEMPT_LIFETIME } from '../admission/sign-in.ts';
import { ATTEMPT_COOKIE, writeCookie } from './cookies.ts';

/** More than the tabs somebody restores at once and means to use. */
const MOST_ATTEMPTS = 16;
/** Together they stay under this, because servers in front refuse headers over 8 kB. */
const MOST_BYTES = 5_500;
/** So many browsers are remembered. A forgotten one still shows what it carries. */
const MOST_BROWSERS = 10_000;

/** Hands out the cookies of attempts. */
export interface AttemptCookies {
  /** The `Set-Cookie` lines that give this browser one more attempt, and take the oldest away where they are too many. */
  add(attempt: {
    readonly id: string;
    readonly sealed: string;
    /** What tells browsers apart. */
    readonly browser: string;
    /** What this request carries. */
    readonly cookies: ReadonlyMap<string, string>;
  }): readonly string[];
}

/** Makes the memory of one process. */
export function createAttemptCookies(): AttemptCookies {
  /** By browser, the names handed out, oldest first, and how long each cookie is. */
  const given = new Map<string, ReadonlyMap<string, number>>();
  return {
    add: ({ id, sealed, browser, cookies }) => {
      const name = `${ATTEMPT_COOKIE}${id}`;
      const known = given.get(browser) ?? new Map<string, number>();
      const carried = [...cookies]
        .filter(([other]) => other.startsWith(ATTEMPT_COOKIE) && !known.has(other))
        .map(([other, value]) => [other, other.length + value.length] as const);
      // What came along and is not remembered is older than the rest: the browser names the oldest first.
      const all = [...carried, ...known, [name, name.length + sealed.length] as const];
      const gone = tooMany(all);
      given.delete(browser);
      given.set(browser, new Map(all.slice(gone)));
      const oldest = given.keys().next().value;
      if (given.size > MOST_BROWSERS && oldest !== undefined) given.delete(oldest);
      return [
        ...all.slice(0, gone).map(([other]) => writeCookie(other, '', 0)),
        writeCookie(name, sealed, ATTEMPT_LIFETIME),
      ];
    },
  };
}

/** How many of the first must go. The last is the one that is being begun, and stays. */
function tooMany(attempts: readonly (readonly [string, number])[]): number {
  let bytes = attempts.reduce((sum, [, size]) => sum + size, 0);
  let gone = 0;
  while (gone < attempts.length - 1 && (attempts.length - gone > MOST_ATTEMPTS || bytes > MOST_BYTES)) {
    bytes -= attempts[gone]?.[1] ?? 0;
    gone += 1;
  }
  return gone;
}
