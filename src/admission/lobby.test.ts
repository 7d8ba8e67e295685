/** Who waits before a room, and when it is their turn. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { parseRoomPath } from '../base/room.ts';
import { type Called, createLobby, type LobbyParts } from './lobby.ts';
import { createPresence } from './presence.ts';

const room = parseRoomPath('/standup');

function open(t: TestContext, more: Partial<LobbyParts> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const clock = fixedClock();
  const presence = createPresence({ clock, grace: 0 });
  const lobby = createLobby({
    ...{ presence, clock, releasePerSecond: 25, giveUp: 7200, most: 100, perSession: 3, perAddress: 100 },
    ...more,
  });
  t.after(() => lobby.close());
  const called: (readonly [string, Called])[] = [];
  let waits = true;
  const wait = (session: string, at = room) =>
    lobby.wait({
      room: at,
      session,
      address: '203.0.113.7',
      called: (why) => called.push([session, why]),
      stands: async () => (waits ? 'waits' : 'elsewhere'),
    });
  const time = {
    /** In small steps: what a timer sets is due after it. */
    tick: (milliseconds: number) => {
      for (let at = 0; at < milliseconds; at += 10) t.mock.timers.tick(10);
    },
  };
  const rulesLetIn = () => {
    waits = false;
  };
  return { clock, presence, lobby, called, wait, rulesLetIn, time };
}

test('when a host comes those who wait go in, in the order in which they came, so many a second', (t) => {
  const { presence, called, wait, lobby, time } = open(t);
  for (let at = 0; at < 50; at += 1) wait(`guest ${at}`);
  presence.hostIn(room);
  time.tick(1000);
  assert.ok(called.length >= 24 && called.length <= 26, String(called.length));
  time.tick(1000);
  assert.deepEqual(
    called,
    Array.from({ length: 50 }, (_, at) => [`guest ${at}`, 'go']),
  );
  assert.equal(lobby.size, 0);
});

test('a host of another room lets nobody in here', (t) => {
  const { presence, called, wait, time } = open(t);
  wait('ada');
  presence.hostIn(parseRoomPath('/other'));
  presence.hostIn(parseRoomPath('/sales/standup'));
  time.tick(1000);
  assert.deepEqual(called, []);
});

test('who comes while a host is there need not wait', (t) => {
  const { presence, called, wait, time } = open(t);
  presence.hostIn(room);
  wait('ada');
  time.tick(100);
  assert.deepEqual(called, [['ada', 'go']]);
});

test('where the host goes again, those whose turn has not come go on waiting', (t) => {
  const { presence, called, wait, time } = open(t);
  for (let at = 0; at < 50; at += 1) wait(`guest ${at}`);
  const leave = presence.hostIn(room);
  time.tick(400);
  leave();
  const before = called.length;
  time.tick(5000);
  assert.equal(called.length, before);
  presence.hostIn(room);
  time.tick(5000);
  assert.equal(called.length, 50);
});

test('who has left is called no more, and holds nobody up', (t) => {
  const { presence, called, wait, time } = open(t);
  const leave = wait('ada');
  wait('bob');
  leave();
  leave();
  presence.hostIn(room);
  time.tick(100);
  assert.deepEqual(called, [['bob', 'go']]);
});

test('after two hours waiting is over, and that is told', async (t) => {
  const { clock, called, wait, time } = open(t);
  wait('ada');
  clock.advance(7199);
  time.tick(15_000);
  assert.deepEqual(called, []);
  await new Promise(setImmediate);
  clock.advance(2);
  time.tick(15_000);
  assert.deepEqual(called, [['ada', 'over']]);
});

test('who need not wait any more by the rules alone goes in without a host', async (t) => {
  const { called, wait, rulesLetIn, time } = open(t);
  wait('ada');
  rulesLetIn();
  time.tick(15_000);
  await new Promise(setImmediate);
  time.tick(100);
  assert.deepEqual(called, [['ada', 'go']]);
});

test('when a host has said something of this room, who waits before it asks again within a second', async (t) => {
  const marks = new Map<string, string>();
  const { called, wait, rulesLetIn, time } = open(t, { rung: async ({ name }) => marks.get(name) });
  wait('ada');
  wait('bob', parseRoomPath('/other'));
  rulesLetIn();
  marks.set('standup', 'one');
  time.tick(1000);
  await new Promise(setImmediate);
  time.tick(100);
  assert.deepEqual(called, [['ada', 'go']]);
});

test('whom a host turned away is told so, and has no turn', async (t) => {
  const { called, lobby, time, presence } = open(t, { rung: async () => 'rung' });
  lobby.wait({
    ...{ room, session: 'eve', address: '203.0.113.7', stands: async () => 'turned-away' as const },
    called: (why) => called.push(['eve', why]),
  });
  time.tick(1000);
  await new Promise(setImmediate);
  presence.hostIn(room);
  time.tick(1000);
  assert.deepEqual(called, [['eve', 'away']]);
  assert.equal(lobby.size, 0);
});

test('a store that does not answer lets nobody in, and is asked again', async (t) => {
  let away = true;
  const rung = async () => {
    if (away) throw new Problem('store.unavailable');
    return 'rung';
  };
  const { called, wait, rulesLetIn, time } = open(t, { rung });
  wait('ada');
  rulesLetIn();
  time.tick(1000);
  await new Promise(setImmediate);
  assert.deepEqual(called, []);
  away = false;
  time.tick(1000);
  await new Promise(setImmediate);
  time.tick(100);
  assert.deepEqual(called, [['ada', 'go']]);
});

test('there is room for so many, and for one session so often', (t) => {
  const { wait, lobby } = open(t);
  const full = (thrown: unknown) => isProblem(thrown, 'waiting.full');
  const leave = [wait('ada'), wait('ada'), wait('ada')][0];
  assert.throws(() => wait('ada'), full);
  leave?.();
  wait('ada');
  for (let at = 0; lobby.size < 100; at += 1) wait(`guest ${at}`);
  assert.throws(() => wait('one too many'), full);
});
