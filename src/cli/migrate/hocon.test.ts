import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hoconAt, readHocon } from './hocon.ts';

const read = (text: string) => {
  const file = readHocon(text);
  assert.ok('values' in file, JSON.stringify(file));
  return file;
};

test('a value is found by its path, however its key is written, and the last one counts', () => {
  const file = read(`
    jicofo { authentication: { enabled = true, type = "JWT" } }
    jicofo.authentication.enabled = false // for now
    "jicofo" { conference { "enable-auto-owner": yes } }
  `);
  assert.equal(hoconAt(file, 'jicofo.authentication.enabled')?.value, 'false');
  assert.equal(hoconAt(file, 'jicofo.authentication.type')?.line, 2);
  assert.equal(hoconAt(file, 'jicofo.conference.enable-auto-owner')?.value, 'yes');
});

test('what is filled in from elsewhere is named, and is no value', () => {
  const file = read('a.b = ${?NAME}\ninclude "other.conf"\nc = [ 1, { d = 2 } ]\n');
  assert.deepEqual(
    file.values.map(({ path, value }) => [path, value]),
    [
      ['a.b', undefined],
      ['c', undefined],
    ],
  );
  assert.deepEqual(
    file.left.map(({ line }) => line),
    [1, 2],
  );
});

for (const [what, text] of [
  ['an object without its end', 'a { b = 1\n'],
  ['an end without its object', 'a = 1\n}\n'],
  ['a list without its end', 'a = [ 1, 2\n'],
  ['a text without its end', 'a = "b\n'],
  ['a key without a value', 'a =\n'],
  ['objects in a thousand objects', 'a {'.repeat(1000)],
] as const)
  test(`${what} is no file of settings`, () => assert.ok('fault' in readHocon(text)));
