import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FixedClock, fixedClock, unixSeconds } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { countingRandom, digest, systemRandom } from '../base/random.ts';
import { Secret } from '../base/secret.ts';
import type { Store } from '../base/store.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createSessions, type EndReason, type SessionParts, type Sessions } from './session.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const options = { idle: 12 * HOUR, absolute: 7 * DAY, recheck: HOUR, grace: 4 * HOUR };

interface House {
  readonly clock: FixedClock;
  readonly store: Store;
  readonly sessions: Sessions;
  /** Another process on the same store. */
  readonly elsewhere: Sessions;
  /** Every store verb and key that was used. */
  readonly asked: readonly string[];
  /** Set to make every writing verb fail with this. */
  broken?: Problem;
  /** Set to let something happen between a reading and what follows it; happens once. */
  meanwhile?: () => Promise<unknown>;
}

function house(more: Partial<SessionParts> = {}): House {
  const clock = fixedClock();
  const asked: string[] = [];
  const writing = new Set(['put', 'take', 'swap']);
  const made: Pick<House, 'broken' | 'meanwhile'> = {};
  const inner = createMemoryStore({ clock });
  const store = new Proxy(inner, {
    get:
      (target, verb: keyof Store) =>
      async (...values: readonly unknown[]) => {
        asked.push(`${verb} ${String(values[0])}`);
        if (made.broken && writing.has(verb)) throw made.broken;
        const answer = await Reflect.apply(target[verb], target, values);
        const { meanwhile } = made;
        if (meanwhile && verb === 'get') {
          delete made.meanwhile;
          await meanwhile();
        }
        return answer;
      },
  });
  const parts = { store, clock, options, ...more };
  const sessions = createSessions({ ...parts, random: countingRandom() });
  const elsewhere = createSessions({ ...parts, random: countingRandom('elsewhere') });
  return Object.assign(made, { clock, store, sessions, elsewhere, asked });
}

function person(name: string, more: Partial<Person> = {}): Person {
  return { id: `idp#${name}`, provider: 'idp', name, emailVerified: false, groups: ['staff'], ...more };
}

const ada = { person: person('ada') };

async function signIn(sessions: Sessions, signedIn: Parameters<Sessions['issue']>[0] = ada) {
  const { id, session } = await sessions.issue(signedIn, { address: '192.0.2.7' });
  return { id: id.reveal(), handle: session.handle, session };
}

test('who signed in is recognised by the id the browser got', async () => {
  const { sessions } = house();
  const { id, session } = await signIn(sessions);
  assert.deepEqual(await sessions.read(id), session);
  assert.equal(session.person.name, 'ada');
  assert.equal(session.address, '192.0.2.7');
});

test('SESS-01: every sign-in gets an id of its own, and the one before is nobody once it is replaced', async () => {
  const { sessions } = house({});
  const first = await signIn(sessions);
  const second = await signIn(sessions);
  await sessions.end(first.handle, 'replaced');
  assert.notEqual(first.id, second.id);
  assert.equal(await sessions.read(first.id), undefined);
  assert.equal((await sessions.read(second.id))?.person.id, 'idp#ada');
});

test('SESS-01: an id an attacker chose is never taken up', async () => {
  const { sessions } = house();
  const planted = 'A'.repeat(43);
  await sessions.read(planted);
  const { id } = await signIn(sessions);
  assert.notEqual(id, planted);
  assert.equal(await sessions.read(planted), undefined);
});

test('ids are 256 bits from the source of chance, and the store holds their digest alone', async () => {
  const { store, clock } = house();
  const sessions = createSessions({ store, clock, options, random: systemRandom });
  const { id, handle } = await signIn(sessions);
  assert.equal(Buffer.from(id, 'base64url').length, 32);
  assert.equal(handle, digest(id));
  assert.ok(!JSON.stringify(await store.list('')).includes(id));
});

test('the handle, which stands in the store, opens nothing', async () => {
  const { sessions } = house();
  const { handle } = await signIn(sessions);
  assert.equal(await sessions.read(handle), undefined);
});

