/** Attacks on the way to a provider and back, as browsers and strangers can make them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Demo, startDemo } from '../../demo/demo.ts';
import { type Browser, formsOn, openBrowser, type Page } from '../support/browser.ts';
import { ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';

let stage: Stage;

before(async () => {
  stage = await startStage({
    // Generous on purpose: even a trusted proxy's word moves no address of ours.
    config: {
      trustedProxies: ['127.0.0.1'],
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 },
    },
  });
});
after(() => stage.close());

const path = (below: string) => `${PREFIX}${below}`;
const liveSessions = async () => (await stage.parts.sessions.list()).length;

test("a stranger's complete callback, opened in a clean browser, signs nobody in and redeems nothing [OIDC-01]", async () => {
  const attacker = stage.visitor();
  const callback = attacker.callbackOf(await attacker.leave());
  const [asked, sessions] = [stage.op.count('/token'), await liveSessions()];
  const victim = stage.visitor();
  const answer = await victim.get(callback, { 'sec-fetch-site': 'cross-site' });
  assert.deepEqual([answer.status, answer.cookies, answer.headers.get('location')], [400, [], null]);
  assert.deepEqual([stage.op.count('/token'), await liveSessions()], [asked, sessions]);
  assert.equal((await attacker.get(callback)).status, 302, 'and the code is still good where it belongs');
});

test("a stranger's callback in a browser that is on its own way changes nothing there [OIDC-01]", async () => {
  const attacker = stage.visitor();
  const callback = attacker.callbackOf(await attacker.leave());
  const victim = stage.visitor();
  const away = await victim.leave();
  assert.equal((await victim.get(callback)).status, 400);
  assert.equal(victim.session(), undefined);
  assert.equal((await victim.get(victim.callbackOf(away))).status, 302);
});

test("a stranger's callback leaves whoever is signed in who they are [OIDC-01]", async () => {
  const attacker = stage.visitor();
  const callback = attacker.callbackOf(await attacker.leave());
  const victim = stage.visitor();
  await victim.signIn();
  const before = victim.session();
  assert.equal((await victim.get(callback)).status, 400);
  assert.equal(victim.session(), before);
});

test('a posted callback is sealed to the browser that posts it, and is no better for it [OIDC-01]', async () => {
  const attacker = stage.visitor();
  const [target = '', query] = attacker.callbackOf(await attacker.leave()).split('?');
  const fields = Object.fromEntries(new URLSearchParams(query));
  const victim = stage.visitor();
  const posted = await victim.post(target, fields, {
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
  });
  assert.deepEqual([posted.status, posted.headers.get('location')], [303, `${target}?posted=1`]);
  const asked = stage.op.count('/token');
  assert.equal((await victim.get(`${target}?posted=1`)).status, 400);
  assert.deepEqual([victim.session(), stage.op.count('/token')], [undefined, asked]);
});

const FORGED: Readonly<Record<string, string>> = {
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'http',
  'x-forwarded-port': '8443',
  'x-forwarded-server': 'evil.example',
  'x-forwarded-prefix': '/evil',
  'x-forwarded-uri': '/evil',
  'x-original-url': '/evil',
  'x-rewrite-url': '/evil',
  'x-host': 'evil.example',
  'x-original-host': 'evil.example',
  forwarded: 'for=127.0.0.1;host=evil.example;proto=http',
};

for (const [name, value] of Object.entries(FORGED))
  test(`${name}: ${value} moves neither the redirect address nor any other of ours [OIDC-09]`, async () => {
    const visitor = stage.visitor({ [name]: value });
    const away = await visitor.leave();
    const { searchParams } = new URL(away.location);
    assert.equal(searchParams.get('redirect_uri'), `${ORIGIN}${PREFIX}/callback/sso`);
    const back = await visitor.get(visitor.callbackOf(away));
    assert.equal(back.headers.get('location'), `${PREFIX}/join?to=%2Fstandup`);
    const room = await visitor.get(back.headers.get('location') ?? '');
    assert.match(room.headers.get('location') ?? '', /^https:\/\/meet\.example\.org\/standup#jwt=/);
    const out = await visitor.post(path('/sign-out'), {});
    assert.doesNotMatch(out.text + JSON.stringify([...out.headers]), /evil/);
  });

for (const host of [
  'evil.example',
  'evil.example:443',
  'meet.example.org.evil.example',
  'meet.example.org:1',
])
  test(`a request for the host ${host} begins no sign-in and finishes none [OIDC-09]`, async () => {
    const visitor = stage.visitor();
    const away = await visitor.leave();
    for (const target of [path('/sign-in'), path('/join?room=x'), visitor.callbackOf(away)]) {
      const answer = await visitor.get(target, { host });
      assert.deepEqual([answer.status, answer.cookies, answer.headers.get('location')], [421, [], null]);
    }
    assert.equal(visitor.session(), undefined);
  });

test('a request target with a host of its own is refused, on the way out and back [OIDC-09]', async () => {
  for (const target of ['/sign-in', '/callback/sso?code=x&state=y', '/join?room=x']) {
    const answer = await stage.ask(`http://evil.example${path(target)}`);
    assert.deepEqual([answer.status, answer.headers.get('location')], [400, null]);
  }
});

for (const to of [
  '//evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  'https://other-client.example/signed-out',
  '/\\evil.example',
])
  test(`after signing out nobody is led to ${to} [OIDC-22]`, async () => {
    const visitor = stage.visitor();
    await visitor.signIn();
    const names = ['returnTo', 'to', 'next', 'post_logout_redirect_uri', 'redirect_uri', 'rd'];
    const fields = Object.fromEntries(names.map((name) => [name, to]));
    const asked = await visitor.get(path(`/sign-out?${new URLSearchParams(fields)}`));
    assert.ok(!asked.text.includes(to));
    const left = await visitor.post(path('/sign-out'), fields);
    const [form] = formsOn({ url: ORIGIN, text: left.text });
    assert.equal(form?.action, 'https://sso.example.org/sign-out');
    assert.equal(form?.fields['post_logout_redirect_uri'], `${ORIGIN}${PREFIX}/signed-out`);
    const done = await visitor.get(path(`/signed-out?${new URLSearchParams(fields)}`));
    assert.ok(!`${left.text}${done.text}`.includes(to.replaceAll('&', '&amp;')));
    assert.equal(visitor.jar.has('__Host-ostiary-next'), false);
  });

/** Follows what happens without a person: redirects, and forms a script would send. Gives every step. */
async function withoutAPerson(visitor: ReturnType<Stage['visitor']>, from: string, error: string) {
  const steps: string[] = [];
  let next = from;
  while (steps.length < 12) {
    const page = await visitor.get(next);
    steps.push(`${page.status} ${next.split('?')[0]}`);
    const location = page.headers.get('location');
    if (location !== null) {
      next = new URL(location, ORIGIN).href.slice(ORIGIN.length);
      continue;
    }
    // Only a form that says so is sent by the page itself.
    if (!/<form\b[^>]*\sdata-auto\b/.test(page.text)) return steps;
    const [form] = formsOn({ url: ORIGIN, text: page.text });
    const sent = await visitor.post(path('/sign-in'), form?.fields ?? {});
    const away = new URL(sent.headers.get('location') ?? '');
    steps.push(`${sent.status} ${away.origin}`);
    next = path(
      `/callback/sso?error=${error}&state=${away.searchParams.get('state')}&iss=https://sso.example.org`,
    );
  }
  return assert.fail(`a loop: ${steps.join(', ')}`);
}

