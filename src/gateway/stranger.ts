/**
 * Somebody without a session: their browser is led to the sign-in, everything
 * else hears that one is needed. Jitsi hears of neither.
 */
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import type { Soon } from '../base/soon.ts';
import { plainRedirect } from '../web/respond.ts';
import { isNavigation, send } from './answer.ts';
import type { GatewayParts, Passage } from './parts.ts';

/** Answers a stranger. `to` is the room their browser comes back to after signing in; otherwise the front page. Throws `session.required`. */
export function strangerAt({ asked, outgoing }: Passage, { web }: GatewayParts, to = '/'): Soon<GateVerdict> {
  if (!isNavigation(asked)) throw new Problem('session.required');
  return send(
    outgoing,
    plainRedirect(`${web.places.prefix}/sign-in?to=${encodeURIComponent(to)}`),
    'sign-in',
  );
}
