/** Attacks on the way into a WebSocket that leads to Jitsi: with which session, and from which page. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { ORIGIN } from '../support/server-stage.ts';
import { openTo } from '../support/upgrades.ts';
import { type GateStage, OTHERS, startGate, XMPP } from './gate-stage.ts';

const AUTH = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`;

let gate: GateStage;
before(async () => {
  gate = await startGate();
});
after(() => gate.close());

/** Sessions that open nothing. */
async function noSessions(): Promise<readonly (readonly [string, string | undefined])[]> {
  const [ada, bob] = [await gate.person('ada'), await gate.person('bob')];
  await gate.stage.parts.sessions.end(bob.handle, 'signed-out');
  const last = ada.id.endsWith('A') ? 'B' : 'A';
  const handle = ada.handle;
  return [
    ['no cookie', undefined],
    ['a session that was ended', bob.cookie],
    ['a changed id', `${SESSION_COOKIE}=${ada.id.slice(0, -1)}${last}`],
    ['the handle in place of the id', `${SESSION_COOKIE}=${handle}`],
    ['a shortened id', `${SESSION_COOKIE}=${ada.id.slice(0, -1)}`],
    ['a cookie of another name', `ostiary=${ada.id}`],
    ['the name in capitals', `${SESSION_COOKIE.toUpperCase()}=${ada.id}`],
    ['an empty one', `${SESSION_COOKIE}=`],
  ];
}

test('who has no session that holds is told in XMPP to sign in, and Jitsi sees no connection [PROXY-15]', async () => {
  for (const [what, cookie] of await noSessions()) {
    const { connections, result } = await gate.reaching(async () => {
      const dialled = await gate.at({ target: XMPP, headers: { Origin: ORIGIN, Cookie: cookie } });
      dialled.say(openTo('meet.jitsi'), AUTH, '<iq/>');
      return { status: dialled.status, said: (await dialled.said()).join('') };
    });
    assert.deepEqual([result.status, connections], [101, 0], what);
    assert.match(result.said, /<failure [^>]*><not-allowed\/><text>token required<\/text><\/failure>/, what);
    assert.doesNotMatch(result.said, /<success/, what);
  }
});

test('a session that ran out opens nothing, and Jitsi sees no connection [PROXY-15]', async (t) => {
  const other = await startGate();
  t.after(() => other.close());
  const { cookie } = await other.person('ada');
  other.stage.clock.advance(8 * 86_400);
  const { connections, result } = await other.reaching(async () => {
    const dialled = await other.at({ target: XMPP, headers: { Origin: ORIGIN, Cookie: cookie } });
    dialled.say(openTo('meet.jitsi'), AUTH);
    return dialled.said();
  });
  assert.equal(connections, 0);
  assert.match(result.join(''), /token required/);
});

test('no other WebSocket of Jitsi opens without a session, and BOSH no better [PROXY-15]', async () => {
  for (const [what, cookie] of await noSessions()) {
    const headers = { Origin: ORIGIN, Cookie: cookie };
    for (const target of OTHERS) {
      const { connections, result } = await gate.reaching(() => gate.at({ target, headers }));
      assert.deepEqual([result.status, connections], [401, 0], `${target} ${what}`);
    }
    const { connections, result } = await gate.reaching(() =>
      gate.stage.ask('/http-bind?room=standup', {
        method: 'POST',
        headers: { origin: ORIGIN, ...(cookie !== undefined && { cookie }), 'content-type': 'text/xml' },
        body: `<body xmlns='http://jabber.org/protocol/httpbind' sid='1f2e3d4c' rid='7'><iq xmlns='jabber:client'/></body>`,
      }),
    );
    assert.equal(connections, 0, `BOSH ${what}`);
    assert.doesNotMatch(result.text, /<success/);
  }
});

const FOREIGN = [
  'https://evil.example',
  'null',
  '',
  'https://meet.example.org.evil.example',
  'https://evil.meet.example.org',
  'https://example.org',
  'https://meet.example.evil',
  'http://meet.example.org',
  'https://meet.example.org:8443',
  'https://meet.example.org/',
  'https://MEET.example.org',
  'https://meet.example.org.',
  'https://user@meet.example.org',
  'https://meet.example.org, https://evil.example',
  ' ',
  'file://',
];

