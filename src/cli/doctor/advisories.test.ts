import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADVISORIES, knownOf } from './advisories.ts';

const idsOf = (said: string) => knownOf(said).map(({ ids }) => ids);

test('a version below the one that mends something is known, and that one is not', () => {
  assert.deepEqual(idsOf('Prosody 0.12.5'), ['CVE-2026-43506, CVE-2026-43507']);
  assert.deepEqual(idsOf('Prosody 0.12.6'), []);
  assert.deepEqual(idsOf('Prosody 13.0.4'), ['CVE-2026-43506, CVE-2026-43507']);
  assert.deepEqual(idsOf('Prosody 13.0.5'), []);
  assert.deepEqual(idsOf("Coturn-4.6.1 'Gorst'"), ['CVE-2026-27624']);
  assert.deepEqual(idsOf("Coturn-4.10.0 'Gorst'"), []);
  assert.deepEqual(idsOf('Coturn-4.5.1.3'), ['CVE-2026-27624', 'CVE-2020-26262']);
  assert.deepEqual(idsOf('Prosody 0.11.5'), ['CVE-2026-43506, CVE-2026-43507']);
});

test('what says no version, or is another program, is not judged', () => {
  for (const said of ['Prosody', 'Prosody trunk', 'ejabberd 0.1.0', 'Coturn', ''])
    assert.deepEqual(idsOf(said), []);
});

test('everything on the list has a source that can be read', () => {
  for (const { source } of ADVISORIES) assert.equal(new URL(source).protocol, 'https:');
});
