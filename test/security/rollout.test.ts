/** A part is guarded: who tries to get out of it, or into it from what is not. Over real sockets, in bare bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readObserved } from '../../src/admission/observed.ts';
import { frame } from '../../src/gateway/frames.ts';
import { type GatewayStage, gatewayStageFor } from '../support/gateway-stage.ts';
import { ORIGIN, startStage } from '../support/server-stage.ts';
import { dial, openTo, startJitsiEnd } from '../support/upgrades.ts';

const BROWSER = { 'user-agent': 'Mozilla/5.0 Chrome/138.0', 'sec-fetch-mode': 'navigate' };
const BOARD = 'board@conference.meet.jitsi/ada';

const arrived = (on: GatewayStage) =>
  on.upstream.requests.filter(({ headers }) => headers.includes('X-Forwarded-For')).map(({ line }) => line);

test('a room of the part asks for a sign-in, and any other passes and is written down', async (t) => {
  const on = await gatewayStageFor(t, { config: { rollout: { rooms: ['board*'] } } });
  const guarded = await on.stage.ask('/board-meeting', { headers: BROWSER });
  assert.equal(guarded.status, 302);
  assert.equal((await on.stage.ask('/standup', { headers: BROWSER })).status, 200);
  assert.deepEqual(arrived(on), ['GET /standup HTTP/1.1']);
  await on.stage.app.settled();
  const seen = await readObserved(on.stage.parts.store, 0);
  assert.deepEqual(
    seen.map(({ seenAs, code, room }) => [seenAs, code, room]),
    [['page', 'sign-in', 'standup']],
  );
});

test('somebody who is signed in enters a room of the part as ever, with a token of ours', async (t) => {
  const on = await gatewayStageFor(t, { config: { rollout: { rooms: ['board*'] } } });
  const answer = await on.stage.ask('/board', { headers: { ...BROWSER, cookie: on.ada.cookieHeader() } });
  assert.equal(answer.status, 200);
  assert.match(answer.text, /<script/);
});

test('a network is known by the address that was judged: what the caller says of it moves nobody out', async (t) => {
  const on = await gatewayStageFor(t, {
    config: { rollout: { networks: ['127.0.0.0/8'] } },
  });
  for (const headers of [
    { 'x-forwarded-for': '192.0.2.1' },
    { forwarded: 'for=192.0.2.1' },
    { 'x-real-ip': '192.0.2.1' },
    { 'x-ostiary-verdict': 'unguarded' },
    { 'x-ostiary-observe-only': '2026-03-20' },
    { 'x-original-uri': '/libs/x.js' },
    {},
  ])
    assert.equal(
      (await on.stage.ask('/standup', { headers: { ...BROWSER, ...headers } })).status,
      302,
      JSON.stringify(headers),
    );
  assert.deepEqual(arrived(on), []);
});

test('behind a trusted proxy the network is that of the caller, and what they wrote before it counts for nothing', async (t) => {
  const on = await gatewayStageFor(t, {
    config: { trustedProxies: ['127.0.0.1'], rollout: { networks: ['10.20.0.0/16'] } },
  });
  const from = async (chain: string) =>
    (await on.stage.ask('/standup', { headers: { ...BROWSER, 'x-forwarded-for': chain } })).status;
  assert.equal(await from('10.20.1.1'), 302);
  assert.equal(await from('192.0.2.1, 10.20.1.1'), 302);
  assert.equal(await from('192.0.2.1'), 200);
});

test('no header, query or cookie turns observing on', async (t) => {
  const on = await gatewayStageFor(t);
  for (const name of ['insecureObserveOnly', 'x-insecure-observe-only', 'x-ostiary-observe', 'observe-only'])
    assert.equal(
      (
        await on.stage.ask(`/standup?${name}=2026-12-01`, {
          headers: { ...BROWSER, [name]: '2026-12-01', cookie: `${name}=2026-12-01` },
        })
      ).status,
      302,
      name,
    );
  assert.deepEqual(arrived(on), []);
});

test('a room is the same however its name is written, and a name that cannot be read is guarded', async (t) => {
  const on = await gatewayStageFor(t, { config: { rollout: { rooms: ['board'] } } });
  for (const path of [
    '/BOARD',
    '/%62oard',
    '/bo@ard',
    '/sales/board',
    '/ｂｏａｒｄ'.replace(/[^/]/g, encodeURIComponent),
  ])
    assert.notEqual((await on.stage.ask(path, { headers: BROWSER })).status, 200, path);
  for (const path of ['/board:x', "/bo'ard", '/a/b/c', '/x/y/http-bind', '/xmpp-websocket/x'])
    assert.notEqual((await on.stage.ask(path, { headers: BROWSER })).status, 200, path);
  assert.deepEqual(arrived(on), []);
});

for (const [what, query] of Object.entries({
  twice: 'room=standup&room=board',
  'with another tenant beside it': 'room=standup&prefix=sales',
  'in capitals': 'room=BOARD',
  'with its name escaped': '%72oom=board',
}))
  test(`whoever names a room of the part to XMPP is asked: ${what}`, async (t) => {
    const on = await gatewayStageFor(t, { config: { rollout: { rooms: ['board'] } } });
    const answer = await on.stage.ask(`/_api/room-info?${query}`, { headers: { origin: ORIGIN } });
    assert.ok(answer.status >= 400, String(answer.status));
    assert.deepEqual(arrived(on), []);
  });

async function tunnel(t: Parameters<typeof startJitsiEnd>[0] & object, target: string) {
  const end = await startJitsiEnd(t);
  const stage = await startStage({
    config: { rollout: { rooms: ['board'] }, upstream: { url: end.origin } },
  });
  t.after(() => stage.close());
  return { end, stage, dialled: await dial(stage.ports.public, { target, headers: { Origin: ORIGIN } }) };
}

test('whoever came unguarded for one room does not get into a guarded one by the same connection', async (t) => {
  const { end, dialled, stage } = await tunnel(t, '/xmpp-websocket?room=standup');
  assert.equal(dialled.status, 101);
  dialled.say(
    openTo('meet.jitsi'),
    "<presence to='standup@conference.meet.jitsi/ada'/>",
    `<presence to='${BOARD}'/>`,
  );
  await end.upgrades[0]?.over();
  const heard = end.upgrades[0]?.messages().map(({ payload }) => Buffer.from(payload).toString()) ?? [];
  assert.ok(heard.some((text) => text.includes('standup@conference')));
  assert.ok(!heard.some((text) => text.includes('board')), heard.join('\n'));
  assert.ok(stage.lines.some((line) => line.includes('stream-refused')));
});

test('and not by a connection that names no room', async (t) => {
  const { end, dialled } = await tunnel(t, '/xmpp-websocket');
  assert.equal(dialled.status, 101);
  dialled.say(openTo('meet.jitsi'), `<presence to='${BOARD}'/>`);
  await end.upgrades[0]?.over();
  assert.ok(!end.upgrades[0]?.messages().some(({ payload }) => Buffer.from(payload).includes('board')));
});

for (const [what, opcode, parts] of [
  ['in two parts', 0x01, [`<presence to='bo`, `ard@conference.meet.jitsi/ada'/>`]],
  ['as bytes', 0x82, [`<presence to='${BOARD}'/>`]],
] as const)
  test(`nor by a message that is said otherwise: ${what}`, async (t) => {
    const { end, dialled } = await tunnel(t, '/xmpp-websocket?room=standup');
    dialled.say(openTo('meet.jitsi'));
    for (const [at, part] of parts.entries()) {
      const whole = Buffer.from(frame(1, Buffer.from(part), 0x01020304));
      whole[0] = at === 0 ? opcode : 0x80;
      dialled.socket.write(whole);
    }
    await end.upgrades[0]?.over();
    const heard = Buffer.concat(
      (end.upgrades[0]?.messages() ?? []).map(({ payload }) => Buffer.from(payload)),
    );
    assert.ok(!heard.includes('presence'), heard.toString());
  });

test('nothing but what is looked into becomes a tunnel', async (t) => {
  const { end, dialled } = await tunnel(t, '/standup');
  assert.notEqual(dialled.status, 101);
  assert.equal(end.connections(), 0);
});

const bosh = (attributes: string, inner = '') =>
  `<body xmlns='http://jabber.org/protocol/httpbind' rid='4711' ${attributes}>${inner}</body>`;

test('over BOSH neither, and no request takes a stream that was begun by somebody who was let in', async (t) => {
  const on = await gatewayStageFor(t, { config: { rollout: { rooms: ['board'] } } });
  const { store } = on.stage.parts;
  const { boshKey } = await import('../../src/gateway/bosh-streams.ts');
  await store.put(boshKey('sid-of-ada-in-board'), JSON.stringify({ session: 'x', room: 'board' }), 60);
  const say = (body: string) =>
    on.stage.ask('/http-bind?room=standup', { method: 'POST', headers: { origin: ORIGIN }, body });
  assert.equal((await say(bosh("to='meet.jitsi'"))).status, 200);
  assert.equal((await say(bosh("sid='sid-of-a-stranger'", `<presence to='${BOARD}'/>`))).status, 400);
  const before = arrived(on).length;
  for (const more of ['', "to='meet.jitsi'", "to='guest.meet.jitsi'"]) {
    const answer = await say(bosh(`sid='sid-of-ada-in-board' ${more}`));
    assert.ok(answer.status >= 400 || answer.text.includes("type='terminate'"), answer.text);
  }
  assert.equal((await say(bosh("sid='sid-of-a-stranger'", '<presence/>'))).status, 200);
  assert.equal(arrived(on).length, before + 1);
});

test('a conference request that names a guarded room in its body is asked who it is', async (t) => {
  const on = await gatewayStageFor(t, { config: { rollout: { rooms: ['board'] } } });
  const ask = (room: string) =>
    on.stage.ask('/conference-request/v1?room=standup', {
      method: 'POST',
      headers: { origin: ORIGIN, 'content-type': 'application/json' },
      body: JSON.stringify({ room }),
    });
  assert.equal((await ask('board@conference.meet.jitsi')).status, 401);
  assert.deepEqual(arrived(on), []);
  assert.equal((await ask('standup@conference.meet.jitsi')).status, 200);
});

test('a share of the rooms is the same for everybody and after every start', async (t) => {
  const rooms = Array.from({ length: 40 }, (_, at) => `/room-${at}`);
  const look = async () => {
    const on = await gatewayStageFor(t, { config: { rollout: { percent: 50 } } });
    const statuses: number[] = [];
    for (const room of rooms) statuses.push((await on.stage.ask(room, { headers: BROWSER })).status);
    return statuses;
  };
  const [once, again] = [await look(), await look()];
  assert.deepEqual(once, again);
  assert.ok(once.includes(200) && once.includes(302));
});
