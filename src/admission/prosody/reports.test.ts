/** Who is in which room by Prosody's report, and whom it is told to end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { noMetrics } from '../../base/metrics.ts';
import { Problem } from '../../base/problem.ts';
import { countingRandom } from '../../base/random.ts';
import { parseRoomPath } from '../../base/room.ts';
import type { Store } from '../../base/store.ts';
import type { Standing } from '../../identity/session.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { createKicks } from '../kick.ts';
import { createPresence } from '../presence.ts';
import type { Reported } from './report.ts';
import { createReports, type ReportAnswer, type ReportOptions, type Reports } from './reports.ts';
import type { RevokedKey, Word } from './words.ts';

const ROOM = parseRoomPath('/standup');
const ISSUER = 'jitsi-app';
const LIFETIME = 21_600;

interface StageOptions {
  readonly store?: (inner: Store) => Store;
}

/** One process of ours, or several on one store. */
function stage({ store: bent = (inner) => inner }: StageOptions = {}) {
  const clock = fixedClock();
  const store = bent(createMemoryStore({ clock }));
  const standings = new Map<string, Standing>();
  const used: string[] = [];
  const ended: (readonly [Reported, Word])[] = [];
  const revoked: RevokedKey[] = [];
  const kicks = createKicks({ store, clock, random: countingRandom() });
  const options: ReportOptions = {
    ...{ issuer: ISSUER, tokenLifetime: LIFETIME, meetingGrace: 3600, strict: false },
    revoked: async () => revoked,
  };
  function process(name: string) {
    const presence = createPresence({ clock, grace: 120 });
    const reports = createReports({
      ...{ store, clock, random: countingRandom(name), log: silentLog, metrics: noMetrics, presence, kicks },
      standing: async (sids) => new Map(sids.map((sid) => [sid, standings.get(sid) ?? 'gone'])),
      touch: (sid) => used.push(sid),
      ended: (connection, word) => ended.push([connection, word]),
    });
    reports.follow(options);
    return { reports, presence };
  }
  return { clock, kicks, standings, used, ended, revoked, process, ...process('one') };
}

/** A module that tells its doorkeeper what it is told to tell. */
function moduleOf(reports: Reports, from = 'b00t') {
  let after: string | undefined;
  const tell = async (said: {
    readonly full?: boolean;
    readonly more?: boolean;
    readonly refuse?: string;
    readonly after?: string;
    readonly come?: Readonly<Record<string, Partial<Reported>>>;
    readonly gone?: readonly string[];
  }): Promise<ReportAnswer> => {
    const { come = {}, gone = [], full = false, more = false, ...rest } = said;
    const entries = Object.entries(come).map(
      ([id, one]) => [id, { host: false, rooms: [], ...one }] as const,
    );
    const report = { from, full, more, gone, come: new Map(entries), ...(after !== undefined && { after }) };
    const answer = await reports.take({ ...report, ...rest });
    after = answer.after;
    return answer;
  };
  return { tell, hello: () => tell({ full: true }), after: () => after ?? '' };
}

const ada = { iss: ISSUER, sid: 'ada', jti: 'j1', person: 'sso#ada', room: 'standup', rooms: ['standup'] };

test('the first report is answered with "tell everything"; then a host in a room is a host there', async () => {
  const { reports, presence } = stage();
  const prosody = moduleOf(reports);
  assert.equal((await prosody.tell({ full: true, come: { c1: { ...ada, host: true } } })).resync, true);
  assert.equal(presence.isHostThere(ROOM), false, 'nobody knows yet that it was not said before');
  assert.equal((await prosody.tell({ full: true, come: { c1: { ...ada, host: true } } })).resync, undefined);
  assert.equal(presence.isHostThere(ROOM), true);
  assert.deepEqual(reports.state().heard, [{ age: 0, connections: 1 }]);
});

test('who is a participant, or a host elsewhere, or not in the meeting yet, leads no room', async () => {
  const { reports, presence, standings } = stage();
  standings.set('ada', 'live');
  const prosody = moduleOf(reports);
  await prosody.hello();
  await prosody.tell({
    full: true,
    come: {
      c1: ada,
      c2: { ...ada, host: true, rooms: ['[sales]standup'] },
      c3: { ...ada, host: true, rooms: [] },
    },
  });
  assert.equal(presence.isHostThere(ROOM), false);
  assert.equal(presence.isHostThere(parseRoomPath('/sales/standup')), true);
});

