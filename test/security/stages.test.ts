/** Nothing is guarded until a date: what passes, what is written down of it, and that it ends by itself. Over real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { WebSocket } from 'ws';
import { readObserved } from '../../src/admission/observed.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { createFickleStore, type FickleStore } from '../support/fickle-store.ts';
import { type GatewayStage, gatewayStageFor, startGatewayStage } from '../support/gateway-stage.ts';
import { ORIGIN } from '../support/server-stage.ts';

const UNTIL = '2026-03-16T08:00:00Z';
const TOKEN = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"iss":"old-portal","room":"x"}').toString('base64url')}.canary-signature`;
const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/138.0',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
};
let on: GatewayStage;

before(async () => {
  on = await startGatewayStage({ config: { insecureObserveOnly: UNTIL } });
});
after(() => on.close());
beforeEach(() => {
  on.upstream.requests.length = 0;
});

/** What reached Jitsi, beside the settings that the gate reads for itself. */
const arrived = () => on.upstream.requests.filter(({ headers }) => headers.includes('X-Forwarded-For'));
const lines = () => arrived().map(({ line }) => line);

async function written() {
  await on.stage.app.settled();
  return readObserved(on.stage.parts.store, 0);
}

test('until the date a stranger gets a room, every path and every file as if we were not there', async () => {
  for (const path of [
    '/standup',
    '/libs/app.js',
    '/',
    '/config.js',
    '/login/',
    '/some/deep/path',
    '/a:b*c',
  ]) {
    const answer = await on.stage.ask(path, { headers: BROWSER });
    assert.equal(answer.status, 200, path);
  }
  assert.equal((await on.stage.ask('/standup', { headers: BROWSER })).text.includes('script'), false);
  assert.deepEqual(
    lines().map((line) => line.split(' ')[1]),
    ['/standup', '/libs/app.js', '/', '/config.js', '/login/', '/some/deep/path', '/a:b*c', '/standup'],
  );
});

test("another application's token reaches Jitsi as it came, in address and header, and what is ours does not", async () => {
  const cookie = `theme=dark; ${on.ada.cookieHeader()}`;
  await on.stage.ask(`/standup?jwt=${TOKEN}`, { headers: { ...BROWSER, cookie } });
  await on.stage.ask('/_api/room-info?room=standup', { headers: { authorization: `Bearer ${TOKEN}` } });
  const [page, info] = arrived();
  assert.equal(page?.line, `GET /standup?jwt=${TOKEN} HTTP/1.1`);
  assert.ok(page?.headers.includes('theme=dark'));
  assert.ok(info?.headers.includes(`Bearer ${TOKEN}`));
  assert.ok(!on.upstream.requests.some(({ head }) => /__host-ostiary/i.test(head)));
});

test('whoever connects without a token is connected, and Jitsi gets the whole query', async () => {
  const socket = new WebSocket(
    `ws://127.0.0.1:${on.stage.ports.public}/xmpp-websocket?room=standup&token=${TOKEN}&x=1`,
    'xmpp',
    { headers: { host: new URL(ORIGIN).host, origin: ORIGIN } },
  );
  await once(socket, 'open');
  socket.terminate();
  assert.equal(lines()[0], `GET /xmpp-websocket?room=standup&token=${TOKEN}&x=1 HTTP/1.1`);
});

test('our own addresses are guarded as ever', async () => {
  const signedOut = await on.stage.ask('/_ostiary/rooms/standup', { headers: BROWSER });
  assert.notEqual(signedOut.status, 200);
  assert.deepEqual(lines(), []);
});

test('what would not have passed is written down, by kind and without a token', async () => {
  await on.stage.ask('/standup', { headers: BROWSER });
  await on.stage.ask(`/standup?jwt=${TOKEN}`, { headers: BROWSER });
  await on.stage.ask('/login/', { headers: BROWSER });
  const seen = await written();
  const about = (seenAs: string) => seen.filter((kind) => kind.seenAs === seenAs);
  assert.ok(about('page').some(({ code, room }) => code === 'sign-in' && room === 'standup'));
  assert.ok(about('link').some(({ issuer, room }) => issuer === 'old-portal' && room === 'standup'));
  assert.ok(about('path').some(({ code, path }) => code === 'request.not-found' && path === '/login/…'));
  assert.ok(!JSON.stringify(seen).includes('canary'));
  assert.ok(!on.stage.lines.some((line) => line.includes('canary-signature')));
});

test('somebody who would have been let in is not written down', async () => {
  const before = JSON.stringify(await written());
  const answer = await on.stage.ask('/standup', {
    headers: { ...BROWSER, cookie: on.ada.cookieHeader() },
  });
  assert.equal(answer.status, 200);
  assert.equal(JSON.stringify(await written()), before);
});

