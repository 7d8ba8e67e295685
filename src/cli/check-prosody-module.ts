/**
 * Does our module in Prosody report?
 */
import { existsSync } from 'node:fs';
import { silentLog } from '../base/log.ts';
import { isProblem } from '../base/problem.ts';
import type { Config } from '../config/load.ts';
import type { Finding } from './finding.ts';
import { counted } from './text.ts';

const IN_MEMORY = ':memory:';
const subject = 'prosody module';

/** Asks the store what was reported a moment ago; nothing where no module is listened to. */
export async function checkProsodyModule(config: Config, now: () => number): Promise<readonly Finding[]> {
  const { prosodyModule, store } = config;
  if (prosodyModule.secret === undefined) return [];
  if (store.path === IN_MEMORY)
    return [{ subject, says: 'whether it reports only the server knows: see /ready', complaints: [] }];
  // What is wrong with the store is told as what it is.
  const known = existsSync(store.path) ? await heard(config, now) : { prosodys: 0, connections: 0 };
  if (known === undefined) return [];
  if (known.prosodys === 0)
    return [
      {
        subject,
        warning: `nothing was reported in the last seconds, so nobody sees who is in a meeting${upstreamWords(config)}; right would be our server running, mod_ostiary loaded in Prosody, ostiary_url there leading to ${config.listen.inner.url}${config.prefix}, and the same secret on both sides`,
        complaints: [],
      },
    ];
  const [prosodys, people] = [counted(known.prosodys, 'Prosody'), counted(known.connections, 'connection')];
  return [{ subject, says: `reports: ${prosodys}, ${people}`, complaints: [] }];
}

function upstreamWords({ upstream }: Config): string {
  return upstream.url === undefined ? ', and who waits for a host waits in vain' : ' but the gateway';
}

async function heard(config: Config, now: () => number) {
  const { openGround } = await import('../app.ts');
  try {
    const ground = openGround(config, { clock: { now }, log: silentLog });
    try {
      return await ground.reports.known();
    } finally {
      await ground.store.close();
    }
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return undefined;
  }
}
