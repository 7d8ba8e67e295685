/**
 * Files and everything else for which being signed in is enough: no rule is
 * asked, no room is needed, nothing is minted.
 */
import type { Arrival } from '../admission/arrival.ts';
import type { GateVerdict } from '../base/metrics.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import { withoutTokens } from './carry-token.ts';
import { towardsAnybody, towardsOne, towardsUpstream } from './headers.ts';
import { machineAt } from './machine.ts';
import type { GatewayParts, Passage } from './parts.ts';
import { strangerAt } from './stranger.ts';

/** Lets a signed-in person's request through; strangers come back to the front page after signing in. */
export function behindSession(passage: Passage, parts: GatewayParts): Soon<GateVerdict> {
  const arrival: Arrival = { asked: passage.asked, wants: { kind: 'asset' }, client: 'browser' };
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
