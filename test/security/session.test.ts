/** Attacks on the session and on our cookies, over real sockets. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { digest } from '../../src/base/random.ts';
import { roomFromPath, roomOf } from '../../src/base/room.ts';
import { makePass } from '../../src/identity/pass.ts';
import { createSealingKeys } from '../../src/keys/sealing-keys.ts';
import type { WebParts } from '../../src/web/parts.ts';
import { ROUTES } from '../../src/web/table.ts';
import { ADA } from '../support/mutable-op.ts';
import { readHtml } from '../support/read-html.ts';
import { type Answer, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Away, Visitor } from '../support/visitor.ts';

const SESSION = '__Host-ostiary';
const PROBE = '__Host-ostiary-probe';
const POSTED = '__Host-ostiary-posted';
const UNLIMITED = { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000, passTriesPerAddress: 10_000 };

let stage: Stage;

before(async () => {
  stage = await startStage({ config: { limits: UNLIMITED } });
});
after(() => stage.close());

const path = (below: string) => `${PREFIX}${below}`;

/** Somebody with a live session. */
async function signedIn(user: Readonly<Record<string, unknown>> = ADA) {
  const visitor = stage.visitor();
  stage.op.user = user;
  assert.equal((await visitor.signIn()).status, 302);
  stage.op.user = ADA;
  assert.ok(await visitor.isSignedIn());
  return visitor;
}

