/** A Jitsi that is away, slow, broken or hostile, a provider and a store that are gone: what people see of it, and what goes on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { createFickleStore, type FickleStore } from '../support/fickle-store.ts';
import {
  type GatewayStage,
  gatewayStageFor,
  requestBytes,
  XMPP_HANDSHAKE,
} from '../support/gateway-stage.ts';
import { rightAnswer, type Say, sayRight, startRawUpstream } from '../support/raw-upstream.ts';
import { ORIGIN, PREFIX, XMPP_DOMAIN } from '../support/server-stage.ts';

const NAVIGATION = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const FETCH = { accept: '*/*', 'sec-fetch-mode': 'no-cors' };
const SLOW = { config: { upstream: { timeout: '1s' } } };

/** Turns of the loop, until something is so. */
async function eventually(what: () => boolean): Promise<void> {
  for (let turns = 0; turns < 200_000 && !what(); turns += 1) await turn();
  assert.ok(what(), what.toString());
}

/** A page, a file and a request for somebody in a room: each by what it is answered with. */
async function three({ ada }: GatewayStage) {
  const page = await ada.get('/standup', NAVIGATION);
  const file = await ada.get('/libs/app.js', FETCH);
  const request = await ada.post('/conference-request/v1?room=standup', {}, { ...FETCH, origin: ORIGIN });
  return { page, file, request };
}

/** All of them say what is the matter: people in a page of ours, everything else in JSON. Nobody is led in a circle. */
async function assertTold(on: GatewayStage, code: string, status: number): Promise<void> {
  const { page, file, request } = await three(on);
  assert.equal(page.status, status);
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(page.text, /<h1/);
  for (const answer of [file, request]) {
    assert.equal(answer.status, status);
    assert.equal(JSON.parse(answer.text).code, code);
  }
  for (const answer of [page, file, request]) {
    assert.equal(answer.headers.get('x-ostiary-verdict'), code);
    assert.equal(answer.headers.get('location'), null);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.deepEqual(answer.cookies, []);
  }
}

async function assertWell(on: GatewayStage): Promise<void> {
  const { page, file, request } = await three(on);
  assert.deepEqual([page.status, file.status, request.status], [200, 200, 200]);
}

test('while Jitsi is down everybody hears so, nobody is let in or sent round in circles, and it is back without a restart [FAIL-09]', async (t) => {
  const on = await gatewayStageFor(t);
  await assertWell(on);
  await on.upstream.close();
  await assertTold(on, 'upstream.unreachable', 502);
  const stranger = await on.stage.ask('/standup', { headers: NAVIGATION });
  assert.match(stranger.headers.get('location') ?? '', /^\/_ostiary\/sign-in\?/);
  assert.ok(await on.ada.isSignedIn());
  const again = await startRawUpstream(sayRight, on.upstream.port);
  t.after(() => again.close());
  await assertWell(on);
});

test('a Jitsi that says nothing for too long is too slow, and is let go of [FAIL-09]', async (t) => {
  const on = await gatewayStageFor(t, SLOW);
  await on.ada.get('/warm-up', NAVIGATION);
  const silent = new Set<Socket>();
  on.upstream.say = (_, socket) => {
    silent.add(socket);
    return undefined;
  };
  await assertTold(on, 'upstream.slow', 504);
  await eventually(() => [...silent].every((socket) => !on.upstream.open.has(socket)));
  on.upstream.say = sayRight;
  await assertWell(on);
});

test('a Jitsi that begins its headers and never ends them is too slow [FAIL-09]', async (t) => {
  const on = await gatewayStageFor(t, SLOW);
  await on.ada.get('/warm-up', NAVIGATION);
  on.upstream.say = () => 'HTTP/1.1 200 OK\r\nContent-Type: text/h';
  await assertTold(on, 'upstream.slow', 504);
});

test('a Jitsi that is restarted closes what it kept, and nobody notices [FAIL-09]', async (t) => {
  const on = await gatewayStageFor(t);
  await assertWell(on);
  let { upstream } = on;
  for (let round = 0; round < 5; round += 1) {
    await upstream.close();
    upstream = await startRawUpstream(sayRight, on.upstream.port);
    await assertWell(on);
  }
  await upstream.close();
});

