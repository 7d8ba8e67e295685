/** What is complained of in the applications whose links let people in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { complaintsOf, configOf, LEAST, load } from '../../test/support/config.ts';
import { OWN_PROVIDERS } from '../base/person.ts';

const GATE = `${LEAST}upstream: { url: https://jitsi.internal }\n`;
const SECRET = 'a secret of thirty-two bytes, or of some more';

function complaints(issuers: readonly object[], base = GATE, given: Parameters<typeof load>[1] = {}) {
  return complaintsOf(load(base + stringify({ issuers }), given)).map(
    ({ path, wrong }) => `${path} ${wrong}`,
  );
}

test('an application with a secret of its own is nothing to complain of', () => {
  assert.deepEqual(complaints([{ iss: 'moodle', secret: SECRET }]), []);
  const [moodle] = configOf(load(GATE + stringify({ issuers: [{ iss: 'moodle', secret: SECRET }] }))).issuers;
  assert.deepEqual(
    [moodle?.rooms, moodle?.role, moodle?.wildcard, String(moodle?.secret)],
    [['*'], 'host', 'narrow', '[secret]'],
  );
});

test('its secret is read from a file, or from the environment', () => {
  const from = (secret: object, given: object) => {
    const { issuers } = configOf(load(GATE + stringify({ issuers: [{ iss: 'moodle', secret }] }), given));
    return issuers[0]?.secret?.reveal();
  };
  assert.equal(from({ file: '/run/secrets/moodle' }, { readFile: () => `${SECRET}\n` }), SECRET);
  assert.equal(from({ env: 'MOODLE_SECRET' }, { env: { MOODLE_SECRET: SECRET } }), SECRET);
});

for (const [what, issuer, wrong] of [
  ['no key', {}, 'secret is missing: nothing would hold its tokens'],
  ['two keys', { secret: SECRET, jwksUri: 'https://a.example/' }, 'jwksUri contradicts secret'],
  [
    'a published secret',
    { secret: 'changeme' },
    'secret stands in published examples: anybody can sign with it',
  ],
  ['a short secret', { secret: 'short but nobody’s' }, 'secret is shorter than 32 bytes and can be guessed'],
  [
    'an algorithm of keys',
    { secret: SECRET, algorithm: 'RS256' },
    'algorithm wants keys, and there is a secret',
  ],
  [
    'an algorithm of secrets',
    { publicKeyFile: '/a.pem', algorithm: 'HS256' },
    'algorithm wants a secret, and there are keys',
  ],
  [
    'keys over plain HTTP',
    { jwksUri: 'http://booking.example.org/' },
    'jwksUri is http on a host others can reach',
  ],
] as const)
  test(`${what}: ${wrong} [JWT-17]`, () =>
    assert.deepEqual(complaints([{ iss: 'moodle', ...issuer }]), [`issuers[0].${wrong}`]));

test('a short secret is taken where the operator says so, a published one never [JWT-17]', () => {
  const issuer = { iss: 'moodle', insecureShortSecret: true };
  assert.deepEqual(complaints([{ ...issuer, secret: 'short but nobody’s' }]), []);
  assert.equal(complaints([{ ...issuer, secret: ' ChangeMe ' }]).length, 1);
});

test('two applications of one name, or one named like a way to sign in, would be one person twice', () => {
  const one = { iss: 'moodle', secret: SECRET };
  assert.deepEqual(complaints([one, one]), ['issuers[1].iss stands here a second time']);
  for (const iss of ['campus', ...OWN_PROVIDERS, 'app:crm'])
    assert.deepEqual(complaints([{ ...one, iss }]), [
      'issuers[0].iss is also the id under which people sign in',
    ]);
  assert.equal(complaints([{ ...one, iss: 'a#b' }]).length, 1);
});

test('beside Jitsi links lead past us, and that is said', () =>
  assert.deepEqual(complaints([{ iss: 'moodle', secret: SECRET }], LEAST), [
    'issuers is never asked: without upstream.url or forwardAuth links lead to Jitsi and past us',
  ]));

test('a rule may speak of the people of an application by its iss', () => {
  const rules = (id: string) =>
    stringify({ rules: [{ name: 'r', when: { providers: [id] }, then: 'participant' }] });
  const base = (id: string) => GATE + rules(id);
  assert.deepEqual(complaints([{ iss: 'moodle', secret: SECRET }], base('moodle')), []);
  assert.equal(complaints([{ iss: 'moodle', secret: SECRET }], base('nextcloud')).length, 1);
});
