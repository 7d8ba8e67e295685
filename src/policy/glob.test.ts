import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitsGlob } from './glob.ts';

const FITS: readonly [string, string][] = [
  ['', ''],
  ['*', ''],
  ['*', 'anything'],
  ['a?c', 'abc'],
  ['a*c', 'ac'],
  ['a*c', 'abbbc'],
  ['*-*-*', 'a-b-c'],
  ['**', 'x'],
  ['*aab', 'aaaaab'],
  ['?', 'ß'],
  ['?', '😀'],
  ['a.b', 'a.b'],
  ['[ab]', '[ab]'],
];
const FITS_NOT: readonly [string, string][] = [
  ['', 'a'],
  ['?', ''],
  ['a?c', 'ac'],
  ['a', 'A'],
  ['a*c', 'acd'],
  ['*a', 'ab'],
  ['a.b', 'axb'],
  ['[ab]', 'a'],
  ['standup', 'standup '],
];

for (const [glob, text] of FITS) test(`"${glob}" fits "${text}"`, () => assert.ok(fitsGlob(glob, text)));
for (const [glob, text] of FITS_NOT)
  test(`"${glob}" does not fit "${text}"`, () => assert.ok(!fitsGlob(glob, text)));

/** The same question put to the slow and obvious recursion. */
function slowly(glob: string, text: string): boolean {
  if (glob === '') return text === '';
  if (glob[0] === '*') return slowly(glob.slice(1), text) || (text !== '' && slowly(glob, text.slice(1)));
  return text !== '' && (glob[0] === '?' || glob[0] === text[0]) && slowly(glob.slice(1), text.slice(1));
}

test('a glob agrees with the obvious recursion on every text', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const plain = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(word, plain, (glob, text) => fitsGlob(glob, text) === slowly(glob, text)),
    { numRuns: 2000 },
  );
});

test('a glob of a thousand stars comes to an end', () =>
  assert.ok(!fitsGlob(`${'*a'.repeat(1000)}b`, 'a'.repeat(5000))));
