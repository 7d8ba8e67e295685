/**
 * What every store promises; each adapter's own test hands itself in.
 */
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Clock, type FixedClock, fixedClock } from '../../src/base/clock.ts';
import { isProblem } from '../../src/base/problem.ts';
import { amend, type Store } from '../../src/base/store.ts';

/** Makes an empty store that tells the time by this clock. */
export type MakeStore = (parts: { readonly clock: Clock }) => Promise<Store> | Store;

/** Text as callers may send it: any character, controls, emoji and NUL among them. */
const anyText = fc.string({ unit: 'binary' });

/** One act of a caller upon one of few keys, so that acts meet. */
const anyAct = fc.oneof(
  fc.record({
    act: fc.constant('put' as const),
    key: fc.constantFrom('a', 'b'),
    value: fc.constantFrom('1', '2', '3'),
    ttl: fc.constantFrom(10, 60),
  }),
  fc.record({ act: fc.constant('take' as const), key: fc.constantFrom('a', 'b') }),
  fc.record({ act: fc.constant('get' as const), key: fc.constantFrom('a', 'b') }),
  fc.record({
    act: fc.constant('swap' as const),
    key: fc.constantFrom('a', 'b'),
    expected: fc.constantFrom(undefined, '1', '2'),
    next: fc.constantFrom(undefined, '2', '3'),
    ttl: fc.constantFrom(10, 60),
  }),
  fc.record({ act: fc.constant('pass' as const), seconds: fc.constantFrom(1, 9, 50) }),
);
type Act = typeof anyAct extends fc.Arbitrary<infer T> ? T : never;

/** What the promise says, written down without any store. */
function createModel() {
  const kept = new Map<string, { value: string; end: number }>();
  let now = 0;
  const live = (key: string) => {
    const found = kept.get(key);
    return found !== undefined && found.end > now ? found.value : undefined;
  };
  return (act: Act): string | boolean | undefined => {
    if (act.act === 'pass') {
      now += act.seconds;
      return undefined;
    }
    const found = live(act.key);
    if (act.act === 'get') return found;
    if (act.act === 'take') kept.delete(act.key);
    if (act.act === 'take') return found;
    if (act.act === 'swap' && found !== act.expected) return false;
    const next = act.act === 'swap' ? act.next : act.value;
    if (next === undefined) kept.delete(act.key);
    else kept.set(act.key, { value: next, end: now + act.ttl });
    return act.act === 'swap' ? true : undefined;
  };
}

async function perform(store: Store, clock: FixedClock, act: Act): Promise<string | boolean | undefined> {
  switch (act.act) {
    case 'pass':
      clock.advance(act.seconds);
      return undefined;
    case 'put':
      await store.put(act.key, act.value, act.ttl);
      return undefined;
    case 'get':
      return store.get(act.key);
    case 'take':
      return store.take(act.key);
    case 'swap':
      return store.swap(act.key, act.expected, act.next, act.ttl);
  }
}

/** Registers the tests of the promise for one adapter. */
export function storeContract(name: string, make: MakeStore): void {
  describe(`the ${name} store`, () => {
    const opened: Store[] = [];
    const open = async (): Promise<{ store: Store; clock: FixedClock }> => {
      const clock = fixedClock();
      const store = await make({ clock });
      opened.push(store);
      return { store, clock };
    };
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
    });

    keeping(open);
    swapping(open);
    listing(open);
    closing(open);
    modelled(open);
  });
}

type Open = () => Promise<{ store: Store; clock: FixedClock }>;

