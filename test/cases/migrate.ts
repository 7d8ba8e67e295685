/**
 * The golden cases of `ostiary migrate`: a folder `in` as somebody has it on their machine, what is said of it, the
 * settings that come of it, and the files that change.
 *
 * `node test/cases/migrate.ts NAME…` writes what is expected anew, to be read before it is committed.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Secret } from '../../src/base/secret.ts';
import { runCli } from '../../src/cli/program.ts';

const FOLDER = join(import.meta.dirname, 'migrate');

/** Texts by the name of their file. */
export type Files = Readonly<Record<string, string>>;

/** What one command line said. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The folders of one case on a disk of its own. */
export interface Machine {
  readonly root: string;
  /** Runs `ostiary migrate` beside the folder `in`, as `out`. */
  migrate(...words: readonly string[]): Promise<Said>;
  /** The same with an environment. */
  migrateWith(env: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Said>;
  files(folder: string): Files;
  away(): void;
}

/** Every case there is. */
export function migrateCases(): readonly string[] {
  return readdirSync(FOLDER).sort();
}

/** Every file below a folder as text. */
export function filesBelow(folder: string): Files {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => relative(folder, join(one.parentPath, one.name)))
    .sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** A machine as the case describes it. */
export function machineOf(name: string): Machine {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'ostiary-migrate-')));
  cpSync(join(FOLDER, name, 'in'), join(root, 'in'), { recursive: true });
  mkdirSync(join(root, 'out'));
  return {
    root,
    migrate(...words) {
      return this.migrateWith({}, ...words);
    },
    async migrateWith(env, ...words) {
      const said: { out: string[]; err: string[] } = { out: [], err: [] };
      const code = await runCli({
        out: (text) => void said.out.push(text),
        err: (text) => void said.err.push(text),
        env,
        argv: ['migrate', ...words],
        cwd: join(root, 'out'),
        now: () => 1_780_000_000_000,
        secret: async () => new Secret(''),
        ask: async () => '',
        typed: () => false,
        on: () => () => {},
      });
      // Where the folders happen to be is nobody's business.
      const plain = (lines: readonly string[]) =>
        lines.join('\n').replaceAll(`${root}/in/`, '/').replaceAll(`${root}/out`, '/etc/ostiary');
      return { code, out: plain(said.out), err: plain(said.err) };
    },
    files: (folder) => filesBelow(join(root, folder)),
    away: () => rmSync(root, { recursive: true }),
  };
}

/** What is expected of a case. */
export interface Expected {
  readonly said: string;
  readonly settings: string | undefined;
  readonly after: Files;
  /** What `--json` prints, in cases that hold it. */
  readonly json: string | undefined;
}

/** As it was written down. */
export function expectedOf(name: string): Expected {
  const text = (file: string) => {
    const path = join(FOLDER, name, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  return {
    said: text('said.txt') ?? '',
    settings: text('ostiary.yaml'),
    after: filesBelow(join(FOLDER, name, 'after')),
    json: text('said.json'),
  };
}

/** What a case comes to: everything at the terminal, the settings, and the files that are not as they were. */
export async function outcomeOf(
  machine: Machine,
  words: readonly string[] = ['../in'],
): Promise<Omit<Expected, 'json'>> {
  const before = machine.files('in');
  const { code, out, err } = await machine.migrate(...words);
  const written = machine.files('out')['ostiary.yaml'];
  if (written !== undefined) await machine.migrate(...words, '--apply');
  const after = machine.files('in');
  // A secret that was made is another one each time.
  const made = machine.files('out')['secrets/prosody'] ?? 'none was made';
  const plain = (text: string) =>
    text
      .replaceAll(`${machine.root}/in/`, '/')
      .replaceAll(`${machine.root}/out`, '/etc/ostiary')
      .replaceAll(made, 'SECRET-THAT-WAS-MADE');
  return {
    said: `${[out, err, `exit code ${code}`].filter((text) => text !== '').join('\n\n')}\n`,
    settings: written === undefined ? undefined : plain(written),
    after: Object.fromEntries(
      Object.entries(after)
        .filter(([name, text]) => before[name] !== text)
        .map(([name, text]) => [name, plain(text)]),
    ),
  };
}

/** What `--json` prints of a case. */
export async function jsonOf(machine: Machine): Promise<string> {
  return `${(await machine.migrate('../in', '--json')).out}\n`;
}

/** Writes down what a case comes to. */
async function write(name: string): Promise<void> {
  const machine = machineOf(name);
  const { said, settings, after } = await outcomeOf(machine);
  machine.away();
  if (expectedOf(name).json !== undefined) {
    const another = machineOf(name);
    writeFileSync(join(FOLDER, name, 'said.json'), await jsonOf(another));
    another.away();
  }
  rmSync(join(FOLDER, name, 'after'), { recursive: true, force: true });
  rmSync(join(FOLDER, name, 'ostiary.yaml'), { force: true });
  const files = { 'said.txt': said, ...(settings !== undefined && { 'ostiary.yaml': settings }) };
  const all = {
    ...files,
    ...Object.fromEntries(Object.entries(after).map(([file, text]) => [`after/${file}`, text])),
  };
  for (const [file, text] of Object.entries(all)) {
    const path = join(FOLDER, name, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

if (import.meta.main) for (const name of process.argv.slice(2)) await write(name);
