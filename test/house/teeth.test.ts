/** The rules bite: each is tried on files made up to break it, and on some that only look as if they did. */
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
import { impurities } from './purity.ts';
import { codeOf, type Source } from './source.ts';
import { unwanted, unwantedInSource, withoutDocstring, withoutHeader } from './style.ts';
import { downloadHosts, notes, shortTitles, workplace } from './words.ts';

type Rule = (files: readonly Source[]) => string[];
/** Rule, what it is about, where, and the line. */
type Case = readonly [rule: Rule, what: string, path: string, line: string];

const UP = '../web/routes.ts';

const CAUGHT: readonly Case[] = [
  [wrongArrows, 'a static import that climbs', 'src/policy/a.ts', `import { x } from '${UP}';`],
  [wrongArrows, 'an import of a type that climbs', 'src/policy/a.ts', `import type { X } from "${UP}";`],
  [wrongArrows, 'an import for its effect that climbs', 'src/policy/a.ts', `import '${UP}';`],
  [wrongArrows, 'a dynamic import that climbs', 'src/policy/a.ts', `await import(\n  /* now */ '${UP}');`],
  [wrongArrows, 'a type taken where it is used, that climbs', 'src/policy/a.ts', `let x: import('${UP}').X;`],
  [wrongArrows, 'a re-export that climbs', 'src/policy/a.ts', `export { x } from '${UP}';`],
  [wrongArrows, 'a re-export of everything that climbs', 'src/policy/a.ts', `export * from '${UP}';`],
  [wrongArrows, 'a require that climbs', 'src/policy/a.ts', `const x = require('${UP}');`],
  [
    wrongArrows,
    'an import over lines that climbs',
    'src/policy/a.ts',
    `import {\n  x,\n  y,\n} from '${UP}';`,
  ],
  [wrongArrows, 'a test that climbs', 'src/policy/a.test.ts', `import { x } from '${UP}';`],
  [wrongArrows, 'a file that climbs from the top', 'src/serve.ts', "import { x } from './main.ts';"],
  [wrongArrows, 'an arrow to a neighbour', 'src/policy/a.ts', "import { x } from '../keys/jwt.ts';"],
  [
    wrongArrows,
    'an arrow out of the source',
    'src/web/a.ts',
    "import { x } from '../../test/support/op.ts';",
  ],
  [withoutLayer, 'a folder that is in no list', 'src/misc/a.ts', ''],
  [withoutLayer, 'a file at the top that is in no list', 'src/helpers.ts', ''],
  [hiddenImports, 'an import with a computed name', 'src/cli/a.ts', 'await import(name);'],
  [hiddenImports, 'an import with a value in its name', 'src/cli/a.ts', 'await import(`../${name}.ts`);'],
  [hiddenImports, 'a require made by hand', 'src/cli/a.ts', "import { createRequire } from 'node:module';"],
  [secondDoors, 'a second door of a dependency', 'src/web/a.ts', "import { SignJWT } from 'jose';"],
  [secondDoors, 'a second door by a type', 'src/web/a.ts', "import type { JWK } from 'jose';"],
  [secondDoors, 'a second door by a path inside', 'src/web/a.ts', "import { z } from 'zod/v4';"],
  [secondDoors, 'a second door that is imported late', 'src/web/a.ts', "await import('undici');"],
  [secondDoors, 'a dependency nobody knows', 'src/base/a.ts', "import { x } from 'left-pad';"],
  [secondDoors, 'a database beside the store', 'src/identity/a.ts', "import { x } from 'node:sqlite';"],
  [namedAdapters, 'an adapter named by a command', 'src/cli/a.ts', "import { x } from '../store/sqlite.ts';"],
  [namedAdapters, 'an adapter named by a route', 'src/web/a.ts', "import { x } from '../identity/oidc.ts';"],
  [
    configReaders,
    'a route that sees the settings',
    'src/web/a.ts',
    "import type { C } from '../config/load.ts';",
  ],
  [impurities, 'the time of day', 'src/policy/a.ts', 'const x = Date.now();'],
  [impurities, 'the time of day in a new date', 'src/policy/a.ts', 'const x = new Date();'],
  [impurities, 'the time of day inside a template', 'src/pages/a.ts', 'const x = `at ${Date.now()}`;'],
  [impurities, 'the time since the start', 'src/tokens/a.ts', 'performance.now();'],
  [impurities, 'the time zone of the machine', 'src/policy/a.ts', 'new Date(at).getHours();'],
  [impurities, 'chance', 'src/policy/a.ts', 'const x = Math.random();'],
  [impurities, 'chance from the global crypto', 'src/tokens/a.ts', 'crypto.randomUUID();'],
  [impurities, 'chance from node', 'src/base/a.ts', "import { randomBytes } from 'node:crypto';"],
  [impurities, 'the environment', 'src/policy/a.ts', "const x = process.env['X'];"],
  [impurities, 'the network', 'src/tokens/a.ts', "await fetch('https://x');"],
  [impurities, 'a timer', 'src/policy/a.ts', 'setTimeout(f, 1);'],
  [impurities, 'a file', 'src/pages/a.ts', "import { readFileSync } from 'node:fs';"],
  [impurities, 'all of node crypto', 'src/tokens/a.ts', "import * as c from 'node:crypto';"],
  [
    impurities,
    'a clock where the header says pure',
    'src/web/a.ts',
    '/** What it does. Pure. */\nDate.now();',
  ],
  [unwanted, 'any as a type', 'src/web/a.ts', 'const x: any = 1;'],
  [unwanted, 'any as a list', 'src/web/a.ts', 'const x: any[] = [];'],
  [unwanted, 'any by force', 'test/support/a.ts', 'f(x as any);'],
  [unwanted, 'any in a table', 'src/web/a.ts', 'let x: Record<string, any>;'],
  [unwanted, 'a default export', 'demo/a.ts', 'export default 1;'],
  [unwanted, 'a default export by another name', 'src/web/a.ts', 'export { x as default };'],
  [unwanted, 'a test that is skipped', 'src/web/a.test.ts', "test.skip('a b c d', f);"],
  [unwanted, 'a test that runs alone', 'src/web/a.test.ts', "test('a b, c d', { only: true }, f);"],
  [unwanted, 'a test that gives up', 'src/web/a.test.ts', "test('a b c d', (t) => t.skip());"],
  [unwantedInSource, 'a class of our own', 'src/web/a.ts', 'export class Helper {}'],
  [unwantedInSource, 'a class without a name', 'src/web/a.ts', 'const x = class { y = 1 };'],
  [unwantedInSource, 'a word to the console', 'src/web/a.ts', 'console.log(1);'],
  [unwantedInSource, 'an index file', 'src/web/index.ts', ''],
  [
    withoutHeader,
    'a file that says nothing',
    'src/web/a.ts',
    "import { x } from './b.ts';\nexport const y = x;",
  ],
  [withoutHeader, 'a file that speaks late', 'src/web/a.ts', 'const y = 1;\n/** Late. */'],
  [withoutDocstring, 'an export without a sentence', 'src/web/a.ts', 'export const x = 1;'],
  [withoutDocstring, 'an export with a note', 'src/web/a.ts', '// A note.\nexport async function x() {}'],
  [withoutDocstring, 'an export far from it', 'src/web/a.ts', '/** One. */\n\nexport interface X {}'],
  [notes, 'a note to ourselves', 'docs/a.md', `${'TO' + 'DO'}: later`],
  [workplace, 'the path of a machine', 'docs/a.md', ['see /wo', 'rk/main'].join('')],
  [workplace, 'the host of a registry', 'Dockerfile', ['registry.npm', 'js.org'].join('')],
  [workplace, 'a document that is elsewhere', 'src/web/a.ts', ['// design', '.md 2.4'].join('')],
  [
    downloadHosts,
    'a download host in a lock file',
    'sdk/js/package-lock.json',
    '"resolved": "https://x/y.tgz"',
  ],
  [shortTitles, 'a title of three words', 'src/web/a.test.ts', "test('it works fine', f);"],
  [shortTitles, 'a title of one value', 'src/web/a.test.ts', 'test(`${name} works`, f);'],
  [shortTitles, 'a short title of a part', 'src/web/a.test.ts', "await t.test('works', f);"],
];

