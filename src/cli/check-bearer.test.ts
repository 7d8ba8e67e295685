/** What `check` says of those whose tokens callers may bring. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { serve } from '../../test/support/http-server.ts';
import { makeKey } from '../../test/support/jws.ts';
import { openTerminal } from '../../test/support/terminal.ts';

/** A service with metadata and keys. */
async function service(t: TestContext, { names }: { readonly names?: string } = {}): Promise<string> {
  const port = await serve(t, (request, response) => {
    const issuer = `http://127.0.0.1:${port}`;
    response.setHeader('content-type', 'application/json');
    if (request.url === '/.well-known/openid-configuration')
      response.end(JSON.stringify({ issuer: names ?? issuer, jwks_uri: `${issuer}/jwks` }));
    else response.end(JSON.stringify({ keys: [makeKey('a').jwk] }));
  });
  return `http://127.0.0.1:${port}`;
}

async function said(t: TestContext, issuer: object, more: object = {}): Promise<string> {
  const terminal = openTerminal(t);
  terminal.configure({
    ...{ insecureHttp: true, ...more },
    bearer: { issuers: [{ id: 'api', audience: 'jitsi-api', ...issuer }] },
  });
  const { out } = await terminal.run('check');
  return out
    .split('\n')
    .filter((line) => line.includes('bearer'))
    .join('\n');
}

test('keys are found in the metadata below the issuer', async (t) => {
  const iss = await service(t);
  assert.equal(await said(t, { iss }), `fine   bearer tokens of ${iss}: have keys that hold them`);
  assert.match(await said(t, { iss, algorithm: 'ES256' }), /iss holds no key that is fit for ES256/);
});

test('metadata of another issuer holds nothing', async (t) => {
  const iss = await service(t, { names: 'https://sso.example.org' });
  assert.match(await said(t, { iss }), /bearer\.issuers\[0\]\.iss does not work/);
});

test('a key that cannot be read hides nothing else', async (t) => {
  const terminal = openTerminal(t);
  const key = { publicKeyFile: '/nowhere.pem' };
  terminal.configure({
    bearer: { issuers: [{ id: 'api', iss: 'rooms', audience: 'jitsi-api', ...key }] },
    apps: [{ name: 'crm', rooms: ['crm-*'], ...key }],
  });
  const { out } = await terminal.run('check');
  for (const where of ['bearer.issuers[0]', 'apps[0]'])
    assert.ok(out.includes(`${where}.publicKeyFile does not work: A key cannot be used`));
  assert.match(out, /^fine +store/m);
});

test('a secret that Prosody has too is told', async (t) => {
  const secret = 'a secret of thirty-two bytes, or of some more';
  const own = await said(t, { iss: 'rooms', secret });
  assert.equal(own, 'fine   bearer tokens of rooms: have a secret of their own');
  assert.match(await said(t, { iss: 'rooms', secret }, { tokens: { secret } }), /the secret of Prosody too/);
});
