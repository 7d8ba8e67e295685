/** What is open through the gateway ends when it must, and not before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKicks } from '../admission/kick.ts';
import { type FixedClock, fixedClock, unixSeconds } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { countingRandom } from '../base/random.ts';
import { roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import type { Standing } from '../identity/session.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createSockets, type Sockets } from './sockets.ts';
import type { ConnectionKind, SocketsOptions } from './sockets-look.ts';

const ROOM = roomOf(roomFromPath('standup'));
const HOUR = 3600;

function stage(options: Partial<SocketsOptions> = {}) {
  const clock = fixedClock();
  const standings = new Map<string, Standing>();
  const asked: number[] = [];
  const touched: string[] = [];
  const ended: string[] = [];
  const counted: string[] = [];
  const gauges: Record<string, number> = {};
  const metrics: Metrics = {
    count: (_, labels) => counted.push(labels['why'] ?? ''),
    observe: (_, labels, value) => {
      gauges[labels['kind'] ?? ''] = value;
    },
  };
  let broken = false;
  const store = createMemoryStore({ clock });
  const kicks = createKicks({ store, clock, random: countingRandom() });
  const sockets = createSockets({
    kicks,
    clock,
    log: silentLog,
    metrics,
    store,
    standing: async (sessions) => {
      if (broken) throw new Problem('store.unavailable');
      asked.push(sessions.length);
      return new Map(sessions.map((session) => [session, standings.get(session) ?? 'live']));
    },
    touch: (session) => touched.push(session),
    options: { perSession: 32, meetingGrace: 12 * HOUR, strict: false, ...options },
    ended: ({ session }, why) => ended.push(`${session} ${why}`),
  });
  return {
    ...{ clock, standings, asked, touched, ended, counted, gauges, store, kicks, sockets },
    breakStore: (now: boolean) => {
      broken = now;
    },
  };
}

/** Opens a connection, and keeps how it was ended. */
function open(
  sockets: Sockets,
  session: string,
  { kind = 'xmpp', room = ROOM, person }: { kind?: ConnectionKind; room?: typeof ROOM; person?: string } = {},
) {
  const place = sockets.take({
    ...{ kind, session, room, address: '203.0.113.9' },
    ...(person !== undefined && { person }),
  });
  const ways: string[] = [];
  const fill = () =>
    place.fill({
      end: async () => {
        ways.push('end');
        place.leave();
      },
      drop: () => {
        ways.push('drop');
        place.leave();
      },
    });
  return { place, ways, fill };
}

function opened(sockets: Sockets, session: string, more?: Parameters<typeof open>[2]) {
  const one = open(sockets, session, more);
  one.fill();
  return one;
}

const minutes = async (
  { clock, sockets }: { readonly clock: FixedClock; readonly sockets: Sockets },
  count: number,
  heard: readonly { heard(): void }[],
) => {
  for (let minute = 0; minute < count; minute += 1) {
    clock.advance(60);
    for (const one of heard) one.heard();
    await sockets.tick();
  }
};

test('who was signed out is ended by the next look, and nobody else is', async () => {
  const { sockets, standings, ended, counted, gauges } = stage();
  const [ada, also, bob] = [
    opened(sockets, 'ada'),
    opened(sockets, 'ada', { kind: 'other' }),
    opened(sockets, 'bob'),
  ];
  await sockets.tick();
  assert.deepEqual([ada.ways, also.ways, bob.ways], [[], [], []]);
  standings.set('ada', 'gone');
  await sockets.tick();
  assert.deepEqual([ada.ways, also.ways, bob.ways], [['end'], ['end'], []]);
  assert.deepEqual(ended, ['ada session-ended', 'ada session-ended']);
  assert.deepEqual(counted, ['session-ended', 'session-ended']);
  assert.deepEqual([gauges, sockets.list().map(({ session }) => session)], [{ xmpp: 1, other: 0 }, ['bob']]);
});

test('time alone ends no meeting before its grace is over', async () => {
  const { sockets, standings, clock, ended } = stage();
  const { place, ways } = opened(sockets, 'ada');
  standings.set('ada', { ranOutAt: unixSeconds(clock) });
  await minutes({ clock, sockets }, 12 * 60 - 1, [place]);
  assert.deepEqual(ways, []);
  await minutes({ clock, sockets }, 1, [place]);
  assert.deepEqual([ways, ended], [['end'], ['ada session-ran-out']]);
});

test('where the rules are strict, time ends a meeting as it ends a session', async () => {
  const { sockets, standings, clock } = stage({ strict: true });
  const { ways } = opened(sockets, 'ada');
  standings.set('ada', { ranOutAt: unixSeconds(clock) });
  await sockets.tick();
  assert.deepEqual(ways, ['end']);
  assert.equal(await sockets.wasInside('ada', ROOM), false);
});

test('who was signed out while Jitsi was being asked does not get in', async () => {
  const { sockets, standings } = stage();
  const { fill, ways } = open(sockets, 'ada');
  standings.set('ada', 'gone');
  await sockets.tick();
  fill();
  assert.deepEqual(ways, ['end']);
});

test('while the store is away nobody inside is ended, and its next answer counts', async () => {
  const { sockets, standings, breakStore } = stage();
  const { ways } = opened(sockets, 'ada');
  standings.set('ada', 'gone');
  breakStore(true);
  await sockets.tick();
  assert.deepEqual(ways, []);
  breakStore(false);
  await sockets.tick();
  assert.deepEqual(ways, ['end']);
});