function keeping(open: Open): void {
  test('gives back what was put, and nothing for what was not', async () => {
    const { store } = await open();
    await store.put('key', 'value', 60);
    assert.equal(await store.get('key'), 'value');
    assert.equal(await store.get('other'), undefined);
  });

  test('a second put stands over the first, with its own time', async () => {
    const { store, clock } = await open();
    await store.put('key', 'first', 1000);
    await store.put('key', 'second', 10);
    assert.equal(await store.get('key'), 'second');
    clock.advance(10);
    assert.equal(await store.get('key'), undefined);
  });

  test('a value is there until its last moment, and gone to every verb from then on', async () => {
    const { store, clock } = await open();
    await store.put('key', 'value', 60);
    clock.advance(59.999);
    assert.equal(await store.get('key'), 'value');
    clock.advance(0.001);
    assert.equal(await store.get('key'), undefined);
    assert.equal(await store.swap('key', 'value', 'next', 60), false);
    assert.deepEqual(await store.list(''), []);
    assert.equal(await store.take('key'), undefined);
  });

  test('a value with no time to live is never seen', async () => {
    const { store } = await open();
    await store.put('key', 'value', 0);
    assert.equal(await store.get('key'), undefined);
  });

  test('a value that would never expire is refused as the mistake it is', async () => {
    const { store } = await open();
    await assert.rejects(store.put('key', 'value', Number.POSITIVE_INFINITY), RangeError);
    await assert.rejects(store.swap('key', undefined, 'value', Number.NaN), RangeError);
    assert.equal(await store.get('key'), undefined);
  });

  test('a value that is taken is gone', async () => {
    const { store } = await open();
    await store.put('key', 'value', 60);
    assert.equal(await store.take('key'), 'value');
    assert.equal(await store.take('key'), undefined);
    assert.equal(await store.get('key'), undefined);
  });

  test('of many who take at once exactly one receives', async () => {
    const { store } = await open();
    await store.put('key', 'value', 60);
    const received = await Promise.all(Array.from({ length: 20 }, () => store.take('key')));
    assert.deepEqual(
      received.filter((value) => value !== undefined),
      ['value'],
    );
  });

  test('every text comes back as it was, as key and as value', async () => {
    const { store } = await open();
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (key, value) => {
        await store.put(key, value, 60);
        assert.equal(await store.get(key), value.toWellFormed());
        assert.equal(await store.swap(key, value, 'next', 60), true);
        assert.equal(await store.take(key), 'next');
      }),
      { numRuns: 100 },
    );
  });

  test('half a surrogate pair is kept as the replacement character', async () => {
    const { store } = await open();
    await store.put('key\ud83d', 'value\udc00', 60);
    assert.equal(await store.get('key\ud83d'), 'value\ufffd');
    assert.equal(await store.get('key\ufffd'), 'value\ufffd');
    assert.equal(await store.swap('key\ud83d', 'value\udc00', undefined, 60), true);
  });

  test('a large value comes back whole', async () => {
    const { store } = await open();
    const value = 'ü'.repeat(300_000);
    await store.put('key', value, 60);
    assert.equal(await store.get('key'), value);
  });

  test('what is expired makes no difference to what is alive, however much is written', async () => {
    const { store, clock } = await open();
    await store.put('long', 'alive', 10_000);
    for (let count = 0; count < 300; count += 1) {
      await store.put(`short/${count}`, 'value', 10);
      clock.advance(1);
    }
    assert.equal(await store.get('long'), 'alive');
    assert.equal((await store.list('short/')).length, 9);
  });
}

function swapping(open: Open): void {
  test('a swap changes only what it expected', async () => {
    const { store } = await open();
    await store.put('key', 'one', 60);
    assert.equal(await store.swap('key', 'two', 'three', 60), false);
    assert.equal(await store.get('key'), 'one');
    assert.equal(await store.swap('key', 'one', 'two', 60), true);
    assert.equal(await store.get('key'), 'two');
  });

  test('a swap that expects nothing makes a key only if it is absent', async () => {
    const { store } = await open();
    assert.equal(await store.swap('key', undefined, 'first', 60), true);
    assert.equal(await store.swap('key', undefined, 'second', 60), false);
    assert.equal(await store.get('key'), 'first');
  });

  test('a swap that expects something makes nothing where there is nothing', async () => {
    const { store } = await open();
    assert.equal(await store.swap('key', 'one', 'two', 60), false);
    assert.equal(await store.get('key'), undefined);
  });

  test('what has expired is absent to a swap', async () => {
    const { store, clock } = await open();
    await store.put('key', 'old', 10);
    clock.advance(10);
    assert.equal(await store.swap('key', undefined, 'new', 60), true);
    assert.equal(await store.get('key'), 'new');
  });

  test('a swap for nothing removes', async () => {
    const { store } = await open();
    await store.put('key', 'value', 60);
    assert.equal(await store.swap('key', 'other', undefined, 60), false);
    assert.equal(await store.swap('key', undefined, undefined, 60), false);
    assert.equal(await store.swap('key', 'value', undefined, 60), true);
    assert.equal(await store.get('key'), undefined);
    assert.equal(await store.swap('key', undefined, undefined, 60), true);
  });

  test('a swap gives the value the time it names', async () => {
    const { store, clock } = await open();
    await store.put('key', 'one', 10);
    await store.swap('key', 'one', 'two', 100);
    clock.advance(99);
    assert.equal(await store.get('key'), 'two');
    clock.advance(1);
    assert.equal(await store.get('key'), undefined);
  });

  test('of many who make a key at once exactly one does', async () => {
    const { store } = await open();
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, who) => store.swap('key', undefined, `${who}`, 60)),
    );
    assert.equal(made.filter(Boolean).length, 1);
    assert.equal(await store.get('key'), `${made.indexOf(true)}`);
  });

  test('changes made by many at the same time are all there', async () => {
    const { store } = await open();
    await Promise.all(
      Array.from({ length: 10 }, () => amend(store, 'count', 60, (current) => `${Number(current ?? 0) + 1}`)),
    );
    assert.equal(await store.get('count'), '10');
  });
}