test('SESS-05: an id with any character changed is nobody', async () => {
  const { sessions } = house();
  const { id } = await signIn(sessions);
  for (let at = 0; at < id.length; at += 1) {
    const other = `${id.slice(0, at)}${id[at] === 'A' ? 'B' : 'A'}${id.slice(at + 1)}`;
    assert.equal(await sessions.read(other), undefined);
  }
});

const MALFORMED = [
  '',
  'a',
  'A'.repeat(42),
  'A'.repeat(44),
  `${'A'.repeat(42)}\n`,
  `${'A'.repeat(43)}\n`,
  `${'A'.repeat(42)}é`,
  `${'A'.repeat(42)}\0`,
  `"${'A'.repeat(41)}"`,
  `../${'A'.repeat(40)}`,
  'A'.repeat(60_000),
];
for (const malformed of MALFORMED)
  test(`SESS-11: ${JSON.stringify(malformed.slice(0, 50))} (${malformed.length}) is nobody, and the store is not asked`, async () => {
    const { sessions, asked } = house();
    assert.equal(await sessions.read(malformed), undefined);
    assert.equal(await sessions.peek(malformed), undefined);
    assert.equal(await sessions.end(malformed, 'operator'), undefined);
    assert.deepEqual(asked, []);
  });

test('SESS-10: a session nobody uses ends after twelve hours', async () => {
  const { sessions, clock } = house();
  const { id } = await signIn(sessions);
  clock.advance(12 * HOUR - 1);
  assert.ok(await sessions.peek(digest(id)));
  clock.advance(1);
  assert.equal(await sessions.read(id), undefined);
});

test('SESS-10: use keeps a session alive, but not beyond seven days', async () => {
  const { sessions, clock } = house();
  const { id } = await signIn(sessions);
  for (let hour = 0; hour < 7 * 24 - 1; hour += 1) {
    clock.advance(HOUR);
    assert.ok(await sessions.read(id), `hour ${hour}`);
  }
  clock.advance(HOUR - 1);
  assert.ok(await sessions.read(id));
  clock.advance(1);
  assert.equal(await sessions.read(id), undefined);
});

test('SESS-10: looking at a session is not using it', async () => {
  const { sessions, clock } = house();
  const { id, handle } = await signIn(sessions);
  clock.advance(11 * HOUR);
  assert.ok(await sessions.peek(handle));
  await sessions.list();
  await sessions.standing([handle]);
  clock.advance(HOUR);
  assert.equal(await sessions.read(id), undefined);
});

test('SESS-10: a session that ran out stays ended when the clock is moved back', async () => {
  const { sessions, elsewhere, clock } = house();
  const { id } = await signIn(sessions);
  clock.advance(DAY);
  assert.equal(await sessions.read(id), undefined);
  clock.advance(-DAY);
  assert.equal(await sessions.read(id), undefined);
  assert.equal(await elsewhere.read(id), undefined);
});

test('SESS-10: a clock moved back a day believes no session of the day ahead, and takes none away', async () => {
  const { sessions, clock } = house();
  const { id, handle } = await signIn(sessions);
  clock.advance(-DAY);
  assert.equal(await sessions.read(id), undefined);
  assert.deepEqual([...(await sessions.standing([handle])).values()], [{ ranOutAt: clock.now() / 1000 }]);
  clock.advance(DAY);
  assert.ok(await sessions.read(id));
});

test('a clock that steps back a little throws nobody out and makes no time', async () => {
  const { sessions, clock } = house();
  const { id, session } = await signIn(sessions);
  clock.advance(-90);
  assert.equal((await sessions.read(id))?.seenAt, session.seenAt);
});

test('use is written down once a minute at most', async () => {
  const { sessions, clock, asked } = house();
  const { id, handle } = await signIn(sessions);
  for (let second = 0; second < 10 * MINUTE; second += 1) {
    clock.advance(1);
    await sessions.read(id);
  }
  assert.equal(asked.filter((line) => line === `swap session/${handle}`).length, 10);
});

test('a hundred requests of one second ask the store once', async () => {
  const { sessions, clock, asked } = house();
  const { id, handle } = await signIn(sessions);
  clock.advance(5);
  for (let times = 0; times < 100; times += 1) {
    clock.advance(0.009);
    await sessions.read(id);
  }
  assert.equal(asked.filter((line) => line === `get session/${handle}`).length, 1);
});

