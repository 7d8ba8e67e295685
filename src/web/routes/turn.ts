/**
 * Credentials for the TURN server: for whoever may enter the room they are asked for, and nobody else.
 *
 * @see draft-uberti-behave-turn-rest-00, section 2.2; W3C WebRTC, section 4.2.4, RTCIceServer
 */
import type { Arrival, Asked } from '../../admission/arrival.ts';
import type { Grant, Outcome } from '../../admission/outcome.ts';
import type { NoTicket, TicketProof } from '../../admission/ticket.ts';
import type { TurnGiven } from '../../admission/turn.ts';
import { unixSeconds } from '../../base/clock.ts';
import type { AuditEntry } from '../../base/log.ts';
import type { Person } from '../../base/person.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import type { Room } from '../../base/room.ts';
import { bearerOf } from '../bearer.ts';
import { granted } from '../entry.ts';
import { readJoin, readTarget } from '../jitsi-state.ts';
import type { WebParts } from '../parts.ts';
import { data, visitFacts } from '../respond.ts';
import type { Route } from '../routes.ts';
import { single, type Visit } from '../visit.ts';

/** The route of TURN credentials. */
export function turnRoutes(parts: WebParts): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/turn',
      on: ['public', 'inner'],
      from: 'anyone',
      does: 'TURN credentials for whoever may enter the room that `room` and `tenant`, or `to`, name: by session, or by a ticket or the token for Jitsi as Bearer',
      handle: (visit) => counted(visit, parts),
    },
  ];
}

async function counted(visit: Visit, parts: WebParts): Promise<Response> {
  if (parts.turn === undefined) throw new Problem('request.not-found');
  try {
    const answer = await give(visit, parts.turn, parts);
    parts.metrics.count('ostiary_turn_credentials_total', { outcome: 'given' });
    return answer;
  } catch (thrown) {
    if (isProblem(thrown)) parts.metrics.count('ostiary_turn_credentials_total', { outcome: thrown.code });
    throw thrown;
  }
}

async function give(visit: Visit, turn: NonNullable<WebParts['turn']>, parts: WebParts): Promise<Response> {
  requireOurPage(visit, parts);
  const room = roomNamed(visit);
  const grant = await grantFor(visit, room, parts);
  const given = await turn(grant);
  const { person, decision } = grant;
  await record(visit, { event: 'turn-given', room, person }, parts, {
    role: decision.role,
    rule: decision.rule,
    until: given.expires * 1000,
  });
  return data(answerOf(given, unixSeconds(parts.clock)));
}

/** A cookie comes along from any page; what is given for it no other page shall have made us write down. */
function requireOurPage({ asked: { header } }: Visit, { places }: WebParts): void {
  const origin = header('origin');
  const foreign = origin !== undefined && !places.origins.has(origin);
  if (foreign || ['cross-site', 'same-site'].includes(header('sec-fetch-site') ?? ''))
    throw new Problem('request.cross-site', { origin: 'foreign' });
}

/** As Jitsi's client names a room to us, or by the path of its page. */
function roomNamed({ query }: Visit): Room {
  const to = single(query, 'to');
  if (to === undefined) return readJoin(query).room;
  const target = readTarget(to);
  if (target === undefined) throw new Problem('room.unusable', { why: 'target' });
  return target.room;
}

async function grantFor(visit: Visit, room: Room, parts: WebParts): Promise<Grant> {
  const { asked } = visit;
  const arrival: Arrival = { asked, wants: { kind: 'enter', room } };
  const token = bearerOf(asked);
  const ticket = token && (await proofIn(token.reveal(), { asked, room }, parts));
  if (typeof ticket === 'string') throw new Problem('ticket.unacceptable', { why: ticket });
  const outcome = await parts.admit(ticket === undefined ? arrival : { ...arrival, ticket });
  if (outcome.kind === 'sign-in') throw new Problem('session.required', { rule: outcome.rule });
  try {
    return granted(outcome);
  } catch (thrown) {
    if (isProblem(thrown)) await recordRefusal(visit, { outcome, room, thrown }, parts);
    throw thrown;
  }
}

async function proofIn(
  token: string,
  { asked, room }: { readonly asked: Asked; readonly room: Room },
  parts: WebParts,
): Promise<TicketProof | NoTicket> {
  const ticket = await parts.readTicket(token, { room, id: asked.id, address: asked.address });
  return ticket === 'not-ours' ? parts.readJitsiToken(token, room) : ticket;
}

interface Refusal {
  readonly outcome: Outcome;
  readonly room: Room;
  readonly thrown: Problem;
}

async function recordRefusal(
  visit: Visit,
  { outcome, room, thrown }: Refusal,
  parts: WebParts,
): Promise<void> {
  const person = 'person' in outcome ? outcome.person : undefined;
  const { rule } = thrown.facts;
  await record(visit, { event: 'turn-refused', room, ...(person && { person }) }, parts, {
    ...(typeof rule === 'string' && { rule }),
    code: thrown.code,
  });
}

interface About {
  readonly event: 'turn-given' | 'turn-refused';
  readonly room: Room;
  readonly person?: Person;
}

function record(
  visit: Visit,
  { event, room, person }: About,
  { audit, clock }: WebParts,
  more: Pick<AuditEntry, 'role' | 'rule' | 'until' | 'code'>,
): Promise<void> {
  return audit.record({
    at: clock.now(),
    event,
    ...visitFacts(visit),
    ...(person && { person: person.id, provider: person.provider }),
    ...(person?.name !== undefined && { name: person.name }),
    room: room.name,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    ...more,
  });
}

/** The draft's words and those of browsers in one: whoever reads either finds it. `ttl` in seconds. */
function answerOf({ username, password, urls, expires }: TurnGiven, now: number) {
  const credential = password.reveal();
  return {
    username,
    password: credential,
    ttl: expires - now,
    uris: urls,
    iceServers: [{ urls, username, credential }],
  };
}
