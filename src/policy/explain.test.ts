import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Person } from '../base/person.ts';
import { roomFromPath, roomOf } from '../base/room.ts';
import { expandAccess } from './access.ts';
import { decide } from './decide.ts';
import { explain } from './explain.ts';
import type { Rule } from './rule.ts';

const room = roomOf(roomFromPath('board'));
const kim: Person = { id: 'kc#kim', provider: 'kc', emailVerified: false, groups: ['staff'] };

const RULES: readonly Rule[] = [
  { name: 'chairs', when: { rooms: ['board'], groups: ['chairs'] }, then: 'host' },
  { name: 'board is closed', when: { rooms: ['board'] }, then: 'refuse' },
  { name: 'staff', when: { groups: ['staff'] }, then: 'participant' },
];

test('every rule is told with what held and what did not', () =>
  assert.deepEqual(explain({ room, person: kim }, RULES).steps, [
    {
      rule: 'chairs',
      then: 'host',
      conditions: [
        { name: 'rooms', held: true },
        { name: 'groups', held: false },
      ],
      matched: false,
      decided: false,
    },
    {
      rule: 'board is closed',
      then: 'refuse',
      conditions: [{ name: 'rooms', held: true }],
      matched: true,
      decided: true,
    },
    {
      rule: 'staff',
      then: 'participant',
      conditions: [{ name: 'groups', held: true }],
      matched: true,
      decided: false,
    },
  ]));

test('who is refused is told what would have let them in, and which rule stood before it', () =>
  assert.deepEqual(explain({ room, person: kim }, RULES).wouldLetIn, [
    { rule: 'chairs', then: 'host', missed: [{ name: 'groups', wanted: ['chairs'] }] },
    { rule: 'staff', then: 'participant', missed: [], behind: 'board is closed' },
  ]));

test('who was let in needs no advice', () => {
  const chair = { ...kim, groups: ['chairs'] };
  assert.deepEqual(explain({ room, person: chair }, RULES).wouldLetIn, []);
});

test('an explanation decides as the door does', () => {
  for (const groups of [[], ['staff'], ['chairs'], ['hosts']])
    for (const rules of [
      RULES,
      [],
      expandAccess({ hosts: ['hosts'] }),
      expandAccess({ hosts: ['hosts'], rules: RULES }),
    ]) {
      const facts = { room, person: { ...kim, groups } };
      const told = explain(facts, rules);
      const decided = told.steps.find((step) => step.decided)?.rule ?? '(no rule matched)';
      assert.deepEqual([told.decision, told.decision.rule], [decide(facts, rules), decided]);
    }
});
