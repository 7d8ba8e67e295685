/**
 * Changing the files, with copies of what was there, and going back to them. The one place here that writes.
 *
 * Writes into the files that are there, so that owner, mode and links stay. Touches nothing if one of them is not as
 * it was when it was read.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Secret } from '../../base/secret.ts';
import type { FileChange } from './step.ts';

/** Where the copies are, beside the settings. */
export const UNDO_FOLDER = 'ostiary-undo';

const LIST = 'list.json';

/** One file of a change that was made. */
interface Kept {
  readonly file: string;
  /** The name of the copy; undefined where there was no file. */
  readonly copy?: string;
  readonly before?: string;
  readonly after: string;
  /** Folders that were made for it, the innermost first. */
  readonly made?: readonly string[];
}

/** What came of it. */
export type Applied =
  | { readonly files: readonly string[] }
  | { readonly hindrance: string; readonly whatToDo: string };

function hashOf(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

function contentOf(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** Makes the changes. Throws what `node:fs` throws. */
export function apply(folder: string, changes: readonly FileChange[]): Applied {
  for (const { file, before } of changes) {
    const now = contentOf(file)?.toString('utf8');
    if (now !== before)
      return {
        hindrance: `${file} has changed since it was read. Nothing was done.`,
        whatToDo: 'Run this again.',
      };
  }
  const place = join(folder, UNDO_FOLDER, String(newest(folder) + 1));
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const kept = changes.map(({ file, before, after }, at): Kept => {
    const copy = `${String(at + 1).padStart(2, '0')}-${basename(file)}`;
    const made = before === undefined ? missingFolders(dirname(file)) : [];
    if (before === undefined) return { file, after: hashOf(after), made };
    writeFileSync(join(place, copy), before, { mode: 0o600 });
    return { file, copy, before: hashOf(before), after: hashOf(after) };
  });
  // The list is there before the first file is touched: whatever happens then can be taken back.
  writeFileSync(join(place, LIST), `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  for (const { file, after } of changes) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, after);
  }
  return { files: changes.map(({ file }) => file) };
}

function missingFolders(folder: string): readonly string[] {
  return existsSync(folder) || dirname(folder) === folder ? [] : [folder, ...missingFolders(dirname(folder))];
}

/** The number of the newest change; 0 where there is none. */
function newest(folder: string): number {
  const place = join(folder, UNDO_FOLDER);
  const names = existsSync(place) ? readdirSync(place) : [];
  return Math.max(0, ...names.filter((name) => /^\d+$/.test(name)).map(Number));
}

/** Takes the newest change back. Throws what `node:fs` throws. */
export function undo(folder: string): Applied {
  const number = newest(folder);
  if (number === 0)
    return {
      hindrance: `There is nothing to take back in ${join(folder, UNDO_FOLDER)}.`,
      whatToDo: 'Name the folder of the settings with --out.',
    };
  const place = join(folder, UNDO_FOLDER, String(number));
  const kept = JSON.parse(readFileSync(join(place, LIST), 'utf8')) as readonly Kept[];
  for (const { file, before, after } of kept) {
    const now = contentOf(file);
    const hash = now && hashOf(now);
    if (hash !== before && hash !== after)
      return {
        hindrance: `${file} was changed by somebody else since. Nothing was done.`,
        whatToDo: `What was there before is in ${place}: put it back by hand, or make the file again what --apply made it.`,
      };
  }
  for (const { file, copy, made = [] } of kept) {
    if (copy !== undefined) writeFileSync(file, readFileSync(join(place, copy)));
    else {
      rmSync(file, { force: true });
      for (const one of made) if (existsSync(one) && readdirSync(one).length === 0) rmdirSync(one);
    }
  }
  rmSync(place, { recursive: true });
  if (readdirSync(join(folder, UNDO_FOLDER)).length === 0) rmdirSync(join(folder, UNDO_FOLDER));
  return { files: kept.map(({ file }) => file) };
}

/** Writes the settings and their secrets, where none are. Throws what `node:fs` throws. */
export function writeSettings(
  file: string,
  {
    yaml,
    secrets,
  }: {
    readonly yaml: string;
    readonly secrets: readonly { readonly name: string; readonly secret: Secret }[];
  },
): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true });
  for (const { name, secret } of secrets) {
    const place = join(folder, name);
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    writeFileSync(place, secret.reveal(), { mode: 0o600 });
    chmodSync(place, 0o600);
  }
  writeFileSync(file, yaml, { mode: 0o640, flag: 'wx' });
}

/** Is there a file of this name that holds something else? */
export function holdsOther(file: string, content: string): boolean {
  return existsSync(file) && statSync(file).isFile() && readFileSync(file, 'utf8') !== content;
}
