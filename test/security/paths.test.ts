/** What the gate takes an address for, held against what a real nginx with Jitsi's rules makes of the same bytes. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { isProblem } from '../../src/base/problem.ts';
import { countingRandom } from '../../src/base/random.ts';
import { type Surface, surfaceOf } from '../../src/gateway/surface.ts';
import { canonical } from '../../src/web/canonical.ts';
import { trustedProxies } from '../../src/web/origin.ts';
import { FLAVOURS, type JitsiNginx, type Served, startJitsiNginx } from '../support/real/jitsi-nginx.ts';

let nginx: JitsiNginx;

before(async () => {
  nginx = await startJitsiNginx();
});
after(() => nginx.stop());

const parts = { trusted: trustedProxies([]), random: countingRandom(), authorities: undefined };

/** What the gate would send on: its judgement of the path, or nothing where it refuses. */
function passed(path: string): Surface | undefined {
  try {
    const incoming = {
      httpVersion: '1.1',
      method: 'GET',
      url: path,
      headers: { host: 'meet.example.org' },
      rawHeaders: ['Host', 'meet.example.org'],
      socket: { remoteAddress: '203.0.113.9' },
    } as unknown as IncomingMessage;
    const surface = surfaceOf(canonical(incoming, 'id', parts).path);
    // Who is sent to another spelling is sent there by the gate itself.
    const stays = surface.kind !== 'unknown' && !(surface.kind === 'page' && surface.moved !== undefined);
    return stays ? surface : undefined;
  } catch (thrown) {
    assert.ok(isProblem(thrown) && /^(?:request|room|tenant)\./.test(thrown.code), String(thrown));
    return undefined;
  }
}

/** The tenant as nginx tells it, read as Prosody and the page read it. */
const tenantIn = (told: string) => decodeURIComponent(told).replace(/\/$/, '').toLowerCase();
const isFileAt = ({ by, uri }: Served, file: string) =>
  by === 'file' && (uri === decodeURIComponent(file) || uri === '/libs/external_api.min.js');

/** Is what nginx gave for it what the gate took it for? */
function isAsJudged(surface: Surface, served: Served): boolean {
  if (served.status >= 400) return served.by !== 'bosh' && served.by !== 'websocket';
  const isHarmless = ['page', 'file', 'config', 'service'].includes(served.by);
  switch (surface.kind) {
    case 'page':
      return served.by === 'page' && tenantIn(served.subdir) === (surface.room.tenant ?? '');
    case 'welcome':
      return served.uri === '/index.html';
    case 'config':
      return served.by === 'config' && tenantIn(served.subdir) === (surface.tenant ?? '');
    case 'bosh':
    case 'room-info':
      return served.by === surface.kind && tenantIn(served.prefix) === (surface.tenant ?? '');
    case 'xmpp-websocket':
      return served.by === 'websocket' && tenantIn(served.prefix) === (surface.tenant ?? '');
    case 'conference-request':
      // The containers know no such address, and serve a page that nothing is written into.
      return served.by === 'conference-request' || served.by === 'page';
    case 'asset':
      // Who is signed in may meet the page of a web server that lacks the folder; a stranger meets the file alone.
      return isFileAt(served, surface.file) || (surface.groups.length === 0 && isHarmless);
    case 'socket':
      return served.by === 'service' || (surface.groups.length === 0 && isHarmless);
    case 'unknown':
      return false;
  }
}

/** Sends what the gate lets through to both web servers; gives back what was not as it was judged, and what was seen. */
async function held(paths: readonly string[]): Promise<{ wrong: string[]; seen: Map<string, number> }> {
  const sent = [...new Set(paths)].flatMap((path) => {
    const surface = passed(path);
    return surface === undefined ? [] : [{ path, surface }];
  });
  const wrong: string[] = [];
  const seen = new Map<string, number>();
  for (const flavour of FLAVOURS) {
    const answers = await nginx.ask(
      flavour,
      sent.map(({ path }) => path),
    );
    for (const [index, { path, surface }] of sent.entries()) {
      const served = answers[index];
      assert.ok(served !== undefined);
      if (!isAsJudged(surface, served))
        wrong.push(`${flavour}: ${path} is ${JSON.stringify(surface)}, but nginx: ${JSON.stringify(served)}`);
      else if (served.status === 200) seen.set(surface.kind, (seen.get(surface.kind) ?? 0) + 1);
    }
  }
  return { wrong, seen };
}

