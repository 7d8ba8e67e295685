/** Whose metadata is believed, as the operator says it: what fits together, and what would be a promise too many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, leastWith, load } from '../../test/support/config.ts';

const QUERY = { metadataQuery: 'https://mdq.example.org', metadataCertFile: '/federation.pem' };
const DISCOVERY = { discoveryUrl: 'https://ds.example.org/disco?policy=x' };

/** Paths of what is wrong with a provider of these settings. */
function wrong(
  saml: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): readonly string[] {
  const text = leastWith('providers', [{ id: 'edu', kind: 'saml', ...more, saml }]);
  return complaintsOf(load(text)).map(({ path }) => path.replace('providers[0].', ''));
}

test('a federation by query is one that says who signs, and where people choose', () => {
  assert.deepEqual(wrong({ ...QUERY, federation: DISCOVERY }), []);
  assert.deepEqual(wrong({ ...QUERY, federation: { members: ['https://a.example'] } }), []);
  assert.deepEqual(wrong({ ...QUERY, federation: {} }), ['saml.federation']);
  assert.deepEqual(wrong({ metadataQuery: QUERY.metadataQuery, federation: DISCOVERY }), [
    'saml.metadataCertFile',
  ]);
});

test('of a query service one identity provider is asked for by name', () => {
  assert.deepEqual(wrong({ ...QUERY, entityId: 'https://a.example' }), []);
  assert.deepEqual(wrong(QUERY), ['saml.entityId']);
});

test('the document of a federation at an address is signed by somebody named; a file may be anybody’s', () => {
  const metadataUrl = 'https://md.example.org/all.xml?role=idp';
  assert.deepEqual(wrong({ metadataUrl, federation: {} }), ['saml.metadataCertFile']);
  assert.deepEqual(wrong({ metadataUrl }), []);
  assert.deepEqual(wrong({ metadataFile: '/all.xml', federation: {} }), []);
  assert.deepEqual(wrong({ metadataFile: '/all.xml', metadataUrl }), ['saml']);
  assert.deepEqual(wrong({ metadataUrl: 'https://md.example.org/#x' }), ['saml.metadataUrl']);
});

test('what is promised of one identity provider cannot be promised of a federation', () => {
  const federation = { ...QUERY, federation: DISCOVERY };
  assert.deepEqual(wrong({ ...federation, scopes: ['example.org'] }), ['saml.scopes']);
  assert.deepEqual(wrong({ ...federation, entityId: 'https://a.example' }), ['saml.entityId']);
  assert.deepEqual(wrong(federation, { emailVerified: true }), ['emailVerified']);
  assert.deepEqual(wrong(federation, { emailVerified: false }), []);
});

test('a list of ours ends at fifty members, and an entity id at 256 characters', () => {
  const members = Array.from({ length: 51 }, (_, at) => `https://idp${at}.example`);
  assert.deepEqual(wrong({ ...QUERY, federation: { members } }), ['saml.federation.members']);
  assert.deepEqual(wrong({ ...QUERY, federation: { members, ...DISCOVERY } }), []);
  assert.deepEqual(wrong({ ...QUERY, federation: { members: ['x'.repeat(257)] } }), [
    'saml.federation.members[0]',
  ]);
});
