/**
 * What somebody comes with, for the rules: what Jitsi's clients say themselves, at both doors. Nobody is let in because
 * a client said nothing, and a ticket stays that of the app it was made for.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { claimsOf } from '../support/claims-of.ts';
import { ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { startGate, XMPP } from './gate-stage.ts';

const CONFIG = {
  rules: [
    { name: 'in the field', when: { rooms: ['field'], clients: ['mobile'] }, then: 'participant' },
    { name: 'at the desk', when: { rooms: ['desk'], clients: ['desktop'] }, then: 'participant' },
    { name: 'on the web', when: { rooms: ['web'], clients: ['browser'] }, then: 'participant' },
    { name: 'nobody else', when: {}, then: 'refuse' },
  ],
};
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const ELECTRON =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/138.0 Electron/37.2.0 Safari/537.36';

async function cookieAt(stage: Stage): Promise<string> {
  const person = { id: 'sso#kim', provider: 'sso', name: 'Kim', emailVerified: false, groups: [] };
  return `${SESSION_COOKIE}=${(await stage.parts.sessions.issue({ person })).id.reveal()}`;
}

/** Jitsi's client sends them to `tokenAuthUrl`. */
function joins(stage: Stage, cookie: string, { room, state, agent }: Joining) {
  const query = new URLSearchParams({ room, ...(state && { state: JSON.stringify({ room, ...state }) }) });
  const headers = { cookie, accept: 'application/json', ...(agent && { 'user-agent': agent }) };
  return stage.ask(`${PREFIX}/join?${query}`, { headers });
}

interface Joining {
  readonly room: string;
  readonly state?: object;
  readonly agent?: string;
}

/** The tap on the page that leads back into the app. */
function taps(stage: Stage, cookie: string, to: string) {
  return stage.ask(`${PREFIX}/hand-off`, {
    method: 'POST',
    headers: {
      ...{ cookie, origin: ORIGIN, 'user-agent': FIREFOX },
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: String(new URLSearchParams({ to, how: 'app' })),
  });
}

test('beside Jitsi: an app is what its state says, a browser what it calls itself, and whoever says nothing is neither', async (t) => {
  const stage = await startStage({ config: CONFIG });
  t.after(() => stage.close());
  const cookie = await cookieAt(stage);
  for (const [joining, status] of [
    [{ room: 'field', state: { ios: true } }, 200],
    [{ room: 'field', state: { android: true }, agent: FIREFOX }, 200],
    [{ room: 'field', state: { electron: true } }, 403],
    [{ room: 'field', state: { ios: 'true' } }, 403],
    [{ room: 'field', state: { ios: true, android: true, electron: true } }, 403],
    [{ room: 'field', state: {}, agent: FIREFOX }, 403],
    [{ room: 'field' }, 403],
    [{ room: 'desk', state: { electron: true } }, 200],
    [{ room: 'desk', agent: ELECTRON }, 302],
    [{ room: 'desk', agent: FIREFOX }, 403],
    [{ room: 'web', agent: FIREFOX }, 302],
    [{ room: 'web', state: { ios: true }, agent: FIREFOX }, 403],
    [{ room: 'web', agent: ELECTRON }, 403],
    [{ room: 'web' }, 403],
    [{ room: 'web', agent: 'curl/8' }, 403],
  ] as const) {
    const answer = await joins(stage, cookie, joining);
    assert.equal(answer.status, status, JSON.stringify(joining));
    if (status === 403) assert.equal(JSON.parse(answer.text).code, 'entry.refused');
    if (status === 302) assert.equal(claimsOf(answer).room, joining.room);
  }
});

test('beside Jitsi: the app gets its token by the tap, and no other client does by the same form', async (t) => {
  const stage = await startStage({ config: CONFIG });
  t.after(() => stage.close());
  const cookie = await cookieAt(stage);
  const into = await taps(stage, cookie, '/field#ostiary.app=%22ios%22');
  assert.match(into.headers.get('location') ?? '', /^org\.jitsi\.meet:\/\/[^/]+\/field\?jwt=/);
  for (const to of [
    '/field#ostiary.app=%22electron%22',
    '/desk#ostiary.app=%22ios%22',
    '/web#ostiary.app=%22ios%22',
  ]) {
    const answer = await taps(stage, cookie, to);
    assert.deepEqual([answer.status, answer.headers.get('location')], [403, null], to);
  }
});

async function gateFor(t: TestContext) {
  const gate = await startGate({ config: CONFIG });
  t.after(() => gate.close());
  const cookie = await cookieAt(gate.stage);
  const ticketOf = async (to: string) => {
    const { headers } = await taps(gate.stage, cookie, to);
    return (
      /jwt=(?:%22)?([\w.-]+)/.exec(headers.get('location') ?? '')?.[1] ?? assert.fail(`no ticket for ${to}`)
    );
  };
  const enters = async (room: string, headers: Readonly<Record<string, string>>, token?: string) => {
    const target = `${XMPP.replace('standup', room)}${token === undefined ? '' : `&token=${token}`}`;
    const { result, connections } = await gate.reaching(() => gate.at({ target, headers }));
    const said = result.status === 101 ? 'in' : await result.code();
    result.socket.destroy();
    return [said, connections] as const;
  };
  return { gate, cookie, ticketOf, enters };
}

test('in front of Jitsi: a ticket is that of the app it was made for, whatever it comes with then', async (t) => {
  const { ticketOf, enters } = await gateFor(t);
  const ticket = await ticketOf('/field#ostiary.app=%22android%22');
  for (const headers of [
    {},
    { 'User-Agent': 'okhttp/4.12.0' },
    { 'User-Agent': FIREFOX },
    { 'User-Agent': ELECTRON },
  ])
    assert.deepEqual(await enters('field', headers, ticket), ['in', 1]);
  const desk = await ticketOf('/desk#ostiary.app=%22electron%22');
  assert.deepEqual(await enters('desk', { 'User-Agent': FIREFOX }, desk), ['in', 1]);
});

test('in front of Jitsi: by a cookie it is what the client calls itself, at the page and in XMPP; who says nothing is not let in', async (t) => {
  const { gate, cookie, enters } = await gateFor(t);
  for (const [room, agent, said] of [
    ['web', FIREFOX, 'in'],
    ['web', ELECTRON, 'entry.refused'],
    ['web', undefined, 'entry.refused'],
    ['web', 'okhttp/4.12.0', 'entry.refused'],
    ['desk', ELECTRON, 'in'],
    ['desk', FIREFOX, 'entry.refused'],
    ['desk', undefined, 'entry.refused'],
    ['field', FIREFOX, 'entry.refused'],
    ['field', undefined, 'entry.refused'],
  ] as const) {
    const called = agent === undefined ? {} : { 'User-Agent': agent };
    const [told, connections] = await enters(room, { Origin: ORIGIN, Cookie: cookie, ...called });
    assert.deepEqual([told, connections], [said, said === 'in' ? 1 : 0], `${room} with ${agent}`);
    const page = await gate.stage.ask(`/${room}`, { headers: { cookie, accept: 'text/html', ...called } });
    assert.equal(page.status !== 403, said === 'in', `page of ${room} with ${agent}`);
  }
});
