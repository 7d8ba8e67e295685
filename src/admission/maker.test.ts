/** What the maker of an invitation may still give. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock, unixSeconds } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { parseRoomPath } from '../base/room.ts';
import type { Rule } from '../policy/rule.ts';
import type { Invite, InviteMaker } from './invite-record.ts';
import type { Kick } from './kick.ts';
import { type MakerParts, mayGive } from './maker.ts';

const clock = fixedClock();
const room = parseRoomPath('/standup');
const ada: Person = { id: 'sso#ada', provider: 'sso', emailVerified: false, groups: ['staff'] };
const by = (person: Person = ada): InviteMaker => ({ kind: 'person', person, address: '192.0.2.7' });
const invite = (maker?: InviteMaker): Invite => ({
  ...{ id: 'AAAA-AAAA', room: room.claim, role: 'host', madeAt: 0, from: 0, until: 9e9, seats: [] },
  ...(maker && { maker }),
});
const STAFF: Rule = { name: 'staff', when: { groups: ['staff'] }, then: 'host' };
const OFFICE: Rule = { name: 'office', when: { networks: ['192.0.2.0/24'] }, then: 'host' };
const parts = (more: Partial<MakerParts> = {}): MakerParts => ({
  ...{ clock, rules: () => [STAFF], kicks: { of: () => undefined }, apps: new Map() },
  ...{ providers: new Map([['sso', {}]]), stillVouched: (person: Person) => person },
  ...more,
});

test('of the operator’s own is every role', async () =>
  assert.equal(await mayGive(invite(), parts({ rules: () => [] })), 'host'));

test('whom the rules of now make host may give every role', async () =>
  assert.equal(await mayGive(invite(by()), parts()), 'host'));

for (const [why, person, more] of [
  ['whom no rule makes host any more', ada, { rules: () => [{ ...STAFF, then: 'participant' as const }] }],
  ['of whom no rule speaks', ada, { rules: () => [] }],
  ['who was put out of the room', ada, { kicks: { of: () => ({}) as Kick } }],
  ['whose sign-in service is not in the configuration any more', ada, { providers: new Map() }],
  [
    'whose account is gone',
    ada,
    { providers: new Map([['sso', { knows: async () => ({ kind: 'gone', why: 'unknown' }) as const }]]) },
  ],
  [
    'whose account has other groups now',
    ada,
    {
      providers: new Map([
        [
          'sso',
          { knows: async () => ({ kind: 'still', signedIn: { person: { ...ada, groups: [] } } }) as const },
        ],
      ]),
    },
  ],
  [
    'whom an application vouched for that may no longer',
    { ...ada, bound: { room: room.claim, role: 'host', until: unixSeconds(clock) + 60 } },
    { stillVouched: () => undefined },
  ],
  [
    'whose own invitation is over',
    { ...ada, invite: { id: 'x', room: room.claim, role: 'host', until: unixSeconds(clock) } },
    { rules: () => [{ ...STAFF, when: {} }] },
  ],
] as const)
  test(`${why} gives nothing`, async () =>
    assert.equal(await mayGive(invite(by(person as Person)), parts(more as Partial<MakerParts>)), undefined));

test('a rule about where somebody is looks at where they were when they made it', async () =>
  assert.equal(await mayGive(invite(by()), parts({ rules: () => [OFFICE] })), 'host'));

test('an application gives what it may make somebody in this room, as long as it may', async () => {
  const app = { name: 'crm', rooms: ['stand*'], tenants: [''], role: 'participant', lifetime: 60 } as const;
  const maker = { kind: 'app', name: 'crm' } as const;
  assert.equal(await mayGive(invite(maker), parts({ apps: new Map([['crm', app]]) })), 'participant');
  const elsewhere = { ...app, rooms: ['crm-*'] };
  assert.equal(await mayGive(invite(maker), parts({ apps: new Map([['crm', elsewhere]]) })), undefined);
  assert.equal(await mayGive(invite(maker), parts()), undefined);
});
