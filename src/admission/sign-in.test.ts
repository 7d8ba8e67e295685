/** One attempt: begun, bound to this browser, finished once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { countingRandom } from '../base/random.ts';
import { createSealingKeys } from '../keys/sealing-keys.ts';
import { createMemoryStore } from '../store/memory.ts';
import { ATTEMPT_LIFETIME, attemptIdOf, beginAttempt, openAttempt, spendAttempt } from './sign-in.ts';

function stage() {
  const clock = fixedClock();
  const random = countingRandom();
  const store = createMemoryStore({ clock });
  return { clock, random, store, keys: createSealingKeys({ store, clock, random }) };
}
const about = { provider: 'corp', target: '/standup', silent: false };

test('an attempt opens in the browser that began it, by its own state alone', async () => {
  const parts = stage();
  const { attempt, sealed } = await beginAttempt(about, parts);
  assert.deepEqual(
    await openAttempt(sealed, attempt.state, parts),
    await openAttempt(sealed, attempt.state, parts),
  );
  assert.equal((await openAttempt(sealed, attempt.state, parts))?.target, '/standup');
  const other = await beginAttempt(about, parts);
  assert.equal(await openAttempt(sealed, other.attempt.state, parts), undefined);
});

test('beginning writes nothing into the store', async () => {
  const parts = stage();
  await parts.keys.sealing();
  const before = await parts.store.list('');
  await beginAttempt(about, parts);
  assert.deepEqual(await parts.store.list(''), before);
});

test('what is sealed shows neither verifier nor nonce', async () => {
  const { attempt, sealed } = await beginAttempt(about, stage());
  for (const secret of [attempt.verifier, attempt.nonce, attempt.state])
    assert.ok(!Buffer.from(sealed, 'base64url').toString('latin1').includes(secret));
});

test('an attempt is a short cookie: forty of them are under eight kilobytes', async () => {
  const { sealed } = await beginAttempt(about, stage());
  assert.ok(sealed.length <= 150, `${sealed.length}`);
});

test('verifier, nonce and state are 256 bits each in base64url, and none is another', async () => {
  const { attempt } = await beginAttempt(about, stage());
  const [id, secret = ''] = attempt.state.split('.');
  assert.equal(id, attempt.id);
  for (const value of [attempt.verifier, attempt.nonce, secret]) assert.match(value, /^[\w-]{43}$/);
  assert.equal(new Set([attempt.verifier, attempt.nonce, secret]).size, 3);
});

test('what comes back is the attempt that was begun, to the letter', async () => {
  const parts = stage();
  for (const silent of [true, false]) {
    const { attempt, sealed } = await beginAttempt({ ...about, silent }, parts);
    assert.deepEqual(await openAttempt(sealed, attempt.state, parts), attempt);
  }
});

test('an attempt too old does not open', async () => {
  const parts = stage();
  const { attempt, sealed } = await beginAttempt(about, parts);
  parts.clock.advance(ATTEMPT_LIFETIME + 1);
  assert.equal(await openAttempt(sealed, attempt.state, parts), undefined);
});

test('of a hundred callers at once one spends the attempt', async () => {
  const parts = stage();
  const { attempt } = await beginAttempt(about, parts);
  const won = await Promise.all(Array.from({ length: 100 }, () => spendAttempt(attempt, parts.store)));
  assert.equal(won.filter(Boolean).length, 1);
});

test('states, nonces, verifiers and ids never repeat', async () => {
  const parts = stage();
  const seen = new Set<string>();
  for (let at = 0; at < 200; at += 1) {
    const { attempt } = await beginAttempt(about, parts);
    for (const value of [attempt.id, attempt.state, attempt.nonce, attempt.verifier]) {
      assert.ok(!seen.has(value));
      seen.add(value);
    }
  }
});

for (const state of [
  null,
  '',
  'x',
  'short.state',
  `${'a'.repeat(8)}.${'b'.repeat(42)}`,
  `${'a'.repeat(8)}.${'b'.repeat(43)}x`,
  '<script>',
])
  test(`the state ${JSON.stringify(state)?.slice(0, 30)} belongs to no attempt of ours`, () =>
    assert.equal(attemptIdOf(state), undefined));
