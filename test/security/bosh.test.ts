/** XMPP over BOSH through the gate: who gets a stream, whose it stays, and when it is over. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { displayToken } from '../../src/tokens/display.ts';
import { type BoshUpstream, startBoshUpstream } from '../support/bosh-upstream.ts';
import { ORIGIN, PREFIX, type Sent, type Stage, startStage, XMPP_DOMAIN } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const XMLNS = "xmlns='http://jabber.org/protocol/httpbind'";
const START = `<body ${XMLNS} rid='100' to='${XMPP_DOMAIN}' wait='60' hold='1'/>`;
const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36';
const RULES = [
  { name: 'board', when: { rooms: ['board'] }, then: 'refuse' },
  { name: 'everybody', when: {}, then: 'participant' },
] as const;
const on = (sid: string, rid: number, inside = '<iq></iq>') =>
  `<body ${XMLNS} rid='${rid}' sid='${sid}'>${inside}</body>`;
const sidIn = (text: string) => / sid='([^']+)'/.exec(text)?.[1] ?? '';

let upstream: BoshUpstream;
let stage: Stage;
let ada: Visitor;
let mallory: Visitor;

before(async () => {
  upstream = await startBoshUpstream();
  stage = await startStage({
    config: {
      upstream: { url: upstream.url },
      rules: RULES,
      trustedProxies: ['127.0.0.1'],
      machines: [
        { name: 'jibri', networks: ['10.0.0.9'], reaches: ['xmpp'], xmppDomain: `recorder.${XMPP_DOMAIN}` },
        { name: 'probe', networks: ['10.0.0.10'], reaches: ['assets'] },
      ],
    },
  });
  [ada, mallory] = [stage.visitor(), stage.visitor()];
  await ada.signIn();
  await mallory.signIn();
});
after(async () => {
  await stage.close();
  await upstream.close();
});
afterEach(() => {
  upstream.posted.length = 0;
  upstream.left = 0;
});

/** Sends one body, as a page of ours would. */
function post(body: string, who?: Visitor, { target = '/http-bind?room=standup', headers = {} } = {}) {
  const sent: Sent = {
    method: 'POST',
    body,
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      origin: ORIGIN,
      ...(who && { cookie: who.cookieHeader() }),
      ...headers,
    },
  };
  return stage.ask(target, sent);
}

async function opened(who = ada, target = '/http-bind?room=standup'): Promise<string> {
  const answer = await post(START, who, { target });
  assert.equal(answer.status, 200);
  return sidIn(answer.text);
}

const claimsIn = (bearer = ''): Record<string, unknown> =>
  JSON.parse(Buffer.from(bearer.split('.')[1] ?? '', 'base64url').toString() || '{}');
const shown = displayToken({
  room: 'standup',
  sub: XMPP_DOMAIN,
} as Parameters<typeof displayToken>[0]).reveal();

test('a stream begins with a fresh token for that room, and goes on without one [PROXY-18]', async () => {
  const target = `/http-bind?room=standup&token=${shown}&customusername=x&vnode=v`;
  const headers = { authorization: `Bearer ${shown}` };
  const answer = await post(START, ada, { target, headers });
  const sid = sidIn(answer.text);
  assert.equal((await post(on(sid, 101), ada, { target, headers })).status, 200);
  const [start, next] = upstream.posted;
  assert.equal(start?.target, '/http-bind?room=standup');
  const claims = claimsIn(start?.headers.authorization);
  assert.deepEqual([claims['room'], claims['sub']], ['standup', XMPP_DOMAIN]);
  assert.deepEqual([next?.target, next?.headers.authorization], ['/http-bind?room=standup', undefined]);
  assert.equal(next?.body, on(sid, 101));
  for (const one of upstream.posted) {
    assert.equal(one.headers.cookie, undefined);
    assert.equal(one.headers['x-forwarded-for'], '127.0.0.1');
  }
});

test('a tenant’s stream goes to the tenant’s address, with a token for that tenant', async () => {
  await opened(ada, '/physics/http-bind?room=standup');
  const [start] = upstream.posted;
  assert.equal(start?.target, '/physics/http-bind?room=standup');
  assert.equal(claimsIn(start?.headers.authorization)['sub'], 'physics');
});

