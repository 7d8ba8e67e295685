/**
 * What Jitsi's headers come to as text.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rawText } from './upstream-http-answer.ts';

const name = fc.oneof(
  fc.constantFrom('Date', 'date', 'ETag', 'Content-Type', 'content-type', 'Set-Cookie', 'X-A', 'X-B'),
  fc
    .stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/)
    .filter((text) => text.toLowerCase() !== 'transfer-encoding'),
);
const value = fc.stringMatching(/^[ -~\u00a0-\u00ff]{0,30}$/);
const head = fc.array(fc.tuple(name, value), { maxLength: 8 }).map((pairs) => pairs.flat());

/** As they are read from a connection: pieces of one buffer, with other bytes around each. */
function asRead(texts: readonly string[]): Buffer[] {
  const whole = Buffer.from(texts.join(': '), 'latin1');
  let at = 0;
  return texts.map((text) => {
    const piece = whole.subarray(at, at + text.length);
    at += text.length + 2;
    return piece;
  });
}

test('names and values are what was read, whatever the answer before said under which names', () => {
  fc.assert(
    fc.property(fc.array(head, { minLength: 1, maxLength: 6 }), (heads) => {
      for (const texts of [...heads, ...heads, ...heads.toReversed()])
        assert.deepEqual(rawText(asRead(texts), 'web'), texts);
    }),
  );
});

test('pieces of several reads, and texts among them, are put in the same words', () => {
  fc.assert(
    fc.property(head, head, (first, second) => {
      const mixed = [...asRead(first), ...second, ...asRead(second)];
      assert.deepEqual(rawText(mixed, 'web'), [...first, ...second, ...second]);
    }),
  );
});
