import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomFromPath, roomOf } from '../base/room.ts';
import { decide, NO_RULE } from './decide.ts';
import type { Decision, Then } from './rule.ts';

const facts = {
  room: roomOf(roomFromPath('standup')),
  person: { id: 'kc#1', provider: 'kc', emailVerified: false, groups: [] },
};

const SAID: Readonly<Record<Then, Decision>> = {
  host: { kind: 'admit', role: 'host', lobby: false, rule: 'r' },
  participant: { kind: 'admit', role: 'participant', lobby: false, rule: 'r' },
  guest: { kind: 'admit', role: 'guest', lobby: false, rule: 'r' },
  knock: { kind: 'admit', role: 'guest', lobby: true, rule: 'r' },
  'sign-in': { kind: 'sign-in', rule: 'r' },
  wait: { kind: 'wait', rule: 'r' },
  refuse: { kind: 'refuse', rule: 'r' },
};

for (const [then, decision] of Object.entries(SAID))
  test(`a rule that says ${then} means it`, () =>
    assert.deepEqual(decide(facts, [{ name: 'r', when: {}, then: then as Then }]), decision));

test('where no rule speaks, silence refuses', () =>
  assert.deepEqual(decide(facts, []), { kind: 'refuse', rule: NO_RULE }));

test('a refusal carries the sentence of its rule', () =>
  assert.deepEqual(decide(facts, [{ name: 'r', when: {}, then: 'refuse', reason: 'For staff.' }]), {
    kind: 'refuse',
    rule: 'r',
    reason: 'For staff.',
  }));

test('without having signed in nobody is more than a guest, whatever a rule says', () => {
  for (const person of [undefined, { ...facts.person, guest: true as const }]) {
    const stranger = { room: facts.room, ...(person && { person }) };
    const decision = decide(stranger, [{ name: 'r', when: {}, then: 'host' }]);
    assert.deepEqual(decision, { ...SAID.guest });
  }
});