function listing(open: Open): void {
  test('lists what begins with a prefix, in the order of the keys, with its end', async () => {
    const { store, clock } = await open();
    for (const key of ['b/1', 'a/2', 'a/10', 'a/1', 'a', 'aa']) await store.put(key, `value of ${key}`, 60);
    const end = clock.now() + 60_000;
    assert.deepEqual(
      await store.list('a/'),
      ['a/1', 'a/10', 'a/2'].map((key) => ({ key, value: `value of ${key}`, expiresAt: end })),
    );
  });

  test('percent, underscore, star and case are ordinary characters of a prefix', async () => {
    const { store } = await open();
    for (const key of ['%', 'a%b', 'a_b', 'axb', 'a*b', 'A%b']) await store.put(key, '', 60);
    assert.deepEqual(
      (await store.list('a%')).map(({ key }) => key),
      ['a%b'],
    );
    assert.deepEqual(
      (await store.list('a_')).map(({ key }) => key),
      ['a_b'],
    );
    assert.deepEqual(
      (await store.list('a*')).map(({ key }) => key),
      ['a*b'],
    );
  });

  test('an empty prefix lists everything', async () => {
    const { store } = await open();
    const keys = ['', '\u0000', 'a', '\uffff', '😀', '\u{10ffff}', '\u{10ffff}\u{10ffff}'];
    for (const key of keys) await store.put(key, '', 60);
    assert.deepEqual(
      (await store.list('')).map(({ key }) => key),
      keys,
    );
  });

  test('a list holds exactly the keys with its prefix, in the order of their characters', async () => {
    const unit = fc.constantFrom('a', 'b', '/', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}');
    const text = fc.string({ unit, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(text, { maxLength: 20 }), text, async (keys, prefix) => {
        const { store } = await open();
        for (const key of keys) await store.put(key, '', 60);
        const inOrder = keys
          .filter((key) => key.startsWith(prefix))
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        assert.deepEqual(
          (await store.list(prefix)).map(({ key }) => key),
          inOrder,
        );
        await store.close();
      }),
      { numRuns: 50 },
    );
  });
}

function closing(open: Open): void {
  test('says that it is there', async () => {
    const { store } = await open();
    await store.ping();
  });

  test('a closed store answers no verb, and never with "absent"', async () => {
    const { store } = await open();
    await store.put('key', 'value', 60);
    await store.close();
    const closed = (thrown: unknown) => isProblem(thrown, 'store.unavailable');
    await assert.rejects(store.put('key', 'value', 60), closed);
    await assert.rejects(store.get('key'), closed);
    await assert.rejects(store.take('key'), closed);
    await assert.rejects(store.swap('key', 'value', 'next', 60), closed);
    await assert.rejects(store.list(''), closed);
    await assert.rejects(store.ping(), closed);
  });

  test('closing twice is closing', async () => {
    const { store } = await open();
    await store.close();
    await store.close();
  });
}

function modelled(open: Open): void {
  test('any order of acts and hours ends as the promise says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { maxLength: 60 }), async (acts) => {
        const { store, clock } = await open();
        const model = createModel();
        for (const act of acts)
          assert.equal(await perform(store, clock, act), model(act), JSON.stringify(act));
        await store.close();
      }),
      { numRuns: 50 },
    );
  });
}