test('who is remembered is answered at once; whoever the store must be asked about, or be told of, is not', async () => {
  const { sessions, clock } = house();
  const { id, session } = await signIn(sessions);
  const atOnce = () => !(sessions.read(id) instanceof Promise);
  assert.equal(atOnce(), false);
  assert.deepEqual(await sessions.read(id), session);
  assert.equal(atOnce(), true);
  clock.advance(1);
  assert.equal(atOnce(), false);
  clock.advance(MINUTE - 1.5);
  await sessions.read(id);
  assert.equal(atOnce(), true);
  clock.advance(0.5);
  assert.equal(atOnce(), false);
  assert.equal(sessions.read('no id'), undefined);
});

test('who is remembered, but has run out meanwhile, is not let in for the rest of the second', async () => {
  const { sessions, clock } = house();
  const { id } = await signIn(sessions);
  for (let at = 0; at < 12; at += 1) {
    clock.advance(HOUR);
    await sessions.read(id);
  }
  clock.advance(12 * HOUR - 0.5);
  assert.ok(await sessions.peek(digest(id)));
  clock.advance(0.5);
  assert.equal(await sessions.read(id), undefined);
});

test('what another process changed in a remembered session is seen when its second is over', async () => {
  const { sessions, elsewhere, clock } = house();
  const { id, session } = await signIn(sessions);
  await sessions.read(id);
  await elsewhere.postponeRecheck(session, 300);
  assert.equal((await sessions.read(id))?.postponedUntil, undefined);
  clock.advance(1);
  assert.equal((await sessions.read(id))?.postponedUntil, unixSeconds(clock) - 1 + 300);
  await elsewhere.end(session.handle, 'signed-out');
  clock.advance(1);
  assert.equal(await sessions.read(id), undefined);
});

test('requests that arrive together write the use down once', async () => {
  const { sessions, clock, asked } = house();
  const { id, handle } = await signIn(sessions);
  clock.advance(5 * MINUTE);
  await sessions.read(id);
  clock.advance(MINUTE - 0.5);
  await sessions.read(id);
  clock.advance(0.5);
  const before = asked.length;
  const found = await Promise.all(Array.from({ length: 50 }, () => sessions.read(id)));
  assert.ok(found.every((session) => session?.handle === handle));
  assert.deepEqual(asked.slice(before), [`swap session/${handle}`]);
});

test("no more sessions are remembered than allowed, and a stranger's ids fill nothing", async () => {
  const { sessions, clock, asked } = house({ maxRemembered: 2 });
  const [a, b, c] = [await signIn(sessions), await signIn(sessions), await signIn(sessions)];
  for (const { id } of [a, b, c]) await sessions.read(id);
  for (let at = 0; at < 50; at += 1) await sessions.read(digest(`guess ${at}`));
  const before = asked.length;
  for (const { id } of [b, c]) await sessions.read(id);
  assert.equal(asked.length, before);
  await sessions.read(a.id);
  assert.equal(asked.length, before + 1);
  assert.equal(clock.now(), fixedClock().now());
});

test('an end is felt at once where it was made, and everywhere within two seconds', async () => {
  const { sessions, elsewhere, clock } = house();
  const { id, handle } = await signIn(sessions);
  assert.ok(await elsewhere.read(id));
  await sessions.end(handle, 'signed-out');
  assert.equal(await sessions.read(id), undefined);
  assert.deepEqual([...(await elsewhere.standing([handle])).values()], ['gone']);
  clock.advance(1);
  assert.equal(await elsewhere.read(id), undefined);
});

test('an end while the store is being asked is not remembered as alive', async () => {
  const { sessions, clock } = house();
  const { id, handle } = await signIn(sessions);
  clock.advance(2);
  const [, ended] = await Promise.all([sessions.read(id), sessions.end(handle, 'signed-out')]);
  assert.ok(ended);
  assert.equal(await sessions.read(id), undefined);
});

test('writing use down never revives a session that ended in another process', async () => {
  const { sessions, elsewhere, store, clock } = house();
  const { id, handle } = await signIn(sessions);
  clock.advance(5 * MINUTE);
  await sessions.read(id);
  clock.advance(MINUTE - 0.5);
  await sessions.read(id);
  await elsewhere.end(handle, 'operator');
  clock.advance(0.5);
  assert.equal(await sessions.read(id), undefined);
  assert.equal(await store.get(`session/${handle}`), undefined);
});

