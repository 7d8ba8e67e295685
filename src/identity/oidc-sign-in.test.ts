/** Sign-ins at a stand-in provider: what is asked, what is remembered, and what is said when it goes wrong. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { makeKey } from '../../test/support/jws.ts';
import { ADA, type Bends, type MutableOp, startMutableOp } from '../../test/support/mutable-op.ts';
import { newAttempt, providerFor, REDIRECT_URI, sendAway, signIn } from '../../test/support/oidc-stage.ts';
import { type FixedClock, fixedClock } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { isProblem, type Problem, type ProblemCode } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import type { OidcOptions } from './oidc-options.ts';
import type { Provider, SignedIn } from './provider.ts';

interface Stage {
  readonly op: MutableOp;
  readonly clock: FixedClock;
  readonly provider: Provider;
}

async function stage(t: TestContext, options: Partial<OidcOptions> = {}): Promise<Stage> {
  const clock = fixedClock();
  const op = await startMutableOp({ clock });
  t.after(() => op.close());
  return { op, clock, provider: providerFor(op, options) };
}

async function refusal(work: Promise<unknown>, code: ProblemCode): Promise<Problem> {
  const thrown = await work.then(
    () => assert.fail('it worked'),
    (cause: unknown) => cause,
  );
  assert.ok(isProblem(thrown, code), inspect(thrown));
  return thrown;
}

test('the way there says what has to be said, and ends in a fragment of its own', async (t) => {
  const { op, provider } = await stage(t, {
    scopes: ['profile', 'groups'],
    responseMode: 'form_post',
    acrValues: ['gold', 'mfa'],
    maxAge: 600,
    prompt: 'select_account',
    extraAuthParams: { kc_idp_hint: 'saml', hd: 'example.org' },
  });
  const { url, attempt } = await sendAway(provider, newAttempt(), {
    languages: ['de-AT', 'en', '"><script>'],
  });
  assert.ok(url.endsWith('#') && url.startsWith(`${op.issuer}/authorize?`));
  assert.deepEqual(Object.fromEntries(new URL(url).searchParams), {
    client_id: 'jitsi',
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile groups',
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: createHash('sha256').update(attempt.verifier).digest('base64url'),
    code_challenge_method: 'S256',
    response_mode: 'form_post',
    acr_values: 'gold mfa',
    max_age: '600',
    prompt: 'select_account',
    ui_locales: 'de-AT en',
    kc_idp_hint: 'saml',
    hd: 'example.org',
  });
});

test('a silent question is silent, whatever the operator wants shown', async (t) => {
  const { provider } = await stage(t, { prompt: 'login' });
  const { url } = await sendAway(provider, newAttempt(), { silent: true });
  assert.equal(new URL(url).searchParams.get('prompt'), 'none');
});

test('PKCE is used with a provider that never heard of it', async (t) => {
  const { op, provider } = await stage(t);
  op.bend.metadata = ({ code_challenge_methods_supported: _, ...rest }) => rest;
  const { url } = await sendAway(provider);
  assert.equal(new URL(url).searchParams.get('code_challenge_method'), 'S256');
});

test('an extra parameter cannot change what we say ourselves', async (t) => {
  const op = await startMutableOp();
  t.after(() => op.close());
  for (const name of [
    'redirect_uri',
    'state',
    'nonce',
    'code_challenge',
    'request',
    'scope',
    'response_type',
  ])
    assert.throws(
      () => providerFor(op, { extraAuthParams: { [name]: 'x' } }),
      (thrown) => isProblem(thrown, 'config.unusable') && thrown.facts.parameter === name,
    );
});

test('where the provider lives is known once it has told, for pages that send forms there', async (t) => {
  const { op, provider } = await stage(t);
  assert.deepEqual(provider.origins(), ['https://sso.example.org']);
  op.bend.metadata = (document) => ({ ...document, end_session_endpoint: 'https://bye.example.org/' });
  await provider.warm();
  assert.deepEqual(provider.origins(), ['https://sso.example.org', 'https://bye.example.org']);
});

test('a provider is read when it is needed and kept for an hour', async (t) => {
  const { op, clock, provider } = await stage(t);
  const DISCOVERY = '/.well-known/openid-configuration';
  assert.equal(op.count(DISCOVERY), 0);
  await Promise.all([sendAway(provider), sendAway(provider), provider.warm()]);
  clock.advance(3599);
  await sendAway(provider);
  assert.equal(op.count(DISCOVERY), 1);
  clock.advance(1);
  await sendAway(provider);
  assert.equal(op.count(DISCOVERY), 2);
});

test('two sign-ins cost one reading of the keys, and a new key is found a minute later', async (t) => {
  const { op, clock, provider } = await stage(t);
  await signIn(op, provider);
  await signIn(op, provider);
  assert.equal(op.count('/jwks'), 1);
  clock.advance(61);
  const next = makeKey('op-2');
  op.bend.jwks = () => ({ keys: [next.jwk] });
  Object.assign(op, { key: next });
  assert.equal((await signIn(op, provider)).person.id, 'sso#ada');
  assert.equal(op.count('/jwks'), 2);
});

for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA'] as const)
  test(`an ID token signed with ${alg} is taken`, async (t) => {
    const op = await startMutableOp({ key: makeKey('op-1', alg) });
    t.after(() => op.close());
    assert.equal((await signIn(op, providerFor(op))).person.id, 'sso#ada');
  });

test('inside the machine room the provider has another address; browsers and tokens keep the public one', async (t) => {
  const { op } = await stage(t);
  const asked: string[] = [];
  const provider = providerFor(op, {
    internalIssuer: 'http://keycloak:8080',
    outbound: (url, options) => {
      asked.push(url);
      return op.outbound(url.replace('http://keycloak:8080', op.issuer), options);
    },
    userinfo: 'always',
  });
  const { url } = await sendAway(provider);
  assert.ok(url.startsWith('https://sso.example.org/authorize?'));
  assert.equal((await signIn(op, provider)).person.id, 'sso#ada');
  assert.deepEqual(
    asked,
    ['/.well-known/openid-configuration', '/token', '/jwks', '/userinfo'].map(
      (path) => `http://keycloak:8080${path}`,
    ),
  );
});

test('what is signed wins over what the userinfo endpoint says', async (t) => {
  const { op, provider } = await stage(t, { userinfo: 'always' });
  op.bend.userinfo = (claims) => ({ ...claims, groups: ['admins'], acr: 'gold' });
  const { person } = await signIn(op, provider);
  assert.deepEqual([person.groups, person.acr], [['staff'], undefined]);
});

test('the strength of the proof goes with the person', async (t) => {
  const { op, provider } = await stage(t, { acrValues: ['gold', 'mfa'] });
  const { person } = await signIn(op, provider, { claims: (claims) => ({ ...claims, acr: 'mfa' }) });
  assert.equal(person.acr, 'mfa');
  const weak = signIn(op, provider, { claims: (claims) => ({ ...claims, acr: 'password' }) });
  assert.equal((await refusal(weak, 'provider.reauthentication')).facts.why, 'acr');
});

const TROUBLE: readonly (readonly [string, Bends, ProblemCode, string | number])[] = [
  ['a code that was spent', { answer: failing(400, 'invalid_grant') }, 'provider.refused', 'invalid_grant'],
  [
    'a client secret that ran out',
    { answer: failing(401, 'invalid_client') },
    'provider.misconfigured',
    'invalid_client',
  ],
  [
    'a client secret that ran out, told as the standard has it',
    { answer: failing(401, 'invalid_client', { 'www-authenticate': 'Basic realm="x"' }) },
    'provider.misconfigured',
    'invalid_client',
  ],
  ['an error of nobody’s making', { answer: failing(400, 'my_error<script>') }, 'provider.refused', 'other'],
  ['a provider that fell over', { answer: failing(503, 'x') }, 'provider.unreachable', 503],
  ['a provider that is overrun', { answer: failing(429, '') }, 'provider.unreachable', 429],
  [
    'no ID token',
    { tokens: ({ id_token: _, ...rest }) => rest },
    'provider.response-invalid',
    'OAUTH_INVALID_RESPONSE',
  ],
  [
    'a page instead of tokens',
    { answer: (answer) => ({ ...answer, body: '<html>', headers: { 'content-type': 'text/html' } }) },
    'provider.response-invalid',
    'OAUTH_RESPONSE_IS_NOT_JSON',
  ],
];

function failing(
  status: number,
  error: string,
  headers: Record<string, string> = {},
): NonNullable<Bends['answer']> {
  return (answer) => ({
    status,
    headers: { ...answer.headers, ...headers },
    body: JSON.stringify({ error, error_description: 'the secret is hunter2' }),
  });
}

for (const [what, bend, code, fact] of TROUBLE)
  test(`${what} is ${code}, with ${fact} for the log`, async (t) => {
    const { op, provider } = await stage(t);
    await provider.warm();
    const thrown = await refusal(signIn(op, provider, bend), code);
    assert.ok(Object.values(thrown.facts).includes(fact), inspect(thrown.facts));
  });

test('a provider that hangs up is unreachable, is counted as such, and is well again after the next sign-in', async (t) => {
  const { op, provider } = await stage(t);
  await provider.warm();
  await refusal(signIn(op, provider, { hangsUp: true }), 'provider.unreachable');
  assert.deepEqual([provider.state().up, provider.state().code], [false, 'provider.unreachable']);
  await signIn(op, provider, { hangsUp: false });
  assert.deepEqual([provider.state().up, provider.state().code], [true, undefined]);
});

test('no token, code or claim of a failed sign-in stands in what is logged', async (t) => {
  for (const bend of [
    {
      tokens: (document) => ({
        ...document,
        access_token: 'private-access',
        id_token: 'private.id.token',
        refresh_token: 'private-refresh',
      }),
    },
    { claims: (claims) => ({ ...claims, nonce: 'private-nonce', name: 'private-name' }) },
    { answer: (answer) => ({ ...answer, body: `private-body ${answer.body}` }) },
    { claims: (claims) => ({ ...claims, exp: 1, name: 'private-name' }) },
  ] satisfies Bends[]) {
    const { op, provider } = await stage(t);
    const { url, attempt } = await sendAway(provider);
    Object.assign(op.bend, bend);
    const query = op.authorize(url);
    const thrown = await provider.finish(query, attempt).catch((cause: unknown) => cause);
    assert.ok(isProblem(thrown));
    const told = inspect(thrown, { depth: 20, showHidden: true });
    for (const secret of [
      'private',
      query.get('code'),
      attempt.verifier,
      attempt.nonce,
      op.clientSecret.reveal(),
    ])
      assert.ok(!told.includes(String(secret)), `${secret} in ${told}`);
  }
});

async function signedIn(t: TestContext, options: Partial<OidcOptions> = {}) {
  const { op, clock, provider } = await stage(t, options);
  const { person, refreshToken } = (await signIn(op, provider)) as Required<SignedIn>;
  return {
    op,
    clock,
    provider,
    person,
    look: (who: Person = person, token = refreshToken) => provider.recheck(token, who),
  };
}

test('at the hourly look a rotated token replaces the old one', async (t) => {
  const { op, provider, person, look } = await signedIn(t);
  const first = await look();
  assert.ok(first.kind === 'still' && first.signedIn.refreshToken);
  const second = await provider.recheck(first.signedIn.refreshToken, person);
  assert.equal(second.kind, 'still');
  assert.equal(op.count('/token'), 3);
});

test('a token that is not rotated is kept', async (t) => {
  const { op, look } = await signedIn(t);
  op.bend.tokens = ({ refresh_token: _, ...rest }) => rest;
  const found = await look();
  assert.ok(found.kind === 'still' && found.signedIn.refreshToken instanceof Secret);
});

test('somebody else’s tokens end the session', async (t) => {
  const { op, look } = await signedIn(t);
  op.user = { ...ADA, sub: 'eve' };
  assert.deepEqual(await look(), { kind: 'gone', why: 'other-person' });
});

for (const error of ['invalid_grant', 'interaction_required', 'login_required'])
  test(`${error} at the hourly look ends the session`, async (t) => {
    const { op, look } = await signedIn(t);
    op.bend.answer = failing(400, error);
    assert.deepEqual(await look(), { kind: 'gone', why: error });
  });

for (const [what, bend] of [
  ['down', { hangsUp: true }],
  ['overrun', { answer: failing(503, '') }],
  ['no more content with our secret', { answer: failing(401, 'invalid_client') }],
  ['in trouble of its own', { answer: failing(400, 'server_error') }],
] as const)
  test(`a provider that is ${what} at the hourly look ends nobody’s session`, async (t) => {
    const { op, look } = await signedIn(t);
    Object.assign(op.bend, bend);
    assert.deepEqual(await look(), { kind: 'unreachable' });
  });

test('a look that tells nothing about the person leaves them as they were', async (t) => {
  const { op, person, look } = await signedIn(t, { userinfo: 'never' });
  op.bend.tokens = ({ id_token: _, ...rest }) => rest;
  const found = await look();
  assert.ok(found.kind === 'still');
  assert.deepEqual(found.signedIn.person, person);
});

test('without an ID token the userinfo endpoint says who it is', async (t) => {
  const { op, look } = await signedIn(t);
  op.bend.tokens = ({ id_token: _, ...rest }) => rest;
  op.user = { ...ADA, groups: ['guests'] };
  const found = await look();
  assert.ok(found.kind === 'still');
  assert.deepEqual(found.signedIn.person.groups, ['guests']);
  op.user = { ...ADA, sub: 'eve' };
  assert.deepEqual(await look(undefined, found.signedIn.refreshToken), { kind: 'gone', why: 'other-person' });
});

test('a look keeps a name that was left out, but no address and no groups', async (t) => {
  const { op, look } = await signedIn(t, { userinfo: 'never' });
  op.user = { sub: 'ada', groups: [] };
  const found = await look();
  assert.ok(found.kind === 'still');
  const { name, email, groups } = found.signedIn.person;
  assert.deepEqual([name, email, groups], ['Ada Lövelace', undefined, []]);
});

test('a look without the groups that must be there is a mistake, not "no groups"', async (t) => {
  const { op, look } = await signedIn(t, { userinfo: 'never' });
  op.user = { sub: 'ada' };
  await refusal(look(), 'provider.groups-missing');
});

test('a look at a token nobody signed is refused', async (t) => {
  const { op, look } = await signedIn(t);
  op.bend.idToken = (token) => `${token.slice(0, token.lastIndexOf('.'))}.AAAA`;
  await refusal(look(), 'provider.response-invalid');
});

test('signing out there is offered only where it can be done', async (t) => {
  const returnTo = 'https://meet.example.org/_ostiary/signed-out';
  const { op, provider } = await stage(t);
  assert.deepEqual(await provider.logoutForm({ idToken: new Secret('hint'), returnTo }), {
    action: 'https://sso.example.org/sign-out',
    fields: { id_token_hint: 'hint', client_id: 'jitsi', post_logout_redirect_uri: returnTo },
  });
  assert.equal(await providerFor(op, { signOutThere: false }).logoutForm({ returnTo }), undefined);
  op.bend.metadata = ({ end_session_endpoint: _, ...rest }) => rest;
  assert.equal(await providerFor(op).logoutForm({ returnTo }), undefined);
  op.bend.hangsUp = true;
  assert.equal(await providerFor(op).logoutForm({ returnTo }), undefined);
});

test('a logout token names the person by the provider’s own word, whatever our id is made of', async (t) => {
  const { op, provider } = await stage(t, { mapping: { id: ['tid', 'oid'], emailVerified: 'never' } });
  const { subject, sid } = await provider.readLogoutToken(op.logoutToken());
  assert.deepEqual([subject, sid], ['ada', 'sid-1']);
});
