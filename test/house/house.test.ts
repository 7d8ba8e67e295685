/** The house holds itself up: layers, doors, adapters, purity, and what every file owes its reader. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { climbs, homeless, impure, namedAdapters, secondDoors, unsaid, unwanted } from './rules.ts';
import { files, read } from './tree.ts';

const sources = read(/^(?:src|demo)\/.*\.ts$/);

test('the tree that is judged is there', () => assert.ok(sources.size > 80, String(sources.size)));
test('every file belongs to a module on a layer', () => assert.deepEqual(homeless(sources), []));
test('no arrow climbs a layer, or crosses to a neighbour', () => assert.deepEqual(climbs(sources), []));
test('every dependency has one door', () => assert.deepEqual(secondDoors(sources), []));
test('adapters are named only by the composition root', () => assert.deepEqual(namedAdapters(sources), []));
test('pure modules ask nothing of the machine', () => assert.deepEqual(impure(sources), []));
test('no default export, no any, no class but two, no console', () =>
  assert.deepEqual(unwanted(sources), []));
test('every file says what it is for, and every export has its sentence', () =>
  assert.deepEqual(unsaid(sources), []));
test('there is one index file, the public face', () =>
  assert.deepEqual(
    files().filter((path) => /^(?:src|demo)\/(?:.*\/)?index\.ts$/.test(path)),
    ['src/index.ts'],
  ));

test('large files are few, and said', () => {
  const large = [...sources].filter(
    ([path, text]) => !/\.test\.ts$|schema\/|words\//.test(path) && text.split('\n').length > 300,
  );
  for (const [path, text] of large) process.stderr.write(`${path}: ${text.split('\n').length} lines\n`);
  assert.ok(large.length <= 5);
});
