/**
 * The door for proxies that ask, attacked: by whoever is no proxy, by what a proxy passes on from outside, and by
 * everything that fails. Nothing but a decision says yes.
 */
import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { createMemoryStore } from '../../src/store/memory.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { MOODLE } from '../support/links.ts';
import {
  type Answer,
  ORIGIN,
  PREFIX,
  type Stage,
  type StageOptions,
  startStage,
} from '../support/server-stage.ts';

const HOST = new URL(ORIGIN).host;

async function stageFor(t: TestContext, { config, ...options }: StageOptions = {}): Promise<Stage> {
  const stage = await startStage({
    ...options,
    config: { forwardAuth: { enabled: true }, trustedProxies: ['127.0.0.1'], access: 'members', ...config },
  });
  t.after(() => stage.close());
  return stage;
}

async function signedIn(stage: Stage, more: object = {}): Promise<string> {
  const person = { id: 'sso#ada', provider: 'sso', name: 'Ada', emailVerified: false, groups: ['members'] };
  const { id } = await stage.parts.sessions.issue({ person: { ...person, ...more } });
  return `${SESSION_COOKIE}=${id.reveal()}`;
}

/** As nginx asks. */
const ask = (stage: Stage, target: string, headers: Readonly<Record<string, string>> = {}, path = '/auth') =>
  stage.ask(`${PREFIX}${path}`, {
    on: 'inner',
    headers: { 'x-original-uri': target, 'x-original-method': 'GET', ...headers },
  });

/** As Caddy and Traefik ask. */
const askAsCaddy = (stage: Stage, target: string, headers: Readonly<Record<string, string>> = {}) =>
  stage.ask(`${PREFIX}/auth`, {
    on: 'inner',
    headers: {
      ...{ 'x-forwarded-uri': target, 'x-forwarded-method': 'GET', 'x-forwarded-host': HOST },
      ...headers,
    },
  });

const XMPP = { origin: ORIGIN, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };

const isYes = ({ status }: Answer) => status >= 200 && status < 300;

suite('who asks', () => {
  test('nobody but a trusted proxy is told anything, whatever they say [PROXY-07 PROXY-09]', async (t) => {
    const stage = await stageFor(t, { config: { trustedProxies: ['10.0.0.1'] } });
    const cookie = await signedIn(stage);
    for (const path of ['/auth', '/auth/answered', '/auth/session', '/head', '/answer/standup']) {
      const answer = await ask(stage, '/standup', { cookie, 'x-forwarded-for': '10.0.0.1' }, path);
      assert.equal(answer.headers.get('x-ostiary-verdict'), 'request.not-found', path);
      assert.equal(answer.text.includes('token'), false);
    }
  });

  test('the public listener knows no such address', async (t) => {
    const stage = await stageFor(t);
    const cookie = await signedIn(stage);
    for (const path of ['/auth', '/auth/answered', '/auth/session', '/head', '/answer/standup']) {
      const headers = { cookie, 'x-original-uri': '/standup', 'x-original-method': 'GET' };
      assert.equal((await stage.ask(`${PREFIX}${path}`, { headers })).status, 404, path);
    }
  });

  test('without the setting the inner listener knows none either', async (t) => {
    const stage = await stageFor(t, { config: { forwardAuth: {} } });
    assert.equal((await ask(stage, '/standup', { cookie: await signedIn(stage) })).status, 404);
  });

  for (const [what, headers] of [
    ['both dialects at once', { 'x-forwarded-uri': '/external_api.js' }],
    ['two addresses', { 'x-original-uri': '/standup, /external_api.js' }],
    ['two methods', { 'x-original-method': 'GET, POST' }],
    ['no method', { 'x-original-method': '' }],
    ['a method there is none of', { 'x-original-method': 'get' }],
    ['another host', { host: 'evil.example' }],
    ['no address', { 'x-original-uri': '' }],
    ['another name for the address', { 'x-original-uri': '', 'x-original-url': '/standup' }],
  ] as const)
    test(`${what} is no decision, even for who is signed in [PROXY-09]`, async (t) => {
      const stage = await stageFor(t);
      const answer = await ask(stage, '/standup', { cookie: await signedIn(stage), ...headers });
      assert.equal(answer.status, 403);
    });
});

