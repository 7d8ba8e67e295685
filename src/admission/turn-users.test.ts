import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FixedClock, fixedClock } from '../base/clock.ts';
import { type AuditEntry, type Log, silentLog } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import { countingRandom } from '../base/random.ts';
import { parseRoomPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import type { TurnUsers } from '../base/turn-server.ts';
import type { Standing } from '../identity/session.ts';
import { createMemoryStore } from '../store/memory.ts';
import type { Grant } from './outcome.ts';
import { createTurnKeeper, type TurnKeeperParts } from './turn-users.ts';

function ground(clock: FixedClock = fixedClock()) {
  const names = new Set<string>();
  const standings = new Map<string, Standing>();
  const records: AuditEntry[] = [];
  const users: TurnUsers = {
    put: ({ name }) => void names.add(name),
    remove: (_, gone) => {
      for (const name of gone) names.delete(name);
    },
    close: () => {},
  };
  const parts: TurnKeeperParts = {
    ...{ store: createMemoryStore({ clock }), clock, random: countingRandom(), log: silentLog, users },
    audit: { record: async (entry) => void records.push(entry) },
    sessions: { standing: async (all) => new Map(all.map((one) => [one, standings.get(one) ?? 'live'])) },
    kicks: { look: async () => () => undefined },
    realm: 'meet.example.org',
    meetingGrace: 100,
  };
  return { clock, names, standings, records, parts };
}

/** Only `admit` makes a grant; here one is made up. */
function grantOf(session: string): Grant {
  const person = { id: `sso#${session}`, provider: 'sso', emailVerified: false, groups: [] };
  const decision = { kind: 'admit', role: 'participant', lobby: false, rule: 'members' } as const;
  return { person, session, room: parseRoomPath('/sales/Größe'), decision } as unknown as Grant;
}

function shown(clock: FixedClock, username: string, seconds = 3600) {
  return { username, password: new Secret('x'), expires: Math.floor(clock.now() / 1000) + seconds };
}

test('a server that starts takes up the rows of the one before it', async () => {
  const { clock, names, standings, records, parts } = ground();
  await createTurnKeeper(parts).add(grantOf('a'), shown(clock, 'first'));
  standings.set('a', 'gone');
  await createTurnKeeper(parts).look();
  assert.deepEqual([...names], []);
  assert.deepEqual(
    records.map(({ event, person, room, tenant }) => [event, person, room, tenant]),
    [['turn-ended', 'sso#a', 'größe', 'sales']],
  );
});

test('a row whose time is over goes though nobody looked for a day, and that is no end of anybody', async () => {
  const { clock, names, records, parts } = ground();
  await createTurnKeeper(parts).add(grantOf('a'), shown(clock, 'first', 10));
  clock.advance(86_400);
  await createTurnKeeper(parts).look();
  assert.deepEqual([[...names], records], [[], []]);
});

test('one session has a few rows, and the oldest make room', async () => {
  const { clock, names, parts } = ground();
  const keeper = createTurnKeeper(parts);
  await keeper.add(grantOf('b'), shown(clock, 'other'));
  for (let at = 0; at < 70; at += 1) await keeper.add(grantOf('a'), shown(clock, `row ${at}`));
  assert.equal(names.size, 65);
  assert.ok(names.has('other') && !names.has('row 5') && names.has('row 6') && names.has('row 69'));
});

test('what cannot be ended now is ended later; it is told once, and written down once it is done', async () => {
  const { clock, standings, records, parts } = ground();
  const told: string[] = [];
  const asked: (readonly string[])[] = [];
  let there = false;
  const log: Log = { ...silentLog, error: (event) => void told.push(event) };
  const endAllocations = async (all: readonly string[]) => {
    asked.push(all);
    if (!there) throw new Problem('outbound.failed');
    return 1;
  };
  const keeper = createTurnKeeper({ ...parts, log, endAllocations });
  await keeper.add(grantOf('a'), shown(clock, 'first'));
  standings.set('a', 'gone');
  await keeper.look();
  await keeper.look();
  assert.deepEqual([told, records], [['turn-not-looked-after'], []]);
  there = true;
  for (let looks = 0; looks < 6; looks += 1) await keeper.look();
  assert.equal(records.length, 1);
  // Twice in vain, once with success, and thrice for what began meanwhile.
  assert.deepEqual(asked, Array(6).fill(['first']));
});

test('who is let in again while they are being put out keeps what they are given, though it has the same name', async () => {
  const { clock, names, standings, parts } = ground();
  const asked: (readonly string[])[] = [];
  let finish = () => {};
  let began = () => {};
  const begun = new Promise<void>((done) => {
    began = done;
  });
  const endAllocations = async (all: readonly string[]) => {
    asked.push(all);
    began();
    await new Promise<void>((done) => {
      finish = done;
    });
    return 1;
  };
  const keeper = createTurnKeeper({ ...parts, endAllocations });
  await keeper.add(grantOf('a'), shown(clock, 'same'));
  standings.set('a', 'gone');
  const look = keeper.look();
  await begun;
  standings.set('a', 'live');
  await keeper.add(grantOf('a'), shown(clock, 'same'));
  finish();
  await look;
  assert.deepEqual([...names], ['same']);
  await keeper.add(grantOf('a'), shown(clock, 'same'));
  await keeper.look();
  assert.equal(asked.length, 1, 'nothing of theirs is ended any more');
  standings.set('a', 'gone');
  const last = createTurnKeeper(parts);
  await last.look();
  assert.deepEqual([...names], [], 'and it was remembered');
});
