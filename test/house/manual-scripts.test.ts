/** The scripts of the manual are scripts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { parse } from 'acorn';
import { BLOCKS, type Block, blocksIn } from './manual.ts';
import { read } from './tree.ts';

const SCRIPTS = BLOCKS.filter(({ language }) => language === 'js');

test('a block inside the entry of a list is found, and stands at the margin', () => {
  const text = '1. First:\n\n   <!-- config: x -->\n   ```yaml\n   a:\n     - b\n   ```\n2. Then.\n';
  assert.deepEqual(blocksIn(text, 'a.md'), [
    { path: 'a.md', mark: 'config: x', language: 'yaml', text: 'a:\n  - b\n' },
  ]);
});

for (const [at, { path, text }] of SCRIPTS.entries())
  test(`the script shown in ${path} can be read by a browser (${at + 1})`, () => {
    parse(text, { ecmaVersion: 'latest', sourceType: 'module', allowAwaitOutsideFunction: true });
  });

test('the line for the sign-in in a window sets what Jitsi’s client asks for', () => {
  const config: Record<string, unknown> = {};
  runInNewContext(BLOCKS.find(({ mark }) => mark === 'config.js: popup')?.text ?? '', { config });
  assert.deepEqual(config, { tokenAuthInline: true });
});