test('an hourly look that comes back after the end revives nothing', async () => {
  const { sessions, elsewhere, store } = house();
  const { id, handle, session } = await signIn(sessions);
  await elsewhere.end(handle, 'operator');
  assert.equal(await sessions.rechecked(id, session, ada), undefined);
  assert.equal(await sessions.postponeRecheck(session, 60), undefined);
  assert.equal(await store.get(`session/${handle}`), undefined);
});

test('an end between the two steps of an hourly look wins', async () => {
  const home = house();
  const { id, handle, session } = await signIn(home.sessions);
  home.meanwhile = () => home.elsewhere.end(handle, 'operator');
  assert.equal(await home.sessions.rechecked(id, session, ada), undefined);
  assert.equal(await home.store.get(`session/${handle}`), undefined);
});

test('two changes of one session at the same moment are both kept', async () => {
  const home = house();
  const { id, session } = await signIn(home.sessions);
  home.clock.advance(HOUR);
  home.meanwhile = () =>
    home.elsewhere.rechecked(id, session, { person: person('ada', { groups: ['new'] }) });
  const now = await home.sessions.postponeRecheck(session, MINUTE);
  assert.deepEqual(now?.person.groups, ['new']);
  assert.equal(now?.postponedUntil, unixSeconds(home.clock) + MINUTE);
});

test("FAIL-07: a full disk ends nobody's session", async () => {
  const home = house();
  const { id } = await signIn(home.sessions);
  home.clock.advance(5 * MINUTE);
  home.broken = new Problem('store.full');
  assert.ok(await home.sessions.read(id));
  home.clock.advance(5 * MINUTE);
  assert.ok(await home.sessions.read(id));
});

test('a store that does not answer is a failure, never "not signed in"', async () => {
  const home = house();
  const { id } = await signIn(home.sessions);
  await home.store.close();
  await assert.rejects(async () => home.sessions.read(id), { code: 'store.unavailable' });
  await assert.rejects(home.sessions.standing([digest(id)]), { code: 'store.unavailable' });
});

test('MULTI-06: what a newer version wrote counts as signed out, and is left where it is', async () => {
  const { sessions, elsewhere, store, clock } = house();
  const { id, handle, session } = await signIn(sessions);
  const newer = JSON.stringify({ ...JSON.parse((await store.get(`session/${handle}`)) ?? ''), v: 2 });
  for (const text of [newer, '', 'null', '[]', '{"v":1}', '{"v":1,"person":{}}']) {
    await store.put(`session/${handle}`, text, HOUR);
    clock.advance(2);
    assert.equal(await elsewhere.read(id), undefined);
    assert.equal(await sessions.rechecked(id, session, ada), undefined);
    assert.deepEqual(await sessions.list(), []);
    assert.equal(await store.get(`session/${handle}`), text);
  }
});

test("all sessions of a person end together, and nobody else's", async () => {
  const { sessions, elsewhere } = house();
  const mine = [await signIn(sessions), await signIn(elsewhere), await signIn(sessions)];
  const other = await signIn(sessions, { person: person('grace') });
  const ended = await elsewhere.endAllOf('idp#ada', 'operator');
  assert.deepEqual(
    ended.map(({ handle }) => handle),
    mine.map(({ handle }) => handle),
  );
  assert.deepEqual(
    (await sessions.list()).map(({ handle }) => handle),
    [other.handle],
  );
});

test('the lists of a person who is gone are gone too', async () => {
  const { sessions, store } = house();
  await signIn(sessions, { ...ada, sid: 'at-the-provider', idToken: idToken('ada-at-home') });
  await sessions.endAllOf('idp#ada', 'forgotten');
  assert.deepEqual(await store.list(''), []);
});

