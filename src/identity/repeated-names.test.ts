import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { namesRepeat } from './repeated-names.ts';

test('what JSON.stringify writes never names a member twice', () =>
  fc.assert(fc.property(fc.json(), (text) => assert.equal(namesRepeat(text), false))));

test('a member named twice is seen, however it is written and however deep', () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1, "a" : 2}',
    '{"a":1,"\\u0061":2}',
    '[{"x":{"a":1,"b":[{}],"a":2}}]',
    '{"":1,"":2}',
  ])
    assert.equal(namesRepeat(text), true, text);
});

test('one name in two objects, and a value that looks like a name, are no repetition', () => {
  for (const text of [
    '{"a":{"a":1},"b":{"a":2}}',
    '{"a":"a","b":"a"}',
    '["a","a"]',
    '{"a":"\\"a\\":1","b":"{"}',
  ])
    assert.equal(namesRepeat(text), false, text);
});
