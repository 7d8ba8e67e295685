/**
 * The golden cases of policy: text an operator can read, write and send with a report.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ACCESS } from '../../src/policy/access.ts';
import { answerCases, type CaseFile, readCaseFile, thenOf } from '../../src/policy/case-file.ts';
import { decide } from '../../src/policy/decide.ts';
import { CONDITIONS, holds, namedConditions } from '../../src/policy/match.ts';
import { timesFor } from '../../src/policy/room-times.ts';
import type { Facts, Rule } from '../../src/policy/rule.ts';

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

/** Every file that can be read. */
const all: readonly CaseFile[] = files.flatMap((name) => {
  const read = readCaseFile(readFileSync(join(FOLDER, name), 'utf8'));
  return 'faults' in read ? [] : [read];
});

/** Every question with the rules it was put to. */
const asked = all.flatMap(({ rules, rooms, cases }) =>
  cases.map(({ facts, outcome }) => {
    const whole: Facts = { ...facts, roomTimes: timesFor(rooms, facts.room) };
    return { rules, rooms, outcome, facts: whole, decision: decide(whole, rules) };
  }),
);

/** Is the rule asked at all about these facts: does none before it speak? */
function isAsked(rule: Rule, rules: readonly Rule[], facts: Facts): boolean {
  return rules
    .slice(0, rules.indexOf(rule))
    .every(({ when }) => !namedConditions(when).every((name) => holds(name, when, facts)));
}

for (const name of Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[]) {
  const naming = asked.flatMap(({ rules, facts, decision }) =>
    rules
      .filter(({ when }) => when[name] !== undefined)
      .map((rule) => ({
        rule,
        rules,
        facts,
        decides: decision.rule === rule.name && isAsked(rule, rules, facts),
      })),
  );

  test(`a golden case is decided by a rule that names ${name}`, () =>
    assert.ok(naming.some(({ decides }) => decides)));

  test(`in a golden case ${name} alone keeps a rule from speaking`, () =>
    assert.ok(
      naming.some(
        ({ rule, rules, facts }) =>
          isAsked(rule, rules, facts) &&
          namedConditions(rule.when).every((one) => holds(one, rule.when, facts) === (one !== name)),
      ),
    ));
}

for (const outcome of [
  'host',
  'participant',
  'guest',
  'sign-in',
  'wait',
  'knock',
  'refuse',
  'closed',
] as const)
  test(`a golden case ends in ${outcome}`, () =>
    assert.ok(asked.some(({ decision }) => thenOf(decision) === outcome)));

for (const word of [...ACCESS, 'hosts', 'rules', 'open'])
  test(`golden cases stand under "${word}"`, () => {
    const heads = files.map((name) => readFileSync(join(FOLDER, name), 'utf8').split(/^-{5,}$/m)[0] ?? '');
    const line = (ACCESS as readonly string[]).includes(word) ? `access ${word}` : word;
    assert.ok(heads.some((head) => new RegExp(`^${line}(?:\\s|$)`, 'm').test(head)));
  });

for (const [what, is] of Object.entries<(facts: Facts) => unknown>({
  'nobody who signed in': ({ person }) => person === undefined,
  'a guest': ({ person }) => person?.guest,
  'somebody with a one-time entry': ({ person }) => person?.pass,
  'somebody vouched for': ({ person }) => person?.bound,
  'somebody invited': ({ person }) => person?.invite,
  'an address that is verified': ({ person }) => person?.emailVerified,
  'an address that is not': ({ person }) => person?.email !== undefined && !person.emailVerified,
  'a room of a tenant': ({ room }) => room.tenant,
  'a room with times': ({ roomTimes = [] }) => roomTimes.length > 0,
}))
  test(`golden cases ask about ${what}`, () => assert.ok(asked.some(({ facts }) => is(facts))));

for (const word of [
  'feature',
  'lobby=pass',
  'lobby=knock',
  'room-lobby',
  'group',
  'client',
  'app',
  'password',
])
  test(`a golden case ends with ${word}`, () =>
    assert.ok(
      all.some((file) =>
        answerCases(file).some(
          ({ case: { beside }, beside: got }) =>
            beside !== undefined && got.some((one) => one.startsWith(word)),
        ),
      ),
    ));
