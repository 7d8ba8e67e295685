/** The address that takes a client into the room. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProblem } from '../base/problem.ts';
import { roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { wayBack, withoutFragment } from './way-back.ts';

const token = new Secret('aaa.bbb.ccc');
const room = roomOf(roomFromPath('Gr%C3%B6%C3%9Fe'), tenantFromPath('acme'));
const jitsiUrl = 'https://meet.example.org';

test('the token goes into the fragment as a JSON string, which no server sees', () => {
  const url = new URL(wayBack(room, token, { jitsiUrl, overrides: new Map() }));
  assert.equal(url.href, 'https://meet.example.org/acme/gr%C3%B6%C3%9Fe#jwt=%22aaa.bbb.ccc%22');
  assert.equal(url.search, '');
});

test('overrides go beside it, each as percent-encoded JSON', () =>
  assert.ok(
    wayBack(room, token, { jitsiUrl, overrides: new Map([['config.startWithAudioMuted', true]]) }).endsWith(
      '&config.startWithAudioMuted=true',
    ),
  ));

test('skipping the prejoin page is dropped, because current clients then start no microphone and no camera', () => {
  const overrides = new Map([['config.prejoinConfig.enabled', false]]);
  assert.ok(!wayBack(room, token, { jitsiUrl, overrides }).includes('prejoin'));
  assert.ok(wayBack(room, token, { jitsiUrl, overrides, clientBefore: '2025-06' }).includes('prejoin'));
});

test('only a client said to be older than May 2024 gets the token in the query, raw', () => {
  assert.ok(
    wayBack(room, token, { jitsiUrl, overrides: new Map(), clientBefore: '2024-05' }).includes(
      '?jwt=aaa.bbb.ccc#',
    ),
  );
  assert.ok(
    !wayBack(room, token, { jitsiUrl, overrides: new Map(), clientBefore: '2024-06' }).includes('?jwt='),
  );
});

test('another origin gets an empty fragment, so that the browser does not carry the old one there', () => {
  assert.equal(withoutFragment('https://id.example/auth?x=1'), 'https://id.example/auth?x=1#');
  assert.equal(withoutFragment('https://id.example/auth#'), 'https://id.example/auth#');
});

test('no room name leads off the configured origin', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
      try {
        const there = new URL(
          wayBack(roomOf(roomFromPath(encodeURIComponent(text))), token, { jitsiUrl, overrides: new Map() }),
        );
        assert.equal(there.origin, jitsiUrl);
        assert.equal(there.search, '');
      } catch (thrown) {
        if (!isProblem(thrown) && !(thrown instanceof URIError)) throw thrown;
      }
    }),
    { numRuns: 3000 },
  );
});
