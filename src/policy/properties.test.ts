/**
 * What holds of rules whatever they say.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Person } from '../base/person.ts';
import { ROLES, type Role } from '../base/role.ts';
import { roomFromPath, roomOf } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { ACCESS, expandAccess } from './access.ts';
import { besideWords } from './beside.ts';
import { decide, NO_RULE } from './decide.ts';
import { explain } from './explain.ts';
import type { Facts, Rule, When } from './rule.ts';

const role = fc.constantFrom(...ROLES);
const room = fc.constantFrom('standup', 'board', 'kc.1').map((name) => roomOf(roomFromPath(name)));
const entry = fc.record(
  { room: fc.constantFrom('standup', 'board'), role, until: fc.constant(0) },
  { noNullPrototype: true },
);
const person: fc.Arbitrary<Person> = fc.record(
  {
    id: fc.constantFrom('kc#1', 'kc#2', 'guest#1'),
    provider: fc.constantFrom('kc', 'other'),
    email: fc.constantFrom('ada@example.org', 'eve@example.com'),
    emailVerified: fc.boolean(),
    groups: fc.subarray(['staff', 'students']),
    acr: fc.constantFrom('mfa', 'password'),
    guest: fc.constant(true as const),
    pass: entry,
    bound: entry,
    invite: entry.map((good) => ({ ...good, id: 'K7QF-2M9X' })),
  },
  { requiredKeys: ['id', 'provider', 'emailVerified', 'groups'], noNullPrototype: true },
);
const facts: fc.Arbitrary<Facts> = fc.record(
  {
    room,
    person,
    now: fc.integer({ min: 0, max: 2e12 }),
    address: fc.constantFrom('192.0.2.1', '2001:db8::1', 'nonsense'),
    client: fc.constantFrom('browser' as const, 'mobile' as const),
    hostPresent: fc.boolean(),
  },
  { requiredKeys: ['room'], noNullPrototype: true },
);
const wishes: fc.Arbitrary<When> = fc.record(
  {
    rooms: fc.subarray(['standup', 'b*', '{person.id}'], { minLength: 1 }),
    groups: fc.subarray(['staff', 'students'], { minLength: 1 }),
    emails: fc.constant(['ada@example.org']),
    emailDomains: fc.subarray(['example.org', 'example.com'], { minLength: 1 }),
    providers: fc.subarray(['kc', 'other', 'guest'], { minLength: 1 }),
    persons: fc.subarray(['kc#1', 'guest#1'], { minLength: 1 }),
    acr: fc.constant(['mfa']),
    networks: fc.subarray(['192.0.2.0/24', '::/0'], { minLength: 1 }),
    clients: fc.subarray(['browser' as const, 'mobile' as const], { minLength: 1 }),
    hostPresent: fc.boolean(),
    signedIn: fc.boolean(),
    pass: role,
    bound: role,
    invited: fc.boolean(),
    invite: role,
  },
  { noNullPrototype: true },
);
/** Two conditions at most: of many, one always fails. */
const when: fc.Arbitrary<When> = wishes.chain((all) =>
  fc
    .subarray(Object.keys(all) as (keyof When)[], { maxLength: 2 })
    .map((names) => Object.fromEntries(names.map((name) => [name, all[name]]))),
);
const rule: fc.Arbitrary<Rule> = fc.record(
  {
    name: fc.string(),
    when,
    then: fc.constantFrom('host', 'participant', 'guest', 'sign-in', 'wait', 'knock', 'refuse'),
    features: fc.dictionary(fc.constantFrom('recording', 'flip'), fc.boolean(), {
      minKeys: 1,
      noNullPrototype: true,
    }),
    lobby: fc.record(
      { room: fc.boolean(), person: fc.constantFrom('knock' as const, 'pass' as const) },
      { requiredKeys: [], noNullPrototype: true },
    ),
    password: fc.string({ minLength: 1 }).map((text) => new Secret(text)),
    group: fc.constantFrom('north', 'south'),
    lifetimes: fc.constant({ client: 600 }),
  },
  { requiredKeys: ['name', 'when', 'then'], noNullPrototype: true },
);
const rules = fc.array(rule, { maxLength: 12 });

