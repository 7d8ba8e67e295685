/**
 * Writing a file where it stands, so that owner, mode, links and whatever else hangs on it stay. What is cut short is
 * the beginning of the one content and the end of the other, and can be told from what somebody else wrote.
 *
 * Throws what `node:fs` throws.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lchownSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Of what is made for Jitsi's programs to read: nobody else writes it, whatever the umask says. */
export const FILE_MODE = 0o644;
/** The same of a folder. */
export const FOLDER_MODE = 0o755;

/** The bytes of a file; undefined where there is none. */
export function bytesOf(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** The code of a failure of the disk, such as ENOSPC. Throws on whatever is none. */
export function diskCode(thrown: unknown): string {
  if (thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string') return thrown.code;
  throw thrown;
}

/** Why this user may not write there, as a code; undefined where they may. Of a file that is not there, its folder counts. */
export function whyNotWritable(file: string): string | undefined {
  try {
    // Opening asks for everything that can stand in the way, a file that nobody may change included.
    if (existsSync(file)) closeSync(openSync(file, 'r+'));
    else accessSync(nearest(dirname(file)), constants.W_OK | constants.X_OK);
    return undefined;
  } catch (thrown) {
    return diskCode(thrown);
  }
}

function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

function writeAll(handle: number, content: Buffer): void {
  for (let at = 0; at < content.length; ) at += writeSync(handle, content, at, content.length - at, at);
  fsyncSync(handle);
}

/** To `chown`: the owner stays. */
const SAME_OWNER = -1;

/** Where the disk knows no groups, what is written stays for its owner: the steps name the command. */
function giveGroup(give: () => void): void {
  try {
    give();
  } catch (thrown) {
    diskCode(thrown);
  }
}

/** Makes a folder, of the group `gid` where one is given. One that is there stays as it is. */
export function makeFolder(folder: string, mode: number, gid?: number): void {
  const isNew = mkdirSync(folder, { recursive: true, mode }) !== undefined;
  if (!isNew || gid === undefined) return;
  giveGroup(() => lchownSync(folder, SAME_OWNER, gid));
  chmodSync(folder, mode);
}

/** Makes a file, of the group `gid` where one is given. Throws where there is one. */
export function makeFile(file: string, content: Buffer, mode?: number, gid?: number): void {
  const handle = openSync(file, 'wx', mode);
  try {
    if (gid !== undefined) {
      // By the handle: whoever owns the folder may have put another file's name in its place.
      giveGroup(() => fchownSync(handle, SAME_OWNER, gid));
      if (mode !== undefined) fchmodSync(handle, mode);
    }
    writeAll(handle, content);
  } finally {
    closeSync(handle);
  }
}

/** Writes over a file that holds what is expected; false, and nothing done, where it holds something else. */
export function writeOver(file: string, content: Buffer, isExpected: (now: Buffer) => boolean): boolean {
  // Not emptied first: on a full disk what was there can be written back into its own place.
  const handle = openSync(file, 'r+');
  try {
    if (!isExpected(readFileSync(handle))) return false;
    writeAll(handle, content);
    if (fstatSync(handle).size > content.length) ftruncateSync(handle, content.length);
    fsyncSync(handle);
    return true;
  } finally {
    closeSync(handle);
  }
}

/** Is this what is left where writing one over the other was cut short? Nothing was there where `before` is undefined. */
export function isCutShort(now: Buffer, before: Buffer | undefined, after: Buffer): boolean {
  let same = 0;
  while (same < now.length && now[same] === after[same]) same += 1;
  return now.subarray(same).equals((before ?? Buffer.alloc(0)).subarray(same));
}
