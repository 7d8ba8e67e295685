/**
 * The one file that holds everything, copied while it is in use, and put back.
 */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { isProblem } from '../base/problem.ts';
import type { Store } from '../base/store.ts';
import type { Config } from '../config/load.ts';
import { CONFIG, type Command, complain, type ExitCode, type Io, JSON_OUT } from './command.ts';
import { hindranceAt, terminalLog, withConfig, withParts } from './open.ts';
import { json } from './text.ts';

/** How every SQLite file begins. @see https://www.sqlite.org/fileformat.html, section 1.3 */
const SQLITE = 'SQLite format 3\0';

/** Milliseconds to find out whether a server listens on this machine. */
const ANSWER = 1000;

/** What SQLite keeps beside a file; it belongs to that file alone. */
const BESIDE = ['', '-wal', '-shm'];

/** `ostiary backup` */
export const backup: Command = {
  name: 'backup',
  does: 'copy the store to a file, while the server runs',
  about:
    'The copy holds who is signed in, the keys we sign with and the audit: keep it as you keep keys. Nobody can use it to take over a session. The configuration is not in it.',
  takes: [
    { name: 'file', does: 'where the copy goes; an older copy there is replaced once the new one is whole' },
  ],
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withParts(io, given, async ({ store }) => {
      const file = resolve(io.cwd, given.words[0] ?? '');
      if (!canCopy(store)) return complain(io, 'This store cannot be copied.', 'Set store.path to a file.');
      try {
        if (existsSync(file) && !isDatabase(file))
          return complain(
            io,
            `${file} is there and is no copy of a store.`,
            'Name another file: this one would be lost.',
          );
        await store.backup(file);
      } catch (thrown) {
        const why = whyNotWritten(thrown);
        if (why === undefined) throw thrown;
        return complain(
          io,
          `The copy cannot be written to ${file} (${why}).`,
          `Name a file in a folder that is there, has room, and that ${userInfo().username} may write to.`,
        );
      }
      io.out(given.flag('json') ? json({ file }) : `The store is copied to ${file}.`);
      return 0;
    }),
};

/** `ostiary restore` */
export const restore: Command = {
  name: 'restore',
  does: 'put a copy of the store back, while the server is stopped',
  about:
    'What is there now is moved aside, not deleted. Whoever signed in since the copy was made signs in again. What was ended, spent or revoked since is as it was: sessions, one-time entries, keys. A new signing key is brought in at the next start.',
  takes: [{ name: 'file', does: 'a copy made by "ostiary backup"' }],
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withConfig(io, given, async (config) => {
      const { path } = config.store;
      const file = resolve(io.cwd, given.words[0] ?? '');
      if (!existsSync(file) || !isDatabase(file))
        return complain(io, `${file} is no copy of a store.`, 'Name a file that "ostiary backup" made.');
      const hindrance = existsSync(path) || path === ':memory:' ? hindranceAt(path) : undefined;
      if (hindrance) return complain(io, ...hindrance);
      if (await isServed(config))
        return complain(
          io,
          'The server is running.',
          'Stop it first: it would go on with the file it has open.',
        );
      return putBack(io, { file, config, asJson: given.flag('json') });
    }),
};

/** Opens a copy of the copy first: what does not open here would not open at the next start either. */
async function putBack(
  io: Io,
  { file, config, asJson }: { readonly file: string; readonly config: Config; readonly asJson: boolean },
): Promise<ExitCode> {
  const { path } = config.store;
  const fresh = `${path}.restoring`;
  for (const end of BESIDE) rmSync(fresh + end, { force: true });
  copyFileSync(file, fresh);
  chmodSync(fresh, 0o600);
  try {
    const { openParts } = await import('../app.ts');
    const parts = await openParts(
      { ...config, store: { path: fresh } },
      { clock: { now: io.now }, log: terminalLog(io) },
    );
    await parts.store.ping();
    await parts.close();
    const aside = existsSync(path)
      ? `${path}.before-${new Date(io.now()).toISOString().replace(/\D/g, '').slice(0, 14)}`
      : undefined;
    // With what stands beside it, or its last writes would be read into the copy.
    for (const end of BESIDE)
      if (aside !== undefined && existsSync(path + end)) renameSync(path + end, aside + end);
    renameSync(fresh, path);
    if (asJson) io.out(json({ store: path, ...(aside !== undefined && { aside }) }));
    else
      io.out(
        `${path} is what ${file} holds.${aside === undefined ? '' : `\nWhat was there is now ${aside}.`}`,
      );
    io.err(
      'Keys and sessions that were ended since the copy was made are there again: see "ostiary keys list" and "ostiary sessions list".',
    );
    return 0;
  } finally {
    for (const end of BESIDE) rmSync(fresh + end, { force: true });
  }
}

/** Only a store in a file can be copied; the port does not promise it. */
function canCopy(store: Store): store is Store & { backup(path: string): Promise<void> } {
  return 'backup' in store && typeof store.backup === 'function';
}

/** What the system said of the file the copy goes to; undefined where it is the store itself that failed. */
function whyNotWritten(thrown: unknown): string | undefined {
  if (isProblem(thrown)) {
    const { errno } = thrown.facts;
    if (errno !== undefined) return String(errno);
    return thrown.code === 'store.full' ? 'no room' : undefined;
  }
  return thrown instanceof Error && 'syscall' in thrown && 'code' in thrown ? String(thrown.code) : undefined;
}

function isDatabase(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const head = Buffer.alloc(SQLITE.length);
    return readSync(handle, head) === head.length && head.toString('latin1') === SQLITE;
  } finally {
    closeSync(handle);
  }
}

/** Does anybody listen where the server would? */
async function isServed({ listen }: Config): Promise<boolean> {
  const { host, port } = listen.inner;
  if (port === 0) return false;
  return new Promise((done) => {
    const socket = createConnection({
      host: host === '0.0.0.0' || host === '::' ? 'localhost' : host,
      port,
      timeout: ANSWER,
    });
    const answer = (served: boolean) => {
      socket.destroy();
      done(served);
    };
    socket.on('connect', () => answer(true));
    socket.on('timeout', () => answer(false));
    socket.on('error', () => answer(false));
  });
}
