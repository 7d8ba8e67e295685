/**
 * What is wrong with rules that no rule can know alone.
 */
import { letsGuestsIn, waitsForHosts } from '../policy/access.ts';
import { besideComplaints } from './beside.ts';
import type { Complaint } from './complaints.ts';
import type { Judged } from './finish.ts';
import { repeated } from './repeated.ts';

/** Rules that can never speak, or speak of what is not there. */
export function ruleComplaints(said: Judged): Complaint[] {
  const { rules: list = [], providers: known, apps, issuers, bearer } = said;
  const complaints = repeated(
    list.map(({ name }) => name),
    (at) => `rules[${at}].name`,
  );
  // Where one of the four sections does not hold, whom it would have named is not known.
  const ids = known &&
    apps &&
    issuers &&
    bearer && [
      ...known.map(({ id }) => id),
      ...apps.map(({ name }) => `app:${name}`),
      ...issuers.map(({ iss }) => iss),
      ...bearer.issuers.flatMap(({ id }) => (id === undefined ? [] : [id])),
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
    if (rule.reason !== undefined && rule.then !== 'refuse')
      complaints.push({
        path: `rules[${at}].reason`,
        wrong: 'is never shown: this rule refuses nobody',
        right: 'a reason only beside then: refuse',
      });
  }
  return [...complaints, ...besideComplaints(said), ...guestComplaints(said), ...waitingComplaints(said)];
}

/** Where guests come and everybody moderates, strangers could put out whom they like. */
function guestComplaints({ access, rules: list, jitsi }: Judged): Complaint[] {
  const comes = letsGuestsIn({ ...(access && { access }), ...(list && { rules: list }) });
  if (!comes || jitsi?.roles !== 'everyone-moderator' || jitsi.insecureEverybodyModerates) return [];
  return [
    {
      path: 'jitsi.roles',
      wrong: 'makes moderators of guests too, who gave a name and showed nothing',
      right: 'enforced, or jitsi.insecureEverybodyModerates: true beside it',
    },
  ];
}

/** Who waits for a host waits for ever where nobody sees one come, or nobody can be one. */
function waitingComplaints(said: Judged): Complaint[] {
  const { access, rules: list, hosts, apps, issuers, upstream, prosodyModule } = said;
  const about = { ...(access && { access }), ...(list && { rules: list }) };
  if (!waitsForHosts(about)) return [];
  const path = access?.endsWith('-wait') ? 'access' : 'rules';
  const complaints: Complaint[] = [];
  const seen = upstream?.url !== undefined || prosodyModule?.secret !== undefined;
  if (upstream !== undefined && prosodyModule !== undefined && !seen)
    complaints.push({
      path,
      wrong: 'waits for hosts, and nobody sees whether one is there',
      right:
        'what sees who is in a meeting: the gateway in front of Jitsi (upstream.url), or our module in Prosody (prosodyModule.secret); or no waiting',
    });
  const canLead = [...(apps ?? []), ...(issuers ?? [])].some(({ role }) => role === 'host');
  const hosted =
    hosts === undefined || hosts.length > 0 || list?.some(({ then }) => then === 'host') || canLead;
  if (!hosted)
    complaints.push({
      path: 'hosts',
      wrong: 'names nobody, and others wait for a host',
      right: 'the groups or addresses of those who lead rooms',
    });
  return complaints;
}
