import assert from 'node:assert/strict';
import { createHash, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import { asapPath, findAsap, JWKS_MAX_AGE, jwks } from './publish.ts';
import { makeRsaKey, publicPemOf } from './rsa.ts';
import type { PublicKey } from './signing-key.ts';

const privatePem = await makeRsaKey();
const pem = publicPemOf(privatePem);
const keys: readonly PublicKey[] = [
  { kid: 'one', algorithm: 'RS256', pem },
  { kid: 'two', algorithm: 'RS256', pem },
];

test('the JWKS shows public members, alg and use, and nothing else (ROT-06)', () => {
  for (const jwk of jwks(keys).keys) {
    assert.deepEqual(Object.keys(jwk).toSorted(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
    assert.deepEqual([jwk.kty, jwk.alg, jwk.use], ['RSA', 'RS256', 'sig']);
    assert.ok(createPublicKey({ key: { ...jwk }, format: 'jwk' }).equals(createPublicKey(pem)));
  }
});

test('each kid stands there once, the first of its name (ROT-06)', () => {
  const twice = [...keys, { kid: 'one', algorithm: 'RS256', pem: 'not looked at' } as const];
  assert.deepEqual(
    jwks(twice).keys.map(({ kid }) => kid),
    ['one', 'two'],
  );
});

test('no key is an empty set, as with a shared secret', () => {
  assert.deepEqual(jwks([]), { keys: [] });
});

test('the documents may be kept for minutes, never for nothing (ROT-06)', () => {
  assert.ok(JWKS_MAX_AGE >= 60 && JWKS_MAX_AGE <= 3600);
});

test('a PEM stands at the digest of its kid, as Prosody asks for it', () => {
  assert.equal(asapPath('one'), `${createHash('sha256').update('one').digest('hex')}.pem`);
  assert.equal(findAsap(asapPath('two'), keys), pem);
  assert.equal(findAsap(`/${asapPath('two')}`, keys), pem);
});

for (const path of [
  '',
  'one.pem',
  'one',
  `${asapPath('three')}`,
  asapPath('one').toUpperCase(),
  asapPath('one').slice(0, -4),
  `../${asapPath('one')}`,
])
  test(`at ${JSON.stringify(path.slice(0, 20))} stands no key`, () => {
    assert.equal(findAsap(path, keys), undefined);
  });

test('a private key that got among the public ones is published as its public half (ROT-06)', () => {
  const mistaken = [{ kid: 'one', algorithm: 'RS256', pem: privatePem } as const];
  assert.equal(findAsap(asapPath('one'), mistaken), pem);
  assert.deepEqual(jwks(mistaken), jwks(keys.slice(0, 1)));
});
