/**
 * The printed files attacked through the proxies themselves: behind each stands a web server that makes a tunnel of
 * whatever asks for one and writes down what reached it, so that what was served and not judged is seen.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectTo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import fc from 'fast-check';
import { isProblem } from '../../src/base/problem.ts';
import { roomPath } from '../../src/base/room.ts';
import { type Surface, surfaceOf } from '../../src/gateway/surface.ts';
import { canonicalLine } from '../../src/web/canonical.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { freePort } from '../support/http-server.ts';
import {
  type Front,
  type FrontParts,
  startFrontCaddy,
  startFrontHaproxy,
  startFrontNginx,
  startFrontTraefik,
} from '../support/real/front.ts';
import { REACHED, type Reached, type RecordingWeb, startRecordingWeb } from '../support/recording-web.ts';
import { ORIGIN, type Stage, startStage } from '../support/server-stage.ts';

type Before = FrontParts & { readonly jitsi: string };

const FRONTS: readonly (readonly [name: string, start: (parts: Before) => Promise<Front>])[] = [
  ['nginx', startFrontNginx],
  ['Caddy', startFrontCaddy],
  ['HAProxy', startFrontHaproxy],
  ['a stand-in for Traefik', startFrontTraefik],
];

const HOST = new URL(ORIGIN).host;
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
/** A room that the rules let nobody into. */
const SHUT = 'vault';

let web: RecordingWeb;
let stage: Stage;
let cookie = '';

before(async () => {
  web = await startRecordingWeb();
  stage = await startStage({
    config: {
      forwardAuth: { enabled: true },
      trustedProxies: ['127.0.0.1'],
      rules: [
        { name: 'shut', when: { rooms: [SHUT] }, then: 'refuse' },
        { name: 'everybody', when: { signedIn: true }, then: 'host' },
      ],
    },
  });
  const person = { id: 'sso#ada', provider: 'sso', name: 'Ada', emailVerified: false, groups: [] };
  const { id } = await stage.parts.sessions.issue({ person });
  cookie = `${SESSION_COOKIE}=${id.reveal()}`;
});
after(async () => {
  await stage?.close();
  await web?.close();
});

/** One request in bytes, the last of its connection unless its headers say what else becomes of that. */
function bytes(target: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): string {
  const all = { Host: HOST, Connection: 'close', ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Every other one begins something, as far as it can be begun. */
function asking(target: string, index: number, isStranger: boolean): string {
  const who = isStranger ? {} : { Cookie: cookie };
  const begins = index % 2 === 0 ? {} : { Origin: ORIGIN, 'Content-Length': '0' };
  return bytes(target, { 'X-Case': String(index), ...who, ...begins }, index % 2 === 0 ? 'GET' : 'POST');
}

/** The room of the token that Prosody is shown, if it is shown one. */
function roomShown({ headers }: Reached): unknown {
  const [, claims] = headers['authorization']?.split('.') ?? [];
  return claims && JSON.parse(Buffer.from(claims, 'base64url').toString()).room;
}

/** Paths as nobody writes them who means well, and some that are meant well. */
const PIECES = [
  ...[
    '/',
    '/',
    '/',
    '//',
    '/.',
    '/..',
    '/%2e%2e',
    '%2f',
    '%5c',
    '\\',
    '..;',
    ';a=b',
    ';',
    '%3b',
    '%00',
    '%23',
  ],
  ...[
    '%3f',
    '%25',
    '%252e',
    '%252f',
    '%2520',
    '%20',
    '+',
    '%c3%a9',
    '%ff',
    '#',
    '@',
    ':',
    "'",
    '&',
    '=',
    '*',
    '~',
  ],
  ...['libs', 'static', 'images', 'css', 'sounds', '%6cibs', 'LIBS', 'app.js', 'app.min.js', 'close3.html'],
  ...[
    'external_api.js',
    'config.js',
    'index.html',
    'head.html',
    'http-bind',
    'xmpp-websocket',
    '.well-known',
  ],
  ...[
    'http%2dbind',
    'xmpp%2Dwebsocket',
    'conference%2drequest',
    '%63onfig.js',
    'room%2dinfo',
    '%5fapi',
    '%68ead.html',
  ],
  ...['conference-request', 'v1', '_api', 'room-info', 'public', 'socket.io', 'etherpad', 'colibri-ws'],
  ...[SHUT, SHUT.toUpperCase(), '%76ault', 'standup', 'physics', '_ostiary', 'auth', 'session', 'answer'],
  ...[
    '?',
    `?room=${SHUT}`,
    '?room=standup',
    '&token=SECRET',
    '&%74oken=SECRET',
    '&prefix=other',
    '?jwt=SECRET',
  ],
];

const targets = fc
  .tuple(
    fc.constantFrom('/', '/', '/', '/', `http://${HOST}/`, ''),
    fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 7 }),
  )
  .map(([start, pieces]) => `${start}${pieces.join('')}`);

