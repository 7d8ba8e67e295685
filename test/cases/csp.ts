/**
 * The golden cases of Content-Security-Policy, read from their files: headers as
 * Jitsi's web server sends them, headers as they go on.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The nonce that stands in what is expected. */
export const CSP_NONCE = 'OURS';

/** One case. */
export interface CspCase {
  readonly file: string;
  readonly title: string;
  readonly comes: readonly string[];
  readonly goes: readonly string[];
}

const FOLDER = join(import.meta.dirname, 'csp');

/** Every case of every file: a title, then `< ` a header as it comes and `> ` as it goes. */
export function readCspCases(): readonly CspCase[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.case'));
  return files.flatMap((file) =>
    readFileSync(join(FOLDER, file), 'utf8')
      .split(/\n{2,}/)
      .map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith('#')))
      .filter((lines) => lines.length > 0)
      .map(([title = '', ...lines]) => ({
        file,
        title,
        comes: lines.filter((line) => line.startsWith('< ')).map((line) => line.slice(2)),
        goes: lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2)),
      })),
  );
}
