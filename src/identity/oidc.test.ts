/** Signing in at the certified provider: what a person and an operator see when all is well, and when it is not. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Browser, formsOn, openBrowser } from '../../test/support/browser.ts';
import { newAttempt } from '../../test/support/oidc-stage.ts';
import { OP_USERS, type Op, signInAt, startOp } from '../../test/support/op.ts';
import { wayOutTo } from '../../test/support/way-out.ts';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { isProblem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { createOidcProvider } from './oidc.ts';
import type { OidcOptions } from './oidc-options.ts';
import { PRESETS } from './presets.ts';
import type { Provider, SignedIn } from './provider.ts';

const REDIRECT_URI = 'http://127.0.0.1/_ostiary/callback/sso';
const SIGNED_OUT = 'http://127.0.0.1/signed-out';
const ADA = { login: 'ada', password: 'ada-pw' };
const BOB = { login: 'bob', password: 'bob-pw' };

let op: Op;
before(async () => {
  op = await startOp({ redirectUris: [REDIRECT_URI] });
});
after(() => op.close());

function provider(changes: Partial<OidcOptions> = {}, at = op): Provider {
  return createOidcProvider({
    id: 'sso',
    name: 'Example',
    issuer: at.issuer,
    clientId: at.clientId,
    clientSecret: at.clientSecret,
    scopes: ['openid', 'profile', 'email', 'groups'],
    mapping: PRESETS.generic.mapping,
    userinfo: 'if-needed',
    outbound: wayOutTo(at.issuer),
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
    ...changes,
  });
}

const newBrowser = () => openBrowser({ stop: (url) => url.origin === 'http://127.0.0.1' });

interface Visit {
  readonly who?: typeof ADA;
  readonly browser?: Browser;
  readonly silent?: boolean;
}

/** Goes there and comes back. */
async function visit(to: Provider, { who = ADA, browser = newBrowser(), silent = false }: Visit = {}) {
  const attempt = { ...newAttempt(), redirectUri: REDIRECT_URI, silent };
  const url = await to.start({ memory: attempt, redirectUri: REDIRECT_URI, silent });
  const page = await signInAt(browser, url, who);
  return to.finish(new URL(page.url).searchParams, attempt);
}

async function signIn(to: Provider, how: Visit = {}): Promise<SignedIn> {
  const finished = await visit(to, how);
  assert.ok(finished !== 'needs-person');
  return finished;
}

test('a person signs in and is known by name, address and groups', async () => {
  const { person, sid, refreshToken, idToken } = await signIn(provider());
  assert.deepEqual(person, {
    id: 'sso#ada',
    provider: 'sso',
    name: 'Ada Lövelace',
    email: 'ada@example.org',
    emailVerified: true,
    groups: ['staff', 'editors'],
  });
  assert.ok(typeof sid === 'string' && sid !== '');
  assert.ok(refreshToken instanceof Secret && idToken instanceof Secret);
});

test('an empty list of groups is really none, and an unproved address is not proved', async () => {
  const { person } = await signIn(provider(), { who: BOB });
  assert.deepEqual([person.groups, person.emailVerified], [[], false]);
});

test('what the ID token leaves out is asked for', async (t) => {
  const silent = await startOp({ redirectUris: [REDIRECT_URI], claimsInIdToken: false });
  t.after(() => silent.close());
  assert.deepEqual((await signIn(provider({}, silent))).person.groups, ['staff', 'editors']);
  await assert.rejects(signIn(provider({ userinfo: 'never' }, silent)), (thrown) =>
    isProblem(thrown, 'provider.groups-missing'),
  );
});

test('without the scope for groups the sign-in says so, instead of "no groups"', () =>
  assert.rejects(signIn(provider({ scopes: ['openid', 'profile', 'email'] })), (thrown) =>
    isProblem(thrown, 'provider.groups-missing'),
  ));

for (const tokenEndpointAuth of ['client_secret_post', 'client_secret_basic', 'none'] as const)
  test(`the client proves itself by ${tokenEndpointAuth}`, async (t) => {
    const picky = await startOp({
      redirectUris: [REDIRECT_URI],
      client: { token_endpoint_auth_method: tokenEndpointAuth },
    });
    t.after(() => picky.close());
    assert.equal((await signIn(provider({ tokenEndpointAuth }, picky))).person.id, 'sso#ada');
  });

