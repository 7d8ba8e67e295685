/**
 * The environment as settings: docker-jitsi-meet's names, our own, and `*_FILE` for whatever is secret.
 *
 * Pure: the environment and a way to read a file are arguments. An empty
 * variable counts as absent, as it does in docker-compose files.
 */
import { resolve } from 'node:path';
import { listSettings, namesOfSetting, type Setting } from './walk.ts';

/** Reads a file as text; throws what `node:fs` throws. */
export type ReadFile = (path: string) => string;

/** The variables of a process. */
export type Env = Readonly<Record<string, string | undefined>>;

/** One value the environment gives, and the variable it came from. */
export interface FromEnv {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly variable: string;
}

/** A variable that cannot be used, and what would be right. */
export interface EnvComplaint {
  /** Of the setting it is a name for. */
  readonly path: readonly string[];
  readonly variable: string;
  readonly wrong: string;
  readonly right: string;
}

const TRUE: ReadonlySet<string> = new Set(['1', 'true', 'yes', 'on']);
const FALSE: ReadonlySet<string> = new Set(['0', 'false', 'no', 'off']);

/** What a file of one secret holds: one newline at its end is the editor's, not the secret's. */
export function trimOneNewline(content: string): string {
  return content.replace(/\r?\n$/, '');
}

/** The code of a failure to read, such as ENOENT; undefined for anything that is not one. */
export function readFailure(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

/** OAuth writes these with spaces between (RFC 6749, section 3.3); a group may hold a space itself, so others need commas. */
const WITH_SPACES: ReadonlySet<string> = new Set([
  'providers[].scopes',
  'providers[].acrValues',
  // saslauthd's own list.
  'providers[].ldap.urls',
]);

function entries(text: string, between: RegExp): readonly string[] {
  return text
    .split(between)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function typed({ kind, path }: Setting, text: string): unknown {
  const word = text.trim().toLowerCase();
  if (kind === 'flag') return TRUE.has(word) ? true : FALSE.has(word) ? false : text;
  if (kind === 'number') return /^\d{1,9}$/.test(word) ? Number(word) : text;
  if (kind === 'list') return entries(text, WITH_SPACES.has(path) ? /[\s,]+/ : /,/);
  return kind === 'secret' ? text : text.trim();
}

function pathOf(setting: Setting): readonly string[] {
  return setting.path.replaceAll('[]', '.0').split('.');
}

/**
 * What the environment says: values by path (`providers.0.issuer` for the one
 * provider it can describe), complaints about variables that cannot be read, and
 * the files that secrets came from.
 */
export function readEnv(
  env: Env,
  readFile: ReadFile,
): {
  readonly values: readonly FromEnv[];
  readonly complaints: readonly EnvComplaint[];
  readonly secretFiles: readonly string[];
} {
  const values: FromEnv[] = [];
  const secretFiles: string[] = [];
  const complaints: EnvComplaint[] = [];
  for (const setting of listSettings()) {
    for (const name of namesOfSetting(setting)) {
      const given = env[name] === '' ? undefined : env[name];
      const file = setting.kind === 'secret' && env[`${name}_FILE`] !== '' ? env[`${name}_FILE`] : undefined;
      if (given !== undefined && file !== undefined)
        complaints.push({
          path: pathOf(setting),
          variable: name,
          wrong: `is set, and so is ${name}_FILE`,
          right: `one of them; ${name}_FILE keeps the secret out of the process list`,
        });
      const variable = file === undefined ? name : `${name}_FILE`;
      const text =
        file === undefined
          ? given
          : readSecretFile(variable, file, { path: pathOf(setting), readFile, complaints });
      if (file !== undefined) secretFiles.push(resolve(file));
      if (text === undefined) continue;
      const value = readAs(setting, name, text);
      if (value !== undefined) values.push({ path: pathOf(setting), value, variable });
      break;
    }
  }
  return { values, complaints, secretFiles };
}

function readAs(setting: Setting, name: string, text: string): unknown {
  // Prosody takes a list of audiences; a token names one, and any of the list will do.
  if (name === 'JWT_ACCEPTED_AUDIENCES') return entries(text, /,/).find((entry) => entry !== '*');
  // docker-jitsi-meet writes the unit into the name.
  if (name === 'JWT_EXP_SECOND' && /^\d+$/.test(text.trim())) return `${text.trim()}s`;
  return typed(setting, text);
}

function readSecretFile(
  variable: string,
  file: string,
  parts: {
    readonly path: readonly string[];
    readonly readFile: ReadFile;
    readonly complaints: EnvComplaint[];
  },
): string | undefined {
  try {
    return trimOneNewline(parts.readFile(file));
  } catch (thrown) {
    const code = readFailure(thrown);
    if (code === undefined) throw thrown;
    parts.complaints.push({
      path: parts.path,
      variable,
      wrong: `the file ${resolve(file)} cannot be read (${code})`,
      right: 'a file that this process may read',
    });
    return undefined;
  }
}
