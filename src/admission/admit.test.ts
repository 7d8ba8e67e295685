/** The spine: what comes of an arrival. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../base/problem.ts';
import type { Role } from '../base/role.ts';
import { parseRoomPath, type Room, roomFromPath, roomOf } from '../base/room.ts';
import type { Soon } from '../base/soon.ts';
import type { Rule, Then } from '../policy/rule.ts';
import { admit } from './admit.ts';
import type { Arrival, Wants, Which } from './arrival.ts';
import type { Kicks } from './kick.ts';
import { type Outcome, refusalOf } from './outcome.ts';
import type { TicketProof } from './ticket.ts';

const asked = {
  method: 'GET',
  path: '/',
  query: '',
  header: () => undefined,
  address: '203.0.113.9',
  id: 'K7QF-2M9X',
  socket: '',
  raw: [],
};
const room = roomOf(roomFromPath('standup'));
const ada = { id: 'corp#ada', provider: 'corp', name: 'Ada', emailVerified: false, groups: ['staff'] };
const arrival = (wants: Wants = { kind: 'enter', room }): Arrival => ({ asked, wants });
const rule = (then: Then, when: Rule['when'] = {}): Rule => ({ name: `it says ${then}`, when, then });
const kindOf = (answer: Soon<Outcome>) => (answer instanceof Promise ? 'a promise' : answer.kind);
const parts = (rules: readonly Rule[], known: boolean) => ({
  recognise: async () => (known ? { person: ada, session: 'handle' } : undefined),
  rules: () => rules,
});

test('who is admitted gets a grant for this person, this room and this role, which nobody can alter', async () => {
  const outcome = await admit(arrival(), parts([rule('host')], true));
  assert.ok(outcome.kind === 'admitted');
  assert.deepEqual(
    [outcome.grant.person, outcome.grant.room, outcome.grant.decision.role],
    [ada, room, 'host'],
  );
  assert.ok(Object.isFrozen(outcome.grant));
});

for (const then of ['wait', 'sign-in', 'refuse'] as const)
  test(`who is told to ${then} gets no grant, but the name of the rule that said so`, async () => {
    const outcome = await admit(arrival(), parts([rule(then)], true));
    assert.ok(!('grant' in outcome));
    assert.ok('rule' in outcome && outcome.rule === `it says ${then}`);
  });

/** Somebody by a link to the room, and somebody by an account, in one browser. */
function both(rules: readonly Rule[], { role = 'host', to = room }: { role?: Role; to?: Room } = {}) {
  const bound = { room: to.claim, role, until: 0, mark: 1 };
  const grace = { ...ada, id: 'moodle#grace', provider: 'moodle', groups: [], bound };
  const asked: Which[] = [];
  return {
    asked,
    rules: () => rules,
    recognise: (_: Arrival, by: Which) => {
      asked.push(by);
      return { person: by === 'link' ? grace : ada, session: by };
    },
  };
}

const grantOf = (outcome: Outcome) =>
  outcome.kind === 'admitted' ? [outcome.grant.person.id, outcome.grant.decision.role] : outcome.kind;

test('who follows a link is in its room who the link says', async () =>
  assert.deepEqual(grantOf(await admit(arrival(), both([rule('host')]))), ['moodle#grace', 'host']));

test('a rule may lower what a link proposes, and never raise it', async () => {
  for (const [said, proposed, is] of [
    ['participant', 'host', 'participant'],
    ['guest', 'host', 'guest'],
    ['host', 'participant', 'participant'],
    ['host', 'guest', 'guest'],
  ] as const)
    assert.deepEqual(grantOf(await admit(arrival(), both([rule(said)], { role: proposed }))), [
      'moodle#grace',
      is,
    ]);
});

test('a link of another room is nobody’s, however it comes along: it is the account that counts', async () => {
  const elsewhere = both([rule('sign-in', { signedIn: false }), rule('host')], {
    to: parseRoomPath('/other'),
  });
  assert.deepEqual(grantOf(await admit(arrival(), elsewhere)), ['corp#ada', 'host']);
  assert.equal(grantOf(await admit({ ...arrival(), which: 'link' }, elsewhere)), 'sign-in');
});

test('where a rule wants an account it is the account that counts', async () => {
  const rules = [rule('sign-in', { providers: ['moodle'] }), rule('participant')];
  assert.deepEqual(grantOf(await admit(arrival(), both(rules))), ['corp#ada', 'participant']);
});

test('whom the rules refuse by their link is not let in by their account unasked', async () => {
  const rules = [rule('refuse', { providers: ['moodle'] }), rule('host')];
  assert.equal(grantOf(await admit(arrival(), both(rules))), 'refused');
});

