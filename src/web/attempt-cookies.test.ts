/** Sign-ins under way in one browser: how many, and which of them go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttemptCookies } from './attempt-cookies.ts';
import { ATTEMPT_COOKIE } from './cookies.ts';

const nothing = new Map<string, string>();
const browser = 'a-browser';
const carrying = (ids: readonly (string | number)[], sealed = 'x') =>
  new Map(ids.map((id) => [`${ATTEMPT_COOKIE}${id}`, sealed]));

/** The ids an answer takes away. */
const gone = (lines: readonly string[]) =>
  lines
    .filter((line) => line.includes('; Max-Age=0;'))
    .map((line) => line.slice(ATTEMPT_COOKIE.length).split('=')[0]);

test('an attempt is a cookie of its own for a quarter of an hour', () =>
  assert.deepEqual(createAttemptCookies().add({ id: 'a', sealed: 's', browser, cookies: nothing }), [
    '__Host-ostiary-try-a=s; Path=/; Max-Age=900; Secure; HttpOnly; SameSite=Lax',
  ]));

test('the seventeenth attempt pushes out the oldest, and only that', () => {
  const carried = Array.from({ length: 16 }, (_, at) => at);
  const [full, nearly] = [carrying(carried), carrying(carried.slice(1))];
  assert.deepEqual(gone(createAttemptCookies().add({ id: 'a', sealed: 's', browser, cookies: full })), ['0']);
  assert.deepEqual(gone(createAttemptCookies().add({ id: 'a', sealed: 's', browser, cookies: nearly })), []);
});

test('long attempts are pushed out earlier, so that the header stays under eight kilobytes', () => {
  const cookies = carrying([0, 1, 2, 3], 'x'.repeat(1500));
  const lines = createAttemptCookies().add({ id: 'a', sealed: 'x'.repeat(1500), browser, cookies });
  assert.deepEqual(gone(lines), ['0', '1']);
});

test('an attempt too long by itself pushes out all others and stays', () => {
  const lines = createAttemptCookies().add({
    id: 'a',
    sealed: 'x'.repeat(6000),
    browser,
    cookies: carrying([0, 1]),
  });
  assert.deepEqual(gone(lines), ['0', '1']);
  assert.match(lines.at(-1) ?? '', /-try-a=x+; Path/);
});

test('what requests at the same moment do not carry is pushed out all the same, each once', () => {
  const attempts = createAttemptCookies();
  const answers = Array.from({ length: 40 }, (_, id) =>
    gone(attempts.add({ id: `${id}`, sealed: 's', browser, cookies: nothing })),
  );
  assert.deepEqual(
    answers.flat(),
    Array.from({ length: 24 }, (_, id) => `${id}`),
  );
});

test('what the browser kept in spite of it, and what another node gave, goes first', () => {
  const attempts = createAttemptCookies();
  for (let id = 0; id < 17; id += 1) attempts.add({ id: `${id}`, sealed: 's', browser, cookies: nothing });
  const cookies = carrying(['0', '5', '6', 'elsewhere']);
  assert.deepEqual(gone(attempts.add({ id: 'a', sealed: 's', browser, cookies })), ['0', 'elsewhere', '1']);
});

test('one browser never pushes out what another has under way', () => {
  const attempts = createAttemptCookies();
  for (let id = 0; id < 16; id += 1) attempts.add({ id: `${id}`, sealed: 's', browser, cookies: nothing });
  const other = attempts.add({ id: 'b', sealed: 's', browser: 'another', cookies: nothing });
  assert.deepEqual(gone(other), []);
});

test('browsers nobody has seen for long are forgotten, and what they carry is still counted', () => {
  const attempts = createAttemptCookies();
  for (let id = 0; id < 16; id += 1) attempts.add({ id: `${id}`, sealed: 's', browser, cookies: nothing });
  for (let other = 0; other < 10_000; other += 1)
    attempts.add({ id: 'o', sealed: 's', browser: `${other}`, cookies: nothing });
  assert.deepEqual(gone(attempts.add({ id: 'a', sealed: 's', browser, cookies: nothing })), []);
});
