/**
 * The spine: who are you, what do the rules say, yes or no. Every door calls it.
 *
 * It decides and mints nothing, and it is the only maker of a Grant.
 */

import type { AppClient } from '../base/client.ts';
import type { Person } from '../base/person.ts';
import { type Room, sameRoom } from '../base/room.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import { decide } from '../policy/decide.ts';
import { isFor } from '../policy/match.ts';
import type { RoomTimes } from '../policy/room-times.ts';
import type { Admission, Facts, Rule } from '../policy/rule.ts';
import type { Arrival, Wants, Which } from './arrival.ts';
import type { Kick, Kicks } from './kick.ts';
import type { LetIns } from './let-in.ts';
import type { Grant, Outcome, Recognised } from './outcome.ts';
import type { TicketProof } from './ticket.ts';

/** What `admit` needs from the composition root. */
export interface AdmitParts {
  /**
   * Who is this, by a link for the room or by an account? `undefined` is an answer. Fails with `store.unavailable`; an
   * error never reads as somebody. A ticket is asked about once, as an account.
   */
  recognise(arrival: Arrival, by: Which): Soon<Recognised | undefined>;
  rules(): readonly Rule[];
  /** Who was put out of which room. Fails with `store.unavailable`. */
  readonly kicks?: Pick<Kicks, 'of'>;
  /** When a room is open, where somebody says so. Fails with `store.unavailable`. */
  roomTimes?(room: Room): Soon<readonly RoomTimes[]>;
  /** Whom a host let in by hand: asked about where a rule says wait. Fails with `store.unavailable`. */
  readonly letIns?: Pick<LetIns, 'has'>;
  /** What is known of an arrival beside room and person; without it nothing is, and no condition about it holds. */
  around?(arrival: Arrival): Omit<Facts, 'room' | 'person'>;
}

/** Decides about one arrival: at once where `recognise` answers at once. Fails only as `recognise` fails. */
export function admit(arrival: Arrival, parts: AdmitParts): Soon<Outcome> {
  // Before anything is asked: a ticket is good for its own room, and for entering it.
  if (arrival.ticket && !opens(arrival.ticket, arrival.wants))
    return { kind: 'refused', rule: '(ticket of another room)' };
  if (arrival.vouched) return outcomeFor(arrival, arrival.vouched, parts);
  const account = () =>
    whenThere(parts.recognise(arrival, 'account'), (found) => outcomeFor(arrival, found, parts));
  // A link is looked for where a room is to be entered, which it may alone be good for.
  if (arrival.ticket || arrival.which === 'account' || (arrival.wants.kind !== 'enter' && !arrival.which))
    return account();
  return whenThere(parts.recognise(arrival, 'link'), (found) =>
    whenThere(found && outcomeFor(arrival, found, parts), (outcome) => {
      if (outcome !== undefined && outcome.kind !== 'sign-in') return outcome;
      // Where a rule wants an account, or the link is none any more, it is the account that counts.
      return arrival.which === 'link' ? (outcome ?? outcomeFor(arrival, undefined, parts)) : account();
    }),
  );
}

function opens({ room }: TicketProof, wants: Wants): boolean {
  return wants.kind === 'enter' && sameRoom(wants.room, room);
}

function outcomeFor(arrival: Arrival, found: Recognised | undefined, parts: AdmitParts): Soon<Outcome> {
  const { wants, ticket } = arrival;
  const client = ticket?.client ?? arrival.client;
  const recognised = found && isSomebodyFor(wants, found) ? found : undefined;
  if (wants.kind !== 'enter') {
    return recognised ? { kind: 'seen', ...recognised } : { kind: 'sign-in', rule: '(no session)' };
  }
  // Strangers are told nothing of a room's times, and cost no look at them.
  if (recognised === undefined) return byRules(arrival, { wants, client }, parts);
  const { person } = recognised;
  // Before the rules: whoever was put out is out, whatever they say.
  return whenThere(parts.kicks?.of(person.id, wants.room), (kick) =>
    kick === undefined
      ? whenThere(timesOf(wants, parts), (roomTimes) =>
          byRules(arrival, { wants, client, recognised, roomTimes }, parts),
        )
      : putOut(person, kick),
  );
}

