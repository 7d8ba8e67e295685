/**
 * Do we, the sign-in services and Jitsi agree on the time? Prosody forgives no second.
 */
import { isProblem } from '../../base/problem.ts';
import type { ProbeAnswer } from '../../outbound/probe.ts';
import { isHindered } from './around.ts';
import { type DoctorCheck, green, grey, red, type Verdict, waiting, yellow } from './check.ts';
import { WEB_SERVER } from './check-web-server.ts';
import { reasonOf } from './words.ts';

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
  async run({ page, providers, now, wanted, xmpp }) {
    const past = isHindered(xmpp) || xmpp.origin === wanted.origin ? undefined : xmpp;
    const [front, behind, { providers: seen }] = await Promise.all([
      skewOf(wanted.origin, page, now, WEB_SERVER),
      past && skewOf(past.origin, () => past.ask({ path: '/http-bind' }), now),
      providers(),
    ]);
    return [
      front,
      ...(behind === undefined ? [] : [behind]),
      ...seen.flatMap(({ id, skew }) => (skew === undefined ? [] : [judged(`Sign-in service ${id}`, skew)])),
    ];
  },
};

/** Read off an answer as it comes. */
async function skewOf(
  who: string,
  ask: () => Promise<ProbeAnswer>,
  now: () => number,
  told?: string,
): Promise<Verdict> {
  try {
    const { headers } = await ask();
    const theirs = Date.parse(headers['date'] ?? '');
    return Number.isNaN(theirs) ? grey(`${who} says no time (Date).`) : judged(who, (now() - theirs) / 1000);
  } catch (thrown) {
    if (!isProblem(thrown, 'outbound.failed')) throw thrown;
    const says = `Could not tell of ${who}: it does not answer (${reasonOf(thrown)}).`;
    // What stands behind the web server is asked for by no other check that needs no keys of ours.
    return told === undefined ? grey(says) : waiting(says, told);
  }
}
