/** Attacks on what becomes of a connection to Jitsi: tunnels to elsewhere, other hosts in the stream, and too many at once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { frame, OPCODE } from '../../src/gateway/frames.ts';
import { switching } from '../../src/gateway/handshake.ts';
import { createFickleStore } from '../support/fickle-store.ts';
import { ORIGIN, PREFIX } from '../support/server-stage.ts';
import { type Dial, openTo } from '../support/upgrades.ts';
import { type GateStage, OTHERS, type Person, startGate, XMPP } from './gate-stage.ts';

const DOMAIN = 'meet.jitsi';

let gate: GateStage;
let ada: Person;
before(async () => {
  gate = await startGate();
  ada = await gate.person('ada');
});
after(() => gate.close());

const own = ({ cookie }: Person, more: Dial['headers'] = {}) => ({ Origin: ORIGIN, Cookie: cookie, ...more });
/** A request of somebody else's, hidden behind one of their own. */
const HIDDEN = 'GET /about/health HTTP/1.1\r\nHost: meet.example.org\r\n\r\n';

for (const [what, ask] of Object.entries<Omit<Dial, 'target'>>({
  'a change to HTTP/2': { headers: { Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' } },
  'a change to h2c and WebSocket at once': { headers: { Upgrade: 'websocket, h2c' } },
  'a change to TLS': { headers: { Upgrade: 'TLS/1.3' } },
  'an old version': { headers: { 'Sec-WebSocket-Version': '8' } },
  'no version': { headers: { 'Sec-WebSocket-Version': undefined } },
  'no key': { headers: { 'Sec-WebSocket-Key': undefined } },
  'a key of another length': { headers: { 'Sec-WebSocket-Key': 'eA==' } },
  'no change named in Connection': { headers: { Connection: 'keep-alive' } },
  'another method': { method: 'POST' },
  'a body': { headers: { 'Content-Length': String(HIDDEN.length) }, behind: HIDDEN },
  'a body in chunks': { headers: { 'Transfer-Encoding': 'chunked' }, behind: '0\r\n\r\n' },
  'a second request behind it': { behind: HIDDEN },
  'a frame behind it': { behind: frame(OPCODE.text, Buffer.from(openTo(DOMAIN)), 1) },
  'no subprotocol of ours': { headers: { 'Sec-WebSocket-Protocol': 'mqtt' } },
}))
  test(`a request for a WebSocket with ${what} makes no tunnel, though a session holds [PROXY-03]`, async () => {
    const { result, upgrades } = await gate.reaching(async () => {
      const dialled = await gate.at({ target: XMPP, ...ask, headers: own(ada, ask.headers) });
      dialled.socket.destroy();
      return dialled;
    });
    assert.ok(result.status >= 400 || result.status === 200, `${result.status}`);
    assert.equal(upgrades.length, 0);
    assert.equal(gate.jitsi.requests.includes('GET /about/health'), false);
    assert.equal(gate.stage.parts.sockets.list().length, 0);
  });

test('no path that is no WebSocket of Jitsi becomes one [PROXY-03]', async () => {
  for (const target of [
    '/',
    '/standup',
    '/libs/app.bundle.min.js',
    '/config.js',
    '/http-bind?room=standup',
    '/conference-request/v1',
    '/about/health',
    '/colibri/debug',
    '/xmpp-websocket/x?room=standup',
    '/xmpp-websocket;x?room=standup',
    '/colibri-ws/default-id/../../http-bind',
    '/a/b/xmpp-websocket?room=standup',
    `${PREFIX}/session`,
    `${PREFIX}/xmpp-websocket?room=standup`,
  ]) {
    const { result, upgrades } = await gate.reaching(() => gate.at({ target, headers: own(ada) }));
    assert.ok(result.status >= 400, `${result.status} ${target}`);
    assert.equal(upgrades.length, 0, target);
  }
});

for (const [what, answer] of Object.entries({
  'a page': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'another proof': switching({ key: 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'xmpp'),
  'no proof': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
  'HTTP/2': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
  'a sign-in of its own':
    'HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n',
  'a subprotocol nobody offered': switching({ key: 'dGhlIHNhbXBsZSBub25jZQ==' }, 'mqtt'),
  'a cookie in our name': `HTTP/1.1 403 Forbidden\r\nSet-Cookie: __Host-ostiary=x\r\nContent-Length: 0\r\n\r\n`,
}))
  test(`where Jitsi answers ${what} the caller gets no tunnel, and nothing of it [PROXY-03]`, async (t) => {
    const honest = gate.jitsi.answer;
    t.after(() => {
      gate.jitsi.answer = honest;
    });
    gate.jitsi.answer = (_, socket) => void socket.write(answer);
    for (const target of [XMPP, OTHERS[0] ?? '']) {
      const dialled = await gate.at({ target, headers: own(ada) });
      assert.deepEqual([dialled.status, await dialled.code()], [502, 'upstream.unusable'], target);
      assert.doesNotMatch(dialled.head, /evil|set-cookie|hello/i);
      await gate.empty();
    }
  });

for (const host of [
  `guest.${DOMAIN}`,
  `auth.${DOMAIN}`,
  `hidden.${DOMAIN}`,
  `lobby.${DOMAIN}`,
  `physics.${DOMAIN}`,
  `muc.${DOMAIN}`,
  DOMAIN.toUpperCase(),
  `${DOMAIN}.`,
  `${DOMAIN}/resource`,
  `ada@${DOMAIN}`,
  ` ${DOMAIN}`,
  `${DOMAIN}&#0;`,
  '',
])
  test(`a stream to ${JSON.stringify(host)} is closed and written down, and Jitsi hears no word of it [PROXY-28]`, async () => {
    const before = gate.stage.lines.length;
    const { result, upgrades } = await gate.reaching(async () => {
      const dialled = await gate.at({ target: XMPP, headers: own(ada) });
      dialled.say(
        openTo(host),
        `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`,
        '<iq/>',
      );
      return dialled.said();
    });
    const [opened = '', error = '', close, ...rest] = result;
    assert.match(opened, /^<open /);
    assert.match(error, /^<stream:error [^>]*><(?:host-unknown|policy-violation) /);
    assert.deepEqual([close, rest], ["<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", ['close 1008']]);
    await upgrades[0]?.over();
    assert.deepEqual(
      upgrades.flatMap((one) => one.messages().map(({ kind }) => kind)),
      ['close'],
    );
    const audited = gate.stage.lines.slice(before).filter((line) => line.includes('audit.stream-refused'));
    assert.equal(audited.length, 1);
    assert.match(audited[0] ?? '', /"room":"standup"/);
    await gate.empty();
  });

test('who signs out is out of the room, and of every other service, and Jitsi hears that it is over', async () => {
  const bob = await gate.person('bob');
  const { result, upgrades } = await gate.reaching(async () => {
    const room = await gate.at({ target: XMPP, headers: own(bob) });
    room.say(openTo(DOMAIN));
    const others = await Promise.all(OTHERS.map((target) => gate.at({ target, headers: own(bob) })));
    return [room, ...others];
  });
  assert.ok(result.every(({ status }) => status === 101));
  const headers = { cookie: bob.cookie, origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' };
  await gate.stage.ask(`${PREFIX}/sign-out`, { method: 'POST', headers, body: 'to=' });
  await gate.stage.parts.sockets.tick();
  await Promise.all(upgrades.map((one) => one.over()));
  const inRoom = upgrades.find(({ target }) => target.startsWith('/xmpp-websocket'));
  assert.deepEqual(
    inRoom?.messages().map(({ kind }) => kind),
    ['text', 'text', 'close'],
  );
  for (const one of result) one.socket.destroy();
  await gate.empty();
});

test('who cannot be written down does not enter, and the way to Jitsi is given back [FAIL-07]', async (t) => {
  const fickle = createFickleStore(systemClock);
  const other = await startGate({ store: () => fickle.store });
  t.after(() => other.close());
  const bob = await other.person('bob');
  fickle.mood = 'full';
  const dialled = await other.at({ target: XMPP, headers: own(bob) });
  assert.deepEqual([dialled.status, await dialled.code()], [503, 'store.full']);
  await other.jitsi.upgrades[0]?.over();
  assert.deepEqual(other.stage.parts.sockets.list(), []);
  fickle.mood = 'good';
  assert.equal((await other.at({ target: XMPP, headers: own(bob) })).status, 101);
});

test('five hundred connections that say nothing and a storm of reconnects keep nobody out, and leave nothing behind [DOS-12]', async () => {
  const people = await Promise.all(Array.from({ length: 25 }, (_, at) => gate.person(`p${at}`)));
  const open = (person: Person) => gate.at({ target: XMPP, headers: own(person) });
  const idle = (
    await Promise.all(people.map((one) => Promise.all(Array.from({ length: 20 }, () => open(one)))))
  ).flat();
  assert.deepEqual([...new Set(idle.map(({ status }) => status))], [101]);
  const [first, second] = [people[0] ?? ada, people[1] ?? ada];
  // One session has its share and no more; the next one has all of its own.
  const more = await Promise.all(Array.from({ length: 20 }, () => open(first)));
  const statuses = more.map(({ status }) => status);
  assert.deepEqual(
    [statuses.filter((one) => one === 101).length, statuses.filter((one) => one === 429).length],
    [12, 8],
  );
  const neighbour = await open(second);
  assert.equal(neighbour.status, 101);
  for (let wave = 0; wave < 10; wave += 1) {
    const storm = await Promise.all(people.slice(2).map((one) => open(one)));
    assert.deepEqual([...new Set(storm.map(({ status }) => status))], [101]);
    for (const { socket } of storm) socket.destroy();
    const newcomer = gate.stage.visitor();
    await newcomer.signIn();
    assert.equal(await newcomer.isSignedIn(), true);
  }
  for (const { socket } of [...idle, ...more, neighbour]) socket.destroy();
  await gate.empty();
  assert.match(await gate.stage.parts.metrics.text(), /ostiary_gate_connections\{kind="xmpp"\} 0\n/);
});
