/** What contradicts itself in those whose tokens callers may bring. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './load.ts';

const SECRET = 'a secret of thirty-two bytes, or of some more';
const SSO = { id: 'sso', issuer: 'https://sso.example.org', clientId: 'jitsi' };

function complaintsOf(issuers: readonly object[], more: object = {}) {
  const parsed = parseConfig({
    yamlText: JSON.stringify({
      publicUrl: 'https://meet.example.org',
      jitsi: { roles: 'enforced' },
      providers: [SSO, { id: 'people', kind: 'file', usersFile: '/etc/ostiary/users.yaml' }],
      tokens: { appId: 'ostiary' },
      bearer: { issuers },
      ...more,
    }),
    env: {},
    readFile: () => '',
  });
  return 'complaints' in parsed ? parsed.complaints : [];
}

function said(issuers: readonly object[], more: object = {}): string {
  return complaintsOf(issuers, more)
    .map(({ path, wrong }) => `${path} ${wrong}`)
    .join('\n');
}

for (const [what, issuer] of [
  ['a provider of ours', { provider: 'sso', audience: 'api' }],
  ['another issuer with metadata', { id: 'api', iss: 'https://id.example.org', audience: 'api' }],
  ['another with a secret', { id: 'api', iss: 'rooms', audience: 'api', secret: SECRET }],
] as const)
  test(`${what} is taken`, () => assert.equal(said([issuer]), ''));

test('a rule may speak of those who bring tokens of their own', () => {
  const rules = (id: string) => ({
    rules: [{ name: 'r', when: { providers: [id] }, then: 'participant' }],
  });
  const issuers = [{ id: 'api', iss: 'rooms', audience: 'api', secret: SECRET }];
  assert.equal(said(issuers, rules('api')), '');
  assert.match(said(issuers, rules('apis')), /^rules\[0\]\.when\.providers\[0\] is no provider here$/);
});

test('the providers that could be meant are named', () => {
  const { right } = complaintsOf([{ provider: 'nobody', audience: 'api' }])[0] ?? {};
  assert.equal(right, 'one of: sso');
});

for (const [what, issuer, wrong] of [
  ['nobody', { iss: 'https://id.example.org', audience: 'api' }, /issuers\[0\]\.id is missing/],
  ['two', { provider: 'sso', id: 'api', audience: 'api' }, /issuers\[0\]\.id stands beside provider/],
  ['a provider without tokens', { provider: 'people', audience: 'api' }, /provider is no OpenID Connect/],
  ['a provider there is none of', { provider: 'nobody', audience: 'api' }, /provider is no OpenID Connect/],
  [
    'the id of a provider',
    { id: 'sso', iss: 'https://id.example.org', audience: 'api' },
    /id is also the id/,
  ],
  [
    'our own name for guests',
    { id: 'guest', iss: 'https://id.example.org', audience: 'api' },
    /id is also the id/,
  ],
  ['no iss', { id: 'api', audience: 'api', secret: SECRET }, /issuers\[0\]\.iss is missing/],
  ['no audience', { provider: 'sso' }, /issuers\[0\]\.audience is missing/],
  ['keys nowhere', { id: 'api', iss: 'rooms', audience: 'api' }, /jwksUri is missing/],
  [
    'keys twice',
    { id: 'api', iss: 'rooms', audience: 'api', secret: SECRET, publicKeyFile: '/k' },
    /publicKeyFile contradicts secret/,
  ],
  ['a short secret', { id: 'api', iss: 'rooms', audience: 'api', secret: 'short' }, /secret /],
  ['a secret for keys', { provider: 'sso', audience: 'api', algorithm: 'HS256' }, /algorithm wants a secret/],
  ['groups said twice', { provider: 'sso', audience: 'api', groups: {} }, /groups is said by the provider/],
  [
    'plain http',
    { id: 'api', iss: 'https://id.example.org', jwksUri: 'http://id.example.org/k', audience: 'api' },
    /jwksUri is http/,
  ],
] as const)
  test(`an entry that names ${what} is told to be wrong`, () => assert.match(said([issuer]), wrong));

test('a rule may speak of its people, by the id they have', () => {
  const rules = [{ name: 'robots', when: { providers: ['api'] }, then: 'participant' }];
  assert.equal(said([{ id: 'api', iss: 'https://id.example.org', audience: 'api' }], { rules }), '');
  assert.match(said([], { rules }), /providers\[0\] is no provider here/);
});

test('two entries for one issuer are told', () => {
  const both = [
    { provider: 'sso', audience: 'api' },
    { id: 'other', iss: SSO.issuer, audience: 'api' },
  ];
  assert.match(said(both), /bearer\.issuers\[1\]\.iss/);
});
