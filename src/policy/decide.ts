/**
 * Who may enter which room, and as what.
 *
 * Pure: facts and rules in, one Decision out. The first rule that matches wins;
 * where no rule speaks, nobody enters.
 */
import { lowerRole } from '../base/role.ts';
import { besideOf, lessOf } from './beside.ts';
import { highest, matches } from './match.ts';
import { inTime } from './room-times.ts';
import type { Admission, Decision, Facts, Rule } from './rule.ts';

/** The name under which silence stands in the audit. */
export const NO_RULE = '(no rule matched)';

/** What a rule that matched says. */
export function spoken(rule: Rule): Decision {
  switch (rule.then) {
    case 'sign-in':
    case 'wait':
      return { kind: rule.then, rule: rule.name };
    case 'refuse':
      return rule.reason === undefined
        ? { kind: 'refuse', rule: rule.name }
        : { kind: 'refuse', rule: rule.name, reason: rule.reason };
    case 'knock':
      return withBeside({ kind: 'admit', role: 'guest', lobby: true, rule: rule.name }, besideOf(rule));
    default:
      return withBeside({ kind: 'admit', role: rule.then, lobby: false, rule: rule.name }, besideOf(rule));
  }
}

function withBeside(
  { beside: _, ...admission }: Admission,
  beside: Admission['beside'] | undefined,
): Admission {
  return beside === undefined ? admission : { ...admission, beside };
}

/** What the first rule that matches says; silence refuses, and so does a room that is shut at this hour. */
export function decide(facts: Facts, rules: readonly Rule[]): Decision {
  const rule = rules.find(({ when }) => matches(when, facts));
  if (rule === undefined) return { kind: 'refuse', rule: NO_RULE };
  const said = facts.letIn && rule.then === 'wait' ? letIn(rule) : spoken(rule);
  return inTime(noMore(said, facts), facts);
}

/** Where a rule says no more than "wait", a host's word makes a participant: who is less stays less. */
function letIn({ name }: Rule): Admission {
  return { kind: 'admit', role: 'participant', lobby: false, rule: `${name} (let in by a host)` };
}

/** A rule may say less than somebody can be, and never more. */
function noMore(decision: Decision, facts: Facts): Decision {
  if (decision.kind !== 'admit') return decision;
  const role = lowerRole(decision.role, highest(facts));
  if (role === decision.role) return decision;
  return withBeside({ ...decision, role }, decision.beside && lessOf(decision.beside));
}