test('a wrong client secret is the operator’s to mend, and said so', async () => {
  const wrong = provider({ clientSecret: new Secret('wrong') });
  await assert.rejects(
    signIn(wrong),
    (thrown) => isProblem(thrown, 'provider.misconfigured') && thrown.facts.error === 'invalid_client',
  );
  assert.deepEqual(wrong.state().code, 'provider.misconfigured');
});

test('whoever cancels at the provider has cancelled', async () => {
  const to = provider();
  const attempt = { ...newAttempt(), redirectUri: REDIRECT_URI };
  const browser = newBrowser();
  const login = await browser.visit(
    await to.start({ memory: attempt, redirectUri: REDIRECT_URI, silent: false }),
  );
  const [form] = formsOn(login);
  assert.ok(form);
  const back = await browser.submit({ ...form, fields: {} }, { abort: '1' });
  await assert.rejects(to.finish(new URL(back.url).searchParams, attempt), (thrown) =>
    isProblem(thrown, 'sign-in.cancelled'),
  );
});

test('a silent look finds whoever is still signed in, and asks for the person otherwise', async () => {
  const browser = newBrowser();
  assert.equal(await visit(provider(), { browser, silent: true }), 'needs-person');
  await signIn(provider(), { browser });
  const again = await visit(provider(), { browser, silent: true });
  assert.ok(again !== 'needs-person' && again.person.id === 'sso#ada');
});

test('a form is sent back where the operator wants one', async () => {
  const to = provider({ responseMode: 'form_post' });
  const attempt = { ...newAttempt(), redirectUri: REDIRECT_URI };
  const url = await to.start({ memory: attempt, redirectUri: REDIRECT_URI, silent: false });
  const [form] = formsOn(await signInAt(newBrowser(), url, ADA));
  assert.equal(form?.action, REDIRECT_URI);
  const finished = await to.finish(new URLSearchParams(form.fields), attempt);
  assert.ok(finished !== 'needs-person' && finished.person.id === 'sso#ada');
});

test('an hour later, somebody who changed groups has the new ones', async () => {
  const to = provider();
  const { person, refreshToken } = await signIn(to);
  assert.ok(refreshToken);
  op.users.ada = { ...OP_USERS.ada, groups: ['editors'] } as (typeof op.users)[string];
  const look = await to.recheck(refreshToken, person);
  op.users.ada = OP_USERS.ada as (typeof op.users)[string];
  assert.ok(look.kind === 'still');
  assert.deepEqual(look.signedIn.person, { ...person, groups: ['editors'] });
});

test('an hour later, somebody whose grant was taken back is gone', async () => {
  const to = provider();
  const { person, refreshToken } = await signIn(to, { who: BOB });
  assert.ok(refreshToken);
  await op.revoke('bob');
  assert.deepEqual(await to.recheck(refreshToken, person), { kind: 'gone', why: 'invalid_grant' });
});

/** Signs out at the provider; the page it ends on is on no machine, so the browser stands still before it. */
async function signOutThere(to: Provider, browser: Browser, idToken: Secret | undefined) {
  const form = await to.logoutForm({ ...(idToken && { idToken }), returnTo: SIGNED_OUT });
  assert.ok(form && !form.action.includes('?'));
  const [confirm] = formsOn(await browser.submit({ ...form, method: 'POST' }));
  assert.ok(confirm);
  return browser.submit(confirm);
}

test('signing out there ends the session there and leads back, without a token in any address', async () => {
  const to = provider();
  const browser = newBrowser();
  const { idToken } = await signIn(to, { browser });
  assert.equal((await signOutThere(to, browser, idToken)).url, SIGNED_OUT);
  assert.equal(await visit(to, { browser, silent: true }), 'needs-person');
});

test('the provider’s own word that somebody signed out is understood', async () => {
  const to = provider();
  const browser = newBrowser();
  const { idToken, sid } = await signIn(to, { browser });
  await signOutThere(to, browser, idToken);
  const notice = await to.readLogoutToken(op.logoutTokens.at(-1) ?? '');
  assert.deepEqual([notice.subject, notice.sid], ['ada', sid]);
});

test('how long ago the person proved themselves is told where it is asked for', async () => {
  const { person } = await signIn(provider({ maxAge: 3600 }));
  assert.ok(typeof person.authenticatedAt === 'number');
});
