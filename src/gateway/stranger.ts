/**
 * Somebody without a session: their browser is led to the sign-in, everything
 * else hears that one is needed. Jitsi hears of neither.
 */
import { Problem } from '../base/problem.ts';
import { redirect } from '../web/respond.ts';
import { isNavigation, send } from './answer.ts';
import type { GatewayParts, Passage } from './parts.ts';

/** Answers a stranger. `to` is where their browser comes back to after signing in. Throws `session.required`. */
export function strangerAt(
  { asked, outgoing }: Passage,
  to: string | undefined,
  { web }: GatewayParts,
): Promise<void> {
  if (!isNavigation(asked)) throw new Problem('session.required');
  web.metrics.count('ostiary_gate_requests_total', { surface: 'page', verdict: 'sign-in' });
  const address = to === undefined ? '' : `?to=${encodeURIComponent(to)}`;
  return send(outgoing, redirect(`${web.places.prefix}/sign-in${address}`));
}