/** As many for each proxy, once for a stranger and once for somebody who is signed in. */
const MANY = 600;
const AT_ONCE = 12;

/** What the gate makes of an address; nothing where it refuses. */
function judged(method: string, target: string): Surface | undefined {
  try {
    const surface = surfaceOf(canonicalLine(method, target).path);
    return surface.kind === 'unknown' ? undefined : surface;
  } catch (thrown) {
    assert.ok(isProblem(thrown), String(thrown));
    return undefined;
  }
}

const pathOf = (target: string) => target.split('?', 1)[0] ?? '';

/** The same path with other escapes: nginx writes some anew. */
function isRewritten(one: string, other: string): boolean {
  try {
    return decodeURIComponent(pathOf(one)) === decodeURIComponent(pathOf(other));
  } catch {
    return false;
  }
}

/** The names in a query, as Prosody and Jitsi's client read them. */
const namesIn = ({ target, headers }: Reached) =>
  // What is printed for Jitsi's web server takes this in place of the query, where the proxy cannot.
  (headers['x-ostiary-query'] ?? target.slice(pathOf(target).length + 1))
    .split('&')
    .map((piece) => unescape(piece.split('=', 1)[0] ?? '').toLowerCase());

const XMPP = ['xmpp-websocket', 'bosh', 'conference-request', 'room-info'];

/** What is wrong with a request that reached the web server; nothing if it may be there. */
function wrongWith(reached: Reached, asked: string, isStranger: boolean): string | undefined {
  const { method, target, tunnel } = reached;
  const own = asked.replace(/^http:\/\/[^/]*/, '');
  // An escape that nginx leaves out may be more than one of writing: what was asked for is what was judged.
  const surface = (isRewritten(target, own) ? judged(method, own) : undefined) ?? judged(method, target);
  if (surface === undefined) return 'the gate serves no such address';
  const names = namesIn(reached);
  if (names.includes('token') || names.includes('jwt')) return 'a token went on';
  if (tunnel) return 'a tunnel that nobody asked for';
  if (roomShown(reached) === SHUT) return 'a token for a room that is shut';
  if (surface.kind === 'page' && roomPath(surface.room).endsWith(`/${SHUT}`)) return 'a room that is shut';
  if (XMPP.includes(surface.kind) && names.includes('prefix')) return 'a tenant that the caller made up';
  if (!isStranger) return undefined;
  const isOpen =
    surface.kind === 'asset' && surface.groups.some((group) => group === 'embed' || group === 'acme');
  return isOpen ? undefined : 'a stranger';
}

