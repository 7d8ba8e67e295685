/**
 * When a value expires, the same in every adapter.
 */
import type { Clock } from '../base/clock.ts';

/**
 * When a value kept now for `ttl` seconds expires, in milliseconds since 1970.
 * Throws a RangeError for what is no finite number: a value that never expires is a bug.
 */
export function expiry(clock: Clock, ttl: number): number {
  if (!Number.isFinite(ttl))
    throw new RangeError('every value expires: ttl must be a finite number of seconds');
  return Math.min(Math.round(clock.now() + ttl * 1000), Number.MAX_SAFE_INTEGER);
}