test('a report that was heard before changes nothing, and the next of its Prosody still counts', async () => {
  const { reports, presence } = stage();
  const prosody = moduleOf(reports);
  await prosody.hello();
  const captured = prosody.after();
  await prosody.tell({ full: true, come: { c1: { ...ada, host: true } } });
  await prosody.tell({ gone: ['c1'] });
  const current = prosody.after();
  const replayed = await reports.take({
    ...{ from: 'b00t', after: captured, full: true, more: false, gone: [] },
    come: new Map([['c1', { ...ada, host: true, rooms: ['retro'] }]]),
  });
  assert.deepEqual([replayed.resync, replayed.after], [true, current]);
  assert.equal(presence.isHostThere(parseRoomPath('/retro')), false);
  assert.equal((await prosody.tell({ come: { c2: { rooms: ['standup'] } } })).resync, undefined);
});

test('a process of ours that was restarted asks for everything, and so does a Prosody that was', async () => {
  const { process, reports } = stage();
  const prosody = moduleOf(reports);
  await prosody.hello();
  await prosody.tell({ full: true });
  const restarted = process('two');
  assert.equal((await restarted.reports.take({ ...empty('b00t'), after: prosody.after() })).resync, true);
  assert.equal((await reports.take({ ...empty('another'), after: prosody.after() })).resync, true);
});

test('what is told in several reports counts when it is whole', async () => {
  const { reports, presence } = stage();
  const prosody = moduleOf(reports);
  await prosody.hello();
  await prosody.tell({ full: true, come: { c1: { ...ada, host: true } } });
  await prosody.tell({ full: true, more: true, come: { c2: { rooms: ['retro'] } } });
  assert.equal(presence.isHostThere(ROOM), true, 'the host is among what is still to come');
  assert.equal(reports.state().heard[0]?.connections, 1);
  await prosody.tell({ more: true, come: { c3: { rooms: ['retro'] } } });
  await prosody.tell({ come: { c1: { ...ada, host: true } } });
  assert.equal(reports.state().heard[0]?.connections, 3);
});

test('a report that is too old is no knowledge', async () => {
  const { clock, reports, presence } = stage();
  const prosody = moduleOf(reports);
  await prosody.hello();
  await prosody.tell({ full: true, come: { c1: { ...ada, host: true } } });
  clock.advance(8);
  assert.equal(presence.isHostThere(ROOM), false);
  assert.deepEqual(reports.state().heard, []);
});

test('whose session was ended is ended, told once to the audit, and their token is refused while it would hold', async () => {
  const { clock, ended, reports, standings } = stage();
  standings.set('ada', 'live').set('bob', 'live');
  const prosody = moduleOf(reports);
  await prosody.hello();
  const bob = { ...ada, sid: 'bob', jti: 'j2', person: 'sso#bob' };
  assert.equal((await prosody.tell({ full: true, come: { c1: ada, c2: bob } })).end, undefined);
  standings.delete('ada');
  await reports.tick();
  const until = Math.floor(clock.now() / 1000) + LIFETIME;
  const word = { iss: ISSUER, sid: 'ada', why: 'session-ended', until };
  assert.deepEqual((await prosody.tell({})).end, [word]);
  await reports.tick();
  await prosody.tell({});
  assert.deepEqual(
    ended.map(([{ jti }, { why }]) => [jti, why]),
    [['j1', 'session-ended']],
  );
});

test('whoever comes with the token of a session that is over is told of at once', async () => {
  const { reports } = stage();
  const prosody = moduleOf(reports);
  await prosody.hello();
  await prosody.tell({ full: true });
  assert.equal((await prosody.tell({ come: { c1: ada } })).end?.[0]?.sid, 'ada');
});

test('what time alone ended goes on until the grace of the meeting is over', async () => {
  const { clock, reports, standings } = stage();
  standings.set('ada', { ranOutAt: Math.floor(clock.now() / 1000) });
  const prosody = moduleOf(reports);
  await prosody.hello();
  assert.equal((await prosody.tell({ full: true, come: { c1: ada } })).end, undefined);
  clock.advance(3600);
  await reports.tick();
  assert.equal((await prosody.tell({})).end?.[0]?.why, 'session-ran-out');
});

test('nobody is ended by what stands in a token of another issuer, nor in one that names no session', async () => {
  const { kicks, ended, reports } = stage();
  await kicks.add({ person: 'sso#ada', room: ROOM, seconds: 60 });
  const prosody = moduleOf(reports);
  await prosody.hello();
  const { sid: _, ...unnamed } = { ...ada, person: 'sso#bob' };
  const answer = await prosody.tell({
    full: true,
    come: { c1: { ...ada, iss: 'moodle' }, c2: unnamed, c3: { rooms: ['standup'] } },
  });
  assert.equal(answer.end, undefined);
  assert.deepEqual(ended, []);
  assert.ok(answer.refuse?.words.every(({ iss }) => iss === ISSUER));
});

