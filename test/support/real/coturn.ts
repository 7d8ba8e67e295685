/**
 * A real coturn of Debian's, with a file as `ostiary turn-config` prints it and secrets put in as an operator does.
 */
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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

/** A database as Debian's package makes it: left to itself, coturn makes the tables while it answers, and refuses people meanwhile. */
export function makeDatabase(path: string): void {
  execFileSync(needCommand('turnadmin', 'coturn'), ['-l', '-b', path], { stdio: 'ignore', timeout: 10_000 });
}

/** A port that is free for UDP and TCP on all addresses, and that no client is given by the machine. */
export async function freeTurnPort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = 10_000 + randomInt(20_000);
    const [udp, tcp] = [createSocket('udp4'), createServer()];
    const bound = [once(udp, 'listening'), once(tcp, 'listening')];
    udp.bind(port, '0.0.0.0');
    tcp.listen(port, '0.0.0.0');
    const free = await Promise.all(bound).then(
      () => true,
      () => false,
    );
    // One that could not be bound is closed already.
    await Promise.allSettled([
      new Promise<void>((done) => udp.close(() => done())),
      new Promise((done) => tcp.close(done)),
    ]);
    if (free) return port;
  }
  throw new Error('no port is free for coturn');
}

/** The names a database holds. */
export function namesIn(path: string): readonly string[] {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return db
      .prepare('SELECT name FROM turnusers_lt ORDER BY name')
      .all()
      .map(({ name }) => String(name));
  } finally {
    db.close();
  }
}

/** Starts it. `file` must name the port of `at`. */
export async function startCoturn(file: string, at: At): Promise<Coturn> {
  const dir = await privateDirectory('coturn');
  const conf = join(dir, 'turnserver.conf');
  const userdb = join(dir, 'turndb');
  makeDatabase(userdb);
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
