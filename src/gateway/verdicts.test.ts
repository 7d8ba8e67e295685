/** Every request at the gate is counted once, and by the word that the caller was told. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import {
  ORIGIN,
  PREFIX,
  type Sent,
  type Stage,
  startStage,
  XMPP_DOMAIN,
} from '../../test/support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../../test/support/upstream.ts';
import type { Visitor } from '../../test/support/visitor.ts';
import { displayToken } from '../tokens/display.ts';

const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36';
const SERIES = /^ostiary_gate_requests_total\{surface="([^"]+)",verdict="([^"]+)"\} (\d+)$/gm;
const JIBRI = { 'x-forwarded-for': '10.0.0.9' };
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const FETCH = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' };
const START = `<body xmlns='http://jabber.org/protocol/httpbind' rid='1' to='${XMPP_DOMAIN}'/>`;
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

let upstream: UpstreamStandIn;
let stage: Stage;
let ada: Visitor;

before(async () => {
  upstream = await startUpstream();
  stage = await startStage({
    config: {
      upstream: { url: upstream.url },
      rules: [
        { name: 'board', when: { rooms: ['board'] }, then: 'refuse' },
        { name: 'everybody', when: {}, then: 'participant' },
      ],
      trustedProxies: ['127.0.0.1'],
      tokenServices: ['/files/'],
      machines: [{ name: 'jibri', networks: ['10.0.0.9'], reaches: ['page', 'assets', 'xmpp', 'sockets'] }],
    },
  });
  ada = stage.visitor();
  await ada.signIn();
});
after(async () => {
  await stage.close();
  await upstream.close();
});

/** What was counted so far, by surface and verdict. */
async function counted(): Promise<ReadonlyMap<string, number>> {
  const text = await stage.parts.metrics.text();
  return new Map(
    [...text.matchAll(SERIES)].map(([, surface, verdict, count]) => [`${surface} ${verdict}`, Number(count)]),
  );
}

/** Sends a request, and gives back the head of its answer. */
async function firstWords(bytes: string): Promise<string> {
  const socket = connect(stage.ports.public, '127.0.0.1');
  socket.write(bytes);
  const [heard] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return heard.toString('latin1');
}

/** What is counted while this happens. */
async function countedBy(what: () => Promise<unknown>): Promise<readonly string[]> {
  const before = await counted();
  await what();
  const counts = [...(await counted())].map(
    ([series, now]) => [series, now - (before.get(series) ?? 0)] as const,
  );
  return counts.flatMap(([series, more]) => Array.from({ length: more }, () => series));
}

const shown = displayToken({ room: 'standup', sub: XMPP_DOMAIN } as Parameters<
  typeof displayToken
>[0]).reveal();
const signedIn = (headers: Sent['headers'] = {}): Sent['headers'] => ({
  cookie: ada.cookieHeader(),
  ...headers,
});
const bodied = (headers: Sent['headers'] = {}) => ({ method: 'POST', body: START, headers });

