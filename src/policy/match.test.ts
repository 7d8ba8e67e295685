import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Person } from '../base/person.ts';
import { roomFromPath, roomOf } from '../base/room.ts';
import { CONDITIONS, matches, namedConditions } from './match.ts';
import type { When } from './rule.ts';

const room = roomOf(roomFromPath('standup'));
const ana: Person = {
  id: 'kc#1',
  provider: 'kc',
  email: 'ana@example.org',
  emailVerified: true,
  groups: ['staff'],
};

/** For every condition a rule can name, one wish that ana fulfils in this room. */
const FULFILLED: Omit<Required<When>, 'pass' | 'bound'> = {
  rooms: ['stand*'],
  tenants: [''],
  groups: ['staff'],
  emails: ['ana@example.org'],
  emailDomains: ['example.org'],
  providers: ['kc'],
  persons: ['kc#1'],
  signedIn: true,
};

test('every condition but what is good for one room alone has its example here', () =>
  assert.deepEqual(
    Object.keys({ ...FULFILLED, pass: 'host', bound: 'host' }).sort(),
    Object.keys(CONDITIONS).sort(),
  ));

test('a rule with every condition speaks where all hold', () =>
  assert.ok(matches(FULFILLED, { room, person: ana })));

const ABOUT_PERSON = ['groups', 'emails', 'emailDomains', 'providers', 'persons', 'signedIn'] as const;

for (const name of ABOUT_PERSON) {
  test(`${name} never holds for a stranger`, () =>
    assert.ok(!matches({ [name]: FULFILLED[name] }, { room })));
  test(`${name} never holds for a one-time entry`, () => {
    const pass = { room: 'elsewhere', role: 'host', until: 0 } as const;
    assert.ok(!matches({ [name]: FULFILLED[name] }, { room, person: { ...ana, pass } }));
  });
}

for (const name of ['rooms', 'tenants', 'groups', 'emails', 'emailDomains', 'providers', 'persons'] as const)
  test(`an empty list of ${name} holds for nobody`, () =>
    assert.ok(!matches({ [name]: [] }, { room, person: ana })));

test('one condition that fails is enough', () => {
  for (const name of namedConditions(FULFILLED)) {
    const spoilt: When = {
      ...FULFILLED,
      ...(name === 'signedIn' ? { signedIn: false } : { [name]: ['nothing-like-it'] }),
    };
    assert.ok(!matches(spoilt, { room, person: ana }), name);
  }
});

test('a rule without conditions speaks of everybody', () => assert.ok(matches({}, { room })));
