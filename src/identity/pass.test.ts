import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FixedClock, fixedClock, unixSeconds } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import { countingRandom } from '../base/random.ts';
import { roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import { createMemoryStore } from '../store/memory.ts';
import { makePass, type PassParts, usePass } from './pass.ts';

const HOUR = 3600;
const standup = roomOf(roomFromPath('Stand-Up'), tenantFromPath('Sales'));
const wish = { room: standup, role: 'host', for: 2 * HOUR } as const;

function parts(): PassParts & { readonly clock: FixedClock } {
  const clock = fixedClock();
  return { clock, random: countingRandom(), store: createMemoryStore({ clock }) };
}

const unknown = (thrown: unknown) => isProblem(thrown, 'pass.unknown');

test('an entry lets one person into one room in one role, from the moment it is used', async () => {
  const around = parts();
  const { code, person } = await makePass(wish, around);
  around.clock.advance(HOUR);
  assert.deepEqual(await usePass(code.reveal(), around, 'Ada'), {
    id: person,
    provider: 'pass',
    name: 'Ada',
    emailVerified: false,
    groups: [],
    pass: { room: 'stand-up', tenant: 'sales', role: 'host', until: unixSeconds(around.clock) + 2 * HOUR },
  });
});

test('an entry is spent by the first who shows it, however many show it at once', async () => {
  const around = parts();
  const code = (await makePass(wish, around)).code.reveal();
  const tried = await Promise.allSettled(Array.from({ length: 20 }, () => usePass(code, around)));
  assert.equal(tried.filter(({ status }) => status === 'fulfilled').length, 1);
  await assert.rejects(usePass(code, around), unknown);
});

test('an entry that was not used in time opens nothing', async () => {
  const around = parts();
  const short = await makePass({ ...wish, validFor: 600 }, around);
  assert.equal(short.usableUntil, unixSeconds(around.clock) + 600);
  around.clock.advance(600);
  await assert.rejects(usePass(short.code.reveal(), around), unknown);
});

test('a code is forgiven its case, its spaces and the letters that look like digits', async () => {
  const around = parts();
  for (let times = 0; times < 20; times += 1) {
    const { code, person } = await makePass(wish, around);
    const said = code.reveal().toLowerCase().replaceAll('-', '  ').replaceAll('0', 'o').replaceAll('1', 'l');
    assert.equal((await usePass(said, around)).id, person);
  }
});

for (const wrong of [
  '',
  '0000-0000-0000-0000',
  '0000-0000-0000',
  'UUUU-UUUU-UUUU-UUUU',
  '𝟘'.repeat(16),
  '0'.repeat(100_000),
])
  test(`the code ${JSON.stringify(wrong.slice(0, 24))} opens nothing`, async () => {
    await assert.rejects(usePass(wrong, parts()), unknown);
  });

test('codes are eighty bits, never twice the same, and not in the store', async () => {
  const around = parts();
  const codes = await Promise.all(Array.from({ length: 200 }, () => makePass(wish, around)));
  const texts = codes.map(({ code }) => code.reveal());
  assert.equal(new Set(texts).size, 200);
  for (const text of texts) assert.match(text, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
  const stored = JSON.stringify(await around.store.list(''));
  assert.ok(!texts.some((text) => stored.includes(text)));
});

test('what somebody calls themselves is one plain line, or nothing', async () => {
  const around = parts();
  const named = async (name: string) =>
    (await usePass((await makePass(wish, around)).code.reveal(), around, name)).name;
  assert.equal(await named('  Ada\u0000\n Lovelace '), 'Ada Lovelace');
  assert.equal(await named(' \u2028 '), undefined);
});