test('a session holds so many connections and no more; one that closed makes room', () => {
  const { sockets } = stage({ perSession: 2 });
  const { place } = opened(sockets, 'ada');
  opened(sockets, 'ada', { kind: 'other' });
  assert.throws(
    () => open(sockets, 'ada'),
    (thrown) => isProblem(thrown, 'socket.too-many'),
  );
  opened(sockets, 'bob');
  place.leave();
  place.leave();
  opened(sockets, 'ada');
  assert.equal(sockets.list().length, 3);
});

test('the sessions of two thousand connections are asked for in slices', async () => {
  const { sockets, asked } = stage();
  for (let at = 0; at < 2000; at += 1) opened(sockets, `session ${at % 1000}`);
  await sockets.tick();
  assert.equal(
    asked.reduce((sum, count) => sum + count),
    1000,
  );
  assert.ok(Math.max(...asked) <= 200);
});

test('an open XMPP connection is activity, once a minute; another socket is not, and no machine is', async () => {
  const { sockets, clock, touched, standings } = stage();
  const places = [opened(sockets, 'ada').place, opened(sockets, 'bob', { kind: 'other' }).place];
  const machine = sockets.take({ kind: 'xmpp', machine: 'jibri', address: '10.0.0.9' });
  await sockets.tick();
  assert.deepEqual(touched, []);
  await minutes({ clock, sockets }, 3, [...places, machine]);
  assert.deepEqual(touched, ['ada', 'ada', 'ada']);
  standings.set('ada', { ranOutAt: unixSeconds(clock) });
  await minutes({ clock, sockets }, 2, [...places, machine]);
  assert.equal(touched.length, 3, 'a session that ran out does not come to life again');
});

test('who was in a room a moment ago was inside, for ten minutes and in that room alone', async () => {
  const { sockets, clock } = stage();
  const { place } = opened(sockets, 'ada');
  const elsewhere = roomOf(roomFromPath('standup'), tenantFromPath('acme'));
  assert.deepEqual(
    [
      await sockets.wasInside('ada', ROOM),
      await sockets.wasInside('ada', elsewhere),
      await sockets.wasInside('ada', roomOf(roomFromPath('board'))),
      await sockets.wasInside('bob', ROOM),
    ],
    [true, false, false, false],
  );
  await minutes({ clock, sockets }, 60, [place]);
  assert.equal(await sockets.wasInside('ada', ROOM), true);
  place.leave();
  clock.advance(599 - 60);
  assert.equal(await sockets.wasInside('ada', ROOM), true);
  clock.advance(61);
  assert.equal(await sockets.wasInside('ada', ROOM), false);
});

test('where nobody is, nobody speaks: a silent connection is dropped, so that its owner can resume', async () => {
  const { sockets, clock, ended } = stage();
  const [silent, speaking, service] = [
    opened(sockets, 'ada'),
    opened(sockets, 'bob'),
    opened(sockets, 'eve', { kind: 'other' }),
  ];
  await minutes({ clock, sockets }, 4, [speaking.place]);
  assert.deepEqual([silent.ways, speaking.ways, service.ways], [['drop'], [], []]);
  assert.deepEqual(ended, ['ada silent']);
  await minutes({ clock, sockets }, 12, [speaking.place]);
  assert.deepEqual(service.ways, ['drop']);
});

test('a session that is ended here and now is out when the promise says so', async () => {
  const { sockets, ended } = stage();
  const { ways } = opened(sockets, 'ada');
  await sockets.endSession('ada');
  assert.deepEqual([ways, ended, sockets.list()], [['end'], ['ada session-ended'], []]);
  await sockets.endSession('nobody');
});

test('when we stop, everybody is dropped, in turns, and nobody new is taken', async () => {
  const { sockets, counted } = stage();
  const all = Array.from({ length: 20 }, (_, at) => opened(sockets, `session ${at}`));
  const drained = sockets.drain(0.1);
  assert.throws(
    () => open(sockets, 'late'),
    (thrown) => isProblem(thrown, 'server.draining'),
  );
  assert.ok(all.some(({ ways }) => ways.length === 0));
  await drained;
  assert.ok(all.every(({ ways }) => ways.join() === 'drop'));
  assert.equal(counted.filter((why) => why === 'draining').length, 20);
});

test('who is put out of a room is out of it at the next look, by every connection of theirs in it and by no other', async () => {
  const { sockets, kicks, ended, counted } = stage();
  const other = roomOf(roomFromPath('other'));
  const ada = [
    opened(sockets, 'browser', { person: 'sso#ada' }),
    opened(sockets, 'telephone', { person: 'sso#ada', kind: 'bosh' }),
  ];
  const stay = [
    opened(sockets, 'browser', { person: 'sso#ada', room: other }),
    opened(sockets, 'bob', { person: 'sso#bob' }),
  ];
  await kicks.add({ person: 'sso#ada', room: ROOM, seconds: 60 });
  await sockets.tick();
  assert.deepEqual(
    [...ada, ...stay].map(({ ways }) => ways),
    [['end'], ['end'], [], []],
  );
  assert.deepEqual(ended, ['browser kicked', 'telephone kicked']);
  assert.deepEqual(counted, ['kicked', 'kicked']);
});

test('who was put out while their connection was being made is out as soon as it stands', async () => {
  const { sockets, kicks } = stage();
  const late = open(sockets, 'browser', { person: 'sso#ada' });
  await kicks.add({ person: 'sso#ada', room: ROOM, seconds: 60 });
  await sockets.tick();
  late.fill();
  assert.deepEqual(late.ways, ['end']);
});
