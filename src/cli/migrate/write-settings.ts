/**
 * Writing the settings and their secrets, where none are.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bytesOf, diskCode, FOLDER_MODE, makeFile } from './put.ts';
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
    for (const { name, secret } of secrets) {
      at = join(folder, name);
      mkdirSync(dirname(at), { recursive: true, mode: 0o700 });
      if (bytesOf(at) === undefined) {
        made.push(at);
        makeFile(at, Buffer.from(secret.reveal()), 0o600);
      }
      chmodSync(at, 0o600);
    }
    at = file;
    made.push(at);
    makeFile(file, Buffer.from(yaml), 0o640);
    return undefined;
  } catch (thrown) {
    const code = diskCode(thrown);
    // What stands there already, a link that leads nowhere for one, is not ours to take away.
    if (code === 'EEXIST') made.pop();
    for (const one of made) rmSync(one, { force: true });
    return { file: at, code };
  }
}
