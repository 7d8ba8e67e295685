/**
 * Hours as an operator writes them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAYS, isWithin, readTimeWindow, whyNoWindow, windowText } from './times.ts';

const within = (text: string, at: string) => {
  const window = readTimeWindow(text);
  assert.ok(window, text);
  return isWithin(window, Date.parse(at));
};

for (const [text, at, expected] of [
  ['mon-fri 08:00-18:00 Europe/Berlin', '2026-12-01T07:00:00Z', true],
  ['mon-fri 08:00-18:00 Europe/Berlin', '2026-12-01T06:59:59Z', false],
  ['mon-fri 08:00-18:00 Europe/Berlin', '2026-12-01T16:59:59Z', true],
  ['mon-fri 08:00-18:00 Europe/Berlin', '2026-12-01T17:00:00Z', false],
  ['mon-fri 08:00-18:00 Europe/Berlin', '2026-12-05T10:00:00Z', false],
  // Summer time: eight o'clock there is six in Greenwich.
  ['08:00-18:00 Europe/Berlin', '2026-07-01T06:00:00Z', true],
  ['08:00-18:00 Europe/Berlin', '2026-12-01T06:00:00Z', false],
  // The night in which clocks are put forward has no half past two.
  ['02:00-03:00 Europe/Berlin', '2026-03-29T00:59:00Z', false],
  ['02:00-03:00 Europe/Berlin', '2026-03-29T01:00:00Z', false],
  ['fri 22:00-06:00', '2026-12-04T23:00:00Z', true],
  ['fri 22:00-06:00', '2026-12-05T05:59:00Z', true],
  ['fri 22:00-06:00', '2026-12-05T22:30:00Z', false],
  ['fri 22:00-06:00', '2026-12-04T05:00:00Z', false],
  ['sat,sun', '2026-12-06T00:00:00Z', true],
  ['fri-mon', '2026-12-07T12:00:00Z', true],
  ['fri-mon', '2026-12-08T12:00:00Z', false],
  ['18:00-24:00', '2026-12-08T23:59:59Z', true],
  ['2026-12-01..2026-12-24', '2026-12-24T23:59:59Z', true],
  ['2026-12-01..2026-12-24', '2026-12-25T00:00:00Z', false],
  ['2026-12-01..', '2026-11-30T23:59:59Z', false],
  ['..2026-12-01T09:00', '2026-12-01T08:59:59Z', true],
  ['..2026-12-01T09:00', '2026-12-01T09:00:00Z', false],
  ['2026-12-01T09:00..2026-12-01T10:00 America/New_York', '2026-12-01T14:30:00Z', true],
] as const)
  test(`${at} is ${expected ? '' : 'not '}in ${text}`, () => assert.equal(within(text, at), expected));

const WHY: Readonly<Record<string, RegExp>> = {
  '': /^is empty$/,
  '08:00-18:00 09:00-10:00': /says one thing twice$/,
  'mon-fri tue': /says one thing twice$/,
  'Europe/Berlin Europe/Paris': /says one thing twice$/,
  '2026-12-24..2026-12-01': /ends before it begins$/,
};

for (const text of [
  '',
  'someday',
  '8:00-18:00',
  '08:00-25:00',
  '08:00-18:00 09:00-10:00',
  'mon-fri tue',
  'Europe/Atlantis',
  '..',
  '2026-02-30..',
  '2026-12-24..2026-12-01',
  'Europe/Berlin Europe/Paris',
])
  test(`"${text}" is no window of time, and it is told why`, () => {
    assert.equal(readTimeWindow(text), undefined);
    assert.match(whyNoWindow(text) ?? '', WHY[text] ?? /is neither days, nor hours, nor dates, nor a zone$/);
  });

test('a window is read as it was written', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const part = fc.record(
    {
      days: fc.subarray([...DAYS], { minLength: 1 }),
      hours: fc.record({ from: time, to: time }, { noNullPrototype: true }),
      since: fc.constantFrom('2026-01-01', '2026-01-01T08:00'),
      until: fc.constantFrom('2026-12-31', '2026-12-31T18:30'),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  fc.assert(
    fc.property(part, fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu'), (window, zone) => {
      assert.deepEqual(readTimeWindow(windowText({ ...window, zone })), { ...window, zone });
    }),
  );
});

test('an instant in a window lies in its hours and in the time around them, or in neither', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
      (date) => {
        const at = date.getTime();
        const inside = isWithin({ hours: { from: '07:15', to: '19:45' }, zone: 'Europe/Madrid' }, at);
        const around = isWithin({ hours: { from: '19:45', to: '07:15' }, zone: 'Europe/Madrid' }, at);
        assert.notEqual(inside, around);
      },
    ),
  );
});
