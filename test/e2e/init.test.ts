/**
 * A first configuration with real sign-in services: each is asked before anything is written, with its secret and before
 * there is one.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { makeRsaKey } from '../../src/keys/rsa.ts';
import { selfSigned } from '../../src/keys/self-signed.ts';
import { serve } from '../support/http-server.ts';
import { startOp } from '../support/op.ts';
import { READER, type Slapd, SUFFIX, startSlapd } from '../support/real/slapd.ts';
import { idpMetadata } from '../support/saml-idp.ts';
import { openTerminal } from '../support/terminal.ts';

let slapd: Slapd;
before(async () => {
  slapd = await startSlapd();
});
after(() => slapd?.stop());

const URL_OF_OURS = 'http://localhost:8080';

/** One run in a folder of its own, and perhaps with a secret that is there already. */
function machine(t: TestContext, secret?: { readonly file: string; readonly text: string }) {
  const { run, folder, clock } = openTerminal(t);
  clock.advance((Date.now() - clock.now()) / 1000);
  if (secret !== undefined) {
    mkdirSync(join(folder, 'out/secrets'), { recursive: true });
    writeFileSync(join(folder, 'out', secret.file), secret.text, { mode: 0o600 });
  }
  return {
    init: (...flags: readonly string[]) =>
      run('init', '--debian', '--out', 'out', '--yes', '--public-url', URL_OF_OURS, ...flags),
    isWritten: () => existsSync(join(folder, 'out/ostiary.yaml')),
    loaded: () => loadConfig(join(folder, 'out/ostiary.yaml'), {}),
  };
}

const directory = (base = SUFFIX) => ['--ldap-url', slapd.ldap, '--ldap-base', base];
const READ_AS = ['--ldap-bind-dn', READER.dn];

test('a directory is asked as the account that reads it, and taken', async (t) => {
  const { init, loaded } = machine(t, { file: 'secrets/ldap', text: READER.password });
  const { code, out, err } = await init(...directory(), ...READ_AS);
  assert.equal(code, 0, out + err);
  assert.match(out, /answers, takes the account that looks people up, and has the base/);
  const found = loaded();
  assert.ok('config' in found, JSON.stringify(found));
});

test('before the password of its account is there a directory has only to answer', async (t) => {
  const { init, isWritten } = machine(t);
  const { code, out, err } = await init(...directory(), ...READ_AS);
  assert.equal(code, 0, out + err);
  assert.match(out, /The sign-in service answers; whether it takes us, "ostiary check" says/);
  assert.ok(isWritten());
  const away = machine(t);
  const failed = await away.init('--ldap-url', 'ldap://127.0.0.1:9', '--ldap-base', SUFFIX, ...READ_AS);
  assert.equal(failed.code, 1, failed.out);
  assert.match(failed.err, /^wrong {2}providers\[0\]\.ldap\.urls does not answer/m);
  assert.equal(away.isWritten(), false);
});

test('a password that the directory does not take, and a base that it has not, stop even --yes', async (t) => {
  const wrong = machine(t, { file: 'secrets/ldap', text: 'another-password' });
  const refused = await wrong.init(...directory(), ...READ_AS);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /providers\[0\]\.ldap\.bindPassword is not taken/);
  assert.match(refused.err, /refuses us; nothing was written\. \(provider\.misconfigured\)/);
  assert.doesNotMatch(refused.out + refused.err, /another-password/);
  const elsewhere = machine(t, { file: 'secrets/ldap', text: READER.password });
  const missing = await elsewhere.init(...directory('ou=nowhere,dc=example,dc=org'), ...READ_AS);
  assert.equal(missing.code, 1, missing.out);
  assert.match(missing.err, /providers\[0\]\.ldap\.base is not there/);
  assert.equal(wrong.isWritten() || elsewhere.isWritten(), false);
});

test('an identity provider’s metadata is fetched and judged before it is written down', async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const key = await makeRsaKey();
  const words = { commonName: 'idp', from: now - 60, until: now + 86_400, serial: Buffer.alloc(16, 7) };
  const metadata = idpMetadata([{ key, certificate: selfSigned(key, words) }]);
  const port = await serve(
    t,
    ({ url }, response) => void response.end(url === '/idp' ? metadata : '<none/>'),
  );
  const { init, loaded } = machine(t);
  const { code, out, err } = await init('--saml-metadata', `http://127.0.0.1:${port}/idp`);
  assert.equal(code, 0, out + err);
  assert.match(out, /has metadata that holds; it has to know ours/);
  assert.ok('config' in loaded());
  const none = machine(t);
  const failed = await none.init('--saml-metadata', `http://127.0.0.1:${port}/none`);
  assert.equal(failed.code, 1, failed.out);
  assert.match(failed.err, /^wrong {2}providers\[0\]\.saml\.metadataUrl has no metadata/m);
  assert.equal(none.isWritten(), false);
});

test('a provider that knows us as a public client takes us without a secret', async (t) => {
  const redirectUris = [`${URL_OF_OURS}/_ostiary/callback/sso`];
  const op = await startOp({ redirectUris, client: { token_endpoint_auth_method: 'none' } });
  t.after(() => op.close());
  const flags = ['--issuer', op.issuer, '--client-id', op.clientId, '--client-secret-file', 'none'];
  const { init, loaded } = machine(t);
  const { code, out, err } = await init(...flags);
  assert.equal(code, 0, out + err);
  assert.match(out, /The sign-in service answers, takes the client id/);
  const found = loaded();
  assert.ok('config' in found, JSON.stringify(found));
  assert.equal(found.config.providers[0]?.clientSecret, undefined);
});
