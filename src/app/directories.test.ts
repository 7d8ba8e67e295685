/** The settings of a directory: what is complained of, and docker-jitsi-meet's names for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, configOf, load } from '../../test/support/config.ts';
import { ldapOptionsOf, prosodyOptionsOf } from './directories.ts';

const BASE = 'publicUrl: https://meet.example.org\njitsi: { roles: enforced }\n';
const HOLDS = { urls: ['ldaps://dir.example.org'], base: 'dc=x' };

function said(ldap: Readonly<Record<string, unknown>>): string {
  return `${BASE}providers: [${JSON.stringify({ id: 'dir', kind: 'ldap', ldap })}]`;
}

test('the least that a directory needs is its address and where people are', () => {
  const [options] = ldapOptionsOf(configOf(load(said(HOLDS))));
  assert.deepEqual(
    [options?.filter, options?.groups, options?.mapping.id],
    ['(uid={username})', 'memberOf', ['entryUUID']],
  );
});

test('Active Directory brings its own filter, its own id, and groups within groups', () => {
  const ldap = { ...HOLDS, preset: 'active-directory', groupBase: 'ou=Groups,dc=x' };
  const [options] = ldapOptionsOf(configOf(load(said(ldap))));
  assert.match(options?.filter ?? '', /sAMAccountName=\{username\}\)\(userPrincipalName=\{username\}/);
  assert.deepEqual([options?.groups, options?.mapping.id], ['nested', ['objectGUID']]);
});

for (const [what, ldap, path, wrong] of [
  ['no address', { base: 'dc=x' }, 'providers[0].ldap.urls', 'is missing'],
  ['no base', { urls: ['ldaps://x'] }, 'providers[0].ldap.base', 'is missing'],
  [
    'plain LDAP to another machine',
    { ...HOLDS, urls: ['ldap://dir.example.org'] },
    'providers[0].ldap.urls[0]',
    'is ldap without TLS to a host others can reach',
  ],
  [
    'an address with a path',
    { ...HOLDS, urls: ['ldaps://x/dc=x??sub'] },
    'providers[0].ldap.urls[0]',
    'is no address of a directory',
  ],
  [
    'an address with a password',
    { ...HOLDS, urls: ['ldaps://a:b@x'] },
    'providers[0].ldap.urls[0]',
    'is no address of a directory',
  ],
  [
    'a web address',
    { ...HOLDS, urls: ['https://x'] },
    'providers[0].ldap.urls[0]',
    'is no address of a directory',
  ],
  [
    'an account without a password',
    { ...HOLDS, bindDn: 'cn=a' },
    'providers[0].ldap.bindPassword',
    'is missing',
  ],
  [
    'a filter without a place',
    { ...HOLDS, filter: '(uid=ada)' },
    'providers[0].ldap.filter',
    'is no filter that can be used',
  ],
  [
    'a filter with a parenthesis too few',
    { ...HOLDS, filter: '(&(a=b)(uid={username})' },
    'providers[0].ldap.filter',
    'is no filter that can be used',
  ],
  [
    "saslauthd's place for the realm",
    { ...HOLDS, filter: '(mail=%u@%r)' },
    'providers[0].ldap.filter',
    'is no filter that can be used',
  ],
  [
    'groups that are searched nowhere',
    { ...HOLDS, groups: 'search' },
    'providers[0].ldap.groupBase',
    'is missing',
  ],
] as const)
  test(`${what} is complained of`, () =>
    assert.deepEqual(
      complaintsOf(load(said(ldap))).map((complaint) => [complaint.path, complaint.wrong]),
      [[path, wrong]],
    ));

for (const [what, ldap] of [
  ['on this machine', { urls: ['ldap://127.0.0.1:3389'] }],
  ['with StartTLS', { urls: ['ldap://dir.example.org'], startTls: true }],
  [
    'where the operator says so by its long name',
    { urls: ['ldap://dir.example.org'], insecurePlainLdap: true },
  ],
] as const)
  test(`ldap:// is taken ${what}`, () =>
    assert.deepEqual(complaintsOf(load(said({ ...HOLDS, ...ldap }))), []));

test("docker-jitsi-meet's own names alone are a directory", () => {
  const env = {
    LDAP_URL: 'ldaps://dc1.example.org ldaps://dc2.example.org',
    LDAP_BASE: 'DC=example,DC=org',
    LDAP_BINDDN: 'CN=binduser,OU=users,DC=example,DC=org',
    LDAP_BINDPW: 'LdapUserPassw0rd',
    LDAP_FILTER: '(sAMAccountName=%u)',
    LDAP_TLS_CACERT_FILE: '/etc/ssl/certs/ca-certificates.crt',
  };
  const [options] = ldapOptionsOf(configOf(load(BASE, { env })));
  assert.deepEqual(
    [options?.id, options?.urls, options?.base, options?.account?.dn, options?.filter, options?.ca.file],
    [
      'ldap',
      ['ldaps://dc1.example.org', 'ldaps://dc2.example.org'],
      'DC=example,DC=org',
      'CN=binduser,OU=users,DC=example,DC=org',
      '(sAMAccountName={username})',
      '/etc/ssl/certs/ca-certificates.crt',
    ],
  );
  assert.equal(options?.account?.password.reveal(), 'LdapUserPassw0rd');
});

test('the same names left over beside another way to sign in change nothing', () => {
  const oidc = `${BASE}providers: [{ id: sso, issuer: https://id.example.org, clientId: jitsi }]`;
  const config = configOf(load(oidc, { env: { LDAP_URL: 'ldaps://x', LDAP_BASE: 'dc=x' } }));
  assert.deepEqual(
    config.providers.map(({ kind }) => kind),
    ['oidc'],
  );
  assert.deepEqual(ldapOptionsOf(config), []);
});

function accounts(prosody: Readonly<Record<string, unknown>>): string {
  return `${BASE}providers: [${JSON.stringify({ id: 'xmpp', kind: 'prosody', prosody })}]`;
}

test("Prosody's accounts are asked for on this machine, under the name of Jitsi's own host", () => {
  assert.deepEqual(prosodyOptionsOf(configOf(load(accounts({ domain: 'people.example.org' })))), [
    {
      id: 'xmpp',
      name: 'xmpp',
      url: 'http://meet.example.org:5280/http-bind',
      at: '127.0.0.1',
      domain: 'people.example.org',
      safe: true,
    },
  ]);
});

test('in a network of containers a password is shown to nobody, whatever is offered', () => {
  const url = 'http://prosody:5280/http-bind';
  const said = { domain: 'people.example.org', url };
  assert.deepEqual(
    complaintsOf(load(accounts(said))).map(({ path, wrong }) => [path, wrong]),
    [['providers[0].prosody.url', 'is http on a host others can reach']],
  );
  const [options] = prosodyOptionsOf(configOf(load(accounts({ ...said, insecurePlainHttp: true }))));
  assert.equal(options?.safe, false);
});

test('accounts of no host are complained of', () =>
  assert.deepEqual(
    complaintsOf(load(accounts({}))).map(({ path, wrong }) => [path, wrong]),
    [['providers[0].prosody.domain', 'is missing']],
  ));
