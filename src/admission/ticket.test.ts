/** The gate ticket: one session's, one room's, and nothing else of ours. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedClock } from '../base/clock.ts';
import { countingRandom } from '../base/random.ts';
import { parseRoomPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { createSessions } from '../identity/session.ts';
import { createSealingKeys } from '../keys/sealing-keys.ts';
import { createSharedSecretKeys } from '../keys/shared-secret.ts';
import { createMemoryStore } from '../store/memory.ts';
import { admit } from './admit.ts';
import { createMint } from './mint.ts';
import type { Grant } from './outcome.ts';
import { beginAttempt, openAttempt } from './sign-in.ts';
import { readTicket } from './ticket.ts';

const GATE = 'https://meet.example.org/_ostiary';
const DAY = 86_400;
const ada = { id: 'corp#ada', provider: 'corp', name: 'Ada', emailVerified: false, groups: [] };
const asked = {
  method: 'GET',
  path: '/',
  query: '',
  header: () => undefined,
  address: '',
  id: '',
  socket: '',
  raw: [],
};

async function stage(options: { idle?: number; grace?: number } = {}) {
  const clock = fixedClock();
  const random = countingRandom();
  const store = createMemoryStore({ clock });
  const sealing = createSealingKeys({ store, clock, random });
  const limits = { idle: 43_200, absolute: 604_800, recheck: 3600, grace: 43_200, ...options };
  const sessions = createSessions({ store, clock, random, options: limits });
  const mint = createMint({
    keys: createSharedSecretKeys(new Secret('0123456789abcdef0123456789abcdef')),
    clock,
    random,
    claims: { issuer: 'jitsi', audience: 'jitsi', xmppDomain: 'meet.jitsi', email: false },
    lifetimes: { client: 21_600, app: 21_600, bearer: 300 },
    gate: { gate: GATE, sealing },
  });
  const { id, session } = await sessions.issue({ person: ada });
  const grant = async (path: string): Promise<Grant> => {
    const outcome = await admit(
      { asked, wants: { kind: 'enter', room: parseRoomPath(path) } },
      {
        recognise: () => ({ person: ada, session: session.handle }),
        rules: () => [{ name: 'all', when: {}, then: 'host' }],
      },
    );
    assert.ok(outcome.kind === 'admitted');
    return outcome.grant;
  };
  const parts = { gate: GATE, sealing, issuer: 'jitsi', clock, sessions };
  const read = (token: string) => readTicket(token, parts);
  const ticket = async (path = '/standup') => (await mint(await grant(path), 'ticket')).token.reveal();
  return {
    clock,
    random,
    store,
    sealing,
    sessions,
    mint,
    id: id.reveal(),
    session,
    grant,
    parts,
    read,
    ticket,
  };
}

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

test('a ticket says what a page may show, for which gate, and which session it hangs on', async () => {
  const { mint, grant, session, ticket } = await stage();
  const shown = claimsOf((await mint(await grant('/acme/standup'), 'display')).token.reveal());
  const { aud, sid, tenant, jti, ...rest } = claimsOf(await ticket('/acme/standup'));
  assert.deepEqual([aud, sid, tenant], [GATE, session.handle, 'acme']);
  assert.deepEqual({ ...rest, aud: 'jitsi', jti: shown.jti }, shown);
  assert.ok(jti);
});

for (const path of ['/standup', '/acme/standup', '/a.b/st%C3%BCck', '/%25'])
  test(`a ticket for ${path} gives proof of this room and tenant, and of its session`, async () => {
    const { read, ticket, session } = await stage();
    const proof = await read(await ticket(path));
    assert.ok(typeof proof === 'object');
    assert.deepEqual([proof.session, proof.room], [session.handle, parseRoomPath(path)]);
  });

test('a ticket is good for a day at most', async () => {
  const { clock, read, ticket, sessions, id } = await stage();
  const token = await ticket();
  for (let hours = 0; hours < 23; hours += 1) {
    clock.advance(3600);
    await sessions.read(id);
  }
  assert.ok(typeof (await read(token)) === 'object');
  clock.advance(3600);
  assert.equal(await read(token), 'expired');
});

test('a ticket is dead with its session, at once', async () => {
  const { read, ticket, sessions, session } = await stage();
  const token = await ticket();
  await sessions.end(session.handle, 'signed-out');
  assert.equal(await read(token), 'session-gone');
});

test('a session that ran out by time still gives proof until its grace is over, and what it is good for is asked elsewhere', async () => {
  const { clock, read, ticket } = await stage({ idle: 3600, grace: 7200 });
  const token = await ticket();
  clock.advance(3600);
  assert.ok(typeof (await read(token)) === 'object');
  clock.advance(7200);
  assert.equal(await read(token), 'session-gone');
});

test('no other token of ours is a ticket', async () => {
  const { mint, grant, read, ticket, id, random, store, clock, sealing } = await stage();
  for (const as of ['bearer', 'client', 'display'] as const)
    assert.equal(await read((await mint(await grant('/standup'), as)).token.reveal()), 'not-ours');
  const attempt = await beginAttempt(
    { provider: 'corp', target: '/standup', silent: false },
    { clock, random, keys: sealing, store },
  );
  for (const text of [id, attempt.sealed, attempt.attempt.state, '', 'a.b.c'])
    assert.equal(await read(text), 'not-ours');
  assert.ok(typeof (await read(await ticket())) === 'object');
});

test('a ticket is no session, and no attempt', async () => {
  const { ticket, sessions, random, store, clock, sealing } = await stage();
  const token = await ticket();
  assert.equal(await sessions.read(token), undefined);
  for (const piece of [token, ...token.split('.')]) {
    assert.equal(await sessions.read(piece), undefined);
    assert.equal(await openAttempt(piece, 'abcdefgh.x', { clock, random, keys: sealing, store }), undefined);
  }
});

test('another gate takes no ticket of ours, not even where the keys are the same', async () => {
  const { parts, ticket } = await stage();
  const elsewhere = { ...parts, gate: 'https://other.example.org/_ostiary' };
  assert.equal(await readTicket(await ticket(), elsewhere), 'not-ours');
});

test("another house's ticket is none here", async () => {
  const { read } = await stage();
  const there = await stage();
  await there.sealing.rotateNow();
  there.clock.advance(120);
  assert.equal(await read(await there.ticket()), 'not-ours');
});

test('no letter of a ticket can be changed', async () => {
  const { read, ticket } = await stage();
  const token = await ticket();
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: token.length - 1 }), fc.constantFrom(...'Aa0-_.'), async (at, letter) => {
      if (token[at] === letter) return;
      assert.equal(await read(token.slice(0, at) + letter + token.slice(at + 1)), 'not-ours');
    }),
    { numRuns: 200 },
  );
});

test('a ticket fits where tokens travel', async () => {
  const { mint, sealing } = await stage();
  assert.ok((await sealing.sealing()).length > 0);
  const { grant } = await stage();
  const full = await grant(`/acme/${'x'.repeat(400)}`);
  const person = { ...full.person, name: 'N'.repeat(100), avatar: `https://a.example/${'b'.repeat(480)}` };
  const token = (await mint({ ...full, person } as Grant, 'ticket')).token.reveal();
  assert.ok(token.length < 4096, `${token.length}`);
});

test('a ticket lasts a day even for a one-time entry: the entry ends with its session, and the client would not come back', async () => {
  const { mint, grant, clock } = await stage();
  const pass = { room: 'standup', role: 'host', until: clock.now() / 1000 + 60 } as const;
  const own = { ...(await grant('/standup')), person: { ...ada, pass } } as Grant;
  for (const as of ['ticket', 'display'] as const) {
    const claims = claimsOf((await mint(own, as)).token.reveal());
    assert.equal(claims.exp - claims.iat, DAY);
  }
});
