/** The catalogue of attacks, held to the tests there are. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CASES } from './cases.ts';
import { ALL_IDS, FAMILIES } from './catalogue.ts';

const ROOT = join(import.meta.dirname, '../..');
const ID = new RegExp(`\\b(?:${Object.keys(FAMILIES).join('|')})-\\d+\\b`, 'g');

/** The titles of the tests in a file, whatever quotes they stand in. */
function titlesIn(file: string): readonly string[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  return [...source.matchAll(/\btest\(\s*(['"`])((?:\\.|(?!\1)[\s\S])*)\1/g)].map(
    ([, , title = '']) => title,
  );
}

const FILES = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'demo/**/*.test.ts', 'sdk/**/*.test.ts'], {
  cwd: ROOT,
});
const TITLES = new Map(FILES.map((file) => [file, titlesIn(file)]));
const idsIn = (titles: readonly string[]) => titles.flatMap((title) => title.match(ID) ?? []);

test('the catalogue holds 164 attacks, each id once', () => {
  assert.equal(ALL_IDS.length, 164);
  assert.equal(new Set(ALL_IDS).size, ALL_IDS.length);
});

test('every attack of the catalogue has a test, or a reason why not yet', () => {
  assert.deepEqual(
    ALL_IDS.filter((id) => !Object.hasOwn(CASES, id)),
    [],
  );
});

test('nothing stands in the table that is not in the catalogue', () => {
  assert.deepEqual(
    Object.keys(CASES).filter((id) => !ALL_IDS.includes(id)),
    [],
  );
});

for (const [id, one] of Object.entries(CASES))
  if ('test' in one)
    test(`the file that is said to make attack number ${id.replace('-', ' ')} names it in the title of a test`, () => {
      assert.ok(TITLES.has(one.test), `there is no test file ${one.test}`);
      assert.ok(idsIn(TITLES.get(one.test) ?? []).includes(id), `no title in ${one.test} names ${id}`);
    });

test('every reason and every note says something', () => {
  for (const [id, one] of Object.entries(CASES)) {
    const said = 'later' in one ? one.later : (one.note ?? 'nothing to add');
    assert.ok(said.trim().length > 10, id);
  }
});

test('what is still to come names the module that brings it', () => {
  for (const [id, one] of Object.entries(CASES))
    if ('later' in one)
      assert.match(one.later, /^(?:identity|gateway|tokens|admission|web|store|cli|serve|bench|tools)\b/, id);
});

test('no test title names an attack that is not in the catalogue', () => {
  for (const [file, titles] of TITLES)
    assert.deepEqual(
      idsIn(titles).filter((id) => !ALL_IDS.includes(id)),
      [],
      file,
    );
});

test('an attack that has a test is not said to be still to come', () => {
  const named = new Set([...TITLES.values()].flatMap(idsIn));
  const late = Object.entries(CASES).filter(([id, one]) => 'later' in one && named.has(id));
  assert.deepEqual(
    late.map(([id]) => id),
    [],
  );
});

test('the table tells apart a test from a wish: titles are read from test files, and there are many', () => {
  assert.ok(TITLES.size > 40);
  assert.ok(idsIn([...TITLES.values()].flat()).length > 150);
});
