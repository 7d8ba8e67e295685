/**
 * How a meeting through the gateway ends, on a real Prosody with stream management, as another person in the room
 * sees it: at once for who was signed out, by the clock only where the operator wants it, and not by a restart.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, suite, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fixedClock } from '../../src/base/clock.ts';
import type { Store } from '../../src/base/store.ts';
import { frame, OPCODE } from '../../src/gateway/frames.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { startClient } from '../support/xmpp-client.ts';
import { browserAt, enter, type Gate, isGone, muc, openGate, speaks, startMeetings } from './gate-stage.ts';
import type { Prosody } from './prosody.ts';

const TOKEN_REQUIRED = { kind: 'failure', condition: 'not-allowed', text: 'token required' };
const MASK = 0x01020304;

suite('a meeting through the gateway ends', () => {
  let prosody: Prosody;
  before(async () => {
    prosody = await startMeetings();
  });
  after(() => prosody.stop());

  /** Two in a room. */
  async function pair(t: TestContext, room: string, options?: Parameters<typeof openGate>[2]) {
    const gate = await openGate(t, prosody, options);
    const [ada, bob] = [await gate.person('ada'), await gate.person('bob')];
    const [one, other] = [await enter(gate, ada, room), await enter(gate, bob, room)];
    return { gate, ada, bob, one, other };
  }

  test('who is signed out is seen to leave at once, though Prosody keeps who is cut off', async (t) => {
    const { gate, ada, one, other } = await pair(t, '/out');
    const from = performance.now();
    await gate.stage.parts.sessions.end(ada.handle, 'signed-out');
    await other.until(() => isGone(other, 'ada'));
    t.diagnostic(`seen to leave after ${Math.round(performance.now() - from)} ms`);
    await one.closed;
    assert.deepEqual(await startClient(browserAt(gate, ada, '/out')), TOKEN_REQUIRED);
    await speaks(other, { room: '/out', others: [], text: 'still here' });
    await other.leave();
  });

  test('who presses the button to sign out is out of every room they are in, and nobody else is', async (t) => {
    const gate = await openGate(t, prosody);
    const browser = gate.stage.visitor();
    await browser.signIn();
    const cookie = browser.cookieHeader();
    const ada = { name: 'ada', handle: '', cookie };
    const bob = await gate.person('bob');
    const rooms = ['/out-a', '/out-b'];
    const ones = [await enter(gate, ada, '/out-a'), await enter(gate, ada, '/out-b')];
    const others = [await enter(gate, bob, '/out-a'), await enter(gate, bob, '/out-b')];
    const answer = await browser.post('/_ostiary/sign-out', {});
    assert.ok(answer.status < 400, answer.text);
    await Promise.all(others.map((other) => other.until(() => isGone(other, 'ada'))));
    await Promise.all(ones.map((one) => one.closed));
    for (const [at, other] of others.entries())
      await speaks(other, { room: rooms[at] ?? '', others: [], text: 'still here' });
    await Promise.all(others.map((other) => other.leave()));
  });

  for (const [what, bytes] of [
    ['half a frame', Uint8Array.of(0x81, 0x90, 0, 0, 0, 0, 0x3c, 0x61)],
    ['the header of a frame', Uint8Array.of(0x81, 0xfe, 0x10, 0, 0, 0, 0, 0)],
    ['half of a header', Uint8Array.of(0x81, 0xfe, 0x10)],
  ] as const)
    test(`who is signed out and has sent ${what} is out as well`, async (t) => {
      const { gate, ada, one, other } = await pair(t, '/half');
      const words = `<message xmlns='jabber:client' type='groupchat' to='${muc('/half')}'><body>well</body></message>`;
      // In one packet: who hears the words knows that what is behind them has come to the gate as well.
      one.sendRaw(Buffer.concat([frame(OPCODE.text, Buffer.from(words), MASK), bytes]));
      await other.until(() => other.seen.some(({ text }) => text === 'well'));
      await gate.stage.parts.sessions.end(ada.handle, 'signed-out');
      await other.until(() => isGone(other, 'ada'));
      await other.leave();
    });

  /** So many seconds later, everybody says something, as Jitsi's client does, and the gate looks. */
  async function later(gate: Gate, seconds: number): Promise<void> {
    gate.stage.clock.advance(seconds);
    await gate.stage.parts.sockets.tick();
  }

  test('time alone ends no meeting: who was in it stays, and comes back when cut off; a new room needs a sign-in', async (t) => {
    const session = { idle: '30s', absolute: '40s', meetingGrace: '2m' };
    const { gate, ada, bob, one, other } = await pair(t, '/long', { config: { session } });
    await later(gate, 45);
    await speaks(one, { room: '/long', others: [other], text: 'nobody is cut off' });
    one.cut();
    await one.closed;
    assert.equal(await one.resume(), 'resumed');
    await speaks(one, { room: '/long', others: [other], text: 'here again' });
    assert.equal(isGone(other, 'ada'), false);
    assert.deepEqual(await startClient(browserAt(gate, ada, '/elsewhere')), TOKEN_REQUIRED);
    const cookie = { cookie: ada.cookie, accept: 'text/html', 'sec-fetch-mode': 'navigate' };
    assert.equal((await gate.stage.ask('/long', { headers: cookie })).status, 302);
    // Who never was in that room does not resume there.
    const carl = await gate.person('carl');
    await later(gate, 45);
    assert.deepEqual(await startClient(browserAt(gate, carl, '/long')), TOKEN_REQUIRED);
    // The end of the grace is the end.
    await later(gate, 75);
    await Promise.all([one.closed, other.closed]);
    for (const person of [ada, bob])
      assert.deepEqual(await startClient(browserAt(gate, person, '/long')), TOKEN_REQUIRED);
  });

  test('in its grace a session that somebody ends is out like any other', async (t) => {
    const session = { idle: '30s', absolute: '40s' };
    const { gate, ada, one, other } = await pair(t, '/grace', { config: { session } });
    await later(gate, 45);
    await gate.stage.parts.sessions.end(ada.handle, 'operator');
    await other.until(() => isGone(other, 'ada'));
    await one.closed;
    assert.equal(await one.resume(), 'not-allowed');
    await other.leave();
  });

  test('somebody who is in a meeting is there, and does not run out idle', async (t) => {
    const session = { idle: '2m', absolute: '30d' };
    const { gate, one, other, ada } = await pair(t, '/busy', { config: { session } });
    for (let minute = 0; minute < 3; minute += 1) {
      await speaks(one, { room: '/busy', others: [other], text: `minute ${minute}` });
      await later(gate, 61);
    }
    const elsewhere = await enter(gate, ada, '/other');
    await Promise.all([one.leave(), other.leave(), elsewhere.leave()]);
  });

  test('where the operator is strict the clock ends a meeting for the one whose time it is', async (t) => {
    const session = { idle: '30s', absolute: '40s', strict: true };
    const { gate, ada, one, other } = await pair(t, '/strict', { config: { session } });
    gate.stage.clock.advance(25);
    const late = await enter(gate, await gate.person('late'), '/strict');
    await later(gate, 20);
    await late.until(() => isGone(late, 'ada') && isGone(late, 'bob'));
    await Promise.all([one.closed, other.closed]);
    assert.equal(await one.resume(), 'not-allowed');
    assert.deepEqual(await startClient(browserAt(gate, ada, '/strict')), TOKEN_REQUIRED);
    await speaks(late, { room: '/strict', others: [], text: 'alone' });
    await late.leave();
  });

  test('when the gate restarts under two hundred people all are there again, and none is seen to leave', async (t) => {
    const clock = fixedClock(Date.now());
    const store = createMemoryStore({ clock });
    // The store outlives the first gate, as a file does.
    const shared: Store = { ...store, close: async () => {} };
    const options = { clock, store: () => shared };
    const [first, second] = [await openGate(t, prosody, options), await openGate(t, prosody, options)];
    const rooms: Awaited<ReturnType<typeof fill>>[] = [];
    for (let room = 0; room < 20; room += 1) rooms.push(await fill(first, `/restart-${room}`));
    const back = rooms.flatMap(({ address, people }) =>
      people.map(async ({ client, person }) => {
        await client.closed;
        // As Jitsi's client does, which tries again at a moment of its own.
        await pause(randomInt(500));
        return client.resume(browserAt(second, person, address));
      }),
    );
    assert.equal(back.length, 200);
    await first.stage.close();
    assert.deepEqual(
      (await Promise.all(back)).filter((outcome) => outcome !== 'resumed'),
      [],
    );
    for (const { address, people } of rooms) {
      const [speaker, ...others] = people.map(({ client }) => client);
      if (speaker) await speaks(speaker, { room: address, others, text: 'all here?' });
    }
    const clients = rooms.flatMap(({ people }) => people.map(({ client }) => client));
    assert.deepEqual(
      clients.flatMap(({ seen }) => seen.filter(({ is }) => is === 'gone')),
      [],
    );
    await Promise.all(clients.map((client) => client.leave()));
  });

  /** Ten people in a room. */
  async function fill(gate: Gate, address: string) {
    const people = Array.from({ length: 10 }, async (_, seat) => {
      const person = await gate.person(`${address.slice(1)}-${seat}`);
      return { client: await enter(gate, person, address), person };
    });
    return { address, people: await Promise.all(people) };
  }
});
