/** The rules bite: each is tried on sources made up to break it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { climbs, homeless, impure, namedAdapters, secondDoors, unsaid, unwanted } from './rules.ts';

const one = (path: string, text: string) => new Map([[path, text]]);

for (const [what, line] of [
  ['a static import', "import { x } from '../web/routes.ts';"],
  ['an import of a type', "import type { X } from '../web/routes.ts';"],
  ['an import for its effect', "import '../web/routes.ts';"],
  ['a dynamic import', "const x = await import('../web/routes.ts');"],
  ['a re-export', "export { x } from '../web/routes.ts';"],
  ['an import over several lines', "import {\n  x,\n  y,\n} from '../web/routes.ts';"],
] as const)
  test(`${what} that climbs is caught`, () =>
    assert.equal(climbs(one('src/policy/a.ts', `${line}\n`)).length, 1));

test('an arrow to a neighbour on the same layer is caught', () =>
  assert.equal(climbs(one('src/policy/a.ts', "import { x } from '../keys/jwt.ts';\n")).length, 1));
test('an arrow downwards, and one inside the module, are fine', () =>
  assert.deepEqual(
    climbs(one('src/web/a.ts', "import { x } from '../base/room.ts';\nimport { y } from './b.ts';\n")),
    [],
  ));
test('an import in a comment is none', () =>
  assert.deepEqual(
    climbs(one('src/policy/a.ts', "// import { x } from '../web/routes.ts';\n/* import '../app.ts'; */\n")),
    [],
  ));
test('a folder that is in no list is caught', () =>
  assert.deepEqual(homeless(one('src/misc/a.ts', '')), ['src/misc/a.ts']));
test('a second door of a dependency is caught', () => {
  assert.equal(secondDoors(one('src/web/a.ts', "import { SignJWT } from 'jose';\n")).length, 1);
  assert.equal(secondDoors(one('src/web/a.ts', "import { x } from 'hono/cookie';\n")).length, 0);
  assert.equal(secondDoors(one('src/base/a.ts', "import { x } from 'left-pad';\n")).length, 1);
  assert.equal(
    secondDoors(one('src/identity/a.ts', "import { DatabaseSync } from 'node:sqlite';\n")).length,
    1,
  );
});
test('an adapter named below the composition root is caught', () => {
  assert.equal(
    namedAdapters(one('src/cli/a.ts', "import { createSqliteStore } from '../store/sqlite.ts';\n")).length,
    1,
  );
  assert.equal(
    namedAdapters(one('src/app.ts', "import { createSqliteStore } from './store/sqlite.ts';\n")).length,
    0,
  );
});
for (const line of [
  'Date.now()',
  'new Date()',
  'Math.random()',
  'process.env.X',
  "fetch('x')",
  'setTimeout(f, 1)',
])
  test(`${line} in a pure module is caught`, () =>
    assert.equal(impure(one('src/policy/a.ts', `const x = ${line};\n`)).length, 1));
for (const line of ['export default 1;', 'const x: any = 1;', 'export class Helper {}', 'console.log(1);'])
  test(`${line} is caught`, () => assert.equal(unwanted(one('src/policy/a.ts', `${line}\n`)).length, 1));
test('an export without its sentence, and a file that does not say what it is for, are caught', () => {
  assert.equal(unsaid(one('src/policy/a.ts', 'export const x = 1;\n')).length, 2);
  assert.deepEqual(
    unsaid(one('src/policy/a.ts', '/**\n * A file.\n */\n\n/** One. */\nexport const x = 1;\n')),
    [],
  );
});
