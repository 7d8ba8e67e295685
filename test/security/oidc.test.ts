/** Attacks on a sign-in at an OpenID provider. What is refused leaves no person behind. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { type FixedClock, fixedClock } from '../../src/base/clock.ts';
import { isProblem, type Problem, type ProblemCode } from '../../src/base/problem.ts';
import type { OidcOptions } from '../../src/identity/oidc-options.ts';
import { toPerson } from '../../src/identity/profile.ts';
import type { Provider } from '../../src/identity/provider.ts';
import { hmac, makeKey, segment, signToken } from '../support/jws.ts';
import { type Bends, type MutableOp, startMutableOp } from '../support/mutable-op.ts';
import { newAttempt, providerFor, sendAway, signIn } from '../support/oidc-stage.ts';

interface Stage {
  readonly op: MutableOp;
  readonly clock: FixedClock;
  readonly provider: Provider;
}

/** A provider at which a sign-in has just worked, so that whatever fails now fails by the attack. */
async function stage(t: TestContext, options: Partial<OidcOptions> = {}): Promise<Stage> {
  const clock = fixedClock();
  const op = await startMutableOp({ clock });
  t.after(() => op.close());
  const provider = providerFor(op, options);
  assert.equal((await signIn(op, provider)).person.id, 'sso#ada');
  return { op, clock, provider };
}

async function refusal(work: Promise<unknown>, code: ProblemCode, why?: string): Promise<Problem> {
  const thrown = await work.then(
    () => assert.fail('it was let through'),
    (cause: unknown) => cause,
  );
  assert.ok(isProblem(thrown, code), inspect(thrown));
  if (why !== undefined) assert.equal(thrown.facts.why, why);
  return thrown;
}

const DISCOVERY = '/.well-known/openid-configuration';

test('a callback without our state, or with that of another attempt, redeems nothing [OIDC-02]', async (t) => {
  const { op, provider } = await stage(t);
  const before = op.count('/token');
  const other = newAttempt();
  for (const state of [undefined, '', 'x', other.state]) {
    const { url, attempt } = await sendAway(provider);
    const query = op.authorize(url);
    if (state === undefined) query.delete('state');
    else query.set('state', state);
    await refusal(provider.finish(query, attempt), 'provider.response-invalid', 'state');
  }
  assert.equal(op.count('/token'), before);
});

test('a code works once, even where the same callback is brought again [OIDC-02]', async (t) => {
  const { op, provider } = await stage(t);
  const { url, attempt } = await sendAway(provider);
  const query = op.authorize(url);
  await provider.finish(query, attempt);
  await refusal(provider.finish(query, attempt), 'provider.refused');
});

/** The attacker's code in the victim's own attempt. */
async function injected({ op, provider }: Stage) {
  const attacker = await sendAway(provider);
  const stolen = op.authorize(attacker.url);
  const victim = await sendAway(provider);
  stolen.set('state', victim.attempt.state);
  return { stolen, victim };
}

test('a stranger’s code in my sign-in is refused by its verifier, and asked about once with mine [OIDC-04]', async (t) => {
  const staged = await stage(t);
  const { stolen, victim } = await injected(staged);
  const before = staged.op.count('/token');
  await refusal(staged.provider.finish(stolen, victim.attempt), 'provider.refused');
  const asked = staged.op.requests.filter(({ path }) => path === '/token').slice(before);
  assert.deepEqual(
    asked.map(({ form }) => form.get('code_verifier')),
    [victim.attempt.verifier],
  );
});

test('a stranger’s code in my sign-in is refused by its nonce where the provider knows no verifier [OIDC-04]', async (t) => {
  const staged = await stage(t);
  staged.op.bend.forgetsPkce = true;
  const { stolen, victim } = await injected(staged);
  await refusal(staged.provider.finish(stolen, victim.attempt), 'provider.response-invalid');
});