test('an answer that dies in the middle is broken off for the caller too, and is no whole one [FAIL-09]', async (t) => {
  const on = await gatewayStageFor(t);
  on.upstream.say = (_, socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nhalf');
    return undefined;
  };
  const said = await on.stage.raw(
    requestBytes('GET /libs/app.js', [`Cookie: ${on.ada.cookieHeader()}`], { close: false }),
  );
  assert.match(said, /^HTTP\/1\.1 200 [\s\S]*\r\nContent-Length: 1000\r\n[\s\S]*\r\n\r\nhalf$/);
  // The page is read whole before a word of it is said.
  const page = await on.ada.get('/standup', NAVIGATION);
  assert.deepEqual([page.status, page.text.includes('half')], [502, false]);
  on.upstream.say = sayRight;
  await assertWell(on);
});

/** A frame of a client, masked with nothing. */
function frame(opcode: number, text = ''): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}
const OPEN = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='${XMPP_DOMAIN}' version='1.0'/>`;

/** A connection to a room, past its opening. */
async function joined(t: TestContext, on: GatewayStage): Promise<Socket> {
  const socket = connect(on.stage.ports.public, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  const headers = [`Cookie: ${on.ada.cookieHeader()}`, ...XMPP_HANDSHAKE, 'Connection: Upgrade'];
  socket.write(requestBytes('GET /xmpp-websocket?room=standup', headers, { close: false }));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  assert.match(bytes.toString('latin1'), /^HTTP\/1\.1 101 /);
  const { received } = on.upstream;
  socket.write(frame(1, OPEN));
  await eventually(() => on.upstream.received > received);
  return socket;
}

test('a provider that is down ends no running connection and lets on who was there, hour after hour [FAIL-09]', async (t) => {
  const on = await gatewayStageFor(t);
  const socket = await joined(t, on);
  on.stage.op.bend.hangsUp = true;
  for (let minutes = 0; minutes < 4 * 60; minutes += 2) {
    on.stage.clock.advance(120);
    // Somebody speaks, so that nobody takes them for gone: a ping.
    const { received } = on.upstream;
    socket.write(frame(9));
    await eventually(() => on.upstream.received > received);
    await on.stage.parts.sockets.tick();
  }
  assert.equal((await on.ada.get('/libs/app.js', FETCH)).status, 200);
  assert.deepEqual([socket.destroyed, socket.readableEnded], [false, false]);
});

async function withStore(t: TestContext): Promise<GatewayStage & { fickle: FickleStore }> {
  let fickle: FickleStore | undefined;
  const on = await gatewayStageFor(t, {
    store: (clock) => {
      fickle = createFickleStore(clock);
      return fickle.store;
    },
  });
  assert.ok(fickle !== undefined);
  return { ...on, fickle };
}

for (const mood of ['gone', 'bug'] as const)
  test(`with a store that is ${mood} nothing new is let through, what runs goes on, and it is back without a restart [FAIL-09]`, async (t) => {
    const on = await withStore(t);
    await assertWell(on);
    const socket = await joined(t, on);
    on.stage.clock.advance(5);
    on.fickle.mood = mood;
    on.upstream.requests.length = 0;
    await assertTold(on, mood === 'gone' ? 'store.unavailable' : 'server.bug', mood === 'gone' ? 503 : 500);
    const headers = [`Cookie: ${on.ada.cookieHeader()}`, ...XMPP_HANDSHAKE, 'Connection: Upgrade'];
    for (const path of ['/xmpp-websocket?room=standup', '/colibri-ws/default-id/1/a'])
      assert.match(
        await on.stage.raw(requestBytes(`GET ${path}`, headers, { close: false })),
        /^HTTP\/1\.1 50[03] /,
      );
    await on.stage.parts.sockets.tick();
    assert.deepEqual([on.upstream.requests, socket.destroyed], [[], false]);
    on.fickle.mood = 'good';
    await assertWell(on);
  });

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n';
/** Answers that are none, said at every door. */
const HOSTILE: readonly [what: string, bytes: string][] = [
  ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['has a control character in a header', `${OK}X-A: b\u0000c\r\nContent-Length: 0\r\n\r\n`],
  ['has a line break in a header', `${OK}X-A: b\rSet-Cookie: x=y\r\nContent-Length: 0\r\n\r\n`],
  ['has two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`],
  ['has length and pieces', `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['never stops announcing', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(500)],
  ['continues what nobody began', 'HTTP/1.1 100 Continue\r\n\r\n'],
  [
    'becomes a tunnel',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nbytes',
  ],
  ['has headers without end', `${OK}${`X-A: ${'b'.repeat(1000)}\r\n`.repeat(60)}\r\n`],
  ['is wrapped in gzip and pieces', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
];
for (const [what, bytes] of HOSTILE)
  test(`an answer of Jitsi that ${what} is told as one that cannot be used, costs no connection, and the next good one passes [PROXY-22]`, async (t) => {
    const on = await gatewayStageFor(t);
    await on.ada.get('/warm-up', NAVIGATION);
    const told = new Set<Socket>();
    on.upstream.say = (_, socket) => {
      told.add(socket.end(Buffer.from(bytes, 'latin1')));
      return undefined;
    };
    await assertTold(on, 'upstream.unusable', 502);
    assert.ok(told.size >= 3);
    await eventually(() => [...told].every((socket) => !on.upstream.open.has(socket)));
    on.upstream.say = sayRight;
    await assertWell(on);
    assert.ok(!on.stage.lines.some((line) => line.includes('"bug"')), on.stage.lines.join('\n'));
  });

test('a Jitsi that closes without a word is not there, and is asked twice for what changes nothing and once for what does [PROXY-22]', async (t) => {
  const on = await gatewayStageFor(t);
  await on.ada.get('/warm-up', NAVIGATION);
  on.upstream.requests.length = 0;
  on.upstream.say = (_, socket) => {
    socket.destroy();
    return undefined;
  };
  await assertTold(on, 'upstream.unreachable', 502);
  const asked = on.upstream.requests.map(({ line }) => line.split('?')[0]?.replace(/ HTTP.*/, ''));
  assert.deepEqual(asked, [
    ...['GET /standup', 'GET /standup', 'GET /libs/app.js', 'GET /libs/app.js'],
    'POST /conference-request/v1',
  ]);
});

test('Jitsi sets no cookie of ours, and orders no server in front of us about [PROXY-22]', async (t) => {
  const orders = [
    ...['Set-Cookie: __Host-ostiary=forged; Path=/; Secure', 'set-cookie: =__Host-ostiary=forged'],
    ...['Set-Cookie: __host-Ostiary-try-1=x', 'Set-Cookie: lang=de', 'X-Accel-Redirect: /internal/secret'],
    ...[
      'X_Accel_Buffering: yes',
      'X-Sendfile: /etc/passwd',
      'X-Ostiary-Verdict: fine',
      'Alt-Svc: h3="evil:443"',
    ],
    ...[
      'X-Reproxy-URL: http://evil',
      'X-LIGHTTPD-send-file: /etc/passwd',
      'Keep-Alive: timeout=9',
      'Trailer: X',
    ],
  ].map((line) => `${line}\r\n`);
  const on = await gatewayStageFor(t, {
    say: (asked, socket) =>
      asked.line.includes('config.js')
        ? sayRight(asked, socket)
        : rightAnswer('<!doctype html><html><head></head></html>', 'text/html', orders.join('')),
  });
  for (const answer of Object.values(await three(on))) {
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.cookies, ['lang=de']);
    assert.doesNotMatch(JSON.stringify([...answer.headers]), /forged|passwd|evil|secret|fine|timeout=9/);
  }
  assert.ok(await on.ada.isSignedIn());
});

test('nobody unpacks what Jitsi packed: a file passes as it is, and a page that is packed all the same is none [DOS-09]', async (t) => {
  const packed = gzipSync(Buffer.alloc(20 * 1024 * 1024));
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`;
  const on = await gatewayStageFor(t);
  await on.ada.get('/warm-up', NAVIGATION);
  on.upstream.say = () => Buffer.concat([Buffer.from(head), packed]);
  const said = await on.stage.raw(requestBytes('GET /libs/app.js', [`Cookie: ${on.ada.cookieHeader()}`]));
  assert.match(said, /\r\ncontent-encoding: gzip\r\n/i);
  assert.equal(said.slice(said.indexOf('\r\n\r\n') + 4), packed.toString('latin1'));
  const page = await on.ada.get('/standup', { ...NAVIGATION, 'accept-encoding': 'gzip, br' });
  assert.deepEqual([page.status, page.headers.get('x-ostiary-verdict')], [502, 'upstream.unusable']);
});

