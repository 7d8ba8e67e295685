/** Room names, as Jitsi's client makes them and as an attacker would. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProblem } from './problem.ts';
import {
  parseRoomPath,
  roomFromClaim,
  roomFromPath,
  roomFromQuery,
  roomOf,
  roomPath,
  tenantClaim,
  tenantFromPath,
} from './room.ts';

const claimOf = (segment: string) => roomOf(roomFromPath(segment)).claim;

for (const [segment, claim] of [
  ['Standup', 'standup'],
  ['Gr%C3%B6%C3%9Fe%20und%20Ma%C3%9F', 'gr%c3%b6%c3%9fe%20und%20ma%c3%9f'],
  ['foo!bar', 'foobar'],
  ['a+b', 'ab'],
  ['%EF%AC%81sh', 'fish'],
  ['%E2%84%AAelvin', 'kelvin'],
  ['%EF%BC%A6ull', 'full'],
  ['e%CC%81t%C3%A9', '%c3%a9t%c3%a9'],
  ['%28a%29', '(a)'],
  ['100%25', '100%25'],
  ['a;b', 'ab'],
] as const)
  test(`the address ${segment} names the room that Prosody knows as ${claim}`, () =>
    assert.equal(claimOf(segment), claim));

for (const segment of [
  '',
  '%20',
  '!',
  '*',
  '%2A',
  '..',
  '.',
  '%2e%2e',
  'a%2Fb',
  'a%5Cb',
  'a%00b',
  'a%0Ab',
  'a%22b',
  'a%27b',
  'a%26b',
  'a%3Fb',
  'a%3Ab',
  '%EF%BC%8F',
  '%EF%BC%8A',
  '%5Bb%5Droom',
  'a%E2%80%AEb',
  'a%FFb',
  '%',
  'http-bind',
  'HTTP-BIND',
  'xmpp-websocket',
  'config.js',
  'static',
  '.well-known',
  '_ostiary',
  '_OSTIARY',
  'admin',
  'oauth2',
  'x'.repeat(600),
])
  test(`the segment ${JSON.stringify(segment.slice(0, 20))} names no room and is refused with a room problem`, () =>
    assert.throws(
      () => roomFromPath(segment),
      (thrown) => isProblem(thrown) && thrown.code.startsWith('room.'),
    ));

for (const part of [
  '*',
  '',
  '..',
  'a/b',
  'a%2Fb',
  '[b]',
  'vpaas-magic-cookie-1',
  'VPAAS-magic-cookie-1',
  'static',
  '-a',
  'a b',
  'ä',
  'x'.repeat(65),
])
  test(`the tenant ${JSON.stringify(part.slice(0, 20))} is refused`, () =>
    assert.throws(
      () => tenantFromPath(part),
      (thrown) => isProblem(thrown, 'tenant.unusable'),
    ));

test('a tenant with a dot is written with an underscore in the subject, as in its MUC address', () =>
  assert.equal(tenantClaim(tenantFromPath('Acme.EU')), 'acme_eu'));

test('whatever is accepted leads back to the same room through its own path', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (text) => {
      let segment: string;
      try {
        segment = encodeURIComponent(text);
      } catch {
        return;
      }
      let name: ReturnType<typeof roomFromPath>;
      try {
        name = roomFromPath(segment);
      } catch (thrown) {
        assert.ok(isProblem(thrown));
        return;
      }
      const room = roomOf(name);
      assert.deepEqual(parseRoomPath(roomPath(room)), room);
      assert.deepEqual(roomFromClaim(room.claim), room);
      assert.equal(roomFromQuery(name), name);
      assert.ok(!/[/\\:*?&'"]/.test(name));
      assert.match(room.claim, /^[\x21-\x7e]+$/);
    }),
    { numRuns: 3000 },
  );
});

test('the claim is what the client computes for the same segment', () => {
  const STRIP = /[:?#[\]@!$&'()*+,;=></"]/g;
  const client = (segment: string) =>
    encodeURIComponent(
      decodeURIComponent(segment.replace(STRIP, '')).normalize('NFKC').toLowerCase(),
    ).toLowerCase();
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), (text) => {
      const segment = encodeURIComponent(text);
      try {
        assert.equal(claimOf(segment), client(segment));
      } catch (thrown) {
        if (!isProblem(thrown)) throw thrown;
      }
    }),
    { numRuns: 3000 },
  );
});
