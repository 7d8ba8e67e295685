import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FixedClock, fixedClock, unixSeconds } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { countingRandom } from '../base/random.ts';
import type { Store } from '../base/store.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createRing, type Ring } from './ring.ts';

const PLACE = 'keys/signing';
const LEAD = 900;
const timetable = { rotateEvery: 90 * 86_400, lead: LEAD, keep: 10_000 };

/** A house of nodes that share a store and a clock; `warned` holds what they complained of. */
function house() {
  const clock = fixedClock();
  const store = createMemoryStore({ clock });
  const warned: string[] = [];
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: (event) => void warned.push(event),
    error: () => {},
  };
  let made = 0;
  const make = () => {
    made += 1;
    return Promise.resolve(`secret ${made}`);
  };
  const node = (seed: string, to: Store = store): Ring =>
    createRing({ name: 'signing', store: to, clock, random: countingRandom(seed), timetable, make, log });
  return { clock, store, warned, node, made: () => made };
}

const inUse = async (ring: Ring) => (await ring.keys())[0].kid;
const phases = async (ring: Ring) => (await ring.list()).map(({ phase }) => phase);

/** Lets the hours pass with somebody looking now and then, as a server does. */
async function live(clock: FixedClock, seconds: number, ...rings: readonly Ring[]): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 600) {
    clock.advance(Math.min(600, seconds - passed));
    for (const ring of rings) await ring.keys();
  }
}

test('the first key is made when it is first asked for, once, whoever asks at the same moment', async () => {
  const { node, made } = house();
  const [a, b] = [node('a'), node('b')];
  const kids = await Promise.all([inUse(a), inUse(b), inUse(a), inUse(b)]);
  assert.equal(new Set(kids).size, 1);
  assert.ok(made() <= 2);
  assert.equal((await a.list()).length, 1);
});

test('nothing is read again within a second, and a change of another node is felt after it', async () => {
  const { clock, store, node } = house();
  let reads = 0;
  const counted: Store = {
    ...store,
    get: (key) => {
      reads += 1;
      return store.get(key);
    },
  };
  const [a, other] = [node('a', counted), node('b')];
  const first = await inUse(a);
  reads = 0;
  await Promise.all([a.keys(), a.keys(), a.keys()]);
  assert.equal(reads, 0);
  await other.revoke(first);
  assert.equal(await inUse(a), first);
  clock.advance(1);
  await Promise.all([a.keys(), a.keys(), a.keys()]);
  assert.equal(reads, 1);
  assert.notEqual(await inUse(a), first);
});

test('a rotation publishes at once and signs after the lead, on every node at the same time', async () => {
  const { clock, node } = house();
  const [a, b] = [node('a'), node('b')];
  const first = await inUse(a);
  const next = await a.rotateNow();
  assert.deepEqual(await phases(b), ['coming', 'signing']);
  clock.advance(LEAD - 1);
  assert.deepEqual([await inUse(a), await inUse(b)], [first, first]);
  clock.advance(1);
  assert.deepEqual([await inUse(a), await inUse(b)], [next, next]);
  assert.deepEqual(await phases(a), ['signing', 'retired']);
});

test('asking twice for a rotation is one rotation, from two nodes as well', async () => {
  const { node } = house();
  const [a, b] = [node('a'), node('b')];
  await a.keys();
  const kids = await Promise.all([a.rotateNow(), b.rotateNow(), a.rotateNow()]);
  assert.equal(new Set([...kids, await b.rotateNow()]).size, 1);
  assert.deepEqual(await phases(a), ['coming', 'signing']);
});

test('keys turn over by themselves, and each kid is seen once (a kid is never reused)', async () => {
  const { clock, node } = house();
  const [a, b] = [node('a'), node('b')];
  const order = [await inUse(a), await inUse(b)].slice(1);
  for (let day = 0; day < 400; day += 1) {
    clock.advance(86_400);
    const kid = await inUse(day % 2 === 0 ? a : b);
    if (order.at(-1) !== kid) order.push(kid);
  }
  assert.equal(order.length, 5);
  assert.equal(new Set(order).size, 5);
});

