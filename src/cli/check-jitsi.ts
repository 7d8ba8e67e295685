/**
 * Does the Jitsi behind us answer, and do its settings lead back to us?
 */
import { silentLog } from '../base/log.ts';
import type { Config } from '../config/load.ts';
import type { JitsiFinding } from '../gateway/jitsi-findings.ts';
import type { Finding } from './finding.ts';

/** Asks Jitsi's web server as we would in front of it; nothing where we stand in front of none. */
export async function checkJitsi(config: Config, now: () => number): Promise<readonly Finding[]> {
  const { openJitsi } = await import('../app.ts');
  const jitsi = openJitsi(config, { clock: { now }, log: silentLog });
  if (jitsi === undefined) return [];
  try {
    const { version, findings } = await jitsi.look.look();
    const complaints = findings.filter(({ mayBe }) => mayBe !== true);
    return [
      { subject: 'jitsi', says: version, complaints },
      ...findings.filter(({ mayBe }) => mayBe === true).map(asWarning),
    ];
  } finally {
    await jitsi.upstream.close();
  }
}

function asWarning({ path, wrong, right }: JitsiFinding): Finding {
  return { subject: 'jitsi', warning: `${path} ${wrong}; right would be ${right}`, complaints: [] };
}
