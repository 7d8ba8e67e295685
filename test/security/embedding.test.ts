/** Meetings in the pages of other applications, at the gate: tickets, frames, cookies, and who hears of it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createSpine } from '../../src/app/spine.ts';
import { roomFromPath, roomOf } from '../../src/base/room.ts';
import { APPS, askToken, CRM_ORIGIN, CRM_SECRET, SOMEBODY, tokenOf } from '../support/apps.ts';
import { type GatewayStage, startGatewayStage } from '../support/gateway-stage.ts';
import { rightAnswer, sayRight } from '../support/raw-upstream.ts';
import { ORIGIN, PREFIX, type Sent } from '../support/server-stage.ts';

let at: GatewayStage;

before(async () => {
  at = await startGatewayStage({
    config: {
      apps: APPS,
      access: 'members',
      rules: [{ name: 'closed', when: { rooms: ['crm-closed-*'], providers: ['sso'] }, then: 'refuse' }],
      open: { assets: true },
    },
  });
});
after(() => at.close());

/** How a browser builds a frame in a page of another site. */
const FRAME = {
  'sec-fetch-dest': 'iframe',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'cross-site',
} as const;
/** A page of ours in such a frame sends its form. */
const OUR_FORM = {
  ...FRAME,
  'sec-fetch-site': 'same-origin',
  origin: ORIGIN,
  'content-type': 'application/x-www-form-urlencoded',
} as const;

const ticket = async (more: object = {}) => tokenOf(await askToken(at.stage, { ...SOMEBODY, ...more }));
const ask = (target: string, headers: Sent['headers'] = FRAME, sent: Sent = {}) =>
  at.stage.ask(target, { ...sent, ...(headers && { headers }) });
const postTicket = (token: string, headers: Sent['headers'] = OUR_FORM, room = '/crm-7') =>
  ask(room, headers, { method: 'POST', body: `jwt=${token}` });
const cookieOf = (answer: { readonly cookies: readonly string[] }) => answer.cookies[0]?.split(';')[0] ?? '';
const asked = () => at.upstream.requests.length;

test('an application is given a ticket, which Prosody would not take and Jitsi never sees', async () => {
  const token = await ticket();
  const [header = '', payload = ''] = token.split('.');
  assert.equal(JSON.parse(String(Buffer.from(header, 'base64url'))).alg, 'HS256');
  assert.equal(JSON.parse(String(Buffer.from(payload, 'base64url'))).aud, `${ORIGIN}${PREFIX}`);
});

test('a frame’s address loses the ticket by one redirect, for a cookie of that room in that site', async () => {
  const before = asked();
  const answer = await ask(`/crm-7?jwt=${await ticket()}`);
  assert.deepEqual([answer.status, answer.headers.get('location'), asked()], [302, '/crm-7', before]);
  assert.match(
    answer.cookies[0] ?? '',
    /^__Host-ostiary-in-[\w-]{16}=[\w-]{43}; Path=\/; Max-Age=21600; Secure; HttpOnly; SameSite=None; Partitioned$/,
  );
  const page = await ask('/crm-7', { ...FRAME, cookie: cookieOf(answer) });
  assert.equal(page.status, 200);
  assert.match(page.text, /Jitsi Meet/);
});

for (const [where, headers] of [
  ['a frame of our own site', { ...FRAME, 'sec-fetch-site': 'same-site' }],
  ['a tab', { ...FRAME, 'sec-fetch-dest': 'document' }],
] as const)
  test(`${where} needs no such cookie`, async () =>
    assert.match((await ask(`/crm-7?jwt=${await ticket()}`, headers)).cookies[0] ?? '', /SameSite=Lax$/));

test('what such a cookie opens is its room, and files; no other room', async () => {
  const cookie = cookieOf(await ask(`/crm-7?jwt=${await ticket()}`));
  assert.equal((await ask('/libs/app.bundle.min.js', { cookie })).status, 200);
  const other = await ask('/crm-8', { ...FRAME, cookie });
  assert.doesNotMatch(other.text, /<title>Jitsi Meet/);
});

for (const [what, room, fields] of [
  ['another room', '/crm-8', {}],
  ['another tenant', '/sales/crm-7', {}],
] as const)
  test(`a ticket opens ${what} neither by its address nor by its form`, async () => {
    const token = await ticket(fields);
    const moved = await ask(`${room}?jwt=${token}`);
    assert.equal(moved.cookies.length, 0);
    const posted = await postTicket(token, OUR_FORM, room);
    assert.ok(posted.status >= 400);
    assert.doesNotMatch(posted.text, /<title>Jitsi Meet/);
  });

