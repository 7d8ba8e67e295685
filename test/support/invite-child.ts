/**
 * A node of its own on the file of a store, which presses an invitation's button for many browsers at once.
 *
 * `node invite-child.ts FILE BROWSERS` says `ready`; for each code it reads it says how many got in, and how many were
 * told that the invitation was used.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { spendInvite } from '../../src/admission/invite.ts';
import { systemClock } from '../../src/base/clock.ts';
import { isProblem } from '../../src/base/problem.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createSessions } from '../../src/identity/session.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';

const [path = '', browsers = '0'] = process.argv.slice(2);
const parts = {
  store: createSqliteStore({ path, clock: systemClock }),
  clock: systemClock,
  random: systemRandom,
};
const options = { idle: 3600, absolute: 3600, recheck: 3600, grace: 0 };
const sessions = createSessions({ ...parts, options });

/** One browser presses: in, or told that it was used. */
async function press(code: string): Promise<'in' | 'used'> {
  try {
    await spendInvite(
      code,
      { name: 'Ada', before: () => undefined, address: '203.0.113.1' },
      { ...parts, sessions },
    );
    return 'in';
  } catch (thrown) {
    if (isProblem(thrown, 'invite.used')) return 'used';
    throw thrown;
  }
}

writeSync(1, 'ready\n');
for await (const code of createInterface({ input: process.stdin })) {
  const said = await Promise.all(Array.from({ length: Number(browsers) }, () => press(code)));
  writeSync(
    1,
    `${said.filter((one) => one === 'in').length} ${said.filter((one) => one === 'used').length}\n`,
  );
}
await parts.store.close();
