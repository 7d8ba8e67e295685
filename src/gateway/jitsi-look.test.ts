import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEBIAN_CONFIG_JS } from '../../test/support/config-js.ts';
import { type FixedClock, fixedClock } from '../base/clock.ts';
import { type Log, type LogFacts, silentLog } from '../base/log.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { type AskJitsi, createJitsiLook } from './jitsi-look.ts';

const about = {
  publicUrl: 'https://meet.example.org',
  origins: ['https://meet.example.org'],
  prefix: '/_ostiary',
  xmppDomain: 'meet.example.org',
};

/** A page as Jitsi's packages make it. */
const pageOf = (build: number) =>
  `<html><head><script src="libs/lib-jitsi-meet.min.js?v=${build}"></script><script src="libs/app.bundle.min.js?v=${build}"></script></head></html>`;

/** What Prosody says to who tries to sign in. */
const refused = (text: string) =>
  `<body sid='x'><failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-allowed/><text>${text}</text></failure></body>`;

/** A Jitsi by its files; what is no text is a status. */
type Files = Record<string, string | number | Problem>;

/** Behind a look: a Jitsi that somebody may take away, and what it was asked. */
function jitsi(files: Files): { files: Files; asked: string[]; ask: AskJitsi } {
  const asked: string[] = [];
  const behind: ReturnType<typeof jitsi> = {
    files,
    asked,
    ask: async ({ method, path, body }) => {
      asked.push(`${method} ${path}`);
      const text = new TextDecoder().decode(body ?? new Uint8Array());
      const found: Files[string] =
        behind.files[path === '/http-bind' && text.includes('<auth') ? 'auth' : path] ?? 404;
      if (found instanceof Problem) throw found;
      return typeof found === 'number'
        ? { status: found, body: new Uint8Array() }
        : { status: 200, body: new TextEncoder().encode(found) };
    },
  };
  return behind;
}

const JITSI: Files = {
  '/': pageOf(8726),
  '/config.js': DEBIAN_CONFIG_JS,
  '/http-bind': "<body sid='a-1'/>",
  auth: refused('Invalid token'),
};

function lookAt(
  ask: AskJitsi,
  {
    said = {},
    clock = fixedClock(),
    log = silentLog,
  }: { said?: { carry?: 'query'; clientBefore?: string }; clock?: FixedClock; log?: Log } = {},
) {
  return createJitsiLook({ ask, xmppTo: 'web', about, said: { carry: 'header', ...said }, clock, log });
}

async function found(files: Files, said: { carry?: 'query'; clientBefore?: string } = {}): Promise<string[]> {
  const { findings } = await lookAt(jitsi({ ...JITSI, ...files }).ask, { said }).look();
  return findings.map(({ path, wrong, mayBe }) => `${mayBe === true ? 'perhaps ' : ''}${path} ${wrong}`);
}

test('a Jitsi of our days that was set up for us has nothing wrong with it', async () => {
  assert.deepEqual(await found({}), []);
});

for (const [what, files, version] of [
  ['a page of 2026', { '/static/sso.html': '<html></html>' }, 'build 8726, of 23 February 2026 or later'],
  ['a build of 2025', {}, 'build 8726, of summer 2024 or later'],
  [
    'a build of 2023',
    { '/': pageOf(7531), '/static/authError.html': '<html></html>' },
    'build 7531, older than May 2024',
  ],
  [
    'a build in between, with a page that went in May 2024',
    { '/': pageOf(7900), '/static/authError.html': '<html></html>' },
    'build 7900, older than May 2024',
  ],
  ['a build in between, without', { '/': pageOf(7900) }, 'build 7900, of May 2024 or later'],
  ['a build of somebody’s own', { '/': pageOf(139) }, 'a build without a number, of May 2024 or later'],
  [
    'a web server that has a page for everything',
    { '/': pageOf(139), '/static/authError.html': pageOf(139), '/static/sso.html': pageOf(139) },
    'a build without a number, of a time we cannot tell',
  ],
] as const)
  test(`${what} tells its time`, async () => {
    assert.equal((await lookAt(jitsi({ ...JITSI, ...files }).ask).look()).version, version);
  });

test('a client that reads no fragment is wrong, and one that does not show it is said to be so', async () => {
  const old = { '/': pageOf(7531) };
  assert.match((await found(old)).join(), /^web client .* reads no token from the fragment/);
  assert.deepEqual(await found(old, { clientBefore: '2024-05' }), []);
  assert.match((await found({ '/': pageOf(7900) })).join(), /^perhaps web client .* does not show whether/);
  assert.match(
    (await found({}, { clientBefore: '2024-01' })).join(),
    /^perhaps web client .* is newer than jitsi\.clientBefore/,
  );
});

test('plugins that read no header are wrong, unless the token goes in the query', async () => {
  const old = { auth: refused('token required') };
  assert.match((await found(old)).join(), /^Prosody reads no token from a header/);
  assert.deepEqual(await found(old, { carry: 'query' }), []);
  assert.match((await found({}, { carry: 'query' })).join(), /^perhaps Prosody reads tokens from a header/);
});

test('a Prosody that lets everybody in is wrong whatever it reads', async () => {
  assert.match((await found({ auth: '<body><success/></body>' })).join(), /^Prosody let somebody in/);
});

