import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { isProblem, Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { createSharedSecretKeys } from '../keys/shared-secret.ts';
import type { JitsiClaims } from './claims.ts';
import { mintToken } from './mint.ts';

const claims: JitsiClaims = {
  iss: 'ostiary',
  aud: 'jitsi',
  sub: 'meet.example.org',
  room: 'standup',
  iat: 0,
  nbf: 0,
  exp: 1,
  jti: 'j',
  context: { user: { id: 'school#ada', affiliation: 'owner', moderator: true } },
};

test('a minted token says typ JWT and holds exactly the claims', async () => {
  const token = await mintToken(
    claims,
    createSharedSecretKeys(new Secret('a secret of thirty-two characters')),
  );
  const [header, payload] = token
    .reveal()
    .split('.')
    .map((part) => Buffer.from(part, 'base64url').toString());
  assert.deepEqual(JSON.parse(header ?? ''), { alg: 'HS256', typ: 'JWT', kid: 'shared' });
  assert.deepEqual(JSON.parse(payload ?? ''), claims);
});

test('a minted token does not print itself (SEC-01)', async () => {
  const token = await mintToken(
    claims,
    createSharedSecretKeys(new Secret('a secret of thirty-two characters')),
  );
  assert.deepEqual(
    [`${token}`, JSON.stringify({ token }), inspect(token)],
    ['[secret]', '{"token":"[secret]"}', '[secret]'],
  );
});

test('without a key nothing is minted', async () => {
  const none = {
    signing: () => Promise.reject(new Problem('key.none')),
    published: () => Promise.resolve([]),
  };
  await assert.rejects(mintToken(claims, none), (thrown) => isProblem(thrown, 'key.none'));
});