test('a retired key is dropped when its time is over', async () => {
  const { clock, node } = house();
  const ring = node('a');
  await ring.keys();
  await ring.rotateNow();
  await live(clock, LEAD, ring);
  await live(clock, 9999, ring);
  assert.deepEqual(await phases(ring), ['signing', 'retired']);
  await live(clock, 1, ring);
  assert.deepEqual(await phases(ring), ['signing']);
});

test('a revoked key stops at once, and a new one signs in its place', async () => {
  const { node } = house();
  const ring = node('a');
  const first = await inUse(ring);
  await ring.revoke(first);
  const kids = (await ring.keys()).map(({ kid }) => kid);
  assert.equal(kids.length, 1);
  assert.ok(!kids.includes(first));
  assert.deepEqual(await phases(ring), ['signing', 'revoked']);
});

test('a revoked key leaves its place to the one that was coming, not to a retired one', async () => {
  const { clock, node } = house();
  const ring = node('a');
  const first = await inUse(ring);
  const second = await ring.rotateNow();
  clock.advance(LEAD);
  assert.equal(await inUse(ring), second);
  const third = await ring.rotateNow();
  await ring.revoke(second);
  assert.equal(await inUse(ring), third);
  await ring.revoke(third);
  assert.ok(![first, second, third].includes(await inUse(ring)));
});

test('revoking twice is once, and a kid there never was is told', async () => {
  const { node } = house();
  const ring = node('a');
  const first = await inUse(ring);
  await ring.revoke(first);
  await ring.revoke(first);
  assert.equal((await ring.list()).filter(({ phase }) => phase === 'revoked').length, 1);
  await assert.rejects(ring.revoke('nobody'), (thrown) => isProblem(thrown, 'key.unusable'));
});

test('looking at the list changes nothing and makes no key', async () => {
  const { store, node, made } = house();
  assert.deepEqual(await node('a').list(), []);
  assert.equal(made(), 0);
  assert.equal(await store.get(PLACE), undefined);
});

test('the list shows no secret', async () => {
  const { node } = house();
  const ring = node('a');
  await ring.keys();
  await ring.rotateNow();
  assert.ok(!JSON.stringify([await ring.list(), await ring.keys()]).includes('secret 1'));
});

test('a store that went back while we run does not bring a retired key back (ROT-09)', async () => {
  const { clock, store, warned, node } = house();
  const ring = node('a');
  const first = await inUse(ring);
  const backup = (await store.get(PLACE)) ?? assert.fail();
  const second = await ring.rotateNow();
  clock.advance(LEAD);
  assert.equal(await inUse(ring), second);
  await store.put(PLACE, backup, 1000);
  clock.advance(1);
  assert.equal(await inUse(ring), second);
  assert.deepEqual(warned, ['keys.went-back']);
  assert.deepEqual(
    (await ring.list()).map(({ kid, phase }) => [kid, phase]),
    [
      [second, 'signing'],
      [first, 'retired'],
    ],
  );
});

test('nor a revoked one, not even when the old store was changed since (ROT-09)', async () => {
  const { clock, store, node } = house();
  const ring = node('a');
  const first = await inUse(ring);
  const backup = (await store.get(PLACE)) ?? assert.fail();
  await ring.revoke(first);
  await store.put(PLACE, backup, 1000);
  await node('command line').rotateNow();
  clock.advance(1);
  assert.ok(!(await ring.keys()).some(({ kid }) => kid === first));
  assert.ok(!(await node('later').keys()).some(({ kid }) => kid === first));
});

test('a store that was emptied while we run gets its keys back', async () => {
  const { clock, store, node } = house();
  const ring = node('a');
  const first = await inUse(ring);
  await store.take(PLACE);
  clock.advance(1);
  assert.equal(await inUse(ring), first);
  assert.equal(await inUse(node('b')), first);
});

