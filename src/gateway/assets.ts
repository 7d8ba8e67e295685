/**
 * Files and everything else for which being signed in is enough: no rule is
 * asked, no room is needed, nothing is minted.
 */
import type { Arrival } from '../admission/arrival.ts';
import { Problem } from '../base/problem.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import { redirect } from '../web/respond.ts';
import { isNavigation, send } from './answer.ts';
import { withoutTokens } from './carry-token.ts';
import { towardsCaller, towardsUpstream } from './headers.ts';
import type { GatewayParts, Passage } from './parts.ts';

/** Lets a signed-in person's request through. `to` is where a stranger's browser comes back to after signing in. */
export function behindSession(passage: Passage, to: string | undefined, parts: GatewayParts): Soon<void> {
  const arrival: Arrival = { asked: passage.asked, wants: { kind: 'asset' }, client: 'browser' };
  return whenThere(parts.web.admit(arrival), (outcome) =>
    outcome.kind === 'seen' ? through(passage, parts) : strangerAt(passage, to, parts),
  );
}

/** Streams the request to Jitsi's web server and its answer back. */
export async function through({ incoming, outgoing, asked }: Passage, parts: GatewayParts): Promise<void> {
  const { path, query, method, address } = asked;
  const kept = withoutTokens(query);
  const ask = {
    to: 'web',
    method,
    path: kept === '' ? path : `${path}?${kept}`,
    headers: towardsUpstream(incoming.rawHeaders, { front: parts.front, address }),
  } as const;
  await parts.upstream.pass({ incoming, outgoing }, ask, towardsCaller);
}

/** A browser is led to the sign-in; everything else hears that one is needed. Jitsi hears of neither. */
export function strangerAt(
  { asked, outgoing }: Passage,
  to: string | undefined,
  parts: GatewayParts,
): Promise<void> {
  if (!isNavigation(asked)) throw new Problem('session.required');
  const { prefix } = parts.web.places;
  const address = to === undefined ? '' : `?to=${encodeURIComponent(to)}`;
  const response = redirect(`${prefix}/sign-in${address}`);
  parts.web.metrics.count('ostiary_gate_requests_total', { surface: 'page', verdict: 'sign-in' });
  return send(outgoing, response);
}
