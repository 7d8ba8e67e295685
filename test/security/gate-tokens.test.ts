/** Attacks on what a WebSocket carries to Jitsi: whose token, for which room, and what else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ORIGIN } from '../support/server-stage.ts';
import type { Dial } from '../support/upgrades.ts';
import { type GateStage, startGate, XMPP } from './gate-stage.ts';

let gate: GateStage;
before(async () => {
  const rules = [
    { name: 'the board is shut', when: { rooms: ['board'] }, then: 'refuse' },
    { name: 'everybody', when: {}, then: 'participant' },
  ];
  gate = await startGate({ config: { access: undefined, rules } });
});
after(() => gate.close());

const claimsIn = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** Whatever came along, this is what Jitsi hears: one token of ours, for this room and this person, and nothing else. */
async function carries(
  ask: Dial,
  { room, name, tenant, cookie = '' }: { room: string; name: string; tenant?: string; cookie?: string },
) {
  const { result, upgrades } = await gate.reaching(() => gate.at(ask));
  assert.equal(result.status, 101, ask.target);
  const [reached, ...more] = upgrades;
  assert.ok(reached !== undefined && more.length === 0);
  const [bearer = '', ...others] = reached.header('authorization');
  assert.deepEqual(others, []);
  const token = bearer.replace(/^Bearer /, '');
  const claims = claimsIn(token);
  assert.deepEqual([claims['room'], claims['sub']], [room, tenant ?? 'meet.jitsi']);
  const { user } = claims['context'] as { user: { name: string } };
  assert.equal(user.name, name);
  assert.deepEqual(reached.header('cookie').join(), cookie);
  result.socket.destroy();
  await gate.empty();
  return { reached, token };
}

