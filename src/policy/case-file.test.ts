import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerCases, readCaseFile } from './case-file.ts';

const faultsOf = (text: string) => {
  const read = readCaseFile(text);
  return 'faults' in read ? read.faults.map(({ line }) => line) : [];
};

const QUESTION = '-----\nstandup  ana  => refuse';

for (const [text, why] of [
  ['rules\n  staff groups=staff', 'a rule that says nothing'],
  ['rules\n  staff groups=staff -> boss', 'a rule that says no known word'],
  ['rules\n  staff group=staff -> host', 'a condition that does not exist'],
  ['rules\n  groups=staff -> host', 'a rule without a name'],
  ['nonsense\nrules', 'a word that has no meaning'],
] as const)
  test(`${why} is a fault on its line`, () =>
    assert.deepEqual(faultsOf(`${text}\n${QUESTION}`), [text.startsWith('rules') ? 2 : 1]));

for (const [line, why] of [
  ['standup ana', 'without an answer'],
  ['standup ana => boss', 'with an unknown answer'],
  ['static ana => refuse', 'about a room that cannot be'],
  ['standup@a/b ana => refuse', 'about a tenant that cannot be'],
  ['standup ana/pass=owner => refuse', 'with an entry for no role'],
  ['standup => refuse', 'about nobody'],
] as const)
  test(`a question ${why} is a fault on its line`, () =>
    assert.deepEqual(faultsOf(`rules\n-----\n${line}`), [3]));

test('a file without questions proves nothing and is a fault', () =>
  assert.deepEqual(faultsOf('rules\n  all -> host\n-----\n'), [1]));

test('all faults are told at once', () => assert.deepEqual(faultsOf('x\nrules\n  y\n-----\nz'), [1, 3, 5]));

test('a wrong expectation fails, and so does the right outcome by another rule', () => {
  const read = readCaseFile(
    'rules\n  all -> guest\n-----\na ana => host\na ana => guest (some)\na ana => guest (all)\na ana => guest',
  );
  assert.ok(!('faults' in read));
  assert.deepEqual(
    answerCases(read).map(({ passed }) => passed),
    [false, false, true, true],
  );
});
