/**
 * What our module costs Prosody, which has one processor for everybody: as much as there is to tell, and not as much as
 * there are people. Its Lua runs as it is, in a Prosody that is made up.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needCommand } from '../support/real/need.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

interface Cost {
  /** Sessions, rooms and fields of them that were looked at. */
  readonly looks: number;
  readonly ms: number;
  readonly come: number;
  readonly gone: number;
}

type Costs = Readonly<Record<string, Cost>> & { readonly filled: number };

function costsWith(sessions: number): Costs {
  const command = needCommand('lua5.4', 'lua5.4');
  const { stdout, stderr } = spawnSync(
    command,
    [here('module-cost.lua'), here('../../prosody/mod_ostiary.lua'), String(sessions)],
    { encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(stderr, '');
  return JSON.parse(stdout);
}

const [few, many] = [costsWith(100), costsWith(3000)];
const told = ({ come, gone }: Cost = assert.fail()) => [come, gone];

test('everybody is told of once, and then what changed', () => {
  for (const [costs, sessions] of [
    [few, 100],
    [many, 3000],
  ] as const) {
    assert.equal(costs.filled, sessions);
    assert.deepEqual(told(costs['one_comes']), [1, 0]);
    assert.deepEqual(told(costs['one_goes']), [0, 1]);
    assert.deepEqual(told(costs['nobody']), [0, 0]);
  }
});

for (const what of ['one_comes', 'one_goes', 'nobody'])
  test(`a report costs the same among three thousand as among a hundred: ${what.replace('_', ' ')}`, (t) => {
    t.diagnostic(`${many[what]?.ms} ms of the processor`);
    assert.equal(many[what]?.looks, few[what]?.looks);
    assert.ok((many[what]?.looks ?? 1000) < 10);
  });

test('to end somebody everybody is looked at, and no room', (t) => {
  t.diagnostic(`${many['one_is_ended']?.ms} ms of the processor`);
  assert.ok((many['one_is_ended']?.looks ?? 1e9) <= 2 * 3000 + 10);
});

test('what was told while nobody listened is told again, and everything where that is asked for', () => {
  for (const how of ['after_failure', 'after_silence']) assert.deepEqual(told(few[how]), [1, 0], how);
  assert.deepEqual(told(few['all_again']), [101, 0]);
});

test('what no event told of is found all the same', (t) => {
  t.diagnostic(`${many['unseen']?.ms} ms of the processor`);
  assert.deepEqual(told(many['unseen']), [0, 1]);
});