test('a frame whose browser keeps nothing enters by its ticket, and its page holds that and no other token', async () => {
  const outside = await ask('/crm-7');
  assert.match(outside.text, /<form[^>]*data-framed/);
  const page = await postTicket(await ticket());
  assert.equal(page.status, 200);
  const held = /"token":"([^"]+)"/.exec(page.text)?.[1] ?? '';
  const { aud, room } = JSON.parse(String(Buffer.from(held.split('.')[1] ?? '', 'base64url')));
  assert.deepEqual([aud, room, page.cookies], [`${ORIGIN}${PREFIX}`, 'crm-7', []]);
});

for (const [what, headers] of [
  ['a page of another site', { ...OUR_FORM, origin: CRM_ORIGIN, 'sec-fetch-site': 'cross-site' }],
  ['nobody knows which page', { ...OUR_FORM, origin: 'null' }],
  ['a script that sends text', { ...OUR_FORM, 'content-type': 'text/plain' }],
] as const)
  test(`a ticket that ${what} posts opens nothing`, async () => {
    const answer = await postTicket(await ticket(), headers);
    assert.equal(answer.status, 403);
  });

test('a ticket is dead with its session, in a frame too, and the page around is told that another may help', async () => {
  const token = await ticket({ subject_id: 'gone' });
  await at.stage.parts.sessions.endAllOf('app:crm#gone', 'operator');
  for (const answer of [
    await postTicket(token),
    await ask((await ask(`/crm-7?jwt=${token}`)).headers.get('location')?.split('#')[0] ?? ''),
  ]) {
    assert.equal(answer.status, 401);
    assert.match(answer.text, /data-tells=/);
    assert.match(answer.text, /&quot;status&quot;:401/);
  }
});

test('what posted is no ticket opens nothing', async () => {
  const signed = await at.ada.get('/crm-7');
  const display = /"token":"([^"]+)"/.exec(signed.text)?.[1] ?? '';
  assert.notEqual(display, '');
  for (const token of ['', 'x', display, 'a.b.c']) assert.equal((await postTicket(token)).status, 401);
});

test('without open files a frame without cookies is shown the way out of it, and nothing is taken by its form', async () => {
  const closed = await startGatewayStage({ config: { apps: APPS } });
  try {
    const page = await closed.stage.ask('/crm-7', { headers: FRAME });
    assert.doesNotMatch(page.text, /<form[^>]*data-framed/);
    assert.match(page.text, /<form[^>]*data-tab/);
    const posted = await closed.stage.ask('/crm-7', {
      method: 'POST',
      headers: OUR_FORM,
      body: `jwt=${tokenOf(await askToken(closed.stage))}`,
    });
    assert.equal(posted.status, 405);
  } finally {
    await closed.close();
  }
});

const ancestors = (answer: { readonly headers: Headers }) =>
  /frame-ancestors ([^;,]*)/.exec(answer.headers.get('content-security-policy') ?? '')?.[1];

test('the pages that may frame a room are those of its applications, and no others', async () => {
  const page = async (room: string) => ancestors(await at.ada.get(room));
  assert.equal(await page('/crm-7'), `'self' ${CRM_ORIGIN}`);
  assert.equal(await page('/standup'), "'self'");
  assert.equal(await page('/shop-1'), "'self'");
});

test('who forbids every frame at Jitsi’s own web server is heard', async () => {
  at.upstream.say = (request, socket) =>
    request.line.includes('/crm-7')
      ? rightAnswer(
          '<!doctype html><html><head></head></html>',
          'text/html; charset=utf-8',
          "Content-Security-Policy: frame-ancestors 'none'\r\n",
        )
      : sayRight(request, socket);
  try {
    assert.equal(ancestors(await at.ada.get('/crm-7')), "'none'");
  } finally {
    at.upstream.say = sayRight;
  }
});

test('who is refused in a frame of its application reads why there, and the page around hears it; nobody else’s', async () => {
  const refused = await at.ada.get('/crm-closed-1', FRAME);
  assert.equal(refused.status, 403);
  assert.equal(ancestors(refused), `'self' ${CRM_ORIGIN}`);
  assert.equal(refused.headers.get('x-frame-options'), null);
  const tells = /data-tells="([^"]*)"/.exec(refused.text)?.[1]?.replaceAll('&quot;', '"') ?? '';
  const { to, message } = JSON.parse(tells);
  assert.deepEqual(
    [to, message.event, message.code, message.status],
    [[CRM_ORIGIN], 'refused', 'entry.refused', 403],
  );
});