test('one session alone is looked at where one is meant', async () => {
  for (const which of ['link', 'account'] as const) {
    const parts = both([rule('host')]);
    await admit({ ...arrival(), which }, parts);
    assert.deepEqual(parts.asked, [which]);
  }
});

test('where no rule speaks nobody enters', async () =>
  assert.equal((await admit(arrival(), parts([], true))).kind, 'refused'));

test('a stranger whom a rule would let in is sent to sign in, because nobody enters namelessly', async () =>
  assert.equal((await admit(arrival(), parts([rule('participant')], false))).kind, 'sign-in'));

for (const wants of [{ kind: 'asset' }, { kind: 'act' }] as const) {
  test(`for an ${wants.kind} no rule is asked: a live session is enough`, async () =>
    assert.equal((await admit(arrival(wants), parts([rule('refuse')], true))).kind, 'seen'));
  test(`for an ${wants.kind} a stranger is sent to sign in`, async () =>
    assert.equal((await admit(arrival(wants), parts([rule('host')], false))).kind, 'sign-in'));
}

test('a store that does not answer is a failure, never a yes and never a stranger', async () =>
  assert.rejects(
    async () =>
      admit(arrival(), {
        recognise: async () => {
          throw new Problem('store.unavailable');
        },
        rules: () => [rule('host')],
      }),
    { code: 'store.unavailable' },
  ));

test('who is recognised at once is answered at once, and by the same rules', () => {
  const now = { recognise: () => ({ person: ada, session: 'handle' }), rules: () => [rule('host')] };
  assert.equal(kindOf(admit(arrival(), now)), 'admitted');
  assert.equal(kindOf(admit(arrival(), { ...now, rules: () => [] })), 'refused');
  assert.equal(kindOf(admit(arrival(), { ...now, recognise: () => undefined })), 'sign-in');
});

const proof = (of: Room) => ({ session: 'handle', room: of }) as TicketProof;

test('a gate ticket enters its own room', async () => {
  const outcome = await admit({ ...arrival(), ticket: proof(room) }, parts([rule('host')], true));
  assert.equal(outcome.kind, 'admitted');
});

for (const path of ['/retro', '/acme/standup', '/acme/retro'])
  test(`a gate ticket of another room does not enter, not even where its session might: ${path}`, async () => {
    const ticket = proof(parseRoomPath(path));
    let asked = 0;
    const recognise = () => {
      asked += 1;
      return { person: ada, session: 'handle' };
    };
    const outcome = await admit({ ...arrival(), ticket }, { recognise, rules: () => [rule('host')] });
    assert.deepEqual([outcome.kind, asked], ['refused', 0]);
  });

for (const wants of [{ kind: 'asset' }, { kind: 'act' }] as const)
  test(`a gate ticket is no way to an ${wants.kind}`, async () => {
    const outcome = await admit({ ...arrival(wants), ticket: proof(room) }, parts([rule('host')], true));
    assert.equal(outcome.kind, 'refused');
  });

test('what a connection that goes on is granted says so, and nothing else does', async () => {
  for (const resumes of [undefined, true] as const) {
    const wants = { kind: 'enter', room, ...(resumes && { resumes }) } as const;
    const outcome = await admit(arrival(wants), parts([rule('host')], true));
    assert.ok(outcome.kind === 'admitted');
    assert.equal(outcome.grant.resumes, resumes);
  }
});

test('what is known beside room and person is known to the rules', () => {
  const rules = [
    rule('host', { networks: ['203.0.113.0/24'], times: [{ zone: 'UTC', since: '2026-12-01' }] }),
  ];
  const at = (now: number) => {
    const around = ({ asked: { address } }: Arrival) => ({ address, now });
    return kindOf(
      admit(arrival(), { rules: () => rules, recognise: () => ({ person: ada, session: 's' }), around }),
    );
  };
  assert.equal(at(Date.parse('2026-12-01T00:00:00Z')), 'admitted');
  assert.equal(at(Date.parse('2026-11-30T23:59:59Z')), 'refused');
});

const kickOf = (person: string, until = 1): Pick<Kicks, 'of'> => ({
  of: (id) =>
    id === person
      ? {
          id: 'K7QF-2M9X',
          person,
          room: { name: 'standup', claim: 'standup' },
          at: 0,
          until,
          reason: 'Enough.',
        }
      : undefined,
});

test('who was put out of a room is told until when, before any rule is asked, and their way of coming back changes nothing', async () => {
  for (const more of [{}, { resumes: true }, { returns: true }] as const)
    assert.deepEqual(
      await admit(arrival({ kind: 'enter', room, ...more }), {
        ...parts([rule('host')], true),
        rules: () => assert.fail('a rule was asked'),
        kicks: kickOf('corp#ada', 9),
      }),
      { kind: 'refused', rule: '(put out of the room)', person: ada, kickedUntil: 9, reason: 'Enough.' },
    );
});

