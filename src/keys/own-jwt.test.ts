/** Tokens we sign for ourselves hold for their purpose, and nothing else does. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedClock, unixSeconds } from '../base/clock.ts';
import { countingRandom } from '../base/random.ts';
import { createMemoryStore } from '../store/memory.ts';
import { ownSigningKey, signJwt } from './jwt.ts';
import { signOwnJwt, verifyOwnJwt } from './own-jwt.ts';
import { createSealingKeys } from './sealing-keys.ts';

async function stage() {
  const clock = fixedClock();
  const keys = createSealingKeys({ store: createMemoryStore({ clock }), clock, random: countingRandom() });
  const options = {
    keys,
    purpose: 'ticket',
    issuer: 'jitsi',
    audience: 'gate',
    requiredClaims: ['exp'],
    clock,
  };
  const claims = { iss: 'jitsi', aud: 'gate', exp: unixSeconds(clock) + 3600 };
  return { clock, keys, options, claims, token: await signOwnJwt(claims, options) };
}

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('what we signed holds, and its header names the key', async () => {
  const { keys, options, claims, token } = await stage();
  assert.deepEqual(await verifyOwnJwt(token, options), claims);
  const [header = ''] = token.split('.');
  const [key] = await keys.sealing();
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), {
    alg: 'HS256',
    typ: 'JWT',
    kid: key?.kid,
  });
});

test('what we signed for one purpose holds for no other', async () => {
  const { options, token } = await stage();
  assert.equal(await verifyOwnJwt(token, { ...options, purpose: 'invite' }), undefined);
});

test('what is over is told from what is not ours', async () => {
  const { clock, options, token } = await stage();
  clock.advance(3600);
  assert.equal(await verifyOwnJwt(token, options), 'expired');
  assert.equal(await verifyOwnJwt(`${token.slice(0, -6)}AAAAAA`, options), undefined);
});

test('the secret that seals is not the one that signs', async () => {
  const { keys, options, claims } = await stage();
  const [key] = await keys.sealing();
  assert.ok(key);
  assert.notEqual(ownSigningKey(key, 'ticket').secret.reveal(), key.secret.reveal());
  const forged = await signJwt(claims, { ...key, algorithm: 'HS256' });
  assert.equal(await verifyOwnJwt(forged, options), undefined);
});

test('a key that is retired verifies for a day, a revoked one no more', async () => {
  const { clock, keys, options, claims } = await stage();
  const long = await signOwnJwt({ ...claims, exp: claims.exp + 86_400 }, options);
  await keys.rotateNow();
  clock.advance(120);
  assert.ok(typeof (await verifyOwnJwt(long, options)) === 'object');
  const [, retired] = await keys.sealing();
  await keys.revoke(retired?.kid ?? '');
  assert.equal(await verifyOwnJwt(long, options), undefined);
});

for (const [what, change] of [
  ['another issuer', { iss: 'somebody' }],
  ['another audience', { aud: 'jitsi' }],
  ['several audiences', { aud: ['gate', 'jitsi'] }],
  ['no end', { exp: undefined }],
  ['an end that is a text', { exp: '9999999999' }],
] as const)
  test(`${what} does not hold, signed by us or not`, async () => {
    const { options, claims } = await stage();
    assert.equal(await verifyOwnJwt(await signOwnJwt({ ...claims, ...change }, options), options), undefined);
  });

for (const alg of ['none', 'HS384', 'HS512', 'RS256', 'hs256'])
  test(`a header that says ${alg} does not hold`, async () => {
    const { keys, options, claims } = await stage();
    const [key] = await keys.sealing();
    const input = `${encoded({ alg, typ: 'JWT', kid: key?.kid })}.${encoded(claims)}`;
    const by = ownSigningKey(key, 'ticket').secret.reveal();
    for (const signature of ['', createHmac('sha256', by).update(input).digest('base64url')])
      assert.equal(await verifyOwnJwt(`${input}.${signature}`, options), undefined);
  });

test('no text somebody made up holds, and none breaks anything', async () => {
  const { options, token } = await stage();
  const [header = '', payload = '', signature = ''] = token.split('.');
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.jsonValue().map((value) => `${encoded(value)}.${payload}.${signature}`),
        fc.jsonValue().map((value) => `${header}.${encoded(value)}.${signature}`),
        fc.nat({ max: token.length - 1 }).map((at) => token.slice(0, at) + token.slice(at + 1)),
      ),
      async (text) => assert.equal(await verifyOwnJwt(text, options), undefined),
    ),
    { numRuns: 300 },
  );
});
