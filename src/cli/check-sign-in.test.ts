import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { idpMetadata, makeKeyPair, signedRoot } from '../../test/support/saml-idp.ts';
import { openTerminal, type Terminal } from '../../test/support/terminal.ts';

/** What `check` complains and warns of in signing in, one line each, without what is fine. */
async function said(terminal: Terminal): Promise<string> {
  const { out } = await terminal.run('check');
  return out
    .split('\n')
    .filter((line) => /^(?:wrong|warn) /.test(line) && !line.startsWith('warn   sign-out: '))
    .join('\n');
}

function withProvider(t: TestContext, provider: object, more: object = {}): Terminal {
  const terminal = openTerminal(t);
  terminal.configure({ providers: [provider], ...more });
  return terminal;
}

const DIRECTORY = { urls: ['ldaps://127.0.0.1:9'], base: 'dc=example,dc=org' };

test('a file of an authority that cannot be read is told by its setting, and not by "run ostiary check"', async (t) => {
  const terminal = withProvider(t, {
    id: 'directory',
    kind: 'ldap',
    ldap: { ...DIRECTORY, caFile: 'nowhere.pem' },
  });
  const { code, out, err } = await terminal.run('check');
  assert.match(out, /providers\[0\]\.ldap\.caFile cannot be used \(ENOENT\)\. Right would be: a PEM file/);
  assert.doesNotMatch(out + err, /[Rr]un "ostiary check"/);
  assert.equal(code, 1);
  writeFileSync(join(terminal.folder, 'nowhere.pem'), 'no certificate');
  assert.match(await said(terminal), /ldap\.caFile cannot be used \(no-certificate\)/);
  terminal.configure({ outbound: { caFile: 'elsewhere.pem' } });
  assert.match(await said(terminal), /outbound\.caFile cannot be used \(ENOENT\)/);
});

test('users.yaml that is not there yet is told with what makes it; one that others may change, with how to shut it', async (t) => {
  const terminal = withProvider(t, { id: 'house', kind: 'file', usersFile: 'users.yaml' });
  assert.match(
    await said(terminal),
    /providers\[0\]\.usersFile is not there yet\. Right would be: ostiary user add NAME, which makes it\./,
  );
  terminal.pipes('a password of ada');
  assert.equal((await terminal.run('user', 'add', 'ada')).code, 0);
  assert.equal(await said(terminal), '');
  const file = join(terminal.folder, 'users.yaml');
  for (const mode of [0o644, 0o602]) {
    chmodSync(file, mode);
    assert.equal(
      await said(terminal),
      `wrong  providers[0].usersFile holds a secret that others on this machine may read or change (${mode.toString(8)}). ` +
        `Right would be: a file for its owner and group alone: chmod 640 ${file}.`,
    );
  }
});

test('a key of our SAML service provider that cannot be used is told before an identity provider asks for it', async (t) => {
  const [idp, ours, other] = [await makeKeyPair(), await makeKeyPair(), await makeKeyPair()];
  const terminal = withProvider(
    t,
    { id: 'uni', kind: 'saml', saml: { metadataFile: 'idp.xml' } },
    { saml: { keys: [{ keyFile: 'sp.key', certFile: 'sp.pem' }] } },
  );
  const write = (name: string, text: string) =>
    writeFileSync(join(terminal.folder, name), text, { mode: 0o600 });
  write('idp.xml', idpMetadata([idp]));
  assert.match(await said(terminal), /saml\.keys cannot be used \(ENOENT: .*sp\.key\)\. Right would be: /);
  write('sp.key', ours.key);
  write('sp.pem', other.certificate);
  assert.match(await said(terminal), /saml\.keys cannot be used \(another-key: .*sp\.key\)/);
  write('sp.pem', ours.certificate);
  assert.equal(await said(terminal), '');
});

