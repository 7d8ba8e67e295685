/**
 * What each kind of address comes to at the door for proxies that ask, what may be kept of it, what is written down, and
 * what is said of a person: the fine print that a proxy acts on without looking.
 */
import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { parseRoomPath } from '../../src/base/room.ts';
import { linkCookieName, SESSION_COOKIE } from '../../src/web/cookies.ts';
import { linkClaims, linkToken, MOODLE } from '../support/links.ts';
import { type Answer, ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';

const KEY = { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
const XMPP = { ...KEY, origin: ORIGIN };
const SHOWN = { 'x-machine': 'a-secret-that-a-machine-shows-by-itself' };

async function stageFor(t: TestContext, config: Readonly<Record<string, unknown>> = {}): Promise<Stage> {
  const stage = await startStage({
    config: { forwardAuth: { enabled: true }, trustedProxies: ['127.0.0.1'], access: 'members', ...config },
  });
  t.after(() => stage.close());
  return stage;
}

/** Somebody with a session, and its handle. */
async function person(stage: Stage, more: object = {}): Promise<{ cookie: string; handle: string }> {
  const said = {
    id: 'sso#ada',
    provider: 'sso',
    name: 'Ada',
    emailVerified: false,
    groups: ['members'],
    ...more,
  };
  const { id, session } = await stage.parts.sessions.issue({ person: said });
  return { cookie: `${SESSION_COOKIE}=${id.reveal()}`, handle: session.handle };
}

type Headers = Readonly<Record<string, string>>;

/** As nginx asks. */
const ask = (stage: Stage, target: string, headers: Headers = {}, path = '/auth') =>
  stage.ask(`${PREFIX}${path}`, {
    on: 'inner',
    headers: { 'x-original-uri': target, 'x-original-method': 'GET', ...headers },
  });

const said = ({ status, headers }: Answer) => [status, headers.get('x-ostiary-verdict')];
const mayBeKept = ({ headers }: Answer) =>
  headers.get('cache-control') === null && headers.get('x-accel-expires') === null;

const machine = (reaches: readonly string[]) => ({
  machines: [{ name: 'recorder', header: { name: 'X-Machine', value: SHOWN['x-machine'] }, reaches }],
});

suite('what may be kept', () => {
  test('a session that was ended anywhere opens no file any more, whatever this server remembers', async (t) => {
    const stage = await stageFor(t);
    const { cookie, handle } = await person(stage);
    assert.equal((await ask(stage, '/x', { cookie }, '/auth/session')).status, 200);
    // No second passes here.
    await stage.parts.sessions.end(handle, 'operator');
    assert.equal((await ask(stage, '/x', { cookie }, '/auth/session')).status, 401);
  });

  test('an account by its cookie, and nobody who came by a link, a token or as a machine', async (t) => {
    const stage = await stageFor(t, { issuers: [MOODLE], ...machine(['assets']) });
    const token = linkToken(linkClaims(stage.clock));
    const answered = await ask(stage, '', {}, `/answer/standup?jwt=${token}`);
    const link = (answered.cookies[0] ?? '').split(';', 1)[0] ?? '';
    assert.ok(link.startsWith(linkCookieName(parseRoomPath('/standup'))), answered.text);
    const { cookie } = await person(stage);
    for (const [what, headers, kept] of [
      ['an account', { cookie }, true],
      ['a link', { cookie: link }, false],
      ['a machine', SHOWN, false],
      ['a machine with the cookie of nobody', { ...SHOWN, cookie: `${SESSION_COOKIE}=made-up` }, false],
    ] as const) {
      const answer = await ask(stage, '/x', headers, '/auth/session');
      assert.deepEqual([answer.status, mayBeKept(answer)], [200, kept], what);
      if (!kept) assert.equal(answer.headers.get('cache-control'), 'no-store', what);
    }
  });

  test('a machine that may have no files gets none', async (t) => {
    const stage = await stageFor(t, machine(['page']));
    assert.equal((await ask(stage, '/x', SHOWN, '/auth/session')).status, 401);
  });

  test('what stands first in a page is for this page alone, and of another host there is neither page nor session', async (t) => {
    const stage = await stageFor(t);
    const { cookie } = await person(stage);
    const head = await ask(stage, '/standup', { cookie }, '/head');
    assert.match(head.text, /"token":"/);
    assert.equal(head.headers.get('cache-control'), 'no-store');
    for (const path of ['/head', '/auth/session', '/answer/standup']) {
      const answer = await ask(stage, '/standup', { cookie, host: 'evil.example' }, path);
      assert.equal(answer.headers.get('x-ostiary-verdict'), 'request.wrong-host', path);
      assert.doesNotMatch(answer.text, /"token":"/);
    }
    assert.equal((await ask(stage, '/standup', {}, '/head')).text, '');
  });
});

suite('what an address comes to', () => {
  const NAVIGATES = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const FRAMED = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' };
  const PHONE = {
    ...NAVIGATES,
    'user-agent':
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36',
  };
  const CONFIG = {
    pages: { errorPage: '/static/not-today.html' },
    jitsi: {
      roles: 'enforced',
      appLinks: { ios: ['ABCDE12345.org.example.meet'] },
      deeplinking: {
        android: { appName: 'Campus', appScheme: 'org.example.meet', appPackage: 'org.example.meet' },
      },
    },
  };

  for (const [who, target, headers, expected] of [
    ['stranger', '/static/not-today.html', {}, [200, 'open']],
    ['stranger', '/static/other.html', { accept: '*/*' }, [401, 'session.required']],
    ['stranger', '/static/authError.html', {}, [401, 'moved']],
    ['stranger', '/.well-known/apple-app-site-association', {}, [401, 'moved']],
    ['ada', '/.well-known/apple-app-site-association', {}, [401, 'moved']],
    ['stranger', '/.well-known/assetlinks.json', { accept: '*/*' }, [200, 'open']],
    ['stranger', '/external_api.js', {}, [200, 'open']],
    ['stranger', '/css/all.css', { accept: '*/*' }, [401, 'session.required']],
    ['stranger', '/config.js', {}, [401, 'open']],
    ['ada', '/config.js', {}, [200, 'passed']],
    ['ada', '/stand!up', NAVIGATES, [401, 'moved']],
    ['ada', '/standup?jwt=x', NAVIGATES, [401, 'moved']],
    ['stranger', '/standup', NAVIGATES, [401, 'sign-in']],
    // What a proxy says always, it says with nothing in it where there is nothing to be said.
    ['stranger', '/standup', { 'sec-fetch-mode': '', 'sec-fetch-dest': '', origin: '' }, [401, 'sign-in']],
    ['stranger', '/standup', FRAMED, [401, 'outside']],
    ['ada', '/standup', PHONE, [401, 'app']],
    ['ada', '/standup', { ...PHONE, 'sec-fetch-mode': 'no-cors' }, [200, 'passed']],
    ['ada', '/standup', { 'x-original-method': 'POST', origin: ORIGIN }, [403, 'request.method']],
    ['ada', '/standup', { 'x-original-method': 'HEAD' }, [200, 'passed']],
    [
      'ada',
      '/http-bind?room=standup',
      { 'x-original-method': 'PUT', origin: ORIGIN },
      [403, 'request.method'],
    ],
    ['ada', '/conference-request/v1?room=standup', { origin: ORIGIN }, [403, 'request.method']],
    [
      'ada',
      '/_api/room-info?room=standup',
      { 'x-original-method': 'POST', origin: ORIGIN },
      [403, 'request.method'],
    ],
    ['ada', '/_api/room-info?room=standup', { origin: ORIGIN }, [200, 'passed']],
    ['ada', '/etherpad/socket.io/', KEY, [403, 'request.cross-site']],
    ['ada', '/etherpad/socket.io/', XMPP, [200, 'passed']],
    ['ada', '/nobody/knows/this', {}, [403, 'request.not-found']],
    ['stranger', '/xmpp-websocket?room=standup', XMPP, [401, 'no-token']],
  ] as const)
    test(`${who} at ${target} with ${JSON.stringify(headers).slice(0, 60)} hears ${expected.join(' ')}`, async (t) => {
      const stage = await stageFor(t, CONFIG);
      const { cookie } = await person(stage);
      const answer = await ask(stage, target, who === 'ada' ? { cookie, ...headers } : headers);
      assert.deepEqual(said(answer), expected);
      if (target === '/stand!up') assert.equal(answer.headers.get('x-ostiary-location'), '/standup');
    });

  test('who asks for another protocol than a WebSocket is answered as if they had not', async (t) => {
    const stage = await stageFor(t);
    const answer = await stage.raw(
      `GET ${PREFIX}/answer/standup HTTP/1.1\r\nHost: meet.example.org\r\nAccept: text/html\r\nConnection: close, Upgrade\r\nUpgrade: h2c\r\n\r\n`,
      'inner',
    );
    assert.match(answer, /^HTTP\/1\.1 302 [\s\S]*\r\nlocation: [^\r]*\/sign-in\?to=%2Fstandup\r\n/i);
  });

  test('where strangers may have no settings, they are told to sign in', async (t) => {
    const stage = await stageFor(t, { open: { apps: false } });
    assert.deepEqual(said(await ask(stage, '/config.js', { accept: '*/*' })), [401, 'session.required']);
  });

  test('a machine reaches what it may reach, a socket by the word for sockets alone', async (t) => {
    for (const [reaches, target, headers, status] of [
      [['sockets'], '/etherpad/socket.io/', KEY, 200],
      [['assets'], '/etherpad/socket.io/', KEY, 403],
      [['assets'], '/libs/app.js', {}, 200],
      [['sockets'], '/libs/app.js', { accept: '*/*' }, 401],
      [['page'], '/standup', {}, 200],
      [['assets'], '/standup', { accept: '*/*' }, 401],
      [['xmpp'], '/xmpp-websocket?room=standup', KEY, 200],
      [['page'], '/xmpp-websocket?room=standup', KEY, 401],
    ] as const) {
      const stage = await stageFor(t, machine(reaches));
      const answer = await ask(stage, target, { ...SHOWN, ...headers });
      assert.equal(answer.status, status, `${reaches} at ${target}`);
      if (status === 200) assert.equal(answer.headers.get('authorization'), '');
    }
  });

  test('a page in a frame of an application is framed by its pages, and every other by nobody', async (t) => {
    const app = {
      name: 'crm',
      secret: 'crm-Zq8vYt2LwKf5Rj9XbNc3Hm6PdSg7Ua4E',
      rooms: ['crm-*'],
      origins: ['https://crm.example.net'],
    };
    const stage = await stageFor(t, { apps: [app] });
    const { cookie } = await person(stage);
    const framers = async (target: string) =>
      (await ask(stage, target, { cookie })).headers.get('x-ostiary-framers');
    assert.equal(await framers('/crm-7'), "'self' https://crm.example.net");
    assert.equal(await framers('/standup'), "'self'");
    assert.equal(await framers('/libs/app.js'), "'self'");
  });
});

suite('what is written down', () => {
  const entries = async (stage: Stage) =>
    (await stage.parts.records.list({ person: 'sso#ada' })).filter(({ event }) => event === 'entered').length;

  test('an entry by BOSH once, until nothing was heard for two minutes; by WebSocket each', async (t) => {
    const stage = await stageFor(t);
    const { cookie } = await person(stage);
    const bosh = (room: string) =>
      ask(stage, `/http-bind?room=${room}`, { cookie, origin: ORIGIN, 'x-original-method': 'POST' });
    for (let time = 0; time < 5; time += 1) {
      await bosh('standup');
      stage.clock.advance(60);
    }
    assert.equal(await entries(stage), 1);
    await bosh('retro');
    await bosh('standup');
    assert.equal(await entries(stage), 2);
    stage.clock.advance(121);
    await bosh('standup');
    assert.equal(await entries(stage), 3);
    for (let time = 0; time < 2; time += 1)
      await ask(stage, '/xmpp-websocket?room=standup', { cookie, ...XMPP });
    assert.equal(await entries(stage), 5);
  });
});

suite('what is said of a person', () => {
  test('what was asked for stands there each time, whatever was said of the same person before', async (t) => {
    const stage = await stageFor(t);
    const { cookie } = await person(stage);
    for (const [target, surface, query] of [
      ['/libs/app.js', 'asset', ''],
      ['/', 'welcome', ''],
      ['/libs/app.js?v=1', 'asset', 'v=1'],
      ['/libs/app.js?v=2', 'asset', 'v=2'],
      ['/config.js?room=standup', 'config', 'room=standup'],
    ] as const) {
      const { headers } = await ask(stage, target, { cookie });
      assert.deepEqual(
        [headers.get('x-ostiary-surface'), headers.get('x-ostiary-query')],
        [surface, query],
        target,
      );
    }
  });

  test('a token in the query of what is open, or of what a machine fetches, goes on to nobody', async (t) => {
    const stage = await stageFor(t, machine(['assets', 'page']));
    for (const [target, headers] of [
      ['/external_api.js', {}],
      ['/libs/app.js', SHOWN],
      ['/', SHOWN],
    ] as const) {
      const answer = await ask(stage, `${target}?v=1&token=SECRET&t%6fken=SECRET`, headers);
      assert.deepEqual([answer.status, answer.headers.get('x-ostiary-query')], [200, 'v=1'], target);
    }
  });

  test('the tenant is told where there is one', async (t) => {
    const stage = await stageFor(t);
    const { cookie } = await person(stage);
    for (const [target, tenant] of [
      ['/Physics/xmpp-websocket?room=standup', 'physics'],
      ['/xmpp-websocket?room=standup', ''],
    ] as const)
      assert.equal((await ask(stage, target, { cookie, ...XMPP })).headers.get('x-ostiary-prefix'), tenant);
  });

  test('an address that was verified, groups that are groups, and no list that a proxy would not take', async (t) => {
    const stage = await stageFor(t);
    const told = async (more: object) => {
      const { cookie } = await person(stage, more);
      const { headers } = await ask(stage, '/libs/app.js', { cookie });
      return [headers.get('x-auth-request-email'), headers.get('remote-groups'), headers.get('remote-name')];
    };
    const email = 'ada@example.org';
    assert.deepEqual(await told({ id: 'sso#1', email, emailVerified: true }), [email, 'members', 'Ada']);
    assert.deepEqual(await told({ id: 'sso#2', email, emailVerified: false }), ['', 'members', 'Ada']);
    const many = Array.from({ length: 300 }, (_, index) => `group-${index}`);
    assert.deepEqual(await told({ id: 'sso#3', groups: many }), ['', '', 'Ada']);
    assert.deepEqual(await told({ id: 'sso#4', groups: ['a,b', 'c'], name: 'A\u0000\u0085\td' }), [
      '',
      'c',
      'A   d',
    ]);
  });
});