test('a sign-out at the provider ends the sessions that hang on it, at that provider only', async () => {
  const { sessions } = house();
  const here = await signIn(sessions, { ...ada, sid: 's1' });
  const later = await signIn(sessions, { ...ada, sid: 's2' });
  const there = await signIn(sessions, {
    person: person('ada', { id: 'other#ada', provider: 'other' }),
    sid: 's1',
  });
  const ended = await sessions.endBySid('idp', 's1');
  assert.deepEqual(
    ended.map(({ handle }) => handle),
    [here.handle],
  );
  assert.deepEqual(
    new Set((await sessions.list()).map(({ handle }) => handle)),
    new Set([later.handle, there.handle]),
  );
});

function idToken(sub: unknown): Secret {
  return new Secret(`e30.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.c2ln`);
}

test('a logout token names the subject, even where our id was made from other claims', async () => {
  const { sessions } = house();
  const plain = await signIn(sessions, { ...ada, idToken: idToken('ada') });
  const entra = await signIn(sessions, { person: person('t1:o1'), idToken: idToken('pairwise') });
  assert.deepEqual(
    (await sessions.endBySubject('idp', 'ada')).map(({ handle }) => handle),
    [plain.handle],
  );
  assert.deepEqual(await sessions.endBySubject('other', 'pairwise'), []);
  assert.deepEqual(
    (await sessions.endBySubject('idp', 'pairwise')).map(({ handle }) => handle),
    [entra.handle],
  );
});

test('a name at the provider and its session together end what bears both, or of which only the name is known', async () => {
  const { sessions } = house();
  const at = (subject: string, sid?: string, name = 'ada') =>
    signIn(sessions, { person: person(name), subject, ...(sid !== undefined && { sid }) });
  const [one, two, nameless] = [await at('name', 's1'), await at('name', 's2'), await at('name')];
  const other = await at('other', 's1', 'bob');
  const ended = async (...sids: string[]) =>
    (await sessions.endByNames('idp', 'name', sids)).map(({ handle }) => handle);
  assert.deepEqual(await ended('s1'), [one.handle, nameless.handle]);
  assert.deepEqual(await ended('s1'), []);
  assert.deepEqual(await sessions.endByNames('elsewhere', 'name', []), []);
  assert.deepEqual(await ended(), [two.handle]);
  assert.ok(await sessions.peek(other.handle), 'whoever shares the word for a session alone stays');
});

test('an hourly look may bring other names, and from then on the session is found by those', async () => {
  const { sessions } = house();
  const { id, session, handle } = await signIn(sessions, {
    person: person('ada'),
    subject: 'first',
    sid: 's1',
  });
  await sessions.rechecked(id, session, { person: person('ada'), subject: 'second', sid: 's2' });
  assert.deepEqual(await sessions.endByNames('idp', 'first', []), []);
  assert.deepEqual(await sessions.endByNames('idp', 'second', ['s1']), []);
  const ended = await sessions.endByNames('idp', 'second', ['s2']);
  assert.deepEqual(
    ended.map((one) => one.handle),
    [handle],
  );
});

test('a session whose time ran out, kept for its meeting, is ended by name as well', async () => {
  const { clock, sessions } = house();
  const { handle } = await signIn(sessions, { person: person('ada'), subject: 'name', sid: 's1' });
  clock.advance(options.idle + 1);
  assert.equal(await sessions.peek(handle), undefined);
  const ended = await sessions.endByNames('idp', 'name', ['s1']);
  assert.equal(ended.length, 1);
  assert.deepEqual([...(await sessions.standing([handle])).values()], ['gone']);
});

for (const odd of [new Secret('not a token'), new Secret('a.b.c'), new Secret('a.bnVsbA.c'), idToken(7)])
  test(`an ID token of another shape (${odd.reveal().slice(0, 12)}) stops no sign-in`, async () => {
    const { sessions } = house();
    const { session } = await signIn(sessions, { ...ada, idToken: odd });
    assert.equal(session.subject, undefined);
  });

test('nobody has more than two hundred sessions: the oldest makes room and is ended', async () => {
  const ended: [string, EndReason][] = [];
  const { sessions } = house({ ended: ({ handle }, why) => void ended.push([handle, why]) });
  const all = [];
  for (let times = 0; times < 202; times += 1) all.push(await signIn(sessions));
  assert.deepEqual(
    ended,
    all.slice(0, 2).map(({ handle }) => [handle, 'too-many']),
  );
  assert.equal((await sessions.list()).length, 200);
  assert.equal((await sessions.endAllOf('idp#ada', 'operator')).length, 200);
});

