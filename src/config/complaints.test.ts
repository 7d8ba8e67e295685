/** What an operator reads when a file does not hold, to the letter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, LEAST, load } from '../../test/support/config.ts';
import { didYouMean, formatComplaints } from './complaints.ts';

const told = (text: string, env: Record<string, string> = {}) =>
  formatComplaints(complaintsOf(load(text, { env })), 'ostiary.yaml').split('\n');

test('an empty file is told what the least is', () =>
  assert.deepEqual(told(''), [
    'publicUrl is missing. Right would be: https://, a host name and perhaps a port, with nothing behind; for example https://meet.example.org.',
    'jitsi.roles is missing. Right would be: enforced, if Prosody has token_affiliation and Jicofo makes nobody owner by itself (run "ostiary jitsi-config" for the lines), or everyone-moderator, if whoever is let in may moderate. A role means nothing until Jicofo and Prosody are told, so there is no default.',
    'providers is missing. Right would be: a list; each entry begins with a hyphen and has id, issuer, clientId and mostly clientSecret, or id, kind and what that kind needs.',
  ]));

const GOLDEN: readonly (readonly [why: string, text: string, ...complaints: string[]])[] = [
  [
    'a word written wrongly',
    `${LEAST}sesion: { idle: 1h }`,
    'ostiary.yaml:5: sesion is no setting. Did you mean "session"?',
  ],
  [
    'a key of another section',
    `${LEAST}session: { lifetime: 1h }`,
    'ostiary.yaml:5: session.lifetime is no setting. Did you mean "tokens.lifetime"?',
  ],
  [
    'a key nobody knows',
    `${LEAST}session: { colourful: 1 }`,
    'ostiary.yaml:5: session.colourful is no setting. Right would be: one of: idle, absolute, recheck, meetingGrace, strict, sockets.',
  ],
  [
    'a preset written wrongly',
    LEAST.replace('{ id: campus', '{ preset: keyclock, id: campus'),
    'ostiary.yaml:4: providers[0].preset "keyclock" is not known here. Did you mean "keycloak"? It takes one of: generic, keycloak, entra, google, authentik, authelia, nextcloud, zitadel.',
  ],
  [
    'a list where a text belongs',
    LEAST.replace('https://meet.example.org', '[https://meet.example.org]'),
    'ostiary.yaml:2: publicUrl is a list, which does not fit here. Right would be: https://, a host name and perhaps a port, with nothing behind; for example https://meet.example.org.',
  ],
  [
    'an address with a path',
    LEAST.replace('meet.example.org', 'meet.example.org/jitsi'),
    'ostiary.yaml:2: publicUrl "https://meet.example.org/jitsi" is no plain address of a server. Right would be: https://, a host name and perhaps a port, with nothing behind; for example https://meet.example.org.',
  ],
  [
    'an issuer copied with the address of its metadata',
    LEAST.replace('id.example.org', 'id.example.org/realms/a/.well-known/openid-configuration'),
    'ostiary.yaml:4: providers[0].issuer ends in /.well-known/openid-configuration, which is where its metadata is found. Right would be: the issuer alone: leave that ending out.',
  ],
  [
    'a proxy by its name',
    `${LEAST}trustedProxies: [nginx]`,
    'ostiary.yaml:5: trustedProxies[0] "nginx" is neither an IP address nor a range. Right would be: an IP address or a range such as 10.0.0.0/8.',
  ],
  [
    'an issuer that is no address',
    LEAST.replace('https://id.example.org', 'id.example.org'),
    'ostiary.yaml:4: providers[0].issuer "id.example.org" is no web address. Right would be: a web address without question mark or hash; for example https://id.example.org/realms/staff.',
  ],
  [
    'a secret of blanks',
    `${LEAST}tokens: { secret: "  " , insecureShortSecret: true }`,
    'ostiary.yaml:5: tokens.secret is empty. Right would be: text, or where to find it: { file: … }, { env: … } or { credential: … }; for example {"file":"/run/secrets/jwt"}.',
  ],
  [
    'a key without a value',
    `${LEAST}prefix:`,
    'ostiary.yaml:5: prefix has no value; without one, leave the line out. Right would be: a slash and one lower-case path segment; for example /_door.',
  ],
  [
    'a secret that YAML takes for a number',
    `${LEAST}tokens: { secret: 12345 }`,
    'ostiary.yaml:5: tokens.secret is no text; put it in quotes. Right would be: text, or where to find it: { file: … }, { env: … } or { credential: … }; for example {"file":"/run/secrets/jwt"}.',
  ],
  [
    'a duration of nothing',
    `${LEAST}session: { idle: 0s }`,
    'ostiary.yaml:5: session.idle is no duration above nothing. Right would be: a duration: a number with s, m, h, d or w behind it; for example 8h.',
  ],
  [
    'a feature nobody has',
    `${LEAST}tokens: { features: { host: { recordings: true } } }`,
    'ostiary.yaml:5: tokens.features.host.recordings is no setting. Did you mean "recording"?',
  ],
  [
    'an empty list of conditions',
    `${LEAST}rules: [{ name: a, when: { groups: [] }, then: host }]`,
    'ostiary.yaml:5: rules[0].when.groups is empty. Right would be: a list; each entry one line of text; for example ["/staff"].',
  ],
  [
    'http',
    LEAST.replace('https://meet', 'http://meet'),
    'ostiary.yaml:2: publicUrl is http on a host others can reach. Right would be: an https address; http is for this machine itself, with insecureHttp: true.',
  ],
  [
    'a plain listener for everybody',
    `${LEAST}listen: { public: { host: 0.0.0.0 } }`,
    'ostiary.yaml:5: listen.public.host lets others reach us over plain HTTP. Right would be: 127.0.0.1, or trustedProxies naming the proxy that speaks TLS for us, or listen.public.tls.',
  ],
  [
    'the same rule twice',
    `${LEAST}rules: [{ name: a, then: host }, { name: a, then: guest }]`,
    'ostiary.yaml:5: rules[1].name stands here a second time. Right would be: each name once.',
  ],
  [
    'a published secret',
    `${LEAST}tokens: { secret: my_jitsi_app_secret, insecureShortSecret: true }`,
    'ostiary.yaml:5: tokens.secret stands in published examples: anybody can sign with it. Right would be: at least 32 random bytes (openssl rand -base64 48), the same in Prosody; or no secret at all, then we sign with keys of our own.',
  ],
];

for (const [why, text, ...complaints] of GOLDEN)
  test(`${why} is told with line and hint`, () => assert.deepEqual(told(text), complaints));

test('what came from the environment is told by its variable, not by a line', () =>
  assert.deepEqual(
    told(LEAST, { PUBLIC_URL: 'meet' }).map((line) => line.split(' is ')[0]),
    ['PUBLIC_URL: publicUrl "meet"'],
  ));

test('everything is told at once, and what is wrong in one section hides nothing in another', () => {
  const text = `publicUrl: http://meet.example.org\njitsi: { roles: enforce }\nproviders: [{ id: A, issuer: 5 }]\nrulez: []\nsession: { idle: 9d }\ntokens: { secret: short }\n`;
  assert.deepEqual(
    complaintsOf(load(text))
      .map(({ path }) => path)
      .sort(),
    [
      'jitsi.roles',
      'providers[0].clientId',
      'providers[0].id',
      'providers[0].issuer',
      'publicUrl',
      'rulez',
      'session.idle',
      'tokens.secret',
    ],
  );
});

test('a key called __proto__ is a key like any other, and unknown', () =>
  assert.deepEqual(
    complaintsOf(load(`${LEAST}__proto__: { access: members }\nsession: { constructor: 1 }`))
      .map(({ path }) => path)
      .sort(),
    ['__proto__', 'session.constructor'],
  ));

for (const [word, meant] of [
  ['publicurl', 'publicUrl'],
  ['public_url', 'publicUrl'],
  ['host', 'hosts'],
  ['xyz', undefined],
  ['p'.repeat(100), undefined],
] as const)
  test(`"${word.slice(0, 12)}" means ${meant ?? 'nothing we know'}`, () =>
    assert.equal(didYouMean(word, ['publicUrl', 'hosts', 'listen']), meant));

test('a judgement that is a sentence already gets no second full stop', () =>
  assert.equal(
    formatComplaints([{ path: 'store.path', wrong: 'belongs to another user.', right: 'sudo' }]),
    'store.path belongs to another user. Right would be: sudo.',
  ));
