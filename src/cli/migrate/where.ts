/**
 * The folder of the settings, where nobody names one: never a second place beside that of settings which are in use.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { complain, type Given, type Io } from '../command.ts';
import { SYSTEM_FILE } from '../open.ts';
import { plain } from '../text.ts';
import { SETTINGS } from './settle.ts';

/** Settings that other commands find from here, and that this one would put others beside; undefined where it would not. */
export function settingsElsewhere(
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
  given: Pick<Given, 'text'>,
  systemFile = SYSTEM_FILE,
): string | undefined {
  if (given.text('out') !== undefined || existsSync(join(cwd, SETTINGS))) return undefined;
  const file = resolve(cwd, env['OSTIARY_CONFIG'] || systemFile);
  return existsSync(file) && dirname(file) !== resolve(cwd) ? file : undefined;
}

/** Tells of them. */
export function tellElsewhere(io: Io, file: string): 1 {
  return complain(
    io,
    plain(`There are settings in ${file}, and none in ${io.cwd}; nothing was done. (config.unusable)`),
    plain(`Run this in ${dirname(file)}, or name the folder of the settings with --out.`),
  );
}
