import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { fixedClock, unixSeconds } from '../base/clock.ts';
import { countingRandom } from '../base/random.ts';
import { createMemoryStore } from '../store/memory.ts';
import { signJwt, verifyJwt } from './jwt.ts';
import { createStoredKeys } from './stored-keys.ts';

const clock = fixedClock();
const random = countingRandom();
const tokenLifetime = 6 * 3600;
const asked = {
  algorithms: ['RS256'],
  issuer: 'ostiary',
  audience: 'jitsi',
  requiredClaims: ['exp'],
  clock,
  leewaySeconds: 0,
};
const claims = () => ({ iss: 'ostiary', aud: 'jitsi', exp: unixSeconds(clock) + tokenLifetime });

test('the first signing key is RSA of 2048 bits, signs at once and is published at once', async () => {
  const keys = createStoredKeys({ store: createMemoryStore({ clock }), clock, random, tokenLifetime });
  const key = await keys.signing();
  const details = createPrivateKey(key.secret.reveal()).asymmetricKeyDetails;
  assert.deepEqual([details?.modulusLength, details?.publicExponent], [2048, 65_537n]);
  assert.deepEqual(
    (await keys.published()).map(({ kid }) => kid),
    [key.kid],
  );
  assert.ok(await verifyJwt(await signJwt(claims(), key), { ...asked, keys: await keys.published() }));
});

test('what is published holds no private member', async () => {
  const keys = createStoredKeys({ store: createMemoryStore({ clock }), clock, random, tokenLifetime });
  const [key] = await keys.published();
  assert.match(key?.pem ?? '', /^-----BEGIN PUBLIC KEY-----\n/);
  assert.equal(await keys.published(), await keys.published());
});

test('through rotations on two nodes no token meets a key that is not published (ROT-01, ROT-04)', async () => {
  const store = createMemoryStore({ clock });
  const parts = { store, clock, random, tokenLifetime, lead: 60 };
  const nodes = [createStoredKeys(parts), createStoredKeys(parts)] as const;
  const signed: string[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    // What somebody fetched just before must be good for whatever is signed in the next minute.
    const fetched = await nodes[1].published();
    await nodes[turn % 2 === 0 ? 0 : 1].rotateNow();
    for (const seconds of [0, 1, 58]) {
      clock.advance(seconds);
      for (const node of nodes) {
        const token = await signJwt(claims(), await node.signing());
        signed.push(token);
        await verifyJwt(token, { ...asked, keys: fetched });
      }
    }
    clock.advance(1);
  }
  const published = await nodes[0].published();
  for (const token of signed) await verifyJwt(token, { ...asked, keys: published });
  assert.equal(new Set((await nodes[0].list()).map(({ kid }) => kid)).size, 5);
});

test('a revoked key is published no more, and what it signed holds no more', async () => {
  const keys = createStoredKeys({ store: createMemoryStore({ clock }), clock, random, tokenLifetime });
  const key = await keys.signing();
  const token = await signJwt(claims(), key);
  await keys.revoke(key.kid);
  const published = await keys.published();
  assert.deepEqual(
    published.map(({ kid }) => kid),
    [(await keys.signing()).kid],
  );
  await assert.rejects(verifyJwt(token, { ...asked, keys: published }));
});
