/** The plan itself, held against every file there is. What each rule catches is tried in teeth.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configReaders,
  hiddenImports,
  namedAdapters,
  secondDoors,
  withoutLayer,
  wrongArrows,
} from './arrows.ts';
import { doorsOf, layersOf } from './elsewhere.ts';
import { DOORS, LAYERS } from './layers.ts';
import { impurities } from './purity.ts';
import type { Source } from './source.ts';
import { unwanted, unwantedInSource, withoutDocstring, withoutHeader } from './style.ts';
import { read, sourcesOf } from './tree.ts';
import { downloadHosts, notes, shortTitles, workplace } from './words.ts';

const files = sourcesOf(read(/(?<!\.(?:png|ico|svg|woff2))$/));
const sources = files.filter(({ path }) => path.endsWith('.ts'));
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? '';

const RULES: readonly (readonly [string, (files: readonly Source[]) => string[]])[] = [
  ['every file of the source belongs to a module on a layer', withoutLayer],
  ['no arrow climbs a layer, or crosses to a neighbour', wrongArrows],
  ['every import is written out', hiddenImports],
  ['every dependency has one door', secondDoors],
  ['adapters are named only by the composition root', namedAdapters],
  ['no module below the composition root receives the configuration', configReaders],
  ['pure files ask nothing of the machine', impurities],
  ['every file begins by saying what it is for', withoutHeader],
  ['every export has its sentence', withoutDocstring],
  ['nobody writes any, a default export or a test that does not run', unwanted],
  ['no console, no class but two, no index file but the public face', unwantedInSource],
];

for (const [promise, rule] of RULES) test(promise, () => assert.deepEqual(rule(sources), []));

test('the tree that is judged is there', () => assert.ok(sources.length > 200, String(sources.length)));
test('no file holds a note to ourselves', () => assert.deepEqual(notes(files), []));
test('no file speaks of the place where it was made', () => assert.deepEqual(workplace(files), []));
test('the lock file names no host to download from', () => assert.deepEqual(downloadHosts(files), []));
test('every test is named by a sentence', () => assert.deepEqual(shortTitles(sources), []));

test('every dependency of the package has a door', () => {
  const { dependencies, optionalDependencies } = JSON.parse(textOf('package.json'));
  assert.deepEqual(
    Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => DOORS[name] === undefined),
    [],
  );
});
test('Biome knows the same doors as this house', () => {
  const ours = Object.entries(DOORS).flatMap(([name, places]) =>
    places.filter((place) => place.startsWith('src/')).map((place) => `${name} ${place}`),
  );
  assert.deepEqual(doorsOf(textOf('biome.json')), ours.sort());
});
test('ARCHITECTURE draws the same layers as this house', () =>
  assert.deepEqual(layersOf(textOf('ARCHITECTURE.md')), LAYERS));
