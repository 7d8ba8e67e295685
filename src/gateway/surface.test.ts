/** Which part of Jitsi an address leads to, as its users write it and as an attacker would. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProblem } from '../base/problem.ts';
import { OPEN_GROUPS, type OpenGroup, rememberingFiles, type Surface, surfaceOf } from './surface.ts';

/** In one word: the kind, what it is about, and the switches that open it. */
function told(surface: Surface): string {
  switch (surface.kind) {
    case 'page': {
      const { room, moved } = surface;
      const name = room.tenant === undefined ? room.name : `${room.tenant}/${room.name}`;
      return moved === undefined ? `page ${name}` : `page ${name} → ${moved}`;
    }
    case 'asset':
      return ['asset', surface.file, ...surface.groups].join(' ');
    case 'socket':
      return ['socket', ...surface.groups].join(' ');
    case 'welcome':
    case 'unknown':
      return surface.kind;
    default:
      return surface.tenant === undefined ? surface.kind : `${surface.kind} of ${surface.tenant}`;
  }
}

for (const [path, expected] of [
  ['/', 'welcome'],
  ['/standup', 'page standup'],
  ['/room', 'page room'],
  ['/acme/sessions', 'page acme/sessions'],
  ['/Standup', 'page standup'],
  ['/Acme/Standup', 'page acme/standup'],
  ['/acme.eu/Standup', 'page acme.eu/standup'],
  ['/Gr%C3%B6%C3%9Fe%20Eins', 'page größe eins'],
  ['/100%25', 'page 100%'],
  ['/%28a%29', 'page (a)'],
  ['/notes.css', 'page notes.css'],
  ['/http-bind', 'bosh'],
  ['/acme/http-bind', 'bosh of acme'],
  ['/Acme/xmpp-websocket', 'xmpp-websocket of acme'],
  ['/xmpp-websocket', 'xmpp-websocket'],
  ['/conference-request/v1', 'conference-request'],
  ['/acme/conference-request/v1', 'conference-request of acme'],
  ['/_api/room-info', 'room-info'],
  ['/acme/_api/room-info', 'room-info of acme'],
  ['/config.js', 'config'],
  ['/acme/config.js', 'config of acme'],
  ['/external_api.js', 'asset /external_api.js embed'],
  ['/acme/external_api.js', 'asset /external_api.js embed'],
  ['/libs/external_api.min.js', 'asset /libs/external_api.min.js embed assets dialIn'],
  ['/libs/app.bundle.min.js', 'asset /libs/app.bundle.min.js assets dialIn'],
  ['/acme/libs/app.bundle.min.js', 'asset /libs/app.bundle.min.js assets dialIn'],
  ['/sounds/joined.wav', 'asset /sounds/joined.wav assets'],
  ['/static/close3.html', 'asset /static/close3.html'],
  ['/acme/static/close3.html', 'asset /static/close3.html'],
  ['/static/close3.js', 'asset /static/close3.js assets'],
  ['/static/dialInInfo.html', 'asset /static/dialInInfo.html dialIn'],
  ['/images/our%20logo.svg', 'asset /images/our%20logo.svg'],
  ['/images/gr%C3%B6%C3%9Fe.svg', 'asset /images/gr%C3%B6%C3%9Fe.svg'],
  ['/manifest.json', 'asset /manifest.json assets'],
  ['/acme/pwa-worker.js', 'asset /pwa-worker.js assets'],
  ['/interface_config.js', 'asset /interface_config.js'],
  ['/transcripts/meeting.txt', 'asset /transcripts/meeting.txt'],
  ['/_unlock', 'asset /_unlock'],
  ['/_api/public/logo.svg', 'asset /_api/public/logo.svg'],
  ['/.well-known/acme-challenge/Abc-_9', 'asset /.well-known/acme-challenge/Abc-_9 acme'],
  ['/.well-known/assetlinks.json', 'asset /.well-known/assetlinks.json apps'],
  ['/.well-known/security.txt', 'asset /.well-known/security.txt'],
  ['/.well-known/acme-challenge/x.y', 'asset /.well-known/acme-challenge/x.y'],
  ['/socket.io/', 'socket whiteboard'],
  ['/etherpad/', 'socket'],
  ['/etherpad/p/standup', 'socket'],
  ['/rtcstats-ws/', 'socket'],
  ['/rtc-visualizer/', 'socket'],
  ['/colibri-ws/default-id/0123abcd/4f5e', 'socket'],
] as const)
  test(`the address ${path} leads to ${expected}`, () => assert.equal(told(surfaceOf(path)), expected));

