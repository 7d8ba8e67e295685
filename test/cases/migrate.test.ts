/**
 * The golden cases of `ostiary migrate`, and what holds for each of them: nothing changes unasked, settings load,
 * secrets stay where they belong, a second time there is nothing to do, and the way back leads to the very bytes.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { expectedOf, jsonOf, type Machine, machineOf, migrateCases, outcomeOf } from './migrate.ts';

/** In every case what must never be printed says so itself. */
const NEVER = /not-for-print/;

const cases = migrateCases();

const on = (name: string, work: (machine: Machine) => Promise<void>) => async () => {
  const machine = machineOf(name);
  try {
    await work(machine);
  } finally {
    machine.away();
  }
};

test('there are cases to judge by', () => assert.ok(cases.length > 0));

for (const name of cases) {
  const expected = expectedOf(name);

  test(
    `${name}: what is said, written and changed is what was written down`,
    on(name, async (machine) => {
      const { json: _, ...rest } = expected;
      assert.deepEqual(await outcomeOf(machine), rest);
    }),
  );

  if (expected.json !== undefined)
    test(
      `${name}: programs are told the same, without a secret`,
      on(name, async (machine) => {
        const said = await jsonOf(machine);
        assert.equal(said, expected.json);
        assert.doesNotMatch(said, NEVER);
        assert.ok(JSON.parse(said));
      }),
    );

  test(
    `${name}: without --apply no file of Jitsi's is touched, and no secret is printed`,
    on(name, async (machine) => {
      const before = machine.files('in');
      const { out, err } = await machine.migrate('../in');
      const made = machine.files('out')['secrets/prosody'];
      if (made !== undefined) assert.ok(!(out + err).includes(made));
      assert.deepEqual(machine.files('in'), before);
      assert.doesNotMatch(out + err, NEVER);
    }),
  );

  if (expected.settings !== undefined) {
    test(
      `${name}: the settings load without a complaint, each secret in a file for its owner alone`,
      on(name, async (machine) => {
        await machine.migrate('../in');
        const yaml = join(machine.root, 'out', 'ostiary.yaml');
        assert.doesNotMatch(readFileSync(yaml, 'utf8'), NEVER);
        const loaded = loadConfig(yaml, {});
        assert.ok('config' in loaded, JSON.stringify(loaded));
        for (const file of loaded.config.secretFiles) assert.equal(statSync(file).mode & 0o777, 0o600, file);
      }),
    );

    test(
      `${name}: once applied there is nothing left to change, and --undo gives back every byte`,
      on(name, async (machine) => {
        const before = machine.files('in');
        await machine.migrate('../in');
        const applied = await machine.migrate('../in', '--apply');
        assert.doesNotMatch(applied.out + applied.err, NEVER);
        const after = machine.files('in');
        const again = await machine.migrate('../in', '--apply');
        assert.match(again.out, /^(?:Nothing is to be changed|No file to change, .*)\.$/m);
        assert.deepEqual(machine.files('in'), after);
        if (Object.keys(expected.after).length === 0) return;
        const { code } = await machine.migrate('--undo');
        assert.equal(code, 0);
        assert.deepEqual(machine.files('in'), before);
      }),
    );
  }
}
