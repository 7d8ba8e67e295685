/** The applications of the configuration that cannot be as they stand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { complaintsOf, LEAST, leastWith, load } from '../../test/support/config.ts';

const SECRET = 'Zq8vYt2LwKf5Rj9XbNc3Hm6PdSg7Ua4E';
const crm = { name: 'crm', secret: SECRET, rooms: ['crm-*'] };

const told = (...apps: readonly object[]) =>
  complaintsOf(load(leastWith('apps', apps))).map(({ path, wrong }) => `${path} ${wrong}`);

test('an application with a name, a secret and rooms holds', () => assert.deepEqual(told(crm), []));

for (const [what, app, path] of [
  ['has no proof', { ...crm, secret: undefined }, 'apps[0] has nothing'],
  ['has two proofs', { ...crm, publicKeyFile: '/a.pem' }, 'apps[0] has more than one'],
  ['has a short secret', { ...crm, secret: 'x'.repeat(31) }, 'apps[0].secret is shorter'],
  ['has a secret of an example', { ...crm, secret: 'changeme' }, 'apps[0].secret stands in published'],
  ['speaks of keys beside a secret', { ...crm, algorithm: 'RS256' }, 'apps[0].algorithm speaks of keys'],
  ['has no rooms', { ...crm, rooms: [] }, 'apps[0].rooms'],
  ['has a name that others could read as a provider’s', { ...crm, name: 'a:b' }, 'apps[0].name'],
  ['has an origin with a path', { ...crm, origins: ['https://crm.example.org/app'] }, 'apps[0].origins[0]'],
  ['has every origin', { ...crm, origins: ['*'] }, 'apps[0].origins[0]'],
  [
    'has an origin without TLS',
    { ...crm, origins: ['http://crm.example.org'] },
    'apps[0].origins[0] is http',
  ],
  [
    'has keys that are fetched without TLS',
    { name: 'crm', rooms: ['a'], jwksUri: 'http://crm.example.org/jwks' },
    'apps[0].jwksUri is http',
  ],
] as const)
  test(`one that ${what} is complained of`, () => {
    const all = told(app);
    assert.ok(all.length > 0 && all.every((one) => one.startsWith(path)), all.join('\n'));
  });

test('two of one name are one too many', () =>
  assert.deepEqual(told(crm, crm), ['apps[1].name stands here a second time']));

test('a rule may speak of an application as of a provider', () => {
  const rules = [{ name: 'crm as guests', when: { providers: ['app:crm'] }, then: 'guest' }];
  const wrong = (apps: readonly object[]) =>
    complaintsOf(load(`${leastWith('apps', apps)}\nrules: ${JSON.stringify(rules)}`)).map(({ path }) => path);
  assert.deepEqual(wrong([crm]), []);
  assert.deepEqual(wrong([]), ['rules[0].when.providers[0]']);
});

test('a fault in one application or issuer is told alone: no rule, and no issuer, is blamed for what is not known then', () => {
  const rules = [{ name: 'theirs', when: { providers: ['app:crm', 'moodle', 'campus'] }, then: 'guest' }];
  const moodle = { iss: 'moodle', secret: SECRET };
  const wrong = (more: object) =>
    complaintsOf(load(stringify({ ...parse(LEAST), apps: [crm], issuers: [moodle], rules, ...more }))).map(
      ({ path }) => path,
    );
  assert.deepEqual(wrong({}), []);
  assert.deepEqual(wrong({ apps: [{ ...crm, origins: ['crm'] }] }), ['apps[0].origins[0]']);
  assert.deepEqual(wrong({ issuers: [{ ...moodle, algorithm: 'none' }] }), ['issuers[0].algorithm']);
});

test('issuers without a gateway are never asked, unless an application exchanges their tokens', () => {
  const issuers = [{ iss: 'moodle', secret: SECRET }];
  const wrong = (apps: readonly object[]) =>
    complaintsOf(load(`${leastWith('apps', apps)}\nissuers: ${JSON.stringify(issuers)}`)).map(
      ({ path }) => path,
    );
  assert.deepEqual(wrong([]), ['issuers']);
  assert.deepEqual(wrong([crm]), []);
});