test('whatever token comes along with a session, Jitsi gets a fresh one of that session and room [PROXY-18]', async () => {
  const [ada, bob] = [await gate.person('ada'), await gate.person('bob')];
  const headers = { Origin: ORIGIN, Cookie: ada.cookie };
  const others = { target: XMPP, headers: { Origin: ORIGIN, Cookie: bob.cookie } };
  const { token: stolen } = await carries(others, { room: 'standup', name: 'bob' });
  const ticket = await gate.ticketFor(bob, '/standup');
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${ticket.split('.')[1]}.`;
  for (const token of [stolen, ticket, none, 'x', '%00', `${ticket}%0d%0aX-Evil:%201`, 'a.b.c']) {
    const query = await carries(
      { target: `${XMPP}&token=${token}`, headers },
      { room: 'standup', name: 'ada' },
    );
    assert.equal(query.reached.target, '/xmpp-websocket?room=standup');
    for (const Authorization of [`Bearer ${token}`, `bearer ${token}`, `Basic ${token}`, `${token}`])
      await carries(
        { target: XMPP, headers: { ...headers, Authorization } },
        { room: 'standup', name: 'ada' },
      );
  }
});

test('a sibling host that writes our name into the value of a cookie of its own makes nobody of who carries it [SESS-01]', async () => {
  const [ada, mallory] = [await gate.person('ada'), await gate.person('mallory')];
  for (const planted of [`a=x ${mallory.cookie}`, `a=x\t${mallory.cookie}`, `a="x" ${mallory.cookie}`]) {
    const ask = (cookie: string) => ({ target: XMPP, headers: { Origin: ORIGIN, Cookie: cookie } });
    await carries(ask(`${planted}; ${ada.cookie}`), { room: 'standup', name: 'ada', cookie: planted });
    const { result, connections } = await gate.reaching(() => gate.at(ask(planted)));
    assert.deepEqual([result.status, /no-token/.test(result.head), connections], [101, true, 0], planted);
    result.socket.destroy();
    const page = await gate.stage.ask('/standup', { headers: { cookie: planted } });
    assert.match(page.headers.get('location') ?? '', /\/sign-in\?/);
  }
});

test('a token under another name, or twice, reaches nobody [PROXY-18]', async () => {
  const { cookie } = await gate.person('ada');
  const headers = { Origin: ORIGIN, Cookie: cookie };
  for (const extra of [
    'jwt=x',
    't%6fken=x',
    'to%6Ben=x',
    'prefix=evil',
    'vnode=v1',
    'customusername=focus',
    'a&=b',
  ]) {
    const { reached } = await carries(
      { target: `${XMPP}&${extra}`, headers },
      { room: 'standup', name: 'ada' },
    );
    assert.equal(reached.target, '/xmpp-websocket?room=standup', extra);
  }
  for (const target of [
    `${XMPP}&token=a&token=b`,
    `${XMPP}&room=other`,
    `${XMPP}&r%6fom=other`,
    `${XMPP}&previd=a&previd=b`,
  ]) {
    const { result, connections } = await gate.reaching(() => gate.at({ target, headers }));
    assert.deepEqual([result.status, connections], [400, 0], target);
  }
  const twice = `Bearer a\r\nAuthorization: Bearer b`;
  const { result, connections } = await gate.reaching(() =>
    gate.at({ target: XMPP, headers: { ...headers, Authorization: twice } }),
  );
  assert.ok(result.status === 400 || connections === 1, String(result.status));
  result.socket.destroy();
});

test('the room of a tenant is another room, and each is asked for by itself [PROXY-18]', async () => {
  const { cookie } = await gate.person('ada');
  const headers = { Origin: ORIGIN, Cookie: cookie };
  const { reached } = await carries(
    { target: `/physics${XMPP}&previd=other-stream`, headers },
    { room: 'standup', name: 'ada', tenant: 'physics' },
  );
  assert.equal(reached.target, '/physics/xmpp-websocket?room=standup&previd=other-stream');
  for (const target of ['/xmpp-websocket?room=board', '/physics/xmpp-websocket?room=board']) {
    const { result, connections } = await gate.reaching(() => gate.at({ target, headers }));
    assert.deepEqual([result.status, await result.code(), connections], [403, 'entry.refused', 0]);
  }
});

test('without a session no token opens anything but a ticket that holds, for its room [PROXY-18]', async () => {
  const [ada, bob] = [await gate.person('ada'), await gate.person('bob')];
  const ticket = await gate.ticketFor(ada, '/physics/standup');
  const gone = await gate.ticketFor(bob, '/standup');
  await gate.stage.parts.sessions.end(bob.handle, 'signed-out');
  const { token } = await carries(
    { target: XMPP, headers: { Origin: ORIGIN, Cookie: ada.cookie } },
    { room: 'standup', name: 'ada' },
  );
  const [head, body, signature = ''] = ticket.split('.');
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  const bad: readonly (readonly [string, string, number])[] = [
    ['a ticket whose session is gone', gone, 401],
    ['the token that Prosody gets', token, 401],
    ['a ticket without its signature', `${head}.${body}.`, 401],
    ['a ticket that says it needs none', `${none}.${body}.`, 401],
    ['a page’s own token', `${none}.${body}.${Buffer.from('display-only').toString('base64url')}`, 401],
    ['a ticket with a changed signature', `${head}.${body}.${signature.slice(0, -2)}AA`, 401],
    ['no token at all', 'x', 401],
    ['a ticket for a tenant’s room', ticket, 403],
  ];
  for (const [what, said, status] of bad)
    for (const ask of [
      { target: `${XMPP}&token=${said}` },
      { target: XMPP, headers: { Authorization: `Bearer ${said}` } },
    ]) {
      const { result, connections } = await gate.reaching(() => gate.at(ask));
      assert.deepEqual([result.status, connections], [status, 0], what);
    }
  await carries(
    { target: `/physics${XMPP}&token=${ticket}` },
    { room: 'standup', name: 'ada', tenant: 'physics' },
  );
});
