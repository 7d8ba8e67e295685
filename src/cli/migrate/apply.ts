/**
 * Changing the files, with copies of what was there, and going back to them.
 *
 * Touches nothing if one of them is not as it was when it was read, or may not be written. What fails in the middle is
 * put back at once; what is interrupted (the process killed, the machine gone) is taken back by `undo`.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  bytesOf,
  diskCode,
  FILE_MODE,
  FOLDER_MODE,
  isCutShort,
  makeFile,
  whyNotWritable,
  writeOver,
} from './put.ts';
import type { FileChange } from './step.ts';
import { TO_DO } from './todo.ts';

/** Where the copies are, beside the settings. */
export const UNDO_FOLDER = 'ostiary-undo';

const LIST = 'list.json';

/** Is there while files are being written: until it is gone, one of them may be cut short. */
const UNFINISHED = 'unfinished';

/** One file of a change. */
interface Kept {
  readonly file: string;
  /** The name of the copy; undefined where there was no file. */
  readonly copy?: string;
  /** The name of what was to be written. */
  readonly wanted: string;
  readonly before?: string;
  readonly after: string;
  /** Folders that were made for it, the innermost first. */
  readonly made?: readonly string[];
}

/** What came of it. */
export type Applied =
  | { readonly files: readonly string[] }
  | { readonly hindrance: string; readonly whatToDo: string };

const hashOf = (content: Uint8Array | undefined) =>
  content && createHash('sha256').update(content).digest('hex');

const undoLine = (folder: string) => `ostiary migrate --undo --out ${folder}`;

/** Was the last change interrupted? Then nothing that is read can be relied on until it is taken back. */
export function interrupted(folder: string): Applied | undefined {
  const place = join(folder, UNDO_FOLDER, String(numbers(folder)[0]));
  if (!existsSync(join(place, UNFINISHED)) || !existsSync(join(place, LIST))) return undefined;
  return {
    hindrance:
      'The last change was interrupted: some files are changed, others not, and one may be cut short.',
    whatToDo: `Take it back first: ${undoLine(folder)}`,
  };
}

/** The folders of the changes that can be taken back, the oldest first. */
export function keptPlaces(folder: string): readonly string[] {
  return numbers(folder)
    .map((number) => join(folder, UNDO_FOLDER, String(number)))
    .filter((place) => existsSync(join(place, LIST)))
    .reverse();
}

/** Makes the changes; `todo` is kept with the copies. Throws only what is no failure of the disk. */
export function apply(folder: string, changes: readonly FileChange[], todo: readonly string[] = []): Applied {
  const hindrance = interrupted(folder) ?? hindranceOf(changes);
  if (hindrance !== undefined) return hindrance;
  const place = join(folder, UNDO_FOLDER, String((numbers(folder)[0] ?? 0) + 1));
  let isMade = false;
  try {
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
    // Who comes second at the same time finds it there.
    mkdirSync(place, { mode: 0o700 });
    isMade = true;
    keep(place, changes, todo);
  } catch (thrown) {
    const code = diskCode(thrown);
    if (isMade) away(place);
    else tidy(dirname(place));
    return {
      hindrance: `The copies could not be kept in ${place} (${code}). Nothing was done.`,
      whatToDo: 'See that there is room, that this user may write there, and that nobody else does this now.',
    };
  }
  for (const { file, before, after } of changes) {
    const failed = write(file, before, after);
    if (failed !== undefined) return putBack(folder, place, { file, failed });
  }
  const mark = join(place, UNFINISHED);
  try {
    rmSync(mark);
  } catch (thrown) {
    return putBack(folder, place, { file: mark, failed: diskCode(thrown) });
  }
  return { files: changes.map(({ file }) => file) };
}

function hindranceOf(changes: readonly FileChange[]): Applied | undefined {
  for (const { file, before } of changes) {
    const now = bytesOf(file);
    if (before === undefined ? now !== undefined : !now?.equals(Buffer.from(before)))
      return {
        hindrance: `${file} has changed since it was read. Nothing was done.`,
        whatToDo: 'Run this again.',
      };
    const code = whyNotWritable(file);
    if (code !== undefined) return mayNot(file, code);
  }
  return undefined;
}

function mayNot(file: string, code: string): Applied {
  return {
    hindrance: `${file} may not be written by this user (${code}). Nothing was done.`,
    whatToDo: 'Run this as a user who may, as root for example.',
  };
}

/** The copies, then the list: from then on `undo` can take back whatever happens. */
function keep(place: string, changes: readonly FileChange[], todo: readonly string[]): void {
  const kept = changes.map(({ file, before, after }, at): Kept => {
    const copy = `${String(at + 1).padStart(2, '0')}-${basename(file)}`;
    const [is, shall] = [before === undefined ? undefined : Buffer.from(before), Buffer.from(after)];
    const [was, will] = [hashOf(is), hashOf(shall) ?? ''];
    makeFile(join(place, `${copy}.after`), shall, 0o600);
    if (is === undefined || was === undefined)
      return { file, wanted: `${copy}.after`, after: will, made: missingFolders(dirname(file)) };
    makeFile(join(place, copy), is, 0o600);
    return { file, copy, wanted: `${copy}.after`, before: was, after: will };
  });
  makeFile(join(place, TO_DO), Buffer.from(`${JSON.stringify(todo, null, 2)}\n`), 0o600);
  makeFile(join(place, UNFINISHED), Buffer.alloc(0), 0o600);
  makeFile(join(place, `${LIST}.new`), Buffer.from(`${JSON.stringify(kept, null, 2)}\n`), 0o600);
  renameSync(join(place, `${LIST}.new`), join(place, LIST));
}

