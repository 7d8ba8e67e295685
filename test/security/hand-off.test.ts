/** Attacks on the way from the browser into Jitsi's app, through the real routes of a gateway. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readTicket } from '../../src/admission/ticket.ts';
import { readHtml } from '../support/read-html.ts';
import { APP_ID, ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const HAND_OFF = `${PREFIX}/hand-off`;
const RULES = [
  { name: 'the board only', when: { rooms: ['board'], groups: ['board'] }, then: 'participant' },
  { name: 'board', when: { rooms: ['board'] }, then: 'refuse' },
  { name: 'everybody', when: {}, then: 'participant' },
] as const;

let stage: Stage;
let phone: Visitor;

before(async () => {
  stage = await startStage({ config: { rules: RULES, upstream: { url: 'http://127.0.0.1:9' } } });
  phone = stage.visitor({ 'user-agent': ANDROID });
  await phone.signIn();
});
after(() => stage.close());

/** Presses a button of the choice. */
async function press(who: Visitor, fields: Readonly<Record<string, string>>, headers = {}) {
  const answer = await who.post(HAND_OFF, { how: 'app', to: '/standup', ...fields }, headers);
  return { status: answer.status, to: answer.headers.get('location') ?? '', answer };
}

const claimsIn = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const ticketIn = (address: string) => /\?jwt=([\w.-]+)(?:#|$)/.exec(address)?.[1] ?? '';

test('the tap makes a ticket for this session and this room, and hands it to the one app [REDIR-18]', async () => {
  const { status, to, answer } = await press(phone, {});
  assert.equal(status, 303);
  assert.match(
    to,
    /^intent:\/\/meet\.example\.org\/standup\?jwt=[\w.-]+#Intent;scheme=org\.jitsi\.meet;package=org\.jitsi\.meet;end$/,
  );
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.text, '');
  const ticket = ticketIn(to);
  const claims = claimsIn(ticket);
  assert.deepEqual([claims['aud'], claims['room']], [`${ORIGIN}${PREFIX}`, 'standup']);
  const { clock, sessions, sealing } = stage.parts;
  const about = { gate: `${ORIGIN}${PREFIX}`, issuer: APP_ID, clock, sessions, sealing };
  const proof = await readTicket(ticket, about);
  assert.ok(typeof proof === 'object');
  assert.equal(proof.room.claim, 'standup');
});

test('an iPhone is handed to its scheme, whatever the form says [REDIR-18]', async () => {
  const apple = stage.visitor({ 'user-agent': IPHONE });
  await apple.signIn();
  const more = { scheme: 'javascript', app: 'javascript', package: 'evil', client: 'android' };
  const { to } = await press(apple, more);
  assert.match(to, /^org\.jitsi\.meet:\/\/meet\.example\.org\/standup\?jwt=[\w.-]+$/);
});

for (const room of [
  'a;S.browser_fallback_url=https%3A%2F%2Fevil.example;end',
  'a%3BS.browser_fallback_url%3Dhttps:%2F%2Fevil.example%3Bend',
  'a%23Intent;scheme=javascript;end',
  'javascript:alert(1)',
  'x%0d%0aSet-Cookie:x=y',
  'a%3Fjwt=evil',
  'a%26jwt%3Devil',
])
  test(`the room ${room} adds nothing to what the app is told [REDIR-18]`, async () => {
    const { status, to, answer } = await press(phone, { to: `/${room}` });
    if (status === 400) return;
    assert.equal(status, 303);
    assert.match(
      to,
      /^intent:\/\/meet\.example\.org\/[\w.%-]+\?jwt=[\w.-]+#Intent;scheme=org\.jitsi\.meet;package=org\.jitsi\.meet;end$/,
    );
    assert.equal(answer.headers.get('set-cookie'), null);
    assert.equal(decodeURIComponent(claimsIn(ticketIn(to))['room'] as string).includes('/'), false);
  });

for (const to of [
  'https://evil.example/x',
  '//evil.example/x',
  '/\\evil.example',
  'org.jitsi.meet://evil',
  '',
])
  test(`the room ${JSON.stringify(to)} is none, and neither app nor browser is sent there [REDIR-18]`, async () => {
    for (const how of ['app', 'here']) {
      const { status, to: location } = await press(phone, { to, how });
      assert.deepEqual([status, location], [400, ''], how);
    }
  });

test('who may not enter gets no ticket, and is told why [REDIR-18]', async () => {
  const { status, to, answer } = await press(phone, { to: '/board' }, { accept: 'text/html' });
  assert.deepEqual([status, to], [403, '']);
  assert.doesNotMatch(answer.text, /jwt|eyJ/);
});

test('who is not signed in is sent to sign in, and comes back to the room [REDIR-18]', async () => {
  const { status, to } = await press(stage.visitor({ 'user-agent': ANDROID }), {});
  assert.deepEqual([status, to], [303, `${PREFIX}/sign-in?to=%2Fstandup`]);
});

test('no other site taps for anybody [REDIR-18]', async () => {
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
    assert.equal((await press(phone, {}, headers)).status, 403);
  assert.equal((await phone.get(`${HAND_OFF}?to=/standup&how=app`)).status, 405);
});

