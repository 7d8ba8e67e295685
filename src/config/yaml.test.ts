import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readYaml } from './yaml.ts';

const wrongs = (text: string) => {
  const read = readYaml(text);
  return 'complaints' in read
    ? read.complaints.map(({ wrong, line }) => [wrong.split(' ').slice(0, 3).join(' '), line])
    : [];
};

const BILLION = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
    (name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[at]}`).join(',')}]`,
  ),
].join('\n');

for (const [why, text, expected] of [
  ['a key twice', 'a: 1\nb: 2\na: 3', [['has a key', 3]]],
  ['a key twice in a section', 'a:\n  b: 1\n  b: 2', [['has a key', 3]]],
  ['a tag of JavaScript', 'a: 1\nb: !!js/function "f"', [['has a tag', 2]]],
  ["a tag of somebody's own", 'a: !secret x', [['has a tag', 1]]],
  ['a binary tag', 'a: !!binary aGk=', [['has a tag', 1]]],
  ['two documents', 'a: 1\n---\nb: 2', [['holds several documents', 2]]],
  ['tabs', 'a:\n\tb: 1', [['is indented with', 2]]],
  ['a bomb of anchors', BILLION, [['repeats itself too', undefined]]],
  ['brackets without end', '['.repeat(100_000), [['is nested deeper', undefined]]],
  ['hyphens without end', `${'- '.repeat(50_000)}x`, [['is nested deeper', undefined]]],
  [
    'indentation without end',
    Array.from({ length: 700 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
    [['is nested deeper', undefined]],
  ],
  ['a list', '- a', [['is no list', 1]]],
  ['a text', 'just words', [['is no list', 1]]],
  ['ten megabytes', 'a: b\n'.repeat(2_000_000), [['is larger than', undefined]]],
] as const)
  test(`a file with ${why} is refused`, () => assert.deepEqual(wrongs(text), expected));

for (const text of ['', '\n', '# nothing', '---\n', 'null', '{}'])
  test(`${JSON.stringify(text)} holds no settings`, () =>
    assert.deepEqual((readYaml(text) as { value: unknown }).value, {}));

test('an anchor used a few times is fine', () => assert.deepEqual(wrongs('a: &x [1]\nb: *x\nc: *x'), []));

test('an alias to nothing is refused on its line', () => assert.equal(wrongs('a: 1\nb: *nothing').length, 1));

test('dates stay text, and yes is no boolean', () =>
  assert.deepEqual((readYaml('a: 2024-05\nb: 2024-05-01\nc: yes\nd: 010') as { value: unknown }).value, {
    a: '2024-05',
    b: '2024-05-01',
    c: 'yes',
    d: 10,
  }));

test('a setting is found on its line, what is missing on the line of its section', () => {
  const read = readYaml('# x\na: 1\nlist:\n  - b: 1\n  - b: 2\n    c: 3\n');
  assert.ok('lineOf' in read);
  assert.deepEqual(
    ['a', 'list[0].b', 'list[1].c', 'list[1].missing', 'missing', 'list[7]'].map(read.lineOf),
    [2, 4, 6, 5, undefined, 3],
  );
});
