/**
 * Files and environment in, one frozen Config out, or everything that is wrong with them.
 *
 * `parseConfig` is pure where it is told the time; `loadConfig` is the one place that reads the disk. Nothing is set up here.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '../base/clock.ts';
import { type Complaint, complain } from './complaints.ts';
import { type Env, type FromEnv, type ReadFile, readEnv, readFailure } from './env.ts';
import { type Config, complete, contradictions, type Judged } from './finish.ts';
import { prepare, type Surroundings } from './prepare.ts';
import { isReadBySome, unreadComplaints } from './provider-kinds.ts';
import { settings } from './schema/settings.ts';
import { below, isSection, pathText } from './walk.ts';
import { LARGEST, readYaml } from './yaml.ts';

export type { Complaint } from './complaints.ts';
export type { Config, ProviderConfig } from './finish.ts';

/** What configuring gave. */
export type Loaded = { readonly config: Config } | { readonly complaints: readonly Complaint[] };

/** What a configuration is made from. */
export interface Sources {
  readonly yamlText?: string;
  readonly env: Env;
  readonly readFile: ReadFile;
  /** The folder relative paths start from. */
  readonly folder?: string;
  /** Milliseconds since 1970, for dates that may not be far ahead; by the machine's clock if it is not given. */
  readonly now?: number;
}

function put(tree: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    tree[first] = value;
    return;
  }
  tree[first] ??= {};
  const next = tree[first];
  // Where the file has something else than a section, the schema complains of that.
  if (isSection(next)) put(next, rest, value);
}

/**
 * Is this a name of docker-jitsi-meet's or a predecessor's for what no provider here reads? Those are left over from
 * another way to sign in, beside one that stands in the file. Our own names were said to us, and are judged like the file.
 */
function isLeftOver(
  { path: [first, , ...setting], variable }: Pick<FromEnv, 'path' | 'variable'>,
  { providers }: Readonly<Record<string, unknown>>,
): boolean {
  return (
    first === 'providers' && !variable.startsWith('OSTIARY_') && !isReadBySome(providers, setting.join('.'))
  );
}

function putProvider(
  tree: Record<string, unknown>,
  { path, value, variable }: FromEnv,
  complaints: Complaint[],
): void {
  if (!Array.isArray(tree.providers)) return;
  if (tree.providers.length > 1) {
    complaints.push({
      path: 'providers',
      variable,
      wrong: `has ${tree.providers.length} entries, and this variable does not say which one it means`,
      right: 'the setting in the file, a secret as { env: NAME }',
    });
    return;
  }
  const [provider] = tree.providers;
  if (isSection(provider)) put(provider, path.slice(2), value);
}

/** Puts what the environment says into the tree. What it returns is which variable said what. */
function addEnv(tree: Record<string, unknown>, around: Surroundings): ReadonlyMap<string, string> {
  const from = readEnv(around.env, around.readFile);
  const spoken: FromEnv[] = [];
  for (const file of from.secretFiles) around.secretFiles.add(file);
  for (const one of from.values) {
    const isProvider = one.path[0] === 'providers';
    if (isProvider)
      tree.providers ??= [one.path[2] === 'ldap' ? { id: 'ldap', kind: 'ldap' } : { id: 'oidc' }];
    if (isLeftOver(one, tree)) continue;
    spoken.push(one);
    const schema = one.path.reduce<ReturnType<typeof below>>(
      (above, step) => (above === undefined ? undefined : below(above, step)),
      settings,
    );
    const value = schema === undefined ? one.value : prepare(one.value, schema, { path: one.path, around });
    if (isProvider) putProvider(tree, { ...one, value }, around.complaints);
    else put(tree, one.path, value);
  }
  around.complaints.push(
    ...from.complaints
      .filter((one) => !isLeftOver(one, tree))
      .map(({ variable, wrong, right }) => ({ path: variable, wrong, right })),
  );
  return new Map(
    spoken.map(({ path, variable }) => [pathText(path.map((step) => (step === '0' ? 0 : step))), variable]),
  );
}

/** Text and environment in; the whole configuration out, or every complaint at once. Throws only what `readFile` throws without a code. */
export function parseConfig({
  yamlText = '',
  env,
  readFile,
  folder,
  now = systemClock.now(),
}: Sources): Loaded {
  const file = readYaml(yamlText);
  if ('complaints' in file) return file;
  const complaints: Complaint[] = [];
  const secretFiles = new Set<string>();
  const around: Surroundings = {
    env,
    readFile,
    complaints,
    secretFiles,
    ...(folder === undefined ? {} : { folder }),
  };
  const tree = prepare(file.value, settings, { path: [], around }) as Record<string, unknown>;
  const variables = addEnv(tree, around);
  const judged = settings.safeParse(tree);
  if (!judged.success) complaints.push(...judged.error.issues.flatMap((issue) => complain(issue, tree)));
  complaints.push(...unreadComplaints(tree.providers));
  complaints.push(...contradictions(judged.success ? judged.data : holding(tree), now));
  if (judged.success && complaints.length === 0)
    return {
      config: complete(judged.data, {
        ...(folder !== undefined && { folder }),
        secretFiles: [...secretFiles],
      }),
    };
  return { complaints: complaints.map((complaint) => placed(complaint, variables, file.lineOf)) };
}

/** Those sections that hold by themselves, so that what is wrong elsewhere hides nothing. */
function holding(tree: Record<string, unknown>): Judged {
  const found: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(settings.shape)) {
    const judged = schema.safeParse(tree[name]);
    if (judged.success) found[name] = judged.data;
  }
  return found;
}

function placed(
  complaint: Complaint,
  variables: ReadonlyMap<string, string>,
  lineOf: (path: string) => number | undefined,
): Complaint {
  const variable = complaint.variable ?? variables.get(complaint.path);
  if (variable !== undefined) return { ...complaint, variable };
  const line = lineOf(complaint.path);
  return line === undefined ? complaint : { ...complaint, line };
}

function unreadable(file: string, wrong: string): Loaded {
  return {
    complaints: [
      {
        path: '',
        wrong: `${file} ${wrong}`,
        right: 'a YAML file that this process may read; config.example.yaml shows every setting',
      },
    ],
  };
}

/**
 * Reads the file named here, else the one OSTIARY_CONFIG names; without either the
 * environment alone. Relative paths in it start from its own folder.
 */
export function loadConfig(path: string | undefined, env: Env): Loaded {
  const readFile: ReadFile = (file) => readFileSync(file, 'utf8');
  const named = path ?? (env.OSTIARY_CONFIG === '' ? undefined : env.OSTIARY_CONFIG);
  if (named === undefined) return parseConfig({ env, readFile, folder: resolve('.') });
  try {
    if (statSync(named).size > LARGEST) return unreadable(named, 'is larger than one megabyte');
    return parseConfig({ yamlText: readFile(named), env, readFile, folder: dirname(resolve(named)) });
  } catch (thrown) {
    const code = readFailure(thrown);
    if (code === undefined) throw thrown;
    return unreadable(named, `cannot be read (${code})`);
  }
}

/** The whole configuration as YAML, for people: every secret reads `[secret]`. */
export function describeConfig({ secretFiles: _, ...said }: Config): string {
  return stringify(JSON.parse(JSON.stringify(said)));
}