suite('what is asked', () => {
  for (const target of [
    ...[
      '//standup',
      '/x/../standup',
      '/./standup',
      '/%2e%2e/standup',
      '/x%2fstandup',
      '/standup%00',
      '/x%5cy',
    ],
    ...[
      'standup',
      'http://meet.example.org/standup',
      '*',
      '/standup#x',
      '/%zz',
      '/\u00e9',
      '/a b',
      '/libs//x.js',
    ],
    ...['/a/b/c/http-bind?room=standup', '/x/http-bindfoo?room=standup', `/${'x'.repeat(17_000)}`],
  ])
    test(`${target.slice(0, 60)} is refused, whoever asks [PROXY-11]`, async (t) => {
      const stage = await stageFor(t);
      const headers = {
        cookie: await signedIn(stage),
        'x-original-uri': Buffer.from(target).toString('latin1'),
      };
      const answer = await ask(stage, '', headers).catch(() => undefined);
      assert.ok(answer === undefined || [403, 431].includes(answer.status), String(answer?.status));
    });

  test('whatever the address, nobody without a session gets more than 401 and 403 [PROXY-10]', async (t) => {
    const stage = await stageFor(t, { config: { open: { acme: false, apps: false, embed: false } } });
    const pieces = fc.constantFrom(
      ...[
        '/',
        '//',
        '.',
        '..',
        '%2e',
        '%2f',
        '%00',
        '%5c',
        ';',
        '?',
        '#',
        '&',
        '=',
        '+',
        '*',
        '@',
        ':',
        "'",
        '\\',
      ],
      ...[
        'libs',
        'static',
        'css',
        'x.js',
        'config.js',
        'external_api.js',
        'http-bind',
        'xmpp-websocket',
        '_ostiary',
      ],
      ...[
        'auth',
        'conference-request',
        'v1',
        '_api',
        'room-info',
        'socket.io',
        'room=standup',
        'token=x',
        'standup',
      ],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 8 }), async (parts) => {
        const target = `/${parts.join('')}`;
        assert.ok([401, 403].includes((await ask(stage, target, XMPP)).status), target);
        assert.equal(isYes(await askAsCaddy(stage, target, XMPP)), false, target);
      }),
      { numRuns: 300 },
    );
  });

  test('what looks like a probe gets nothing by that [PROXY-13]', async (t) => {
    const stage = await stageFor(t);
    const answer = await ask(stage, '/standup', { 'user-agent': 'kube-probe/1.30', 'x-health': '1' });
    assert.equal(answer.status, 401);
  });
});

suite('what fails', () => {
  for (const path of ['/standup', '/libs/app.js', '/xmpp-websocket?room=standup', '/config.js'])
    test(`a store that does not answer lets nobody to ${path} [PROXY-10]`, async (t) => {
      let fails = false;
      const stage = await stageFor(t, {
        store: (clock) => {
          const store = createMemoryStore({ clock });
          const get: typeof store.get = async (key) => {
            if (fails) throw new Error('the disk is gone');
            return store.get(key);
          };
          return { ...store, get };
        },
      });
      const cookie = await signedIn(stage);
      stage.clock.advance(2);
      fails = true;
      for (const answer of [
        await ask(stage, path, { cookie, ...XMPP }),
        await ask(stage, path, { cookie }, '/auth/session'),
        await askAsCaddy(stage, path, { cookie, ...XMPP }),
      ])
        assert.ok(answer.status >= 500, `${answer.status}`);
    });

  test('who is put out of a room is refused there, and nothing is made for them', async (t) => {
    const stage = await stageFor(t, {
      config: { rules: [{ name: 'closed', when: {}, then: 'refuse' }], access: undefined },
    });
    const cookie = await signedIn(stage);
    for (const target of ['/standup', '/xmpp-websocket?room=standup']) {
      const answer = await ask(stage, target, { cookie, ...XMPP });
      assert.equal(answer.status, 403);
      assert.equal(answer.headers.get('authorization') ?? '', '');
    }
  });
});

