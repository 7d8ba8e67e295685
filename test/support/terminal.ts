/**
 * A terminal for tests: a folder of its own, a clock that stands still, and what was said kept.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openParts, type Parts } from '../../src/app.ts';
import { type FixedClock, fixedClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { Secret } from '../../src/base/secret.ts';
import type { ExitCode, Signal } from '../../src/cli/command.ts';
import { runCli } from '../../src/cli/program.ts';
import { parseConfig } from '../../src/config/load.ts';

/** The least a configuration file can say, with an address nobody answers at. */
export const TERMINAL_CONFIG = {
  publicUrl: 'https://meet.example.org',
  trustedProxies: ['127.0.0.1'],
  jitsi: { roles: 'enforced' },
  listen: { public: { port: 0 }, inner: { port: 0 } },
  providers: [
    { id: 'idp', issuer: 'https://127.0.0.1:9', clientId: 'meet', clientSecret: 'a-secret-of-ours' },
  ],
  hosts: ['staff'],
} as const;

/** What one command line did. */
export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** A terminal in a folder of its own. */
export interface Terminal {
  readonly folder: string;
  readonly clock: FixedClock;
  readonly env: Record<string, string | undefined>;
  /** Runs one command line: each word an argument. */
  run(...argv: readonly string[]): Promise<Ran>;
  /** As `run`, with its output read as JSON. */
  json<T>(...argv: readonly string[]): Promise<T>;
  /** Writes `ostiary.yaml`: the least, and what stands here instead of it. */
  configure(more: Readonly<Record<string, unknown>>): void;
  /** The parts of a server on the same store; closed at the end of the test. */
  server(): Promise<Parts>;
  /** What is typed without being shown, or piped in, line by line. */
  types(...lines: readonly string[]): void;
  /** What is piped in, and typed by nobody. */
  pipes(...lines: readonly string[]): void;
  /** Sends a signal to what is running. */
  send(signal: Signal): void;
  /** Resolves as soon as a command listens for this signal. */
  listens(signal: Signal): Promise<void>;
}

/** Opens a terminal; the test takes its folder away. */
export function openTerminal(context: TestContext): Terminal {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-cli-'));
  const clock = fixedClock();
  const env: Record<string, string | undefined> = {};
  const open: Parts[] = [];
  const heard = new Map<Signal, Set<() => void>>();
  const waiting = new Map<Signal, () => void>();
  context.after(async () => {
    for (const parts of open) await parts.close();
    rmSync(folder, { recursive: true });
  });

  let yaml = '';
  const configure = (more: Readonly<Record<string, unknown>>) => {
    yaml = JSON.stringify({ ...TERMINAL_CONFIG, ...more });
    writeFileSync(join(folder, 'ostiary.yaml'), yaml, { mode: 0o600 });
  };
  configure({});

  let typing: { lines: string[]; typed: boolean } = { lines: [], typed: true };

  async function run(...argv: readonly string[]): Promise<Ran> {
    const said: { out: string[]; err: string[] } = { out: [], err: [] };
    const code = await runCli({
      out: (text) => void said.out.push(text),
      err: (text) => void said.err.push(text),
      env,
      argv,
      cwd: folder,
      now: clock.now,
      secret: async () => new Secret(typing.lines.shift() ?? ''),
      ask: async (prompt) => (said.err.push(prompt), typing.lines.shift()),
      typed: () => typing.typed,
      on: (signal, told) => {
        const all = heard.get(signal) ?? new Set();
        heard.set(signal, all.add(told));
        waiting.get(signal)?.();
        return () => void all.delete(told);
      },
    });
    return { code, out: said.out.join('\n'), err: said.err.join('\n') };
  }

  return {
    folder,
    clock,
    env,
    run,
    configure,
    async json(...argv) {
      const { out, err } = await run(...argv, '--json');
      if (out === '') throw new Error(err);
      return JSON.parse(out);
    },
    async server() {
      const readFile = () => '';
      const loaded = parseConfig({ yamlText: yaml, env: {}, readFile, folder });
      if ('complaints' in loaded) throw new Error(JSON.stringify(loaded.complaints));
      const parts = await openParts(loaded.config, { clock, log: silentLog });
      open.push(parts);
      return parts;
    },
    types: (...lines) => {
      typing = { lines: [...lines], typed: true };
    },
    pipes: (...lines) => {
      typing = { lines: [...lines], typed: false };
    },
    send: (signal) => {
      for (const told of heard.get(signal) ?? []) told();
    },
    listens: (signal) =>
      new Promise((done) => {
        if ((heard.get(signal)?.size ?? 0) > 0) done();
        else waiting.set(signal, done);
      }),
  };
}