for (const [what, target, sent, series] of [
  ['a page', '/standup', () => ({ headers: signedIn(NAVIGATION) }), 'page passed'],
  ['a page by a stranger', '/standup', () => ({ headers: NAVIGATION }), 'page sign-in'],
  ['a page by a machine', '/standup', () => ({ headers: { ...JIBRI, ...NAVIGATION } }), 'page machine'],
  ['a page with a token in its address', '/standup?jwt=x', () => ({ headers: signedIn() }), 'page moved'],
  ['a page the rules close', '/board', () => ({ headers: signedIn(NAVIGATION) }), 'page entry.refused'],
  [
    'a page on a phone',
    '/standup',
    () => ({ headers: signedIn({ ...NAVIGATION, 'user-agent': ANDROID }) }),
    'page app',
  ],
  [
    'a page in a frame',
    '/standup',
    () => ({ headers: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' } }),
    'page outside',
  ],
  ['a page by POST', '/standup', () => bodied(signedIn()), 'page request.method'],
  ['a room that cannot be', '/%FF', () => ({ headers: signedIn(NAVIGATION) }), 'page room.unusable'],
  ['the front page', '/', () => ({ headers: NAVIGATION }), 'welcome sign-in'],
  ['a file', '/libs/app.js', () => ({ headers: signedIn(FETCH) }), 'asset passed'],
  ['a file by a stranger', '/libs/app.js', () => ({ headers: FETCH }), 'asset session.required'],
  ['a file by a machine', '/libs/app.js', () => ({ headers: { ...JIBRI, ...FETCH } }), 'asset machine'],
  ['an open file', '/external_api.js', () => ({ headers: FETCH }), 'asset open'],
  ['config.js', '/config.js', () => ({ headers: signedIn(FETCH) }), 'config passed'],
  ['config.js by a stranger', '/config.js', () => ({ headers: FETCH }), 'config open'],
  ['config.js by a machine', '/config.js', () => ({ headers: { ...JIBRI, ...FETCH } }), 'config machine'],
  ['a path nobody knows', '/colibri-ws/x', () => ({ headers: signedIn() }), 'unknown request.not-found'],
  [
    'a conference request',
    '/conference-request/v1?room=standup',
    () => bodied(signedIn({ origin: ORIGIN })),
    'conference-request passed',
  ],
  [
    'a conference request by a stranger',
    '/conference-request/v1?room=standup',
    () => bodied({ origin: ORIGIN }),
    'conference-request session.required',
  ],
  [
    'what is asked of a room',
    '/_api/room-info?room=standup',
    () => ({ headers: signedIn({ origin: ORIGIN }) }),
    'room-info passed',
  ],
  [
    'a service that wants the token',
    '/files/x',
    () => ({ headers: signedIn({ authorization: `Bearer ${shown}` }) }),
    'token-service passed',
  ],
  ['the same by a stranger', '/files/x', () => ({}), 'token-service session.required'],
  ['BOSH by a stranger', '/http-bind?room=standup', () => bodied({ origin: ORIGIN }), 'bosh no-token'],
  ['BOSH', '/http-bind?room=standup', () => bodied(signedIn({ origin: ORIGIN })), 'bosh passed'],
  ['BOSH by a machine', '/http-bind?room=standup', () => bodied(JIBRI), 'bosh machine'],
  [
    'BOSH in the stream of somebody else',
    '/http-bind?room=standup',
    () => ({
      ...bodied(signedIn({ origin: ORIGIN })),
      body: START.replace('rid=', "sid='not-of-this-session' rid="),
    }),
    'bosh stream.unusable',
  ],
  [
    'BOSH from another site',
    '/http-bind?room=standup',
    () => bodied(signedIn({ origin: 'https://evil.example' })),
    'bosh request.cross-site',
  ],
  ['a path with two meanings', '/a%2Fb', () => ({}), 'unjudged request.malformed'],
  ['another host', '/standup', () => ({ headers: { host: 'other.example' } }), 'unjudged request.wrong-host'],
] as const)
  test(`${what} is counted once, as “${series}”, and told by that word where we answer`, async () => {
    let told: string | null = null;
    let arrived = 0;
    const counted = await countedBy(async () => {
      const before = upstream.arrived.length;
      const answer = await stage.ask(target, sent() as Sent);
      told = answer.headers.get('x-ostiary-verdict');
      arrived = upstream.arrived.length - before;
    });
    assert.deepEqual(counted, [series]);
    const verdict = series.split(' ')[1] ?? '';
    const isJitsis = ['passed', 'machine'].includes(verdict) || series === 'asset open';
    assert.equal(told, isJitsis ? null : verdict);
    if (isJitsis) assert.ok(arrived >= 1);
  });

for (const [what, path, headers, series, status] of [
  [
    'by a stranger',
    '/xmpp-websocket?room=standup',
    () => `Origin: ${ORIGIN}\r\n`,
    'xmpp-websocket no-token',
    101,
  ],
  [
    'from another site',
    '/xmpp-websocket?room=standup',
    () => `Origin: https://evil.example\r\nCookie: ${ada.cookieHeader()}\r\n`,
    'xmpp-websocket request.cross-site',
    403,
  ],
  [
    'to a Jitsi that opens none',
    '/xmpp-websocket?room=standup',
    () => `Origin: ${ORIGIN}\r\nCookie: ${ada.cookieHeader()}\r\n`,
    'xmpp-websocket upstream.unusable',
    502,
  ],
  [
    'to a service, by a stranger',
    '/colibri-ws/default-id/0123abcd/4f5e',
    () => `Origin: ${ORIGIN}\r\n`,
    'socket session.required',
    401,
  ],
  ['where a page is', '/standup', () => '', 'page request.not-found', 404],
  ['to a room that cannot be', '/%FF', () => '', 'page room.unusable', 400],
  ['to a path with two meanings', '/a%2Fb', () => '', 'unjudged request.malformed', 400],
] as const)
  test(`a WebSocket ${what} is counted once, as “${series}”`, async () => {
    let heard = '';
    const protocol = 'Sec-WebSocket-Protocol: xmpp\r\n';
    const said = await countedBy(async () => {
      heard = await firstWords(
        `GET ${path} HTTP/1.1\r\nHost: ${new URL(ORIGIN).host}\r\n${UPGRADE}${protocol}${headers()}\r\n`,
      );
    });
    assert.deepEqual(said, [series]);
    assert.match(heard, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(heard, new RegExp(`x-ostiary-verdict: ${series.split(' ')[1]}\r\n`, 'i'));
  });

test('our own pages are none of the gate’s requests', async () => {
  assert.deepEqual(await countedBy(() => ada.get(`${PREFIX}/session`)), []);
});