/** Why it could not be written; undefined where it was. */
function write(file: string, before: string | undefined, after: string): string | undefined {
  try {
    if (before === undefined) {
      mkdirSync(dirname(file), { recursive: true, mode: FOLDER_MODE });
      makeFile(file, Buffer.from(after), FILE_MODE);
      return undefined;
    }
    const was = Buffer.from(before);
    return writeOver(file, Buffer.from(after), (now) => now.equals(was))
      ? undefined
      : 'it was changed by somebody else meanwhile';
  } catch (thrown) {
    return diskCode(thrown);
  }
}

function putBack(
  folder: string,
  place: string,
  { file, failed }: { readonly file: string; readonly failed: string },
): Applied {
  const what = `${file} could not be written (${failed}).`;
  // What somebody else wrote into that one file meanwhile is theirs.
  const undone = takeBack(place, keptIn(place), { leaves: (one) => one === file });
  return 'files' in undone
    ? {
        hindrance: `${what} What was written before it was put back: nothing is changed.`,
        whatToDo: 'Run this again once that is mended.',
      }
    : { hindrance: `${what} ${undone.hindrance}`, whatToDo: `Once that is mended: ${undoLine(folder)}` };
}

function missingFolders(folder: string): readonly string[] {
  return existsSync(folder) || dirname(folder) === folder ? [] : [folder, ...missingFolders(dirname(folder))];
}

/** The numbers of the changes that can be taken back, the newest first. */
function numbers(folder: string): readonly number[] {
  const place = join(folder, UNDO_FOLDER);
  const names = existsSync(place) ? readdirSync(place) : [];
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

/** Takes the newest change back. Throws only what is no failure of the disk. */
export function undo(folder: string): Applied {
  for (const number of numbers(folder)) {
    const place = join(folder, UNDO_FOLDER, String(number));
    // Without a list no file was touched, or all of them are as they were.
    if (existsSync(join(place, LIST))) return takeBack(place, keptIn(place), { leaves: () => false });
    away(place);
  }
  tidy(join(folder, UNDO_FOLDER));
  return {
    hindrance: `There is nothing to take back in ${join(folder, UNDO_FOLDER)}.`,
    whatToDo: 'Name the folder of the settings with --out.',
  };
}

function keptIn(place: string): readonly Kept[] {
  return JSON.parse(readFileSync(join(place, LIST), 'utf8'));
}

/** Of a file that somebody else changed nothing is done, unless it is one that may be left so. */
function takeBack(
  place: string,
  kept: readonly Kept[],
  { leaves }: { readonly leaves: (file: string) => boolean },
): Applied {
  const goes: Kept[] = [];
  for (const one of kept) {
    if (isOurs(place, one)) goes.push(one);
    else if (!leaves(one.file))
      return {
        hindrance: `${one.file} was changed by somebody else since. Nothing was done.`,
        whatToDo: `What was there before is in ${place}: put it back by hand, or make the file again what --apply made it.`,
      };
  }
  const shut = goes.find((one) => hashOf(bytesOf(one.file)) !== one.before && whyNotWritable(one.file));
  if (shut !== undefined) return mayNot(shut.file, whyNotWritable(shut.file) ?? '');
  let file = place;
  try {
    if (!existsSync(join(place, UNFINISHED))) makeFile(join(place, UNFINISHED), Buffer.alloc(0), 0o600);
    for (const one of goes) {
      ({ file } = one);
      restore(place, one);
    }
    away(place);
  } catch (thrown) {
    return {
      hindrance: `${file} could not be put back (${diskCode(thrown)}); the copies are in ${place}.`,
      whatToDo: 'Mend that, and take it back again: what is back already stays.',
    };
  }
  return { files: kept.map((one) => one.file) };
}

/** Is it as it was, as we made it, or what is left where one was written over the other? */
function isOurs(place: string, { file, copy, wanted, before, after }: Kept): boolean {
  const now = bytesOf(file);
  const hash = hashOf(now);
  if (hash === before || hash === after) return true;
  if (now === undefined || !existsSync(join(place, UNFINISHED))) return false;
  const was = copy === undefined ? undefined : readFileSync(join(place, copy));
  const will = readFileSync(join(place, wanted));
  return isCutShort(now, was, will) || (was !== undefined && isCutShort(now, will, was));
}

function restore(place: string, { file, copy, before, made = [] }: Kept): void {
  if (copy !== undefined) {
    const was = readFileSync(join(place, copy));
    if (hashOf(bytesOf(file)) !== before) writeOver(file, was, () => true);
    return;
  }
  rmSync(file, { force: true });
  for (const one of made) if (existsSync(one) && readdirSync(one).length === 0) rmdirSync(one);
}

/** The list first: half of the copies would be no way back. */
function away(place: string): void {
  rmSync(join(place, LIST), { force: true });
  rmSync(place, { recursive: true, force: true });
  tidy(dirname(place));
}

function tidy(all: string): void {
  if (existsSync(all) && readdirSync(all).length === 0) rmdirSync(all);
}