test('sign-ins of one person at the same moment all stand in their list', async () => {
  const { sessions, elsewhere } = house();
  await Promise.all(Array.from({ length: 12 }, (_, at) => signIn(at % 2 ? sessions : elsewhere)));
  assert.equal((await sessions.endAllOf('idp#ada', 'operator')).length, 12);
});

test('whoever keeps the audit is told once of a session that somebody ended', async () => {
  const told: string[] = [];
  const { sessions, elsewhere } = house({
    ended: ({ person: { id } }, why) => void told.push(`${id} ${why}`),
  });
  const { handle } = await signIn(sessions);
  await Promise.all([sessions.end(handle, 'signed-out'), elsewhere.end(handle, 'operator')]);
  assert.equal(told.length, 1);
});

const tokens = { refreshToken: new Secret('refresh-1'), idToken: idToken('ada') };

test('what the provider trusted us with opens with the id alone', async () => {
  const { sessions, store } = house();
  const { id, session } = await signIn(sessions, { ...ada, ...tokens });
  const other = await signIn(sessions, { ...ada, ...tokens });
  assert.equal(sessions.secretsOf(id, session).refreshToken?.reveal(), 'refresh-1');
  assert.equal(sessions.secretsOf(id, session).idToken?.reveal(), tokens.idToken.reveal());
  assert.deepEqual(sessions.secretsOf(other.id, session), {});
  assert.deepEqual(sessions.secretsOf(session.handle, session), {});
  assert.ok(!JSON.stringify(await store.list('')).includes('refresh-1'));
});

test('sealed secrets with any byte changed, cut short or of another session open to nothing', async () => {
  const { sessions } = house();
  const { id, session } = await signIn(sessions, { ...ada, refreshToken: new Secret('r') });
  const bytes = Buffer.from(session.sealed ?? '', 'base64url');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    for (const bad of [changed, bytes.subarray(0, at)])
      assert.deepEqual(sessions.secretsOf(id, { ...session, sealed: bad.toString('base64url') }), {});
  }
  assert.deepEqual(sessions.secretsOf(id, { ...session, handle: digest('another') }), {});
});

test('the provider is asked again after an hour, and not of somebody who came by a one-time entry', async () => {
  const { sessions, clock } = house();
  const { session } = await signIn(sessions);
  const until = unixSeconds(clock) + 6 * HOUR;
  const byPass = await signIn(sessions, {
    person: person('x', { pass: { room: 'r', role: 'host', until } }),
  });
  clock.advance(HOUR - 1);
  assert.equal(sessions.recheckDue(session), false);
  clock.advance(1);
  assert.equal(sessions.recheckDue(session), true);
  assert.equal(sessions.recheckDue(byPass.session), false);
});

test('one of many asks the provider, and another may when that one never came back', async () => {
  const { sessions, elsewhere, clock } = house();
  const { session } = await signIn(sessions);
  const claims = await Promise.all([sessions.claimRecheck(session), elsewhere.claimRecheck(session)]);
  assert.deepEqual(claims.sort(), [false, true]);
  clock.advance(30);
  assert.equal(await elsewhere.claimRecheck(session), true);
});

test('an hourly look brings the person up to date and keeps a refresh token that was not replaced', async () => {
  const { sessions, elsewhere, clock } = house();
  const { id, session } = await signIn(sessions, { ...ada, ...tokens, sid: 's1' });
  clock.advance(HOUR);
  const renewed = { person: person('ada', { groups: ['staff', 'hosts'] }), idToken: new Secret('new') };
  const now = await sessions.rechecked(id, session, renewed);
  assert.deepEqual(now?.person.groups, ['staff', 'hosts']);
  assert.equal(now?.checkedAt, unixSeconds(clock));
  const read = await elsewhere.read(id);
  assert.deepEqual(read, now);
  assert.equal(read && elsewhere.secretsOf(id, read).refreshToken?.reveal(), 'refresh-1');
  assert.equal(read && elsewhere.secretsOf(id, read).idToken?.reveal(), 'new');
  assert.equal((await sessions.endBySid('idp', 's1')).length, 1);
});

