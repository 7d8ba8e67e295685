/** Whose token counts that a caller brings, and which does not, whoever wrote it. */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import {
  BEARER_AUDIENCE,
  BEARER_ISS,
  BEARER_KEY,
  bearerClaims,
  bearerKeys,
  bearerToken,
} from '../../test/support/bearers.ts';
import { hmac, makeKey, segment, signature } from '../../test/support/jws.ts';
import { fixedClock, unixSeconds } from '../base/clock.ts';
import { Problem, type ProblemCode } from '../base/problem.ts';
import { type BearerIssuer, readBearer } from './bearer.ts';
import { PRESETS } from './presets.ts';

const clock = fixedClock();
const now = unixSeconds(clock);

function issuer(more: Partial<BearerIssuer> = {}): BearerIssuer {
  return {
    ...{ iss: BEARER_ISS, provider: 'sso', algorithm: 'RS256', audience: BEARER_AUDIENCE, alsoFor: [] },
    keys: bearerKeys(clock),
    mapping: PRESETS.generic.mapping,
    ...more,
  };
}

const read = (token: string, known = issuer()) =>
  readBearer(token, { issuers: new Map([[known.iss, known]]), clock });
const claims = (more: object = {}) => bearerClaims(clock, more);

async function refuses(
  token: string,
  why: string,
  { code = 'bearer.unacceptable', known = issuer() }: { code?: ProblemCode; known?: BearerIssuer } = {},
) {
  const thrown = await read(token, known).then(
    () => assert.fail(`taken: ${why}`),
    (problem: unknown) => problem,
  );
  assert.ok(thrown instanceof Problem, String(thrown));
  const told = JSON.stringify([thrown.facts, thrown.message]);
  for (const part of token.split('.').filter(({ length }) => length > 12)) assert.ok(!told.includes(part));
  assert.equal(thrown.code, code, told);
  assert.match(told, new RegExp(why));
}

test('a token that holds names somebody, as who signs in at that provider, and the session there', async () => {
  const says = await read(bearerToken(claims({ acr: 'mfa' }), { typ: 'at+jwt' }));
  assert.equal(says?.signedIn.person.id, 'sso#ada');
  assert.deepEqual(says?.signedIn.person.groups, ['staff']);
  assert.equal(says?.signedIn.person.acr, 'mfa');
  assert.deepEqual(
    [says?.signedIn.sid, says?.signedIn.subject, says?.signedIn.until],
    ['their-session-1', 'ada', now + 300],
  );
  assert.deepEqual([says?.issuedAt, says?.expired], [now - 5, false]);
});

test('a token that nobody of the list signed is no token to judge', async () => {
  assert.equal(await read(bearerToken(claims({ iss: `${BEARER_ISS}/` }))), undefined);
  assert.equal(await read('an-opaque-token'), undefined);
});

test('renewed tokens of one session there belong together, those of another do not', async () => {
  const thread = async (more: object) => (await read(bearerToken(claims(more))))?.thread.join(' ');
  assert.equal(await thread({ exp: now + 900, jti: '2' }), await thread({}));
  assert.notEqual(await thread({ sid: 'their-session-2' }), await thread({}));
  assert.notEqual(await thread({ sub: 'bob' }), await thread({}));
});

test('a token whose time is over says so, and is judged like every other', async () => {
  const over = { iat: now - 7200, exp: now - 3600 };
  assert.equal((await read(bearerToken(claims(over))))?.expired, true);
  assert.equal((await read(bearerToken(claims({ exp: now }))))?.expired, true);
  await refuses(bearerToken(claims({ ...over, aud: 'somebody-else' })), 'audience');
  await refuses(bearerToken(claims(over), {}, makeKey('api-1')), 'SIGNATURE');
});

const pem = createPublicKey(BEARER_KEY.privateKey).export({ type: 'spki', format: 'pem' });