test('a browser that no app is made for goes on in the room, without a ticket [REDIR-18]', async () => {
  const desk = stage.visitor({ 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0' });
  await desk.signIn();
  assert.deepEqual([(await press(desk, {})).to], [`${ORIGIN}/standup`]);
});

test('who goes on in the browser is remembered by a cookie of our kind, for that room [REDIR-18]', async () => {
  const { status, to, answer } = await press(phone, { how: 'here' });
  assert.deepEqual([status, to], [303, `${ORIGIN}/standup`]);
  assert.match(
    answer.cookies.join(),
    /^__Host-ostiary-here=[\w-]{16}; Path=\/; Max-Age=14400; Secure; HttpOnly; SameSite=Lax$/,
  );
});

const cameFrom = (flags: Readonly<Record<string, boolean>>, more = {}) =>
  `${PREFIX}/join?state=${encodeURIComponent(JSON.stringify({ room: 'standup', ...flags, ...more }))}`;

/** The hidden fields of the form that leads into the app: the first there is. */
function formBack(html: string): Record<string, string> {
  const fields = new Map<string, string>();
  for (const { tag, attributes } of readHtml(html))
    if (tag === 'input' && !fields.has(attributes['name'] ?? ''))
      fields.set(attributes['name'] ?? '', attributes['value'] ?? '');
  return Object.fromEntries(fields);
}

test("an app's own sign-in leads back into that app, whatever browser it opened, and the page holds no token [REDIR-18]", async () => {
  for (const [flag, scheme] of [
    ['ios', 'org.jitsi.meet:'],
    ['android', 'intent:'],
    ['electron', 'jitsi-meet:'],
  ] as const) {
    const answer = await phone.get(cameFrom({ [flag]: true }, { 'config.startWithAudioMuted': true }));
    assert.equal(answer.status, 200, flag);
    assert.doesNotMatch(answer.text, /eyJ|jwt/);
    assert.match(
      answer.headers.get('content-security-policy') ?? '',
      new RegExp(`form-action [^;]*${scheme}`),
    );
    const { to, answer: tapped } = await press(phone, formBack(answer.text));
    assert.ok(to.startsWith(`${scheme}//meet.example.org/standup`), to);
    const token = /jwt=(?:%22)?([\w-]+\.[\w-]+\.[\w-]+)/.exec(to)?.[1] ?? '';
    assert.equal(claimsIn(token)['aud'], `${ORIGIN}${PREFIX}`);
    assert.equal(tapped.text, '');
  }
});

test('an app that calls itself all apps at once is a browser [REDIR-18]', async () => {
  const answer = await phone.get(cameFrom({ electron: true, ios: true, android: true }));
  assert.equal(answer.headers.get('location'), `${ORIGIN}/standup`);
});

test('who came from an app and goes on in the browser does, and no app is remembered [REDIR-18]', async () => {
  const { text } = await phone.get(cameFrom({ ios: true }, { 'config.startWithAudioMuted': true }));
  const { to } = await press(phone, { ...formBack(text), how: 'here' });
  assert.equal(to, `${ORIGIN}/standup#config.startWithAudioMuted=true`);
});

test('the app survives the sign-in: who came from one signs in and is led back into it [REDIR-18]', async () => {
  const apple = stage.visitor({ 'user-agent': IPHONE });
  const sent = await apple.get(cameFrom({ ios: true }));
  const to = new URL(sent.headers.get('location') ?? '', ORIGIN).searchParams.get('to') ?? '';
  const back = await apple.signIn(to);
  const answer = await apple.get(back.headers.get('location') ?? '');
  assert.match((await press(apple, formBack(answer.text))).to, /^org\.jitsi\.meet:/);
});

test('behind a gateway no way back holds a token [REDIR-18]', async () => {
  const answer = await phone.get(`${PREFIX}/join?to=%2Fstandup`);
  assert.equal(answer.headers.get('location'), `${ORIGIN}/standup`);
});

test('beside Jitsi an app is handed a token for Prosody, for its room alone and as long as the operator says', async () => {
  const plain = await startStage({
    op: stage.op,
    config: {
      tokens: { appId: APP_ID, appLifetime: '2h' },
      jitsi: {
        roles: 'enforced',
        xmppDomain: 'meet.jitsi',
        deeplinking: { ios: { appScheme: 'org.example.meet' } },
      },
    },
  });
  try {
    const person = plain.visitor({ 'user-agent': IPHONE });
    await person.signIn();
    const page = await person.get(cameFrom({ ios: true }));
    const { to } = await press(person, formBack(page.text));
    assert.match(to, /^org\.example\.meet:\/\/meet\.example\.org\/standup\?jwt=/);
    const claims = claimsIn(ticketIn(to));
    assert.deepEqual([claims['aud'], claims['room']], [APP_ID, 'standup']);
    assert.equal(Number(claims['exp']) - Math.floor(plain.clock.now() / 1000), 7200);
    const { to: here } = await press(person, { ...formBack(page.text), how: 'here' });
    assert.equal(here, `${PREFIX}/join?to=%2Fstandup`);
    const entered = (await person.get(here)).headers.get('location') ?? '';
    assert.match(entered, /^https:\/\/meet\.example\.org\/standup#jwt=/);
    assert.ok(!plain.lines.join('').includes(ticketIn(to)));
  } finally {
    await plain.close();
  }
});
