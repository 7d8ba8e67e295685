/** Our cookies: read narrowly, written in one way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCookies, SESSION_COOKIE, sessionCookie, writeCookie } from './cookies.ts';

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
  ['a=x __Host-ostiary=evil', undefined],
  ['a=x __Host-ostiary=evil; __Host-ostiary=abc', 'abc'],
  ['a=x\t__Host-ostiary=evil', undefined],
  ['a="x" __Host-ostiary=evil; b=c', undefined],
  ['a=__Host-ostiary=evil;__Host-ostiary=abc;b', 'abc'],
  ['a=b;\t __Host-ostiary=abc', 'abc'],
  ['__Host-ostiary=abc; __Host-ostiary=evil', 'abc'],
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
