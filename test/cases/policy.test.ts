/**
 * The golden cases of policy: text an operator can read, write and send with a report.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { answerCases, readCaseFile } from '../../src/policy/case-file.ts';

const FOLDER = join(import.meta.dirname, 'policy');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.case'));

test('there are cases to judge by', () => assert.ok(files.length >= 10));

for (const name of files) {
  const read = readCaseFile(readFileSync(join(FOLDER, name), 'utf8'));
  if ('faults' in read) {
    test(`${name} can be read`, () => assert.deepEqual(read.faults, []));
    continue;
  }
  for (const result of answerCases(read))
    test(`${name}:${result.case.line} ${result.case.text}`, () =>
      assert.deepEqual(
        { outcome: result.outcome, rule: result.rule, beside: result.beside },
        {
          outcome: result.case.outcome,
          rule: result.case.rule ?? result.rule,
          beside: result.case.beside ?? result.beside,
        },
      ));
}
