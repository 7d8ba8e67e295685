/**
 * Do Prosody, coturn and Jitsi's web client say which version they are, and is that one of which something is known?
 */
import { isProblem } from '../../base/problem.ts';
import { versionOf } from '../../gateway/jitsi-version.ts';
import { knownOf } from './advisories.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, grey, type Verdict, waiting, yellow } from './check.ts';
import { nobodyGetsIn } from './check-refusals.ts';
import { WEB_SERVER, webServerAway } from './check-web-server.ts';
import { comesToTurn } from './turn-visit.ts';

function judged(said: string): readonly Verdict[] {
  const known = knownOf(said);
  if (known.length === 0) return [green(`${said}: nothing is known of it that we know.`)];
  return known.map(({ ids, what, fixed, source }) =>
    yellow(
      `${said}: ${ids}: ${what} (${source}).`,
      `Take ${fixed} or later; a distribution may have mended it in a version of its own, which its security tracker tells.`,
    ),
  );
}

/** What somebody says of themselves, where they can be asked at all. */
async function asked(ask: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await ask();
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}

async function prosody(around: Around): Promise<string | undefined> {
  if ((await nobodyGetsIn(around)) !== undefined) return undefined;
  const token = await around.mint('participant');
  const { xmppDomain } = around.config.jitsi;
  const found = await around.asVisitor({ token }, async (visitor) => ({
    said: await visitor.version(xmppDomain),
  }));
  return 'said' in found ? found.said : undefined;
}

async function webClient({ page }: Around): Promise<string | undefined> {
  const build = /\bapp\.bundle\.min\.js\?v=(\d{1,9})\b/.exec((await page()).text)?.[1];
  return build === undefined ? undefined : `Jitsi's web client: ${versionOf({ build: Number(build) }).says}`;
}

/** @see XEP-0092; RFC 8489, section 14.14 (SOFTWARE) */
export const checkVersions: DoctorCheck = {
  name: 'versions',
  group: 'outside',
  asks: 'Is nothing known to be wrong with the versions that show themselves?',
  docs: 'how-to/doctor.md',
  async run(around) {
    const [xmpp, turn, web] = await Promise.all([
      asked(() => prosody(around)),
      asked(async () => (await comesToTurn(around, 'nobody'))?.software),
      asked(() => webClient(around)),
    ]);
    const said = [xmpp, turn].filter((one) => one !== undefined);
    const verdicts = [...said.flatMap(judged), ...(web === undefined ? [] : [green(`${web}.`)])];
    if (verdicts.length === 0 && (await webServerAway(around)) !== undefined)
      return waiting('Could not tell: the web server does not answer.', WEB_SERVER);
    return verdicts.length > 0
      ? verdicts
      : grey('None that answers shows its version, which is as it should be; look at what is installed.');
  },
};
