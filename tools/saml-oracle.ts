/**
 * Shows the corpus of SAML responses to mod_shib and to us, and writes what both said into `docs/explain/saml.md`:
 * `node tools/saml-oracle.ts`. It starts Apache and shibd, in a folder of their own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { askBoth, oracleTable, withTable } from '../test/support/saml-oracle.ts';

const file = resolve(import.meta.dirname, '../docs/explain/saml.md');
writeFileSync(file, withTable(readFileSync(file, 'utf8'), oracleTable(await askBoth())));