suite('what a yes says', () => {
  const ALWAYS = [
    ...['authorization', 'x-ostiary-query', 'x-ostiary-prefix', 'x-ostiary-framers', 'x-ostiary-surface'],
    ...['x-auth-request-user', 'x-auth-request-email', 'x-auth-request-groups'],
    ...['remote-user', 'remote-name', 'remote-email', 'remote-groups'],
  ];

  for (const [target, headers] of [
    ['/standup', {}],
    ['/libs/app.js', {}],
    ['/external_api.js', { cookie: '' }],
    ['/xmpp-websocket?room=standup', XMPP],
  ] as const)
    test(`every header is there for ${target}, so that none of the caller's own stays [PROXY-05]`, async (t) => {
      const stage = await stageFor(t);
      const answer = await ask(stage, target, { cookie: await signedIn(stage), ...headers });
      assert.equal(answer.status, 200);
      assert.deepEqual(
        ALWAYS.filter((name) => !answer.headers.has(name)),
        [],
      );
    });

  test('a proxy that passes on nothing of who somebody is hears the same, and no name', async (t) => {
    const stage = await stageFor(t);
    const cookie = await signedIn(stage);
    const names = ALWAYS.filter((name) => name.startsWith('remote-') || name.startsWith('x-auth-'));
    const said = async (target: string, headers: Readonly<Record<string, string>>, path: string) => {
      const answer = await ask(stage, target, headers, path);
      const told = ALWAYS.filter((name) => answer.headers.has(name));
      const isToken = /^Bearer /.test(answer.headers.get('authorization') ?? '');
      const same = ['x-ostiary-query', 'x-ostiary-surface', 'x-ostiary-framers', 'x-ostiary-location'];
      return { status: answer.status, told, isToken, same: same.map((name) => answer.headers.get(name)) };
    };
    for (const [target, headers] of [
      ['/standup', { cookie }],
      ['/standup', { cookie: '', accept: 'text/html' }],
      ['/libs/app.js?v=1', { cookie }],
      ['/libs/app.js', { cookie: '' }],
      ['/external_api.js', { cookie: '' }],
      ['/xmpp-websocket?room=standup&token=SECRET', { ...XMPP, cookie }],
      ['/xmpp-websocket?room=standup', { ...XMPP, cookie: '' }],
      ['/libs/..;/x', { cookie }],
      ['/nowhere/at/all/here', { cookie }],
    ] as const) {
      const named = await said(target, headers, '/auth');
      const unnamed = await said(target, headers, '/auth/unnamed');
      assert.deepEqual(
        unnamed,
        { ...named, told: named.told.filter((name) => !names.includes(name)) },
        target,
      );
    }
  });

  test('a token for XMPP and none for a page or a file', async (t) => {
    const stage = await stageFor(t);
    const cookie = await signedIn(stage);
    for (const target of ['/standup', '/libs/app.js', '/config.js', '/'])
      assert.equal((await ask(stage, target, { cookie })).headers.get('authorization'), '');
    const enters = await ask(stage, '/xmpp-websocket?room=standup', { cookie, ...XMPP });
    assert.match(enters.headers.get('authorization') ?? '', /^Bearer /);
  });

  test("what a person is called ends no header, and an unverified address is nobody's", async (t) => {
    const stage = await stageFor(t);
    const cookie = await signedIn(stage, {
      ...{ name: 'Ada\r\nRemote-User: root', email: 'root@example.org', groups: ['a', 'b,staff', 'c\nd'] },
    });
    const { headers } = await ask(stage, '/libs/app.js', { cookie });
    assert.equal(headers.get('remote-user'), 'sso#ada');
    assert.equal(headers.get('remote-email'), '');
    assert.equal(headers.get('x-auth-request-groups'), 'a,c d');
  });

  test('a page of another site opens no socket and changes nothing, cookie or not [PROXY-16]', async (t) => {
    const stage = await stageFor(t);
    const cookie = await signedIn(stage);
    const headers = { ...XMPP, cookie, origin: 'https://evil.example' };
    for (const [method, target] of [
      ['GET', '/xmpp-websocket?room=standup'],
      ['GET', '/etherpad/socket.io/'],
      ['POST', '/http-bind?room=standup'],
      ['POST', '/libs/upload'],
    ] as const) {
      const answer = await ask(stage, target, { ...headers, 'x-original-method': method });
      assert.equal(answer.status, 403, target);
    }
    const { origin: _, ...nowhere } = headers;
    assert.equal((await ask(stage, '/xmpp-websocket?room=standup', nowhere)).status, 403);
  });

  test('only "this session lives" may be kept, and not where a link is why', async (t) => {
    const stage = await stageFor(t);
    const cookie = await signedIn(stage);
    const kept = await ask(stage, '/x', { cookie }, '/auth/session');
    assert.equal(kept.status, 200);
    assert.equal(kept.headers.get('cache-control'), null);
    for (const target of ['/standup', '/libs/app.js', '/xmpp-websocket?room=standup'])
      assert.equal((await ask(stage, target, { cookie, ...XMPP })).headers.get('cache-control'), 'no-store');
    const refused = await ask(stage, '/x', {}, '/auth/session');
    assert.equal(refused.headers.get('cache-control'), 'no-store');
  });
});

