/** The runner of the tests counts what there is, and leaves none out. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDebian, missingOf, whileNothingStarts } from '../../tools/packages.ts';
import { countsOf, GROUPS, strays, sumOf } from '../../tools/test-plan.ts';

const TAP = '# tests 9\n# pass 4\n# fail 1\n# cancelled 2\n# skipped 1\n# todo 1\n';

test('every test file is run by a group', () =>
  assert.deepEqual(strays(globSync('{src,demo,sdk,test,tools,bench}/**/*.test.ts')), []));
test('a test file in a folder that no group names is told', () =>
  assert.deepEqual(strays(['src/base/room.test.ts', 'misc/a.test.ts']), ['misc/a.test.ts']));
test('no test file is run twice by overlapping groups', () => {
  const files = GROUPS.flatMap(({ patterns }) => globSync([...patterns]));
  assert.equal(new Set(files).size, files.length);
});
test('what was cancelled counts as failed, what waits as skipped', () =>
  assert.deepEqual(countsOf(TAP), { passed: 4, failed: 3, skipped: 2 }));
test('a test that speaks like a summary does not change the count', () =>
  assert.deepEqual(countsOf(`# pass 99\n${TAP}`), countsOf(TAP)));
test('a run that ended before its summary has no counts', () => {
  assert.equal(countsOf('TAP version 13\nok 1 - a\n'), undefined);
  assert.deepEqual(sumOf([undefined, countsOf(TAP)]), { passed: 4, failed: 3, skipped: 2 });
});
test('packages are installed on Debian, Ubuntu and what is made of them, and nowhere else', () => {
  assert.deepEqual(
    ['ID=debian', 'ID=ubuntu', 'ID=linuxmint\nID_LIKE="ubuntu debian"', 'ID=fedora', 'NAME=debian'].map(
      isDebian,
    ),
    [true, true, true, false, false],
  );
});
test('a package that was never heard of is missing', () =>
  assert.deepEqual(missingOf(['no-such-package-at-all']), ['no-such-package-at-all']));
test('nothing that is installed may start, and the word that forbids it goes away again', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-policy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const policy = join(folder, 'policy-rc.d');
  const seen = whileNothingStarts(policy, () => [
    readFileSync(policy, 'utf8'),
    statSync(policy).mode & 0o777,
  ]);
  assert.deepEqual(seen, ['#!/bin/sh\nexit 101\n', 0o755]);
  assert.equal(existsSync(policy), false);
  assert.throws(() =>
    whileNothingStarts(policy, () => {
      throw new Error('apt-get is not here');
    }),
  );
  assert.equal(existsSync(policy), false);
});
test('a policy the machine had already is neither changed nor taken away', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-policy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const policy = join(folder, 'policy-rc.d');
  writeFileSync(policy, 'theirs');
  assert.equal(
    whileNothingStarts(policy, () => readFileSync(policy, 'utf8')),
    'theirs',
  );
  assert.equal(readFileSync(policy, 'utf8'), 'theirs');
});
test('an old Node is told of the newer one that is there, and how to get one where there is none', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-need-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const script = new URL('../../tools/need-node.js', import.meta.url);
  mkdirSync(join(folder, 'tools'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'tools', 'need-node.js'), readFileSync(script));
  const older =
    'data:text/javascript,globalThis.process=Object.create(process,{versions:{value:{node:"20.1.0"}}})';
  const told = () =>
    spawnSync(process.execPath, ['--import', older, join(folder, 'tools', 'need-node.js')], {
      encoding: 'utf8',
    }).stderr;
  assert.match(told(), /^Ostiary needs Node 24 or later; this is 20\.1\.0\. Run "npm ci"/);
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  const brought = join(folder, 'node_modules', '.bin', 'node');
  writeFileSync(brought, '');
  // It is called from another folder than its own, so the path is whole.
  assert.ok(told().endsWith(`instead of "node": ${brought}\n`), told());
});