test('whoever starts with keys nobody looked after says so and begins a rotation (ROT-09)', async () => {
  const { clock, store, warned, node } = house();
  const first = await inUse(node('a'));
  const backup = (await store.get(PLACE)) ?? assert.fail();
  clock.advance(2 * 3600);
  await store.put(PLACE, backup, 1000);
  const restarted = node('b');
  assert.equal(await inUse(restarted), first);
  assert.deepEqual(warned, ['keys.unattended']);
  assert.deepEqual(await phases(restarted), ['coming', 'signing']);
  clock.advance(LEAD);
  assert.notEqual(await inUse(restarted), first);
});

test('a restart with keys that were looked after is nothing to speak of', async () => {
  const { clock, warned, node } = house();
  const ring = node('a');
  await ring.keys();
  await live(clock, 6 * 3600, ring);
  clock.advance(3000);
  const restarted = node('b');
  await restarted.keys();
  assert.deepEqual(warned, []);
  assert.deepEqual(await phases(restarted), ['signing']);
});

test('what the command line does is no sign that the keys are looked after', async () => {
  const { clock, warned, node } = house();
  await node('a').keys();
  clock.advance(7200);
  await node('command line').rotateNow();
  await node('b').keys();
  assert.deepEqual(warned, ['keys.unattended']);
});

test('a store that cannot write does not end the signing', async () => {
  const { clock, store, warned, node } = house();
  const full: Store = { ...store, swap: () => Promise.reject(new Problem('store.full')) };
  await assert.rejects(node('a', full).keys(), (thrown) => isProblem(thrown, 'store.full'));
  const first = await inUse(node('b'));
  clock.advance(90 * 86_400);
  assert.equal(await inUse(node('c', full)), first);
  assert.ok(warned.includes('keys.not-written'));
});

test('a store that does not answer is not a store without keys', async () => {
  const { store, node, made } = house();
  const dead: Store = { ...store, get: () => Promise.reject(new Problem('store.unavailable')) };
  await assert.rejects(node('a', dead).keys(), (thrown) => isProblem(thrown, 'store.unavailable'));
  assert.equal(made(), 0);
});

for (const [text, code] of [
  ['{"version":2}', 'store.newer'],
  ['', 'key.unusable'],
  ['null', 'key.unusable'],
  ['{"version":1}', 'key.unusable'],
  ['{"canary', 'key.unusable'],
] as const)
  test(`a text that reads ${text} is not taken for no keys`, async () => {
    const { store, node, made } = house();
    await store.put(PLACE, text, 1000);
    const told = (thrown: unknown) => isProblem(thrown, code) && thrown.cause === undefined;
    await assert.rejects(node('a').keys(), told);
    assert.equal(made(), 0);
    assert.equal(await store.get(PLACE), text);
  });

test('a reading that began before a key was revoked does not bring it back', async () => {
  const { clock, store, warned, node } = house();
  let release = () => {};
  let hold = false;
  const slow: Store = {
    ...store,
    get: async (key) => {
      const text = await store.get(key);
      if (hold) {
        hold = false;
        await new Promise<void>((go) => {
          release = go;
        });
      }
      return text;
    },
  };
  const ring = node('a', slow);
  const first = await inUse(ring);
  clock.advance(1);
  hold = true;
  const late = ring.keys();
  await ring.revoke(first);
  release();
  assert.ok(!(await late).some(({ kid }) => kid === first));
  assert.notEqual(await inUse(ring), first);
  assert.deepEqual(warned, []);
});

test('the dates of a key are told in unix seconds', async () => {
  const { clock, node } = house();
  const ring = node('a');
  const [key] = await ring.keys();
  const now = unixSeconds(clock);
  assert.deepEqual([key.madeAt, key.signsFrom, key.promotedAt, key.retiredAt], [now, now, now, undefined]);
});
