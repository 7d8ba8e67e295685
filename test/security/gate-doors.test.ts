/** The smaller doors of the gateway: machines, the apps' config.js, services that want the token, and what `ready` says of Jitsi. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { displayToken } from '../../src/tokens/display.ts';
import { ORIGIN, PREFIX, type Stage, startStage, XMPP_DOMAIN } from '../support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';
import type { Visitor } from '../support/visitor.ts';

const SECRET = 'a-secret-of-the-inner-proxy';
const RULES = [
  { name: 'board', when: { rooms: ['board'] }, then: 'refuse' },
  { name: 'everybody', when: {}, then: 'participant' },
] as const;

let upstream: UpstreamStandIn;
let stage: Stage;
let ada: Visitor;

before(async () => {
  upstream = await startUpstream();
  stage = await startStage({
    config: {
      upstream: { url: upstream.url },
      rules: RULES,
      trustedProxies: ['127.0.0.1'],
      tokenServices: ['/files/'],
      machines: [
        { name: 'jibri', networks: ['10.0.0.9'], reaches: ['page', 'assets'] },
        { name: 'probe', header: { name: 'x-machine', value: { env: 'PROBE' } }, reaches: ['assets'] },
      ],
    },
    env: { PROBE: SECRET },
  });
  ada = stage.visitor();
  await ada.signIn();
});
after(async () => {
  await stage.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.arrived.length = 0;
});

const from = (address: string) => ({ 'x-forwarded-for': address });
const FETCH = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' };
const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const claimsOf = (room: string) => ({ room, sub: XMPP_DOMAIN }) as Parameters<typeof displayToken>[0];
const claimsIn = (bearer: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(bearer.split('.')[1] ?? '', 'base64url').toString());

test('a machine known by its network gets the page it may reach, without a token, and the audit names it', async () => {
  const answer = await stage.ask('/standup', { headers: { ...from('10.0.0.9'), ...NAVIGATION } });
  assert.equal(answer.status, 200);
  assert.equal(answer.text.includes('jwt'), false);
  assert.equal(upstream.arrived[0]?.headers.authorization, undefined);
  const line = stage.lines.findLast((one) => one.includes('audit.machine'));
  assert.match(line ?? '', /jibri/);
});

test('the same from the next address is a stranger, and Jitsi hears nothing', async () => {
  const answer = await stage.ask('/standup', { headers: { ...from('10.0.0.10'), ...NAVIGATION } });
  assert.equal(answer.status, 302);
  assert.deepEqual(upstream.arrived, []);
});

test('who comes by the proxy beside which a machine stands is not that machine, whether we were told of the proxy or not', async (t) => {
  const machines = [
    { name: 'jibri', networks: ['127.0.0.1'], reaches: ['page', 'assets', 'xmpp', 'sockets'] },
  ];
  const behind: readonly (readonly [
    trustedProxies: readonly string[],
    headers: Readonly<Record<string, string>>,
  ])[] = [
    [['127.0.0.1'], {}],
    [['127.0.0.1'], from('127.0.0.1')],
    [[], from('203.0.113.5')],
    [[], { forwarded: 'for=203.0.113.5' }],
    [[], { 'x-real-ip': '203.0.113.5' }],
    [[], { via: '1.1 proxy' }],
  ];
  for (const [trustedProxies, headers] of behind) {
    const one = await startStage({ config: { upstream: { url: upstream.url }, machines, trustedProxies } });
    t.after(() => one.close());
    const said = await one.ask('/libs/app.js', { headers: { ...FETCH, ...headers } });
    const shown = await one.ask('/standup', { headers: { ...NAVIGATION, ...headers } });
    assert.deepEqual([said.status, shown.status], [401, 302], JSON.stringify([trustedProxies, headers]));
  }
  assert.deepEqual(upstream.arrived, []);
});

test('what calls itself a recorder is none', async () => {
  const headers = { ...FETCH, 'user-agent': 'jibri', 'x-machine-name': 'jibri' };
  assert.equal((await stage.ask('/libs/app.js', { headers })).status, 401);
  assert.deepEqual(upstream.arrived, []);
});

test('a machine known by its secret reaches what it is told to and nothing else, and the secret goes no further', async () => {
  const headers = { ...from('203.0.113.5'), 'x-machine': SECRET };
  assert.equal((await stage.ask('/libs/app.js', { headers })).status, 200);
  assert.equal(upstream.arrived[0]?.headers['x-machine'], undefined);
  assert.equal((await stage.ask('/standup', { headers: { ...headers, ...NAVIGATION } })).status, 302);
  assert.ok(!stage.lines.join('').includes(SECRET));
});

test('a wrong secret, an empty one and one with a letter more are none', async () => {
  for (const value of ['', `${SECRET}x`, SECRET.slice(1), SECRET.toUpperCase()])
    assert.equal(
      (await stage.ask('/libs/app.js', { headers: { ...FETCH, 'x-machine': value } })).status,
      401,
      value,
    );
});

test('an app without a session reads where to sign in, and nothing else of the config.js that is there', async () => {
  const answer = await stage.ask('/config.js');
  assert.equal(answer.status, 200);
  assert.match(answer.text, /^var config = \{\n {2}"hosts"/);
  assert.match(
    answer.text,
    /\/_ostiary\/join\?room=\{room\}&state=\{state\}|\/_ostiary\/join\?room=\{room\}\\u0026/,
  );
  assert.doesNotMatch(answer.text, /anonymousdomain|guest|bridgeChannel/);
});

test('a hundred tenants somebody made up cost Jitsi no request', async () => {
  await stage.ask('/config.js');
  upstream.arrived.length = 0;
  for (let at = 0; at < 100; at += 1) {
    const answer = await stage.ask(`/made-up-${at}/config.js?v=${at}`);
    assert.match(answer.text, new RegExp(`https://meet\\.example\\.org/made-up-${at}/http-bind`));
  }
  assert.deepEqual(upstream.arrived, []);
});

test("a signed-in browser gets Jitsi's own config.js", async () => {
  const answer = await ada.get('/config.js');
  assert.match(answer.text, /anonymousdomain|hosts: \{/);
  assert.equal(upstream.arrived.length, 1);
});

test('a service that wants the token of the page gets a real one in place of the display token', async () => {
  const shown = displayToken(claimsOf('standup')).reveal();
  const answer = await ada.get('/files/list?jwt=x', { authorization: `Bearer ${shown}`, origin: ORIGIN });
  assert.equal(answer.status, 200);
  const [arrived] = upstream.arrived;
  assert.equal(arrived?.target, '/files/list');
  const bearer = arrived?.headers.authorization?.replace(/^Bearer /, '') ?? '';
  assert.notEqual(bearer, shown);
  assert.equal(claimsIn(bearer)['room'], 'standup');
  assert.doesNotMatch(JSON.stringify(arrived?.headers), /__Host-ostiary/);
});

for (const [why, headers] of [
  ['without a token of the page', {}],
  [
    'with one for a room they may not enter',
    { authorization: `Bearer ${displayToken(claimsOf('board')).reveal()}` },
  ],
  ['with one for every room', { authorization: `Bearer ${displayToken(claimsOf('*')).reveal()}` }],
  ['with words', { authorization: 'Bearer words' }],
  [
    'from a page of others',
    { authorization: `Bearer ${displayToken(claimsOf('standup')).reveal()}`, origin: 'https://evil.example' },
  ],
  [
    'from a site of others',
    { authorization: `Bearer ${displayToken(claimsOf('standup')).reveal()}`, 'sec-fetch-site': 'cross-site' },
  ],
] as const)
  test(`who asks such a service ${why} is refused, and it hears nothing`, async () => {
    const { status } = await ada.get('/files/list', headers);
    assert.ok(status >= 400 && status < 500, String(status));
    assert.deepEqual(upstream.arrived, []);
  });

test('no token is had below the path of a service by whoever has no session', async () => {
  const headers = { authorization: `Bearer ${displayToken(claimsOf('standup')).reveal()}` };
  assert.equal((await stage.ask('/files/list', { headers })).status, 401);
  assert.deepEqual(upstream.arrived, []);
});

test("the path of a service opens none of Jitsi's back ends below it", async () => {
  const headers = { authorization: `Bearer ${displayToken(claimsOf('standup')).reveal()}`, origin: ORIGIN };
  for (const path of [
    '/files/http-bind',
    '/files/_api/room-info',
    '/files/x/http-bind',
    '/files/conference-request/v1',
    '/files/x/xmpp-websocket',
    '/files/HTTP-BIND',
    '/files/metrics',
  ]) {
    await ada.get(path, headers);
    for (const { headers: sent } of upstream.arrived) assert.equal(sent.authorization, undefined, path);
  }
});

test('ready says what is wrong with the Jitsi behind us, and is ready all the same', async () => {
  await stage.ask(`${PREFIX}/ready`, { on: 'inner' });
  const body = await eventually(async () => {
    const answer = await stage.ask(`${PREFIX}/ready`, { on: 'inner' });
    assert.equal(answer.status, 200);
    const said = JSON.parse(answer.text) as { ready: boolean; jitsi?: { findings: string[] } };
    return said.jitsi === undefined ? undefined : said;
  });
  assert.equal(body.ready, true);
  assert.ok(
    body.jitsi?.findings.some((one) => one.startsWith('config.js: ')),
    JSON.stringify(body),
  );
});

/** The look goes on behind the answer; each try lets it go on. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error('never came');
}
