/**
 * Writing the settings and their secrets, where none are.
 */
import { chmodSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesOf, diskCode, FOLDER_MODE, makeFile, makeFolder } from './put.ts';
import type { SecretFile } from './settings.ts';

/** What could not be written, and the code of the failure. */
export interface Unwritten {
  readonly file: string;
  readonly code: string;
}

/** Does something else stand where this secret belongs? */
export function isInTheWay(folder: string, { name, secret }: SecretFile): boolean {
  const there = bytesOf(join(folder, name));
  return there !== undefined && !there.equals(Buffer.from(secret.reveal()));
}

/** The group that reads what root writes there: its folder's, as the service runs as a user of that one. */
function groupFor(folder: string): number | undefined {
  const { gid } = statSync(folder);
  return process.getuid?.() === 0 && gid !== 0 ? gid : undefined;
}

/** Writes them, the settings last; where that fails, what was written is taken away again. */
export function writeSettings(
  file: string,
  { yaml, secrets }: { readonly yaml: string; readonly secrets: readonly SecretFile[] },
): Unwritten | undefined {
  const folder = dirname(file);
  const made: string[] = [];
  let at = file;
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
    const gid = groupFor(folder);
    const [folderMode, mode] = gid === undefined ? [0o700, 0o600] : [0o750, 0o640];
    for (const { name, secret } of secrets) {
      at = join(folder, name);
      makeFolder(dirname(at), folderMode, gid);
      if (bytesOf(at) === undefined) {
        made.push(at);
        makeFile(at, Buffer.from(secret.reveal()), mode, gid);
      } else chmodSync(at, mode);
    }
    at = file;
    made.push(at);
    makeFile(file, Buffer.from(yaml), 0o640, gid);
    return undefined;
  } catch (thrown) {
    const code = diskCode(thrown);
    // What stands there already, a link that leads nowhere for one, is not ours to take away.
    if (code === 'EEXIST') made.pop();
    for (const one of made) rmSync(one, { force: true });
    return { file: at, code };
  }
}