for (const path of [
  '/about/health',
  '/about/version',
  '/colibri/stats',
  '/colibri-relay-ws/jvb/x',
  '/debug/stats',
  '/_load-test/room',
  '/acme/_load-test/room',
  '/_load-test/libs/x.js',
  '/a/b/c/http-bind',
  '/a/b/http-bind',
  '/http-bind/http-bind',
  '/libs/http-bind',
  '/acme/libs/http-bind',
  '/transcripts/x/http-bindfoo',
  '/etherpad/x/xmpp-websocket',
  '/etherpad/x/Metrics',
  '/colibri-ws/x/http-bind/y',
  '/colibri-ws/x/y',
  '/socket.io/x',
  '/rtcstats-ws/x',
  '/acme/socket.io/',
  '/acme/etherpad/p/x',
  '/conference-request/v1/x',
  '/conference-request/v2',
  '/acme/conference-request/v1/x',
  '/_api/room-info/x',
  '/_api/public',
  '/_api/public/',
  '/_api/x/room-info',
  '/acme/_api/public/x',
  '/acme/.well-known/acme-challenge/x',
  '/.well-known/acme-challenge/',
  '/.well-known/.git/config',
  '/libs/',
  '/libs/.hidden',
  '/libs/a;b.js',
  '/libs/a%3Fb.js',
  '/libs/a%0Ab.js',
  '/libs/a%25b.js',
  '/libs/a%FFb.js',
  '/a/b/c',
  `/libs/${'x'.repeat(1100)}`,
])
  test(`the address ${path.slice(0, 40)} leads nowhere`, () =>
    assert.equal(told(surfaceOf(path)), 'unknown'));

for (const path of [
  '/metrics',
  '/acme/metrics',
  '/debug',
  '/room-size',
  '/acme/room-size',
  '/room-census',
  '/turn-credentials',
  '/kick-participant',
  '/end-meeting',
  '/invite-jigasi',
  '/send-system-chat-message',
  '/HTTP-BIND',
  '/%68ttp-bind',
  '/acme/http-bindfoo',
  '/acme/http-bind%20',
  '/http!-bind',
  '/xmpp-websocket;x',
  '/%EF%BD%88ttp-bind',
  '/acme/config-js',
  '/%63onfig.js',
  '/index.html',
  '/static',
  '/etherpad',
  '/LIBS/x.js',
  '/%6cibs/x.js',
  '/a%0Ahttp-bind',
  '/a&b',
  "/it's",
  '/a:b',
  '/a%26b',
  '/a%3Fb',
  '/a%FF',
  '/acme/',
  '/acme!/x',
  '/%EF%BC%A1cme/http-bind',
  '/%61cme/http-bind',
  '/-a/http-bind',
  '/vpaas-magic-cookie-1/config.js',
])
  test(`nobody gets anything at ${path}, and is told that this is no room`, () => {
    let surface: Surface | undefined;
    try {
      surface = surfaceOf(path);
    } catch (thrown) {
      assert.ok(isProblem(thrown) && /^(?:room|tenant)\./.test(thrown.code), String(thrown));
    }
    assert.ok(surface === undefined || surface.kind === 'unknown', JSON.stringify(surface));
  });

for (const [path, moved] of [
  ['/foo!bar', '/foobar'],
  ['/Foo!Bar', '/foobar'],
  ['/a+b', '/ab'],
  ['/%EF%AC%81sh', '/fish'],
  ['/%EF%BC%A6ull', '/full'],
  ['/acme/a;b', '/acme/ab'],
  ['/%61cme/standup', '/acme/standup'],
  ['/%EF%BC%A1cme/standup', '/acme/standup'],
] as const)
  test(`who comes by ${path} is sent to ${moved} once, where address and token agree`, () => {
    const surface = surfaceOf(path);
    assert.equal(surface.kind === 'page' ? surface.moved : surface.kind, moved);
    const there = surfaceOf(moved);
    assert.equal(there.kind === 'page' ? there.moved : there.kind, undefined);
  });