test('who is let in is written down once, with the room, and the stream is a connection of that session', async () => {
  const before = stage.lines.length;
  await opened();
  const written = stage.lines.slice(before).filter((line) => line.includes('audit.entered'));
  assert.equal(written.length, 1);
  assert.match(written[0] ?? '', /"room":"standup"/);
  assert.ok(stage.parts.sockets.list().some(({ kind, room }) => kind === 'bosh' && room?.name === 'standup'));
});

test('a stranger hears in XMPP that a token is required, and Prosody hears nothing [PROXY-15]', async () => {
  const offered = await post(START);
  assert.equal(offered.status, 200);
  assert.match(offered.text, /<mechanism>ANONYMOUS</);
  const refused = await post(
    on(sidIn(offered.text), 101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"),
  );
  assert.match(refused.text, /<not-allowed\/><text>token required<\/text>/);
  assert.deepEqual(upstream.posted, []);
});

test('a tampered cookie opens nothing, and a forged token is refused [PROXY-15]', async () => {
  const cookie = { cookie: `__Host-ostiary=${'x'.repeat(43)}` };
  assert.match((await post(START, undefined, { headers: cookie })).text, /ANONYMOUS/);
  for (const token of [shown, 'x', `${shown.split('.')[0]}.e30.x`])
    for (const carried of [
      { target: `/http-bind?room=standup&token=${token}` },
      { headers: { authorization: `Bearer ${token}` } },
    ])
      assert.equal((await post(START, undefined, carried)).status, 401);
  assert.deepEqual(upstream.posted, []);
});

test('a stream is begun by no page of another site, and by none that is not named [PROXY-16]', async () => {
  const sid = await opened();
  upstream.posted.length = 0;
  for (const origin of ['https://evil.example', 'null', `${ORIGIN}.evil.example`, 'http://meet.example.org'])
    for (const body of [START, on(sid, 101)])
      assert.equal((await post(body, ada, { headers: { origin } })).status, 403, origin);
  const headers = { cookie: ada.cookieHeader() };
  for (const body of [START, on(sid, 101)])
    assert.equal((await stage.ask('/http-bind?room=standup', { method: 'POST', body, headers })).status, 403);
  assert.deepEqual(upstream.posted, []);
});

test('a room the rules close, a room without a name and another method open nothing', async () => {
  assert.equal((await post(START, ada, { target: '/http-bind?room=board' })).status, 403);
  assert.equal((await post(START, ada, { target: '/http-bind' })).status, 400);
  const headers = { origin: ORIGIN, cookie: ada.cookieHeader() };
  assert.equal((await stage.ask('/http-bind?room=standup', { method: 'PUT', headers })).status, 405);
  assert.equal((await stage.ask('/http-bind?room=standup', { headers: { accept: '*/*' } })).status, 401);
  assert.deepEqual(upstream.posted, []);
});

test('whoever learnt the sid of somebody else has nothing by it, and that they tried is written down', async () => {
  const sid = await opened();
  upstream.posted.length = 0;
  const before = stage.lines.length;
  for (const who of [mallory, undefined]) {
    const answer = await post(on(sid, 101), who);
    assert.match(answer.text, /type='terminate' condition='item-not-found'/);
  }
  assert.deepEqual(upstream.posted, []);
  const written = stage.lines.slice(before).filter((line) => line.includes('audit.stream-refused'));
  assert.equal(written.length, 1);
  assert.equal((await post(on(sid, 101), ada)).status, 200);
  assert.equal(upstream.posted.length, 1);
});

test('a stream to the guest host, at its beginning and later, is answered by the gate alone [PROXY-28]', async () => {
  const sid = await opened();
  upstream.posted.length = 0;
  for (const body of [
    START.replace(XMPP_DOMAIN, `guest.${XMPP_DOMAIN}`),
    on(sid, 101).replace('rid=', `to='guest.${XMPP_DOMAIN}' rid=`),
  ])
    assert.match((await post(body, ada)).text, /condition='host-unknown'/);
  assert.deepEqual(upstream.posted, []);
});

test('a body that is packed, or says so, and one behind which another stands, reach nobody', async () => {
  for (const coding of ['gzip', 'deflate', 'br', 'identity, gzip', 'x'])
    assert.equal((await post(START, ada, { headers: { 'content-encoding': coding } })).status, 400, coding);
  const { text } = await post(START, ada);
  const begun = upstream.posted.length;
  const again = START.replace(XMPP_DOMAIN, `guest.${XMPP_DOMAIN}`);
  for (const body of [`${START}${again}`, `${on(sidIn(text), 101)}${again}`, `${on(sidIn(text), 101)}x`])
    assert.equal((await post(body, ada)).status, 400, body);
  assert.deepEqual([begun, upstream.posted.length], [1, 1]);
});

test('a stream of one room is not spoken to at the address of another', async () => {
  const sid = await opened();
  upstream.posted.length = 0;
  assert.equal((await post(on(sid, 101), ada, { target: '/http-bind?room=other' })).status, 400);
  assert.deepEqual(upstream.posted, []);
});

test('a ticket opens a stream and goes on with it, for its own room alone and without a page', async () => {
  const phone = stage.visitor({ 'user-agent': ANDROID });
  await phone.signIn();
  const tap = await phone.post(`${PREFIX}/hand-off`, { how: 'app', to: '/standup' });
  const ticket = /\?jwt=([\w.-]+)/.exec(tap.headers.get('location') ?? '')?.[1] ?? '';
  assert.notEqual(ticket, '');
  const ask = (body: string, room = 'standup') =>
    stage.ask(`/http-bind?room=${room}&token=${ticket}`, { method: 'POST', body });
  const answer = await ask(START);
  assert.equal(answer.status, 200);
  const sid = sidIn(answer.text);
  assert.equal((await ask(on(sid, 101))).status, 200);
  assert.equal(JSON.stringify(upstream.posted).includes(ticket), false);
  upstream.posted.length = 0;
  assert.equal((await ask(START, 'other')).status, 403);
  assert.match((await ask(on(sid, 102), 'other')).text, /item-not-found/);
  await phone.post(`${PREFIX}/sign-out`, {});
  assert.equal((await ask(on(sid, 102))).status, 401);
  assert.equal((await ask(START)).status, 401);
  assert.equal(upstream.posted.filter(({ body }) => !body.includes('terminate')).length, 0);
});

test('a recorder’s stream names its own host, carries no token and is written down by its name', async () => {
  const headers = { 'x-forwarded-for': '10.0.0.9' };
  const start = START.replace(XMPP_DOMAIN, `recorder.${XMPP_DOMAIN}`);
  const answer = await post(start, undefined, { headers });
  assert.equal((await post(on(sidIn(answer.text), 101), undefined, { headers })).status, 200);
  assert.deepEqual(
    upstream.posted.map((one) => one.headers.authorization),
    [undefined, undefined],
  );
  assert.match(stage.lines.findLast((line) => line.includes('audit.machine')) ?? '', /jibri/);
  upstream.posted.length = 0;
  assert.match((await post(START, undefined, { headers })).text, /host-unknown/);
  assert.match((await post(start, ada, { headers })).text, /host-unknown/, 'a person there is a person');
  const probe = await post(START, undefined, { headers: { 'x-forwarded-for': '10.0.0.10' } });
  assert.match(probe.text, /ANONYMOUS/);
  assert.deepEqual(upstream.posted, []);
});

test('a request that says nothing of a body has an empty one, and is answered at once', async () => {
  const head = [
    'POST /http-bind?room=standup HTTP/1.1',
    `Host: ${new URL(ORIGIN).host}`,
    `Origin: ${ORIGIN}`,
  ];
  for (const cookie of ['', `Cookie: ${ada.cookieHeader()}`]) {
    const bytes = [...head, ...(cookie === '' ? [] : [cookie]), 'Connection: close', '', ''].join('\r\n');
    assert.match(await stage.raw(bytes), /^HTTP\/1\.1 400 /);
  }
  assert.deepEqual(upstream.posted, []);
});
