/**
 * What every door does once `admit` has decided: an entry is written down, and
 * who is turned away is told why.
 */
import type { Asked } from '../admission/arrival.ts';
import type { MintAs, Minted } from '../admission/mint.ts';
import { type Grant, type Outcome, refusalOf } from '../admission/outcome.ts';
import type { Clock } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { Problem, type ProblemFacts } from '../base/problem.ts';
import { roomPath, shownRoom } from '../base/room.ts';
import { waitingPage } from '../pages/waiting.ts';
import type { Shut } from '../policy/room-times.ts';
import { isPopup, type Target, targetText } from './jitsi-state.ts';
import type { WebParts } from './parts.ts';
import { type ProblemExtras, problemAnswer } from './problem-answer.ts';
import { page, visitFacts, wantsPage } from './respond.ts';
import type { Visit } from './visit.ts';
import { hostingAddress } from './way-back.ts';

/** Somebody enters a room with this token. */
export interface Entry {
  readonly grant: Grant;
  readonly minted: Pick<Minted, 'jti'>;
  readonly as: MintAs;
}

/** Writes down who entered where, as what, by which rule. Throws what the audit throws, and `request.too-many` for a guest. */
export async function recordEntry(
  { id, address }: Asked,
  { grant, minted, as }: Entry,
  { audit, clock, door, limits, metrics }: Pick<WebParts, 'audit' | 'clock' | 'door' | 'limits' | 'metrics'>,
): Promise<void> {
  const { person, decision, room } = grant;
  if (person.guest) await limits.countGuest(person.id);
  await audit.record({
    at: clock.now(),
    event: 'entered',
    id,
    address,
    person: person.id,
    ...(person.name !== undefined && { name: person.name }),
    provider: person.provider,
    room: room.name,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    role: decision.role,
    ...invitedFacts(person),
    rule: decision.rule,
    jti: minted.jti,
  });
  await door.lately.note(person, room);
  metrics.count('ostiary_tokens_total', { as });
}

/** As what a link or an invitation proposed them, and which invitation. */
function invitedFacts({ bound, invite }: Person) {
  const proposed = (bound ?? invite)?.role;
  return { ...(proposed && { proposed }), ...(invite && { invite: invite.id }) };
}

/** Somebody the rules do not let in, or not yet. */
export interface TurnedAway {
  readonly wanted: Target;
  readonly outcome: Extract<Outcome, { kind: 'wait' | 'refused' }>;
}

/** Writes it down and answers with a page, or JSON for who reads none. Throws what the audit throws, and `request.too-many` for a guest. */
export async function turnAway(
  visit: Visit,
  { wanted, outcome }: TurnedAway,
  parts: WebParts,
): Promise<Response> {
  const { room } = wanted;
  const { person } = outcome;
  const code = refusalOf(outcome);
  if (person?.guest) await parts.limits.countGuest(person.id);
  const until = outcome.kind === 'refused' ? outcome.kickedUntil : undefined;
  await parts.audit.record({
    at: parts.clock.now(),
    event: 'refused',
    ...visitFacts(visit),
    ...(person && { person: person.id, provider: person.provider, groups: person.groups }),
    ...(person && invitedFacts(person)),
    ...(person?.name !== undefined && { name: person.name }),
    ...(person?.email !== undefined && person.emailVerified && { email: person.email }),
    room: room.name,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    rule: outcome.rule,
    code,
  });
  if (outcome.kind === 'wait' && wantsPage(visit.asked.header('accept'))) {
    // Without script there will be no stream by which a host hears of them.
    await parts.door.waiting.note(outcome.person, room);
    return waitingAnswer(visit, { wanted, outcome }, parts);
  }
  const shut = outcome.kind === 'refused' ? outcome.shut : undefined;
  return problemAnswer(
    new Problem(code, { rule: outcome.rule, ...opensIn(shut, parts.clock) }),
    { visit, parts },
    {
      popup: isPopup(wanted),
      room,
      embedders: parts.apps.embedders(room),
      ...(outcome.kind === 'refused' && outcome.reason !== undefined && { reason: outcome.reason }),
      ...(until !== undefined && { until }),
      ...shutExtras(shut, wanted, parts),
      ...(person && {
        ...(until !== undefined
          ? {}
          : person.bound || person.invite
            ? { leaveLinkTo: roomPath(room) }
            : { otherAccountTo: targetText(wanted, roomPath) }),
        claims: person.name === undefined ? {} : { name: person.name },
        signedInAs: person.name ?? person.email ?? person.id,
      }),
    },
  );
}

/** Seconds, for who reads headers and no page. */
function opensIn(shut: Shut | undefined, clock: Clock): ProblemFacts {
  return shut?.opens === undefined ? {} : { retryAfter: Math.ceil((shut.opens - clock.now()) / 1000) };
}

/** When to come back, and the way to look whether it is time. */
function shutExtras(
  { opens, zone, title }: Shut = {},
  wanted: Target,
  { places }: Pick<WebParts, 'places'>,
): Pick<ProblemExtras, 'opens' | 'meeting' | 'retry'> {
  return {
    ...(title !== undefined && { meeting: title }),
    ...(opens !== undefined &&
      zone !== undefined && {
        opens: { at: opens, zone },
        retry: `${places.prefix}/join?to=${encodeURIComponent(targetText(wanted, roomPath))}`,
      }),
  };
}

/** A page that goes on by itself; in the frame of an application that may show this room too. */
function waitingAnswer(
  { words, nonce, asked }: Visit,
  { wanted, outcome }: { readonly wanted: Target; readonly outcome: Extract<Outcome, { kind: 'wait' }> },
  { places, branding, waitsFor, apps }: WebParts,
): Response {
  const { room } = wanted;
  const { byHand } = outcome;
  const to = encodeURIComponent(targetText(wanted, roomPath));
  const html = waitingPage({
    ...{ words, nonce, branding, prefix: places.prefix, id: asked.id },
    room: shownRoom(room),
    events: `${places.prefix}/waiting?to=${to}`,
    target: `${places.prefix}/join?to=${to}`,
    patience: waitsFor,
    ...(byHand && { byHand }),
    // Whose word it takes finds those who wait on the room's page; else it is enough that they enter.
    ...(outcome.person.guest && {
      signIn: byHand ? hostingAddress(room, places.prefix) : `${places.prefix}/sign-in?auto=0&to=${to}`,
    }),
    ...(places.gateway && { keepsFragmentFor: roomPath(room) }),
  });
  return page(html, nonce, { popup: isPopup(wanted), asks: true, framed: apps.embedders(room) });
}

/** The grant of an outcome that is one. Throws `entry.wait`, `entry.refused` and `entry.kicked` otherwise. */
export function granted(outcome: Outcome): Grant {
  switch (outcome.kind) {
    case 'admitted':
      return outcome.grant;
    case 'wait':
    case 'refused':
      throw new Problem(refusalOf(outcome), { rule: outcome.rule });
    case 'seen':
    case 'sign-in':
      throw new Problem('server.bug', { why: outcome.kind });
  }
}
