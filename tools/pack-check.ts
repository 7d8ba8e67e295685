/**
 * Holds the package what it must, and nothing else?
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packInto, packSdkInto } from './pack.ts';

const NEEDED = [
  'bin/ostiary.js',
  'dist/src/main.js',
  'dist/src/index.js',
  'dist/src/index.d.ts',
  'dist/demo/demo.js',
  'prosody/mod_ostiary.lua',
  'LICENSE',
  'README.md',
  'config.example.yaml',
  'package.json',
];
const UNWANTED = /\.test\.|^test\/|^src\/|^\.|sqlite$|^bench\/|node_modules/;

/** Everything the browser package holds. */
const SDK = [
  'LICENSE',
  'README.md',
  'dist/embed.d.ts',
  'dist/embed.js',
  'dist/embed.script.js',
  'package.json',
];

const folder = mkdtempSync(join(tmpdir(), 'ostiary-pack-'));
try {
  const paths = packInto(folder, { dryRun: true }).files.map(({ path }) => path);
  const browser = packSdkInto(join(folder, 'sdk-alone')).files.map(({ path }) => path);
  const faults = [
    ...SDK.filter((path) => !browser.includes(path)).map((path) => `the browser package lacks ${path}`),
    ...browser
      .filter((path) => !SDK.includes(path))
      .map((path) => `the browser package should not hold ${path}`),
    ...NEEDED.filter((path) => !paths.includes(path)).map((path) => `the package lacks ${path}`),
    ...paths.filter((path) => UNWANTED.test(path)).map((path) => `the package should not hold ${path}`),
  ];
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.stdout.write(`package: ${paths.length} files; in the browser: ${browser.length}\n`);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