test('a provider that only nods changes nothing but the time of the look', async () => {
  const { sessions, clock } = house();
  const { id, session } = await signIn(sessions, { ...ada, ...tokens });
  clock.advance(HOUR);
  const now = await sessions.rechecked(id, session, undefined);
  assert.deepEqual(now, { ...session, checkedAt: unixSeconds(clock), seenAt: unixSeconds(clock) });
});

test('another person coming back from the hourly look ends the session', async () => {
  const { sessions } = house();
  const { id, session } = await signIn(sessions);
  assert.equal(await sessions.rechecked(id, session, { person: person('mallory') }), undefined);
  assert.equal(await sessions.read(id), undefined);
});

test('a provider that does not answer is asked again later, and the session goes on', async () => {
  const { sessions, clock } = house();
  const { id, session } = await signIn(sessions);
  clock.advance(HOUR);
  const later = await sessions.postponeRecheck(session, 5 * MINUTE);
  assert.equal(later && sessions.recheckDue(later), false);
  clock.advance(5 * MINUTE);
  assert.equal(later && sessions.recheckDue(later), true);
  const looked = await sessions.rechecked(id, session, ada);
  assert.equal(looked?.postponedUntil, undefined);
});

test('the end of a one-time entry is the end of its session', async () => {
  const { sessions, clock } = house();
  const until = unixSeconds(clock) + HOUR;
  const { id } = await signIn(sessions, {
    person: person('x', { pass: { room: 'r', role: 'host', until } }),
  });
  clock.advance(HOUR - 1);
  assert.ok(await sessions.read(id));
  clock.advance(1);
  assert.equal(await sessions.read(id), undefined);
});

test('of many handles it is told how each stands, in slices', async () => {
  const { sessions, elsewhere } = house();
  const all = [];
  for (let times = 0; times < 250; times += 1)
    all.push((await signIn(sessions, { person: person(`p${times}`) })).handle);
  for (const handle of all.slice(0, 125)) await elsewhere.end(handle, 'operator');
  const standing = await sessions.standing([...all, 'unknown']);
  assert.deepEqual([...standing.keys()], [...all, 'unknown']);
  for (const [at, handle] of all.entries()) assert.equal(standing.get(handle), at < 125 ? 'gone' : 'live');
  assert.equal(standing.get('unknown'), 'gone');
});

test('what time alone ended stands as such for the grace, and then is gone from the store', async () => {
  const { sessions, elsewhere, store, clock } = house();
  const { id, handle } = await signIn(sessions);
  const over = unixSeconds(clock) + 12 * HOUR;
  clock.advance(13 * HOUR);
  assert.equal(await sessions.read(id), undefined);
  assert.equal(await sessions.peek(handle), undefined);
  assert.deepEqual(await elsewhere.list(), []);
  assert.equal((await elsewhere.ranOut(handle))?.person.id, 'idp#ada');
  assert.deepEqual((await sessions.standing([handle])).get(handle), { ranOutAt: over });
  clock.advance(3 * HOUR - 1);
  assert.deepEqual((await sessions.standing([handle])).get(handle), { ranOutAt: over });
  clock.advance(1);
  assert.equal((await sessions.standing([handle])).get(handle), 'gone');
  assert.equal(await sessions.ranOut(handle), undefined);
  assert.equal(await store.get(`session/${handle}`), undefined);
});

test('a session that lives has not run out', async () => {
  const { sessions } = house();
  const { handle } = await signIn(sessions);
  assert.equal(await sessions.ranOut(handle), undefined);
});

test('what time alone ended can still be ended by somebody, and is found for it, also on the last day', async () => {
  for (const end of [
    ({ elsewhere }: House, handle: string) => elsewhere.end(handle, 'signed-out'),
    ({ elsewhere }: House) => elsewhere.endAllOf('idp#ada', 'forgotten'),
    ({ elsewhere }: House) => elsewhere.endBySid('idp', 'sid-1'),
    ({ elsewhere }: House) => elsewhere.endBySubject('idp', 'ada'),
  ]) {
    const home = house();
    const { id, handle } = await signIn(home.sessions, { ...ada, sid: 'sid-1' });
    for (let hours = 0; hours < 7 * 24; hours += 1) {
      await home.sessions.read(id);
      home.clock.advance(HOUR);
    }
    home.clock.advance(HOUR);
    assert.notEqual((await home.sessions.standing([handle])).get(handle), 'live');
    await end(home, handle);
    assert.equal((await home.sessions.standing([handle])).get(handle), 'gone');
    assert.equal(await home.sessions.ranOut(handle), undefined);
  }
});

