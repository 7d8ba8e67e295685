import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import { parseRoomPath } from '../base/room.ts';
import { readTimeWindow, type TimeWindow } from '../policy/times.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createBookings } from './booked-times.ts';

const EXAM = parseRoomPath('/exam');
const DAY = 86_400;

function stage() {
  const clock = fixedClock(Date.parse('2026-11-26T18:00Z'));
  const store = createMemoryStore({ clock });
  return { clock, store, bookings: createBookings({ store, clock }) };
}

function windows(...texts: readonly string[]): readonly TimeWindow[] {
  return texts.map((text) => readTimeWindow(text) ?? assert.fail(text));
}

const wish = (by: string, ...texts: readonly string[]) => ({
  ...{ by, room: EXAM, hostsEarly: 600, title: 'Exam' },
  times: windows(...texts),
});

test('what two of them say of a room stands side by side, and each replaces and takes back its own', async () => {
  const { bookings } = stage();
  const spoken = async () => (await bookings.of(EXAM)).map(({ by, times }) => [by, times]);
  await bookings.set(wish('app:crm', 'mon'));
  await bookings.set(wish('app:shop', 'tue'));
  await bookings.set(wish('app:crm', 'wed'));
  assert.deepEqual(await spoken(), [
    ['app:shop', windows('tue')],
    ['app:crm', windows('wed')],
  ]);
  assert.equal(await bookings.remove(EXAM, 'app:other'), undefined);
  await bookings.remove(EXAM, 'app:shop');
  assert.deepEqual(await spoken(), [['app:crm', windows('wed')]]);
  assert.deepEqual((await bookings.list('app:shop')).length, 0);
  await bookings.remove(EXAM);
  assert.deepEqual([await bookings.of(EXAM), await bookings.list()], [[], []]);
});

test('two spellings of a tenant are one room, another tenant is another', async () => {
  const { bookings } = stage();
  await bookings.set({ ...wish('app:crm', 'mon'), room: parseRoomPath('/a.b/exam') });
  assert.equal((await bookings.of(parseRoomPath('/a_b/exam'))).length, 1);
  assert.deepEqual(await bookings.of(EXAM), []);
  assert.deepEqual(await bookings.of(parseRoomPath('/other/exam')), []);
});

test('many who speak of one room at once are all heard', async () => {
  const { bookings } = stage();
  await Promise.all(Array.from({ length: 40 }, (_, at) => bookings.set(wish(`app:a${at}`, 'mon'))));
  assert.equal((await bookings.of(EXAM)).length, 40);
});

test('what another process says is felt within a second', async () => {
  const { clock, store, bookings } = stage();
  assert.deepEqual(await bookings.of(EXAM), []);
  await createBookings({ store, clock }).set(wish('operator', 'mon'));
  clock.advance(1);
  assert.equal((await bookings.of(EXAM)).length, 1);
});

test('a room stays shut for a month after its last time, and what has no end for more than a year', async () => {
  const { clock, bookings } = stage();
  await bookings.set(wish('app:crm', '2026-12-01T09:00..2026-12-01T10:00 Europe/Berlin', '..2026-11-28'));
  const weekly = parseRoomPath('/weekly');
  await bookings.set({ ...wish('app:crm', 'mon 10:00-11:00'), room: weekly });
  clock.advance((Date.parse('2026-12-31T10:00Z') - clock.now()) / 1000);
  assert.equal((await bookings.of(EXAM)).length, 1);
  clock.advance(3 * DAY);
  assert.deepEqual([await bookings.of(EXAM), (await bookings.list()).length], [[], 1]);
  clock.advance(360 * DAY);
  assert.equal((await bookings.of(weekly)).length, 1);
  clock.advance(30 * DAY);
  assert.deepEqual([await bookings.of(weekly), await bookings.list()], [[], []]);
});

test('nobody says more of a room than anybody needs', async () => {
  const { bookings } = stage();
  const many = Array.from({ length: 101 }, () => 'mon');
  await assert.rejects(bookings.set(wish('app:crm', ...many)), (thrown) =>
    isProblem(thrown, 'request.malformed'),
  );
  assert.deepEqual(await bookings.list(), []);
});
