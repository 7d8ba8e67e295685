/** What stands beside a kind of provider that does not read it is told, and what another program left over is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, configOf, leastWith, load } from '../../test/support/config.ts';
import { READ_BY_KIND, READ_OF_ALL } from './provider-kinds.ts';
import { settings } from './schema/settings.ts';
import { below, namesAt } from './walk.ts';

const SECRET = 'a secret of forty-three characters or of more';

/** The least that each kind is. */
const KINDS = {
  oidc: { issuer: 'https://id.example.org', clientId: 'jitsi' },
  saml: { saml: { metadataFile: '/idp.xml' } },
  ldap: { ldap: { urls: ['ldaps://dir.example.org'], base: 'dc=x' } },
  prosody: { prosody: { domain: 'people.example.org' } },
  file: { usersFile: '/users.yaml' },
  header: { header: { from: ['127.0.0.1'], secret: SECRET } },
} as const;

type Kind = keyof typeof KINDS;
type More = Readonly<Record<string, unknown>>;

const said = (kind: Kind, more: More = {}) =>
  leastWith('providers', [{ id: 'one', kind, ...KINDS[kind], ...more }]);

const told = (kind: Kind, more: More) =>
  complaintsOf(load(said(kind, more))).map(
    ({ path, wrong }) => `${path.replace('providers[0].', '')} ${wrong}`,
  );

/** Everything that some kind reads, each as it holds. */
const EVERYTHING: More = {
  preset: 'keycloak',
  issuer: 'https://id.example.org',
  internalIssuer: 'https://keycloak.internal',
  insecureInternalHttp: true,
  clientId: 'jitsi',
  clientSecret: 'x',
  tokenEndpointAuth: 'client_secret_post',
  scopes: ['openid'],
  responseMode: 'query',
  acrValues: ['mfa'],
  maxAge: '8h',
  prompt: 'login',
  attributes: { unit: 'unit' },
  subject: ['oid'],
  emailVerified: true,
  userinfo: true,
  extraAuthParams: { a: 'b' },
  usersFile: '/users.yaml',
};

test('every setting of a provider is read by some kind', () => {
  const provider = below(below(settings, 'providers') ?? assert.fail(), 0) ?? assert.fail();
  const read = [...READ_OF_ALL, ...Object.values(READ_BY_KIND).flat()].map((path) => path.split('.')[0]);
  assert.deepEqual(new Set(read), new Set(namesAt(provider)));
});

for (const kind of Object.keys(KINDS) as Kind[]) {
  test(`kind: ${kind} is complete with the least, whatever the other kinds have by default`, () =>
    assert.equal(
      configOf(load(said(kind, { name: 'One', domains: ['a.example'], tenants: ['a'] }))).providers.length,
      1,
    ));

  test(`beside kind: ${kind} each setting that it does not read is told, and none that it reads`, () => {
    const reads: readonly string[] = READ_BY_KIND[kind];
    for (const [name, value] of Object.entries(EVERYTHING)) {
      const more = name === 'tokenEndpointAuth' ? { clientSecret: 'x', [name]: value } : { [name]: value };
      assert.equal(
        told(kind, more).includes(`${name} is not read for kind: ${kind}`),
        !reads.includes(name),
        name,
      );
    }
  });

  test(`beside kind: ${kind} the section of another kind is told`, () => {
    for (const [other, sections] of Object.entries(KINDS))
      if (other !== kind && other in sections)
        assert.ok(told(kind, sections).includes(`${other} is not read for kind: ${kind}`), other);
  });
}

test('what would be right is told with it, and the line it stands in', () => {
  const [complaint, ...more] = complaintsOf(
    load(`
publicUrl: https://meet.example.org
jitsi: { roles: enforced }
providers:
  - id: uni
    kind: saml
    issuer: https://idp.example.org
    saml: { metadataFile: /idp.xml }
`),
  );
  assert.deepEqual(more, []);
  assert.deepEqual(complaint, {
    path: 'providers[0].issuer',
    wrong: 'is not read for kind: saml',
    right: 'no issuer here; it is for kind: oidc',
    line: 7,
  });
});

