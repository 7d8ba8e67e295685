/**
 * Jitsi's clients of before May 2024 lead whom they could not let in to
 * `static/authError.html`, which no Jitsi has any more: here it is ours.
 */
import type { GateVerdict } from '../base/metrics.ts';
import { Problem } from '../base/problem.ts';
import { roomPath } from '../base/room.ts';
import { jitsiFailed, roomBefore } from '../web/jitsi-failure.ts';
import { redirect } from '../web/respond.ts';
import { send, visitAt } from './answer.ts';
import type { GatewayParts, Passage } from './parts.ts';

/** Its path, without the tenant. */
export const AUTH_ERROR = '/static/authError.html';

/** Answers with the page. The client leaves what stood in the address as it was, a token too: that goes first. */
export async function authError({ asked, outgoing }: Passage, { web }: GatewayParts): Promise<GateVerdict> {
  if (asked.method !== 'GET' && asked.method !== 'HEAD') throw new Problem('request.method');
  const visit = visitAt(asked, web);
  const room = roomBefore(visit, web);
  if (asked.query !== '') {
    const about = new URLSearchParams({ ...(room && { to: roomPath(room) }), code: 'jitsi.refused' });
    return send(outgoing, redirect(`${web.places.prefix}/problem?${about}#`), 'moved');
  }
  return send(outgoing, await jitsiFailed(visit, { code: 'jitsi.refused', room }, web), 'jitsi.refused');
}
