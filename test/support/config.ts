/**
 * Configurations for tests: the least that holds, and what a test wants beside it.
 */
import { parse, stringify } from 'yaml';
import { type Complaint, type Config, type Loaded, parseConfig } from '../../src/config/load.ts';

/** The least a configuration file can say. */
export const LEAST = `
publicUrl: https://meet.example.org
jitsi: { roles: enforced }
providers: [{ id: campus, issuer: https://id.example.org, clientId: jitsi }]
`;

/** What a reader of files says where there is none. */
export function noFiles(path: string): string {
  throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
}

/** Reads a text, with no environment and no files unless they are given. */
export function load(
  yamlText: string,
  given: {
    readonly env?: Record<string, string>;
    readonly readFile?: (path: string) => string;
    readonly folder?: string;
  } = {},
): Loaded {
  return parseConfig({ yamlText, env: {}, readFile: noFiles, ...given });
}

/** The complaints about a text; none where it holds. */
export function complaintsOf(loaded: Loaded): readonly Complaint[] {
  return 'complaints' in loaded ? loaded.complaints : [];
}

/** The configuration, or an error that tells every complaint. */
export function configOf(loaded: Loaded): Config {
  if ('config' in loaded) return loaded.config;
  throw new Error(JSON.stringify(loaded.complaints, null, 1));
}

/** The least configuration with one more value at a path such as `providers[].issuer`. */
export function leastWith(path: string, value: unknown): string {
  const tree = parse(LEAST);
  putAt(tree, path.split('.'), value);
  return stringify(tree);
}

function putAt(tree: Record<string, unknown>, [step = '', ...rest]: readonly string[], value: unknown): void {
  const name = step.replace('[]', '');
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  tree[name] ??= step.endsWith('[]') ? [{}] : {};
  const next = tree[name];
  putAt((Array.isArray(next) ? next[0] : next) as Record<string, unknown>, rest, value);
}

/** The value at such a path. */
export function valueAt(config: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, step) => {
    const next = (value as Record<string, unknown> | undefined)?.[step.replace('[]', '')];
    return step.endsWith('[]') ? (next as readonly unknown[] | undefined)?.[0] : next;
  }, config);
}
