import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { countingRandom } from '../base/random.ts';
import { createMemoryStore } from '../store/memory.ts';
import { open, seal } from './jwt.ts';
import { createSealingKeys } from './sealing-keys.ts';

function house() {
  const clock = fixedClock();
  const store = createMemoryStore({ clock });
  const node = (seed: string) => createSealingKeys({ store, clock, random: countingRandom(seed) });
  return { clock, node };
}

test('a sealing key has 256 bits', async () => {
  const [key] = await house().node('a').sealing();
  assert.equal(Buffer.from(key?.secret.reveal() ?? '', 'base64url').length, 32);
});

test('what one node seals another opens, before, at and after a rotation (ROT-04, ROT-07)', async () => {
  const { clock, node } = house();
  const [a, b] = [node('a'), node('b')];
  const asked = { purpose: 'sign-in', clock };
  await b.sealing();
  await a.rotateNow();
  for (const seconds of [0, 59, 1, 60]) {
    clock.advance(seconds);
    const sealed = await seal({ seconds }, { ...asked, keys: await a.sealing(), ttl: 600 });
    assert.deepEqual(await open(sealed, { ...asked, keys: await b.sealing() }), { seconds });
  }
});

test('a retired key opens for a day what it sealed, and then the cookie reads like none (ROT-07)', async () => {
  const { clock, node } = house();
  const keys = node('a');
  const asked = { purpose: 'sign-in', clock };
  const sealed = await seal({ a: 1 }, { ...asked, keys: await keys.sealing(), ttl: 7 * 86_400 });
  await keys.rotateNow();
  clock.advance(60);
  await keys.sealing();
  clock.advance(86_399);
  assert.deepEqual(await open(sealed, { ...asked, keys: await keys.sealing() }), { a: 1 });
  clock.advance(1);
  assert.equal(await open(sealed, { ...asked, keys: await keys.sealing() }), undefined);
});

test('after thirty days another key seals', async () => {
  const { clock, node } = house();
  const keys = node('a');
  const [first] = await keys.sealing();
  clock.advance(30 * 86_400 - 60);
  assert.equal((await keys.sealing())[0]?.kid, first?.kid);
  clock.advance(60);
  assert.notEqual((await keys.sealing())[0]?.kid, first?.kid);
});

test('what a revoked key sealed opens no more', async () => {
  const { clock, node } = house();
  const keys = node('a');
  const asked = { purpose: 'sign-in', clock };
  const sealing = await keys.sealing();
  const sealed = await seal({ a: 1 }, { ...asked, keys: sealing, ttl: 600 });
  await keys.revoke(sealing[0]?.kid ?? '');
  assert.equal(await open(sealed, { ...asked, keys: await keys.sealing() }), undefined);
});
