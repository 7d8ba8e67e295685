/**
 * The walk of `decide` with every step kept, for the operator who asks why.
 *
 * Pure, and made of the same functions, so that it cannot tell another story.
 */
import { decide, spoken } from './decide.ts';
import { holds, namedConditions } from './match.ts';
import type { Decision, Facts, Rule, When } from './rule.ts';

/** One rule, and how it fared. */
export interface Step {
  readonly rule: string;
  readonly then: Rule['then'];
  /** Every condition the rule names, and whether it held; none for a rule that speaks of everybody. */
  readonly conditions: readonly { readonly name: keyof When; readonly held: boolean }[];
  readonly matched: boolean;
  /** Whether this is the rule that decided: the first that matched. */
  readonly decided: boolean;
}

/** What a rule that would have let somebody in found missing. */
export interface Missed {
  readonly rule: string;
  readonly then: Rule['then'];
  /** What the rule wanted and did not find; empty where only an earlier rule stood in its way. */
  readonly missed: readonly { readonly name: keyof When; readonly wanted: When[keyof When] }[];
  /** The rule that would still speak first, if there is one. */
  readonly behind?: string;
}

/** A decision and how it came about. */
export interface Explanation {
  readonly decision: Decision;
  readonly steps: readonly Step[];
  /** Empty for somebody who was let in. */
  readonly wouldLetIn: readonly Missed[];
}

function missedBy(rule: Rule, facts: Facts, decidedBy: string | undefined): Missed {
  const missed = namedConditions(rule.when)
    .filter((name) => !holds(name, rule.when, facts))
    .map((name) => ({ name, wanted: rule.when[name] }));
  return {
    rule: rule.name,
    then: rule.then,
    missed,
    ...(decidedBy === undefined ? {} : { behind: decidedBy }),
  };
}

/** Every rule with what held and what did not, and what would have let this person in. */
export function explain(facts: Facts, rules: readonly Rule[]): Explanation {
  const decision = decide(facts, rules);
  const steps: Step[] = [];
  for (const rule of rules) {
    const conditions = namedConditions(rule.when).map((name) => ({
      name,
      held: holds(name, rule.when, facts),
    }));
    const matched = conditions.every(({ held }) => held);
    steps.push({
      rule: rule.name,
      then: rule.then,
      conditions,
      matched,
      decided: matched && !steps.some((step) => step.decided),
    });
  }
  // Before a room that is shut no rule would help.
  if (decision.kind === 'admit' || decision.kind === 'closed') return { decision, steps, wouldLetIn: [] };
  const decidedAt = steps.findIndex(({ decided }) => decided);
  const wouldLetIn = rules.flatMap((rule, at) => {
    if (spoken(rule).kind !== 'admit') return [];
    return [missedBy(rule, facts, decidedAt >= 0 && at > decidedAt ? steps[decidedAt]?.rule : undefined)];
  });
  return { decision, steps, wouldLetIn };
}
