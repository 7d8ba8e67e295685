import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Room, roomFromQuery, roomOf, tenantFromPath } from '../base/room.ts';
import { shareOf, stagesOf } from './rollout.ts';

const room = (name: string, tenant?: string): Room =>
  roomOf(roomFromQuery(name), tenant === undefined ? undefined : tenantFromPath(tenant));
const part = (more: { rooms?: string[]; networks?: string[]; percent?: number }) =>
  stagesOf({ rollout: { rooms: [], networks: [], percent: 0, ...more } });
const NOON = Date.parse('2026-03-02T12:00Z');

test('without any stage everything is guarded', () => {
  const stages = stagesOf({});
  assert.equal(stages.guards({ address: '192.0.2.1' }, NOON), true);
  assert.equal(stages.standing(NOON), 'all-guarded');
});

test('until the moment nothing is guarded, from that moment everything is', () => {
  const stages = stagesOf({ until: NOON });
  assert.equal(stages.guards({ address: '192.0.2.1', room: room('standup') }, NOON - 1), false);
  assert.equal(stages.guards({ address: '192.0.2.1', room: room('standup') }, NOON), true);
});

test('nothing until the moment, then the part', () => {
  const stages = stagesOf({ until: NOON, rollout: { rooms: ['board*'], networks: [], percent: 0 } });
  const guards = (name: string, now: number) =>
    stages.guards({ address: '192.0.2.1', room: room(name) }, now);
  assert.deepEqual(
    [guards('board', NOON - 1), guards('board', NOON), guards('standup', NOON)],
    [false, true, false],
  );
});

test('a room fits by its name, a caller by their address, and one of them is enough', () => {
  const stages = part({ rooms: ['board*'], networks: ['10.0.0.0/8'] });
  const guards = (address: string, name?: string) =>
    stages.guards({ address, ...(name !== undefined && { room: room(name) }) }, NOON);
  assert.equal(guards('192.0.2.1', 'boardroom'), true);
  assert.equal(guards('192.0.2.1', 'standup'), false);
  assert.equal(guards('10.1.2.3', 'standup'), true);
  assert.equal(guards('10.1.2.3'), true);
  assert.equal(guards('192.0.2.1'), false);
});

test('a name that is none to us is guarded where names decide, and only there', () => {
  const about = { address: '192.0.2.1', room: 'unreadable' } as const;
  assert.equal(part({ rooms: ['board*'] }).guards(about, NOON), true);
  assert.equal(part({ percent: 1 }).guards(about, NOON), true);
  assert.equal(part({ networks: ['10.0.0.0/8'] }).guards(about, NOON), false);
});

test('a share is the same at every time and in every process', () => {
  // Written down once: were it to change, another tenth would be guarded after an update.
  assert.deepEqual(
    ['standup', 'board', 'mon été'].map((name) => shareOf(room(name)).toFixed(3)),
    SHARES,
  );
  assert.equal(shareOf(room('standup', 'a.b')), shareOf(room('standup', 'a_b')));
  assert.notEqual(shareOf(room('standup', 'sales')), shareOf(room('standup')));
});

const SHARES = ['50.431', '17.459', '74.390'];

test('whoever is guarded at some percent is guarded at every higher one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), fc.stringMatching(/^[a-z]{1,12}x$/), (percent, name) => {
      const about = { address: '192.0.2.1', room: room(name) };
      const [now, more] = [part({ percent }), part({ percent: percent + 1 })];
      return !now.guards(about, NOON) || more.guards(about, NOON);
    }),
  );
});

test('at a hundred percent every room is guarded, and of a thousand about so many as were asked for', () => {
  const names = Array.from({ length: 1000 }, (_, at) => `room-${at}`);
  const guarded = (percent: number) =>
    names.filter((name) => part({ percent }).guardsRoom(room(name))).length;
  assert.equal(guarded(100), 1000);
  assert.ok(Math.abs(guarded(10) - 100) < 40, String(guarded(10)));
});
