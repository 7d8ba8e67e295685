/** Every SAML response we thought of, shown to Debian's mod_shib as well: what it refuses, we refuse. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { askBoth, oracleTable, type Row, withTable } from '../support/saml-oracle.ts';

let rows: readonly Row[];
before(async () => {
  rows = await askBoth();
});

const heard = (row: Row) => `${row.sent.what}: ${JSON.stringify([row.ours, row.theirs])}`;

test('every honest response signs the same person in at mod_shib and here', () => {
  const honest = rows.filter(({ sent }) => sent.id === undefined);
  assert.ok(honest.length > 5);
  for (const row of honest) {
    assert.equal(row.ours.kind, 'signed-in', heard(row));
    assert.deepEqual(row.ours, row.theirs, heard(row));
  }
});

test('no response signs anybody in here that mod_shib refuses', () => {
  const refused = rows.filter(({ theirs }) => theirs.kind === 'refused');
  assert.ok(refused.length > 50, 'mod_shib refuses most of what is forged');
  for (const row of refused) assert.equal(row.ours.kind, 'refused', heard(row));
});

test('no response signs in one person here and another at mod_shib', () => {
  for (const row of rows)
    if (row.ours.kind === 'signed-in') assert.deepEqual(row.ours, row.theirs, heard(row));
});

test('nobody is signed in under a name that was forged', () => {
  for (const row of rows) {
    if (row.ours.kind === 'signed-in') assert.doesNotMatch(row.ours.nameId ?? 'admin', /admin/, heard(row));
  }
});

test('the documentation says of every response what both said', () => {
  const document = readFileSync(join(import.meta.dirname, '../../docs/explain/saml.md'), 'utf8');
  assert.equal(document, withTable(document, oracleTable(rows)));
});