function putOut(person: Person, { until, turnedAway, reason }: Kick): Outcome {
  return {
    ...{ kind: 'refused', rule: turnedAway ? TURNED_AWAY : PUT_OUT, person, kickedUntil: until },
    ...(turnedAway && { turnedAway }),
    ...(reason !== undefined && { reason }),
  };
}

/** The names under which this stands in the audit. */
const PUT_OUT = '(put out of the room)';
const TURNED_AWAY = '(turned away by a host)';

type Entering = Extract<Wants, { kind: 'enter' }>;

/** When the room is open; to those who were inside a moment ago, or do not come in, it does not matter. */
function timesOf(
  { room, resumes, returns, anyHour }: Entering,
  { roomTimes }: AdmitParts,
): Soon<readonly RoomTimes[] | undefined> {
  return resumes || returns || anyHour ? undefined : roomTimes?.(room);
}

interface Looked {
  readonly wants: Entering;
  /** The app it is for: what is made of a ticket is for the same. */
  readonly client: AppClient | undefined;
  readonly recognised?: Recognised;
  readonly roomTimes?: readonly RoomTimes[] | undefined;
}

function byRules(arrival: Arrival, looked: Looked, parts: AdmitParts): Soon<Outcome> {
  const { wants, recognised, roomTimes } = looked;
  const { room } = wants;
  const facts = {
    ...parts.around?.(arrival),
    room,
    ...(recognised && { person: recognised.person }),
    ...(roomTimes && { roomTimes }),
  };
  const outcome = outcomeBy(facts, looked, parts);
  if (outcome.kind !== 'wait' || parts.letIns === undefined) return outcome;
  // A host who let somebody in stood at the door: for them a host is there.
  const led = { ...facts, hostPresent: true };
  return whenThere(parts.letIns.has(outcome.person.id, room), (letIn) => {
    if (letIn) return outcomeBy({ ...led, letIn }, looked, parts);
    const byHand = decide(led, parts.rules()).kind === 'wait';
    return byHand ? { ...outcome, byHand } : outcome;
  });
}

function outcomeBy(facts: Facts, looked: Looked, parts: AdmitParts): Outcome {
  const { recognised } = looked;
  const person = recognised?.person;
  const decision = decide(facts, parts.rules());
  switch (decision.kind) {
    case 'sign-in':
      return { kind: 'sign-in', rule: decision.rule };
    case 'wait':
      return recognised ? { kind: 'wait', rule: decision.rule, ...recognised } : nameless(decision.rule);
    case 'closed':
      return recognised
        ? {
            ...{ kind: 'refused', rule: decision.rule, person: recognised.person },
            shut: { ...decision.shut, session: recognised.session },
          }
        : nameless(decision.rule);
    case 'refuse':
      return { ...decision, kind: 'refused', ...(person && { person }) };
    case 'admit':
      return recognised
        ? { kind: 'admitted', grant: grantOf(recognised, looked, decision) }
        : nameless(decision.rule);
  }
}

/** Nobody is let in namelessly: where the rules take strangers, a name is asked for. */
function nameless(rule: string): Outcome {
  return { kind: 'sign-in', rule, guests: true };
}

/** Whom another application vouched for, or who was invited, is nobody in any other room, however they come there. */
function isSomebodyFor(wants: Wants, { person: { bound, invite } }: Recognised): boolean {
  const good = bound ?? invite;
  return good === undefined || wants.kind !== 'enter' || isFor(good, wants.room);
}

function grantOf(
  { person, session }: Recognised,
  { wants: { room, resumes, anyHour }, client }: Looked,
  decision: Admission,
): Grant {
  const more = { ...(resumes && { resumes }), ...(anyHour && { anyHour }), ...(client && { client }) };
  return Object.freeze({ person, session, room, decision, ...more }) as Grant;
}