for (const [name, start] of FRONTS)
  suite(`behind ${name}`, () => {
    let front: Front;
    before(async () => {
      front = await start({ behind: 'plain', stage, jitsi: web.origin });
    });
    after(() => front?.stop());

    for (const [who, isStranger] of [
      ['a stranger', true],
      ['somebody who is signed in', false],
    ] as const)
      test(`whatever ${who} writes as an address, what is served was judged [PROXY-11 PROXY-14]`, async () => {
        web.forget();
        const asked = fc.sample(targets, MANY);
        const one = async (target: string, index: number) => {
          await front.raw(asking(target, index, isStranger));
        };
        for (let at = 0; at < asked.length; at += AT_ONCE)
          await Promise.all(asked.slice(at, at + AT_ONCE).map((target, index) => one(target, at + index)));
        const wrong = asked.flatMap((target, index) =>
          web.of(String(index)).flatMap((reached) => {
            const why = wrongWith(reached, target, isStranger);
            return why === undefined ? [] : [`${why}: ${target} came as ${reached.method} ${reached.target}`];
          }),
        );
        assert.deepEqual(wrong, []);
        const served = asked.filter((_, index) => web.of(String(index)).length > 0);
        if (!isStranger) assert.ok(served.length > 20, `${served.length} were served: it shows nothing`);
        // A tunnel or a second request that was packed into another would have no name.
        assert.deepEqual(web.of(), []);
      });

    for (const [what, target, headers] of [
      ['HTTP/2 without encryption', '/standup', { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' }],
      ['a WebSocket without a key', `/xmpp-websocket?room=${SHUT}`, { Upgrade: 'websocket' }],
      [
        'a WebSocket with an empty key',
        `/xmpp-websocket?room=${SHUT}`,
        { Upgrade: 'websocket', 'Sec-WebSocket-Key': '' },
      ],
      ['a WebSocket without a key, at a page', '/standup', { Upgrade: 'websocket' }],
      [
        'two protocols at once',
        `/xmpp-websocket?room=${SHUT}`,
        { Upgrade: 'websocket, h2c', 'Sec-WebSocket-Key': KEY },
      ],
    ] as const)
      test(`${what} becomes no tunnel, whoever asks [PROXY-03]`, async () => {
        web.forget();
        const more = {
          Cookie: cookie,
          Connection: 'close, Upgrade',
          'Sec-WebSocket-Version': '13',
          ...headers,
        };
        // What would go through a tunnel is a request like any other where there is none.
        const heard = await front.raw(`${bytes(target, more)}${bytes('/standup')}`);
        assert.doesNotMatch(heard, /^HTTP\/1\.1 101/m);
        assert.deepEqual(
          web.of().filter(({ tunnel }) => tunnel),
          [],
        );
      });

    test('a WebSocket with its key becomes one where its room may be entered, with the token of Prosody [PROXY-03]', async () => {
      web.forget();
      const more = {
        ...{ Cookie: cookie, Origin: ORIGIN, Connection: 'Upgrade', Upgrade: 'websocket' },
        ...{ 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': KEY },
      };
      assert.match(await front.raw(bytes('/xmpp-websocket?room=standup', more)), /^HTTP\/1\.1 101/);
      const refused = await front.raw(`${bytes(`/xmpp-websocket?room=${SHUT}`, more)}${bytes('/standup')}`);
      assert.match(refused, /^HTTP\/1\.1 (?!101)/);
      assert.deepEqual(
        web
          .of()
          .map(({ tunnel, target, headers }) => [
            tunnel,
            target,
            /^Bearer ./.test(headers['authorization'] ?? ''),
          ]),
        [[true, '/xmpp-websocket?room=standup', true]],
      );
    });

    test('HTTP/2 in the place of the first request brings no WebSocket past its key [PROXY-03]', async () => {
      web.forget();
      const session = connect(front.origin);
      await extendedConnect(session, `/xmpp-websocket?room=${SHUT}`);
      session.destroy();
      assert.deepEqual(
        web.of().filter(({ tunnel }) => tunnel),
        [],
      );
    });

    test('what a caller names in Connection is not left out on the way to Jitsi [PROXY-04]', async () => {
      web.forget();
      const named = [
        'close',
        'Authorization',
        'Cookie',
        'Host',
        'X-Forwarded-For',
        'X-Forwarded-Uri',
        'X-Original-URI',
      ];
      const ours = [
        'X-Ostiary-Query',
        'X-Ostiary-Surface',
        'X-Ostiary-Framers',
        'X-Forwarded-Host',
        'Origin',
      ];
      const more = {
        Cookie: cookie,
        Origin: ORIGIN,
        Connection: [...named, ...ours].join(', '),
        'Content-Length': '0',
      };
      await front.raw(bytes('/conference-request/v1?room=standup', more, 'POST'));
      await front.raw(bytes('/standup', more));
      const socket = {
        ...more,
        Connection: `Upgrade, ${more.Connection}`,
        Upgrade: 'websocket',
        'Sec-WebSocket-Key': KEY,
      };
      await front.raw(bytes('/xmpp-websocket?room=standup', { ...socket, 'Sec-WebSocket-Version': '13' }));
      const [conference, page, stream] = web.of();
      assert.match(stream?.headers['authorization'] ?? '', /^Bearer ./);
      assert.match(conference?.headers['authorization'] ?? '', /^Bearer ./);
      assert.equal(conference?.headers['x-forwarded-for'], '127.0.0.1');
      // nginx says these two itself.
      if (name === 'nginx') return;
      assert.equal(conference?.headers['x-ostiary-query'], 'room=standup');
      assert.equal(page?.headers['x-ostiary-surface'], 'page');
    });

    test('who somebody is, nobody says of themselves, in whichever spelling [PROXY-05]', async () => {
      web.forget();
      const names = [
        ...[
          'Remote-User',
          'Remote_User',
          'REMOTE_USER',
          'Remote-Groups',
          'X-Auth-Request-User',
          'X_Auth_Request_User',
        ],
        ...['X-Forwarded-User', 'X_Forwarded_User', 'X-Forwarded-Email', 'X_Original_URI', 'X-Original-URL'],
        ...['X-Ostiary-Prefix', 'X_Ostiary_Query', 'X_Ostiary_Surface', 'X_Forwarded_Prefix'],
      ];
      for (const header of names) await front.raw(bytes('/standup', { Cookie: cookie, [header]: 'MADE-UP' }));
      assert.equal(web.of().length, names.length);
      assert.deepEqual(
        web
          .of()
          .flatMap(({ headers }) => Object.entries(headers).filter(([, value]) => value.includes('MADE-UP'))),
        [],
      );
    });

    if (start !== startFrontTraefik)
      test('Prosody hears of no cookie, and Jitsi of none where nginx puts the name into the page itself', async () => {
        web.forget();
        for (const [target, method] of [
          ['/http-bind?room=standup', 'POST'],
          ['/physics/http-bind?room=standup', 'POST'],
          ['/xmpp-websocket?room=standup', 'GET'],
          ...(start === startFrontNginx
            ? ([
                ['/standup', 'GET'],
                ['/libs/app.js', 'GET'],
                ['/config.js', 'GET'],
              ] as const)
            : []),
        ] as const) {
          const { status } = await front.ask(target, {
            method,
            headers: { cookie: `${cookie}; other=1`, origin: ORIGIN },
          });
          assert.equal(status, 200, target);
        }
        assert.deepEqual(
          web.of().map(({ headers }) => headers['cookie'] ?? ''),
          web.of().map(() => ''),
        );
      });

    test('no text of a back end makes the proxy say the token that it holds', async () => {
      for (const target of [
        '/http-bind',
        '/physics/http-bind',
        '/conference-request/v1',
        '/_api/room-info',
      ]) {
        const sent = {
          method: target.includes('info') ? 'GET' : 'POST',
          headers: { cookie, origin: ORIGIN },
        };
        const { status, text } = await front.ask(`${target}?room=standup`, sent);
        assert.equal(status, 200, target);
        assert.match(text, new RegExp(REACHED));
        assert.doesNotMatch(text, /Bearer|eyJ/);
      }
    });

    test('who calls is whom the proxy sees, whatever they say of themselves [PROXY-07]', async () => {
      const made = '203.0.113.9';
      const headers = {
        cookie,
        origin: ORIGIN,
        'x-forwarded-for': made,
        forwarded: `for=${made}`,
        'x-real-ip': made,
      };
      assert.equal(
        (await front.ask(`/http-bind?room=calls-${front.port}`, { method: 'POST', headers })).status,
        200,
      );
      assert.equal((await front.ask('/vault', { headers })).status, 403);
      const [entry] = (await stage.parts.records.list({ person: 'sso#ada' })).filter(
        ({ room }) => room === `calls-${front.port}`,
      );
      assert.equal(entry?.address, '127.0.0.1');
      assert.equal(stage.lines.join('').includes(made), false);
    });

    if (start === startFrontNginx)
      test('a page is kept by nobody, whatever the web server behind says of it [PROXY-25]', async () => {
        const { headers } = await front.ask('/standup', { headers: { cookie } });
        assert.equal(headers['cache-control'], 'no-store');
      });

    test("a caller's own token or password goes on to nobody, where no token of ours takes its place either [PROXY-18]", async () => {
      web.forget();
      const targets = ['/standup', '/libs/app.js', '/config.js', '/', '/http-bind', '/external_api.js'];
      for (const authorization of ['Bearer MADE-UP', 'Basic TUFERS1VUA=='])
        for (const target of targets) await front.ask(target, { headers: { cookie, authorization } });
      assert.equal(web.of().length, 2 * targets.length);
      assert.deepEqual(
        web.of().filter(({ headers }) => /MADE-UP|TUFERS/.test(JSON.stringify(headers))),
        [],
      );
    });

    test('who is signed in is known by cookies in several lines too, as HTTP/2 has them', async () => {
      const two = `GET /standup HTTP/1.1\r\nHost: ${HOST}\r\nCookie: a=b\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`;
      assert.match(await front.raw(two), /^HTTP\/1\.1 200/);
    });

    if (start === startFrontNginx || start === startFrontHaproxy)
      test('a token in a query is taken out before the web server hears of it', async () => {
        web.forget();
        const headers = { cookie, origin: ORIGIN };
        for (const target of ['/http-bind', '/physics/http-bind'])
          await front.ask(`${target}?token=SECRET&room=standup&prefix=x`, { method: 'POST', headers });
        assert.deepEqual(
          web.of().map(({ target }) => target),
          ['/http-bind?room=standup', '/physics/http-bind?room=standup'],
        );
      });

    test('a page of another site sends nothing to what is served as a file [PROXY-16]', async () => {
      web.forget();
      const more = { Cookie: cookie, Origin: 'https://evil.example', 'Content-Length': '0' };
      for (const target of ['/libs/app.js', '/static/upload', '/physics/css/all.css', '/manifest.json'])
        assert.equal((await front.raw(bytes(target, more, 'POST'))).includes(REACHED), false, target);
      assert.deepEqual(web.of(), []);
    });

    test('an Ostiary that is away lets nobody through to anything', async () => {
      web.forget();
      const nowhere = await freePort();
      const away = { ...stage, ports: { inner: nowhere, public: nowhere } };
      const alone = await start({ behind: 'plain', stage: away, jitsi: web.origin });
      try {
        for (const target of [
          '/standup',
          '/libs/app.js',
          '/external_api.js',
          '/xmpp-websocket?room=standup&token=SECRET-TOKEN',
        ]) {
          const { status, text } = await alone.ask(target, { headers: { cookie, origin: ORIGIN } });
          assert.ok(status >= 500, `${target}: ${status}`);
          assert.equal(text.includes(REACHED), false);
        }
        assert.deepEqual(web.of(), []);
        assert.equal(alone.logs().includes('SECRET-TOKEN'), false);
      } finally {
        await alone.stop();
      }
    });

    test('a token in an address that nobody can read, or that leads nowhere, is written down by nobody [SEC-01]', async () => {
      const target = '/xmpp-websocket?room=standup&token=SECRET-TOKEN';
      const all = { Cookie: cookie, Origin: ORIGIN };
      for (const odd of [
        `GET ${target}\r\n`,
        `GET ${target} HTTP/9.9\r\nHost: ${HOST}\r\n\r\n`,
        `G\x01T ${target} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
        bytes(target, { Host: 'a b' }),
        bytes(target, { Host: 'evil.example' }),
        bytes(target, { 'No Header': 'x' }),
        bytes(target, { ...all, 'X-Long': 'x'.repeat(70_000) }),
        bytes(`${target}#token=SECRET-TOKEN`, all),
        bytes(`http://${HOST}${target}`, all),
        bytes(target, { ...all, Referer: `${ORIGIN}/standup?jwt=SECRET-TOKEN` }),
        bytes(target, { ...all, 'Content-Length': '99999999999' }, 'POST'),
        bytes(`/libs/${'%41'.repeat(9000)}?token=SECRET-TOKEN`, all),
      ])
        await saidAndGone(front.port, odd);
      assert.equal(front.logs().includes('SECRET-TOKEN'), false);
      assert.equal(stage.lines.join('').includes('SECRET-TOKEN'), false);
    });

    test('who shows a token where none belongs comes again without it, and gets the file', async () => {
      const answer = await front.ask('/libs/app.js?v=1&token=SECRET', { headers: { cookie, accept: '*/*' } });
      if (answer.status === 302)
        assert.equal(new URL(answer.headers.location ?? '', ORIGIN).href, `${ORIGIN}/libs/app.js?v=1`);
      else assert.match(answer.text, new RegExp(REACHED));
    });
  });

suite("behind nginx, as Jitsi's own web server", () => {
  let front: Front;
  before(async () => {
    front = await startFrontNginx({ behind: 'debian', stage, prosody: web.origin, others: web.origin });
  });
  after(() => front?.stop());

  /** Of Jitsi's files: how they are known, and which kinds of address may yield them. */
  const FILES: readonly (readonly [known: RegExp, kinds: readonly string[]])[] = [
    // Where one of the services is not there, its address yields the page, into which nothing is written then.
    [/<body>JITSI/, ['page', 'welcome', 'socket', 'asset']],
    [/var subdir = /, ['page', 'welcome', 'socket', 'asset', 'config']],
    [/^(?:APP|CSS|CLOSED|EMBED|WORKER|INTERFACE)$/, ['asset']],
    [/"token":"/, ['page']],
  ];

  /** What is wrong with what was served to somebody who is signed in. */
  function wrongIn(asked: string, answer: string): string | undefined {
    const own = asked.replace(/^http:\/\/[^/]*/, '');
    const surface = judged('GET', own);
    const served = FILES.filter(([known]) => known.test(answer));
    // A file is served by its name, however nginx came to it: no rule is asked about files.
    const isFile = served.every(([, kinds]) => kinds.includes('asset') && !kinds.includes('page'));
    if (served.length === 0 || isFile) return undefined;
    if (surface === undefined) return 'the gate serves no such address';
    if (surface.kind === 'page' && roomPath(surface.room).endsWith(`/${SHUT}`)) return 'a room that is shut';
    const odd = served.find(([, kinds]) => !kinds.includes(surface.kind));
    return odd && `${String(odd[0])} for a ${surface.kind}`;
  }

  /** What is wrong with what a back end was told. */
  function wrongBehind(reached: Reached, asked: string): string | undefined {
    const { target } = reached;
    const surface = judged('GET', asked.replace(/^http:\/\/[^/]*/, ''));
    if (surface === undefined || surface.kind === 'page') return 'nobody was asked about it';
    const query = new URLSearchParams(target.slice(pathOf(target).length + 1));
    const tenant = 'tenant' in surface ? (surface.tenant ?? '') : '';
    if (query.getAll('prefix').some((prefix) => prefix !== tenant)) return `a tenant that is not ${tenant}`;
    if (query.has('token') || query.has('jwt')) return 'a token went on';
    return roomShown(reached) === SHUT ? 'a token for a room that is shut' : undefined;
  }

  for (const [who, isStranger] of [
    ['a stranger', true],
    ['somebody who is signed in', false],
  ] as const)
    test(`whatever ${who} writes as an address, files and back ends are reached as they were judged [PROXY-11 PROXY-18]`, async () => {
      web.forget();
      const asked = fc.sample(targets, MANY);
      const wrong: string[] = [];
      const one = async (target: string, index: number) => {
        const answer = await front.raw(asking(target, index, isStranger));
        const [, body = ''] = answer.split('\r\n\r\n', 2);
        const strange = body === 'EMBED' ? undefined : FILES.find(([known]) => known.test(body))?.[0].source;
        const why = isStranger ? strange : wrongIn(target, body);
        if (why !== undefined) wrong.push(`${why}: ${target}`);
      };
      for (let at = 0; at < asked.length; at += AT_ONCE)
        await Promise.all(asked.slice(at, at + AT_ONCE).map((target, index) => one(target, at + index)));
      assert.deepEqual(wrong, []);
      if (isStranger) assert.deepEqual(web.of(), []);
      const behind = web
        .of()
        .filter(
          (reached) =>
            /[?&](?:token|jwt)=|prefix=[^&]*&(?:.*&)?prefix=/.test(reached.target) ||
            roomShown(reached) === SHUT,
        );
      assert.deepEqual(behind, []);
    });

  test('no text of a back end makes nginx say the token that it holds', async () => {
    for (const target of [
      '/http-bind',
      '/physics/http-bind',
      '/conference-request/v1',
      '/physics/_api/room-info',
    ]) {
      const sent = { method: target.includes('info') ? 'GET' : 'POST', headers: { cookie, origin: ORIGIN } };
      const { status, text } = await front.ask(`${target}?room=standup`, sent);
      assert.equal(status, 200, target);
      assert.match(text, new RegExp(REACHED));
      assert.doesNotMatch(text, /Bearer|eyJ/);
    }
  });

  test('a yes that is kept is for the cookie it was said of, and for nothing that looks like it [PROXY-25]', async () => {
    const [name = '', id = ''] = cookie.split('=');
    const file = (header?: string) =>
      front.ask('/css/all.css', {
        headers: { accept: '*/*', ...(header !== undefined && { cookie: header }) },
      });
    for (const header of [
      undefined,
      '',
      `${name}=`,
      `x${name}=${id}`,
      `x=${cookie}`,
      `${name.toLowerCase()}=${id}`,
      `${name}=${id}x`,
      `${name}=${id.slice(0, -1)}`,
      `${name}=${id},${name}=x`,
      `a="b;${cookie}"`,
      `${name}=made-up; ${cookie}`,
    ]) {
      assert.equal((await file(cookie)).status, 200);
      assert.equal((await file(header)).status, 401, header);
    }
  });

  test('a back end is told the room, the tenant and the token that were judged, whatever the address says beside', async () => {
    const odd = '&prefix=other&%70refix=x&token=SECRET&t%6fken=SECRET&jwt=SECRET';
    for (const target of [
      `/xmpp-websocket?room=standup${odd}`,
      `/Physics/xmpp-websocket?room=standup${odd}`,
      `/physics/http-bind?room=standup${odd}`,
      `/http-bind?${odd}&room=standup`,
      `/physics/conference-request/v1?room=standup${odd}`,
      `/_api/room-info?room=standup${odd}`,
      `http://${HOST}/physics/_api/room-info?room=standup${odd}`,
    ])
      for (const method of ['GET', 'POST']) {
        web.forget();
        const more = { Cookie: cookie, Origin: ORIGIN, 'Content-Length': '0' };
        await front.raw(bytes(target, more, method));
        const wrong = web.of().map((reached) => wrongBehind(reached, target));
        assert.deepEqual(
          wrong.filter((why) => why !== undefined),
          [],
          `${method} ${target}`,
        );
      }
  });
});

/** Says something and hears nothing: what comes until the other end is done is let go. */
async function saidAndGone(port: number, said: string): Promise<void> {
  const socket = connectTo(port, '127.0.0.1');
  // Who is refused in the middle of a long header may find the connection gone.
  socket.on('error', () => socket.destroy());
  const gone = new Promise<void>((done) => socket.once('close', () => done()));
  socket.resume().end(said, 'latin1');
  await gone;
}

/** Asks for a WebSocket over HTTP/2. Nothing, if the other end does not speak it. @see RFC 8441 */
async function extendedConnect(session: ClientHttp2Session, path: string): Promise<void> {
  const spoken = await Promise.race([
    once(session, 'remoteSettings').then(([settings]) => settings.enableConnectProtocol === true),
    once(session, 'close').then(() => false),
    once(session, 'error').then(() => false),
  ]).catch(() => false);
  if (!spoken) return;
  const asking = session.request({
    ...{
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'https',
      ':authority': HOST,
      ':path': path,
    },
    ...{ cookie, origin: ORIGIN, 'sec-websocket-version': '13' },
  });
  await once(asking, 'response');
}
