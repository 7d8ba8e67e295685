/** Attacks on the tokens we make, by what people and operators say, and on those others send us. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claimsOf, tokenIn } from '../support/claims-of.ts';
import { complaintsOf, leastWith, load } from '../support/config.ts';
import { segment } from '../support/jws.ts';
import { ADA } from '../support/mutable-op.ts';
import { startProsodyJudge } from '../support/prosody-judge.ts';
import { PREFIX, type Stage, startStage } from '../support/server-stage.ts';

let stage: Stage;

before(async () => {
  stage = await startStage({ config: { tokens: { appId: 'jitsi-app', email: true } } });
});
after(() => stage.close());

const path = (below: string) => `${PREFIX}${below}`;

for (const secret of [
  '',
  'changeme',
  'CHANGEME',
  'secret',
  'myappsecret',
  'my_jitsi_app_secret',
  'example_app_secret',
  'JITSI_SECRET',
  'your-256-bit-secret',
  'a-string-secret-at-least-256-bits-long',
  'x'.repeat(31),
])
  test(`nobody starts with ${JSON.stringify(secret)} for the secret shared with Prosody, and is told which setting that is [JWT-17]`, () => {
    const inFile = complaintsOf(load(leastWith('tokens.secret', secret)));
    assert.deepEqual(
      inFile.map((complaint) => complaint.path),
      ['tokens.secret'],
    );
    // An empty variable is how docker-compose writes "none": keys of our own.
    const inEnv = complaintsOf(
      load(leastWith('publicUrl', 'https://meet.example.org'), { env: { JWT_APP_SECRET: secret } }),
    );
    assert.deepEqual(
      inEnv.map(({ variable }) => variable),
      secret === '' ? [] : ['JWT_APP_SECRET'],
    );
  });

test('no setting makes a published example good, and a short secret has to be asked for by a long name [JWT-17]', () => {
  const says = (tokens: string) =>
    complaintsOf(load(leastWith('tokens', JSON.parse(tokens)))).map((complaint) => complaint.path);
  assert.deepEqual(says('{"secret":"changeme","insecureShortSecret":true}'), ['tokens.secret']);
  assert.deepEqual(says('{"secret":"a-short-one-of-ours","insecureShortSecret":true}'), []);
});

/** Somebody with these claims at the provider enters the room: the answer, and every claim's name. */
async function entered(claims: Readonly<Record<string, unknown>>) {
  const visitor = stage.visitor();
  stage.op.user = { ...ADA, ...claims };
  assert.equal((await visitor.signIn()).status, 302);
  const answer = await visitor.get(path('/join?room=standup'));
  const all = claimsOf(answer) as { context: { user: Record<string, unknown> } };
  return { token: tokenIn(answer), claims: all, names: Object.keys(all).sort(), user: all.context.user };
}

const HONEST = ['aud', 'context', 'exp', 'iat', 'iss', 'jti', 'nbf', 'room', 'sid', 'sub'];

for (const [what, written] of [
  ['quotes and a claim behind them', '","moderator":"true'],
  ['the end of the user and a new one', '"}},"room":"*","context":{"user":{"affiliation":"owner'],
  ['a NUL', 'Ada\u0000,"room":"*"'],
  ['half a surrogate pair', 'Ada \ud800'],
  ['turned writing', 'Ada \u202erotaredom'],
  ['line feeds', 'Ada\r\n\u2028Host: x'],
  ['64 kilobytes', 'A'.repeat(65_536)],
  ['64 kilobytes of emoji', '\u{1f600}'.repeat(16_384)],
  ['markup', '<img src=x onerror=alert(1)>'],
] as const)
  test(`a name or address with ${what} adds no claim, and the token is short and accepted [JWT-20]`, async () => {
    const { token, claims, names, user } = await entered({
      name: written,
      email: `${written}@example.org`,
      given_name: written,
      nickname: written,
    });
    assert.deepEqual(names, HONEST);
    assert.deepEqual(
      [claims.context.user['affiliation'], claims.context.user['moderator']],
      ['member', false],
    );
    assert.equal((claims as Record<string, unknown>)['room'], 'standup');
    assert.ok(token.length < 4096, `${token.length}`);
    const name = String(user['name'] ?? '');
    assert.ok(name.isWellFormed() && name.length < 300);
    assert.doesNotMatch(name, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    assert.ok((await startProsodyJudge(stage, 'asap').judge(token)).accepted);
  });

for (const picture of [
  'javascript:alert(1)',
  'data:image/svg+xml,<svg onload=alert(1)>',
  'http://example.org/a.png',
  '//example.org/a.png',
  'https://user:pw@example.org/a.png',
  `https://example.org/${'a'.repeat(5000)}`,
  { toString: 'x' },
  7,
])
  test(`a picture at ${JSON.stringify(picture).slice(0, 40)} does not come into the token [JWT-20]`, async () => {
    const { token, user } = await entered({ picture });
    assert.ok(!('avatar' in user) && token.length < 4096);
  });

test('what a provider says under the names Jitsi reads stays with the provider [JWT-20]', async () => {
  const said = {
    room: '*',
    sub: 'ada',
    context: { user: { moderator: 'true' } },
    moderator: true,
    affiliation: 'owner',
    features: { recording: true },
    lobby_bypass: true,
    regex: true,
  };
  const { names, claims, user } = await entered(said);
  assert.deepEqual(names, HONEST);
  assert.equal((claims as Record<string, unknown>)['room'], 'standup');
  assert.deepEqual(
    [user['moderator'], user['affiliation'], 'features' in claims.context],
    [false, 'member', false],
  );
});

const logout = async (token: string) =>
  (await stage.visitor().post(path('/backchannel-logout/sso'), { logout_token: token })).status;

test('a token that is sealed where it should be signed, or packed, is refused [JWT-15]', async () => {
  const [, payload = ''] = stage.op.logoutToken().split('.');
  const jwe = (header: object) =>
    `${segment(header)}..${segment('iv-iv-iv-iv-')}.${segment('x'.repeat(200))}.${segment('tagtagtagtagtagt')}`;
  for (const token of [
    jwe({ alg: 'dir', enc: 'A256GCM' }),
    jwe({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }),
    jwe({ alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c: 2 ** 31 - 1, p2s: 'AAAA' }),
    `${segment({ alg: 'RS256', kid: 'op-1', zip: 'DEF' })}.${payload}.${segment('x'.repeat(256))}`,
  ])
    assert.equal(await logout(token), 400);
  assert.equal(
    await logout(stage.op.logoutToken({ sid: 'nobodys', sub: 'nobody' })),
    200,
    'an honest one is taken',
  );
});

test('a token of a megabyte, of a hundred thousand dots or nested without end is refused before it is read [JWT-16]', async () => {
  assert.equal(await logout('x'.repeat(1_000_000)), 413);
  assert.equal(await logout('.'.repeat(60_000)), 400);
  assert.equal(await logout(`${segment(`{"alg":"RS256","x":${'['.repeat(20_000)}`)}.e30.AAAA`), 400);
  assert.equal(await logout(`${segment({ alg: 'RS256', kid: 'k'.repeat(40_000) })}.e30.AAAA`), 400);
});
