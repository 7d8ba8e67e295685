/**
 * What most commands begin with: the configuration, and the parts made of it.
 *
 * Opens nothing a running server would have to suffer for.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Parts } from '../app.ts';
import type { Log, LogFacts } from '../base/log.ts';
import { type Complaint, formatComplaints } from '../config/complaints.ts';
import { readEnv } from '../config/env.ts';
import { type Config, type Loaded, loadConfig } from '../config/load.ts';
import { expandAccess } from '../policy/access.ts';
import type { Rule } from '../policy/rule.ts';
import { complain, type ExitCode, type Given, type Io } from './command.ts';

/** The parts of a server, for the terminal. */
export type TerminalParts = Parts & { readonly config: Config };

/** A configuration, or what is wrong with it, and the file it came from. */
export type Found = Loaded & { readonly file?: string };

const USUAL_FILE = 'ostiary.yaml';

/** Where packages put it. */
export const SYSTEM_FILE = '/etc/ostiary/ostiary.yaml';

/** Reads the configuration that the words or the environment name, or that lies where it usually does. */
export function findConfig(
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
  given: Pick<Given, 'text'>,
  systemFile = SYSTEM_FILE,
): Found {
  const usual = [USUAL_FILE, systemFile].find((name) => existsSync(resolve(cwd, name)));
  const named = given.text('config') ?? (env['OSTIARY_CONFIG'] || usual);
  if (named === undefined) return fromEnvironmentAlone(env, cwd);
  const file = resolve(cwd, named);
  return { ...loadConfig(file, env), file };
}

/** Settings that are always needed; where the environment has one of them, it is meant to have all. */
const NEEDED = new Set(['publicUrl', 'jitsi', 'providers']);

/** Where that does not do, the file is most likely elsewhere. What it would have to hold helps nobody who has none. */
function fromEnvironmentAlone(env: Io['env'], cwd: string): Found {
  const found = loadConfig(undefined, env);
  if ('config' in found) return found;
  const none: Complaint = {
    path: `No ${USUAL_FILE}`,
    wrong: `in ${cwd} or ${dirname(SYSTEM_FILE)}, and OSTIARY_CONFIG is not set`,
    right: '"ostiary init" makes one; one that is elsewhere is named with --config FILE.',
  };
  const { values, complaints } = readEnv(env, () => '');
  const meant = [...values, ...complaints].some(({ path: [first = ''] }) => NEEDED.has(first));
  return { complaints: [none, ...(meant ? found.complaints : [])] };
}

/** Does something with the configuration, or tells everything that is wrong with it. */
export async function withConfig(
  io: Io,
  given: Given,
  work: (config: Config, file?: string) => Promise<ExitCode>,
): Promise<ExitCode> {
  const found = findConfig(io, given);
  if ('config' in found) return work(found.config, found.file);
  io.err(formatComplaints(found.complaints, found.file));
  return 1;
}

/**
 * Does something with the parts of the server that uses the same store, whether it runs or not.
 * Throws what opening the store throws.
 */
export async function withParts(
  io: Io,
  given: Given,
  work: (parts: TerminalParts) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withConfig(io, given, async (config) => {
    const hindrance = hindranceAt(config.store.path);
    if (hindrance) return complain(io, ...hindrance);
    const { openParts } = await import('../app.ts');
    const parts = await openParts(config, { clock: { now: io.now }, log: terminalLog(io) });
    try {
      return await work({ ...parts, config });
    } finally {
      await parts.close();
    }
  });
}

/** What keeps the terminal from a store, in two lines. */
export function hindranceAt(path: string): readonly [what: string, whatToDo: string] | undefined {
  if (path === ':memory:')
    return [
      'The store is in the memory of the server, where the terminal cannot reach it.',
      'Set store.path to a file.',
    ];
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    return [
      `There is no store at ${path} yet.`,
      'Start the server first, so that the file belongs to its user.',
    ];
  // SQLite would leave files beside it that the server may not open.
  if (process.geteuid?.() === 0 && found.uid !== 0)
    return [
      `The store at ${path} belongs to another user.`,
      `Run this as that user: ${asOwner(found.uid, readPasswd())}`,
    ];
  return undefined;
}

/**
 * How root runs a command as the user of this number: by name, which `runuser` wants, or by the number where `passwd`,
 * the text of /etc/passwd, has no name for it.
 * @see passwd(5)
 */
export function asOwner(uid: number, passwd: string): string {
  const name = /^([^:]*):[^:]*:/.exec(
    passwd.split('\n').find((line) => line.split(':')[2] === String(uid)) ?? '',
  )?.[1];
  return name === undefined || name === ''
    ? `sudo -u '#${uid}' ostiary …`
    : `runuser -u ${name} -- ostiary …`;
}

function readPasswd(): string {
  return existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8') : '';
}

/** The rules of a configuration, spelt out as the server does it. */
export function rulesOf({ access, hosts, rules, apps, issuers }: Config): readonly Rule[] {
  const vouched = apps.length + issuers.length > 0;
  return expandAccess({ ...(access && { access }), hosts, vouched, ...(rules && { rules }) });
}

/** Warnings for whoever sits at the terminal; the rest is the server's log. */
export function terminalLog({ err }: Pick<Io, 'err'>): Log {
  const tell = (event: string, facts: LogFacts = {}) => {
    const told = Object.entries(facts).map(([name, value]) => ` ${name}=${value}`);
    err(`warning: ${event}${told.join('')}`);
  };
  return { debug: () => {}, info: () => {}, warn: tell, error: tell };
}