const ASKED_FOR = [
  ...[
    '/',
    '/standup',
    '/Standup',
    '/acme/standup',
    '/Acme.EU/standup',
    '/gr%C3%B6%C3%9Fe%20eins',
    '/100%25',
    '/%28a%29',
  ],
  ...['/http-bind', '/acme/http-bind', '/Acme/xmpp-websocket', '/xmpp-websocket', '/_api/room-info'],
  ...[
    '/acme/_api/room-info',
    '/conference-request/v1',
    '/acme/conference-request/v1',
    '/config.js',
    '/acme/config.js',
  ],
  ...['/external_api.js', '/acme/external_api.js', '/libs/external_api.min.js', '/libs/app.bundle.min.js'],
  ...['/acme/libs/app.bundle.min.js', '/css/all.css', '/sounds/joined.wav', '/acme/lang/main-de.json'],
  ...['/static/close3.html', '/acme/static/dialInInfo.html', '/images/our%20logo.svg', '/manifest.json'],
  ...[
    '/acme/pwa-worker.js',
    '/interface_config.js',
    '/transcripts/notes.txt',
    '/_unlock',
    '/_api/public/logo.svg',
  ],
  ...['/.well-known/acme-challenge/TOKEN', '/.well-known/assetlinks.json', '/socket.io/', '/etherpad/'],
  ...['/etherpad/p/standup', '/rtcstats-ws/', '/rtc-visualizer/', '/colibri-ws/default-id/0123/4f5e'],
];

test('what people and their clients really ask for is served by both of Jitsi’s web servers as the gate took it', async () => {
  assert.deepEqual(
    ASKED_FOR.filter((path) => passed(path) === undefined),
    [],
  );
  const { wrong, seen } = await held(ASKED_FOR);
  assert.deepEqual(wrong, []);
  // Every one of them was really there: nothing was held to be right only because nginx refused it.
  assert.equal(
    [...seen.values()].reduce((sum, count) => sum + count, 0),
    ASKED_FOR.length * FLAVOURS.length,
  );
});

/** What is open, and what a caller may try to reach by its name. */
const OPEN = [
  '/.well-known/acme-challenge',
  '/libs',
  '/static',
  '/images',
  '/acme/libs',
  '/external_api.js',
  '/socket.io',
];
const SPELLINGS = [
  ...[
    '/../http-bind',
    '/%2e%2e/http-bind',
    '/%2E%2e/http-bind',
    '/.%2e/http-bind',
    '/..%2fhttp-bind',
    '/..%2Fhttp-bind',
  ],
  ...[
    '/..%5chttp-bind',
    '/..\\http-bind',
    '/./../http-bind',
    '/x/../../http-bind',
    '//http-bind',
    '///http-bind',
  ],
  ...[
    '/%2fhttp-bind',
    '%2f..%2fhttp-bind',
    '/;/http-bind',
    ';/http-bind',
    ';x=/../http-bind',
    '/..;/http-bind',
  ],
  ...[
    '/%00/http-bind',
    '%00/http-bind',
    '/x%00.css/http-bind',
    '/http-bind%00.css',
    '/http-bind.css',
    '/http-bind;.css',
  ],
  ...[
    '/http-bind%23.css',
    '/http-bind#.css',
    '/http-bind%3F.css',
    '/http-bind%3f.css',
    '/http-bind/.css',
    '/http-bind/x.css',
  ],
  ...['/HTTP-BIND', '/Http-Bind', '/http%2dbind', '/%68ttp-bind', '/%2568ttp-bind', '/%252e%252e/http-bind'],
  ...[
    '/%25%32%65%25%32%65/http-bind',
    '/%c0%ae%c0%ae/http-bind',
    '/%c0%af..%c0%afhttp-bind',
    '/%e0%80%ae%e0%80%ae/http-bind',
  ],
  ...[
    '/%uff0e%uff0e/http-bind',
    '/%EF%BC%8E%EF%BC%8E/http-bind',
    '/%EF%BC%8Fhttp-bind',
    '/%E2%80%AE/http-bind',
  ],
  ...[
    '/%0a/http-bind',
    '/%0d%0a/http-bind',
    '/x%0ahttp-bind',
    '/%20/http-bind',
    '/ /http-bind',
    '/%09http-bind',
  ],
  ...[
    '/http-bind%20',
    '/http-bind%0a',
    '/http-bind.',
    '/http-bind..',
    '/http-bind/',
    '/http-bind//',
    '/http-bind/..',
  ],
  ...[
    '/x/http-bind',
    '/x/y/http-bind',
    '/x/http-bindfoo',
    '/xmpp-websocket',
    '/x/xmpp-websocket.css',
    '/%78mpp-websocket',
  ],
  ...[
    '/_api/room-info',
    '/x/_api/room-info.css',
    '/%5fapi/room-info',
    '/conference-request/v1',
    '/x/conference-request/v1/',
  ],
  ...[
    '/config.js',
    '/x/config.js',
    '/config%2ejs',
    '/x/configXjs',
    '/interface_config.js',
    '/index.html',
    '/x/index.html',
  ],
];

