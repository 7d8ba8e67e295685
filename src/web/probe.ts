/**
 * The cookie by which a browser shows that it keeps cookies. Its value also tells browsers apart for the limits; it is
 * no secret.
 */
import { PROBE_COOKIE } from './cookies.ts';
import type { Visit } from './visit.ts';

/** Seconds for which a browser shows that it keeps cookies. */
export const PROBE_LIFETIME = 3600;

/** What this browser sent back; what we did not write is none. */
export function probeOf(visit: Visit): string | undefined {
  const known = visit.cookies.get(PROBE_COOKIE);
  return known !== undefined && /^[\w-]{22}$/.test(known) ? known : undefined;
}
