import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeKey } from '../../test/support/jws.ts';
import { openTerminal } from '../../test/support/terminal.ts';

const SECRET = 'a secret of thirty-two bytes, or of some more';

/** What `check` says of the applications; the rest is not looked at. */
async function said(t: TestContext, issuers: readonly object[], more: object = {}): Promise<string> {
  const terminal = openTerminal(t);
  terminal.configure({
    insecureHttp: true,
    upstream: { url: 'http://127.0.0.1:9' },
    issuers,
    ...more,
  });
  const { out } = await terminal.run('check');
  return out
    .split('\n')
    .filter((line) => /issuer/.test(line))
    .join('\n');
}

async function keysAt(t: TestContext, body: string, status = 200): Promise<string> {
  const server = createServer((_, answer) => {
    answer.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
}

test('an application with a secret of its own is fine', async (t) =>
  assert.equal(
    await said(t, [{ iss: 'moodle', secret: SECRET }]),
    'fine   issuer moodle: has a secret of its own',
  ));

test('the secret of Prosody, and that of another application, are told', async (t) => {
  const shared = await said(t, [{ iss: 'moodle', secret: SECRET }], { tokens: { secret: SECRET } });
  assert.match(shared, /^warn {3}issuer moodle: signs with the secret that Prosody has/);
  const both = await said(t, [
    { iss: 'moodle', secret: SECRET },
    { iss: 'nextcloud', secret: SECRET },
  ]);
  assert.match(both, /issuer moodle: signs with the secret of nextcloud too/);
  assert.match(both, /issuer nextcloud: signs with the secret of moodle too/);
});

test('keys that are published are fetched, and looked at', async (t) => {
  const jwksUri = await keysAt(t, JSON.stringify({ keys: [makeKey('a').jwk] }));
  assert.match(await said(t, [{ iss: 'booking', jwksUri }]), /^fine {3}issuer booking: has keys/);
  assert.match(
    await said(t, [{ iss: 'booking', jwksUri, algorithm: 'ES256' }]),
    /issuers\[0\]\.jwksUri holds no key that is fit for ES256/,
  );
  assert.match(
    await said(t, [{ iss: 'booking', jwksUri: await keysAt(t, '', 404) }]),
    /issuers\[0\]\.jwksUri does not work: .*issuer\.unreachable.*404/,
  );
});

test('a key in a file is read, and must be public and of the right kind', async (t) => {
  const terminal = openTerminal(t);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = (name: string, text: string | Buffer) => {
    const path = join(terminal.folder, name);
    writeFileSync(path, text);
    return path;
  };
  const pem = file('public.pem', publicKey.export({ type: 'spki', format: 'pem' }));
  assert.match(await said(t, [{ iss: 'b', publicKeyFile: pem, algorithm: 'ES256' }]), /^fine/);
  assert.match(
    await said(t, [{ iss: 'b', publicKeyFile: pem }]),
    /publicKeyFile holds no key that is fit for RS256/,
  );
  const secret = file('private.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  assert.match(await said(t, [{ iss: 'b', publicKeyFile: secret }]), /publicKeyFile does not work/);
  assert.match(
    await said(t, [{ iss: 'b', publicKeyFile: '/nowhere.pem' }]),
    /publicKeyFile does not work.*ENOENT/,
  );
});

test('an application whose links the rules refuse everywhere is told', async (t) =>
  assert.match(
    await said(t, [{ iss: 'moodle', secret: SECRET }], {
      rules: [{ name: 'nobody else', when: {}, then: 'refuse' }],
    }),
    /^warn {3}issuer moodle: its people are refused by the rule "nobody else"/,
  ));
