/** Clocks that differ, and dates at which software breaks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { claimsOf, tokenIn } from '../support/claims-of.ts';
import { startProsodyJudge } from '../support/prosody-judge.ts';
import { PREFIX, startStage } from '../support/server-stage.ts';

/** Prosody's clock, so many seconds from ours. */
const shifted = (clock: { now(): number }, seconds: number) => ({ now: () => clock.now() + seconds * 1000 });

test('a meeting is entered though our clock is half a minute ahead of Prosody’s, which forgives nothing [CLK-02]', async () => {
  const stage = await startStage();
  try {
    const visitor = stage.visitor();
    await visitor.signIn();
    const token = tokenIn(await visitor.get(`${PREFIX}/join?room=standup`));
    for (const [behind, accepted] of [
      [0, true],
      [-30, true],
      [-60, true],
      [-61, false],
      [30, true],
    ] as const) {
      const prosody = startProsodyJudge(stage, 'jwks', shifted(stage.clock, behind));
      assert.equal((await prosody.judge(token)).accepted, accepted, `${behind} s`);
    }
  } finally {
    await stage.close();
  }
});

for (const [what, at] of [
  ['the second before 32 bits are full', '2038-01-19T03:14:07Z'],
  ['the second after', '2038-01-19T03:14:08Z'],
  ['the day of a leap second', '2016-12-31T23:59:59Z'],
  ['the hour that summer time leaves out', '2027-03-28T01:59:59Z'],
  ['the hour that winter time has twice', '2027-10-31T00:59:59Z'],
  ['the leap day of a century', '2400-02-29T23:59:59Z'],
  ['the last hour of the year 9998', '9998-12-31T23:00:00Z'],
] as const)
  test(`on ${what} a sign-in is finished, kept, used and ended, and its token is accepted until its end [CLK-04]`, async () => {
    const clock = fixedClock(at);
    const stage = await startStage({ clock, store: () => createSqliteStore({ path: ':memory:', clock }) });
    try {
      const visitor = stage.visitor();
      assert.equal((await visitor.signIn()).status, 302);
      const answer = await visitor.get(`${PREFIX}/join?room=standup`);
      const { iat, nbf, exp } = claimsOf(answer);
      const now = Math.floor(Date.parse(at) / 1000);
      assert.deepEqual([iat, nbf, exp], [now, now - 60, now + 21_600]);
      const prosody = startProsodyJudge(stage, 'asap');
      assert.ok((await prosody.judge(tokenIn(answer))).accepted);
      clock.advance(21_599);
      assert.ok((await prosody.judge(tokenIn(answer))).accepted);
      assert.ok(await visitor.isSignedIn());
      clock.advance(1);
      assert.ok(!(await prosody.judge(tokenIn(answer))).accepted);
      clock.advance(12 * 3600);
      assert.equal(await visitor.isSignedIn(), false);
    } finally {
      await stage.close();
    }
  });