test('a page that does not end is given up before it fills the memory [DOS-09]', async (t) => {
  const on = await gatewayStageFor(t);
  await on.ada.get('/warm-up', NAVIGATION);
  let sent = 0;
  let endless: Socket | undefined;
  on.upstream.say = (_, socket) => {
    endless = socket;
    const more = (): void => {
      while (!socket.destroyed && socket.write(Buffer.alloc(65_536, '<p>'))) sent += 65_536;
      if (!socket.destroyed) socket.once('drain', more);
    };
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n');
    more();
    return undefined;
  };
  const page = await on.ada.get('/standup', NAVIGATION);
  assert.deepEqual([page.status, page.headers.get('x-ostiary-verdict')], [502, 'upstream.unusable']);
  await eventually(() => endless !== undefined && !on.upstream.open.has(endless));
  assert.ok(sent < 64 * 1024 * 1024, `${sent}`);
});

test('a packed body passes to Jitsi as it came, and is counted by nobody as what it would be [DOS-09]', async (t) => {
  const on = await gatewayStageFor(t);
  const packed = gzipSync(Buffer.alloc(5 * 1024 * 1024)).toString('latin1');
  await on.stage.raw(
    requestBytes(
      'POST /_api/public/x',
      [`Cookie: ${on.ada.cookieHeader()}`, 'Content-Encoding: gzip', `Content-Length: ${packed.length}`],
      { body: packed },
    ),
  );
  assert.deepEqual(
    on.upstream.requests.map(({ body }) => body === packed),
    [true],
  );
});

