/**
 * Which version this is.
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Command, JSON_OUT } from './command.ts';
import { json } from './text.ts';

/** The version of this package. */
export function ownVersion(): string {
  // As source and as built, this file stands at different depths.
  const found = ['../../', '../../../']
    .map((up) => new URL(`${up}package.json`, import.meta.url))
    .find(existsSync);
  if (found === undefined) return 'unknown';
  const { version } = JSON.parse(readFileSync(found, 'utf8')) as { readonly version: string };
  return version;
}

/** `ostiary version` */
export const version: Command = {
  name: 'version',
  does: 'print the version',
  options: [JSON_OUT],
  run: async (io, given) => {
    io.out(
      given.flag('json')
        ? json({ ostiary: ownVersion(), node: process.versions.node })
        : `ostiary ${ownVersion()}`,
    );
    return 0;
  },
};
