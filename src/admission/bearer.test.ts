/** Tokens that callers bring with each request: which session they are, and when they are none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BEARER_AUDIENCE,
  BEARER_ISS,
  bearerClaims,
  bearerKeys,
  bearerToken,
} from '../../test/support/bearers.ts';
import { fixedClock } from '../base/clock.ts';
import { noMetrics } from '../base/metrics.ts';
import { isProblem } from '../base/problem.ts';
import { systemRandom } from '../base/random.ts';
import { PRESETS } from '../identity/presets.ts';
import { createSessions } from '../identity/session.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createBearers } from './bearer.ts';

const HOUR = 3600;
const LIMITS = { idle: 12 * HOUR, absolute: 48 * HOUR, recheck: HOUR, grace: 6 * HOUR };
const at = { id: 'AB12-CD34', address: '192.0.2.9' };

function stage({ cut = false, together = 1 } = {}) {
  const clock = fixedClock();
  const memory = createMemoryStore({ clock });
  const first: (() => void)[] = [];
  // So many ask which session it is before any of them is told.
  const store: typeof memory = {
    ...memory,
    get: async (key) => {
      const value = await memory.get(key);
      if (!key.startsWith('bearer/') || first.length >= together) return value;
      await new Promise<void>((done) => {
        first.push(done);
        if (first.length === together) for (const go of first) go();
      });
      return value;
    },
  };
  const sessions = createSessions({ store, clock, random: systemRandom, options: LIMITS, memory: 0 });
  const issuer = {
    ...{ iss: BEARER_ISS, provider: 'sso', algorithm: 'RS256', audience: BEARER_AUDIENCE, alsoFor: [] },
    keys: bearerKeys(clock),
    mapping: PRESETS.generic.mapping,
  };
  const began: string[] = [];
  const bearer = createBearers({
    ...{ sessions, store, clock, metrics: noMetrics, cut, remembered: LIMITS.idle + LIMITS.grace },
    issuers: new Map([[BEARER_ISS, issuer]]),
    began: async ({ id }) => void began.push(id),
  });
  const show = async (token: string) => (await bearer(token, at)) ?? assert.fail('nobody signed it');
  const token = (more: object = {}) => bearerToken(bearerClaims(clock, more));
  const standing = async (handle: string) => (await sessions.standing([handle])).get(handle);
  return { clock, sessions, began, show, token, standing };
}

const isRefused = (code: string) => (thrown: unknown) => isProblem(thrown) && thrown.code === code;

test('tokens that are renewed every five minutes are one session, all day long, and that it began is told once', async () => {
  const { show, token, clock, began, standing } = stage();
  const first = await show(token());
  for (let time = 0; time < 200; time += 1) {
    clock.advance(240);
    assert.equal(await show(token()), first);
  }
  assert.equal(await standing(first), 'live');
  assert.deepEqual(began, ['sso#ada']);
});

test('a newer token says what is true now', async () => {
  const { show, token, clock, sessions } = stage();
  const handle = await show(token());
  clock.advance(60);
  await show(token({ groups: ['staff', 'board'], name: 'Countess Lovelace' }));
  const { person } = (await sessions.peek(handle)) ?? assert.fail();
  assert.deepEqual([person.groups, person.name], [['staff', 'board'], 'Countess Lovelace']);
});

test('of tokens that last equally long the newer one counts, and an older one brings back no group, however long it lasts', async () => {
  const { show, token, clock, sessions } = stage();
  const exp = clock.now() / 1000 + 600;
  const old = { iat: clock.now() / 1000 - 10, groups: ['staff', 'board'] };
  const handle = await show(token({ ...old, exp }));
  await show(token({ exp, groups: ['staff'] }));
  const groups = async () => (await sessions.peek(handle))?.person.groups;
  assert.deepEqual(await groups(), ['staff']);
  for (const later of [0, 1, HOUR]) assert.equal(await show(token({ ...old, exp: exp + later })), handle);
  assert.deepEqual(await groups(), ['staff']);
});

test('a token of a clock that is ahead opens nothing after the end of its session either', async () => {
  const { show, token, clock, sessions } = stage();
  const now = clock.now() / 1000;
  const first = token({ iat: now + 5, exp: now + HOUR });
  const newest = token({ iat: now + 25, exp: now + HOUR });
  for (const one of [first, newest, first]) await show(one);
  clock.advance(1);
  await sessions.endBySid('sso', 'their-session-1');
  for (const one of [first, newest]) await assert.rejects(show(one), isRefused('bearer.unacceptable'));
  clock.advance(40);
  for (const one of [first, newest]) await assert.rejects(show(one), isRefused('bearer.unacceptable'));
  await show(token());
});

test('the session there is over, so is the one here, and no token from before opens anything', async () => {
  const { show, token, clock, sessions, standing } = stage();
  const shown = token({ exp: clock.now() / 1000 + 24 * HOUR });
  const handle = await show(shown);
  clock.advance(60);
  assert.equal((await sessions.endBySid('sso', 'their-session-1')).length, 1);
  assert.equal(await standing(handle), 'gone');
  for (let hour = 0; hour < 23; hour += 1) {
    await assert.rejects(show(shown), isRefused('bearer.unacceptable'));
    clock.advance(HOUR);
  }
});

test('who signs in again after an end is somebody again, by a token issued since', async () => {
  const { show, token, clock, sessions } = stage();
  const first = await show(token());
  clock.advance(60);
  await sessions.endBySubject('sso', 'ada');
  await assert.rejects(show(token({ iat: clock.now() / 1000 })), isRefused('bearer.unacceptable'));
  clock.advance(30);
  assert.notEqual(await show(token()), first);
});

test('after the end of the token it is good for the meeting that runs, and then for nothing', async () => {
  const { show, token, clock, standing } = stage();
  const shown = token();
  const handle = await show(shown);
  clock.advance(HOUR);
  assert.equal(typeof (await standing(handle)), 'object');
  assert.equal(await show(shown), handle);
  clock.advance(LIMITS.grace);
  await assert.rejects(show(shown), isRefused('bearer.expired'));
});

test('where calls end with their token, the session is gone that second, and a newer token lengthens it', async () => {
  const { show, token, clock, standing } = stage({ cut: true });
  const shown = token();
  const handle = await show(shown);
  clock.advance(200);
  await show(token());
  clock.advance(200);
  assert.equal(await standing(handle), 'live');
  clock.advance(100);
  assert.equal(await standing(handle), 'gone');
  await assert.rejects(show(shown), isRefused('bearer.expired'));
});

test('who comes back after the end of a token begins anew, and the end of the new one ends what is left of the old', async () => {
  const { show, token, clock, sessions, standing } = stage();
  const first = await show(token());
  clock.advance(HOUR);
  const second = await show(token());
  assert.notEqual(second, first);
  await sessions.end(second, 'operator');
  assert.equal(await standing(first), 'gone');
});

test('many at once begin one session', async () => {
  const { show, token, sessions, began } = stage({ together: 20 });
  const shown = token();
  const found = await Promise.all(Array.from({ length: 20 }, () => show(shown)));
  assert.equal(new Set(found).size, 1);
  assert.equal((await sessions.list()).length, 1);
  assert.equal(began.length, 1);
});
