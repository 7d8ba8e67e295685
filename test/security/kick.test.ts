/**
 * Who was put out of a room comes back by no door until the time is over: not by the page, the way in, an app's
 * ticket, XMPP, BOSH, a conference request, nor as a guest under another name; and everybody else stays.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { parseRoomPath } from '../../src/base/room.ts';
import { ORIGIN, PREFIX, XMPP_DOMAIN } from '../support/server-stage.ts';
import { type GateStage, startGate, XMPP } from './gate-stage.ts';

const ROOM = parseRoomPath('/standup');
const HOUR = 3600;
const clock = fixedClock();
let gate: GateStage;
before(async () => {
  gate = await startGate({ clock, config: { access: 'open', trustedProxies: ['127.0.0.1'] } });
});
after(() => gate.close());

const put = async (person: string) => {
  await gate.stage.parts.kicks.add({ person, room: ROOM, seconds: HOUR, reason: 'Enough of <that>.' });
  clock.advance(1);
};

test('every door is closed to who was put out, and says so under its own code; every other room is open', async () => {
  const ada = await gate.person('ada');
  const ticket = await gate.ticketFor(ada, '/standup');
  const into = { Origin: ORIGIN, Cookie: ada.cookie };
  await put('sso#ada');
  const doors: readonly (readonly [string, () => Promise<{ status: number; text: string }>])[] = [
    ['the way in', () => gate.stage.ask(`${PREFIX}/join?room=standup`, { headers: { cookie: ada.cookie } })],
    ['the page', () => gate.stage.ask('/standup', { headers: { cookie: ada.cookie } })],
    [
      'the conference request',
      () =>
        gate.stage.ask('/conference-request/v1?room=standup', {
          method: 'POST',
          headers: { cookie: ada.cookie, origin: ORIGIN, accept: 'application/json' },
          body: '{}',
        }),
    ],
    [
      'BOSH',
      () =>
        gate.stage.ask('/http-bind?room=standup', {
          method: 'POST',
          headers: {
            cookie: ada.cookie,
            origin: ORIGIN,
            accept: 'application/json',
            'content-type': 'text/xml',
          },
          body: `<body rid='1234567' to='${XMPP_DOMAIN}' xml:lang='en' wait='60' hold='1' content='text/xml; charset=utf-8' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh' xmlns='http://jabber.org/protocol/httpbind'/>`,
        }),
    ],
  ];
  for (const [door, ask] of doors) {
    const { result, connections } = await gate.reaching(ask);
    assert.deepEqual([result.status, /entry\.kicked/.test(result.text), connections], [403, true, 0], door);
  }
  for (const ask of [
    { target: XMPP, headers: into },
    { target: `${XMPP}&token=${ticket}` },
    { target: XMPP, headers: { Authorization: `Bearer ${ticket}` } },
  ]) {
    const { result, connections } = await gate.reaching(() => gate.at(ask));
    assert.deepEqual([result.status, await result.code(), connections], [403, 'entry.kicked', 0]);
  }
  const { result } = await gate.reaching(() =>
    gate.at({ target: XMPP.replace('standup', 'other'), headers: into }),
  );
  assert.equal(result.status, 101);
  result.socket.destroy();
});

test('the page says until when and why, in the language of the person, and runs nothing of what the operator wrote', async () => {
  const eve = await gate.person('eve');
  await put('sso#eve');
  for (const [language, said] of [
    ['en', /You were put out of this room for a time/],
    ['de', /Sie wurden für eine Weile aus diesem Raum gewiesen/],
    ['fr', /Cette salle vous est fermée pour un temps/],
    ['es', /Se le ha expulsado de esta sala/],
  ] as const) {
    const headers = { cookie: eve.cookie, accept: 'text/html', 'accept-language': language };
    const { text, status } = await gate.stage.ask('/standup', { headers });
    assert.equal(status, 403);
    assert.match(text, said);
    const [kick] = (await gate.stage.parts.kicks.list()).filter(({ person }) => person === 'sso#eve');
    assert.ok(text.includes(`<time datetime="${new Date(kick?.until ?? 0).toISOString()}">`), text);
    assert.ok(text.includes('Enough of &lt;that&gt;.') && !text.includes('Enough of <that>'));
    assert.ok(!text.includes('/sign-out"'), 'no other account is offered');
  }
});

test('who is in the meeting is out at the next look, everybody else stays, and the audit says why', async () => {
  const [mia, bob] = [await gate.person('mia'), await gate.person('bob')];
  const join = ({ cookie }: { cookie: string }, room = 'standup') =>
    gate.at({ target: XMPP.replace('standup', room), headers: { Origin: ORIGIN, Cookie: cookie } });
  const [inside, elsewhere, other] = [await join(mia), await join(mia, 'other'), await join(bob)];
  const { sockets, records } = gate.stage.parts;
  const theirs = () => sockets.list().filter(({ person }) => person === 'sso#mia' || person === 'sso#bob');
  assert.equal(theirs().length, 3);
  await put('sso#mia');
  await sockets.tick();
  while (theirs().length > 2) await new Promise(setImmediate);
  assert.deepEqual(
    theirs()
      .map(({ person, room }) => `${person} ${room?.name}`)
      .toSorted(),
    ['sso#bob standup', 'sso#mia other'],
  );
  const ended = (await records.list({ person: 'sso#mia' })).filter(
    ({ event }) => event === 'connection-ended',
  );
  assert.deepEqual(
    ended.map(({ room, code }) => [room, code]),
    [['standup', 'kicked']],
  );
  for (const { socket } of [inside, elsewhere, other]) socket.destroy();
});

test('a guest who was put out does not come back under another name in the same browser', async () => {
  const guest = gate.stage.visitor({ 'x-forwarded-for': '203.0.113.77' });
  await guest.get(`${PREFIX}/sign-in?to=%2Fstandup`);
  await guest.post(`${PREFIX}/guest`, { to: '/standup', name: 'Mallory' });
  const [named] = (await gate.stage.parts.sessions.list()).filter(({ person }) => person.name === 'Mallory');
  assert.ok(named !== undefined);
  await put(named.person.id);
  await guest.post(`${PREFIX}/guest`, { to: '/standup', name: 'Somebody else' });
  const answer = await guest.get(`${PREFIX}/join?room=standup`, { accept: 'application/json' });
  assert.equal(answer.status, 403);
  assert.match(answer.text, /entry\.kicked/);
});

test('when the time is over, the doors are open again without anybody doing anything', async () => {
  const ida = await gate.person('ida');
  await put('sso#ida');
  const status = async () =>
    (await gate.stage.ask(`${PREFIX}/join?room=standup`, { headers: { cookie: ida.cookie } })).status;
  assert.equal(await status(), 403);
  clock.advance(HOUR);
  assert.equal(await status(), 302);
});
