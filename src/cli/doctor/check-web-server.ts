/**
 * Does Jitsi's web server answer at all? Where it does not, nothing else can be said of what stands behind it.
 */
import { isProblem } from '../../base/problem.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, red } from './check.ts';
import { reasonOf } from './words.ts';

/** The name of this check, for what waits for it. */
export const WEB_SERVER = 'web-server';

/** Why it does not; undefined where it does. */
export async function webServerAway({ page }: Around): Promise<string | undefined> {
  try {
    await page();
    return undefined;
  } catch (thrown) {
    if (!isProblem(thrown, 'outbound.failed')) throw thrown;
    return reasonOf(thrown);
  }
}

/** Whatever it answers; a certificate that does not hold is looked at elsewhere. */
export const checkWebServer: DoctorCheck = {
  name: WEB_SERVER,
  group: 'jitsi',
  asks: "Does Jitsi's web server answer?",
  docs: 'how-to/troubleshoot.md',
  async run(around) {
    const { origin } = around.wanted;
    const away = await webServerAway(around);
    return away === undefined
      ? green(`${origin} answers.`)
      : red(
          `${origin} does not answer (${away}).`,
          'See that the name and the port are right, the web server runs, and this machine gets there; or name another address: ostiary doctor https://meet.example.org.',
        );
  },
};