test('that somebody was put out hinders nobody else, and no file', async () => {
  const others = { ...parts([rule('host')], true), kicks: kickOf('corp#bob') };
  assert.equal((await admit(arrival(), others)).kind, 'admitted');
  const files = { ...parts([rule('host')], true), kicks: kickOf('corp#ada') };
  assert.equal((await admit(arrival({ kind: 'asset' }), files)).kind, 'seen');
});

test('who was put out as the person of a link does not come in by the account in the same browser', async () => {
  const put = { ...both([rule('host')]), kicks: kickOf('moodle#grace') };
  assert.equal((await admit(arrival(), put)).kind, 'refused');
});

test('where it cannot be known whether somebody was put out, nobody gets in', async () => {
  const kicks = { of: async () => Promise.reject(new Problem('store.unavailable')) };
  await assert.rejects(async () => admit(arrival(), { ...parts([rule('host')], true), kicks }));
});

const letIns = (...people: readonly string[]) => ({
  asked: 0,
  has(person: string, at: Room) {
    this.asked += 1;
    return Promise.resolve(people.includes(person) && at.claim === room.claim);
  },
});

test('whom a host let in by hand does not wait, and comes in as no host', async () => {
  const all = { ...parts([rule('wait')], true), letIns: letIns('corp#ada') };
  const outcome = await admit(arrival(), all);
  assert.ok(outcome.kind === 'admitted');
  assert.equal(outcome.grant.decision.role, 'participant');
  const elsewhere = await admit(arrival({ kind: 'enter', room: parseRoomPath('/other') }), all);
  assert.equal(elsewhere.kind, 'wait');
});

test('for whom no rule says wait it is not even asked whether a host let them in', async () => {
  for (const then of ['host', 'refuse', 'sign-in'] as const) {
    const asked = letIns('corp#ada');
    await admit(arrival(), { ...parts([rule(then)], true), letIns: asked });
    assert.equal(asked.asked, 0);
  }
});

test('who was let in and then turned away is out, and told why', async () => {
  const kicks = {
    of: async () => ({ ...(await kickOf('corp#ada', 9).of('corp#ada', room)), turnedAway: true }),
  };
  const all = {
    ...parts([rule('wait')], true),
    letIns: letIns('corp#ada'),
    kicks: kicks as Pick<Kicks, 'of'>,
  };
  const outcome = await admit(arrival(), all);
  assert.ok(outcome.kind === 'refused' && outcome.turnedAway);
  assert.equal(refusalOf(outcome), 'entry.turned-away');
});

test('where it cannot be asked whether a host let somebody in, nobody comes in', async () => {
  const broken = { has: async () => Promise.reject(new Problem('store.unavailable')) };
  await assert.rejects(async () => admit(arrival(), { ...parts([rule('wait')], true), letIns: broken }));
});

test('who waits is told whether a host has to come, or to let them in', async () => {
  const led = { name: 'led', when: { hostPresent: true }, then: 'guest' } as const;
  const byHand = async (rules: readonly Rule[]) => {
    const outcome = await admit(arrival(), { ...parts(rules, true), letIns: letIns() });
    return outcome.kind === 'wait' && outcome.byHand === true;
  };
  assert.equal(await byHand([led, rule('wait')]), false);
  assert.equal(await byHand([rule('wait')]), true);
});

test('a room that is shut at this hour is led from its page all the same', async () => {
  const shut = { ...parts([rule('host')], true), roomTimes: () => [{ times: [], hostsEarly: 0 }] };
  assert.equal((await admit(arrival(), shut)).kind, 'refused');
  const outcome = await admit(arrival({ kind: 'enter', room, anyHour: true }), shut);
  assert.ok(outcome.kind === 'admitted' && outcome.grant.anyHour);
});

test('whom another application vouched for, or who was invited, is a stranger in every other room, also where all are let in', async () => {
  const other = { room: 'elsewhere', role: 'host', until: 0 } as const;
  for (const good of [{ bound: { ...other, mark: 1 } }, { invite: { ...other, id: 'K7QF-2M9X' } }]) {
    const person = { ...ada, ...good };
    const outcome = await admit(arrival(), {
      recognise: async () => ({ person, session: 'handle' }),
      rules: () => [rule('guest')],
    });
    assert.equal(outcome.kind, 'sign-in');
  }
});

test('a room of a tenant is shut at its times like any other', async () => {
  const of = parseRoomPath('/sales/standup');
  const outcome = await admit(arrival({ kind: 'enter', room: of }), {
    ...parts([rule('participant')], true),
    roomTimes: (asked) => (asked === of ? [{ times: [], hostsEarly: 0 }] : []),
    around: () => ({ now: 0 }),
  });
  assert.ok(outcome.kind === 'refused' && outcome.shut !== undefined);
});