for (const [what, files] of [
  ['answers nothing', { '/http-bind': 404 }],
  ['has gone', { '/http-bind': new Problem('upstream.unreachable') }],
  ['refuses without a word', { auth: '<body><failure><not-authorized/></failure></body>' }],
  ['talks of something else', { auth: '<body type="terminate"/>' }],
] as const)
  test(`where Prosody ${what} nothing is guessed`, async () => {
    assert.match((await found(files)).join(), /^perhaps Prosody does not show/);
  });

test('a stream that was begun is ended, and the token is none', async () => {
  const behind = jitsi(JITSI);
  const said: string[] = [];
  const look = lookAt((ask, most) => {
    if (ask.method === 'POST') said.push(new TextDecoder().decode(ask.body));
    assert.ok(!ask.headers.join().includes('eyJ'));
    return behind.ask(ask, most);
  });
  await look.look();
  assert.match(said.at(-1) ?? '', /sid="a-1" type="terminate"/);
});

test('who is not there is one finding, with the reason', async () => {
  const gone = new Problem('upstream.unreachable', { why: 'ECONNREFUSED' });
  assert.deepEqual(await found({ '/': gone }), [
    'upstream.url does not answer (upstream.unreachable, ECONNREFUSED)',
  ]);
});

test('where we are asked ourselves that is the one finding, and nothing else is asked in a circle', async () => {
  const type = 'urn:ostiary:problem:session.required';
  const behind = jitsi({ ...JITSI, '/': JSON.stringify({ type, code: 'session.required' }) });
  const { findings } = await lookAt(behind.ask).look();
  assert.deepEqual(
    findings.map(({ path, wrong }) => `${path} ${wrong}`),
    ['upstream.url leads back to us: whoever signs in goes round in circles'],
  );
  assert.deepEqual(behind.asked, ['GET /']);
});

for (const [what, file, why] of [
  ['no script', '<html>', 'upstream.unusable, syntax'],
  ['not there', 404, 'upstream.unusable, 404'],
  ['to be found elsewhere', 302, 'upstream.unusable, 302'],
] as const)
  test(`a config.js that is ${what} is told`, async () => {
    assert.deepEqual(await found({ '/config.js': file }), [`config.js cannot be read (${why})`]);
  });

test('where the settings are refused as a bad request, it asks whether TLS is spoken there', async () => {
  const rightOf = async (status: number) =>
    (await lookAt(jitsi({ ...JITSI, '/config.js': status }).ask).look()).findings.find(
      ({ path }) => path === 'config.js',
    )?.right;
  assert.match((await rightOf(400)) ?? '', /https:/);
  assert.doesNotMatch((await rightOf(404)) ?? '', /https:/);
});

test('one file serves every tenant somebody makes up, and is fetched once a minute', async () => {
  const clock = fixedClock();
  const behind = jitsi(JITSI);
  const look = lookAt(behind.ask, { clock });
  const scripts = await Promise.all(Array.from({ length: 50 }, () => look.configJs()));
  for (const [at, script] of scripts.entries()) script.values(`made-up-${at}`);
  clock.advance(59);
  await look.configJs();
  assert.deepEqual(behind.asked, ['GET /config.js']);
  clock.advance(2);
  await look.configJs();
  assert.equal(behind.asked.length, 2);
});

test('a file that cannot be had is not asked for again by everybody, and is had as soon as it is there', async () => {
  const clock = fixedClock();
  const behind = jitsi({ '/config.js': 502 });
  const look = lookAt(behind.ask, { clock });
  for (let tries = 0; tries < 20; tries += 1)
    await assert.rejects(look.configJs(), (thrown) => isProblem(thrown, 'upstream.unusable'));
  assert.equal(behind.asked.length, 1);
  behind.files = JITSI;
  clock.advance(6);
  assert.equal((await look.configJs()).values().hosts.domain, 'meet.example.org');
});

test('while Jitsi is away its last config.js is served', async () => {
  const clock = fixedClock();
  const behind = jitsi(JITSI);
  const look = lookAt(behind.ask, { clock });
  await look.configJs();
  behind.files = { '/config.js': new Problem('upstream.unreachable') };
  for (let minute = 0; minute < 3; minute += 1) {
    clock.advance(61);
    assert.equal((await look.configJs()).values().hosts.domain, 'meet.example.org');
  }
});

test('a look is kept for ten minutes, and its findings are logged once', async () => {
  const clock = fixedClock();
  const told: (readonly [string, LogFacts | undefined])[] = [];
  const tell = (event: string, facts?: LogFacts) => void told.push([event, facts]);
  const behind = jitsi({ ...JITSI, '/': pageOf(7531) });
  const look = lookAt(behind.ask, { clock, log: { ...silentLog, info: tell, warn: tell } });
  assert.equal(look.latest(), undefined);
  await look.look();
  const asked = behind.asked.length;
  assert.match(look.latest()?.version ?? '', /7531/);
  assert.equal(behind.asked.length, asked);
  clock.advance(601);
  look.latest();
  await look.look();
  assert.ok(behind.asked.length > asked);
  assert.deepEqual(
    told.map(([event]) => event),
    ['jitsi-seen', 'jitsi-finding'],
  );
});
