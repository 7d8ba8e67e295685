/**
 * What a test needs of the machine: says in one line what is missing. Never skips, never installs.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Where a command of this name stands on the PATH or in a daemon's usual place; throws naming its Debian package. */
export function needCommand(command: string, debianPackage: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, command)).find(isProgram);
  if (found === undefined)
    throw new Error(`${command} is not installed: install the Debian package ${debianPackage}`);
  return found;
}

/** Throws, naming the Debian package, where Lua 5.4 finds no such module. */
export function needLuaModule(module: string, debianPackage: string): void {
  const lua = needCommand('lua5.4', 'lua5.4');
  const { status } = spawnSync(lua, ['-e', `require "${module}"`], { timeout: 10_000 });
  if (status !== 0)
    throw new Error(`Lua 5.4 finds no ${module}: install the Debian package ${debianPackage}`);
}
