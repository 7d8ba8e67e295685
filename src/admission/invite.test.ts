import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedClock, unixSeconds } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import { countingRandom } from '../base/random.ts';
import { lowerRole, ROLES } from '../base/role.ts';
import { roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import { createSessions, type Session } from '../identity/session.ts';
import { ACCESS, expandAccess } from '../policy/access.ts';
import { decide } from '../policy/decide.ts';
import { createMemoryStore } from '../store/memory.ts';
import { type InviteWish, listInvites, makeInvite, readInvite, revokeInvite, spendInvite } from './invite.ts';

const LIMITS = { idle: 3600, absolute: 86_400, recheck: 3600, grace: 0 };
const STANDUP = roomOf(roomFromPath('standup'));
const nothing = () => undefined;

function ground(seed = 'invite') {
  const clock = fixedClock();
  const store = createMemoryStore({ clock });
  const random = countingRandom(seed);
  const sessions = createSessions({ store, clock, random, options: LIMITS });
  const parts = { store, clock, random, sessions };
  const make = async (wish: Partial<InviteWish> = {}, role = ROLES[0] ?? 'host') => {
    const whole = { room: STANDUP, role: 'participant', until: unixSeconds(clock) + 3600, ...wish } as const;
    const { code, invite } = await makeInvite(whole, { role }, parts);
    return { code: code.reveal(), invite };
  };
  const guest = { name: 'Ada', before: nothing, address: '192.0.2.1' };
  return { ...parts, parts, make, guest };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'fine',
    (thrown: unknown) => (isProblem(thrown) ? thrown.code : Promise.reject(thrown)),
  );

const rooms = fc.constantFrom(
  STANDUP,
  roomOf(roomFromPath('board')),
  roomOf(roomFromPath('standup'), tenantFromPath('sales')),
);
const role = fc.constantFrom(...ROLES);

test('no invitation gives more than its role, its maker’s, or another room, whatever the access', () =>
  fc.assert(
    fc.asyncProperty(rooms, rooms, role, role, fc.constantFrom(...ACCESS), fc.boolean(), async (...given) => {
      const [room, asked, wished, maker, access, hostPresent] = given;
      const { make, guest, parts } = ground();
      const { code } = await make({ room, role: wished }, maker);
      const { person } = (await spendInvite(code, guest, parts)).session;
      const all = (who: Person | undefined) =>
        decide(
          { room: asked, hostPresent, ...(who && { person: who }) },
          expandAccess({ access, hosts: ['staff'] }),
        );
      const decision = all(person);
      const isHere = room.claim === asked.claim && room.tenant === asked.tenant;
      if (!isHere) {
        assert.deepEqual(decision, all(undefined));
        return;
      }
      if (decision.kind !== 'admit') assert.equal(decision.kind, 'wait');
      else assert.equal(lowerRole(decision.role, lowerRole(wished, maker)), decision.role);
    }),
    { numRuns: 200 },
  ));

test('letters are forgiven that look like digits, and case, and dashes', async () => {
  const { make, parts } = ground();
  const { code } = await make();
  for (const typed of [
    code.toUpperCase(),
    code.replaceAll('0', 'o').replaceAll('1', 'l'),
    code.match(/.{4}/g)?.join('-'),
  ])
    assert.equal((await readInvite(typed ?? '', nothing, parts)).room, 'standup');
});

for (const code of ['', 'x', '0'.repeat(28), '0'.repeat(10_000), '../../etc', 'ü'.repeat(28)])
  test(`${JSON.stringify(code.slice(0, 30))} of ${code.length} characters is no invitation`, async () =>
    assert.equal(await codeOf(readInvite(code, nothing, ground().parts)), 'invite.unknown'));

test('an invitation revoked while its session is made leaves no session behind', async () => {
  for (const uses of [1, undefined]) {
    const { make, guest, parts, sessions } = ground();
    const { code, invite } = await make(uses === undefined ? {} : { uses });
    const late = {
      ...parts,
      sessions: {
        end: sessions.end,
        // Whoever revokes looks for sessions before this one is there.
        issue: async (...words: Parameters<typeof sessions.issue>) => {
          await revokeInvite(invite.id, parts);
          return sessions.issue(...words);
        },
      },
    };
    assert.equal(await codeOf(spendInvite(code, guest, late)), 'invite.unknown');
    assert.deepEqual(await sessions.list(), []);
  }
});

for (const when of ['before', 'after'] as const)
  test(`what is handed on at the moment in which it is taken back is gone too: written ${when} that`, async () => {
    const { make, guest, parts, store, clock } = ground();
    const { code, invite } = await make({ role: 'host' });
    const { session } = await spendInvite(code, guest, parts);
    const maker = { kind: 'person', person: session.person, address: '192.0.2.1' } as const;
    const wish = { room: STANDUP, role: 'participant', until: unixSeconds(clock) + 3600 } as const;
    const handOn = (into: typeof store) =>
      makeInvite(wish, { role: 'host', maker }, { ...parts, store: into });
    const asked =
      when === 'after'
        ? handOn({
            ...store,
            put: async (...words) => {
              await revokeInvite(invite.id, parts);
              await store.put(...words);
            },
          })
        : revokeInvite(invite.id, {
            ...parts,
            store: {
              ...store,
              take: async (key) => {
                const [first, ...more] = await listInvites(parts);
                if (first?.id === invite.id && more.length === 0) await handOn(store);
                return store.take(key);
              },
            },
          });
    const told = await codeOf(asked);
    assert.equal(told, when === 'after' ? 'invite.unknown' : 'fine');
    assert.deepEqual(await listInvites(parts), []);
  });

test('where no session can be made, the place is given back', async () => {
  const { make, guest, parts } = ground();
  const { code } = await make({ uses: 1 });
  const issue = async (): Promise<{ id: never; session: Session }> => {
    throw new RangeError('full');
  };
  await assert.rejects(
    spendInvite(code, guest, { ...parts, sessions: { ...parts.sessions, issue } }),
    RangeError,
  );
  assert.deepEqual(
    (await listInvites(parts)).map(({ seats }) => seats),
    [[]],
  );
  assert.equal(await codeOf(spendInvite(code, guest, parts)), 'fine');
});

test('who has a place keeps it where no session can be made, and is the same person each time', async () => {
  const { make, guest, parts, sessions } = ground();
  const { code } = await make({ uses: 1 });
  const first = await spendInvite(code, guest, parts);
  const before = () => first.id.reveal();
  await sessions.end(first.session.handle, 'signed-out');
  const issue = async (): Promise<never> => {
    throw new RangeError('full');
  };
  const failing = { ...parts, sessions: { ...sessions, issue } };
  await assert.rejects(spendInvite(code, { ...guest, before }, failing), RangeError);
  assert.equal(await codeOf(spendInvite(code, guest, parts)), 'invite.used');
  const again = await spendInvite(code, { ...guest, before }, parts);
  assert.equal(again.session.person.id, first.session.person.id);
});

test('what its maker may not give any more, nobody is by it', async () => {
  for (const may of ROLES) {
    const { make, guest, parts } = ground();
    const { code } = await make({ role: 'host' });
    const { session, invite } = await spendInvite(code, guest, { ...parts, mayGive: async () => may });
    assert.deepEqual([session.person.invite?.role, invite.uses], [may, undefined]);
    assert.equal((await readInvite(code, nothing, { ...parts, mayGive: async () => may })).role, may);
  }
  const { make, guest, parts } = ground();
  const { code } = await make();
  assert.equal(
    await codeOf(spendInvite(code, guest, { ...parts, mayGive: async () => undefined })),
    'invite.lapsed',
  );
});

test('somebody with an account brings nothing to an invitation but their name and address', async () => {
  const { make, guest, parts } = ground();
  const { code } = await make();
  const account: Person = {
    ...{ id: 'sso#ada', provider: 'sso', name: 'Ada', email: 'ada@example.org', emailVerified: true },
    ...{ groups: ['staff'], acr: 'high', attributes: { unit: ['board'] } },
  };
  const { session } = await spendInvite(code, { ...guest, account }, parts);
  const { id: _, invite: __, ...person } = session.person;
  assert.deepEqual(person, {
    ...{ provider: 'invite', name: 'Ada', email: 'ada@example.org', emailVerified: true, groups: [] },
  });
});

test('one for an address is for nobody whose address is not verified', async () => {
  const { make, guest, parts } = ground();
  const { code } = await make({ email: 'ada@example.org' });
  const ada = { id: 'kc#1', provider: 'kc', email: 'Ada@example.org', groups: [] };
  const by = (account: Person) => codeOf(spendInvite(code, { ...guest, account }, parts));
  assert.equal(await by({ ...ada, emailVerified: false }), 'invite.other-person');
  assert.equal(await by({ ...ada, email: 'eve@example.org', emailVerified: true }), 'invite.other-person');
  assert.equal(await codeOf(spendInvite(code, guest, parts)), 'invite.other-person');
  assert.equal(await by({ ...ada, emailVerified: true }), 'fine');
});