/** What the store holds, but for the audit, which tells of what was tried too, and keys, which come when needed. */
async function remembered(): Promise<readonly string[]> {
  const entries = await stage.parts.store.list('');
  return (
    entries
      // Who follows a link to a meeting enters it, from wherever: that is written down, and changes nothing.
      .filter(({ key }) => !/^(?:audit|keys|lately)\//.test(key))
      .map(({ key, value, expiresAt }) => `${key} ${digest(value)} ${expiresAt}`)
  );
}

async function newPass(): Promise<string> {
  const room = roomOf(roomFromPath('crisis'));
  return (await makePass({ room, role: 'host', for: 3600 }, stage.parts)).code.reveal();
}

async function personOf(id: string | undefined): Promise<string | undefined> {
  return (await stage.parts.sessions.read(id ?? ''))?.person.id;
}

test("an attacker's session planted before the sign-in is dead after it, and the person has an id of their own [SESS-01]", async () => {
  const attacker = await signedIn({ ...ADA, sub: 'mallory' });
  const victim = stage.visitor();
  const away = await victim.leave();
  victim.jar.set(SESSION, attacker.session() ?? '');
  const back = await victim.get(victim.callbackOf(away));
  assert.equal(back.status, 302);
  assert.notEqual(victim.session(), attacker.session());
  assert.equal(await personOf(victim.session()), 'sso#ada');
  assert.equal(await attacker.isSignedIn(), false);
});

test('an id an attacker made up is never taken up by a sign-in [SESS-01]', async () => {
  const planted = 'A'.repeat(43);
  const victim = stage.visitor();
  victim.jar.set(SESSION, planted);
  await victim.signIn();
  assert.notEqual(victim.session(), planted);
  assert.equal(await personOf(planted), undefined);
});

test('who signs in while somebody else is signed in gets nothing of theirs but the way to the room [SESS-01]', async () => {
  const browser = await signedIn({ ...ADA, sub: 'before', groups: ['board'] });
  const old = browser.session();
  const back = await browser.signIn('/standup');
  assert.equal(back.headers.get('location'), `${PREFIX}/join?to=%2Fstandup`);
  const session = await stage.parts.sessions.read(browser.session() ?? '');
  assert.deepEqual([session?.person.id, session?.person.groups], ['sso#ada', ADA.groups]);
  assert.equal(await personOf(old), undefined);
});

test("an attacker's sealed attempt planted in a browser finishes nobody else's sign-in [SESS-01]", async () => {
  const attacker = stage.visitor();
  const theirs = await attacker.leave();
  const victim = stage.visitor();
  for (const [name, value] of attacker.jar) victim.jar.set(name, value);
  const mine = await victim.leave();
  const mixed = victim.callbackOf(mine).replace(mine.state, theirs.state);
  const answer = await victim.get(mixed);
  assert.notEqual(answer.status, 302);
  assert.equal(victim.session(), undefined);
});

test('every cookie we set is bound to the host, secure, closed to scripts, for / and lax [SESS-02]', async () => {
  const browser = stage.visitor();
  const seen: string[] = [];
  const look = (answer: Answer) => seen.push(...answer.cookies);
  look(await browser.get(path('/sign-in?to=/standup')));
  for (let tab = 0; tab < 9; tab += 1) look((await browser.leave()).answer);
  const away = await browser.leave();
  look(away.answer);
  const [, query] = browser.callbackOf(away).split('?');
  const fields = Object.fromEntries(new URLSearchParams(query));
  look(await browser.post(path('/callback/sso'), fields, { origin: 'https://sso.example.org' }));
  look(await browser.get(path('/callback/sso?posted=1')));
  look(await browser.post(path('/pass'), { code: await newPass(), name: 'Ada' }));
  look(await browser.post(path('/sign-out'), { to: '/standup' }));
  const names = new Set(seen.map((line) => line.split('=')[0]?.replace(/-try-.*/, '-try')));
  assert.deepEqual([...names].sort(), [SESSION, '__Host-ostiary-next', POSTED, PROBE, '__Host-ostiary-try']);
  for (const line of seen)
    assert.match(
      line,
      /^__Host-ostiary[\w-]*=[^;,\s"\\]*; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/,
    );
});

const ROUTE_LIST = ROUTES.flatMap((of) => of({ branding: {}, places: {} } as unknown as WebParts));
const FORMS = ROUTE_LIST.filter(({ from }) => from === 'our own form').map((route) => route.path);

test('there are forms to attack [SESS-04]', () =>
  assert.deepEqual(FORMS.sort(), [
    '/guest',
    '/hand-off',
    '/invite',
    '/link',
    '/pass',
    '/password',
    '/popup',
    '/room/:room',
    '/room/:tenant/:room',
    '/saml/accept',
    '/sign-in',
    '/sign-out',
  ]));

for (const below of FORMS)
  test(`a form on another site sent to ${below} with somebody's cookies changes nothing [SESS-04]`, async () => {
    const victim = await signedIn();
    const fields = { to: '/standup', provider: 'sso', code: await newPass(), name: 'x' };
    const before = await remembered();
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const answer = await victim.post(path(below), fields, headers);
    assert.deepEqual([answer.status, answer.cookies], [403, []]);
    assert.deepEqual(await remembered(), before);
    assert.ok(await victim.isSignedIn());
  });

test('no address of ours changes anything for being opened by a link on another site [SESS-04]', async () => {
  const victim = await signedIn();
  const before = await remembered();
  for (const { method, path: below, on } of ROUTE_LIST) {
    if (method !== 'GET' || !on.includes('public')) continue;
    const target = path(below.replace(/:\w+/g, 'sso'));
    const query = new URLSearchParams({ to: '/standup', room: 'standup', code: 'x', action: 'end' });
    await victim.get(`${target}?${query}`, { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' });
  }
  assert.deepEqual(await remembered(), before);
  assert.ok(await victim.isSignedIn());
});

test('the sign-out page that another site opened waits for the person [SESS-04]', async () => {
  const victim = await signedIn();
  const from = (site: string) =>
    victim.get(path('/sign-out'), { 'sec-fetch-site': site, 'sec-fetch-dest': 'document' });
  assert.doesNotMatch((await from('cross-site')).text, /<script/);
  assert.doesNotMatch((await from('same-site')).text, /<script/);
  assert.match((await from('same-origin')).text, /<script/);
});

/** The sealed attempt of a browser on its way, and the callback it will come back with. */
async function underWay() {
  const browser = stage.visitor();
  const away = await browser.leave();
  const [name = '', sealed = ''] = [...browser.jar].find(([key]) => key.includes('-try-')) ?? [];
  return { browser, name, sealed, callback: browser.callbackOf(away) };
}

test('a sealed attempt with any one character changed, or cut anywhere, reads like none [SESS-05]', async () => {
  const { browser, name, sealed, callback } = await underWay();
  const before = stage.op.count('/token');
  const bent = [...sealed].map(
    (char, at) => sealed.slice(0, at) + (char === 'A' ? 'B' : 'A') + sealed.slice(at + 1),
  );
  const cut = Array.from({ length: 24 }, (_, n) => sealed.slice(0, -1 - n * 20));
  for (const value of [...bent, ...cut, `${sealed}A`, `${sealed}.A`, '""', ' ']) {
    browser.jar.set(name, value);
    assert.equal((await browser.get(callback)).status, 400, value);
  }
  assert.equal(stage.op.count('/token'), before);
  browser.jar.set(name, sealed);
  assert.equal((await browser.get(callback)).status, 302);
});

test('what was sealed for one purpose opens nothing else: no attempt is a session or a posted form, and the reverse [SESS-05]', async () => {
  const { browser, name, sealed, callback } = await underWay();
  browser.jar.set(SESSION, sealed);
  assert.equal(await browser.isSignedIn(), false);
  browser.jar.set(POSTED, sealed);
  assert.equal((await browser.get(path('/callback/sso?posted=1'))).status, 400);
  const posted = await browser.post(path('/callback/sso'), { state: 'x' }, { origin: 'null' });
  assert.equal(posted.status, 303);
  browser.jar.set(name, browser.jar.get(POSTED) ?? '');
  assert.equal((await browser.get(callback)).status, 400);
});

test("another person's sealed attempt does not finish my sign-in [SESS-05]", async () => {
  const [mine, theirs] = [await underWay(), await underWay()];
  mine.browser.jar.set(mine.name, theirs.sealed);
  const answer = await mine.browser.get(mine.callback);
  assert.deepEqual([answer.status, mine.browser.session()], [400, undefined]);
});

test('an attempt sealed by a key that was revoked reads like none [SESS-05]', async () => {
  const { browser, callback } = await underWay();
  const keys = createSealingKeys(stage.parts);
  const [key] = await keys.sealing();
  await keys.revoke(key?.kid ?? '');
  stage.clock.advance(2);
  assert.equal((await browser.get(callback)).status, 400);
  const another = await underWay();
  assert.equal((await another.browser.get(another.callback)).status, 302);
});

test('a person in five hundred groups carries the same small cookie as everybody [SESS-07]', async () => {
  const groups = Array.from({ length: 500 }, (_, n) => `a group with quite a long name, number ${n}`);
  const browser = await signedIn({ ...ADA, sub: 'manager', groups });
  assert.match(browser.session() ?? '', /^[\w-]{43}$/);
  const session = await stage.parts.sessions.read(browser.session() ?? '');
  assert.equal(session?.person.groups.length, 500);
});

test('numbered cookies beside ours, with gaps, minus one, a million or three hundred of them, are nothing to us [SESS-07]', async () => {
  const numbers = ['0', '1', '7', '-1', '1000000', '1', ...Array.from({ length: 300 }, (_, n) => `${n}`)];
  const chunks = ['', '_', '.', '-'].map((sep) => numbers.map((n) => `${SESSION}${sep}${n}=x`).join('; '));
  const browser = await signedIn();
  for (const noise of chunks) {
    const cookie = (own: string) => ({ cookie: `${noise}; ${own}` });
    assert.equal(
      (await stage.ask(path('/session'), { headers: cookie(browser.cookieHeader()) })).status,
      200,
    );
    assert.equal((await stage.ask(path('/session'), { headers: cookie('other=1') })).status, 302);
  }
});

test('two hundred tabs, six at a time as a browser has connections, leave few attempts, and the newest finishes [SESS-08]', async () => {
  const browser = stage.visitor();
  let longest = 0;
  for (let tab = 0; tab < 198; tab += 6) {
    await Promise.all(Array.from({ length: 6 }, () => browser.leave('/a/meeting-with-quite-a-long-name')));
    longest = Math.max(longest, browser.cookieHeader().length);
  }
  const newest = await browser.leave();
  assert.ok(longest < 8000, `${longest}`);
  const attempts = [...browser.jar.keys()].filter((name) => name.includes('-try-'));
  assert.equal(attempts.length, 16);
  assert.equal((await browser.get(browser.callbackOf(newest))).status, 302);
  assert.ok(await browser.isSignedIn());
});

test('fifty attempts that nobody finished lock nobody out, and the oldest are the ones that went [SESS-08]', async () => {
  const browser = stage.visitor();
  const tabs = [];
  for (let tab = 0; tab < 50; tab += 1) tabs.push(await browser.leave());
  const [oldest, last] = [tabs[0], tabs.at(-16)];
  assert.ok(oldest && last);
  assert.equal((await browser.get(browser.callbackOf(oldest))).status, 400);
  assert.equal((await browser.get(browser.callbackOf(last))).status, 302);
});

/** Begins sign-ins whose requests are all under way before the first answer is there, as over HTTP/2. */
async function atOnce(browser: Visitor, tabs: number, to: string): Promise<Away[]> {
  const cookie = browser.cookieHeader();
  const form = (room: string) => ({ to: room, provider: 'sso' });
  return Promise.all(
    Array.from({ length: tabs }, async (_, tab) => {
      const answer = await browser.post(path('/sign-in'), form(`${to}-${tab}`), { cookie });
      return { answer, location: answer.headers.get('location') ?? '', state: '' };
    }),
  );
}

for (const tabs of [28, 60])
  test(`${tabs} sign-ins begun in the same moment stay under eight kilobytes, and so do the next ones, and the newest finishes [SESS-08]`, async () => {
    const browser = stage.visitor();
    await browser.get(path('/sign-in'));
    await atOnce(browser, tabs, '/a/meeting-with-quite-a-long-name');
    assert.ok(browser.cookieHeader().length < 8000, `${browser.cookieHeader().length}`);
    await atOnce(browser, tabs, '/a/meeting-with-quite-a-long-name');
    const newest = await browser.leave();
    assert.ok(browser.cookieHeader().length < 4500, `${browser.cookieHeader().length}`);
    assert.equal((await browser.get(browser.callbackOf(newest))).status, 302);
    assert.ok(await browser.isSignedIn());
  });

test('28 sign-ins begun in the same moment stay under eight kilobytes even if nobody remembers them [SESS-08]', async () => {
  const browser = stage.visitor();
  await browser.get(path('/sign-in'));
  const begun = Array.from({ length: 28 }, () => browser.cookieHeader());
  for (const [tab, cookie] of begun.entries()) {
    // As from another node: the same browser, under a name that was not met before.
    const stranger = cookie.replace(/(-probe=).{4}/, `$1${String(tab).padStart(4, '0')}`);
    await browser.post(
      path('/sign-in'),
      { to: '/a/meeting-with-quite-a-long-name', provider: 'sso' },
      { cookie: stranger },
    );
  }
  assert.equal([...browser.jar.keys()].filter((name) => name.includes('-try-')).length, 28);
  assert.ok(browser.cookieHeader().length < 8000, `${browser.cookieHeader().length}`);
  const newest = await browser.leave();
  assert.equal([...browser.jar.keys()].filter((name) => name.includes('-try-')).length, 16);
  assert.equal((await browser.get(browser.callbackOf(newest))).status, 302);
});

test('ten restored tabs that sign in at once are all let in, in whatever order they come back [SESS-08]', async () => {
  const browser = stage.visitor();
  await browser.get(path('/sign-in'));
  const tabs = await atOnce(browser, 10, '/room');
  for (const away of tabs.reverse()) {
    const answer = await browser.get(browser.callbackOf(away));
    assert.match(answer.headers.get('location') ?? '', /\/join\?to=%2Froom-\d$/);
  }
});

test('an unused sign-in ends after twelve hours, and no clock that goes back brings it again [SESS-10]', async () => {
  const alone = await startStage();
  try {
    const browser = alone.visitor();
    await browser.signIn();
    alone.clock.advance(12 * 3600 - 1);
    assert.ok(await browser.isSignedIn(), 'use renews it');
    alone.clock.advance(12 * 3600);
    assert.equal(await browser.isSignedIn(), false);
    alone.clock.advance(-24 * 3600);
    assert.equal(await browser.isSignedIn(), false);
    const room = await browser.get(path('/join?room=standup'));
    assert.match(room.headers.get('location') ?? '', /\/sign-in\?/);
  } finally {
    await alone.close();
  }
});

test('a sign-in in use ends after seven days [SESS-10]', async () => {
  const alone = await startStage();
  try {
    const browser = alone.visitor();
    await browser.signIn();
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      alone.clock.advance(6 * 3600);
      assert.ok(await browser.isSignedIn(), `after ${hours} hours`);
    }
    alone.clock.advance(6 * 3600);
    assert.equal(await browser.isSignedIn(), false);
  } finally {
    await alone.close();
  }
});

test('a session id in the address signs nobody in [SESS-11]', async () => {
  const id = (await signedIn()).session();
  for (const target of [
    `/join?room=standup&${SESSION}=${id}`,
    `/join?room=standup&session=${id}&sid=${id}`,
    `/session?${SESSION}=${id}`,
    `/session;${SESSION}=${id}`,
    `/session/${id}`,
  ]) {
    const answer = await stage.ask(path(target), {
      headers: { 'x-session': `${id}`, authorization: `Bearer ${id}` },
    });
    assert.doesNotMatch(answer.headers.get('location') ?? '', /jwt/, target);
    assert.ok([302, 404].includes(answer.status), `${answer.status} ${target}`);
  }
});

test('cookie headers that are quoted, in UTF-8, without end or full of NUL end as "signed out" or in a refusal [SESS-11]', async () => {
  const id = (await signedIn()).session();
  const ask = (cookie: string) =>
    stage.raw(
      `GET ${PREFIX}/session HTTP/1.1\r\nHost: meet.example.org\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`,
    );
  const heads = async (cookie: string) => (await ask(cookie)).split('\r\n', 1)[0];
  assert.match(`${await heads(`${SESSION}=${id}`)}`, / 200 /, 'the same without a trick');
  for (const odd of [
    `${SESSION}="${id}"x`,
    `${SESSION}=${'\xc3\xbc'.repeat(40)}`,
    `${SESSION}=`,
    '=',
    ';;;',
    `${SESSION}`,
  ])
    assert.match(`${await heads(odd)}`, / 302 /, odd);
  assert.match(`${await heads(`${SESSION}=${id}\0`)}`, / 400 /);
  assert.match(`${await heads(Array.from({ length: 10_000 }, (_, n) => `c${n}=1`).join('; '))}`, / 431 /);
  assert.match(`${await heads(`${SESSION}=${'x'.repeat(60_000)}`)}`, / 431 /);
  assert.match(`${await heads(`${SESSION}=${id}`)}`, / 200 /, 'and the server goes on');
});

test('a one-time entry begins a session of its own, and the one before is gone [SESS-14]', async () => {
  const browser = await signedIn();
  const old = browser.session();
  assert.equal((await browser.post(path('/pass'), { code: await newPass(), name: 'Ada' })).status, 303);
  assert.notEqual(browser.session(), old);
  assert.match((await personOf(browser.session())) ?? '', /^pass#/);
  assert.equal(await personOf(old), undefined);
});

for (const [what, headers] of [
  ['no Origin and no Fetch Metadata', { origin: [], 'sec-fetch-site': [] }],
  ['the Origin null', { origin: 'null' }],
  ['a foreign Origin', { origin: 'https://evil.example' }],
  ['a sibling of ours as Origin', { origin: 'https://evil.meet.example.org' }],
  ['ours with something behind it as Origin', { origin: 'https://meet.example.org.evil.example' }],
  ['ours over plain http as Origin', { origin: 'http://meet.example.org' }],
  ['ours on another port as Origin', { origin: 'https://meet.example.org:8443' }],
  ['two Origins', { origin: 'https://meet.example.org, https://evil.example' }],
  ['no Origin from another site', { origin: [], 'sec-fetch-site': 'cross-site' }],
  ['no Origin from a sibling', { origin: [], 'sec-fetch-site': 'same-site' }],
  ['our Origin from another site', { 'sec-fetch-site': 'cross-site' }],
  ['a body of text/plain', { 'content-type': 'text/plain' }],
  ['a body of no type', { 'content-type': [] }],
  ['a body that says to be plain text behind a tab', { 'content-type': '\ttext/plain' }],
  [
    'a body of our type with a tab behind',
    { 'content-type': 'application/x-www-form-urlencoded\t; text/plain' },
  ],
  ['a body of two types', { 'content-type': 'text/plain, application/x-www-form-urlencoded' }],
  ['a body in parts', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['a body of JSON', { 'content-type': 'application/json' }],
] as const)
  test(`a form with ${what} is refused at every address that takes one [SESS-15]`, async () => {
    const victim = await signedIn();
    for (const below of FORMS) {
      const answer = await victim.post(path(below), { to: '/standup', provider: 'sso' }, headers);
      assert.equal(answer.status, 403, below);
    }
    assert.ok(await victim.isSignedIn());
  });

test('no header turns a GET into a POST, nor one method into another [SESS-15]', async () => {
  const victim = await signedIn();
  const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override', '_method'];
  const headers = Object.fromEntries(overrides.map((name) => [name, 'POST']));
  assert.equal((await victim.get(path('/sign-out?_method=POST'), headers)).status, 200);
  assert.ok(await victim.isSignedIn());
});

test('every page, errors too, may not be framed or sniffed and runs nothing but by its own nonce [SESS-16]', async () => {
  const [stranger, person] = [stage.visitor(), await signedIn()];
  const pages = [
    await stranger.get(path('/sign-in?to=/standup')),
    await stranger.get(path('/sign-in?auto=0')),
    await stranger.get(path('/signed-out')),
    await stranger.get(path('/pass')),
    await stranger.get(path('/nothing-here')),
    await stranger.get(path('/callback/sso?state=x')),
    await stranger.get(path('/join')),
    await stranger.post(path('/jwks.json'), {}),
    await stranger.post(path('/sign-out'), {}, { origin: 'null' }),
    await stranger.post(path('/pass'), { code: 'x', name: '<b>' }),
    await stranger.get(path('/sign-in'), { 'user-agent': 'Mozilla/5.0 Instagram 1' }),
    await person.get(path('/session')),
    await person.get(path('/sign-out'), { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'document' }),
    await person.post(path('/sign-out'), {}),
  ];
  const nonces = new Set<string>();
  for (const { headers, text } of pages) {
    const policy = headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'nonce-([\w-]{20,})'/.exec(policy)?.[1] ?? assert.fail(policy);
    nonces.add(nonce);
    assert.match(policy, /^default-src 'none';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(policy, /base-uri 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|strict-dynamic/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    for (const { tag, attributes } of readHtml(text)) {
      assert.deepEqual(
        Object.keys(attributes).filter((name) => /^on|^style$/i.test(name)),
        [],
      );
      if (tag === 'script' || tag === 'style') assert.equal(attributes['nonce'], nonce);
    }
  }
  assert.equal(nonces.size, pages.length, 'each page has a nonce of its own');
});
