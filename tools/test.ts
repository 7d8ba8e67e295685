/**
 * `npm test`: checks, installs what is missing where it may, runs everything and
 * writes `test-report.json`. `--fast` runs what needs neither network nor other programs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from './packages.ts';
import {
  type Counts,
  countsOf,
  FAST,
  filesOf,
  GROUPS,
  type Group,
  programsOf,
  strays,
  sumOf,
} from './test-plan.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

/** Runs one group with node's own runner; `shown: 'after'` keeps its words back until it has ended. */
async function run(group: Group, folder: string, shown: 'now' | 'after'): Promise<Counts> {
  const summary = join(folder, `${group.name}.tap`);
  const child = spawn(
    process.execPath,
    [
      '--test',
      ...(group.together === 'one process'
        ? ['--test-isolation=none']
        : [`--test-concurrency=${group.together}`]),
      `--test-timeout=${group.seconds * 1000}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${summary}`,
      ...filesOf(group),
    ],
    {
      stdio: ['ignore', shown === 'now' ? 'inherit' : 'pipe', 'inherit'],
      // A fast group starts no real program; what it tries out itself does not belong in the report.
      env: { ...process.env, OSTIARY_TEST_PROGRAMS: group.fast ? '' : join(folder, 'programs.jsonl') },
      timeout: group.minutes * 60_000,
    },
  );
  const words: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => words.push(chunk));
  const status = await new Promise<number | null>((done) => child.once('close', done));
  const counts = existsSync(summary) ? countsOf(readFileSync(summary, 'utf8')) : undefined;
  process.stdout.write(Buffer.concat(words));
  if (counts === undefined)
    say(`${group.name} ended before it was done (its limit is ${group.minutes} minutes).`);
  if (counts === undefined || (status !== 0 && counts.failed === 0)) return { ...sumOf([counts]), failed: 1 };
  return counts;
}

/** One fast group beside the other, then one real one after the other, so that no two are in each other's way. */
async function runAll(groups: readonly Group[], folder: string): Promise<Counts[]> {
  const [first, ...beside] = groups.filter(({ fast }) => fast);
  const waiting = beside.map((group) => run(group, folder, 'after'));
  const all = first === undefined ? [] : [await run(first, folder, 'now')];
  all.push(...(await Promise.all(waiting)));
  for (const group of groups.filter(({ fast }) => !fast)) all.push(await run(group, folder, 'now'));
  return all;
}

/** Everything that must hold before the whole is run; what it returns is why it does not. */
function prepared(): string | undefined {
  const { status } = spawnSync('npm', ['run', '--silent', 'check'], { stdio: 'inherit' });
  return status === 0 ? ensurePackages() : 'The check failed; no test was run.';
}

async function main(fast: boolean): Promise<number> {
  const started = new Date().toISOString();
  const groups = fast ? FAST : GROUPS;
  const unready = fast ? undefined : prepared();
  if (unready !== undefined) {
    say(unready);
    return 1;
  }
  const faults = [
    ...strays(globSync('{src,demo,sdk,test,tools,bench}/**/*.test.ts')).map(
      (file) => `No group of tools/test-plan.ts runs ${file}.`,
    ),
    ...groups
      .filter((group) => filesOf(group).length === 0)
      .map(({ name }) => `The group ${name} holds no test.`),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-test-'));
  try {
    const tests = sumOf(
      await runAll(
        groups.filter((group) => filesOf(group).length > 0),
        folder,
      ),
    );
    if (!fast) {
      const programs = programsOf(join(folder, 'programs.jsonl'));
      writeFileSync(
        'test-report.json',
        `${JSON.stringify({ node: process.version, started, tests, programs }, null, 2)}\n`,
      );
    }
    for (const fault of faults) say(fault);
    say(`${tests.passed} passed, ${tests.failed} failed`);
    return faults.length > 0 || tests.failed > 0 || tests.passed === 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

process.chdir(join(import.meta.dirname, '..'));
process.exitCode = await main(process.argv.includes('--fast'));
