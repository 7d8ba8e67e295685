import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { createBrake } from './brake.ts';

const turns = (perSecond: number | undefined, many: number) => {
  const brake = createBrake(fixedClock(), perSecond);
  return Array.from({ length: many }, () => brake.turn());
};

test('without a number nobody waits', () => assert.ok(turns(undefined, 1000).every((turn) => turn === 0)));

test('who comes at once with others gets a turn each', () =>
  assert.deepEqual(turns(10, 4), [0, 100, 200, 300]));

test('who comes when there is room passes at once', () => {
  const clock = fixedClock();
  const brake = createBrake(clock, 10);
  for (let at = 0; at < 50; at += 1) {
    assert.equal(brake.turn(), 0);
    clock.advance(0.1);
  }
});

test("who would wait longer than a client does is told when to come back, and takes nobody else's turn", () => {
  const clock = fixedClock();
  const brake = createBrake(clock, 1);
  for (let at = 0; at <= 20; at += 1) brake.turn();
  for (const _ of [1, 2])
    assert.throws(() => brake.turn(), { code: 'request.too-many', facts: { retryAfter: 21 } });
  clock.advance(1);
  assert.equal(brake.turn(), 20_000);
});
