/** Who waits, and who came in lately: seen by every process, gone by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { countingRandom } from '../base/random.ts';
import { parseRoomPath } from '../base/room.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createDoorBook } from './door-book.ts';

const room = parseRoomPath('/standup');
const person = (id: string, more: Partial<Person> = {}): Person => ({
  ...{ id, provider: 'sso', name: id, emailVerified: false, groups: [] },
  ...more,
});

function stage() {
  const clock = fixedClock();
  const store = createMemoryStore({ clock });
  const parts = { store, clock, random: countingRandom() };
  return { clock, store, here: createDoorBook(parts), there: createDoorBook(parts) };
}

test('who waits is seen from every process, in the order in which they came, and before no other room', async () => {
  const { clock, here, there } = stage();
  for (const id of ['sso#b', 'sso#a', 'sso#c']) {
    await here.waiting.note(person(id), room);
    clock.advance(1);
  }
  await here.waiting.note(person('sso#b'), room);
  const names = (await there.waiting.list(room)).map(({ name }) => name);
  assert.deepEqual(names, ['sso#b', 'sso#a', 'sso#c']);
  for (const path of ['/other', '/sales/standup'])
    assert.deepEqual(await there.waiting.list(parseRoomPath(path)), []);
});

test('two spellings of one tenant are one room', async () => {
  const { here } = stage();
  await here.waiting.note(person('sso#a'), parseRoomPath('/a.b/standup'));
  assert.equal((await here.waiting.list(parseRoomPath('/a_b/standup'))).length, 1);
});

test('of whom nothing more is heard waits no more; who says so again waits on, since when they came', async () => {
  const { clock, here } = stage();
  const began = clock.now();
  await here.waiting.note(person('sso#a'), room);
  await here.waiting.note(person('sso#b'), room);
  clock.advance(30);
  await here.waiting.note(person('sso#a'), room);
  clock.advance(30);
  assert.deepEqual(
    (await here.waiting.list(room)).map(({ person: id, since }) => [id, since]),
    [['sso#a', began]],
  );
});

test('what stands behind a name is told apart', async () => {
  const { here } = stage();
  const good = { room: room.claim, role: 'guest', until: 0 } as const;
  for (const one of [
    person('account'),
    person('guest', { guest: true }),
    person('invited', { guest: true, invite: { ...good, id: 'x' } }),
    person('vouched', { bound: good }),
  ])
    await here.waiting.note(one, room);
  for (const { name, standing } of await here.waiting.list(room)) assert.equal(standing, name);
});

test('who was let in is let in from every process, for a time, into this room alone', async () => {
  const { clock, here, there } = stage();
  await here.letIns.add('sso#a', room);
  assert.equal(await there.letIns.has('sso#a', room), true);
  assert.equal(await there.letIns.has('sso#b', room), false);
  for (const other of ['/other', `/sales/${room.name}`])
    assert.equal(await there.letIns.has('sso#a', parseRoomPath(other)), false, other);
  clock.advance(4 * 3600);
  assert.equal(await there.letIns.has('sso#a', room), false);
});

test('each ring is another mark, of its room alone', async () => {
  const { here, there } = stage();
  assert.equal(await there.letIns.rung(room), undefined);
  await here.letIns.ring(room);
  const first = await there.letIns.rung(room);
  await here.letIns.ring(room);
  assert.notEqual(await there.letIns.rung(room), first);
  assert.equal(await there.letIns.rung(parseRoomPath('/other')), undefined);
});

test('somebody forgotten is on no list any more, and others are', async () => {
  const { here, store } = stage();
  for (const id of ['sso#a', 'sso#b']) {
    await here.waiting.note(person(id), room);
    await here.lately.note(person(id), room);
    await here.letIns.add(id, room);
  }
  assert.equal(await here.forget('sso#a'), 3);
  assert.equal((await store.list('')).length, 3);
  assert.deepEqual(
    (await here.lately.list(room)).map(({ name }) => name),
    ['sso#b'],
  );
});
