/** What is promised of every real program a test starts. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needCommand, needLuaModule } from './need.ts';
import { type ProgramParts, privateDirectory, startProgram } from './program.ts';

/** A program that starts another, says both pids, and ends only when it must. */
const STUBBORN = `
  process.on('SIGTERM', () => console.log('asked'));
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  console.log('child ' + child.pid);
  setInterval(() => {}, 1000);`;
const POLITE = `console.log('version 7.1'); setInterval(() => {}, 1000)`;

function node(script: string, more: Partial<ProgramParts> = {}): ProgramParts {
  return {
    name: 'node',
    command: process.execPath,
    args: ['-e', script],
    ready: async () => true,
    version: '1',
    ...more,
  };
}

function isAlive(pid: number): boolean {
  // A zombie has ended, though nobody has asked how yet.
  return existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

test('a program that will not end is ended with all it started', async () => {
  const dir = await privateDirectory('stubborn');
  const log = () => readFileSync(join(dir, 'node.log'), 'utf8');
  const program = await startProgram(node(STUBBORN, { dir, ready: async () => log().includes('child') }));
  const child = Number(/child (\d+)/.exec(program.log())?.[1]);
  assert.ok(isAlive(child));
  await program.stop();
  assert.deepEqual([isAlive(program.pid), isAlive(child)], [false, false]);
  assert.match(program.log(), /asked/);
  rmSync(dir, { recursive: true });
});

test('a stopped program stands in the report with name, version, pid and the size of its log', async (t) => {
  const dir = await privateDirectory('report');
  const report = join(dir, 'programs.jsonl');
  const before = process.env['OSTIARY_TEST_PROGRAMS'];
  process.env['OSTIARY_TEST_PROGRAMS'] = report;
  t.after(() => {
    if (before === undefined) delete process.env['OSTIARY_TEST_PROGRAMS'];
    else process.env['OSTIARY_TEST_PROGRAMS'] = before;
    rmSync(dir, { recursive: true });
  });
  const program = await startProgram(
    node(POLITE, {
      dir,
      ready: async () => existsSync(join(dir, 'node.log')) && readFileSync(join(dir, 'node.log')).length > 0,
      version: (log) => /version (\S+)/.exec(log)?.[1] ?? 'unknown',
    }),
  );
  await Promise.all([program.stop(), program.stop()]);
  const [line, ...more] = readFileSync(report, 'utf8').trim().split('\n');
  assert.deepEqual(JSON.parse(line ?? ''), { name: 'node', version: '7.1', pid: program.pid, logBytes: 12 });
  assert.deepEqual(more, []);
});

test('a program that ends at once is told of with its last words', async () => {
  const parts = node(`console.error('no such option'); process.exit(1)`, { ready: async () => false });
  await assert.rejects(startProgram(parts), /ended at once[\s\S]*no such option/);
});

test('what is not installed is named in one line with its package', async () => {
  assert.throws(() => needCommand('no-such-daemon', 'daemon-common'), {
    message: 'no-such-daemon is not installed: install the Debian package daemon-common',
  });
  assert.throws(() => needLuaModule('no_such_module', 'lua-nothing'), {
    message: 'Lua 5.4 finds no no_such_module: install the Debian package lua-nothing',
  });
  await assert.rejects(
    startProgram(node('', { command: '/no/such/thing' })),
    /there is no \/no\/such\/thing/,
  );
});
