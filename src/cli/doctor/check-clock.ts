/**
 * Do we, the sign-in services and Jitsi agree on the time? Prosody forgives no second.
 */
import { type DoctorCheck, green, grey, red, type Verdict, yellow } from './check.ts';

/** Seconds: a token begins a minute before it is made, so that ours may be behind by so much, and ahead by none. */
const FINE = 5;
const TOO_FAR = 60;

const FIX = 'Run an NTP client on both machines.';

function judged(who: string, skew: number): Verdict {
  const apart = Math.abs(Math.round(skew));
  const how = `${who}: ${apart} s ${apart === 0 ? 'apart' : skew > 0 ? 'behind us' : 'ahead of us'}`;
  if (apart <= FINE) return green(`${how}.`);
  if (apart <= TOO_FAR)
    return yellow(`${how}; a token may be refused where it is checked to the second.`, FIX);
  return red(`${how}: tokens will be refused.`, FIX);
}

/** By what each server writes into `Date`, which has no fractions. */
export const checkClock: DoctorCheck = {
  name: 'clock',
  group: 'ours',
  asks: 'Do we, the sign-in services and Jitsi agree on the time?',
  docs: 'how-to/troubleshoot.md',
  async run({ page, providers, now, wanted }) {
    const [{ headers }, { providers: seen }] = await Promise.all([page(), providers()]);
    const theirs = Date.parse(headers['date'] ?? '');
    const jitsi = Number.isNaN(theirs)
      ? grey(`${wanted.origin} says no time (Date).`)
      : judged(wanted.origin, (now() - theirs) / 1000);
    return [
      jitsi,
      ...seen.flatMap(({ id, skew }) => (skew === undefined ? [] : [judged(`Sign-in service ${id}`, skew)])),
    ];
  },
};
