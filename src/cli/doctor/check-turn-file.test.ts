import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openTerminal } from '../../../test/support/terminal.ts';
import { loadConfig } from '../../config/load.ts';
import { turnserverText } from '../../config/turn-lines.ts';
import type { Around } from './around.ts';
import { checkTurnFile } from './check-turn-file.ts';

const TURN = {
  urls: ['turn:turn.example.org:3478?transport=udp'],
  secret: 'a secret for a turn server, of some length',
  bridges: ['203.0.113.7'],
};

/** What the doctor says of a file that is ours but for what `change` makes of it. */
async function said(t: TestContext, change: (file: string) => string, mode = 0o600) {
  const { folder, configure } = openTerminal(t);
  configure({ turn: TURN });
  const found = loadConfig(join(folder, 'ostiary.yaml'), {});
  assert.ok('config' in found);
  const text = turnserverText(found.config, 'bridges-only').replace(
    '#static-auth-secret=',
    `static-auth-secret=${TURN.secret}`,
  );
  const turnFile = join(folder, 'turnserver.conf');
  writeFileSync(turnFile, change(text));
  chmodSync(turnFile, mode);
  const verdicts = await checkTurnFile.run({ config: found.config, wanted: { turnFile } } as Around);
  return [verdicts].flat();
}

const without = (name: string) => (file: string) =>
  file
    .split('\n')
    .filter((line) => line.split('=')[0] !== name)
    .join('\n');

test('the file that we print has nothing wrong with it', async (t) =>
  assert.deepEqual(
    (await said(t, (file) => file)).map(({ light }) => light),
    ['green'],
  ));

const BAD: Readonly<Record<string, readonly [change: (file: string) => string, says: RegExp]>> = {
  'denies no peer': [without('denied-peer-ip'), /denies no peer/],
  'denies peers of IPv4 alone': [
    (file) => `${without('denied-peer-ip')(file)}\ndenied-peer-ip=10.0.0.0-10.255.255.255\n`,
    /CVE-2026-27624/,
  ],
  'lets people through to its own machine': [
    (file) => `${file}\nallow-loopback-peers\n`,
    /allow-loopback-peers/,
  ],
  'knows an account for ever': [(file) => `${file}\nuser=jitsi:jitsi\n`, /password that never ends/],
  'names no realm': [without('realm'), /names no realm/],
  'asks for nothing': [(file) => `${file}\nno-auth\n`, /asks nobody/],
};

for (const [what, [change, says]] of Object.entries(BAD))
  test(`TURN-09: a turnserver.conf that ${what} is told, and is the only thing that is`, async (t) => {
    const verdicts = await said(t, change);
    assert.deepEqual(
      verdicts.map(({ light }) => light),
      ['red'],
      JSON.stringify(verdicts),
    );
    assert.match(verdicts[0]?.says ?? '', says);
    assert.ok(verdicts[0]?.fix);
  });

test('TURN-09: a turnserver.conf whose secret others may read is told, and the secret is not', async (t) => {
  const verdicts = await said(t, (file) => file, 0o644);
  assert.deepEqual(
    verdicts.map(({ light, says }) => [light, says]),
    [['red', 'Others on this machine may read its secret (644).']],
  );
  assert.ok(!JSON.stringify(verdicts).includes(TURN.secret));
});