test('a section without its kind is OpenID Connect, and that is told beside what is missing for it', () => {
  const text = leastWith('providers', [{ id: 'uni', saml: KINDS.saml.saml }]);
  assert.deepEqual(
    complaintsOf(load(text))
      .map(({ path, right }) => [path, right.split(';')[0]])
      .at(-1),
    ['providers[0].saml', 'no saml here'],
  );
});

test('of groups a directory reads whether they are required, and knows itself where they are', () => {
  assert.deepEqual(told('ldap', { groups: { required: true } }), []);
  assert.deepEqual(told('ldap', { groups: { claim: 'memberOf' } }), [
    'groups.claim is not read for kind: ldap',
  ]);
  assert.deepEqual(told('file', { groups: { required: true } }), ['groups is not read for kind: file']);
});

test('what is not read is not judged either', () => {
  assert.deepEqual(told('saml', { issuer: 'http://id.example.org/.well-known/openid-configuration' }), [
    'issuer is not read for kind: saml',
  ]);
  assert.deepEqual(told('saml', { scopes: ['email'] }), ['scopes is not read for kind: saml']);
});

test('of prompts SAML knows one', () => {
  assert.deepEqual(told('saml', { prompt: 'login' }), []);
  assert.deepEqual(told('saml', { prompt: 'consent' }), ['prompt asks for what SAML has no word for']);
});

/** docker-jitsi-meet's names, as they stand in a container that once signed people in otherwise. */
const LEFT_OVER = {
  OIDC_ISSUER_URL: 'http://id.example.org',
  OIDC_CLIENT_ID: 'jitsi',
  OIDC_CLIENT_SECRET_FILE: '/run/secrets/gone',
  OIDC_SCOPES: 'email',
};

test("docker-jitsi-meet's names for what no provider reads are left over, and say nothing", () => {
  const [provider] = configOf(load(said('saml'), { env: LEFT_OVER })).providers;
  assert.deepEqual([provider?.kind, provider?.issuer, provider?.clientId], ['saml', undefined, undefined]);
  const [first] = configOf(
    load(said('oidc'), { env: { LDAP_URL: 'ldap://x', LDAP_BASE: 'dc=x' } }),
  ).providers;
  assert.deepEqual(first?.ldap.urls, []);
});

test('they are left over beside several providers too, if none of them reads it', () => {
  const one = { id: 'one', kind: 'saml', ...KINDS.saml };
  const two = leastWith('providers', [one, { ...one, id: 'two' }]);
  assert.equal(configOf(load(two, { env: LEFT_OVER })).providers.length, 2);
  const mixed = leastWith('providers', [one, { id: 'two', kind: 'ldap', ...KINDS.ldap }]);
  assert.equal(configOf(load(mixed, { env: LEFT_OVER })).providers.length, 2);
  assert.deepEqual(
    complaintsOf(load(mixed, { env: { LDAP_BASE: 'dc=y' } })).map(({ variable }) => variable),
    ['LDAP_BASE'],
  );
});

test('our own names were said to us: beside another kind they are told like the file', () =>
  assert.deepEqual(
    complaintsOf(load(said('saml'), { env: { OSTIARY_PROVIDER_CLIENT_ID: 'jitsi' } })).map(
      ({ path, wrong, variable }) => [path, wrong, variable],
    ),
    [['providers[0].clientId', 'is not read for kind: saml', 'OSTIARY_PROVIDER_CLIENT_ID']],
  ));

test('what the file says is told with its line, also where a name left over says the same', () => {
  const [complaint] = complaintsOf(load(said('saml', { clientId: 'jitsi' }), { env: LEFT_OVER }));
  assert.deepEqual([complaint?.path, complaint?.variable], ['providers[0].clientId', undefined]);
});
