import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { appended, commentedOut, edited } from './edit.ts';
import { readProperties } from './properties.ts';

const lines = fc.array(fc.constantFrom('a', '  b', '', 'ü'), { maxLength: 8 });
const text = fc
  .tuple(lines, fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(([all, end, closed]) => all.join(end) + (closed && all.length > 0 ? end : ''));

test('no change leaves every byte, and what is added behind does not touch what is before', () =>
  fc.assert(
    fc.property(text, (before) => {
      assert.equal(edited(before, []), before);
      assert.ok(edited(before, [appended(before, ['x'])]).startsWith(before));
    }),
  ));

test('the line ends of a file are those of what is written into it', () => {
  assert.equal(edited('a\r\nb\r\n', [{ line: 2, goes: 1, comes: ['x', 'y'] }]), 'a\r\nx\r\ny\r\n');
  assert.equal(edited('a', [appended('a', ['x'])]), 'a\nx\n');
});

test('of two changes of one line one is made, and several of different lines all are', () => {
  const before = 'a\nb\nc\n';
  const both = [commentedOut(before, { first: 2, last: 3, mark: '#' }), { line: 3, goes: 1, comes: ['x'] }];
  assert.match(edited(before, both), /^a\n(?:# b\n# c|b\nx)\n$/);
  const apart = [
    { line: 1, goes: 0, comes: ['0'] },
    { line: 3, goes: 1, comes: ['x'] },
  ];
  assert.equal(edited(before, apart), '0\na\nb\nx\n');
});

test('a property that goes on over several lines is one, with the lines it stands on', () => {
  assert.deepEqual(readProperties('# c\na.b = 1\\\n   2\nx:y\n'), [
    { key: 'a.b', value: '12', first: 2, last: 3 },
    { key: 'x', value: 'y', first: 4, last: 4 },
  ]);
});
