/**
 * Prints what is made from tables: `node tools/docs.ts`. With `--check` it writes
 * nothing, names every file that differs from its table, and fails if there is one.
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DOCS } from './docs-list.ts';

const root = resolve(import.meta.dirname, '..');
const check = process.argv.includes('--check');

const differing = DOCS.map(({ path, make }) => ({ path, file: resolve(root, path), text: make() })).filter(
  ({ file, text }) => !existsSync(file) || readFileSync(file, 'utf8') !== text,
);

for (const { path, file, text } of differing) {
  if (check) process.stderr.write(`${path} differs from what its table says: run "npm run docs".\n`);
  else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    process.stdout.write(`${path}\n`);
  }
}

// What a table once printed and none prints now would be believed for ever.
const stale = globSync('docs/reference/*', { cwd: root }).filter(
  (path) => !DOCS.some((doc) => doc.path === path),
);
for (const path of stale) process.stderr.write(`${path} is printed from no table of tools/docs-list.ts.\n`);

if (stale.length > 0 || (check && differing.length > 0)) process.exitCode = 1;
