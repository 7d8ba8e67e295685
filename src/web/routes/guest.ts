/**
 * Entering without an account, where the rules let such people in: a name makes a session, which opens what the rules
 * leave open to guests and nothing else.
 */
import { Problem } from '../../base/problem.ts';
import { roomPath } from '../../base/room.ts';
import { guestCalled } from '../../identity/guest.ts';
import { SESSION_COOKIE, writeCookie } from '../cookies.ts';
import { clientOfGoal, goalText, readGoal, roomOfGoal } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { probeOf } from '../probe.ts';
import { redirect, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import { sessionHere } from '../session-here.ts';
import { afterSignIn } from '../sign-in-ways.ts';
import { single, type Visit } from '../visit.ts';

/** The route of guests. */
export function guestRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/guest',
      on: ['public'],
      from: 'our own form',
      does: 'makes a session for somebody who gives a name, where the rules let guests into the room',
      handle: (visit) => enter(visit, parts),
    },
  ];
}

async function enter(visit: Visit, parts: WebParts): Promise<Response> {
  const { asked } = visit;
  const fields = await visit.form();
  const goal = readGoal(single(fields, 'to'));
  const room = roomOfGoal(goal);
  if (room === undefined) throw new Problem('room.missing');
  const probed = probeOf(visit);
  if (probed === undefined) throw new Problem('sign-in.no-cookie');
  await parts.limits.count('guest', { address: asked.address, browser: probed });
  const outcome = await parts.admit({ asked, wants: { kind: 'enter', room }, ...clientOfGoal(goal) });
  // Who is somebody already goes on as that; who must sign in here is told so where it is done.
  if (outcome.kind !== 'sign-in') return redirect(afterSignIn(goal, parts), { status: 303 });
  if (!outcome.guests)
    return redirect(
      `${parts.places.prefix}/sign-in?auto=0&to=${encodeURIComponent(goalText(goal, roomPath))}`,
      {
        status: 303,
      },
    );
  const person = guestCalled(single(fields, 'name') ?? '', parts.attempts.random);
  if (person === undefined) throw new Problem('guest.name');
  const before = await sessionHere(visit, parts);
  if (before) await parts.sessions.end(before.session.handle, 'replaced');
  const { id } = await parts.sessions.issue({ person }, { address: asked.address });
  await parts.audit.record({
    at: parts.clock.now(),
    event: 'guest-named',
    person: person.id,
    ...(person.name !== undefined && { name: person.name }),
    room: room.name,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    ...visitFacts(visit),
  });
  return redirect(afterSignIn(goal, parts), {
    status: 303,
    cookies: [writeCookie(SESSION_COOKIE, id.reveal(), parts.sessionLifetime)],
  });
}
