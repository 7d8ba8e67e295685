/**
 * Did this form come from a page of ours? Pure.
 */
import type { Asked } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';

/**
 * Throws `request.cross-site` unless the browser says that one of our own pages
 * sent the form. A browser that sends no `Origin` must say so in `Sec-Fetch-Site`.
 * @see RFC 6454, section 7; Fetch Metadata Request Headers, section 2
 */
export function requireSameOrigin(asked: Asked, origins: ReadonlySet<string>): void {
  const origin = asked.header('origin');
  const site = asked.header('sec-fetch-site');
  const ours =
    origin === undefined
      ? site === 'same-origin'
      : origins.has(origin) && (site === undefined || site === 'same-origin');
  if (!ours) throw new Problem('request.cross-site', { origin: origin === undefined ? 'absent' : 'foreign' });
  // Only what a form of ours sends: a script elsewhere may send text/plain without being asked about it.
  const type = asked.header('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded(?:;\s?charset=utf-8)?$/i.test(type))
    throw new Problem('request.cross-site', { type: 'other' });
}