test('of metadata that cannot be used the setting is named that has to change, and what would be right', async (t) => {
  const [idp, federation, other] = [await makeKeyPair(), await makeKeyPair(), await makeKeyPair()];
  const terminal = openTerminal(t);
  const write = (name: string, text: string) => writeFileSync(join(terminal.folder, name), text);
  write('idp.xml', idpMetadata([idp]));
  write('signed.xml', signedRoot(idpMetadata([idp]), federation));
  write('over.xml', idpMetadata([idp]).replace('entityID=', 'validUntil="2001-01-01T00:00:00Z" entityID='));
  write('page.xml', '<!doctype html><p>Sign in</p>');
  write('other.pem', other.certificate);
  for (const [saml, path, right] of [
    [{ metadataFile: 'gone.xml' }, 'metadataFile', /\(ENOENT\).*a file .*this user may read/],
    [
      { metadataFile: 'idp.xml', metadataCertFile: 'gone.pem' },
      'metadataCertFile',
      /\(ENOENT\).*a file .*this user may read/,
    ],
    [{ metadataFile: 'idp.xml', metadataCertFile: 'page.xml' }, 'metadataCertFile', /no-certificate.*PEM/],
    [
      { metadataFile: 'idp.xml', metadataCertFile: 'other.pem' },
      'metadataCertFile',
      /unsigned.*leave it out/,
    ],
    [
      { metadataFile: 'signed.xml', metadataCertFile: 'other.pem' },
      'metadataCertFile',
      /signature.*certificate/,
    ],
    [{ metadataFile: 'over.xml' }, 'metadataFile', /expired.*fetch it anew/],
    [{ metadataFile: 'page.xml' }, 'metadataFile', /XML/],
    [{ metadataFile: 'idp.xml', entityId: 'https://other.example.org' }, 'entityId', /entity-missing/],
  ] as const) {
    terminal.configure({ providers: [{ id: 'uni', kind: 'saml', saml }] });
    const told = await said(terminal);
    assert.ok(told.startsWith(`wrong  providers[0].saml.${path} `), told);
    assert.match(told, right);
  }
  terminal.configure({
    providers: [{ id: 'uni', kind: 'saml', saml: { metadataUrl: 'https://127.0.0.1:9/x' } }],
  });
  assert.match(await said(terminal), /saml\.metadataUrl does not answer.*reached from this machine/);
});

test('an old algorithm whose day is over is told: it is refused again', async (t) => {
  const terminal = withProvider(t, {
    id: 'uni',
    kind: 'saml',
    saml: { metadataFile: 'idp.xml', legacy: [{ algorithm: 'cbc', until: '2001-06-30' }] },
  });
  writeFileSync(join(terminal.folder, 'idp.xml'), idpMetadata([await makeKeyPair()]));
  assert.match(await said(terminal), /^warn {3}provider uni: .*cbc.* 2001-06-30/m);
});

test('a scoped affiliation among hosts is told: what has an @ is taken for an address, and nobody would lead', async (t) => {
  const uni = { id: 'uni', kind: 'saml', saml: { metadataFile: 'idp.xml' } };
  const front = {
    kind: 'header',
    id: 'front',
    header: {
      preset: 'mod-shib',
      from: ['127.0.0.1'],
      secret: 'a secret of thirty-two bytes, or of some more',
    },
  };
  const terminal = openTerminal(t);
  writeFileSync(join(terminal.folder, 'idp.xml'), idpMetadata([await makeKeyPair()]));
  chmodSync(join(terminal.folder, 'ostiary.yaml'), 0o600);
  for (const provider of [{ ...uni, groups: { claim: 'eduPersonScopedAffiliation' } }, front]) {
    terminal.configure({ providers: [provider], hosts: ['staff@example.org', 'ada@example.org'] });
    assert.match(await said(terminal), /^warn {3}hosts: staff@example\.org .*rule.*groups/m);
  }
  terminal.configure({ providers: [uni], hosts: ['staff@example.org'] });
  assert.equal(await said(terminal), '');
});
