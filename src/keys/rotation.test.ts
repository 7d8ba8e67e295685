import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JWKS_MAX_AGE } from './publish.ts';
import {
  carryOut,
  goneAt,
  type KeyDates,
  type PlanOptions,
  phaseOf,
  plan,
  SIGNING_LEAD,
} from './rotation.ts';

const DAY = 86_400;
const options: PlanOptions = { rotateEvery: 90 * DAY, lead: 900, keep: 6 * 3600 + 5400 };
const signing: KeyDates = { kid: 'a', madeAt: 0, signsFrom: 0, promotedAt: 0 };
const coming: KeyDates = { kid: 'b', madeAt: 1000, signsFrom: 2000 };

/** Does everything that is due, and what `asked` begins, making keys of successive names. */
function settled(
  keys: readonly KeyDates[],
  now: number,
  asked: PlanOptions & { readonly name: () => string },
): readonly KeyDates[] {
  const actions = plan(keys, now, asked);
  if (actions.length === 0) return keys;
  const born = actions.flatMap((action) =>
    action.kind === 'make' ? [{ kid: asked.name(), madeAt: now, signsFrom: action.signsFrom }] : [],
  );
  return settled([...carryOut(keys, actions, now), ...born], now, { ...asked, hasten: false });
}

test('a new key is published for longer than a JWKS may be kept (ROT-02)', () => {
  assert.ok(SIGNING_LEAD >= JWKS_MAX_AGE + 600);
});

test('the very first key signs at once', () => {
  assert.deepEqual(plan([], 5000, options), [{ kind: 'make', signsFrom: 5000 }]);
  assert.deepEqual(plan([{ kid: 'a', madeAt: 5000, signsFrom: 5000 }], 5000, options), [
    { kind: 'promote', kid: 'a' },
  ]);
});

test('its successor is made a lead before the quarter ends, and takes over when it has ended', () => {
  const quarter = 90 * DAY;
  assert.deepEqual(plan([signing], quarter - 901, options), []);
  assert.deepEqual(plan([signing], quarter - 900, options), [{ kind: 'make', signsFrom: quarter }]);
  const next = { kid: 'b', madeAt: quarter - 900, signsFrom: quarter };
  assert.deepEqual(plan([signing, next], quarter - 1, options), []);
  const over = [
    { kind: 'retire', kid: 'a' },
    { kind: 'promote', kid: 'b' },
  ];
  assert.deepEqual(plan([signing, next], quarter, options), over);
});

test('who was away when the quarter ended publishes first and signs later (ROT-02)', () => {
  assert.deepEqual(plan([signing], 200 * DAY, options), [{ kind: 'make', signsFrom: 200 * DAY + 900 }]);
});

test('a retired key stays until the longest token has run out, and ninety minutes more', () => {
  const retired = { ...signing, retiredAt: 1000 };
  const current = { kid: 'b', madeAt: 0, signsFrom: 1000, promotedAt: 1000 };
  assert.equal(goneAt(retired, options), 1000 + 6 * 3600 + 5400);
  assert.equal(goneAt(current, options), undefined);
  assert.deepEqual(plan([retired, current], 1000 + 6 * 3600 + 5399, options), []);
  assert.deepEqual(plan([retired, current], 1000 + 6 * 3600 + 5400, options), [{ kind: 'drop', kid: 'a' }]);
});

test('a rotation that is asked for makes a key, or hastens the one that is coming, but never past its lead', () => {
  assert.deepEqual(plan([signing], 1000, { ...options, hasten: true }), [{ kind: 'make', signsFrom: 1900 }]);
  const far = { ...coming, signsFrom: 100_000 };
  assert.deepEqual(plan([signing, far], 1100, { ...options, hasten: true }), [
    { kind: 'hasten', kid: 'b', signsFrom: 1900 },
  ]);
  assert.deepEqual(plan([signing, { ...coming, signsFrom: 1900 }], 1100, { ...options, hasten: true }), []);
  assert.equal(carryOut([far], [{ kind: 'hasten', kid: 'b', signsFrom: 1900 }], 1100)[0]?.signsFrom, 1900);
});

test('where none signs, the key that has been published longest does, and no retired one', () => {
  const retired = { ...signing, retiredAt: 900 };
  const younger = { kid: 'c', madeAt: 1100, signsFrom: 1200 };
  assert.deepEqual(plan([retired, younger, coming], 1150, options), [{ kind: 'promote', kid: 'b' }]);
  assert.deepEqual(plan([retired], 1150, options), [{ kind: 'make', signsFrom: 1150 }]);
});

test('of two that sign the younger goes on', () => {
  const younger = { kid: 'b', madeAt: 0, signsFrom: 10, promotedAt: 10 };
  assert.deepEqual(plan([signing, younger], 20, options), [{ kind: 'retire', kid: 'a' }]);
});

test('dates written under a clock that ran years ahead hold nothing up (CLK-04)', () => {
  const wrong = { ...signing, promotedAt: 4_000_000_000 };
  assert.deepEqual(plan([wrong], 1000, options), [{ kind: 'make', signsFrom: 1900 }]);
  const wrongNext = { kid: 'b', madeAt: 4_000_000_000, signsFrom: 4_000_000_900 };
  assert.deepEqual(plan([signing, wrongNext], 1000, options), [{ kind: 'drop', kid: 'b' }]);
});

test('whenever somebody looks, one published key signs, was published a lead before, and never signs again once retired', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 * DAY }), fc.boolean()), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (visits) => {
      let now = 0;
      let keys: readonly KeyDates[] = [];
      let made = 0;
      const retired = new Set<string>();
      for (const [wait, hasten] of visits) {
        now += wait;
        keys = settled(keys, now, { ...options, hasten, name: () => `k${made++}` });
        const [current, ...others] = keys.filter((key) => phaseOf(key) === 'signing');
        assert.ok(current !== undefined && others.length === 0);
        assert.ok(!retired.has(current.kid));
        assert.ok(current.kid === 'k0' || (current.promotedAt ?? 0) >= current.madeAt + options.lead);
        for (const key of keys) {
          if (key.retiredAt !== undefined) retired.add(key.kid);
        }
      }
    }),
    { numRuns: 200 },
  );
});
