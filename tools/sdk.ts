/**
 * Makes the browser package of its one source: a module, its types, and the same as a script that needs no module.
 * `node tools/sdk.ts` writes them where the package holds them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const EXPORTED = /^export (?:async )?function (\w+)/gm;

/** A module without imports as a script: what it exports stands under one name. */
export function asScript(module: string, name: string): string {
  const exported = [...module.matchAll(EXPORTED)].map(([, one]) => one);
  const body = module.replace(/^export (?=(?:async )?function )/gm, '').replace(/^export \{\};$/gm, '');
  if (exported.length === 0 || /^(?:export|import)\b/m.test(body))
    throw new Error('the module exports something that is no function, or imports');
  return `var ${name} = (function () {\n'use strict';\n${body}\nreturn { ${exported.join(', ')} };\n})();\n`;
}

/** Writes `embed.js`, `embed.d.ts` and `embed.script.js` into a folder. */
export function buildSdk(folder: string): void {
  const settings = [
    '-p',
    join(ROOT, 'sdk/js/tsconfig.build.json'),
    '--outDir',
    folder,
    '--noEmit',
    'false',
    '--declaration',
  ];
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...settings], {
    stdio: 'inherit',
  });
  const module = readFileSync(join(folder, 'embed.js'), 'utf8');
  writeFileSync(join(folder, 'embed.script.js'), asScript(module, 'Ostiary'));
}

if (import.meta.main) buildSdk(join(ROOT, 'sdk/js/dist'));
