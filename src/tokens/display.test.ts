/** What a page holds behind the gateway, and how it is told from tokens that open something. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JitsiClaims } from './claims.ts';
import { displayToken, isDisplayToken } from './display.ts';

const claims = {
  iss: 'jitsi',
  room: 'standup',
  context: { user: { id: 'corp#ada' } },
} as unknown as JitsiClaims;
const token = displayToken(claims).reveal();
const [header = '', payload = '', third = ''] = token.split('.');

test('a display token says that nobody signed it, and what it is for', () => {
  assert.equal(Buffer.from(header, 'base64url').toString(), '{"alg":"none","typ":"JWT"}');
  assert.deepEqual(JSON.parse(Buffer.from(payload, 'base64url').toString()), claims);
  assert.equal(Buffer.from(third, 'base64url').toString(), 'display-only');
});

test('a display token is recognised, whatever it says', () =>
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (said) =>
      isDisplayToken(displayToken(said as unknown as JitsiClaims).reveal()),
    ),
  ));

for (const [what, other] of [
  ['nothing', ''],
  ['a token with a signature', `${header}.${payload}.AAAA`],
  ['a token without one', `${header}.${payload}.`],
  ['a token of two parts', `${header}.${payload}`],
  ['a token without claims', `${header}..${third}`],
  ['a token of four parts', `${header}.${payload}.${payload}.${third}`],
  [
    'a token that names an algorithm',
    `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${payload}.${third}`,
  ],
  ['a token with something behind it', `${token} `],
  ['its ends without a middle', `${header}.${third}`],
  ['claims that are no base64url', `${header}.a+b/.${third}`],
] as const)
  test(`${what} is no display token`, () => assert.equal(isDisplayToken(other), false));