for (const [what, bent] of [
  ['no nonce', () => undefined],
  ['another nonce', () => 'x'],
  ['an older attempt’s nonce', () => newAttempt().nonce],
  ['our nonce in upper case', (nonce: string) => nonce.toUpperCase()],
  ['our nonce in a list', (nonce: string) => [nonce]],
] as const)
  test(`an ID token with ${what} is refused [OIDC-06]`, async (t) => {
    const { op, provider } = await stage(t);
    const claims: Bends['claims'] = (honest) => ({ ...honest, nonce: bent(String(honest.nonce)) });
    await refusal(signIn(op, provider, { claims }), 'provider.response-invalid');
  });

for (const [what, iss] of [
  ['names another provider', 'https://evil.example'],
  ['names none although ours always does', undefined],
  ['names an empty one', ''],
  ['names ours with a slash behind it', 'https://sso.example.org/'],
] as const)
  test(`a callback that ${what} makes no request to any token endpoint [OIDC-07]`, async (t) => {
    const { op, provider } = await stage(t);
    const evil = await startMutableOp({ issuer: 'https://evil.example', clock: op.clock });
    t.after(() => evil.close());
    const before = op.count('/token');
    const callback: Bends['callback'] = (query) => {
      query.delete('iss');
      if (iss !== undefined) query.set('iss', iss);
      return query;
    };
    await refusal(signIn(op, provider, { callback }), 'provider.response-invalid', 'iss');
    assert.deepEqual([op.count('/token'), evil.count('/token')], [before, 0]);
  });

test('a provider that promises no issuer in its callback is still held to one it sends [OIDC-07]', async (t) => {
  const { op } = await stage(t);
  op.bend.metadata = ({ authorization_response_iss_parameter_supported: _, ...rest }) => rest;
  const provider = providerFor(op);
  const without: Bends['callback'] = (query) => {
    query.delete('iss');
    return query;
  };
  assert.equal((await signIn(op, provider, { callback: without })).person.id, 'sso#ada');
  const empty: Bends['callback'] = (query) => {
    query.set('iss', '');
    return query;
  };
  await refusal(signIn(op, provider, { callback: empty }), 'provider.response-invalid', 'iss');
});

const STRANGER = makeKey('op-1');

for (const [what, bent] of [
  ['another key under the same name', (_: string, claims: object) => signToken(claims, STRANGER)],
  ['a key nobody published', (_: string, claims: object) => signToken(claims, STRANGER, { kid: 'unknown' })],
  ['no algorithm', (_: string, claims: object) => `${segment({ alg: 'none' })}.${segment(claims)}.`],
  ['the client secret', (_: string, claims: object, secret: string) => withSecret(claims, secret)],
  ['a signature taken away', (token: string) => token.slice(0, token.lastIndexOf('.') + 1)],
  ['a signature and its dot taken away', (token: string) => token.slice(0, token.lastIndexOf('.'))],
] as const)
  test(`an ID token from the right place with ${what} is refused [OIDC-10]`, async (t) => {
    const { op, provider } = await stage(t);
    const secret = op.clientSecret.reveal();
    const idToken: Bends['idToken'] = (token, claims) => bent(token, claims, secret);
    await refusal(signIn(op, provider, { idToken }), 'provider.response-invalid');
  });

function withSecret(claims: object, secret: string): string {
  const input = `${segment({ alg: 'HS256' })}.${segment(claims)}`;
  return `${input}.${hmac(input, secret)}`;
}

const userinfoAnswer = (changes: (body: string) => { body?: string; type?: string }): Bends['answer'] => {
  return (answer, { path }) => {
    if (path !== '/userinfo') return answer;
    const { body = answer.body, type = 'application/json' } = changes(answer.body);
    return { ...answer, headers: { ...answer.headers, 'content-type': type }, body };
  };
};

for (const [what, answer] of [
  ['speaks of somebody else', userinfoAnswer((body) => ({ body: body.replace('"ada"', '"eve"') }))],
  ['speaks of nobody', userinfoAnswer((body) => ({ body: body.replace('"sub":"ada",', '') }))],
  ['is a list', userinfoAnswer((body) => ({ body: `[${body}]` }))],
  ['is a page', userinfoAnswer(() => ({ body: '<html>', type: 'text/html' }))],
  ['is right but calls itself a page', userinfoAnswer(() => ({ type: 'text/html' }))],
  [
    'is signed by a stranger',
    userinfoAnswer((body) => ({ body: signToken(JSON.parse(body), STRANGER), type: 'application/jwt' })),
  ],
  [
    'is signed by nobody',
    userinfoAnswer((body) => ({
      body: `${segment({ alg: 'none' })}.${segment(body)}.`,
      type: 'application/jwt',
    })),
  ],
] as const)
  test(`a userinfo answer that ${what} is refused [OIDC-12]`, async (t) => {
    const { op, provider } = await stage(t, { userinfo: 'always' });
    await refusal(signIn(op, provider, { ...(answer && { answer }) }), 'provider.response-invalid');
  });