test('who was put out of a room is named with the room, until it is taken back', async () => {
  const { clock, ended, kicks, reports, standings } = stage();
  standings.set('ada', 'live');
  await kicks.add({ person: 'sso#ada', room: parseRoomPath('/a.b/größe'), seconds: 60, reason: 'Enough.' });
  const prosody = moduleOf(reports);
  await prosody.hello();
  const there = { ...ada, rooms: ['[a_b]gr%c3%b6%c3%9fe'] };
  const { refuse } = await prosody.tell({ full: true, come: { c1: ada, c2: there } });
  const until = clock.now() / 1000 + 60;
  assert.deepEqual(refuse?.words, [
    { iss: ISSUER, person: 'sso#ada', room: '[a_b]gr%c3%b6%c3%9fe', why: 'kicked', until, text: 'Enough.' },
  ]);
  assert.deepEqual(
    ended.map(([{ rooms }]) => rooms),
    [there.rooms],
  );
  await reports.tick();
  assert.equal(
    (await prosody.tell({ refuse: refuse?.tag ?? '' })).refuse,
    undefined,
    'it has that list already',
  );
  await kicks.undo('sso#ada', parseRoomPath('/a.b/größe'));
  await reports.tick();
  assert.deepEqual((await prosody.tell({ refuse: refuse?.tag ?? '' })).refuse?.words, []);
});

test('a revoked key is named for as long as a token by it would hold', async () => {
  const { clock, reports, revoked } = stage();
  const at = clock.now() / 1000;
  revoked.push({ kid: 'leaked', revokedAt: at }, { kid: 'long ago', revokedAt: at - LIFETIME });
  const prosody = moduleOf(reports);
  await prosody.hello();
  const { refuse } = await prosody.tell({ full: true });
  assert.deepEqual(refuse?.words, [{ kid: 'leaked', why: 'key-revoked', until: at + LIFETIME }]);
});

test('being in a meeting is use, noted once a minute', async () => {
  const { clock, reports, standings, used } = stage();
  standings.set('ada', 'live');
  const prosody = moduleOf(reports);
  await prosody.hello();
  await prosody.tell({ full: true, come: { c1: ada, c2: ada } });
  for (const seconds of [30, 29, 1]) {
    clock.advance(seconds);
    await reports.tick();
    await prosody.tell({});
  }
  assert.deepEqual(used, ['ada', 'ada']);
});

test('another process on the same store knows where hosts are, and forgets it when nobody is reported to', async () => {
  const { clock, process, reports } = stage();
  const other = process('two');
  const prosody = moduleOf(reports);
  await prosody.hello();
  await prosody.tell({ full: true, come: { c1: { ...ada, host: true } } });
  const arrived: string[] = [];
  other.presence.watch((key) => arrived.push(key));
  await other.reports.tick();
  assert.deepEqual([other.presence.isHostThere(ROOM), arrived], [true, ['/standup']]);
  for (let second = 0; second < 20; second += 1) {
    clock.advance(1);
    await prosody.tell({});
    await other.reports.tick();
    assert.equal(other.presence.isHostThere(ROOM), true, `${second} s`);
  }
  clock.advance(8);
  await other.reports.tick();
  assert.equal(other.presence.isHostThere(ROOM), false);
});

test('with the store away reports are taken, hosts are seen here, and nobody is ended', async () => {
  const away = () => Promise.reject(new Problem('store.unavailable'));
  const { reports, presence } = stage({ store: (inner) => ({ ...inner, get: away, swap: away, put: away }) });
  const prosody = moduleOf(reports);
  await prosody.hello();
  const answer = await prosody.tell({ full: true, come: { c1: { ...ada, host: true } } });
  assert.deepEqual(Object.keys(answer), ['after']);
  assert.equal(presence.isHostThere(ROOM), true);
  await reports.tick();
});

test('however many Prosodys come and go, only a few are remembered', async () => {
  const { reports } = stage();
  for (let at = 0; at < 100; at += 1) {
    const prosody = moduleOf(reports, `b${at}`);
    await prosody.hello();
    await prosody.tell({ full: true });
  }
  assert.equal(reports.state().heard.length, 32);
});

const empty = (from: string) => ({
  from,
  full: false,
  more: false,
  come: new Map<string, Reported>(),
  gone: [],
});
