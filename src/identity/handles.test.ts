/** A handle is the digest of its id, whether it was worked out a moment ago or not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { digest, randomToken, systemRandom } from '../base/random.ts';
import { createHandles } from './handles.ts';

const newId = () => randomToken(systemRandom);
const [ADA, BOB] = [newId(), newId()];

test('an id has its own handle, asked once or often, now or later, and when the clock went back', () => {
  const clock = fixedClock();
  const handleOf = createHandles(clock);
  for (const seconds of [0, 0, 1, 0, 1, 5, -60, 0, 3600]) {
    clock.advance(seconds);
    for (const id of [ADA, BOB, ADA]) assert.equal(handleOf(id), digest(id));
  }
});

test('many thousand ids that somebody made up change nobody else’s handle', () => {
  const handleOf = createHandles(fixedClock());
  const before = handleOf(ADA);
  for (let at = 0; at < 10_000; at += 1) {
    const id = newId();
    assert.equal(handleOf(id), digest(id));
  }
  assert.equal(handleOf(ADA), before);
});

for (const text of ['', ADA.slice(1), `${ADA}a`, `${ADA}\n`, `${ADA.slice(1)}.`])
  test(`what can be no id (${JSON.stringify(text.replace(ADA.slice(1), '…'))}) has no handle, asked once or often`, () => {
    const handleOf = createHandles(fixedClock());
    assert.deepEqual([handleOf(text), handleOf(text)], [undefined, undefined]);
  });
