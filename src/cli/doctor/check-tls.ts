/**
 * Does Jitsi's certificate hold, for how long, and by which TLS?
 */
import { isProblem } from '../../base/problem.ts';
import type { Probe } from '../../outbound/probe.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, grey, red, type Verdict, waiting, yellow } from './check.ts';
import { WEB_SERVER } from './check-web-server.ts';
import { reasonOf } from './words.ts';

const DAY = 86_400_000;
/** Days: a certificate of three months is renewed when a third of it is left, so that less means that it was not. */
const SOON = 14;
const RENEW =
  'Renew it, and see that what renews it runs and the web server is told (certbot renew, a reload).';

const AWAY = 'See that publicUrl is right, and that this machine gets there.';

/** What a server shows, and for how long that is good. */
async function judged({ origin, tls }: Probe, now: number): Promise<readonly Verdict[]> {
  const seen = await tls();
  if (seen === undefined)
    return [
      grey(`${origin} speaks plain HTTP; browsers give a page no camera there, unless it is this machine.`),
    ];
  const { protocol, old, from, until, issuer, fault } = seen;
  const days = Math.floor((until - now) / DAY);
  const verdicts: Verdict[] = [];
  if (until <= now) verdicts.push(red(`The certificate of ${origin} ran out ${-days - 1} days ago.`, RENEW));
  else if (from > now)
    verdicts.push(
      red(`The certificate of ${origin} is not valid yet.`, 'Compare the clocks; or it was made for later.'),
    );
  else if (fault !== undefined)
    verdicts.push(
      red(
        `The certificate of ${origin} is not believed (${fault}).`,
        'Let the web server show the whole chain, for this name; an authority of your own is named in outbound.caFile.',
      ),
    );
  else if (days < SOON)
    verdicts.push(yellow(`The certificate of ${origin} ends in ${days} days (${issuer}).`, RENEW));
  if (old === true || protocol === 'TLSv1' || protocol === 'TLSv1.1')
    verdicts.push(
      yellow(`${origin} still speaks TLS 1.0 or 1.1.`, 'ssl_protocols TLSv1.2 TLSv1.3; in nginx.'),
    );
  return verdicts.length > 0
    ? verdicts
    : [green(`${origin}: ${protocol}; the certificate (${issuer}) is good for ${days} days.`)];
}

/** One that does not answer hides nothing of the other. */
async function answered(probe: Probe, { front }: Around, now: number): Promise<readonly Verdict[]> {
  try {
    return await judged(probe, now);
  } catch (thrown) {
    if (!isProblem(thrown, 'outbound.failed')) throw thrown;
    const says = `Could not tell of ${probe.origin}: it does not answer (${reasonOf(thrown)}).`;
    return [probe === front ? waiting(says, WEB_SERVER) : grey(says, AWAY)];
  }
}

/** @see RFC 8996 (TLS 1.0 and 1.1 are over) */
export const checkTls: DoctorCheck = {
  name: 'tls',
  group: 'jitsi',
  asks: "Do Jitsi's certificate, and ours, hold for some time yet, and is TLS of today?",
  docs: 'how-to/troubleshoot.md#the-certificate',
  async run(around) {
    const { front, ours, now, config } = around;
    // Who names another address asks about that one.
    const isNamed = front.origin !== new URL(config.jitsi.url).origin;
    const each = isNamed || ours.origin === front.origin ? [front] : [front, ours];
    return (await Promise.all(each.map((one) => answered(one, around, now())))).flat();
  },
};