suite('what Prosody is told', () => {
  for (const [what, target, headers] of [
    ['a WebSocket that begins', '/physics/xmpp-websocket', XMPP],
    ['a look whether WebSockets are there', '/physics/xmpp-websocket', {}],
    ['a look whether BOSH is there', '/physics/http-bind', {}],
    ['BOSH', '/physics/http-bind', { 'x-original-method': 'POST', origin: ORIGIN }],
  ] as const)
    test(`${what} goes on with the room, and with no tenant or token of the caller's [PROXY-18]`, async (t) => {
      const stage = await stageFor(t);
      const cookie = await signedIn(stage);
      const odd =
        'prefix=other&%70refix=other&pre%66ix=x&token=SECRET&jwt=SECRET&customusername=root&vnode=v1&x';
      const answer = await ask(stage, `${target}?${odd}&room=standup&previd=1`, { cookie, ...headers });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers.get('x-ostiary-query'), 'room=standup&previd=1');
      // Who may name two rooms may name another one than was judged.
      const twice = await ask(stage, `${target}?room=standup&r%6fom=board`, { cookie, ...headers });
      assert.equal(twice.status, 403);
    });
});

suite('who does not pass', () => {
  test('is told in a header where to go, by proxies that hear a status', async (t) => {
    const stage = await stageFor(t);
    const { status, headers } = await ask(stage, '/standup');
    assert.equal(status, 401);
    assert.equal(headers.get('x-ostiary-location'), `${PREFIX}/sign-in?to=%2Fstandup`);
  });

  test('is sent there by those that pass an answer on', async (t) => {
    const stage = await stageFor(t);
    const { status, headers } = await askAsCaddy(stage, '/standup');
    assert.equal(status, 302);
    assert.equal(headers.get('location'), `${PREFIX}/sign-in?to=%2Fstandup`);
  });

  test('comes again without the token in the address, where a proxy could not take it out', async (t) => {
    const stage = await stageFor(t);
    const cookie = await signedIn(stage);
    const { status, headers } = await askAsCaddy(stage, '/libs/app.js?v=1&token=SECRET', { cookie });
    assert.equal(status, 302);
    assert.equal(headers.get('location'), '/libs/app.js?v=1');
  });

  test('reads the page of the rules at the address of the room, with its status', async (t) => {
    const stage = await stageFor(t, {
      config: {
        rules: [{ name: 'closed', when: {}, then: 'refuse', reason: 'Closed today.' }],
        access: undefined,
      },
    });
    const answer = await ask(stage, '', { cookie: await signedIn(stage) }, '/answer/standup');
    assert.equal(answer.status, 403);
    assert.match(answer.text, /Closed today\./);
  });

  test('hears everything at once where the proxy passes an answer on, and nobody else does', async (t) => {
    const stage = await stageFor(t, {
      config: {
        rules: [{ name: 'closed', when: { rooms: ['vault'] }, then: 'refuse', reason: 'Closed today.' }],
      },
    });
    const cookie = await signedIn(stage);
    const all = (target: string, headers: Readonly<Record<string, string>> = {}) =>
      stage.ask(`${PREFIX}/auth/answered`, {
        on: 'inner',
        headers: {
          ...{ 'x-forwarded-uri': target, 'x-forwarded-method': 'GET', 'x-forwarded-host': HOST },
          ...headers,
        },
      });
    const shut = await all('/vault', { cookie });
    assert.equal(shut.status, 403);
    assert.match(shut.text, /Closed today\./);
    const nowhere = await all('/a/b/c/d', { cookie });
    assert.equal(nowhere.status, 404);
    assert.match(nowhere.text, /<html/);
    const stranger = await all('/standup');
    assert.deepEqual(
      [stranger.status, stranger.headers.get('location')],
      [302, `${PREFIX}/sign-in?to=%2Fstandup`],
    );
    const script = await all('/libs/app.js', { accept: '*/*' });
    assert.deepEqual([script.status, script.text], [401, '']);
    const yes = await all('/standup', { cookie });
    assert.equal(yes.status, 200);
    assert.equal(yes.headers.get('x-ostiary-surface'), 'page');
  });

  test('in a frame that keeps no cookie, is shown the way out and no way in that ends nowhere', async (t) => {
    const stage = await stageFor(t, { config: { open: { assets: true }, issuers: [MOODLE] } });
    const frame = {
      'sec-fetch-dest': 'iframe',
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
    };
    const { status, text } = await ask(stage, '', frame, '/answer/standup');
    assert.equal(status, 200);
    assert.match(text, new RegExp(`action="${PREFIX}/link"`));
    assert.doesNotMatch(text, /<form[^>]* data-framed/);
  });

  test('gets nothing of Jitsi from the place that answers, and nor does who would pass', async (t) => {
    const stage = await stageFor(t);
    const cookie = await signedIn(stage);
    for (const path of ['/standup', '/libs/app.js', '/config.js', '/xmpp-websocket?room=standup']) {
      const answer = await ask(stage, '', { cookie }, `/answer${path}`);
      assert.equal(answer.status, 502, path);
      assert.equal(answer.headers.get('authorization'), null);
    }
  });
});
