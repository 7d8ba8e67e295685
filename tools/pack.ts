/**
 * Builds and packs a copy of the tree elsewhere, so that no `dist` in the
 * checkout ever stands in front of the source.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSdk } from './sdk.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What `npm pack` says of one package. */
export interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Copies what git knows into `folder`, builds it there and packs it. `dryRun` writes no tarball. */
export function packInto(folder: string, { dryRun }: { readonly dryRun: boolean }): Packed {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const path of listed.split('\n').filter((line) => line !== '' && existsSync(join(ROOT, line)))) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    cpSync(join(ROOT, path), join(folder, path));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  run(process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json');
  return packedBy(run('npm', 'pack', '--json', '--ignore-scripts', ...(dryRun ? ['--dry-run'] : [])));
}

/** What the browser package would hold, built in a copy of its own. */
export function packSdkInto(folder: string): Packed {
  cpSync(join(ROOT, 'sdk/js'), folder, { recursive: true });
  buildSdk(join(folder, 'dist'));
  return packedBy(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--dry-run'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
}

function packedBy(text: string): Packed {
  const [packed] = Object.values(JSON.parse(text) as Packed[] | Record<string, Packed>);
  if (packed === undefined) throw new Error('npm pack said nothing');
  return packed;
}
