/** A handle is the digest of its id, whether it was worked out a moment ago or not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { digest } from '../base/random.ts';
import { createHandles } from './handles.ts';

test('an id has its own handle, asked once or often, now or later, and when the clock went back', () => {
  const clock = fixedClock();
  const handleOf = createHandles(clock);
  for (const seconds of [0, 0, 1, 0, 1, 5, -60, 0, 3600]) {
    clock.advance(seconds);
    for (const id of ['a', 'b', 'a', '']) assert.equal(handleOf(id), digest(id));
  }
});

test('many thousand ids that somebody made up change nobody else’s handle', () => {
  const handleOf = createHandles(fixedClock());
  const before = handleOf('ada');
  for (let at = 0; at < 10_000; at += 1) assert.equal(handleOf(`made-up-${at}`), digest(`made-up-${at}`));
  assert.equal(handleOf('ada'), before);
});
