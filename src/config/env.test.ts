import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, configOf, LEAST, load, noFiles } from '../../test/support/config.ts';
import { readEnv } from './env.ts';

/** A docker-jitsi-meet .env and the sign-in beside it: no file at all. */
const DOCKER = {
  PUBLIC_URL: 'https://meet.example.org/',
  XMPP_DOMAIN: 'meet.jitsi',
  JWT_APP_ID: 'my-jitsi',
  JWT_APP_SECRET_FILE: '/run/secrets/jwt',
  JWT_ACCEPTED_AUDIENCES: '*, jitsi ,other',
  JWT_EXP_SECOND: '3600',
  JWT_ENABLE_DOMAIN_VERIFICATION: '1',
  OIDC_ISSUER_URL: 'https://id.example.org/',
  OIDC_CLIENT_ID: 'jitsi',
  OIDC_CLIENT_SECRET: 'from the provider',
  OIDC_SCOPES: 'openid profile email',
  OSTIARY_JITSI_ROLES: 'enforced',
  OSTIARY_PROVIDER_PRESET: 'authentik',
};
const SECRET = 'forty characters that nobody can guess..';

test('a docker-jitsi-meet environment alone is a configuration', () => {
  const config = configOf(load('', { env: DOCKER, readFile: () => `${SECRET}\n` }));
  const [provider] = config.providers;
  assert.deepEqual(
    {
      url: config.publicUrl,
      domain: config.jitsi.xmppDomain,
      id: config.tokens.appId,
      secret: config.tokens.secret?.reveal(),
      audience: config.tokens.audience,
      life: config.tokens.lifetime,
    },
    {
      url: 'https://meet.example.org',
      domain: 'meet.jitsi',
      id: 'my-jitsi',
      secret: SECRET,
      audience: 'jitsi',
      life: 3600,
    },
  );
  assert.deepEqual(
    {
      id: provider?.id,
      issuer: provider?.issuer,
      preset: provider?.preset,
      scopes: provider?.scopes,
      secret: provider?.clientSecret?.reveal(),
    },
    {
      id: 'oidc',
      issuer: 'https://id.example.org/',
      preset: 'authentik',
      scopes: ['openid', 'profile', 'email'],
      secret: 'from the provider',
    },
  );
});

test('an empty variable counts as absent', () => {
  const config = configOf(
    load(LEAST, {
      env: { PUBLIC_URL: '', JWT_APP_SECRET: '', JWT_APP_SECRET_FILE: '', OIDC_CLIENT_SECRET: '' },
    }),
  );
  assert.deepEqual(
    [config.publicUrl, config.tokens.secret, config.providers[0]?.clientSecret],
    ['https://meet.example.org', undefined, undefined],
  );
});

test("the environment overrides the file, and our own name the predecessor's", () => {
  const env = { PUBLIC_URL: 'https://theirs.example.org', OSTIARY_PUBLIC_URL: 'https://ours.example.org' };
  assert.equal(configOf(load(LEAST, { env })).publicUrl, 'https://ours.example.org');
  assert.equal(
    configOf(load(LEAST, { env: { PUBLIC_URL: 'https://theirs.example.org' } })).publicUrl,
    'https://theirs.example.org',
  );
});

test('the environment completes the one provider of the file', () => {
  const config = configOf(load(LEAST, { env: { OIDC_CLIENT_SECRET: 'x' } }));
  assert.deepEqual(
    [config.providers.length, config.providers[0]?.id, config.providers[0]?.clientSecret?.reveal()],
    [1, 'campus', 'x'],
  );
});

test('with two providers the environment would have to say which one it means', () => {
  const two = `${LEAST.replace('}]', '}, { id: partner, issuer: https://p.example.org, clientId: b }]')}`;
  assert.deepEqual(
    complaintsOf(load(two, { env: { OIDC_CLIENT_SECRET: 'x' } })).map(({ path, variable }) => [
      path,
      variable,
    ]),
    [['providers', 'OIDC_CLIENT_SECRET']],
  );
});

for (const [content, kept] of [
  ['secret\n', 'secret'],
  ['secret\r\n', 'secret'],
  ['secret', 'secret'],
  ['secret\n\n', 'secret\n'],
  [' secret ', ' secret '],
] as const)
  test(`of a secret's file ${JSON.stringify(content)} one newline at the end goes`, () => {
    const { values } = readEnv({ OIDC_CLIENT_SECRET_FILE: '/s' }, () => content);
    assert.deepEqual(
      values.map(({ value, variable }) => [value, variable]),
      [[kept, 'OIDC_CLIENT_SECRET_FILE']],
    );
  });

test('a secret given twice is a complaint, because one of the two is a mistake', () => {
  const { complaints } = readEnv({ JWT_APP_SECRET: 'a', JWT_APP_SECRET_FILE: '/b' }, () => 'b');
  assert.deepEqual(
    complaints.map(({ wrong }) => wrong),
    ['is set, and so is JWT_APP_SECRET_FILE'],
  );
});

test('a file that is not there is a complaint that names variable and file', () => {
  const [complaint] = complaintsOf(load(LEAST, { env: { JWT_APP_SECRET_FILE: '/run/nothing' } }));
  assert.match(`${complaint?.path} ${complaint?.wrong}`, /JWT_APP_SECRET_FILE .*\/run\/nothing.*ENOENT/);
});

test("a failure without a code is nobody's configuration and is thrown on", () =>
  assert.throws(
    () =>
      readEnv({ JWT_APP_SECRET_FILE: '/s' }, () => {
        throw new TypeError('a bug');
      }),
    TypeError,
  ));

for (const [text, value] of [
  ['1', true],
  ['true', true],
  ['Yes', true],
  ['on', true],
  ['0', false],
  ['false', false],
  ['NO', false],
  ['off', false],
] as const)
  test(`${text} in the environment is ${value}`, () =>
    assert.equal(configOf(load(LEAST, { env: { OSTIARY_TOKENS_EMAIL: text } })).tokens.email, value));

for (const [variable, text] of [
  ['OSTIARY_TOKENS_EMAIL', 'perhaps'],
  ['OSTIARY_LISTEN_PUBLIC_PORT', '80a'],
  ['JWT_EXP_SECOND', 'soon'],
  ['PUBLIC_URL', 'meet.example.org'],
  ['XMPP_DOMAIN', 'a b'],
] as const)
  test(`${variable}=${text} is a complaint that names the variable`, () =>
    assert.deepEqual(
      complaintsOf(load(LEAST, { env: { [variable]: text } })).map((complaint) => complaint.variable),
      [variable],
    ));

test('variables that are not ours are left alone', () =>
  assert.deepEqual(
    readEnv({ OSTIARY_SERVICE_HOST: '10.0.0.1', OSTIARY_PORT: 'tcp://10.0.0.1:80', HOME: '/root' }, noFiles),
    { values: [], complaints: [], secretFiles: [] },
  ));

test('lists stand side by side with commas; a group may hold a space, a scope may not', () => {
  const env = { OSTIARY_HOSTS: 'Domain Users, staff,', OIDC_SCOPES: 'openid profile,email' };
  const config = configOf(load(LEAST, { env }));
  assert.deepEqual(
    [config.hosts, config.providers[0]?.scopes],
    [
      ['Domain Users', 'staff'],
      ['openid', 'profile', 'email'],
    ],
  );
});
