/**
 * Browsers that have signed in to an account before, so that wrong passwords from elsewhere cannot shut them out.
 *
 * Written after a right password alone: a stranger writes nothing. What is kept names nobody.
 */
import { digest, randomToken } from '../base/random.ts';
import { KNOWN_COOKIE, writeCookie } from './cookies.ts';
import type { WebParts } from './parts.ts';
import type { Visit } from './visit.ts';

/** Seconds after which a browser is a stranger again. */
const LIFETIME = 90 * 86_400;

type Parts = Pick<WebParts, 'attempts'>;

/** Has this browser signed in to this account? Throws `store.unavailable`. */
export async function isKnownBrowser(visit: Visit, account: string, { attempts }: Parts): Promise<boolean> {
  const mark = markOf(visit);
  return mark !== undefined && (await attempts.store.get(keyOf(mark, account))) !== undefined;
}

/** Remembers that it has; the `Set-Cookie` line that lets it show so. Throws `store.unavailable`. */
export async function rememberBrowser(visit: Visit, account: string, { attempts }: Parts): Promise<string> {
  const mark = markOf(visit) ?? randomToken(attempts.random);
  await attempts.store.put(keyOf(mark, account), '1', LIFETIME);
  return writeCookie(KNOWN_COOKIE, mark, LIFETIME);
}

function markOf(visit: Visit): string | undefined {
  const mark = visit.cookies.get(KNOWN_COOKIE);
  return mark !== undefined && /^[\w-]{43}$/.test(mark) ? mark : undefined;
}

function keyOf(mark: string, account: string): string {
  return `known/${digest(`${mark}/${account}`)}`;
}
