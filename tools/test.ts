/**
 * `npm test`: installs what is missing where it may, checks, and runs everything;
 * `--fast` runs what needs neither network nor other programs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGES } from './packages.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Program {
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly log?: string;
}

/** What runs without network and without other programs. */
const FAST = ['src/**/*.test.ts', 'test/house/*.test.ts', 'test/contract/*.test.ts', 'test/cases/*.test.ts'];
/** What starts real programs; a file at a time where they would be in each other's way. */
const FULL: readonly (readonly [pattern: string, together: number])[] = [
  ['test/security/*.test.ts', 2],
  ['test/prosody/*.test.ts', 1],
  ['test/e2e/*.test.ts', 1],
];
const POLICY = '/usr/sbin/policy-rc.d';
const say = (text: string) => process.stdout.write(`${text}\n`);

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): number {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) throw error;
  return status ?? 1;
}

/** Installs what is missing, so that none of it starts; or says the one line and gives up. */
function ensurePackages(): void {
  const missing = PACKAGES.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
  if (missing.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (process.getuid?.() !== 0 || !/^ID(?:_LIKE)?=.*(?:debian|ubuntu)/m.test(release)) {
    say(`The tests need programs that are not here. As root on Debian or Ubuntu: ${line}`);
    process.exit(1);
  }
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-q'], quiet);
    const status = run('apt-get', line.split(' ').slice(1), quiet);
    if (status !== 0) process.exit(status);
  } finally {
    if (ours) rmSync(POLICY);
  }
}

/** Runs one set of files and counts what node's own runner counted. */
function runTests(
  patterns: readonly string[],
  options: { together?: number; env?: Readonly<Record<string, string>> } = {},
): Counts {
  const files = patterns.flatMap((pattern) => globSync(pattern)).sort();
  const counts = { passed: 0, failed: 0, skipped: 0 };
  if (files.length === 0) return counts;
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-tests-'));
  const summary = join(folder, 'summary.tap');
  try {
    const concurrency = options.together === undefined ? [] : [`--test-concurrency=${options.together}`];
    const reporters = [
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${summary}`,
    ];
    const status = run(process.execPath, ['--test', ...concurrency, ...reporters, ...files], options.env);
    const tap = readFileSync(summary, 'utf8');
    const total = (name: string) =>
      Number(tap.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? Number.NaN);
    counts.passed = total('pass');
    counts.failed = total('fail') + total('cancelled');
    counts.skipped = total('skipped') + total('todo');
    if (Object.values(counts).some(Number.isNaN)) throw new Error('the summary of the test run is missing');
    if (status !== 0 && counts.failed === 0) counts.failed = 1;
    return counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function programsOf(file: string): readonly (Omit<Program, 'log'> & { readonly logBytes: number })[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const { log, ...program } = JSON.parse(line) as Program & { logBytes?: number };
    const logBytes = program.logBytes ?? (log !== undefined && existsSync(log) ? statSync(log).size : 0);
    return { ...program, logBytes };
  });
}

function main(): void {
  const fast = process.argv.includes('--fast');
  const started = new Date().toISOString();
  if (!fast) {
    ensurePackages();
    if (run('npm', ['run', '--silent', 'check']) !== 0) {
      say('The check failed; no test was run.');
      say('0 passed, 1 failed');
      process.exit(1);
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-programs-'));
  const programs = join(folder, 'programs.jsonl');
  const env = { OSTIARY_TEST_PROGRAMS: programs };
  const all: Counts[] = [runTests(FAST, { env })];
  if (!fast) for (const [pattern, together] of FULL) all.push(runTests([pattern], { together, env }));
  const sum = (of: keyof Counts) => all.reduce((total, counts) => total + counts[of], 0);
  const tests = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  if (!fast)
    writeFileSync(
      'test-report.json',
      `${JSON.stringify({ node: process.version, started, tests, programs: programsOf(programs) }, null, 2)}\n`,
    );
  rmSync(folder, { recursive: true });
  const empty = all.some(({ passed, failed }) => passed + failed === 0);
  if (empty) say('A part of the tests holds no test.');
  say(`${tests.passed} passed, ${tests.failed} failed`);
  process.exitCode = tests.failed > 0 || tests.passed === 0 || empty ? 1 : 0;
}

main();
