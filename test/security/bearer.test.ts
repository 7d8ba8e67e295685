/** Attacks with tokens in the header, where we stand beside Jitsi: what a token of somebody else's opens, and for whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoomPath } from '../../src/base/room.ts';
import { bearerClaims } from '../support/bearers.ts';
import { hmac, segment } from '../support/jws.ts';
import { PREFIX, type Stage, startStage } from '../support/server-stage.ts';

const SECRET = 'a secret of thirty-two bytes, or of some more';
const ISS = 'https://rooms.example.org';

function tokenFor(stage: Stage, more: object = {}, secret = SECRET): string {
  const input = `${segment({ alg: 'HS256' })}.${segment(bearerClaims(stage.clock, { iss: ISS, ...more }))}`;
  return `${input}.${hmac(input, secret)}`;
}

async function stageFor(t: { after(close: () => Promise<void>): void }, config: object = {}): Promise<Stage> {
  const bearer = { issuers: [{ id: 'rooms', iss: ISS, audience: 'jitsi-api', secret: SECRET }] };
  const stage = await startStage({ config: { bearer, ...config } });
  t.after(() => stage.close());
  return stage;
}

const join = (stage: Stage, authorization: string, more: Readonly<Record<string, string>> = {}) =>
  stage.ask(`${PREFIX}/join?room=standup`, { headers: { authorization, accept: '*/*', ...more } });

test('a token in the header takes its person into the room that was asked for, and no session into a browser', async (t) => {
  const stage = await stageFor(t);
  const answer = await join(stage, `Bearer ${tokenFor(stage)}`);
  assert.equal(answer.status, 302);
  const to = new URL(answer.headers.get('location') ?? '');
  assert.equal(to.pathname, '/standup');
  assert.match(to.hash, /^#jwt=/);
  assert.equal(answer.headers.get('set-cookie'), null);
  const entries = await stage.parts.records.list({ person: 'rooms#ada' });
  const told = entries.map(({ event, room }) => [event, room]);
  assert.deepEqual(new Set(told.map(String)), new Set(['bearer-taken,', 'entered,standup']));
});

test('no part of a token comes back or is written down, whatever is wrong with it [SEC-01]', async (t) => {
  const stage = await stageFor(t);
  const tokens = [
    tokenFor(stage),
    tokenFor(stage, {}, 'another secret of more than thirty-two bytes'),
    tokenFor(stage, { exp: 1_000_000_000, iat: 999_999_000 }),
    tokenFor(stage, { aud: 'somebody-else' }),
    tokenFor(stage, { iss: 'https://nobody.example.org' }),
    `${tokenFor(stage)}x`,
  ];
  for (const token of tokens) {
    const answer = await join(stage, `Bearer ${token}`);
    const told = [answer.text, ...answer.headers.values(), ...stage.lines].join('\n');
    for (const part of token.split('.').slice(1)) assert.ok(!told.includes(part), told.slice(0, 300));
  }
});

test('a token that its issuer signed for another service opens nothing [JWT-10]', async (t) => {
  const stage = await stageFor(t);
  for (const aud of ['other', ['other'], ['jitsi-api', 'other'], 'jitsi-api2', 'JITSI-API', [], {}, null]) {
    const answer = await join(stage, `Bearer ${tokenFor(stage, { aud })}`);
    assert.deepEqual(
      [answer.status, JSON.parse(answer.text).code],
      [401, 'bearer.unacceptable'],
      String(aud),
    );
  }
});

test('a session that a browser shows wins over whatever stands in the header', async (t) => {
  const stage = await stageFor(t);
  const ada = stage.visitor();
  await ada.signIn();
  const answer = await join(stage, `Bearer ${tokenFor(stage, { sub: 'eve' })}`, {
    cookie: ada.cookieHeader(),
  });
  assert.equal(answer.status, 302);
  assert.deepEqual(await stage.parts.records.list({ person: 'rooms#eve' }), []);
});

test('a header of another scheme, two tokens or none at all is nobody', async (t) => {
  const stage = await stageFor(t);
  const token = tokenFor(stage);
  for (const header of [
    `Basic ${token}`,
    token,
    'Bearer',
    'Bearer ',
    `Bearer ${token} ${token}`,
    `Token ${token}`,
  ]) {
    const answer = await join(stage, header);
    assert.match(answer.headers.get('location') ?? '', /\/sign-in\?/, header);
  }
});

test('who was put out of a room stays out with however many new tokens', async (t) => {
  const stage = await stageFor(t);
  await join(stage, `Bearer ${tokenFor(stage)}`);
  const { clock, parts } = stage;
  await parts.kicks.add({
    person: 'rooms#ada',
    room: parseRoomPath('/standup'),
    seconds: 3600,
  });
  clock.advance(60);
  const answer = await join(stage, `Bearer ${tokenFor(stage)}`);
  assert.equal(JSON.parse(answer.text).code, 'entry.kicked');
});

test('behind a proxy that asks, a token in the header opens what its person may enter, and is handed to Jitsi by nobody', async (t) => {
  const stage = await stageFor(t, {
    forwardAuth: { enabled: true },
    trustedProxies: ['127.0.0.1'],
    access: undefined,
    rules: [{ name: 'robots', when: { rooms: ['standup'], providers: ['rooms'] }, then: 'participant' }],
  });
  const ask = (target: string, token?: string) =>
    stage.ask(`${PREFIX}/auth`, {
      on: 'inner',
      headers: {
        ...{
          'x-original-uri': target,
          'x-original-method': 'GET',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        },
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    });
  const token = tokenFor(stage);
  const yes = await ask('/xmpp-websocket?room=standup', token);
  assert.equal(yes.status, 200);
  const handed = yes.headers.get('authorization') ?? '';
  assert.match(handed, /^Bearer \S+$/);
  assert.notEqual(handed, `Bearer ${token}`);
  for (const [target, shown] of [
    ['/xmpp-websocket?room=board', token],
    ['/xmpp-websocket?room=standup', tokenFor(stage, { aud: 'other' })],
    ['/xmpp-websocket?room=standup', `${token}x`],
  ] as const) {
    const no = await ask(target, shown);
    assert.ok([401, 403].includes(no.status), target);
    assert.equal(no.headers.get('authorization') ?? '', '');
  }
});

test('whose token was brought in vain stands in the log, short and in letters that can be seen, and the token does not', async (t) => {
  const config = { forwardAuth: { enabled: true }, trustedProxies: ['127.0.0.1'] };
  const stage = await stageFor(t, config);
  const iss = `https://rooms.example.org/\u001b[31m\u202e${'x'.repeat(200)}`;
  const token = tokenFor(stage, { iss });
  const headers = { authorization: `Bearer ${token}`, accept: '*/*' };
  const about = {
    'x-forwarded-uri': '/libs/app.js',
    'x-forwarded-method': 'GET',
    'x-forwarded-host': 'meet.example.org',
  };
  const on = 'inner';
  await stage.ask(`${PREFIX}/answer/libs/app.js`, { on, headers });
  await stage.ask(`${PREFIX}/auth/answered`, { on, headers: { ...headers, ...about } });
  const named = stage.lines.map((line) => JSON.parse(line).named).filter((name) => name !== undefined);
  assert.deepEqual(named, Array(2).fill(`https://rooms.example.org/?[31m?${'x'.repeat(32)}`));
  for (const part of token.split('.')) assert.equal(stage.lines.join('').includes(part), false);
});
