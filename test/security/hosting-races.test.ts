/**
 * Hosts who press at once, and guests without end: the word that keeps somebody out wins, and a name fills no store.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryStore } from '../../src/store/memory.ts';
import { type Listening, listenAs } from '../support/events.ts';
import { type HostingStage, pageOf, startHostingStage } from '../support/hosting-stage.ts';
import { PREFIX } from '../support/server-stage.ts';

const JSON_ONLY = { accept: 'application/json' };

test('who is turned away at the moment in which all are let in is let in by nobody, nor when that is over', async (t) => {
  const between: { pressed?: () => Promise<void> } = {};
  const house = await startHostingStage({
    store: (clock) => {
      const store = createMemoryStore({ clock });
      return {
        ...store,
        put: async (key, ...words) => {
          if (key.startsWith('let-in/')) await between.pressed?.();
          await store.put(key, ...words);
        },
      };
    },
  });
  t.after(() => house.stage.close());
  const [one, other] = [await house.signedIn('ada'), await house.signedIn('ada')];
  const [mallory, linus] = [await house.guest('Mallory'), await house.guest('Linus')];
  const person = await house.waitingId(one, 'Mallory');
  between.pressed = async () => {
    delete between.pressed;
    await house.does(other, { do: 'turn-away', person });
  };
  await house.does(one, { do: 'let-all-in' });
  house.stage.clock.advance(2);
  const door = async (who: typeof mallory) => {
    const { status, text } = await who.get(`${PREFIX}/join?room=standup`, JSON_ONLY);
    return status === 302 ? 'in' : JSON.parse(text).code;
  };
  assert.deepEqual([await door(mallory), await door(linus)], ['entry.turned-away', 'in']);
  house.stage.clock.advance(901);
  assert.equal(await door(mallory), 'entry.wait');
});

describe('guests without end', () => {
  const written = async ({ stage }: HostingStage, prefix: string) =>
    (await stage.parts.store.list(prefix)).length;

  test('a guest is written down so often a minute, at however many rooms; who has an account as often as they come', async (t) => {
    const house = await startHostingStage();
    t.after(() => house.stage.close());
    const guest = await house.guest();
    const before = await written(house, 'audit/');
    const answers: number[] = [];
    for (let at = 0; at < 100; at += 1) answers.push((await guest.get(`${PREFIX}/join?room=r-${at}`)).status);
    assert.deepEqual([...new Set(answers)], [200, 429]);
    assert.ok((await written(house, 'audit/')) - before <= 60);
    assert.ok((await written(house, 'waits/')) <= 60);
    house.stage.clock.advance(61);
    const ada = await house.signedIn('ada');
    for (let at = 0; at < 100; at += 1)
      assert.equal((await ada.get(`${PREFIX}/join?room=r-${at}`)).status, 302);
  });

  test('who gets no place to wait stands on no list', async (t) => {
    const house = await startHostingStage({ config: { waiting: { most: 2 } } });
    t.after(() => house.stage.close());
    const guests = [await house.guest('One'), await house.guest('Two'), await house.guest('Three')];
    // What the page itself wrote down is over.
    house.stage.clock.advance(60);
    const held: Listening[] = [];
    for (const [at, guest] of guests.entries()) {
      const address = `198.51.100.${at}`;
      held.push(await listenAs(guest, { port: house.stage.ports.public, path: '/standup', address }));
    }
    assert.deepEqual(
      held.map(({ answer }) => answer.statusCode),
      [200, 200, 503],
    );
    assert.equal(await written(house, 'waits/'), 2);
    for (const place of held) place.leave();
  });
});

test('who guesses codes on the page of a room of their own is counted like everybody who guesses', async (t) => {
  const house = await startHostingStage({ config: { limits: { appGuessesPerAddress: 5 } } });
  t.after(() => house.stage.close());
  const ada = await house.signedIn('ada');
  const tries: number[] = [];
  for (let at = 0; at < 7; at += 1) {
    const fields = { do: 'calendar', code: '0'.repeat(28), starts: '2026-12-01T09:00', minutes: '60' };
    tries.push((await ada.post(pageOf(), fields, JSON_ONLY)).status);
  }
  assert.deepEqual(new Set(tries), new Set([404, 429]));
  assert.equal((await ada.get(`${PREFIX}/invite?code=${'1'.repeat(28)}`, JSON_ONLY)).status, 429);
});

test('with an invitation nothing of its maker is kept that no rule looks at', async (t) => {
  const house = await startHostingStage();
  t.after(() => house.stage.close());
  const ada = await house.signedIn('ada');
  await ada.post(pageOf(), { do: 'invite' }, JSON_ONLY);
  const [made] = await house.stage.parts.store.list('invite/');
  const { maker } = JSON.parse(made?.value ?? '{}');
  assert.equal(maker.person.email, 'ada@example.org');
  assert.deepEqual([maker.person.name, maker.person.avatar], [undefined, undefined]);
});
