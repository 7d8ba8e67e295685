/**
 * Sessions against a model a reader can check by eye: whatever people, two
 * processes and the clock do, in whatever order.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedClock } from '../base/clock.ts';
import { countingRandom } from '../base/random.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import { createSessions, type Sessions } from './session.ts';

const options = { idle: 3600, absolute: 10_000, recheck: 600, grace: 2000 };
/** Use is written down once a minute at most, so so much of it may be lost. */
const UNWRITTEN = 60;
/** How long an end in another process may go unnoticed. */
const FELT = 1;
/** So far may the clock be behind what was written down. */
const FORGIVEN = 120;

const PEOPLE = ['ada', 'grace', 'mallory'] as const;
const node = fc.constantFrom(0, 1);
const which = fc.nat({ max: 5 });
const who = fc.constantFrom(...PEOPLE);
const LOOKS = ['read', 'touch', 'recheck', 'stand'] as const;
/** The clock may be put back. */
const seconds = fc.oneof(fc.nat({ max: 90 }), fc.nat({ max: 4000 }), fc.integer({ min: -1000, max: -1 }));
const act = fc.oneof(
  { weight: 2, arbitrary: fc.record({ does: fc.constant('issue' as const), node, who }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constantFrom(...LOOKS), node, which }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('end' as const), node, which }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('end-all' as const), node, who }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('wait' as const), seconds }) },
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

interface Modelled {
  readonly id: string;
  readonly handle: string;
  readonly who: string;
  readonly born: number;
  used: number;
  ended?: { readonly at: number; readonly node: number };
  /** Its time was seen to have run out, for certain or perhaps: that is for ever, whatever the clock does then. */
  ranOut?: 'surely' | 'maybe';
}

interface World {
  readonly nodes: readonly Sessions[];
  readonly all: Modelled[];
  now(): number;
  /** How far the clock has ever been: the store forgets by it. */
  furthest: number;
  wait(seconds: number): void;
}

/** Between which two moments its time runs out: how much of the use was written down is not known to the second. */
function runsOut({ born, used }: Modelled): readonly [number, number] {
  const last = born + options.absolute;
  return [Math.min(last, used + options.idle - UNWRITTEN), Math.min(last, used + options.idle)];
}

/** Must it be known, must it be unknown, or may it be either? */
function verdict(
  one: Modelled,
  at: { readonly now: number; readonly node: number },
): 'live' | 'dead' | 'either' {
  const { used, ended, ranOut } = one;
  const [early, late] = runsOut(one);
  // The clock is back by more than two minutes behind what was written down.
  const behind = at.now + FORGIVEN < used - UNWRITTEN;
  if (ranOut === 'surely' || at.now >= late || behind) return 'dead';
  // Its end comes at a moment of another clock: once back, a node may remember what it read before.
  if (ended) return ended.node === at.node || Math.abs(at.now - ended.at) >= FELT ? 'dead' : 'either';
  return ranOut === 'maybe' || at.now >= early || at.now + FORGIVEN < used ? 'either' : 'live';
}

/** What was seen of it may have been written down for ever. */
function noted(one: Modelled, { found, now }: { readonly found: boolean; readonly now: number }): void {
  if (one.ended || found) return;
  const [early, late] = runsOut(one);
  if (now >= late) one.ranOut = 'surely';
  else if (now >= early) one.ranOut ??= 'maybe';
}

async function perform(step: Act, world: World): Promise<void> {
  const { nodes, all, now } = world;
  if (step.does === 'wait') return world.wait(step.seconds);
  const sessions = nodes[step.node] as Sessions;
  if (step.does === 'issue') {
    const { id, session } = await sessions.issue({
      person: { id: `idp#${step.who}`, provider: 'idp', emailVerified: false, groups: [] },
    });
    all.push({ id: id.reveal(), handle: session.handle, who: step.who, born: now(), used: now() });
    return;
  }
  if (step.does === 'end-all') {
    await sessions.endAllOf(`idp#${step.who}`, 'operator');
    for (const one of all) if (one.who === step.who) one.ended ??= { at: now(), node: step.node };
    return;
  }
  const one = all[step.which % Math.max(1, all.length)];
  if (one === undefined) return;
  if (step.does === 'end') {
    await sessions.end(one.handle, 'signed-out');
    one.ended ??= { at: now(), node: step.node };
    return;
  }
  if (step.does === 'stand') return stands(one, { now: now(), furthest: world.furthest, sessions });
  const expected = verdict(one, { now: now(), node: step.node });
  const read = await (step.does === 'touch' ? sessions.touch(one.handle) : sessions.read(one.id));
  if (expected !== 'either') assert.equal(read === undefined ? 'dead' : 'live', expected);
  noted(one, { found: read !== undefined, now: now() });
  if (read === undefined) return;
  assert.equal(read.person.id, `idp#${one.who}`);
  if (!one.ended) one.used = Math.max(one.used, now());
  if (step.does === 'recheck') await sessions.rechecked(one.id, read, undefined);
}

