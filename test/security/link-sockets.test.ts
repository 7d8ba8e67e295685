/** Links of other applications beyond the page: XMPP by WebSocket and BOSH, conference requests, and tickets for apps. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { APPS, askToken, tokenOf } from '../support/apps.ts';
import { type BoshUpstream, startBoshUpstream } from '../support/bosh-upstream.ts';
import { linkClaims, linkToken, MOODLE } from '../support/links.ts';
import { ORIGIN, PREFIX, type Stage, startStage, XMPP_DOMAIN } from '../support/server-stage.ts';
import { type GateStage, startGate } from './gate-stage.ts';

const XMLNS = "xmlns='http://jabber.org/protocol/httpbind'";
const START = `<body ${XMLNS} rid='100' to='${XMPP_DOMAIN}' wait='60' hold='1'/>`;
const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36';

let gate: GateStage;
before(async () => {
  gate = await startGate({ config: { issuers: [MOODLE], apps: APPS } });
});
after(() => gate.close());

const claimsIn = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    readonly room: string;
    readonly context: { readonly user: { readonly id: string } };
  };

/** A browser that has followed a link, and whatever it had before. */
async function byLink(stage: Stage, more: object = {}, { path = '/standup', cookie = '' } = {}) {
  const token = linkToken(linkClaims(stage.clock, more));
  const { cookies } = await stage.ask(`${path}?jwt=${token}`, { headers: { cookie } });
  const [given = ''] = cookies.map((line) => line.split(';', 1)[0]);
  return [cookie, given].filter((one) => one !== '').join('; ');
}

/** Whom Jitsi hears of on a WebSocket to this room; the status where it hears of nobody. */
async function heardAt(target: string, headers: Record<string, string>): Promise<string> {
  const { result, upgrades } = await gate.reaching(() =>
    gate.at({ target, headers: { Origin: ORIGIN, ...headers } }),
  );
  result.socket.destroy();
  await gate.empty();
  const [reached] = upgrades;
  if (reached === undefined) return result.status === 101 ? 'no-token' : String(result.status);
  const { context, room } = claimsIn((reached.header('authorization')[0] ?? '').replace('Bearer ', ''));
  return `${context.user.id} in ${room}`;
}

test('by a link somebody speaks XMPP in its room, and in no other', async () => {
  const Cookie = await byLink(gate.stage);
  assert.equal(await heardAt('/xmpp-websocket?room=standup', { Cookie }), 'moodle#17 in standup');
  assert.equal(await heardAt('/xmpp-websocket?room=other', { Cookie }), 'no-token');
  assert.equal(await heardAt('/physics/xmpp-websocket?room=standup', { Cookie }), 'no-token');
});

test('by a link somebody is who the link says, and in other rooms who their account says', async () => {
  const ada = await gate.person('ada');
  const Cookie = await byLink(gate.stage, {}, { cookie: ada.cookie });
  assert.equal(await heardAt('/xmpp-websocket?room=standup', { Cookie }), 'moodle#17 in standup');
  assert.equal(await heardAt('/xmpp-websocket?room=other', { Cookie }), 'sso#ada in other');
});

test('a session of a link under another name speaks in no other room', async () => {
  const id = (await byLink(gate.stage)).split('=')[1];
  for (const target of ['/xmpp-websocket?room=other', '/physics/xmpp-websocket?room=standup'])
    assert.equal(await heardAt(target, { Cookie: `__Host-ostiary=${id}` }), 'no-token', target);
});

test('an app shows the link’s own token with every connection, and is one session in its room', async () => {
  const { stage } = gate;
  const token = linkToken(linkClaims(stage.clock, { context: { user: { id: 'sdk' } } }));
  const target = `/xmpp-websocket?room=standup&token=${token}`;
  for (let time = 0; time < 3; time += 1) assert.equal(await heardAt(target, {}), 'moodle#sdk in standup');
  assert.equal(
    await heardAt('/xmpp-websocket?room=standup', { Authorization: `Bearer ${token}` }),
    'moodle#sdk in standup',
  );
  assert.equal(
    (await stage.parts.sessions.list()).filter(({ person }) => person.id === 'moodle#sdk').length,
    1,
  );
  for (const elsewhere of ['/xmpp-websocket?room=other', '/physics/xmpp-websocket?room=standup'])
    assert.equal(await heardAt(`${elsewhere}&token=${token}`, {}), '401', elsewhere);
  const entries = await stage.parts.records.list({ person: 'moodle#sdk' });
  assert.equal(entries.filter(({ event }) => event === 'link-followed').length, 1);
});

