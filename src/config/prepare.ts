/**
 * What is done to the file before it is judged: empty sections count as absent,
 * secrets are fetched from where the file says they are, paths are made absolute once.
 *
 * Pure: the environment and a way to read files are arguments.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Complaint } from './complaints.ts';
import { type Env, type ReadFile, readFailure, trimOneNewline } from './env.ts';
import { below, isSection, kindOf, pathText, rightAt, unwrap } from './walk.ts';

/** Where values may come from, and where complaints go. */
export interface Surroundings {
  readonly env: Env;
  readonly readFile: ReadFile;
  /** The folder relative paths start from; without it they stay as they are. */
  readonly folder?: string;
  readonly complaints: Complaint[];
  /** The files that secrets were read from, gathered on the way. */
  readonly secretFiles: Set<string>;
}

/** A path made absolute; `:memory:` is none. */
export function inFolder(path: string, folder: string | undefined): string {
  return folder === undefined || path === ':memory:' ? path : resolve(folder, path);
}

type Found = { readonly value: string } | { readonly wrong: string };

function readSecret(file: string, around: Surroundings): Found {
  try {
    return { value: trimOneNewline(around.readFile(file)) };
  } catch (thrown) {
    const code = readFailure(thrown);
    if (code === undefined) throw thrown;
    return { wrong: `names ${file}, which cannot be read (${code})` };
  }
}

/** @see systemd.exec(5), `LoadCredential=` */
function readCredential(name: string, around: Surroundings): Found {
  const folder = around.env.CREDENTIALS_DIRECTORY;
  if (folder === undefined || folder === '')
    return { wrong: 'names a credential, but systemd handed none over (CREDENTIALS_DIRECTORY is not set)' };
  if (!/^[A-Za-z0-9_.-]+$/.test(name) || name.startsWith('.'))
    return { wrong: 'names a credential that cannot exist' };
  return readSecret(resolve(folder, name), around);
}

function fetchSecret(reference: Record<string, unknown>, around: Surroundings): Found {
  const [[word, where] = [], ...more] = Object.entries(reference);
  if (more.length > 0 || typeof where !== 'string' || where === '')
    return { wrong: 'does not say in one word where the secret is' };
  if (word === 'file') {
    const file = inFolder(where, around.folder);
    around.secretFiles.add(file);
    return readSecret(file, around);
  }
  if (word === 'credential') return readCredential(where, around);
  if (word !== 'env') return { wrong: 'does not say in one word where the secret is' };
  const value = around.env[where];
  return value === undefined || value === '' ? { wrong: `the variable ${where} is not set` } : { value };
}

/** A value of the file with secrets fetched, paths absolute and empty sections left out; always a copy. */
export function prepare(
  value: unknown,
  schema: z.core.$ZodType,
  at: { readonly path: readonly PropertyKey[]; readonly around: Surroundings },
): unknown {
  const kind = kindOf(schema)?.name;
  if (kind === 'secret' && isSection(value)) {
    const found = fetchSecret(value, at.around);
    if ('value' in found) return found.value;
    at.around.complaints.push({ path: pathText(at.path), wrong: found.wrong, right: rightAt(schema) });
    return UNREADABLE;
  }
  if (kind === 'path' && typeof value === 'string' && value !== '') return inFolder(value, at.around.folder);
  if (Array.isArray(value)) {
    return value.map((entry, place) => {
      const next = below(schema, place);
      return next === undefined ? entry : prepare(entry, next, { ...at, path: [...at.path, place] });
    });
  }
  if (!isSection(value)) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of Object.entries(value)) {
    const next = below(schema, key);
    if (entry === null && next !== undefined && unwrap(next).inner instanceof z.ZodObject) continue;
    copy[key] = next === undefined ? entry : prepare(entry, next, { ...at, path: [...at.path, key] });
  }
  return copy;
}

/** Stands in for a secret that could not be read and was complained of already; long enough to be judged no further. */
const UNREADABLE = '-'.repeat(64);