test('nothing a stranger writes into an error reaches the log or the page [OIDC-13]', async (t) => {
  const { provider } = await stage(t);
  for (const error of ['<script>alert(1)</script>', 'a\r\nSet-Cookie: x', 'x'.repeat(10_240)]) {
    const attempt = newAttempt();
    const { state } = attempt;
    const query = new URLSearchParams({
      error,
      error_description: `<b>${error}`,
      error_uri: 'javascript:1',
      state,
      iss: 'https://sso.example.org',
    });
    const problem = await refusal(provider.finish(query, attempt), 'provider.refused');
    assert.deepEqual(problem.facts, { provider: 'sso', asked: 'callback', error: 'other' });
    assert.ok(problem.status >= 400);
  }
});

const HONEST_ISSUER = 'https://sso.example.org';
const metadataAnswer = (body: string, status = 200, headers: Record<string, string> = {}): Bends => ({
  answer: (answer, { path }) =>
    path === DISCOVERY ? { status, body, headers: { ...answer.headers, ...headers } } : answer,
});
const endpoint = (name: string, url: string): Bends => ({
  metadata: (document) => ({ ...document, [name]: url }),
});

for (const [what, bend] of [
  ['another issuer', endpoint('issuer', 'https://evil.example')],
  ['its issuer with a slash behind it', endpoint('issuer', `${HONEST_ISSUER}/`)],
  ['its issuer in upper case', endpoint('issuer', HONEST_ISSUER.toUpperCase())],
  ['a token endpoint without TLS', endpoint('token_endpoint', 'http://sso.example.org/token')],
  ['a sign-in page without TLS', endpoint('authorization_endpoint', 'http://sso.example.org/authorize')],
  ['keys in a file', endpoint('jwks_uri', 'file:///etc/passwd')],
  ['a page that runs a script', endpoint('authorization_endpoint', 'javascript:alert(1)')],
  [
    'only signatures anybody can make',
    { metadata: (document) => ({ ...document, id_token_signing_alg_values_supported: ['none', 'HS256'] }) },
  ],
  [
    'a redirect into the machine room',
    metadataAnswer('', 302, { location: 'http://169.254.169.254/latest/meta-data/' }),
  ],
  ['fifty megabytes', metadataAnswer(`"${'x'.repeat(50 * 1024 * 1024)}"`)],
  ['no JSON', metadataAnswer('{"issuer":')],
  ['a list', metadataAnswer('[]')],
] satisfies (readonly [string, Bends])[])
  test(`a provider whose metadata holds ${what} is unusable, and the others go on [OIDC-15]`, async (t) => {
    const op = await startMutableOp();
    const other = await startMutableOp({ issuer: 'https://other.example' });
    t.after(() => Promise.all([op.close(), other.close()]));
    Object.assign(op.bend, bend);
    const provider = providerFor(op);
    await provider.warm();
    assert.deepEqual([provider.state().up, provider.state().code], [false, 'provider.misconfigured']);
    await refusal(sendAway(provider), 'provider.misconfigured');
    assert.deepEqual(
      op.requests.map(({ path }) => path),
      [DISCOVERY],
    );
    assert.equal((await signIn(other, providerFor(other))).person.id, 'sso#ada');
  });

test('a provider that never finishes a sentence is given up [OIDC-15]', async (t) => {
  const op = await startMutableOp();
  t.after(() => op.close());
  op.bend.drips = true;
  const provider = providerFor(op, {
    outbound: (url, options) => op.outbound(url, { ...options, timeout: 50 }),
  });
  await refusal(sendAway(provider), 'provider.unreachable');
});

