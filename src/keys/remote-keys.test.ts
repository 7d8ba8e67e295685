import assert from 'node:assert/strict';
import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { remoteKeys } from './jwt.ts';

const rsa = (modulusLength = 2048, publicExponent = 65_537) =>
  generateKeyPairSync('rsa', { modulusLength, publicExponent });
const ec = (namedCurve: string) =>
  generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
const { publicKey, privateKey } = rsa();
const good: JsonWebKey = publicKey.export({ format: 'jwk' });

/** A provider whose document and mood can be changed, and who counts how often it is asked. */
function provider(...keys: readonly unknown[]) {
  const state = { keys, asked: 0, down: false, document: undefined as unknown };
  const fetchJwks = async () => {
    state.asked += 1;
    await Promise.resolve();
    if (state.down) throw new Problem('outbound.failed', { why: 'refused' });
    return state.document ?? { keys: state.keys };
  };
  const clock = fixedClock();
  return { state, clock, remote: remoteKeys({ fetchJwks, clock }) };
}

test('a key is found by its kid and algorithm', async () => {
  const { remote } = provider({ ...good, kid: 'a' }, { ...ec('P-256'), kid: 'b' });
  assert.equal((await remote.find('a', 'RS256'))?.asymmetricKeyType, 'rsa');
  assert.equal((await remote.find('b', 'ES256'))?.asymmetricKeyType, 'ec');
  for (const [kid, algorithm] of [
    ['a', 'ES256'],
    ['b', 'ES384'],
    ['b', 'RS256'],
    ['c', 'RS256'],
    ['a', 'HS256'],
    ['a', 'none'],
  ] as const)
    assert.equal(await remote.find(kid, algorithm), undefined);
});

test('a key that names its algorithm is good for that alone', async () => {
  const { remote } = provider({ ...good, kid: 'a', alg: 'RS512' }, { ...good, kid: 'b', alg: 'RSA-OAEP' });
  assert.ok(await remote.find('a', 'RS512'));
  assert.equal(await remote.find('a', 'RS256'), undefined);
  assert.equal(await remote.find('b', 'RS256'), undefined);
});

test('without a kid, or with one kid twice, only a single fitting key is taken', async () => {
  assert.ok(
    await provider({ ...good, kid: 'a' }, { ...ec('P-256'), kid: 'b' }).remote.find(undefined, 'RS256'),
  );
  assert.equal(
    await provider({ ...good, kid: 'a' }, { ...good, kid: 'b' }).remote.find(undefined, 'RS256'),
    undefined,
  );
  assert.equal(
    await provider({ ...good, kid: 'a' }, { ...good, kid: 'a' }).remote.find('a', 'RS256'),
    undefined,
  );
});

const evenModulus = {
  ...good,
  n: Buffer.from(good.n ?? '', 'base64url')
    .fill(0x10, 255)
    .toString('base64url'),
};
const withExponent = (e: number[]) => ({ ...good, e: Buffer.from(e).toString('base64url') });
const unusable: Readonly<Record<string, unknown>> = {
  'RSA of 1024 bits': rsa(1024).publicKey.export({ format: 'jwk' }),
  'RSA with exponent 1': withExponent([1]),
  'RSA with exponent 3': rsa(2048, 3).publicKey.export({ format: 'jwk' }),
  'RSA with an even exponent': withExponent([1, 0, 2]),
  'RSA with an exponent of 32 bytes': withExponent(Array(32).fill(0xff)),
  'RSA with an even modulus': evenModulus,
  'RSA of 9216 bits': { ...good, n: Buffer.alloc(1152, 0xff).toString('base64url') },
  'a private key': privateKey.export({ format: 'jwk' }),
  'a key with an empty private member': { ...good, d: '' },
  'a key for encryption': { ...good, use: 'enc' },
  'a key that may only sign': { ...good, key_ops: ['sign'] },
  'a key whose key_ops is no list': { ...good, key_ops: 'verify' },
  'a shared secret': { kty: 'oct', k: 'c2VjcmV0' },
  'an unknown curve': ec('secp256k1'),
  'a key for key agreement': generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }),
  'a point off the curve': { ...ec('P-256'), x: Buffer.alloc(32, 1).toString('base64url') },
  'a key without numbers': { kty: 'RSA' },
  'a key whose kty is a list': { ...good, kty: ['RSA'] },
  'a text': 'key',
  nothing: null,
};
for (const [what, jwk] of Object.entries(unusable))
  test(`${what} is not used (JWT-23)`, async () => {
    const named = typeof jwk === 'object' && jwk !== null ? { ...jwk, kid: 'a' } : jwk;
    const { remote } = provider(named, { ...good, kid: 'good' });
    for (const algorithm of ['RS256', 'PS256', 'ES256', 'ES256K', 'EdDSA', 'HS256'])
      assert.equal(await remote.find('a', algorithm), undefined);
    assert.ok(await remote.find('good', 'RS256'));
  });

