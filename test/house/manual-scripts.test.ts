/** The scripts of the manual are scripts; and on its pages about clients, links and frames nothing is shown that no test runs. */
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

/** Languages all blocks of which are run or read by a test, whatever their mark. */
const ALWAYS: Readonly<Record<string, string>> = {
  yaml: 'readme.test.ts reads it as settings',
  nginx: 'manual-nginx.test.ts hands it to nginx',
  sh: 'readme.test.ts holds its commands against those there are',
};

const TESTS = [...read(/^test\/(?:e2e|house)\/.*\.test\.ts$/).values()].join('\n');

/** A mark counts where a test asks for it by name, whole or by what stands behind the colon. */
function isRun({ language, mark }: Block): boolean {
  if (Object.hasOwn(ALWAYS, language)) return true;
  return (
    mark !== undefined && (TESTS.includes(`'${mark}'`) || TESTS.includes(`'${mark.replace(/^\w+: /, '')}'`))
  );
}

for (const page of ['apps', 'bearer', 'popup', 'embedding', 'links-from-other-applications', 'error-page'])
  test(`every example of docs/how-to/${page}.md is run, or read by the program it is for`, () => {
    const shown = BLOCKS.filter(({ path }) => path === `docs/how-to/${page}.md`);
    assert.ok(shown.length > 0);
    assert.deepEqual(
      shown.filter((block) => !isRun(block)).map(({ text }) => text),
      [],
    );
  });