test('many connections of one token at once are one session', async () => {
  const { stage } = gate;
  const token = linkToken(linkClaims(stage.clock, { context: { user: { id: 'burst' } } }));
  const asked = await Promise.all(
    Array.from({ length: 8 }, () =>
      stage.ask(`/conference-request/v1?room=standup&token=${token}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    ),
  );
  assert.deepEqual(new Set(asked.map(({ status }) => status)), new Set([200]));
  assert.equal(
    (await stage.parts.sessions.list()).filter(({ person }) => person.id === 'moodle#burst').length,
    1,
  );
});

test('a token for every room begins so many sessions from one address in a minute, and who is in goes on [DOS-01]', async () => {
  const own = await startGate({ config: { issuers: [MOODLE], limits: { signInsPerAddress: 3 } } });
  try {
    const token = linkToken(linkClaims(own.stage.clock, { room: '*' }));
    const asked = async (room: string) =>
      (
        await own.stage.ask(`/conference-request/v1?room=${room}&token=${token}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        })
      ).status;
    const statuses: number[] = [];
    for (const room of ['a', 'b', 'c', 'd', 'e', 'a']) statuses.push(await asked(room));
    assert.deepEqual(statuses, [200, 200, 200, 429, 429, 200]);
    assert.equal((await own.stage.parts.sessions.list()).length, 3);
  } finally {
    await own.close();
  }
});

test('a token whose session was ended begins no other one at this door, and a forged one begins none', async () => {
  const { stage } = gate;
  const token = linkToken(linkClaims(stage.clock, { context: { user: { id: 'gone' } } }));
  const target = `/xmpp-websocket?room=standup&token=${token}`;
  assert.equal(await heardAt(target, {}), 'moodle#gone in standup');
  await stage.parts.sessions.endAllOf('moodle#gone', 'operator');
  assert.equal(await heardAt(target, {}), '401');
  for (const bad of [`${token}x`, linkToken(linkClaims(stage.clock), { secret: 'f'.repeat(40) }), 'a.b.c'])
    assert.equal(await heardAt(`/xmpp-websocket?room=standup&token=${bad}`, {}), '401');
});

test('an app in its room stays there after the end of its token, and nobody enters by it any more', async () => {
  const { stage } = gate;
  const exp = stage.clock.now() / 1000 + 60;
  const tokenOfApp = (id: string) => linkToken(linkClaims(stage.clock, { exp, context: { user: { id } } }));
  const [inside, late] = [tokenOfApp('inside'), tokenOfApp('late-app')];
  const target = `/xmpp-websocket?room=standup&token=${inside}`;
  const open = await gate.at({ target });
  assert.equal(open.status, 101);
  stage.clock.advance(120);
  assert.equal(await heardAgain(target), 'moodle#inside in standup');
  assert.equal((await gate.at({ target: `/xmpp-websocket?room=standup&token=${late}` })).status, 401);
  open.socket.destroy();
  await gate.empty();
});

/** As `heardAt`, while another connection is open. */
async function heardAgain(target: string): Promise<string> {
  const { result, upgrades } = await gate.reaching(() => gate.at({ target }));
  result.socket.destroy();
  const bearer = (upgrades[0]?.header('authorization')[0] ?? '').replace('Bearer ', '');
  const { context, room } = claimsIn(bearer);
  return `${context.user.id} in ${room}`;
}

test('a meeting goes on after the end of its link, and is taken up again as the same person, account or not', async () => {
  const ada = await gate.person('ada');
  const exp = gate.stage.clock.now() / 1000 + 60;
  const headers = { Origin: ORIGIN, Cookie: await byLink(gate.stage, { exp }, { cookie: ada.cookie }) };
  const target = '/xmpp-websocket?room=standup';
  const first = await gate.at({ target, headers });
  assert.equal(first.status, 101);
  gate.stage.clock.advance(120);
  const again = await gate.reaching(() => gate.at({ target, headers }));
  const [reached] = again.upgrades;
  const bearer = (reached?.header('authorization')[0] ?? '').replace('Bearer ', '');
  assert.equal(claimsIn(bearer).context.user.id, 'moodle#17');
  first.socket.destroy();
  again.result.socket.destroy();
  await gate.empty();
});

test('who never entered by their link does not enter after its end', async () => {
  const exp = gate.stage.clock.now() / 1000 + 60;
  const Cookie = await byLink(gate.stage, { exp, context: { user: { id: 'late' } } });
  gate.stage.clock.advance(61);
  assert.equal(await heardAt('/xmpp-websocket?room=standup', { Cookie }), 'no-token');
});