for (const [what, why, token] of [
  ['without a signature', 'encoding', `${segment({ alg: 'none' })}.${segment(claims())}.`],
  ['with an empty signature', 'encoding', `${bearerToken(claims()).split('.', 2).join('.')}.`],
  ['under a key of the same name', 'SIGNATURE', bearerToken(claims(), {}, makeKey('api-1'))],
  ['under a key nobody published', 'JWKS', bearerToken(claims(), {}, makeKey('api-2'))],
  ['under the public key as a secret', 'ALG', hs256(claims(), String(pem))],
  ['for another service', 'audience', bearerToken(claims({ aud: 'account' }))],
  ['for us and another service', 'audience', bearerToken(claims({ aud: [BEARER_AUDIENCE, 'account'] }))],
  ['for a name that begins as ours', 'audience', bearerToken(claims({ aud: `${BEARER_AUDIENCE}2` }))],
  ['for nobody', 'aud', bearerToken(claims({ aud: undefined }))],
  ['without a moment of issue', 'iat', bearerToken(claims({ iat: undefined }))],
  ['without an end', 'exp', bearerToken(claims({ exp: undefined }))],
  ['that begins tomorrow', 'nbf', bearerToken(claims({ nbf: now + 86_400 }))],
  ['without a subject', 'id-missing', bearerToken(claims({ sub: undefined }))],
  ['that is a logout token', 'typ', bearerToken(claims(), { typ: 'logout+jwt' })],
  [
    'that tells of an event',
    'events',
    bearerToken(claims({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } })),
  ],
  ['that is good only with a key beside it', 'cnf', bearerToken(claims({ cnf: { jkt: 'x' } }))],
  ['with a DPoP type', 'typ', bearerToken(claims(), { typ: 'dpop+jwt' })],
] as const)
  test(`a token ${what} is refused`, () => refuses(token, why));

function hs256(said: object, secret: string): string {
  const input = `${segment({ alg: 'HS256', kid: 'api-1' })}.${segment(said)}`;
  return `${input}.${hmac(input, secret)}`;
}

test('who is named twice is nobody', async () => {
  const input = `${segment({ alg: 'RS256', kid: 'api-1' })}.${segment(JSON.stringify(claims()).replace('{', '{"sub":"eve",'))}`;
  await refuses(`${input}.${signature(input, 'RS256', BEARER_KEY.privateKey)}`, 'repeated');
});

test('other services are named beside us where the operator knows of them', async () => {
  const known = issuer({ alsoFor: ['account'] });
  assert.ok(await read(bearerToken(claims({ aud: ['account', BEARER_AUDIENCE] })), known));
  await refuses(bearerToken(claims({ aud: ['account'] })), 'audience', { known });
  await refuses(bearerToken(claims({ aud: ['account', BEARER_AUDIENCE, 'mail'] })), 'audience', { known });
  assert.ok(await read(bearerToken(claims({ aud: ['mail', BEARER_AUDIENCE], azp: BEARER_AUDIENCE }))));
});

test('a scope that is asked for must stand there as a word', async () => {
  const known = issuer({ scope: 'meet' });
  for (const more of [{ scope: 'openid meet' }, { scp: ['meet'] }, { scp: 'profile meet' }])
    assert.ok(await read(bearerToken(claims(more)), known));
  for (const more of [{}, { scope: 'meeting' }, { scope: 7 }, { scope: 'openid-meet' }])
    await refuses(bearerToken(claims(more)), 'scope', { known });
});

test('groups that rules speak of are not taken for none where the token leaves them out', async () => {
  await refuses(bearerToken(claims({ groups: undefined })), 'groups-missing');
});

for (const aud of ['https://graph.microsoft.com', '00000003-0000-0000-c000-000000000000'])
  for (const iss of ['https://sts.windows.net/0/', 'https://login.microsoftonline.com/0/v2.0'])
    test(`a token of ${iss} for ${aud} is told to be for Graph alone`, async () => {
      await refuses(bearerToken(claims({ iss, aud })), 'Graph', { code: 'bearer.graph' });
      await refuses(bearerToken(claims({ iss, aud })), 'Graph', {
        code: 'bearer.graph',
        known: issuer({ iss }),
      });
    });

test('where the keys cannot be fetched, that is not the fault of the token', async () => {
  const find = async () => {
    throw new Problem('outbound.failed', { why: 'ECONNREFUSED' });
  };
  const known = issuer({ keys: { ...bearerKeys(clock), find } });
  await refuses(bearerToken(claims()), 'outbound.failed', { code: 'bearer.unreachable', known });
});
