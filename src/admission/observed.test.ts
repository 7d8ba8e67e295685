import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import type { Store } from '../base/store.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createObserved, type Observation, readObserved } from './observed.ts';

const DAY = 86_400;
const PAGE: Observation = { seenAs: 'page', code: 'sign-in', room: 'standup' };

function opened(over: Partial<Store> = {}) {
  const clock = fixedClock();
  const store = { ...createMemoryStore({ clock }), ...over };
  const observed = createObserved({ store, clock, log: silentLog, keep: 30 * DAY });
  return { clock, store, observed, all: () => readObserved(store, 0) };
}

test('what is alike is counted on one line a day', async () => {
  const { observed, clock, all } = opened();
  observed.note(PAGE);
  await observed.flush();
  observed.note(PAGE);
  clock.advance(DAY);
  observed.note(PAGE);
  await observed.flush();
  assert.deepEqual(
    (await all()).map(({ day, count }) => [day, count]),
    [
      ['2026-03-02', 2],
      ['2026-03-03', 1],
    ],
  );
});

test('two processes count together', async () => {
  const { observed, store, clock, all } = opened();
  const other = createObserved({ store, clock, log: silentLog, keep: DAY });
  for (const one of [observed, other, observed]) one.note(PAGE);
  await Promise.all([observed.flush(), other.flush()]);
  assert.deepEqual(
    (await all()).map(({ count }) => count),
    [3],
  );
});

test('a stranger who invents rooms fills nothing: beyond a thousand kinds a day they are counted together', async () => {
  const { observed, all } = opened();
  for (let at = 0; at < 5000; at += 1) observed.note({ ...PAGE, room: `room-${at}` });
  await observed.flush();
  const kinds = await all();
  assert.equal(kinds.length, 1001);
  assert.equal(
    kinds.reduce((sum, { count }) => sum + count, 0),
    5000,
  );
  assert.equal(kinds.find(({ room }) => room === undefined)?.count, 4000);
});

test('nothing that is written down is long, and no terminal obeys it', async () => {
  const { observed, all } = opened();
  observed.note({ seenAs: 'link', code: 'sign-in', issuer: `\u001b[2J${'x'.repeat(9000)}` });
  for (let at = 0; at < 100; at += 1)
    observed.note({ seenAs: 'recorder', code: 'no-token', address: `10.0.0.${at}` });
  await observed.flush();
  const [link, recorder] = [...(await all())].toSorted((a, b) => a.count - b.count);
  assert.equal(link?.issuer?.length, 128);
  assert.ok(link?.issuer?.startsWith('?'));
  assert.equal(recorder?.addresses?.length, 8);
});

test('a store that is away costs nobody anything, and what was counted meanwhile is written later', async () => {
  let away = true;
  const memory = createMemoryStore({ clock: fixedClock() });
  const { observed } = opened();
  await observed.flush();
  const clock = fixedClock();
  const fickle: Store = {
    ...memory,
    get: (key) => (away ? Promise.reject(new Problem('store.unavailable')) : memory.get(key)),
  };
  const counting = createObserved({ store: fickle, clock, log: silentLog, keep: DAY });
  counting.note(PAGE);
  await counting.flush();
  counting.note(PAGE);
  away = false;
  await counting.flush();
  assert.deepEqual(
    (await readObserved(memory, 0)).map(({ count }) => count),
    [2],
  );
});