test('an application’s people lose what the operator takes from it', async () => {
  const cookie = cookieOf(await ask(`/crm-7?jwt=${await ticket()}`));
  const { config, parts } = at.stage;
  assert.equal((await ask('/crm-7', { ...FRAME, cookie })).status, 200);
  const spine = createSpine({ ...config, apps: [] }, { ...parts, limits: { count: async () => undefined } });
  const header = (name: string) => (name === 'cookie' ? cookie : undefined);
  const outcome = await spine.admit({
    asked: { method: 'GET', path: '/crm-7', query: '', header, address: '', id: '', socket: '', raw: [] },
    wants: { kind: 'enter', room: roomOf(roomFromPath('crm-7')) },
  });
  assert.equal(outcome.kind, 'sign-in');
});

test('the ticket of somebody with an account begins no session by an address', async () => {
  const phone = { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)' };
  const app = await at.ada.post(`${PREFIX}/hand-off`, { to: '/crm-7', how: 'app' }, phone);
  const token = /[?&]jwt=([\w.-]+)/.exec(app.headers.get('location') ?? '')?.[1] ?? '';
  assert.equal(token.split('.').length, 3);
  const answer = await ask(`/crm-7?jwt=${token}`, { ...FRAME, 'sec-fetch-dest': 'document' });
  assert.deepEqual([answer.status, answer.cookies], [302, []]);
});

test('no ticket, cookie or secret stands in any line of the log', async () => {
  const token = await ticket();
  const cookie = cookieOf(await ask(`/crm-7?jwt=${token}`));
  await postTicket(token);
  for (const secret of [token, token.split('.')[2] ?? '', cookie.split('=')[1] ?? '', CRM_SECRET])
    assert.ok(!at.stage.lines.some((line) => line.includes(secret)));
  assert.ok(!at.upstream.requests.some(({ head }) => head.includes(token)));
});

/** What the log says of frames when one of a room is built in a page at this address. */
async function toldOfFrame(referer: string, more: Sent['headers'] = {}) {
  const cookie = cookieOf(await ask(`/crm-7?jwt=${await ticket()}`));
  const before = at.stage.lines.length;
  await ask('/crm-7', { ...FRAME, cookie, referer, ...more });
  const lines = at.stage.lines.slice(before).map((line) => JSON.parse(line));
  return lines.filter(({ event }) => event === 'frame-refused');
}

test('a page that may not frame the room is named in the log, by its origin alone, and a listed one is not', async () => {
  const [told, ...more] = await toldOfFrame('https://evil.example/customers/4711?name=Grace#x');
  assert.deepEqual(
    [told.origin, told.room, typeof told.id, more],
    ['https://evil.example', 'crm-7', 'string', []],
  );
  assert.ok(!/customers|Grace/.test(JSON.stringify(told)));
  for (const [referer, headers] of [
    [`${CRM_ORIGIN}/`, {}],
    [`${ORIGIN}/`, { 'sec-fetch-site': 'same-origin' }],
    ['https://evil.example/', { 'sec-fetch-dest': 'document' }],
    ['data:text/html,x', {}],
    ['', {}],
  ] as const)
    assert.deepEqual(await toldOfFrame(referer, headers), [], referer);
});

test('the redirect of a frame lets its browser name the page around once more, by the origin; no other redirect does', async () => {
  const policyOf = async (headers: Sent['headers']) =>
    (await ask(`/crm-7?jwt=${await ticket()}`, headers)).headers.get('referrer-policy');
  assert.equal(await policyOf(FRAME), 'strict-origin');
  assert.equal(await policyOf({ ...FRAME, 'sec-fetch-dest': 'document' }), 'same-origin');
  assert.equal(await policyOf({}), 'same-origin');
});

test('where Jitsi’s own web server says who may frame its page, nothing is told of frames', async () => {
  at.upstream.say = (request, socket) =>
    request.line.includes('/crm-7')
      ? rightAnswer(
          '<!doctype html><html><head></head></html>',
          'text/html; charset=utf-8',
          'Content-Security-Policy: frame-ancestors https://portal.example\r\n',
        )
      : sayRight(request, socket);
  try {
    assert.deepEqual(await toldOfFrame('https://portal.example/'), []);
  } finally {
    at.upstream.say = sayRight;
  }
});
