/**
 * Which of the files somebody names are worth reading, and their text. The one place here that looks through folders.
 */

import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Source } from './reader.ts';

/** What was collected. */
export interface Collected {
  readonly sources: readonly Source[];
  /** What could not be read, each with the reason. */
  readonly unread: readonly { readonly path: string; readonly why: string }[];
}

const LARGEST = 1_048_576;
const DEEPEST = 8;
const MOST = 2000;
const MOST_LOOKED_AT = 50_000;

/** Folders that hold no settings. */
const PASSED_OVER = new Set(['node_modules', '.git', 'proc', 'sys', 'certs', 'secrets', 'ostiary-undo']);

/** Names of files that may hold settings of a Jitsi or of what signs people in for it. */
const WORTH = [
  /^jicofo\.conf$/,
  /^sip-communicator\.properties$/,
  /config\.js$/,
  /\.cfg\.lua$/,
  /\.conf$/,
  /^shibboleth2\.xml$/,
  /^attribute-map\.xml$/,
  /^\.?env(?:$|\.)/,
  /\.env$/,
  /^(?:docker-)?compose.*\.ya?ml$/,
  /^config\.(?:ts|php)$/,
  /\.service$/,
  /^adapter\.sh$/,
  /^context\.ts$/,
];

/** Files below these paths, in a steady order. A file that is named itself is read whatever it is called. */
export function collect(paths: readonly string[], cwd: string): Collected {
  const found = new Map<string, Source>();
  const unread: { path: string; why: string }[] = [];
  const read = (path: string, named: boolean) => {
    const name = basename(path);
    if (!named && (TEMPLATE.test(name) || !WORTH.some((one) => one.test(name)))) return;
    const real = realpathSync(path);
    if (found.has(real)) return;
    const size = statSync(real).size;
    const content = size > LARGEST ? undefined : readFileSync(real);
    if (content === undefined) unread.push({ path, why: 'is larger than one megabyte' });
    else if (!isUtf8(content) || content.includes(0)) unread.push({ path, why: 'is no text in UTF-8' });
    // To some readers such a sign ends a line, to others not: nobody could say which line is meant.
    else if (/\r(?!\n)/.test(content.toString('utf8')))
      unread.push({
        path,
        why: 'has lines that end in CR alone; write it with the line ends of this system',
      });
    else found.set(real, { path: real, text: content.toString('utf8') });
  };
  const seen = new Set<string>();
  let looked = 0;
  const walk = (path: string, depth: number) => {
    looked += 1;
    if (found.size >= MOST || looked > MOST_LOOKED_AT) return;
    attempt(path, unread, () => {
      const stat = statSync(path);
      if (stat.isFile()) read(path, depth === 0);
      if (!stat.isDirectory() || depth > DEEPEST) return;
      // A link may lead back here, and two may lead to one folder.
      const real = realpathSync(path);
      if (seen.has(real)) return;
      seen.add(real);
      for (const name of readdirSync(path).sort())
        if (!PASSED_OVER.has(name)) walk(join(path, name), depth + 1);
    });
  };
  for (const path of paths) walk(resolve(cwd, path), 0);
  if (found.size >= MOST || looked > MOST_LOOKED_AT)
    unread.push({
      path: paths.join(' '),
      why: 'holds more files than are looked at; name folders of Jitsi alone',
    });
  return { sources: [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), unread };
}

/** What is handed out to be copied says what somebody could have set, and not what they did. */
const TEMPLATE = /[._-](?:example|sample|dist|template|ref|bak|old|orig)$/i;

function attempt(path: string, unread: { path: string; why: string }[], work: () => void): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string')) throw thrown;
    unread.push({ path, why: `cannot be read (${thrown.code})` });
  }
}

/** The last part of a path. */
export function nameOf({ path }: Source): string {
  return basename(path);
}
