/** What a provider lets us know of its client without a person: at the certified one, and at some that answer oddly. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startMutableOp } from '../../test/support/mutable-op.ts';
import { providerFor } from '../../test/support/oidc-stage.ts';
import { type Op, startOp } from '../../test/support/op.ts';
import { wayOutTo } from '../../test/support/way-out.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { isProblem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { createOidcProvider } from './oidc.ts';
import type { OidcOptions } from './oidc-options.ts';
import { PRESETS } from './presets.ts';

const REDIRECT_URI = 'https://meet.example.org/_ostiary/callback/sso';

let op: Op;
before(async () => {
  op = await startOp({ redirectUris: [REDIRECT_URI] });
});
after(() => op.close());

function provider(changes: Partial<OidcOptions> = {}, at = op) {
  return createOidcProvider({
    id: 'sso',
    name: 'Example',
    issuer: at.issuer,
    clientId: at.clientId,
    clientSecret: at.clientSecret,
    scopes: ['openid'],
    mapping: PRESETS.generic.mapping,
    userinfo: 'never',
    outbound: wayOutTo(at.issuer),
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
    ...changes,
  });
}

test('the certified provider takes the right client, and would send people back to us', async () =>
  assert.deepEqual(await provider().tryClient(REDIRECT_URI), { taken: true, sendsBack: true }));

test('of a wrong secret it knows the client, and takes it not', async () => {
  const trial = await provider({ clientSecret: new Secret('wrong') }).tryClient(REDIRECT_URI);
  assert.deepEqual(trial, { taken: false, error: 'invalid_client', sendsBack: true });
});

test('an unknown client it neither takes nor sends back', async () => {
  const trial = await provider({ clientId: 'nobody' }).tryClient(REDIRECT_URI);
  assert.deepEqual(trial, { taken: false, error: 'invalid_client', sendsBack: false });
});

test('a redirect address that is not registered shows, though the client is right', async () => {
  const trial = await provider().tryClient('https://meet.example.org/elsewhere');
  assert.deepEqual(trial, { taken: true, sendsBack: false });
});

for (const tokenEndpointAuth of ['client_secret_post', 'none'] as const)
  test(`the trial proves itself by ${tokenEndpointAuth}, as a sign-in would`, async (t) => {
    const picky = await startOp({
      redirectUris: [REDIRECT_URI],
      client: { token_endpoint_auth_method: tokenEndpointAuth },
    });
    t.after(() => picky.close());
    const trial = await provider({ tokenEndpointAuth }, picky).tryClient(REDIRECT_URI);
    assert.deepEqual(trial, { taken: true, sendsBack: true });
  });

test('a missing secret is no client for a provider that wants one', async () => {
  const trial = await provider({ tokenEndpointAuth: 'none' }).tryClient(REDIRECT_URI);
  assert.deepEqual(trial, { taken: false, error: 'invalid_client', sendsBack: true });
});

for (const [why, status, body] of [
  ['a code that is taken', 200, '{"access_token":"x","token_type":"bearer"}'],
  ['another complaint', 400, '{"error":"invalid_request"}'],
  ['a page', 200, '<html>'],
] as const)
  test(`${why} for an answer tells nothing of the client`, async (t) => {
    const odd = await startMutableOp();
    t.after(() => odd.close());
    odd.bend.answer = (answer, { path }) => (path === '/token' ? { ...answer, status, body } : answer);
    const { taken, error } = await providerFor(odd).tryClient(REDIRECT_URI);
    assert.deepEqual([taken, error], [undefined, undefined]);
  });

test('a token endpoint that does not answer is said to be away, and nothing is said of the client', async (t) => {
  const odd = await startMutableOp();
  t.after(() => odd.close());
  const away = providerFor(odd);
  await away.warm();
  odd.bend.hangsUp = true;
  await assert.rejects(away.tryClient(REDIRECT_URI), (thrown) => isProblem(thrown, 'provider.unreachable'));
});

test('a way to somewhere else is not the way back to us', async (t) => {
  const odd = await startMutableOp();
  t.after(() => odd.close());
  for (const location of [
    'https://sso.example.org/login',
    `${REDIRECT_URI}.evil.example/?error=login_required`,
    `${REDIRECT_URI}-else?error=login_required`,
  ]) {
    odd.bend.answer = (answer, { path }) =>
      path === '/authorize' ? { status: 302, headers: { location }, body: '' } : answer;
    assert.equal((await providerFor(odd).tryClient(REDIRECT_URI)).sendsBack, undefined, location);
  }
});
