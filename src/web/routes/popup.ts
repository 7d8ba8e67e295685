/**
 * Sign-in in a window that Jitsi's page opened (`tokenAuthInline`), and sign-out
 * in a frame behind it: the page is told by a message to its own origin, which is ours.
 * @see jitsi-meet, react/features/authentication/actions.web.ts, `openTokenAuthUrl`; settings/actions.web.ts, `openLogoutDialog`
 */
import type { Arrival } from '../../admission/arrival.ts';
import { Problem } from '../../base/problem.ts';
import { roomPath } from '../../base/room.ts';
import { signedInHerePage } from '../../pages/popup.ts';
import { granted, recordEntry } from '../entry.ts';
import { readTarget, type Target, targetText } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { data, page } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';

/** The route the window's script asks. */
export function popupRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/popup',
      on: ['public'],
      from: 'our own form',
      does: "a token for the meeting that opened the window (`tokenAuthInline`); as a gateway one for the page's eyes",
      handle: (visit) => handOver(visit, parts),
    },
  ];
}

/** The end of a sign-in in a window of its own. */
export function signedInHere(visit: Visit, target: Target, { places, branding }: WebParts): Response {
  const { words, nonce, asked } = visit;
  const html = signedInHerePage({
    ...{ words, branding, prefix: places.prefix, nonce, id: asked.id },
    room: target.room.name,
    action: `${places.prefix}/popup`,
    target: targetText(target, roomPath),
    url: `${places.jitsiUrl}${roomPath(target.room)}`,
  });
  return page(html, nonce, { popup: true, asks: true });
}

async function handOver(visit: Visit, parts: WebParts): Promise<Response> {
  const target = readTarget(single(await visit.form(), 'to'));
  if (target === undefined) throw new Problem('room.unusable', { why: 'target' });
  const { room } = target;
  const arrival: Arrival = { asked: visit.asked, wants: { kind: 'enter', room } };
  const outcome = await parts.admit(arrival);
  if (!parts.places.gateway || outcome.kind !== 'admitted')
    parts.metrics.count('ostiary_entries_total', { outcome: outcome.kind });
  if (outcome.kind === 'sign-in') throw new Problem('session.required');
  const grant = granted(outcome);
  // In front of Jitsi the page's own token is for its eyes; they enter, and are written down, where XMPP begins.
  if (parts.places.gateway) return handed((await parts.mint(grant, 'display')).token.reveal());
  const minted = await parts.mint(grant, 'client');
  await recordEntry(visit.asked, { grant, minted, as: 'client' }, parts);
  return handed(minted.token.reveal());
}

function handed(accessToken: string): Response {
  return data({ accessToken });
}