test('where running meetings are cut by the clock too, nothing of a session outlives it', async () => {
  const { sessions, store, clock } = house({ options: { ...options, grace: 0 } });
  const { handle } = await signIn(sessions);
  clock.advance(12 * HOUR);
  assert.equal((await sessions.standing([handle])).get(handle), 'gone');
  assert.equal(await sessions.ranOut(handle), undefined);
  assert.equal(await store.get(`session/${handle}`), undefined);
});

test('an open connection is activity, written down once a minute at most, and makes no session last for ever', async () => {
  const { sessions, clock, asked } = house();
  const { handle } = await signIn(sessions);
  for (let second = 0; second < 10 * MINUTE; second += 1) {
    clock.advance(1);
    await sessions.touch(handle);
  }
  assert.equal(asked.filter((line) => line === `swap session/${handle}`).length, 10);
  for (let hour = 0; hour < 7 * 24 - 1; hour += 1) {
    clock.advance(HOUR);
    assert.ok(await sessions.touch(handle), `hour ${hour}`);
  }
  clock.advance(HOUR);
  assert.equal(await sessions.touch(handle), undefined);
});

test('an hourly look finds a session that ran out too, and makes it live no more', async () => {
  const { sessions, clock } = house();
  const { id, handle } = await signIn(sessions);
  clock.advance(13 * HOUR);
  const over = await sessions.ranOut(handle);
  assert.ok(over && sessions.recheckDue(over));
  const looked = await sessions.rechecked(id, over, ada);
  assert.ok(looked && !sessions.recheckDue(looked));
  assert.deepEqual((await sessions.standing([handle])).get(handle), { ranOutAt: over.ranOutAt });
  assert.equal(await sessions.read(id), undefined);
});

test('a session that ran out while the provider was asked is not what the answer is about', async () => {
  const { sessions, clock } = house();
  const { id, handle, session } = await signIn(sessions);
  clock.advance(12 * HOUR);
  assert.ok(await sessions.ranOut(handle));
  assert.equal(await sessions.rechecked(id, session, ada), undefined);
});

test('who ends the session after one that ran out ends both', async () => {
  const { sessions, clock } = house();
  const first = await signIn(sessions);
  clock.advance(12 * HOUR);
  const again = await sessions.issue(ada, { follows: first.handle });
  assert.notEqual((await sessions.standing([first.handle])).get(first.handle), 'gone');
  await sessions.end(again.session.handle, 'signed-out');
  assert.equal((await sessions.standing([first.handle])).get(first.handle), 'gone');
});

test('OIDC-20: a logout token is taken once, on however many nodes, for as long as it could be shown', async () => {
  const { sessions, elsewhere, clock } = house();
  const tried = await Promise.all(
    [sessions, elsewhere, sessions].map((node) => node.firstUse('logout', 'jti-1', 120)),
  );
  assert.deepEqual(tried.sort(), [false, false, true]);
  assert.equal(await sessions.firstUse('logout', 'jti-2', 120), true);
  assert.equal(await sessions.firstUse('other', 'jti-1', 120), true);
  clock.advance(121);
  assert.equal(await sessions.firstUse('logout', 'jti-1', 120), true);
});

test('CLK-04: sessions of the years 2038 and 9999 are compared correctly', async () => {
  for (const year of ['2038-01-19T03:14:00Z', '9999-12-30T00:00:00Z']) {
    const clock = fixedClock(year);
    const sessions = createSessions({
      store: createMemoryStore({ clock }),
      clock,
      random: countingRandom(),
      options,
    });
    const { id } = await signIn(sessions);
    clock.advance(11 * HOUR);
    assert.ok(await sessions.read(id));
    clock.advance(12 * HOUR);
    assert.equal(await sessions.read(id), undefined);
  }
});
