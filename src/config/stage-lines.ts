/**
 * What has to stand in Prosody while not everything is guarded: who brings no token must get in there, or nothing is as
 * it was. Pure.
 */
import type { Config } from './finish.ts';

/** Does anything pass unguarded at this time (milliseconds since 1970), by these settings? */
export function passesSome({ insecureObserveOnly, rollout }: Config, now: number): boolean {
  if (insecureObserveOnly !== undefined && now < Date.parse(insecureObserveOnly)) return true;
  return Object.keys(rollout).length > 0;
}

/** Why Prosody takes people without a token, and for how long it should. */
export function whyEmpty({ insecureObserveOnly, rollout }: Config): string {
  const until =
    Object.keys(rollout).length > 0
      ? 'until rollout is taken out'
      : `until ${insecureObserveOnly} (insecureObserveOnly)`;
  return `Not everything is guarded yet: who brings no token passes, ${until}. Then false, or Prosody guards nothing by itself.`;
}
