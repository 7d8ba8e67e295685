import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encryptedResponse, expecting, makeKeyPair } from '../../test/support/saml-idp.ts';
import { openTerminal, TERMINAL_CONFIG } from '../../test/support/terminal.ts';
import { judgeResponse } from '../identity/saml/response.ts';
import { decryptingKeys, signingKey } from '../keys/certified-keys.ts';

interface Shown {
  readonly certificate: string;
  readonly state: string;
}

const UNI = { id: 'uni', kind: 'saml', saml: { metadataFile: 'idp.xml' } };
const SAML = { providers: [...TERMINAL_CONFIG.providers, UNI] };

test('the key we made gives way to another, and while both stand there both decrypt', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure(SAML);
  const { saml, samlKeys } = await terminal.server();
  assert.ok(saml && samlKeys);
  const listed = () => terminal.json<readonly Shown[]>('keys', 'saml');
  const published = async () => [...(await saml.metadata()).matchAll(/use="(\w+)"/g)].map(([, use]) => use);
  const [first] = await listed();
  assert.equal(first?.state, 'signing');
  assert.match((await terminal.run('keys', 'saml', '--switch')).err, /no second key/);
  assert.match((await terminal.run('keys', 'saml', '--drop')).err, /no second key/);

  assert.equal((await terminal.run('keys', 'saml', '--next')).code, 0);
  assert.equal((await terminal.run('keys', 'saml', '--next')).code, 1, 'one at a time');
  const [still, next] = await listed();
  assert.deepEqual([still, next?.state], [first, 'published']);
  terminal.clock.advance(61);
  assert.deepEqual(await published(), ['signing', 'signing', 'encryption', 'encryption']);

  const before = await signingKey(samlKeys);
  assert.equal((await terminal.run('keys', 'saml', '--switch')).code, 0);
  terminal.clock.advance(61);
  const after = await signingKey(samlKeys);
  assert.notEqual(after.certificate, before.certificate);
  const idp = await makeKeyPair('idp');
  for (const { key, certificate } of [before, after]) {
    const xml = await encryptedResponse(idp, { key: key.reveal(), certificate });
    const judged = await judgeResponse(xml, expecting(idp, { keys: await decryptingKeys(samlKeys) }));
    assert.equal(judged.kind, 'statement');
  }

  assert.equal((await terminal.run('keys', 'saml', '--drop')).code, 0);
  assert.deepEqual(await listed(), [{ ...next, state: 'signing' }]);
  terminal.clock.advance(61);
  assert.deepEqual(await published(), ['signing', 'encryption']);
});

test('no list of SAML keys holds a key', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure(SAML);
  const { samlKeys } = await terminal.server();
  assert.ok(samlKeys);
  const body = (await signingKey(samlKeys)).key.reveal().split('\n')[3] ?? '';
  const said = [
    await terminal.run('keys', 'saml'),
    await terminal.run('keys', 'saml', '--json'),
    await terminal.run('keys', 'saml', '--next'),
  ];
  assert.ok(body.length > 40 && said.every(({ out }) => !out.includes(body) && !out.includes('PRIVATE')));
});

test('keys from files are changed in the configuration, and there are none where nobody speaks SAML', async (context) => {
  const terminal = openTerminal(context);
  await terminal.server();
  assert.match((await terminal.run('keys', 'saml')).err, /No identity provider here speaks SAML/);
  const { key, certificate } = await makeKeyPair('sp');
  const [keyFile, certFile] = [join(terminal.folder, 'key.pem'), join(terminal.folder, 'cert.pem')];
  writeFileSync(keyFile, key, { mode: 0o600 });
  writeFileSync(certFile, certificate);
  terminal.configure({ ...SAML, saml: { keys: [{ keyFile, certFile }] } });
  assert.match(
    (await terminal.run('keys', 'saml')).out,
    /^CERTIFICATE +STATE +UNTIL\n[0-9A-F:]{95} +signing /,
  );
  assert.match((await terminal.run('keys', 'saml', '--next')).err, /come from files/);
});