for (const error of [
  'login_required',
  'interaction_required',
  'account_selection_required',
  'temporarily_unavailable',
  'server_error',
])
  test(`a provider that always answers ${error} is asked once, and then a page waits for the person [OIDC-23]`, async () => {
    const steps = await withoutAPerson(stage.visitor(), path('/sign-in?to=/standup'), error);
    assert.deepEqual(steps.filter((step) => step.includes('sso.example.org')).length, 1, steps.join(', '));
  });

test('the hourly look that finds nobody any more ends in one page, whatever the provider goes on to say [OIDC-23]', async () => {
  stage.op.bend.tokens = ({ refresh_token: _, ...rest }) => rest;
  const visitor = stage.visitor();
  await visitor.signIn();
  stage.op.bend = {};
  stage.clock.advance(3601);
  const steps = await withoutAPerson(visitor, path('/join?room=standup'), 'login_required');
  assert.equal(steps.filter((step) => step.includes('sso.example.org')).length, 1, steps.join(', '));
  assert.equal(await visitor.isSignedIn(), false);
});

test('of twenty openings of one callback at the same moment one signs in, and the others offer to sign in [OIDC-24]', async () => {
  const visitor = stage.visitor();
  const callback = visitor.callbackOf(await visitor.leave());
  const before = await liveSessions();
  const headers = { cookie: visitor.cookieHeader() };
  const answers = await Promise.all(Array.from({ length: 20 }, () => stage.ask(callback, { headers })));
  const [won, lost] = [
    answers.filter(({ status }) => status === 302),
    answers.filter(({ status }) => status === 400),
  ];
  assert.deepEqual([won.length, lost.length], [1, 19]);
  for (const { text, cookies } of lost) {
    assert.match(text, /href="\/_ostiary\/sign-in\?auto=0&amp;to=%2Fstandup"/);
    assert.deepEqual(cookies, []);
  }
  assert.equal(await liveSessions(), before + 1);
});

