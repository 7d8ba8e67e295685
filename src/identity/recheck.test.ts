/** Who is recognised, by what, and what the provider's word does to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Person } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { countingRandom } from '../base/random.ts';
import { Secret } from '../base/secret.ts';
import { createMemoryStore } from '../store/memory.ts';
import type { Provider, Recheck, SignedIn } from './provider.ts';
import { createRecogniser, createTicketRecogniser } from './recheck.ts';
import { createSessions, type Session } from './session.ts';

const HOUR = 3600;
const ada: Person = { id: 'corp#ada', provider: 'corp', emailVerified: false, groups: [] };
const withToken: SignedIn = { person: ada, refreshToken: new Secret('rt') };

/** A house with one provider, which says what it is told to. */
async function stage(signedIn: SignedIn = withToken, { grace = 12 * HOUR }: { grace?: number } = {}) {
  const clock = fixedClock();
  const store = createMemoryStore({ clock });
  const options = { idle: 12 * HOUR, absolute: 24 * HOUR, recheck: HOUR, grace };
  const sessions = createSessions({ store, clock, random: countingRandom(), options });
  const said: { answer: Recheck | Problem; asked: number } = {
    answer: { kind: 'still', signedIn },
    asked: 0,
  };
  const provider = {
    id: 'corp',
    recheck: async () => {
      said.asked += 1;
      if (said.answer instanceof Problem) throw said.answer;
      return said.answer;
    },
  } as unknown as Provider;
  const gone: Session[] = [];
  const parts = {
    sessions,
    providers: new Map([['corp', provider]]),
    log: silentLog,
    gone: async (session: Session) => void gone.push(session),
  };
  const { id, session } = await sessions.issue(signedIn);
  const byId = createRecogniser(parts);
  const byTicket = createTicketRecogniser(parts);
  return { clock, sessions, parts, said, gone, id: id.reveal(), handle: session.handle, byId, byTicket };
}

const standingOf = async ({ sessions, handle }: Awaited<ReturnType<typeof stage>>) =>
  (await sessions.standing([handle])).get(handle);

test('a session is recognised by its id and by the handle of a ticket, and by neither in the place of the other', async () => {
  const { byId, byTicket, id, handle } = await stage();
  const expected = { person: ada, session: handle };
  assert.deepEqual([await byId(id), await byTicket(handle)], [expected, expected]);
  assert.deepEqual([await byId(handle), await byTicket(id), await byId(undefined)], Array(3).fill(undefined));
});

test('an entry by a ticket is use', async () => {
  const { byTicket, handle, clock } = await stage();
  clock.advance(0.9 * HOUR);
  assert.ok(await byTicket(handle));
  clock.advance(11.9 * HOUR);
  assert.ok(await byTicket(handle, true));
});

test('time alone ends no connection that goes on, until the grace is over; for anything new it does', async () => {
  const { byId, byTicket, id, handle, clock } = await stage();
  clock.advance(12 * HOUR);
  assert.deepEqual([await byId(id), await byTicket(handle)], [undefined, undefined]);
  const expected = { person: ada, session: handle };
  assert.deepEqual([await byId(id, true), await byTicket(handle, true)], [expected, expected]);
  clock.advance(12 * HOUR);
  assert.deepEqual([await byId(id, true), await byTicket(handle, true)], [undefined, undefined]);
});

test('where meetings are cut by the clock too, no connection goes on', async () => {
  const { byId, byTicket, id, handle, clock } = await stage(withToken, { grace: 0 });
  clock.advance(12 * HOUR);
  assert.deepEqual([await byId(id, true), await byTicket(handle, true)], [undefined, undefined]);
});

test('what somebody ended does not go on, before its time ran out or after', async () => {
  for (const wait of [0, 13 * HOUR]) {
    const { byId, byTicket, id, handle, clock, sessions } = await stage();
    clock.advance(wait);
    assert.ok(await byId(id, true));
    await sessions.end(handle, 'operator');
    assert.deepEqual([await byId(id, true), await byTicket(handle, true)], [undefined, undefined]);
  }
});

test('the provider is asked once an hour about who only holds a connection open', async () => {
  const { byId, id, clock, said } = await stage();
  for (let minutes = 0; minutes < 180; minutes += 1) {
    clock.advance(60);
    assert.ok(await byId(id, true));
  }
  assert.equal(said.asked, 3);
});

test('whom the provider says to be gone is out, whether their time ran out before or not', async () => {
  for (const wait of [HOUR, 13 * HOUR]) {
    const home = await stage();
    home.clock.advance(wait);
    home.said.answer = { kind: 'gone', why: 'invalid_grant' };
    assert.equal(await home.byId(home.id, true), undefined);
    assert.equal(await standingOf(home), 'gone');
    assert.deepEqual(
      home.gone.map(({ handle }) => handle),
      [home.handle],
    );
  }
});

test('a provider that does not answer throws nobody out, whether their time ran out before or not', async () => {
  for (const wait of [HOUR, 13 * HOUR]) {
    const { byId, id, clock, said } = await stage();
    clock.advance(wait);
    said.answer = new Problem('provider.unreachable');
    assert.ok(await byId(id, true));
    assert.ok(await byId(id, true));
    assert.equal(said.asked, 1);
  }
});

test('whom only the browser can ask about is left where they are, and enters nothing new', async () => {
  const { byId, byTicket, id, handle, clock, said } = await stage({ person: ada });
  clock.advance(HOUR);
  assert.deepEqual([await byId(id), await byTicket(handle)], [undefined, undefined]);
  assert.ok(await byId(id, true));
  assert.ok(await byTicket(handle, true));
  assert.equal(said.asked, 0);
});

test('by a ticket alone no provider is asked: nothing new is entered until the browser was there', async () => {
  const { byId, byTicket, id, handle, clock, said } = await stage();
  clock.advance(HOUR);
  assert.equal(await byTicket(handle), undefined);
  assert.ok(await byTicket(handle, true));
  assert.equal(said.asked, 0);
  assert.ok(await byId(id));
  assert.ok(await byTicket(handle));
});

test('whose provider was taken out of the configuration is out, by ticket too', async () => {
  for (const by of ['id', 'ticket'] as const) {
    const home = await stage();
    home.parts.providers.clear();
    home.clock.advance(HOUR);
    const found = by === 'id' ? home.byId(home.id, true) : home.byTicket(home.handle, true);
    assert.equal(await found, undefined);
    assert.equal(await standingOf(home), 'gone');
  }
});

test('the guest of a one-time entry is never asked about, and goes on after its end as others do', async () => {
  const until = fixedClock().now() / 1000 + 2 * HOUR;
  const person = { ...ada, pass: { room: 'standup', role: 'host', until } as const };
  const { byId, id, clock, said } = await stage({ person });
  clock.advance(1.5 * HOUR);
  assert.ok(await byId(id));
  clock.advance(HOUR);
  assert.equal(await byId(id), undefined);
  assert.ok(await byId(id, true));
  assert.equal(said.asked, 0);
});
