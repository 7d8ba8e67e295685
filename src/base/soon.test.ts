/** Answers that are there at once, and those that are not yet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whenThere } from './soon.ts';

test('an answer that is there is gone on with in the same tick', () =>
  assert.equal(
    whenThere(20, (value) => value + 1),
    21,
  ));

test('an answer that is not there yet is gone on with when it comes', async () => {
  const answer = whenThere(Promise.resolve(20), async (value) => value + 1);
  assert.ok(answer instanceof Promise);
  assert.equal(await answer, 21);
});

test('an answer that fails is not gone on with', async () => {
  let went = false;
  const answer = whenThere(Promise.reject(new Error('no')), () => {
    went = true;
  });
  await assert.rejects(async () => answer, /no/);
  assert.equal(went, false);
});