test('health, ready and metrics say that nothing is guarded, and until when', async () => {
  for (const path of ['/_ostiary/health', '/_ostiary/ready']) {
    const said = JSON.parse((await on.stage.ask(path, { on: 'inner' })).text);
    assert.deepEqual([said.guarded, said.until], ['NOTHING', new Date(UNTIL).toISOString()], path);
  }
  const { text } = await on.stage.ask('/_ostiary/metrics', { on: 'inner' });
  assert.match(text, new RegExp(`^ostiary_nothing_guarded_until_seconds ${Date.parse(UNTIL) / 1000}$`, 'm'));
});

test('a browser is not asked by us where it came from, and a page of another site passes as today', async () => {
  const answer = await on.stage.ask('/http-bind?room=standup', {
    method: 'POST',
    headers: { origin: 'https://elsewhere.example', 'content-type': 'text/xml' },
    body: "<body rid='1' to='meet.jitsi' xmlns='http://jabber.org/protocol/httpbind'/>",
  });
  assert.equal(answer.status, 200);
  assert.ok((await written()).some(({ seenAs, code }) => seenAs === 'site' && code === 'request.cross-site'));
});

test('when the moment has come everything is guarded, without a restart [own clock]', async () => {
  on.stage.clock.advance((Date.parse(UNTIL) - on.stage.clock.now()) / 1000 - 1);
  assert.equal((await on.stage.ask('/standup', { headers: BROWSER })).status, 200);
  on.stage.clock.advance(1);
  const page = await on.stage.ask('/standup', { headers: BROWSER });
  assert.equal(page.status, 302);
  assert.match(page.headers.get('location') ?? '', /^\/_ostiary\/sign-in\?/);
  assert.equal((await on.stage.ask('/login/', { headers: BROWSER })).status, 404);
  const said = JSON.parse((await on.stage.ask('/_ostiary/ready', { on: 'inner' })).text);
  assert.equal(said.guarded, 'everything');
  const { text } = await on.stage.ask('/_ostiary/metrics', { on: 'inner' });
  assert.match(text, /^ostiary_nothing_guarded_until_seconds 0$/m);
});

for (const mood of ['gone', 'full', 'bug'] as const)
  test(`a store that is ${mood} keeps nobody out as long as nothing is guarded`, async (t) => {
    let fickle: FickleStore | undefined;
    const own = await gatewayStageFor(t, {
      config: { insecureObserveOnly: UNTIL },
      store: (clock) => {
        fickle = createFickleStore(clock);
        return fickle.store;
      },
    });
    assert.ok(fickle);
    const cookie = `${SESSION_COOKIE}=somebody-whom-nobody-remembers`;
    fickle.mood = mood;
    for (const path of ['/standup', '/libs/app.js', `/standup?jwt=${TOKEN}`])
      assert.equal((await own.stage.ask(path, { headers: { ...BROWSER, cookie } })).status, 200, path);
    await own.stage.app.settled();
    fickle.mood = 'good';
    await own.stage.app.settled();
    assert.ok((await readObserved(own.stage.parts.store, 0)).length > 0);
    assert.ok(!own.stage.lines.some((line) => line.includes('canary-signature')));
  });

test('a Jitsi that does not answer is told of as ever', async (t) => {
  const own = await gatewayStageFor(t, { config: { insecureObserveOnly: UNTIL } });
  own.upstream.say = (_, socket) => void socket.destroy();
  const answer = await own.stage.ask('/standup', { headers: BROWSER });
  assert.equal(answer.status, 502);
  assert.equal(answer.headers.get('x-ostiary-verdict'), 'upstream.unreachable');
});

for (const [what, bytes] of Object.entries({
  'two hosts':
    'GET /standup HTTP/1.1\r\nHost: meet.example.org\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
  'another host': 'GET /standup HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
  'a path with dots': 'GET /x/../standup HTTP/1.1\r\nHost: meet.example.org\r\nConnection: close\r\n\r\n',
  'a tunnel to nowhere known':
    'GET /standup HTTP/1.1\r\nHost: meet.example.org\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
}))
  test(`what nobody can pass on without doubt what it is does not pass either: ${what}`, async (t) => {
    const own = await gatewayStageFor(t, { config: { insecureObserveOnly: UNTIL } });
    own.upstream.requests.length = 0;
    const socket = connect(own.stage.ports.public, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.write(bytes, 'latin1');
    const [first] = (await once(socket, 'data')) as [Buffer];
    const went = own.upstream.requests.filter(({ headers }) => headers.includes('X-Forwarded-For'));
    if (what.startsWith('a tunnel')) assert.ok(!went.some(({ head }) => /upgrade/i.test(head)));
    else {
      assert.match(first.toString('latin1'), /^HTTP\/1\.1 4/);
      assert.deepEqual(went, []);
    }
  });
