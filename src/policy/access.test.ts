import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandAccess } from './access.ts';
import type { Rule } from './rule.ts';

const own: Rule = { name: 'own', when: {}, then: 'guest' };
const names = (access: Parameters<typeof expandAccess>[0]) => expandAccess(access).map(({ name }) => name);
const BEFORE = [
  'one-time entry as host',
  'one-time entry as participant',
  'one-time entry as guest',
  'sign in first',
];
const INVITED = ['invited as host', 'invited as participant', 'invited as guest'];

test('without a word whoever signs in may take part', () =>
  assert.deepEqual(names({ hosts: [] }), [...BEFORE, ...INVITED, 'members']));

test('own rules stand before hosts, and end in silence', () =>
  assert.deepEqual(names({ hosts: ['staff', 'ada@example.org'], rules: [own] }), [
    ...BEFORE,
    'own',
    ...INVITED,
    'hosts',
    'hosts',
  ]));

test('own rules with members end in members', () =>
  assert.deepEqual(names({ access: 'members', hosts: [], rules: [own] }), [
    ...BEFORE,
    'own',
    ...INVITED,
    'members',
  ]));

test('an empty list of rules is silence', () =>
  assert.deepEqual(names({ hosts: [], rules: [] }), [...BEFORE, ...INVITED]));

test('an entry with an at-sign is an address, any other a group', () =>
  assert.deepEqual(
    expandAccess({ hosts: ['staff', 'ada@example.org'] })
      .filter(({ name }) => name === 'hosts')
      .map(({ when }) => when),
    [{ groups: ['staff'] }, { emails: ['ada@example.org'] }],
  ));