const WORDS = [
  ...['http-bind', 'xmpp-websocket', 'conference-request', 'v1', '_api', 'room-info', 'config.js', 'libs'],
  ...['static', 'external_api.js', '.well-known', 'acme-challenge', 'etherpad', 'colibri-ws', 'metrics'],
  ...['acme', 'standup', 'transcripts', 'x', ''],
];
const piece = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.constantFrom(
    '%20',
    '%C3%A9',
    '%2568',
    '%EF%BC%A1',
    '%E2%84%AA',
    '%CC%81',
    '%0A',
    ';x',
    '!',
    '.',
    '-',
    'A',
    '%41',
  ),
  fc
    .string({ unit: 'grapheme', maxLength: 4 })
    .filter((text) => text.isWellFormed())
    .map(encodeURIComponent),
);
const segment = fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));
const address = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);

/** What the function says, or nothing where it throws a problem of the room's or the tenant's name. */
function known(path: string): Surface | undefined {
  try {
    return surfaceOf(path);
  } catch (thrown) {
    assert.ok(isProblem(thrown) && /^(?:room|tenant)\./.test(thrown.code), String(thrown));
    return undefined;
  }
}

test('whoever was sent to another spelling of a room is at the same room there, and is sent nowhere again', () => {
  fc.assert(
    fc.property(address, (path) => {
      const surface = known(path);
      if (surface?.kind !== 'page' || surface.moved === undefined) return;
      assert.deepEqual(known(surface.moved), { kind: 'page', room: surface.room });
    }),
    { numRuns: 20_000 },
  );
});

test('a back end is reached by its plain address alone, and by no other kind of address', () => {
  fc.assert(
    fc.property(address, (path) => {
      const surface = known(path);
      if (surface === undefined) return;
      const isBackEnd = ['bosh', 'xmpp-websocket', 'conference-request', 'room-info'].includes(surface.kind);
      const isPlain =
        /^\/(?:[A-Za-z0-9._-]+\/)?(?:http-bind|xmpp-websocket|conference-request\/v1|_api\/room-info)$/.test(
          path,
        );
      assert.equal(isBackEnd, isPlain && surface.kind !== 'unknown', `${path} ${surface.kind}`);
      if (!isBackEnd && surface.kind !== 'unknown')
        assert.doesNotMatch(
          decodeURIComponent(path),
          /\/(?:http-bind|xmpp-websocket|conference-request\/v1|_api\/room-info)/,
        );
    }),
    { numRuns: 20_000 },
  );
});

test('what a page is called is what stands in its address once it is decoded, in lower case', () => {
  fc.assert(
    fc.property(address, (path) => {
      const surface = known(path);
      if (surface?.kind !== 'page' || surface.moved !== undefined) return;
      const { tenant, name } = surface.room;
      assert.equal(
        decodeURIComponent(path).toLowerCase(),
        tenant === undefined ? `/${name}` : `/${tenant}/${name}`,
      );
    }),
    { numRuns: 20_000 },
  );
});

test('every switch says which addresses it opens, and each of them is really opened by it', () => {
  for (const [group, { paths, reads }] of Object.entries(OPEN_GROUPS)) {
    assert.match(reads, /^[A-Z].*[.]$/);
    for (const path of paths)
      for (const tenant of path.includes('[tenant/]') ? ['', 'acme/'] : ['']) {
        const surface = surfaceOf(
          path.replace('[tenant/]', tenant).replace('…', 'a.b').replace('TOKEN', 'abc'),
        );
        const groups: readonly OpenGroup[] =
          surface.kind === 'config' ? ['apps'] : 'groups' in surface ? surface.groups : [];
        assert.ok(groups.includes(group as OpenGroup), `${group} ${path}`);
      }
  }
});

test('a file that was asked for before leads where it led, whatever was asked for in between', () => {
  const reach = rememberingFiles(surfaceOf, ({ kind }) => kind === 'asset');
  for (let at = 0; at < 3000; at += 1) {
    const path = `/libs/${at % 1500}.js`;
    assert.deepEqual(reach(path), surfaceOf(path));
  }
  fc.assert(
    fc.property(fc.array(address, { minLength: 1, maxLength: 20 }), (paths) => {
      for (const path of [...paths, ...paths]) assert.equal(judged(reach, path), judged(surfaceOf, path));
    }),
  );
});

function judged(reach: (path: string) => Surface, path: string): string {
  try {
    return JSON.stringify(reach(path));
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return thrown.code;
  }
}
