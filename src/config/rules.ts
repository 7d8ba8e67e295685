/**
 * What is wrong with rules that no rule can know alone.
 */
import type { Complaint } from './complaints.ts';
import type { Judged } from './finish.ts';
import { repeated } from './repeated.ts';

/** Rules that can never speak, or speak of what is not there. */
export function ruleComplaints({ rules: list = [], providers: known, apps, issuers }: Judged): Complaint[] {
  const complaints = repeated(
    list.map(({ name }) => name),
    (at) => `rules[${at}].name`,
  );
  // Where one of the three sections does not hold, whom it would have named is not known.
  const ids = known &&
    apps &&
    issuers && [
      ...known.map(({ id }) => id),
      ...apps.map(({ name }) => `app:${name}`),
      ...issuers.map(({ iss }) => iss),
    ];
  for (const [at, rule] of list.entries()) {
    for (const [place, id] of (rule.when.providers ?? []).entries())
      if (ids !== undefined && !ids.includes(id))
        complaints.push({
          path: `rules[${at}].when.providers[${place}]`,
          wrong: 'is no provider here',
          right: `one of: ${ids.join(', ')}`,
        });
    for (const name of Object.keys(rule.when.attributes ?? {}))
      if (known !== undefined && !known.some(({ attributes = {} }) => Object.hasOwn(attributes, name)))
        complaints.push({
          path: `rules[${at}].when.attributes.${name}`,
          wrong: 'is no attribute that any provider brings',
          right: `a name under providers[].attributes, as attributes: { ${name}: <the claim it stands in> }`,
        });
    if (rule.when.signedIn === false)
      complaints.push({
        path: `rules[${at}].when.signedIn`,
        wrong: 'is never true here: whoever has not signed in is asked to first',
        right: 'no such rule',
      });
    if (rule.reason !== undefined && rule.then !== 'refuse')
      complaints.push({
        path: `rules[${at}].reason`,
        wrong: 'is never shown: this rule refuses nobody',
        right: 'a reason only beside then: refuse',
      });
  }
  return complaints;
}