const FINE: readonly Case[] = [
  [downloadHosts, 'a folder of ours in a lock file', 'package-lock.json', '"resolved": "sdk/js"'],
  [wrongArrows, 'an arrow downwards', 'src/web/a.ts', "import { x } from '../base/room.ts';"],
  [wrongArrows, 'an arrow inside the module', 'src/web/routes/a.ts', "import { x } from '../cookies.ts';"],
  [wrongArrows, 'a test that tries a port', 'src/keys/a.test.ts', "import { x } from '../store/memory.ts';"],
  [wrongArrows, 'an import in a comment', 'src/policy/a.ts', `// import '${UP}';\n/* import '${UP}'; */`],
  [wrongArrows, 'an import in a string', 'src/policy/a.ts', `const x = "import '${UP}'";`],
  [wrongArrows, 'what is no import at all', 'src/policy/a.ts', `const x = Array.from('${UP}');`],
  [hiddenImports, 'what only speaks of imports', 'src/cli/a.ts', 'parts.import(x); // createRequire'],
  [secondDoors, 'a dependency at its door', 'src/keys/jwt.ts', "import { SignJWT } from 'jose';"],
  [secondDoors, 'a part of one at its door', 'src/web/a.ts', "import { x } from 'hono/cookie';"],
  [secondDoors, 'a dependency in a test', 'src/web/a.test.ts', "import { SignJWT } from 'jose';"],
  [namedAdapters, 'the composition root', 'src/app.ts', "import { x } from './store/sqlite.ts';"],
  [namedAdapters, 'a type of an adapter', 'src/cli/a.ts', "import type { X } from '../store/sqlite.ts';"],
  [configReaders, 'a command that reads settings', 'src/cli/a.ts', "import { x } from '../config/load.ts';"],
  [impurities, 'a given instant', 'src/policy/a.ts', 'const x = new Date(at).toISOString();'],
  [impurities, 'a script for the browser', 'src/pages/a.ts', 'const x = `setTimeout(go, 1)`;'],
  [impurities, 'a digest', 'src/pages/a.ts', "import { createHash } from 'node:crypto';"],
  [impurities, 'a word in a comment', 'src/policy/a.ts', '// not Math.random()'],
  [impurities, 'the clock in the file for it', 'src/base/clock.ts', 'const now = Date.now();'],
  [impurities, 'a file that claims nothing', 'src/web/a.ts', '/** Answers. */\nDate.now();'],
  [unwanted, 'a value that is called any', 'src/web/a.ts', 'f((any) => g(any, 1)); await Promise.any(x);'],
  [unwanted, 'a regular expression that is tried', 'src/web/a.test.ts', "/x/.test('y'); options.only = 1;"],
  [unwantedInSource, 'a class in markup', 'src/pages/a.ts', 'html`<p class="brand">${x}</p>`;'],
  [
    withoutHeader,
    'a header after the imports',
    'src/web/a.ts',
    "import { x } from './b.ts';\n/** Says. */\n\nf();",
  ],
  [withoutDocstring, 'a sentence over lines', 'src/web/a.ts', '/**\n * One.\n */\nexport const x = 1;'],
  [
    withoutDocstring,
    'one sentence for all overloads',
    'src/web/a.ts',
    '/** X. */\nexport function x(): 1;\nexport function x(a?: 1) {}',
  ],
  [workplace, 'a path that only looks like it', 'docs/a.md', 'https://x/network/a'],
  [shortTitles, 'a sentence', 'src/web/a.test.ts', "test('nobody enters without a word', f);"],
];

for (const [rule, what, path, text] of CAUGHT)
  test(`${what} is caught in ${path}`, () => assert.equal(rule([{ path, text }]).length, 1));

for (const [rule, what, path, text] of FINE)
  test(`${what} is fine in ${path}`, () => assert.deepEqual(rule([{ path, text }]), []));

test('code keeps its length and lines when comments and strings are made blank', () => {
  const text = "a('x\\'y', /[/'`]/.test(b)) // it's\n/* ` */ `c${ { d: '}' } }e\n` / 2 / f";
  const code = codeOf(text);
  assert.equal(code.length, text.length);
  assert.equal(code.split('\n').length, text.split('\n').length);
  assert.equal(code.replace(/\s+/g, ' '), "a(' ', / /.test(b)) ` ${ { d: ' ' } } ` / 2 / f");
});
