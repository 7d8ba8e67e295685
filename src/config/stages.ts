/**
 * What contradicts itself where not everything is guarded yet.
 */
import type { Complaint } from './complaints.ts';
import type { Judged } from './finish.ts';

/** So far ahead may be the moment until which nothing is guarded; milliseconds. */
export const LONGEST_OBSERVING = 31 * 86_400_000;

/** Everything wrong with the stages at this time (milliseconds since 1970), beside what each setting says of itself. */
export function stagesComplaints(
  { insecureObserveOnly, rollout = {}, upstream, forwardAuth }: Judged,
  now: number,
): readonly Complaint[] {
  const complaints: Complaint[] = [];
  if (insecureObserveOnly !== undefined && Date.parse(insecureObserveOnly) > now + LONGEST_OBSERVING)
    complaints.push({
      path: 'insecureObserveOnly',
      wrong: 'is more than 31 days ahead',
      right: `a moment up to ${new Date(now + LONGEST_OBSERVING).toISOString()}`,
    });
  const part = Object.keys(rollout)[0];
  const set = insecureObserveOnly === undefined ? part && `rollout.${part}` : 'insecureObserveOnly';
  if (set === undefined || upstream === undefined || forwardAuth === undefined) return complaints;
  if (upstream.url === undefined && !forwardAuth.enabled)
    complaints.push({
      path: set,
      wrong:
        'has nothing to look at: without the gateway (upstream.url) and without forwardAuth we see only whom Jitsi sends to us',
      right:
        'no such line here; a token service is rolled out in Prosody, which takes people without a token while allow_empty_token is true',
    });
  for (const name of ['rooms', 'percent'] as const)
    if (forwardAuth.enabled && rollout[name] !== undefined)
      complaints.push({
        path: `rollout.${name}`,
        wrong:
          'leaves a hole beside forwardAuth: a proxy that asks shows us no word of XMPP, so whoever came in for a room that is not guarded could go on into one that is',
        right: 'rollout.networks; or the gateway (upstream.url), which looks at what is joined',
      });
  return complaints;
}
