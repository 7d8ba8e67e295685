/**
 * Files and everything else for which being signed in is enough: no rule is
 * asked, no room is needed, nothing is minted.
 */
import type { Arrival, Asked } from '../admission/arrival.ts';
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import { withoutTokens } from './carry-token.ts';
import { towardsAnybody, towardsOne, towardsUpstream } from './headers.ts';
import { machineAt } from './machine.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { strangerAt } from './stranger.ts';
import { surfaceOf } from './surface.ts';

/** Lets a signed-in person's request through; strangers come back to the front page after signing in. */
export function behindSession(passage: Passage, parts: GatewayParts): Soon<GateVerdict> {
  const arrival: Arrival = { asked: passage.asked, wants: { kind: 'asset' } };
  return whenThere(parts.web.admit(arrival), (outcome) => {
    if (outcome.kind === 'seen') return through(passage, parts);
    return machineAt(passage, 'assets', parts)
      ? through(passage, parts, 'machine')
      : strangerAt(passage, parts);
  });
}

/**
 * Streams the request to Jitsi's web server and its answer back. What is not open to everybody is for this one
 * alone, and no cache in front of us shows it to others.
 */
export function through(
  { incoming, outgoing, asked }: Passage,
  parts: GatewayParts,
  verdict: 'passed' | 'machine' | 'open' = 'passed',
): Promise<GateVerdict> {
  if (verdict === 'passed') requireOwnPage(asked, parts);
  const { path, query, method, address } = asked;
  const kept = withoutTokens(query);
  const ask = {
    to: 'web',
    method,
    path: kept === '' ? path : `${path}?${kept}`,
    headers: towardsUpstream(incoming.rawHeaders, { front: parts.front, address }),
  } as const;
  const answered = verdict === 'open' ? towardsAnybody : towardsOne;
  return parts.upstream.pass({ incoming, outgoing }, ask, answered).then(() => verdict);
}

/** Methods that change nothing. @see RFC 9110, section 9.2.1 */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A session comes along from every page of every host beside ours, and no service behind us asks where from: so
 * nothing is changed, and no service spoken to, for a page that is not ours. Throws `request.cross-site`.
 */
export function requireOwnPage({ method, path, header }: Asked, { web }: Pick<GatewayParts, 'web'>): void {
  const origin = header('origin');
  // Who follows a link or shows a picture names no origin, and reads nothing of it.
  if (SAFE.has(method) && (origin === undefined || surfaceOf(path).kind !== 'socket')) return;
  const isNamed = origin === undefined || web.places.origins.has(origin);
  if (isNamed && ['none', 'same-origin'].includes(header('sec-fetch-site') ?? 'none')) return;
  throw new Problem('request.cross-site', { origin: origin === undefined ? 'absent' : 'foreign' });
}
