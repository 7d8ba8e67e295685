/**
 * The spine: who are you, what do the rules say, yes or no. Every door calls it.
 *
 * It decides and mints nothing, and it is the only maker of a Grant.
 */

import type { Room } from '../base/room.ts';
import { type Soon, whenThere } from '../base/soon.ts';
import { decide } from '../policy/decide.ts';
import type { Admission, Rule } from '../policy/rule.ts';
import type { Arrival, Wants } from './arrival.ts';
import type { Grant, Outcome, Recognised } from './outcome.ts';

/** What `admit` needs from the composition root. */
export interface AdmitParts {
  /** Who is this? `undefined` is an answer. Fails with `store.unavailable`; an error never reads as somebody. */
  recognise(arrival: Arrival): Soon<Recognised | undefined>;
  rules(): readonly Rule[];
}

/** Decides about one arrival: at once where `recognise` answers at once. Fails only as `recognise` fails. */
export function admit(arrival: Arrival, parts: AdmitParts): Soon<Outcome> {
  return whenThere(parts.recognise(arrival), (recognised) => outcomeFor(arrival.wants, recognised, parts));
}

function outcomeFor(wants: Wants, recognised: Recognised | undefined, parts: AdmitParts): Outcome {
  if (wants.kind !== 'enter') {
    return recognised ? { kind: 'seen', ...recognised } : { kind: 'sign-in', rule: '(no session)' };
  }
  const person = recognised?.person;
  const facts = person === undefined ? { room: wants.room } : { room: wants.room, person };
  const decision = decide(facts, parts.rules());
  switch (decision.kind) {
    case 'sign-in':
      return { kind: 'sign-in', rule: decision.rule };
    case 'wait':
      return { kind: 'wait', rule: decision.rule, ...(person && { person }) };
    case 'refuse':
      return { ...decision, kind: 'refused', ...(person && { person }) };
    case 'admit':
      // Nobody is let in namelessly yet: a rule that admits strangers sends them to sign in.
      return recognised
        ? { kind: 'admitted', grant: grantOf(recognised, wants.room, decision) }
        : { kind: 'sign-in', rule: decision.rule };
  }
}

function grantOf(recognised: Recognised, room: Room, decision: Admission): Grant {
  return Object.freeze({ person: recognised.person, session: recognised.session, room, decision }) as Grant;
}