test('a page that is not ours opens no WebSocket with the cookie of somebody signed in [PROXY-16]', async () => {
  const { cookie } = await gate.person('ada');
  for (const origin of [...FOREIGN, undefined])
    for (const target of [XMPP, ...OTHERS]) {
      const { connections, result } = await gate.reaching(async () => {
        const dialled = await gate.at({ target, headers: { Origin: origin, Cookie: cookie } });
        return [dialled.status, await dialled.code()];
      });
      assert.deepEqual([result, connections], [[403, 'request.cross-site'], 0], `${origin} ${target}`);
    }
});

test('a page that is not ours speaks to no service behind the gate by plain requests either, and changes no file [PROXY-16]', async () => {
  const { cookie } = await gate.person('ada');
  const services = ['/etherpad/socket.io/?EIO=4&transport=polling', '/rtcstats-ws/', '/socket.io/?EIO=4'];
  const tried: [string, string, Readonly<Record<string, string>>][] = [];
  for (const origin of FOREIGN.filter((one) => one.trim() !== ''))
    for (const target of services) tried.push(['GET', target, { origin }], ['POST', target, { origin }]);
  for (const target of [...services, '/libs/app.js', '/', '/config.js', '/acme/xmpp-websocket?room=a'])
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      for (const headers of [
        { origin: 'https://evil.meet.example.org' },
        { origin: ORIGIN, 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'cross-site' },
      ])
        tried.push([method, target, headers as Readonly<Record<string, string>>]);
  for (const [method, target, headers] of tried) {
    const before = gate.jitsi.requests.length;
    const answer = await gate.stage.ask(target, {
      method,
      headers: { cookie, 'content-type': 'text/plain', ...headers },
      ...(method !== 'GET' && { body: 'x' }),
    });
    assert.deepEqual(
      [answer.status, gate.jitsi.requests.length],
      [403, before],
      `${method} ${target} ${JSON.stringify(headers)}`,
    );
  }
});

test('our own page speaks to the services behind the gate by plain requests, and a browser looks at them', async () => {
  const { cookie } = await gate.person('ada');
  const target = '/etherpad/socket.io/?EIO=4&transport=polling';
  for (const [method, headers] of [
    ['GET', {}],
    ['GET', { 'sec-fetch-site': 'same-origin' }],
    ['POST', { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }],
    ['POST', {}],
  ] as const) {
    const before = gate.jitsi.requests.length;
    const body = method === 'POST' && { body: 'x' };
    const answer = await gate.stage.ask(target, { method, headers: { cookie, ...headers }, ...body });
    assert.deepEqual([answer.status, gate.jitsi.requests.slice(before)], [200, [`${method} ${target}`]]);
  }
});

test('two pages named at once are none [PROXY-16]', async () => {
  const { cookie } = await gate.person('ada');
  const headers = { Origin: `${ORIGIN}\r\nOrigin: https://evil.example`, Cookie: cookie };
  const { connections, result } = await gate.reaching(() => gate.at({ target: XMPP, headers }));
  assert.ok([400, 403].includes(result.status), String(result.status));
  assert.equal(connections, 0);
});

test('our own page opens it; without a page only a ticket does, and a foreign page not even with one [PROXY-16]', async () => {
  const ada = await gate.person('ada');
  const { cookie } = ada;
  const ticket = await gate.ticketFor(ada, '/standup');
  const withTicket = `${XMPP}&token=${ticket}`;
  const own = await gate.reaching(() =>
    gate.at({ target: XMPP, headers: { Origin: ORIGIN, Cookie: cookie } }),
  );
  const app = await gate.reaching(() => gate.at({ target: withTicket }));
  for (const { result, upgrades } of [own, app]) {
    assert.deepEqual([result.status, upgrades.length], [101, 1]);
    result.socket.destroy();
  }
  for (const Origin of FOREIGN) {
    const foreign = await gate.reaching(() => gate.at({ target: withTicket, headers: { Origin } }));
    assert.deepEqual([foreign.result.status, foreign.connections], [403, 0], Origin);
  }
});