test('a thousand callbacks with a thousand unknown keys make us read the keys once [OIDC-16]', async (t) => {
  const { op, clock } = await stage(t);
  const provider = providerFor(op, { outbound: op.shortcut });
  await signIn(op, provider);
  clock.advance(61);
  const before = op.count('/jwks');
  let n = 0;
  op.bend.idToken = (_, claims) => signToken(claims, STRANGER, { kid: `unknown-${n++}` });
  await inTens(1000, () => refusal(signIn(op, provider), 'provider.response-invalid'));
  assert.deepEqual([n, op.count('/jwks') - before], [1000, 1]);
});

test('a thousand callbacks while the keys cannot be read make us ask once, and believe nobody [OIDC-16]', async (t) => {
  const { op } = await stage(t);
  const provider = providerFor(op, { outbound: op.shortcut });
  const before = op.count('/jwks');
  op.bend.answer = (answer, { path }) => (path === '/jwks' ? { ...answer, status: 503 } : answer);
  await inTens(1000, () => refusal(signIn(op, provider), 'provider.unreachable'));
  assert.equal(op.count('/jwks') - before, 1);
});

/** Ten at a time, as browsers come. */
async function inTens(times: number, work: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < times; done += 10) await Promise.all(Array.from({ length: 10 }, work));
}

test('an address that only looks like our domain is none of it, and ours in capitals is [OIDC-18]', () => {
  const emailOf = (email: string, email_verified: unknown) => {
    const mapping = { id: ['sub'], email: 'email', emailVerified: { claim: 'email_verified' } };
    const person = toPerson({ sub: 's', email, email_verified }, mapping, 'sso');
    return person.emailVerified ? person.email?.split('@').at(-1) : undefined;
  };
  for (const email of [
    'a@evil.com@corp.example',
    '"a@corp.example"@evil.example',
    'a@corp.example.evil',
    'a@evilcorp.example',
    'a@corp.example.',
    'a@corp.example ',
    'a@c\u043erp.example',
    'a@\u212aorp.example',
    'a@corp\u3002example',
  ])
    assert.notEqual(emailOf(email, true), 'corp.example', email);
  for (const verified of [false, 'false', 0, null, undefined])
    assert.equal(emailOf('a@corp.example', verified), undefined);
  assert.equal(emailOf('A@CORP.Example', true), 'corp.example');
});

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

for (const [what, changes, header] of [
  ['without jti', { jti: undefined }],
  ['without iat', { iat: undefined }],
  ['without exp', { exp: undefined }],
  ['without events', { events: undefined }],
  ['with another event', { events: { 'http://schemas.openid.net/event/other': {} } }],
  ['whose event is a text', { events: { [EVENT]: 'yes' } }],
  ['with a nonce', { nonce: 'n' }],
  ['for another client', { aud: 'other' }],
  ['for another client too', { aud: ['jitsi', 'other'] }],
  ['of another issuer', { iss: 'https://evil.example' }],
  ['about nobody', { sub: undefined, sid: undefined }],
  ['about a list of people', { sub: ['ada', 'bob'] }],
  ['that has expired', { exp: 1 }],
  ['that is an access token', {}, { typ: 'at+jwt' }],
  ['under a key nobody published', {}, { kid: 'unknown' }],
  ['with a demand we do not understand', {}, { crit: ['x'], x: 1 }],
] as readonly (readonly [string, Record<string, unknown>, Record<string, unknown>?])[])
  test(`a logout token ${what} ends nothing [OIDC-20]`, async (t) => {
    const { op, provider } = await stage(t);
    assert.equal((await provider.readLogoutToken(op.logoutToken())).subject, 'ada');
    await refusal(provider.readLogoutToken(op.logoutToken(changes, header)), 'logout-token.unacceptable');
  });

test('a logout token signed by nobody, by our own secret or by a stranger ends nothing [OIDC-20]', async (t) => {
  const { op, provider } = await stage(t);
  const [, payload = ''] = op.logoutToken().split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  for (const token of [
    `${segment({ alg: 'none', typ: 'logout+jwt' })}.${payload}.`,
    withSecret(claims, op.clientSecret.reveal()),
    signToken(claims, STRANGER, { typ: 'logout+jwt' }),
    `${op.logoutToken()}.x`,
    '',
    'x'.repeat(100_000),
  ])
    await refusal(provider.readLogoutToken(token), 'logout-token.unacceptable');
});

