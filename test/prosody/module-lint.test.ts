/** Our module in Prosody holds no slip that a reader of Lua would see. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needCommand } from '../support/real/need.ts';

const FOLDER = fileURLToPath(new URL('../../prosody', import.meta.url));
const HOW = ['--std', 'lua54', '--globals', 'prosody', 'module', '--max-line-length', '120', '--no-color'];

const lint = (...what: readonly string[]) =>
  spawnSync(needCommand('luacheck', 'lua-check'), [...HOW, ...what], {
    encoding: 'utf8',
    timeout: 60_000,
    // Read where `-` is said.
    input: 'local unused = undefind\n',
  });

test('luacheck has nothing to say of the module', () => {
  const { status, stdout } = lint(FOLDER);
  assert.equal(status, 0, stdout);
});

test('and would say it', () => assert.match(lint('-').stdout, /undefined variable 'undefind'/));
