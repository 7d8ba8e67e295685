/**
 * A real coturn of Debian's, with a file as `ostiary turn-config` prints it and secrets put in as an operator does.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type At, bindingAnswered } from '../turn-client.ts';
import { versionOf } from './debian.ts';
import { needCommand } from './need.ts';
import { privateDirectory, startProgram } from './program.ts';

/** A running coturn. */
export interface Coturn {
  readonly at: At;
  readonly pid: number;
  log(): string;
  /** Takes it away and brings it back with another file. */
  restart(file: string): Promise<void>;
  stop(): Promise<void>;
}

/** Completes the lines that wait for a secret, the first with the first. */
export function withSecrets(file: string, secrets: readonly string[]): string {
  let at = 0;
  return file.replace(/^#static-auth-secret=$/gm, () => `static-auth-secret=${secrets[at++] ?? ''}`);
}

/** Starts it. `file` must name the port of `at`. */
export async function startCoturn(file: string, at: At): Promise<Coturn> {
  const dir = await privateDirectory('coturn');
  const conf = join(dir, 'turnserver.conf');
  const userdb = join(dir, 'turndb');
  // As Debian's package does when it is installed: left to itself, coturn makes the tables while it answers, and refuses people meanwhile.
  execFileSync(needCommand('turnadmin', 'coturn'), ['-l', '-b', userdb], {
    stdio: 'ignore',
    timeout: 10_000,
  });
  const start = (text: string) => {
    writeFileSync(conf, text, { mode: 0o600 });
    return startProgram({
      name: 'coturn',
      command: needCommand('turnserver', 'coturn'),
      args: [
        ...['-c', conf, '--pidfile', join(dir, 'pid'), '--log-file', 'stdout', '--simple-log', '--verbose'],
        ...(/^userdb=/m.test(text) ? [] : ['--userdb', userdb]),
      ],
      dir,
      ready: async () => {
        await bindingAnswered(at);
        return true;
      },
      version: versionOf('coturn'),
    });
  };
  let program = await start(file);
  return {
    at,
    get pid() {
      return program.pid;
    },
    log: () => program.log(),
    restart: async (text) => {
      await program.stop();
      program = await start(text);
    },
    stop: async () => {
      await program.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