test('an Ed25519 key and the other NIST curves are used', async () => {
  const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const { remote } = provider(
    { ...ed, kid: 'e' },
    { ...ec('P-384'), kid: '384' },
    { ...ec('P-521'), kid: '521', key_ops: ['verify'], use: 'sig' },
  );
  for (const [kid, algorithm] of [
    ['e', 'EdDSA'],
    ['e', 'Ed25519'],
    ['384', 'ES384'],
    ['521', 'ES512'],
  ] as const)
    assert.ok(await remote.find(kid, algorithm), algorithm);
});

test('a key that comes later is found, after one more question', async () => {
  const { state, clock, remote } = provider({ ...good, kid: 'a' });
  await remote.find('a', 'RS256');
  state.keys = [{ ...good, kid: 'b' }];
  clock.advance(31);
  assert.ok(await remote.find('b', 'RS256'));
  assert.equal(await remote.find('a', 'RS256'), undefined);
  assert.equal(state.asked, 2);
});

test('unknown kids make us ask at most once in thirty seconds', async () => {
  const { state, clock, remote } = provider({ ...good, kid: 'a' });
  for (let second = 0; second < 60; second += 1) {
    for (const kid of ['x', 'y', 'z']) assert.equal(await remote.find(`${kid}${second}`, 'RS256'), undefined);
    clock.advance(1);
  }
  assert.equal(state.asked, 2);
});

test('many who ask at the same moment make one request', async () => {
  const { state, remote } = provider({ ...good, kid: 'a' });
  const found = await Promise.all(Array.from({ length: 50 }, () => remote.find('a', 'RS256')));
  assert.ok(found.every((key) => key !== undefined));
  assert.equal(state.asked, 1);
});

test('after ten minutes everything is asked anew, and nothing old is believed while nobody answers', async () => {
  const { state, clock, remote } = provider({ ...good, kid: 'a' });
  await remote.find('a', 'RS256');
  state.down = true;
  clock.advance(599);
  assert.ok(await remote.find('a', 'RS256'));
  clock.advance(1);
  await assert.rejects(remote.find('a', 'RS256'), (thrown) => isProblem(thrown, 'outbound.failed'));
  await assert.rejects(remote.find('a', 'RS256'), (thrown) => isProblem(thrown, 'outbound.failed'));
  assert.equal(state.asked, 2);
});

test('a provider that is back is asked again within seconds', async () => {
  const { state, clock, remote } = provider({ ...good, kid: 'a' });
  state.down = true;
  await assert.rejects(remote.find('a', 'RS256'));
  state.down = false;
  clock.advance(5);
  assert.ok(await remote.find('a', 'RS256'));
});

test('a clock set back does not keep old keys', async () => {
  const { state, clock, remote } = provider({ ...good, kid: 'a' });
  await remote.find('a', 'RS256');
  state.keys = [{ ...good, kid: 'b' }];
  clock.advance(-3600);
  assert.equal(await remote.find('a', 'RS256'), undefined);
  assert.ok(await remote.find('b', 'RS256'));
});

for (const document of [{}, { keys: {} }, [], 'keys', 7])
  test(`${JSON.stringify(document)} is no set of keys`, async () => {
    const { state, remote } = provider();
    state.document = document;
    await assert.rejects(remote.find('a', 'RS256'), (thrown) =>
      isProblem(thrown, 'provider.response-invalid'),
    );
  });

/** Keys that are believed for a day while their owner is away. */
function patient() {
  const { state, clock } = provider({ ...good, kid: 'a' });
  const fetchJwks = async () => {
    state.asked += 1;
    if (state.down) throw new Problem('outbound.failed', { why: 'refused' });
    return { keys: state.keys };
  };
  return { state, clock, remote: remoteKeys({ fetchJwks, clock, whileAway: 86_400 }) };
}

test('keys are believed while their owner is away, for as long as it was said', async () => {
  const { state, clock, remote } = patient();
  await remote.find('a', 'RS256');
  state.down = true;
  clock.advance(86_400);
  assert.ok(await remote.find('a', 'RS256'));
  clock.advance(601);
  await assert.rejects(remote.find('a', 'RS256'), (thrown) => isProblem(thrown, 'outbound.failed'));
});

test('who is away is asked again every few seconds, and a new kid is not waited for in between', async () => {
  const { state, clock, remote } = patient();
  await remote.find('a', 'RS256');
  state.down = true;
  clock.advance(700);
  for (let many = 0; many < 50; many += 1) assert.ok(await remote.find('a', 'RS256'));
  assert.equal(state.asked, 2);
  for (let many = 0; many < 50; many += 1) assert.equal(await remote.find('made-up', 'RS256'), undefined);
  assert.equal(state.asked, 2);
  clock.advance(6);
  state.down = false;
  assert.ok(await remote.find('a', 'RS256'));
  assert.equal(state.asked, 3);
});