test('a rule added below never changes an earlier answer', () =>
  fc.assert(
    fc.property(facts, rules, rule, (asked, above, below) => {
      const before = decide(asked, above);
      fc.pre(before.rule !== NO_RULE);
      assert.deepEqual(decide(asked, [...above, below]), before);
    }),
  ));

test('what explains a decision decides the same', () =>
  fc.assert(
    fc.property(facts, rules, (asked, all) => {
      const { decision, steps } = explain(asked, all);
      assert.deepEqual(decision, decide(asked, all));
      const decided = steps.findIndex((step) => step.decided);
      assert.equal(
        decided,
        steps.findIndex((step) => step.matched),
      );
      assert.equal(decided === -1 ? NO_RULE : all[decided]?.name, decision.rule);
    }),
  ));

test('nothing makes a host of somebody who showed nothing, and nobody more than they were vouched for or invited as', () =>
  fc.assert(
    fc.property(facts, rules, fc.constantFrom(...ACCESS), (asked, own, access) => {
      const all = expandAccess({ access, hosts: ['staff', 'ada@example.org'], rules: own, vouched: true });
      const decision = decide(asked, all);
      if (decision.kind !== 'admit') return;
      const { pass, bound, invite, guest } = asked.person ?? {};
      const words = [pass, bound, invite].filter((word) => word?.room === asked.room.claim);
      if (asked.person === undefined || guest || pass || bound || invite)
        assert.ok(
          decision.role === 'guest' || words.some((word) => word && !isMore(decision.role, word.role)),
        );
    }),
  ));

function isMore(one: Role, other: Role): boolean {
  return ROLES.indexOf(one) < ROLES.indexOf(other);
}

test('where no word lets guests in, nobody comes in without having shown who they are', () =>
  fc.assert(
    fc.property(facts, fc.constantFrom('members', 'members-wait'), (asked, access) => {
      fc.pre(
        asked.person === undefined ||
          (asked.person.guest === true && !asked.person.pass && !asked.person.bound && !asked.person.invite),
      );
      assert.equal(decide(asked, expandAccess({ access, hosts: ['staff'] })).kind, 'sign-in');
    }),
  ));

test('what a rule says beside a role reaches only whom this rule let in', () =>
  fc.assert(
    fc.property(facts, rules, (asked, all) => {
      const decision = decide(asked, all);
      const { steps } = explain(asked, all);
      const rule = all[steps.findIndex(({ decided }) => decided)];
      if (decision.kind !== 'admit') return assert.equal('beside' in decision, false);
      const { beside } = decision;
      assert.ok(rule !== undefined);
      const said = new Set(besideWords(rule));
      for (const word of besideWords(beside)) assert.ok(said.has(word), word);
      assert.ok(beside?.password === undefined || beside.password === rule.password);
    }),
  ));

test('who came out as less than the rule says is given nothing beside it, and denied what it denies', () =>
  fc.assert(
    fc.property(facts, rule, (asked, one) => {
      const decision = decide(asked, [{ ...one, when: {} }]);
      fc.pre(decision.kind === 'admit');
      if (one.then === 'knock' || decision.role === one.then)
        return assert.deepEqual(besideWords(decision.beside), besideWords(one));
      const words = besideWords(decision.beside);
      assert.deepEqual(
        words.filter((word) => /=true$|^group|^room-lobby|^lobby=pass|^password/.test(word)),
        [],
      );
      assert.deepEqual(
        words,
        besideWords(one).filter((word) => /^feature\..*=false$|^lobby=knock|^client|^app/.test(word)),
      );
    }),
  ));
