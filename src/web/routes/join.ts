/**
 * Jitsi's `tokenAuthUrl`: decide, mint, and send the client into the room.
 */
import type { Arrival } from '../../admission/arrival.ts';
import type { Grant } from '../../admission/outcome.ts';
import { Problem } from '../../base/problem.ts';
import { HERE_COOKIE, writeCookie } from '../cookies.ts';
import { recordEntry, turnAway } from '../entry.ts';
import { readJoin, readTarget, type Target } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { redirect } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';
import { signInAddress, wayBack, wayIn } from '../way-back.ts';
import { appBackTo, backAnswer } from './hand-off.ts';
import { hostingAgain } from './hosting.ts';
import { invitationAgain } from './invite.ts';
import { signedInHere } from './popup.ts';

/** The routes of the way into a room. */
export function joinRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/join',
      on: ['public'],
      from: 'anyone',
      does: "Jitsi's tokenAuthUrl: decides, mints, sends the client into the room; without a session to the sign-in",
      handle: (visit) => join(visit, requestOf(visit), parts),
    },
  ];
}

/** `to` is how our own sign-in comes back; everything else is Jitsi's client. */
function requestOf(visit: Visit): Target {
  const to = single(visit.query, 'to');
  if (to === undefined) return readJoin(visit.query);
  const target = readTarget(to);
  if (target === undefined) throw new Problem('room.unusable', { why: 'target' });
  return target;
}

async function join(visit: Visit, wanted: Target, parts: WebParts): Promise<Response> {
  const { room, app } = wanted;
  const invitation = invitationAgain(visit, wanted, parts.places);
  if (invitation !== undefined) return invitation;
  const arrival: Arrival = {
    asked: visit.asked,
    wants: { kind: 'enter', room },
    ...(app && { client: app }),
  };
  const outcome = await parts.admit(arrival);
  const hosting = hostingAgain(visit, { target: wanted, outcome }, parts.places);
  if (hosting !== undefined) return hosting;
  // Whoever is only led on, to the page or the choice before the app, is counted where they enter.
  const back = outcome.kind === 'admitted' ? await appBackTo(wanted, parts) : undefined;
  if (back !== undefined) return backAnswer(visit, { target: wanted, app: back }, parts);
  if (outcome.kind === 'admitted' && wanted.popup) return signedInHere(visit, wanted, parts);
  if (!(parts.places.gateway && outcome.kind === 'admitted'))
    parts.metrics.count('ostiary_entries_total', { outcome: outcome.kind });
  switch (outcome.kind) {
    case 'admitted':
      return enter(visit, { target: wanted, grant: outcome.grant }, parts);
    case 'sign-in':
      return redirect(
        signInAddress(wanted, { ...parts.places, ...namedIn(visit, parts) }),
        parts.places.gateway && choiceOf(wanted),
      );
    case 'wait':
    case 'refused':
      return turnAway(visit, { wanted, outcome }, parts);
    case 'seen':
      throw new Problem('server.bug', { why: 'an entry was seen' });
  }
}

/** The sign-in service that a link names, if there is one of that id. */
function namedIn(visit: Visit, { providers }: WebParts): { readonly provider?: string } {
  const id = single(visit.query, 'provider');
  return id !== undefined && providers.has(id) ? { provider: id } : {};
}

async function enter(
  visit: Visit,
  { target, grant }: { readonly target: Target; readonly grant: Grant },
  parts: WebParts,
): Promise<Response> {
  const { room, overrides } = target;
  // In front of Jitsi the page itself comes with what it needs: no token stands in any address.
  if (parts.places.gateway) return redirect(wayIn(room, { ...parts.places, overrides }), choiceOf(target));
  const minted = await parts.mint(grant, 'client');
  await recordEntry(visit.asked, { grant, minted, as: 'client' }, parts);
  return redirect(wayBack(room, minted.token, { ...parts.places, overrides }));
}

/** Who comes from an app's sign-in means to go back into the app, whatever this browser was told before. */
function choiceOf({ app }: Target): { readonly cookies: readonly string[] } {
  return { cookies: app === undefined ? [] : [writeCookie(HERE_COOKIE, '', 0)] };
}