test('a callback that is reloaded, or reached by the back button, makes no second session [OIDC-24]', async () => {
  const visitor = stage.visitor();
  const callback = visitor.callbackOf(await visitor.leave());
  await visitor.get(callback);
  const [before, session] = [await liveSessions(), visitor.session()];
  for (let again = 0; again < 3; again += 1) {
    const answer = await visitor.get(callback);
    assert.equal(answer.headers.get('location'), `${PREFIX}/join?to=%2Fstandup`, 'quietly on into the room');
  }
  assert.deepEqual([await liveSessions(), visitor.session()], [before, session]);
});

test('a sign-in that somebody else begins for us knows our provider, our client, our scopes and our rooms alone [OIDC-26]', async () => {
  const foreign = new URLSearchParams({
    iss: 'https://evil.example',
    target_link_uri: '//evil.example/x',
    login_hint: 'victim',
    scope: 'openid admin',
    claims: '{"userinfo":{"groups":{"value":"staff"}}}',
    request_uri: 'https://evil.example/request',
    request: 'a.b.c',
    redirect_uri: 'https://evil.example/',
    response_type: 'token',
    acr_values: '0',
    prompt: 'none',
    silent: '1',
    ui_locales: 'evil',
  });
  foreign.append('client_id', 'one');
  foreign.append('client_id', 'two');
  const visitor = stage.visitor();
  const page = await visitor.get(path(`/sign-in?${foreign}`));
  assert.equal(page.status, 200);
  assert.doesNotMatch(page.text, /evil|victim|admin/);
  const sent = await visitor.post(path('/sign-in'), {
    ...Object.fromEntries(foreign),
    to: '',
    provider: 'sso',
  });
  const away = new URL(sent.headers.get('location') ?? '');
  assert.equal(away.origin, 'https://sso.example.org');
  const { state, nonce, code_challenge, ...said } = Object.fromEntries(away.searchParams);
  assert.ok(state && nonce && code_challenge);
  assert.deepEqual(said, {
    client_id: 'jitsi',
    redirect_uri: `${ORIGIN}${PREFIX}/callback/sso`,
    scope: 'openid profile email',
    response_type: 'code',
    code_challenge_method: 'S256',
    ui_locales: 'en',
  });
  assert.equal(new Set(away.searchParams.keys()).size, [...away.searchParams].length, 'each parameter once');
});

test('a provider that is not configured is no provider, and a field given twice is no field [OIDC-26]', async () => {
  const visitor = stage.visitor();
  await visitor.get(path('/sign-in'));
  assert.equal((await visitor.post(path('/sign-in'), { provider: 'https://evil.example' })).status, 404);
  assert.equal((await visitor.post(path('/sign-in'), { provider: '__proto__' })).status, 404);
  assert.equal((await visitor.get(path('/callback/evil?code=x&state=y'))).status, 404);
  assert.equal((await visitor.get(path('/sign-in?to=/a&to=//evil.example'))).status, 400);
});

/** A browser that stands still where the real provider sends it back. */
async function upToTheCallback(
  demo: Demo,
): Promise<{ readonly browser: Browser; readonly callback: string }> {
  let standing = true;
  const browser = openBrowser({
    stop: ({ pathname }) => standing && pathname.startsWith(path('/callback/')),
  });
  const [user] = demo.users;
  const door = await browser.visit(`${demo.url}${path('/join?room=Standup')}`);
  const login = await sendForm(browser, door);
  const page = await sendForm(browser, login, {
    login: user?.username ?? '',
    password: user?.password ?? '',
  });
  standing = false;
  return { browser, callback: page.url };
}

function sendForm(browser: Browser, page: Page, typed: Readonly<Record<string, string>> = {}): Promise<Page> {
  const [form] = formsOn(page);
  assert.ok(form, `no form on ${page.url}`);
  const { cancel: _, ...fields } = form.fields;
  return browser.submit({ ...form, fields }, typed);
}

test('at the certified provider: a callback opened in another browser is refused there, and still good at home once [OIDC-01] [OIDC-24]', {
  timeout: 30_000,
}, async () => {
  const demo = await startDemo({ port: 0, door: 'token-service', env: {}, logLevel: 'silent' });
  try {
    const { browser, callback } = await upToTheCallback(demo);
    assert.match(callback, /\/_ostiary\/callback\/example\?code=/);
    const victim = openBrowser();
    assert.equal((await victim.visit(callback)).status, 400);
    assert.equal(victim.cookies(demo.url), '');
    const room = await browser.visit(callback);
    assert.match(room.url, /\/standup#jwt=/);
    assert.equal((await openBrowser().visit(callback)).status, 400);
  } finally {
    await demo.close();
  }
});