test('no spelling below or beside an open address reaches anything that is not open, at either of Jitsi’s web servers [PROXY-11]', async () => {
  assert.ok(SPELLINGS.length >= 60);
  const paths = OPEN.flatMap((open) => SPELLINGS.map((spelling) => open + spelling));
  // What of these nginx itself takes for a back end: else the gate would be held against nothing.
  const bare = await nginx.ask(
    'packages',
    paths.filter((path) => /^[\x21-\x7e]+$/.test(path) && !/[#\\]|%(?![0-9A-Fa-f]{2})|%00/.test(path)),
  );
  assert.ok(bare.filter(({ by }) => by === 'bosh').length > 50);
  const { wrong } = await held(paths);
  assert.deepEqual(wrong, []);
  const open = paths
    .map((path) => passed(path))
    .filter((surface) => surface !== undefined && 'groups' in surface);
  for (const surface of open) assert.ok(surface?.kind === 'asset', JSON.stringify(surface));
});

const NAMES = [
  ...['http-bind', 'xmpp-websocket', 'conference-request', 'v1', '_api', 'room-info', 'public', 'config.js'],
  ...[
    'libs',
    'static',
    'images',
    'external_api.js',
    '.well-known',
    'acme-challenge',
    'etherpad',
    'colibri-ws',
  ],
  ...[
    'default-id',
    'socket.io',
    'transcripts',
    '_load-test',
    'colibri-relay-ws',
    '_unlock',
    'manifest.json',
    'metrics',
  ],
  ...[
    'index.html',
    'app.bundle.min.js',
    'logo.svg',
    'acme',
    'Acme',
    'standup',
    'TOKEN',
    'rtcstats-ws',
    'connection_optimization',
    'favicon.ico',
    'robots.txt',
  ],
];

/** One letter written in another way: as an escape, as an escape of an escape, in the other case, or a look-alike. */
const TRICKS: readonly ((letter: string) => string)[] = [
  (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  (letter) => `%25${letter.charCodeAt(0).toString(16)}`,
  (letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()),
  (letter) => encodeURIComponent(String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  (letter) => `${letter}%CC%81`,
  (letter) => `%c${letter.charCodeAt(0) >> 6}%${(0x80 | (letter.charCodeAt(0) & 0x3f)).toString(16)}`,
];
const TAILS = [
  ';',
  ';x=1',
  '.',
  '..',
  '%20',
  '%0A',
  '%23',
  '%3F',
  '%3a',
  '%26',
  '%22',
  "'",
  '!',
  '~',
  'foo',
  '.css',
  '%00',
  '/',
];

const named = fc.constantFrom(...NAMES);
const spelt = fc.tuple(named, fc.nat(), fc.constantFrom(...TRICKS)).map(([name, at, trick]) => {
  const index = at % name.length;
  return name.slice(0, index) + trick(name[index] ?? '') + name.slice(index + 1);
});
const tailed = fc.tuple(fc.oneof(named, spelt), fc.constantFrom(...TAILS)).map((both) => both.join(''));
const headed = fc.tuple(fc.constantFrom(...TAILS), named).map((both) => both.join(''));
const free = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 6 })
  .map((text) => encodeURIComponent(text.toWellFormed()));
const long = fc.tuple(named, fc.constantFrom(300, 2000)).map(([name, times]) => name + 'x'.repeat(times));
const segment = fc.oneof(
  { weight: 12, arbitrary: named },
  { weight: 4, arbitrary: spelt },
  { weight: 4, arbitrary: tailed },
  { weight: 1, arbitrary: headed },
  { weight: 2, arbitrary: free },
  { weight: 1, arbitrary: fc.constantFrom('..', '.', '', '%2e%2e', '%2E', '...') },
  { weight: 1, arbitrary: long },
);
const made = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
/** What somebody really asks for, with one letter or a few otherwise, or a segment more. */
const bent = fc
  .tuple(
    fc.constantFrom(...ASKED_FOR),
    fc.nat(),
    fc.nat(),
    fc.oneof(segment, fc.constantFrom(...TAILS), fc.constantFrom(...TRICKS)),
  )
  .map(([path, from, length, by]) => {
    const at = 1 + (from % path.length);
    if (typeof by === 'function') return path.slice(0, at) + by(path[at] ?? 'x') + path.slice(at + 1);
    return path.slice(0, at) + by + (length % 2 === 0 ? '/' : '') + path.slice(at + (length % 3));
  });
const address = fc.oneof(made, bent);

test('of many thousand addresses, whatever the gate lets through is served as what the gate took it for, to the same tenant', async () => {
  const { wrong, seen } = await held([...ASKED_FOR, ...fc.sample(address, 60_000)]);
  assert.deepEqual(wrong.slice(0, 20), []);
  for (const kind of [
    'page',
    'bosh',
    'xmpp-websocket',
    'conference-request',
    'room-info',
    'config',
    'asset',
    'socket',
  ])
    assert.ok((seen.get(kind) ?? 0) > 5, `${kind}: ${seen.get(kind)}`);
});