/** Straight from the store: an end is told at once, and what time alone ended stands until its grace is over. */
async function stands(
  one: Modelled,
  {
    now,
    furthest,
    sessions,
  }: { readonly now: number; readonly furthest: number; readonly sessions: Sessions },
): Promise<void> {
  const told = (await sessions.standing([one.handle])).get(one.handle);
  const ranOut = await sessions.ranOut(one.handle);
  if (one.ended) {
    assert.deepEqual([told, ranOut], ['gone', undefined]);
    return;
  }
  const [early, late] = runsOut(one);
  const expected = verdict(one, { now, node: -1 });
  if (expected !== 'either') assert.equal(told === 'live' ? 'live' : 'dead', expected);
  if (now >= late + options.grace) assert.equal(told, 'gone');
  if (now >= late && furthest < early + options.grace) assert.ok(typeof told === 'object');
  if (now >= early && typeof told === 'object') {
    assert.ok(told.ranOutAt >= early && told.ranOutAt <= late);
    assert.equal(ranOut?.ranOutAt, told.ranOutAt);
  }
  if (told === 'live') assert.equal(ranOut, undefined);
  noted(one, { found: told === 'live', now });
}

test('no order of sign-ins, uses, looks, ends, waits and clocks put back makes a session outlive its end or die before it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 80, size: 'max' }), async (steps) => {
      const clock = fixedClock();
      const store = createMemoryStore({ clock });
      const nodes = ['one', 'two'].map((seed) =>
        createSessions({ store, clock, options, random: countingRandom(seed) }),
      );
      const world: World = {
        nodes,
        all: [],
        now: () => clock.now() / 1000,
        furthest: 0,
        wait(seconds: number) {
          clock.advance(seconds);
          world.furthest = Math.max(world.furthest, world.now());
        },
      };
      for (const step of steps) await perform(step, world);
      clock.advance(FELT);
      const listed = new Set((await (nodes[0] as Sessions).list()).map(({ handle }) => handle));
      for (const one of world.all) {
        const expected = verdict(one, { now: world.now(), node: 0 });
        if (expected !== 'either') assert.equal(listed.has(one.handle), expected === 'live');
      }
      for (const who of PEOPLE) await (nodes[1] as Sessions).endAllOf(`idp#${who}`, 'operator');
      assert.deepEqual(await (nodes[0] as Sessions).list(), []);
      for (const told of (
        await (nodes[0] as Sessions).standing(world.all.map(({ handle }) => handle))
      ).values())
        assert.notEqual(told, 'live');
    }),
    { numRuns: 200 },
  );
});

test('an end by the command line is felt by the server within two seconds, over one file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-sessions-'));
  const clock = fixedClock();
  const stores = [0, 1].map(() => createSqliteStore({ path: join(folder, 'store.sqlite'), clock }));
  try {
    const [server, terminal] = stores.map((store, at) =>
      createSessions({ store, clock, options, random: countingRandom(`${at}`) }),
    ) as [Sessions, Sessions];
    const { id, session } = await server.issue({
      person: { id: 'idp#ada', provider: 'idp', emailVerified: false, groups: [] },
    });
    assert.ok(await server.read(id.reveal()));
    assert.equal((await terminal.end(session.handle, 'operator'))?.person.id, 'idp#ada');
    assert.deepEqual([...(await server.standing([session.handle])).values()], ['gone']);
    clock.advance(2);
    assert.equal(await server.read(id.reveal()), undefined);
  } finally {
    for (const store of stores) await store.close();
    rmSync(folder, { recursive: true });
  }
});
