/**
 * Which tests run together, and how what they say is counted. Starts nothing.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';

/** Tests that run in one go. */
export interface Group {
  readonly name: string;
  readonly patterns: readonly string[];
  /** Needs neither network nor other programs. */
  readonly fast: boolean;
  /** All files in one process, or this many files at a time in one each. */
  readonly together: 'one process' | number;
  /** The longest one test may take. */
  readonly seconds: number;
  /** The longest the whole group may take. */
  readonly minutes: number;
}

/** What one run, or all of them, came to. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const quick = { fast: true, together: 'one process', seconds: 60, minutes: 5 } as const;
const real = { fast: false, seconds: 240, minutes: 20 } as const;

/**
 * Every group, in the order in which they run. Unit tests share a process, because starting one for each
 * file takes longer than they do; what speaks to files, sockets and child processes has a second one beside it.
 */
export const GROUPS: readonly Group[] = [
  {
    name: 'units',
    patterns: [
      'src/{base,policy,keys,pages,tokens,identity,config,admission,web,gateway,app}/**/*.test.ts',
      'test/{house,cases,contract}/**/*.test.ts',
      'sdk/**/*.test.ts',
    ],
    ...quick,
  },
  {
    name: 'machine',
    patterns: [
      'src/{store,observe,outbound,serve,cli}/**/*.test.ts',
      'src/*.test.ts',
      'test/support/**/*.test.ts',
    ],
    ...quick,
  },
  { name: 'security', patterns: ['test/security/**/*.test.ts'], together: 2, ...real },
  { name: 'prosody', patterns: ['test/prosody/**/*.test.ts'], together: 1, ...real },
  { name: 'e2e', patterns: ['test/e2e/**/*.test.ts'], together: 1, ...real },
];

/** What `npm run test:fast` runs. */
export const FAST: readonly Group[] = GROUPS.filter(({ fast }) => fast);

/** The files of a group. */
export function filesOf({ patterns }: Group): string[] {
  return patterns.flatMap((pattern) => globSync(pattern)).sort();
}

/** Test files that no group runs. */
export function strays(files: readonly string[]): string[] {
  const patterns = GROUPS.flatMap((group) => group.patterns);
  return files.filter((file) => !patterns.some((pattern) => matchesGlob(file, pattern)));
}

/** The last lines of node's TAP, as counts; undefined when it ended before it wrote them. */
export function countsOf(tap: string): Counts | undefined {
  const [pass, fail, cancelled, skipped, todo] = ['pass', 'fail', 'cancelled', 'skipped', 'todo'].map(
    (name) =>
      // The last such line: a test may have said one like it before.
      Number([...tap.matchAll(new RegExp(`^# ${name} (\\d+)$`, 'gm'))].at(-1)?.[1]),
  );
  if ([pass, fail, cancelled, skipped, todo].some((count) => count === undefined || Number.isNaN(count)))
    return undefined;
  return { passed: pass ?? 0, failed: (fail ?? 0) + (cancelled ?? 0), skipped: (skipped ?? 0) + (todo ?? 0) };
}

/** All counts together; a run without counts adds nothing. */
export function sumOf(all: readonly (Counts | undefined)[]): Counts {
  const sum = (of: keyof Counts) => all.reduce((total, counts) => total + (counts?.[of] ?? 0), 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** What the helpers of the tests wrote of each real program they started: a line of JSON each. */
export function programsOf(file: string): unknown[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}
