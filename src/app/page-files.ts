/**
 * What the operator wrote for our pages, read from the disk. Once at the start, and at every reading of the configuration.
 */
import { readFileSync } from 'node:fs';
import { Problem } from '../base/problem.ts';

/** What the operator wrote for our pages, read already. */
export interface PageFiles {
  readonly css?: string;
  readonly errorPage?: string;
}

/** Reads the files that the settings name. Throws `config.unusable` for one that cannot be read. */
export function readPageFiles({
  css,
  errorFile,
}: {
  readonly css?: string;
  readonly errorFile?: string;
}): PageFiles {
  return {
    ...(css !== undefined && { css: readPageFile('pages.css', css) }),
    ...(errorFile !== undefined && { errorPage: readPageFile('pages.errorFile', errorFile) }),
  };
}

function readPageFile(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause)
      throw new Problem('config.unusable', { [setting]: file, why: String(cause.code) }, cause);
    throw cause;
  }
}
