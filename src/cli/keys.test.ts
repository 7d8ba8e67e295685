import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';

interface Listed {
  readonly mode: string;
  readonly keys: readonly { readonly kid: string; readonly state: string; readonly signsFrom?: string }[];
}

test('keys that we make are listed, rotated and revoked, and the server follows', async (context) => {
  const terminal = openTerminal(context);
  const { keys } = await terminal.server();
  const first = (await keys.signing()).kid;
  assert.match(
    (await terminal.run('keys', 'rotate')).out,
    /^Key \S+ is published and signs from 2026-03-02 09:15Z\.$/,
  );
  const { mode, keys: listed } = await terminal.json<Listed>('keys', 'list');
  assert.equal(mode, 'stored');
  assert.deepEqual(
    listed.map(({ state }) => state),
    ['coming', 'signing'],
  );
  const second = listed[0]?.kid;
  assert.match((await terminal.run('keys', 'list')).out, /^KID +STATE +MADE +SIGNS FROM +GONE\n\S+ +coming /);
  const { code, out } = await terminal.run('keys', 'revoke', first);
  assert.equal(code, 0);
  assert.match(out, /Restart Prosody/);
  terminal.clock.advance(2);
  assert.equal((await keys.signing()).kid, second);
  assert.deepEqual(
    (await keys.published()).map(({ kid }) => kid),
    [second],
  );
});

test('no list of keys holds a key', async (context) => {
  const terminal = openTerminal(context);
  const { keys } = await terminal.server();
  const body = (await keys.signing()).secret.reveal().split('\n')[3] ?? '';
  const out =
    (await terminal.run('keys', 'list', '--json')).out + (await terminal.run('keys', 'rotate', '--json')).out;
  assert.ok(body.length > 40 && !out.includes(body) && !out.includes('PRIVATE'));
});

test('a key that is not there is not revoked', async (context) => {
  const terminal = openTerminal(context);
  const { keys } = await terminal.server();
  const { kid } = await keys.signing();
  const { code, err } = await terminal.run('keys', 'revoke', 'k9-nothing');
  assert.deepEqual([code, err.split('\n')[0]], [1, 'There is no such key.']);
  terminal.clock.advance(2);
  assert.equal((await keys.signing()).kid, kid);
});

test('a shared secret is changed in two places, not rotated here', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({ tokens: { secret: 'a shared secret of forty characters, say' } });
  await terminal.server();
  assert.deepEqual(await terminal.json('keys', 'list'), { mode: 'shared-secret', keys: [] });
  const { code, err } = await terminal.run('keys', 'rotate');
  assert.equal(code, 1);
  assert.match(err, /tokens\.secret/);
});

test('keys from files are listed, and changed where they are', async (context) => {
  const terminal = openTerminal(context);
  const file = join(terminal.folder, 'signing.pem');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  terminal.configure({ tokens: { keyFiles: [{ file, kid: '2026-a' }] } });
  await terminal.server();
  assert.deepEqual(await terminal.json('keys', 'list'), {
    mode: 'files',
    keys: [{ kid: '2026-a', state: 'signing' }],
  });
  assert.match((await terminal.run('keys', 'revoke', '2026-a')).err, /tokens\.keyFiles/);
});

test('before the first token there is no key: that is said to be as it should be, and the first use makes one', async (context) => {
  const terminal = openTerminal(context);
  const { keys } = await terminal.server();
  const { code, out } = await terminal.run('keys', 'list');
  assert.equal(code, 0);
  assert.match(out, /^There is no key yet, and nothing is to be done: .*first token/);
  await keys.signing();
  assert.match((await terminal.run('keys', 'list')).out, /^KID /);
});
