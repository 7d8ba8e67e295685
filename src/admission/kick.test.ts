/** Who was put out of a room is out of that room, until the time is over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { countingRandom } from '../base/random.ts';
import { parseRoomPath } from '../base/room.ts';
import type { Store } from '../base/store.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createKicks } from './kick.ts';

const ROOM = parseRoomPath('/Standup');
const HOUR = 3600;

/** Two processes on one store. */
function stage() {
  const clock = fixedClock();
  const inner = createMemoryStore({ clock });
  let reads = 0;
  const store: Store = {
    ...inner,
    get: (key) => {
      reads += 1;
      return inner.get(key);
    },
  };
  const parts = { store, clock, random: countingRandom() };
  return { clock, server: createKicks(parts), terminal: createKicks(parts), reads: () => reads };
}

test('who was put out is out of this room within a second, and of no other; nor is anybody else', async () => {
  const { clock, server, terminal } = stage();
  assert.equal(await server.of('sso#ada', ROOM), undefined);
  await terminal.add({ person: 'sso#ada', room: ROOM, seconds: HOUR, reason: 'Enough.' });
  clock.advance(1);
  assert.equal((await server.of('sso#ada', ROOM))?.reason, 'Enough.');
  assert.equal(await server.of('sso#bob', ROOM), undefined);
  for (const path of ['/standup-2', '/sales/standup'])
    assert.equal(await server.of('sso#ada', parseRoomPath(path)), undefined);
});

test('two spellings of a tenant are one, as they are to Prosody', async () => {
  const { server } = stage();
  await server.add({ person: 'sso#ada', room: parseRoomPath('/a.b/standup'), seconds: HOUR });
  assert.ok(await server.of('sso#ada', parseRoomPath('/a_b/standup')));
});

test('when the time is over nobody needs to do anything', async () => {
  const { clock, server } = stage();
  await server.add({ person: 'sso#ada', room: ROOM, seconds: HOUR });
  clock.advance(HOUR - 1);
  assert.ok(await server.of('sso#ada', ROOM));
  clock.advance(1);
  assert.equal(await server.of('sso#ada', ROOM), undefined);
  assert.deepEqual(await server.list(), []);
});

test('a short one beside a long one makes the long one no shorter, said by another process at the same time or later', async () => {
  const { clock, server, terminal } = stage();
  await Promise.all([
    server.add({ person: 'sso#ada', room: ROOM, seconds: 24 * HOUR }),
    terminal.add({ person: 'sso#bob', room: ROOM, seconds: HOUR }),
  ]);
  await terminal.add({ person: 'sso#eve', room: ROOM, seconds: 60 });
  assert.deepEqual(
    (await server.list()).map(({ person }) => person),
    ['sso#eve', 'sso#bob', 'sso#ada'],
  );
  clock.advance(23 * HOUR);
  assert.ok(await server.of('sso#ada', ROOM));
  assert.equal((await terminal.list()).length, 1);
});

test('the last word about somebody in a room counts, and can be taken back', async () => {
  const { clock, server, terminal } = stage();
  await terminal.add({ person: 'sso#ada', room: ROOM, seconds: 24 * HOUR });
  await terminal.add({ person: 'sso#ada', room: ROOM, seconds: HOUR });
  assert.equal((await server.list()).length, 1);
  assert.ok(await server.of('sso#ada', ROOM));
  assert.equal((await terminal.undo('sso#ada', ROOM))?.person, 'sso#ada');
  clock.advance(1);
  assert.equal(await server.of('sso#ada', ROOM), undefined);
  assert.equal(await terminal.undo('sso#ada', ROOM), undefined);
});

test('the store is asked once a second, however many come, and answers at once in between', async () => {
  const { server, clock, reads } = stage();
  await server.of('sso#ada', ROOM);
  for (let at = 0; at < 100; at += 1) assert.equal(server.of(`sso#${at}`, ROOM), undefined);
  assert.equal(reads(), 1);
  clock.advance(1);
  await server.of('sso#ada', ROOM);
  assert.equal(reads(), 2);
});

test('a store that does not answer lets nobody in, and there is an end to how many are put out', async () => {
  const { clock, server } = stage();
  for (let at = 0; at < 1000; at += 1) await server.add({ person: `sso#${at}`, room: ROOM, seconds: HOUR });
  await assert.rejects(server.add({ person: 'sso#one-more', room: ROOM, seconds: HOUR }), (thrown) =>
    isProblem(thrown, 'request.too-many'),
  );
  const get = async () => {
    throw new Problem('store.unavailable');
  };
  const broken = createKicks({
    store: { ...createMemoryStore({ clock }), get },
    clock,
    random: countingRandom(),
  });
  await assert.rejects(
    async () => broken.of('sso#ada', ROOM),
    (thrown) => isProblem(thrown, 'store.unavailable'),
  );
});

test('what the operator said no host replaces or takes back; the operator replaces what a host said', async () => {
  const { clock, server } = stage();
  const kick = await server.add({ person: 'sso#ada', room: ROOM, seconds: 30 * HOUR });
  const by = 'sso#host';
  assert.deepEqual(await server.add({ person: 'sso#ada', room: ROOM, seconds: 1, by }), kick);
  assert.equal(await server.undo('sso#ada', ROOM, 'host'), undefined);
  clock.advance(2);
  assert.equal((await server.of('sso#ada', ROOM))?.id, kick.id);
  await server.add({ person: 'sso#bob', room: ROOM, seconds: 60, by });
  await server.add({ person: 'sso#bob', room: ROOM, seconds: 3 * HOUR });
  assert.equal((await server.of('sso#bob', ROOM))?.by, undefined);
  assert.equal((await server.undo('sso#bob', ROOM))?.person, 'sso#bob');
});

test('what one host said another takes back', async () => {
  const { server } = stage();
  await server.add({ person: 'sso#ada', room: ROOM, seconds: 60, by: 'sso#one', turnedAway: true });
  assert.equal((await server.undo('sso#ada', ROOM, 'host'))?.by, 'sso#one');
});

test('one host puts out so many and no more, and leaves places to others and to the operator', async () => {
  const { server } = stage();
  const put = (at: number, by?: string) =>
    server.add({ person: `sso#${at}`, room: ROOM, seconds: HOUR, ...(by !== undefined && { by }) });
  for (let at = 0; at < 100; at += 1) await put(at, 'sso#one');
  await assert.rejects(put(100, 'sso#one'), (thrown) => isProblem(thrown, 'request.too-many'));
  assert.equal((await put(101, 'sso#two')).by, 'sso#two');
  assert.equal((await put(102)).by, undefined);
});
