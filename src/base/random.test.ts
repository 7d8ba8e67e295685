/** Chance, handed out in pieces. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countingRandom, readSpokenId, spokenId, systemRandom } from './random.ts';

test('no two ids are alike, however many are asked for and of whatever length', () => {
  const seen = new Set<string>();
  for (let at = 0; at < 20_000; at += 1)
    seen.add(Buffer.from(systemRandom.bytes(8 + (at % 40))).toString('hex'));
  assert.equal(seen.size, 20_000);
});

test('every piece has the length that was asked for, and none is without chance', () => {
  for (let count = 0; count < 600; count += 1) {
    const bytes = systemRandom.bytes(count);
    assert.equal(bytes.length, count);
    if (count >= 16) assert.notDeepEqual([...bytes], Array(count).fill(0));
  }
});

test('what was handed out stays as it was when more is asked for', () => {
  const first = systemRandom.bytes(32);
  const before = Buffer.from(first).toString('hex');
  for (let at = 0; at < 300; at += 1) systemRandom.bytes(32).fill(0);
  assert.equal(Buffer.from(first).toString('hex'), before);
});

test('an id that is spoken stands in groups of four and is read back', () => {
  const random = countingRandom();
  assert.match(spokenId(random), /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  assert.match(spokenId(random, 10), /^.{4}-.{4}-.{2}$/);
  const id = spokenId(random, 12);
  assert.equal(readSpokenId(id.toLowerCase().replaceAll('-', ' ')), id);
});
