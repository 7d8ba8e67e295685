/**
 * Names and values as docker, systemd, shell scripts and Deno's config.ts hand them to a program, with their lines.
 *
 * Pure. Nothing is expanded: a value that is filled in from elsewhere is not known.
 */
import { basename } from 'node:path';
import { parseEnv } from 'node:util';
import type { Source } from './reader.ts';
import { composeServices } from './yaml.ts';

/** What one program is told. */
export interface EnvSource {
  readonly source: Source;
  /** The image or script it runs, as far as that is said. */
  readonly program: string;
  readonly values: Readonly<Record<string, string>>;
}

/** The values of everything that could be one. */
export function envSources(sources: readonly Source[]): readonly EnvSource[] {
  return sources.flatMap(read);
}

function read(source: Source): readonly EnvSource[] {
  const { path, text } = source;
  const name = basename(path);
  if (/\.ya?ml$/.test(name))
    return (composeServices(text) ?? []).map(({ image, name: service, environment }) => ({
      source,
      program: `${image} ${service}`,
      values: environment,
    }));
  if (name === 'config.ts') return [{ source, program: 'config.ts', values: denoDefaults(text) }];
  if (name.endsWith('.sh')) return [{ source, program: text, values: exported(text) }];
  if (name.endsWith('.service')) return [{ source, program: text, values: unitEnvironment(text) }];
  if (/^\.?env(?:$|\.)|\.env$/.test(name)) return [{ source, program: '', values: envFile(text) }];
  return [];
}

/** @see Node.js, util.parseEnv; the same rules as docker compose but for what it expands */
export function envFile(text: string): Readonly<Record<string, string>> {
  const values = Object.entries(parseEnv(text));
  return known(values.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function known(pairs: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(pairs.filter(([, value]) => !/\$\{?[A-Za-z_]/.test(value)));
}

/** What holds where the environment says nothing: `Deno.env.get("NAME") || "value"`. */
function denoDefaults(text: string): Readonly<Record<string, string>> {
  const all = text.matchAll(/Deno\.env\.get\(\s*"([A-Z_]+)"\s*\)\s*\|\|\s*(?:"([^"\n]*)"|(\d+))/g);
  return Object.fromEntries([...all].map(([, name = '', quoted, number]) => [name, quoted ?? number ?? '']));
}

function exported(text: string): Readonly<Record<string, string>> {
  const all = text.matchAll(
    /^[ \t]*(?:export[ \t]+)?([A-Z][A-Z0-9_]*)=(?:"([^"\n]*)"|'([^'\n]*)'|([^\s;]*))/gm,
  );
  return known([...all].map(([, name = '', one, two, three]) => [name, one ?? two ?? three ?? ''] as const));
}

/** @see systemd.exec(5), `Environment=` */
function unitEnvironment(text: string): Readonly<Record<string, string>> {
  const lines = [...text.matchAll(/^[ \t]*Environment=(.*)$/gm)].map(([, line = '']) => line);
  const words = lines.flatMap((line) => line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []);
  const pairs = words.map((word) => /^["']?([A-Z][A-Z0-9_]*)=(.*?)["']?$/.exec(word));
  return known(pairs.flatMap((found) => (found ? [[found[1] ?? '', found[2] ?? ''] as const] : [])));
}

/** The lines, from 1, of what sets a name. */
export interface Setting {
  readonly first: number;
  readonly last: number;
}

/** The last lines of a `.env` that set this name, to the end of a quoted value that goes on; undefined where none do. */
export function settingOf(text: string, name: string): Setting | undefined {
  const lines = text.split(/\r?\n/);
  const begins = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=\\s*`);
  const at = lines.findLastIndex((line) => begins.test(line));
  if (at < 0) return undefined;
  const value = lines[at]?.replace(begins, '') ?? '';
  const quote = /^["'`]/.exec(value)?.[0];
  const isOpen = quote !== undefined && !value.includes(quote, 1);
  const more = isOpen ? lines.slice(at + 1).findIndex((line) => line.includes(quote)) : -1;
  // One that is never closed is no quote to whoever reads the file.
  return { first: at + 1, last: at + 1 + (more + 1) };
}
