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
  acr: 'mfa',
  attributes: { affiliation: ['staff', 'member'] },
};
const around = {
  now: Date.parse('2026-12-01T09:30:00Z'),
  address: '192.0.2.7',
  client: 'browser',
  hostPresent: true,
} as const;

/** For every condition a rule can name, one wish that ana fulfils in this room. */
const FULFILLED: Omit<Required<When>, 'pass' | 'bound' | 'invite'> = {
  rooms: ['stand*'],
  tenants: [''],
  groups: ['staff'],
  emails: ['ana@example.org'],
  emailDomains: ['example.org'],
  providers: ['kc'],
  persons: ['kc#1'],
  acr: ['mfa'],
  attributes: { affiliation: ['staff'] },
  times: [{ hours: { from: '09:00', to: '10:00' }, zone: 'UTC' }],
  networks: ['192.0.2.0/24'],
  clients: ['browser'],
  hostPresent: true,
  signedIn: true,
  invited: false,
};

/** For every condition, a wish that nothing here fulfils. */
const SPOILT: { readonly [K in keyof typeof FULFILLED]: (typeof FULFILLED)[K] } = {
  rooms: ['other'],
  tenants: ['sales'],
  groups: ['students'],
  emails: ['eve@example.org'],
  emailDomains: ['example.com'],
  providers: ['other'],
  persons: ['kc#2'],
  acr: ['password'],
  attributes: { affiliation: ['student'] },
  times: [{ hours: { from: '10:00', to: '09:00' }, zone: 'UTC' }],
  networks: ['198.51.100.0/24'],
  clients: ['mobile', 'desktop'],
  hostPresent: false,
  signedIn: false,
  invited: true,
};

test('every condition but what is good for one room alone has its example here', () =>
  assert.deepEqual(
    Object.keys({ ...FULFILLED, pass: 'host', bound: 'host', invite: 'host' }).sort(),
    Object.keys(CONDITIONS).sort(),
  ));

test('a rule with every condition speaks where all hold', () =>
  assert.ok(matches(FULFILLED, { room, person: ana, ...around })));

const ABOUT_PERSON = [
  'groups',
  'emails',
  'emailDomains',
  'providers',
  'persons',
  'acr',
  'attributes',
  'signedIn',
] as const;

for (const name of ABOUT_PERSON) {
  test(`${name} never holds for a stranger`, () =>
    assert.ok(!matches({ [name]: FULFILLED[name] }, { room })));
  test(`${name} never holds for somebody who gave a name and showed nothing`, () =>
    assert.ok(!matches({ [name]: FULFILLED[name] }, { room, person: { ...ana, guest: true } })));
  test(`${name} never holds for who was invited, in the room or elsewhere`, () => {
    for (const where of [room.claim, 'elsewhere']) {
      const invite = { room: where, role: 'host', until: 0, id: 'K7QF-2M9X' } as const;
      assert.ok(!matches({ [name]: FULFILLED[name] }, { room, person: { ...ana, invite } }));
    }
  });
  test(`${name} never holds for a one-time entry`, () => {
    const pass = { room: 'elsewhere', role: 'host', until: 0 } as const;
    assert.ok(!matches({ [name]: FULFILLED[name] }, { room, person: { ...ana, pass } }));
  });
}

for (const name of Object.keys(FULFILLED) as (keyof typeof FULFILLED)[])
  if (Array.isArray(FULFILLED[name]))
    test(`an empty list of ${name} holds for nobody`, () =>
      assert.ok(!matches({ [name]: [] }, { room, person: ana, ...around })));

for (const name of ['times', 'networks', 'clients'] as const)
  test(`${name} never holds where it is not known`, () =>
    assert.ok(!matches({ [name]: FULFILLED[name] }, { room, person: ana })));

test('whether a host is there holds neither way where it is not known', () => {
  assert.ok(!matches({ hostPresent: true }, { room }));
  assert.ok(!matches({ hostPresent: false }, { room }));
});

test('every attribute that is named must have one of its values', () => {
  const person = { ...ana, attributes: { affiliation: ['staff'], unit: ['it'] } };
  const speaks = (attributes: When['attributes']) =>
    matches({ attributes: attributes ?? {} }, { room, person });
  assert.ok(speaks({ affiliation: ['student', 'staff'], unit: ['it'] }));
  assert.ok(!speaks({ affiliation: ['staff'], unit: ['law'] }));
  assert.ok(!speaks({ affiliation: ['staff'], toString: ['it'] }));
});

test('a room of somebody is theirs and nobody else’s', () => {
  const when = { rooms: ['{person.id}', '{person.id}.*'] };
  const named = (name: string) => roomOf(roomFromPath(name));
  const enters = (name: string, id: string) =>
    matches(when, { room: named(name), person: { ...ana, id, provider: id.split('#')[0] ?? '' } });
  assert.ok(enters('kc.8d7f', 'kc#8d7f'));
  assert.ok(enters('kc.8d7f.talk', 'kc#8d7f'));
  assert.ok(!enters('kc.8d7f', 'kc#8d7'));
  assert.ok(!enters('kc.8d7f', 'other#8d7f'));
  // In a room's name both would be written alike.
  assert.ok(!enters('kc.ada', 'kc#Ada'));
  assert.ok(!matches(when, { room: named('kc.8d7f') }));
  assert.ok(!enters('kc.x.talk', 'kc#*'));
  // One room of the first would be the room of the second.
  assert.ok(
    !matches(
      { rooms: ['{person.id}-*'] },
      { room: named('kc.8d7f-talk'), person: { ...ana, id: 'kc#8d7f' } },
    ),
  );
  assert.ok(!enters('kc.8d7f.talk', 'kc#8d7f.talk'));
});

test('one condition that fails is enough', () => {
  for (const name of namedConditions(FULFILLED)) {
    const spoilt: When = { ...FULFILLED, [name]: SPOILT[name as keyof typeof SPOILT] };
    assert.ok(!matches(spoilt, { room, person: ana, ...around }), name);
  }
});

test('a rule without conditions speaks of everybody', () => assert.ok(matches({}, { room })));
