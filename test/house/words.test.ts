/** The project speaks of itself alone, and its tests all run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ROOT, read } from './tree.ts';

const texts = read(/\.(?:ts|js|json|md|yaml|yml|lua|sh|service|conf|case)$|Dockerfile$|^\.ci\//);
/** Put together here, so that this file does not hold them itself. */
const FOREIGN = [
  ['/', 'work', '/'],
  ['/', 'tmp', '/', 'w/'],
  ['registry', '.npmjs'],
  ['helper', ' agent'],
  ['TO', 'DO'],
  ['FIX', 'ME'],
].map((parts) => parts.join(''));

for (const word of FOREIGN)
  test(`nothing in the tree says ${JSON.stringify(word)}`, () => {
    const found = [...texts].filter(
      ([path, text]) =>
        path !== 'package-lock.json' &&
        new RegExp(`(?<![\\w-])${word.replace(/[.\\/]/g, '\\$&')}`).test(text),
    );
    assert.deepEqual(
      found.map(([path]) => path),
      [],
    );
  });

test('the lock file names no host to download from', () =>
  assert.ok(!/"resolved"/.test(readFileSync(new URL('package-lock.json', ROOT), 'utf8'))));

test('no test is left out or runs alone', () => {
  const found = [...texts].filter(
    ([path, text]) =>
      path.endsWith('.test.ts') &&
      /\b(?:test|it|describe)\.(?:skip|todo|only)\b|\{\s*(?:skip|todo|only):/.test(text),
  );
  assert.deepEqual(
    found.map(([path]) => path),
    [],
  );
});

test('every test is named by a sentence', () => {
  const short: string[] = [];
  for (const [path, text] of texts)
    if (path.endsWith('.test.ts'))
      for (const [, title = ''] of text.matchAll(/^\s*test\(\s*'((?:[^'\\]|\\.)*)'/gm))
        if (title.split(' ').length < 3) short.push(`${path}: ${title}`);
  assert.deepEqual(short, []);
});
