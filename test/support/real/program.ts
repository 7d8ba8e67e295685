/**
 * Real programs for tests: started in a process group of their own, waited for, and ended with all they started.
 *
 * Everything they print goes to a file that only we read. Ends nothing it did not start. Knows no program by name.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A program that runs. */
export interface Program {
  readonly pid: number;
  /** Everything it has printed so far; the last of it after it has stopped. */
  log(): string;
  /** Asks it to end, insists after three seconds, and returns once it is gone. */
  stop(): Promise<void>;
}

/** What to start and how to know that it is up. */
export interface ProgramParts {
  /** As the report calls it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** A private directory to work and log in, left to whoever made it; one of its own if not given. */
  readonly dir?: string;
  /** Asked every 50 ms for ten seconds; what it throws means no. */
  readonly ready: () => Promise<boolean>;
  /** Told, or read off the log. */
  readonly version: string | ((log: string) => string);
}

const READY_WITHIN = 10_000;
const ASK_EVERY = 50;
const STOP_WITHIN = 3000;

/** A new directory nobody else can read. */
export function privateDirectory(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `ostiary-${name}-`));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause;
  }
}

/** What the report of a whole run says of one program. */
export interface ReportLine {
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly logBytes: number;
}

/** Enters a program in the report; only for one that `startProgram` cannot start, since it talks over its standard streams. */
export function enterInReport(line: ReportLine): void {
  const file = process.env['OSTIARY_TEST_PROGRAMS'];
  if (file !== undefined && file !== '') appendFileSync(file, `${JSON.stringify(line)}\n`);
}

function launch(parts: ProgramParts, dir: string, logFile: string): ChildProcess {
  const output = openSync(logFile, 'a', 0o600);
  const child = spawn(parts.command, parts.args, {
    cwd: dir,
    env: { ...process.env, ...parts.env },
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  return child;
}

async function isReady({ ready }: ProgramParts): Promise<boolean> {
  try {
    return await ready();
  } catch {
    // Not listening yet, or half an answer: asked again until the time is up.
    return false;
  }
}

async function untilReady(parts: ProgramParts, isGone: () => boolean): Promise<boolean> {
  const end = performance.now() + READY_WITHIN;
  while (performance.now() < end && !isGone()) {
    if (await isReady(parts)) return true;
    await pause(ASK_EVERY);
  }
  return false;
}

/**
 * Starts a program and waits until it is ready. Throws with the end of its log when it is not within ten seconds.
 * It is ended with this process at the latest.
 */
export async function startProgram(parts: ProgramParts): Promise<Program> {
  const dir = parts.dir ?? (await privateDirectory(parts.name));
  const logFile = join(dir, `${parts.name}.log`);
  const clean = () => {
    if (parts.dir === undefined) rmSync(dir, { recursive: true, force: true });
  };
  const child = launch(parts, dir, logFile);
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let isGone = false;
  gone.then(() => {
    isGone = true;
  });
  const { pid } = child;
  if (pid === undefined) {
    await gone;
    clean();
    throw new Error(`${parts.name} cannot be started: there is no ${parts.command}`);
  }
  const killNow = () => signalGroup(pid, 'SIGKILL');
  process.once('exit', killNow);
  let last: string | undefined;
  const log = () => last ?? readFileSync(logFile, 'utf8');
  const finish = async () => {
    signalGroup(pid, 'SIGTERM');
    await Promise.race([gone, pause(STOP_WITHIN, undefined, { ref: false })]);
    killNow();
    await gone;
    process.off('exit', killNow);
    last = log();
    const version = typeof parts.version === 'string' ? parts.version : parts.version(last);
    enterInReport({ name: parts.name, version, pid, logBytes: Buffer.byteLength(last) });
    clean();
  };
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= finish();
    return ending;
  };
  if (await untilReady(parts, () => isGone)) return { pid, log, stop: end };
  const story = isGone ? 'ended at once' : `was not ready within ${READY_WITHIN / 1000} s`;
  await end();
  throw new Error(`${parts.name} ${story}; the end of its log:\n${log().slice(-4000)}`);
}