test('a link that is left, or whose application is ended, cuts its connections', async () => {
  const { stage } = gate;
  const headers = { Origin: ORIGIN, Cookie: await byLink(stage, { context: { user: { id: 'cut' } } }) };
  const open = await gate.at({ target: '/xmpp-websocket?room=standup', headers });
  assert.equal(open.status, 101);
  await stage.parts.sessions.endAllOf('moodle#cut', 'operator');
  await gate.empty();
  assert.equal(await heardAt('/xmpp-websocket?room=standup', headers), 'no-token');
});

test('a ticket of who came by a link opens the one room, as that person, and dies with the link', async () => {
  const { stage } = gate;
  const exp = stage.clock.now() / 1000 + 600;
  const cookie = await byLink(stage, { exp, context: { user: { id: 'app' } } });
  const person = { id: '', handle: '', cookie };
  const ticket = await gate.ticketFor(person, '/standup');
  assert.equal(await heardAt(`/xmpp-websocket?room=standup&token=${ticket}`, {}), 'moodle#app in standup');
  assert.equal(await heardAt(`/xmpp-websocket?room=other&token=${ticket}`, {}), '403');
  assert.equal(await heardAt(`/physics/xmpp-websocket?room=standup&token=${ticket}`, {}), '403');
  // Nobody is handed a ticket for a room their link does not open.
  const headers = {
    ...{ cookie, origin: ORIGIN, 'user-agent': ANDROID },
    'content-type': 'application/x-www-form-urlencoded',
  };
  const other = await stage.ask(`${PREFIX}/hand-off`, {
    method: 'POST',
    headers,
    body: 'how=app&to=%2Fother',
  });
  assert.match(other.headers.get('location') ?? '', new RegExp(`^${PREFIX}/sign-in`));
  stage.clock.advance(601);
  assert.equal(await heardAt(`/xmpp-websocket?room=standup&token=${ticket}`, {}), '401');
});

test('whom an application asked for itself is asked about by no issuer', async () => {
  const ticket = tokenOf(await askToken(gate.stage));
  assert.equal(await heardAt(`/xmpp-websocket?room=crm-7&token=${ticket}`, {}), 'app:crm#4711 in crm-7');
});

test('requests to Jicofo go for the person of the link, and for no other room', async () => {
  const { stage, jitsi } = gate;
  const cookie = await byLink(stage);
  const ask = (room: string) =>
    stage.ask(`/conference-request/v1?room=${room}`, {
      method: 'POST',
      headers: { cookie, origin: ORIGIN, 'content-type': 'application/json' },
      body: '{}',
    });
  const before = jitsi.requests.length;
  assert.equal((await ask('standup')).status, 200);
  assert.equal((await ask('other')).status, 401);
  assert.equal(jitsi.requests.length, before + 1);
});

test('by BOSH too a link opens its room alone, and a stream stays whose it is when the link is followed again', async (t) => {
  const upstream: BoshUpstream = await startBoshUpstream();
  const stage = await startStage({ config: { issuers: [MOODLE], upstream: { url: upstream.url } } });
  t.after(async () => {
    await stage.close();
    await upstream.close();
  });
  const post = (body: string, cookie: string, target = '/http-bind?room=standup') =>
    stage.ask(target, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/xml', origin: ORIGIN, cookie },
    });
  const cookie = await byLink(stage);
  const begun = await post(START, cookie);
  const sid = / sid='([^']+)'/.exec(begun.text)?.[1] ?? assert.fail(begun.text);
  assert.match((await post(START, cookie, '/http-bind?room=other')).text, / sid='token-required'/);
  const again = await byLink(stage, { jti: 'fresh' }, { cookie });
  assert.equal(again.split('; ')[1], cookie);
  // An app without cookies speaks by the token itself.
  const token = linkToken(linkClaims(stage.clock, { context: { user: { id: 'app' } } }));
  const app = await post(
    START.replace("rid='100'", "rid='500'"),
    '',
    `/http-bind?room=standup&token=${token}`,
  );
  const appSid = / sid='([^']+)'/.exec(app.text)?.[1] ?? assert.fail(app.text);
  const goesOn = `<body ${XMLNS} rid='501' sid='${appSid}'><iq></iq></body>`;
  assert.equal((await post(goesOn, '', `/http-bind?room=standup&token=${token}`)).status, 200);
  const on = (rid: number) => `<body ${XMLNS} rid='${rid}' sid='${sid}'><iq></iq></body>`;
  assert.equal((await post(on(101), cookie)).status, 200);
  const grace = await byLink(stage, { context: { user: { id: '18' } } });
  assert.match((await post(on(102), grace)).text, /item-not-found|policy-violation|terminate/);
});
