/**
 * What opens doors does not reach the log, however a library wrote it down.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { redact } from './redact.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJyb29tIjoic3RhbmR1cCJ9.c2lnbmF0dXJl';

const leaks: readonly (readonly [string, string])[] = [
  [`unexpected ${jwt} here`, 'c2lnbmF0dXJl'],
  [`https://meet.example.org/standup#jwt=%22${jwt}%22`, 'c2lnbmF0dXJl'],
  ['sealed eyJhbGciOiJkaXIifQ..aXY0NQ.Y2lwaGVy.dGFn end', 'Y2lwaGVy'],
  ['GET /callback?code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj', 'SplxlOBeZQQYbYS6WxSbIA'],
  ['GET /callback?code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj', 'af0ifjsldkj'],
  ['to=%2Fcallback%3Fcode%3DSplxlOBe%26state%3Daf0ifjsldkj', 'af0ifjsldkj'],
  ['token="2YotnFZFEjr1zCsicMWpAA"', '2YotnFZFEjr1zCsicMWpAA'],
  ['{"access_token":"2YotnFZFEjr1zCsicMWpAA","expires_in":3600}', '2YotnFZFEjr1zCsicMWpAA'],
  [`Unexpected token in {"refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA`, 'tGzv3JOkF0XG5Qx2TlKWIA'],
  ['client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw', '7Fjfp0ZBr1KtDRbnfVdmIw'],
  ["{ password: 'x', 'password': 'hunter2!' }", 'hunter2!'],
  ['Authorization: Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW', 'czZCaGRSa3F0MzpnWDFmQmF0M2JW'],
  ['authorization: Digest username="ada", response="6629fae4"', '6629fae4'],
  ["headers: [ 'authorization', 'Bearer mF_9.B5f-4.1JqM' ]", 'mF_9.B5f-4.1JqM'],
  ['sent bearer mF_9.B5f-4.1JqM', 'mF_9.B5f-4.1JqM'],
  ['Cookie: __Host-session=31d4d96e407aad42', '31d4d96e407aad42'],
  ['connect http://ada:lovelace@proxy.example.org:3128', 'lovelace'],
  ['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----', 'MIIEvQIBADANBg'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBg', 'MIIEvQIBADANBg'],
];

for (const [text, secret] of leaks)
  test(`masks the secret in: ${text.slice(0, 60).replaceAll('\n', ' ')}`, () => {
    assert.ok(!redact(text).includes(secret), redact(text));
    assert.match(redact(text), /\[secret\]/);
  });

test('leaves what an operator needs to read', () => {
  for (const text of [
    'connect ECONNREFUSED 127.0.0.1:8443',
    'getaddrinfo ENOTFOUND idp.example.org',
    'certificate has expired',
    'https://idp.example.org/realms/team/.well-known/openid-configuration?x=1#top',
    'Basic authentication is required',
    'error: invalid_grant (Code not valid)',
    '    at readKeyJwks (file:///srv/ostiary/dist/keys/jwt.js:12:3)',
  ])
    assert.equal(redact(text), text);
});

test('a token anywhere in any text is masked', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 50 }),
      fc.string({ unit: 'binary', maxLength: 50 }),
      (before, after) => {
        assert.ok(!redact(`${before}${jwt}${after}`).includes('.c2lnbmF0dXJl'));
      },
    ),
  );
});

test('a text without end is cut', () => {
  assert.ok(redact('x'.repeat(1_000_000)).length < 10_000);
});

test('a placeholder is no secret, and what only begins like one is', () => {
  const address = 'https://meet.example.org/_ostiary/join?room={room}&state={state}';
  assert.equal(redact(address), address);
  assert.doesNotMatch(redact('/cb?code={code}Splxl0BeZQQY'), /Splxl/);
  assert.doesNotMatch(redact('/cb?state={Splxl0BeZQQY-1}'), /Splxl/);
});
