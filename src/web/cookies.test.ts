/** Our cookies: read narrowly, written in one way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ATTEMPT_COOKIE,
  attemptsToDrop,
  readCookies,
  SESSION_COOKIE,
  sessionCookie,
  writeCookie,
} from './cookies.ts';

test('every cookie we write is host-bound, secure, unreadable for scripts and lax', () =>
  assert.equal(
    writeCookie(SESSION_COOKIE, 'x', 60),
    '__Host-ostiary=x; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax',
  ));

for (const [header, value] of [
  ['__Host-ostiary=abc', 'abc'],
  ['a=b; __Host-ostiary=abc; c=d', 'abc'],
  ['x__Host-ostiary=evil', undefined],
  ['x__Host-ostiary=evil; __Host-ostiary=abc', 'abc'],
  ['__Host-ostiary-probe=p', undefined],
  ['', undefined],
  [undefined, undefined],
  [`a=${'x'.repeat(20_000)}; __Host-ostiary=abc`, undefined],
] as const)
  test(`in the header ${JSON.stringify(header?.slice(0, 40))} the session is ${value}`, () =>
    assert.equal(sessionCookie(header), value));

test('cookies of others are not even looked at', () =>
  assert.deepEqual(
    [...readCookies('a=b; __Host-ostiary-probe=p; __Secure-x=y').keys()],
    ['__Host-ostiary-probe'],
  ));

test('the ninth attempt pushes out the oldest, and only that', () => {
  const eight = new Map(Array.from({ length: 8 }, (_, at) => [`${ATTEMPT_COOKIE}${at}`, 'x'] as const));
  assert.deepEqual(attemptsToDrop(eight, 100), [writeCookie(`${ATTEMPT_COOKIE}0`, '', 0)]);
  assert.deepEqual(attemptsToDrop(new Map([...eight].slice(0, 7)), 100), []);
});

test('long attempts are pushed out earlier, so that the header stays under eight kilobytes', () => {
  const long = new Map(
    Array.from({ length: 4 }, (_, at) => [`${ATTEMPT_COOKIE}${at}`, 'x'.repeat(1500)] as const),
  );
  assert.equal(attemptsToDrop(long, 1500).length, 2);
});