test('an ID token is no logout token [OIDC-20]', async (t) => {
  const { op, provider } = await stage(t);
  const { idToken } = await signIn(op, provider);
  await refusal(provider.readLogoutToken(idToken?.reveal() ?? ''), 'logout-token.unacceptable');
});

test('a logout token tells its number and its end, by which a replay is known [OIDC-20]', async (t) => {
  const { op, provider } = await stage(t);
  const token = op.logoutToken({ jti: 'once' });
  const notices = [await provider.readLogoutToken(token), await provider.readLogoutToken(token)];
  assert.deepEqual(
    notices.map(({ jti, expires }) => [jti, expires]),
    Array(2).fill(['once', op.now() + 120]),
  );
});

for (const [what, authTime, code] of [
  ['is not told', () => undefined, 'provider.reauthentication'],
  ['is an hour old', (now: number) => now - 3600, 'provider.reauthentication'],
  ['is told as a text', (now: number) => String(now), 'provider.response-invalid'],
  ['lies ahead', (now: number) => now + 3600, 'provider.clock'],
] as const)
  test(`where the proof must be fresh, one whose time ${what} is refused [OIDC-27]`, async (t) => {
    const { op, provider } = await stage(t, { maxAge: 600 });
    const claims: Bends['claims'] = (honest) => ({ ...honest, auth_time: authTime(op.now()) });
    await refusal(signIn(op, provider, { claims }), code);
  });

for (const seconds of [60, -60])
  test(`a provider whose clock is ${seconds} s off lets people in [CLK-01]`, async (t) => {
    const { op, provider } = await stage(t);
    op.ahead = seconds;
    assert.equal((await signIn(op, provider)).person.id, 'sso#ada');
    assert.equal(provider.state().clockSkew, -seconds);
  });

for (const seconds of [600, -600]) {
  test(`a provider whose clock is ${seconds} s off is refused by the name of the clock, with the seconds [CLK-01]`, async (t) => {
    const { op, provider } = await stage(t);
    op.ahead = seconds;
    const { facts } = await refusal(signIn(op, provider), 'provider.clock');
    assert.equal(facts.seconds, -seconds);
  });

  test(`a clock ${seconds} s off is found in the token where the answer has no date [CLK-01]`, async (t) => {
    const { op, provider } = await stage(t);
    op.ahead = seconds;
    const answer: Bends['answer'] = ({ headers: { date: _, ...headers }, ...rest }) => ({ ...rest, headers });
    const { facts } = await refusal(signIn(op, provider, { answer }), 'provider.clock');
    // A token that lived for five minutes ran out five minutes ago.
    assert.equal(facts.seconds, seconds > 0 ? -600 : 300);
  });
}

test('with a provider down we start, say so, let others in, and it comes back alone [FAIL-04]', async (t) => {
  const clock = fixedClock();
  const op = await startMutableOp({ clock });
  const other = await startMutableOp({ issuer: 'https://other.example', clock });
  t.after(() => Promise.all([op.close(), other.close()]));
  op.bend.hangsUp = true;
  const provider = providerFor(op);
  await provider.warm();
  for (let n = 0; n < 50; n += 1) await refusal(sendAway(provider), 'provider.unreachable');
  assert.equal(op.requests.length, 1);
  assert.equal((await signIn(other, providerFor(other))).person.id, 'sso#ada');
  op.bend.hangsUp = false;
  clock.advance(5);
  assert.equal((await signIn(op, provider)).person.id, 'sso#ada');
  assert.equal(provider.state().up, true);
});

test('with a provider down for hours people are still sent to where it was [FAIL-04]', async (t) => {
  const { op, clock, provider } = await stage(t);
  op.bend.hangsUp = true;
  clock.advance(7200);
  assert.ok((await sendAway(provider)).url.startsWith('https://sso.example.org/authorize?'));
  assert.equal(provider.state().up, false);
  op.bend.hangsUp = false;
  clock.advance(5);
  assert.equal((await signIn(op, provider)).person.id, 'sso#ada');
});
