/** What each preset promises, with claims as that service sends them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblem } from '../base/problem.ts';
import { type OidcPreset, PRESETS, type PresetName } from './presets.ts';
import { type Claims, toPerson } from './profile.ts';

const through = (preset: PresetName, claims: Claims) => toPerson(claims, PRESETS[preset].mapping, preset);

for (const [name, preset] of Object.entries<OidcPreset>(PRESETS)) {
  test(`${name} asks for openid and names an issuer without anything behind it`, () => {
    assert.ok(preset.scopes.includes('openid'));
    const issuer = new URL(preset.issuerExample);
    assert.deepEqual([issuer.protocol, issuer.search, issuer.hash], ['https:', '', '']);
  });

  test(`${name} says how groups get there in whole sentences`, () =>
    assert.match(preset.groupsHint, /^[A-Z].*\.$/s));

  test(`${name} never takes an address for verified by itself`, () => {
    const claims = {
      sub: 's',
      tid: 't',
      oid: 'o',
      email: 'ada@example.org',
      groups: [],
      email_verified: false,
    };
    assert.equal(through(name as PresetName, claims).emailVerified, false);
  });
}

const ENTRA = { sub: 'pairwise', tid: 'tenant', oid: 'object', name: 'Ada', email: 'ada@example.org' };

test('in Entra a person is tenant and object, whatever the application', () =>
  assert.equal(through('entra', ENTRA).id, 'entra#tenant:object'));

test('in Entra email_verified counts for nothing, the verified domain does', () => {
  assert.equal(through('entra', { ...ENTRA, email_verified: true }).emailVerified, false);
  assert.equal(through('entra', { ...ENTRA, xms_edov: true }).emailVerified, true);
});

test('in Entra too many groups stop the sign-in, none do not', () => {
  assert.deepEqual(through('entra', ENTRA).groups, []);
  assert.throws(
    () => through('entra', { ...ENTRA, _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } }),
    (thrown) => isProblem(thrown, 'provider.groups-missing'),
  );
});

test('in Zitadel the keys of the roles are the groups', () => {
  const roles = { host: { '1': 'example.org' }, guest: { '1': 'example.org' } };
  assert.deepEqual(through('zitadel', { sub: '7', 'urn:zitadel:iam:org:project:roles': roles }).groups, [
    'host',
    'guest',
  ]);
});

test('Google has no groups and needs none', () =>
  assert.deepEqual(
    through('google', { sub: '1', email: 'ada@example.org', email_verified: true, hd: 'example.org' }).groups,
    [],
  ));

for (const name of ['keycloak', 'authentik', 'authelia', 'nextcloud', 'generic'] as const)
  test(`in ${name} a missing groups claim is a mistake, an empty one is not`, () => {
    assert.deepEqual(through(name, { sub: 's', groups: [] }).groups, []);
    assert.throws(
      () => through(name, { sub: 's' }),
      (thrown) => isProblem(thrown, 'provider.groups-missing'),
    );
  });
