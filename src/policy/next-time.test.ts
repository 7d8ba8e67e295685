import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { closesAfter, instantOf, opensAfter } from './next-time.ts';
import { DAYS, isWithin, readTimeWindow, type TimeWindow } from './times.ts';

const MINUTE = 60_000;

function window(text: string): TimeWindow {
  const read = readTimeWindow(text);
  assert.ok(read, text);
  return read;
}

/** When it opens and closes next, as UTC. */
function next(text: string, now: string): readonly (string | undefined)[] {
  const said = window(text);
  const opens = opensAfter(said, Date.parse(now));
  const closes = opens === undefined ? undefined : closesAfter(said, opens);
  return [opens, closes].map((at) => (at === undefined ? at : new Date(at).toISOString().slice(0, 16)));
}

test('a window tells when it opens next, and when it closes then', () => {
  for (const [text, now, opens, closes] of [
    [
      '2026-12-01T09:00..2026-12-01T11:00 Europe/Berlin',
      '2026-11-26T18:00Z',
      '2026-12-01T08:00',
      '2026-12-01T10:00',
    ],
    ['2026-12-01T09:00..2026-12-01T11:00 Europe/Berlin', '2026-12-01T08:00Z', undefined, undefined],
    ['mon 10:00-11:30 Europe/Berlin', '2026-11-30T09:00Z', '2026-12-07T09:00', '2026-12-07T10:30'],
    ['fri 22:00-01:00 America/New_York', '2026-11-26T18:00Z', '2026-11-28T03:00', '2026-11-28T06:00'],
    ['2026-12-24..2026-12-26 Europe/Berlin', '2026-11-26T18:00Z', '2026-12-23T23:00', '2026-12-26T23:00'],
    ['mon-fri Asia/Tokyo', '2026-11-28T12:00Z', '2026-11-29T15:00', '2026-12-04T15:00'],
    ['20:00-24:00 UTC', '2026-11-26T21:00Z', '2026-11-27T20:00', '2026-11-28T00:00'],
    ['2030-03-04.. tue 08:00-09:00', '2026-11-26T21:00Z', '2030-03-05T08:00', '2030-03-05T09:00'],
    ['sat ..2026-11-27', '2026-11-26T21:00Z', undefined, undefined],
  ] as const)
    assert.deepEqual(next(text, now), [opens, closes], `${text} after ${now}`);
});

test('an hour that the clocks leave out begins where they go on, and one they show twice at the first', () => {
  const at = (local: string) => new Date(instantOf(local, 'Europe/Berlin')).toISOString().slice(0, 16);
  assert.equal(at('2027-03-28T02:30'), '2027-03-28T01:00');
  assert.equal(at('2026-10-25T02:30'), '2026-10-25T00:30');
  assert.equal(at('2026-12-01T09:00'), '2026-12-01T08:00');
});

test('what is always open never closes', () => {
  assert.equal(closesAfter(window('UTC'), Date.parse('2026-11-26T18:00Z')), undefined);
  assert.equal(closesAfter(window('2020-01-01.. Europe/Berlin'), Date.parse('2026-11-26T18:00Z')), undefined);
});

const clockTime = fc.integer({ min: 0, max: 1439 }).map((minute) => {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
});
const windows: fc.Arbitrary<TimeWindow> = fc.record(
  {
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia'),
    days: fc.subarray([...DAYS], { minLength: 1 }),
    hours: fc.record({ from: clockTime, to: clockTime }),
    since: fc.constantFrom('2026-11-27', '2026-12-01T13:17'),
    until: fc.constantFrom('2026-12-03', '2026-12-04T05:00'),
  },
  { requiredKeys: ['zone'], noNullPrototype: true },
);

test('minute for minute: nothing opens before it is said to, nor closes', () => {
  const start = Date.parse('2026-11-26T00:00Z');
  fc.assert(
    fc.property(windows, fc.integer({ min: 0, max: 9 * 1440 }), (said, minutes) => {
      const now = start + minutes * MINUTE;
      const inside = isWithin(said, now);
      const found = inside ? closesAfter(said, now) : opensAfter(said, now);
      // Twelve days by the minute: all that the dates above leave open.
      let at = now;
      while (at < now + 12 * 1440 * MINUTE && isWithin(said, at) === inside) at += MINUTE;
      const changed = isWithin(said, at) === inside ? undefined : at;
      if (changed !== undefined) assert.equal(found, changed);
      else assert.ok(found === undefined || found > at);
    }),
    { numRuns: 60 },
  );
});