/** What a cache that many share may keep. @see RFC 9111, section 3 */
function mayBeShared(headers: Headers): boolean {
  return !/\b(?:no-store|private)\b/.test(headers.get('cache-control') ?? '');
}

test('nothing that somebody got because of who they are may be kept for others, whatever Jitsi says of it [PROXY-25]', async (t) => {
  const lasting: Say = (asked, socket) =>
    asked.line.includes('/config.js')
      ? sayRight(asked, socket)
      : rightAnswer(
          '<!doctype html><html><head></head></html>',
          'text/html',
          'Cache-Control: public, max-age=31536000, s-maxage=31536000\r\nSurrogate-Control: max-age=9\r\nCDN-Cache-Control: public\r\nExpires: Thu, 01 Jan 2099 00:00:00 GMT\r\n',
        );
  const on = await gatewayStageFor(t, { say: lasting });
  const { ada, stage } = on;
  for (const path of [
    '/standup',
    '/',
    '/libs/app.js',
    '/tenant/css/all.css',
    '/config.js',
    '/colibri-ws/a/b/c',
  ]) {
    const answer = await ada.get(path, NAVIGATION);
    assert.equal(answer.status, 200, path);
    assert.ok(!mayBeShared(answer.headers), `${path}: ${answer.headers.get('cache-control')}`);
    assert.deepEqual(
      [answer.headers.get('surrogate-control'), answer.headers.get('cdn-cache-control')],
      [null, null],
    );
    const stranger = await stage.ask(path, { headers: path === '/config.js' ? FETCH : NAVIGATION });
    if (path === '/config.js') assert.match(stranger.headers.get('vary') ?? '', /\bCookie\b/);
    else assert.ok(!mayBeShared(stranger.headers), path);
  }
  const { request } = await three(on);
  assert.ok(!mayBeShared(request.headers));
  // What is open to everybody may be kept for everybody.
  assert.ok(mayBeShared((await stage.ask('/external_api.js', { headers: FETCH })).headers));
  assert.ok(mayBeShared((await ada.get('/external_api.js', FETCH)).headers));
});

test('an address of ours answers nobody out of what somebody else was told [PROXY-25]', async (t) => {
  const { ada, stage } = await gatewayStageFor(t);
  for (const below of ['/session', '/join?room=standup', '/sign-in?to=%2Fstandup', '/sign-out']) {
    assert.ok(!mayBeShared((await ada.get(`${PREFIX}${below}`)).headers), below);
    assert.ok(!mayBeShared((await stage.ask(`${PREFIX}${below}`)).headers), below);
  }
});
