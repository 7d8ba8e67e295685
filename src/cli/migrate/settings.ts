/**
 * What the readers found, as one `ostiary.yaml`: each secret in a file of its own beside it.
 *
 * Pure. Does not know where the settings came from.
 */
import { Secret } from '../../base/secret.ts';
import { CLAIM_LEADS, EVERYONE_LEADS } from './from-debian.ts';
import type { Branch, Reading, Told, Tree } from './reader.ts';
import { yamlText } from './yaml.ts';

/** A file that holds one secret. */
export interface SecretFile {
  /** Relative to the folder of the settings. */
  readonly name: string;
  readonly secret: Secret;
}

/** What is written. */
export interface Written {
  readonly yaml: string;
  readonly secrets: readonly SecretFile[];
  /** What had to be decided for want of a better word. */
  readonly decided: readonly string[];
}

/** Names of the files, by where the secret stands. */
const FILES: readonly (readonly [path: RegExp, name: string])[] = [
  [/^tokens\.secret$/, 'jwt'],
  [/clientSecret$/, 'oidc'],
  [/bindPassword$/, 'ldap'],
  [/^turn\.secret$/, 'turn'],
  [/^prosodyModule\.secret$/, 'prosody'],
];

/** Puts the readings together; what an earlier one says holds. */
export function written(
  readings: readonly Reading[],
  { usersFile, newSecret }: { readonly usersFile: string; readonly newSecret: () => Secret },
): Written & { readonly conflicts: readonly Told[] } {
  const conflicts: Told[] = [];
  const decided: string[] = [];
  const merged = readings.reduce<Tree>(
    (all, { settings, what }) => merge(all, settings, { path: '', what, conflicts }),
    {},
  );
  const whole = seesHosts(rulesFit(withProvider(merged, usersFile, decided), decided), newSecret);
  const secrets: SecretFile[] = [];
  const tree = withoutSecrets(whole, '', secrets);
  const about = readings.map(({ what }) => what).join(', ');
  return {
    yaml: yamlText(
      tree as Tree,
      `Written by "ostiary migrate" from: ${about}.\n"ostiary check" says what is wrong with it; docs/reference/config.md has every setting.\nIn front of Jitsi it can look before it guards (docs/how-to/in-stages.md):\n  insecureObserveOnly: DATE`,
    ),
    secrets,
    decided,
    conflicts,
  };
}

interface Merging {
  readonly path: string;
  readonly what: string;
  readonly conflicts: Told[];
}

function merge(first: Tree, second: Tree, { path, what, conflicts }: Merging): Tree {
  const all: Record<string, Branch> = { ...first };
  for (const [name, value] of Object.entries(second)) {
    const [mine, at] = [all[name], path === '' ? name : `${path}.${name}`];
    if (mine === undefined) all[name] = value;
    else if (isTree(mine) && isTree(value)) all[name] = merge(mine, value, { path: at, what, conflicts });
    else if (!isSame(mine, value))
      conflicts.push({ file: what, says: `${at} is said otherwise there; what is said elsewhere was taken` });
  }
  return all;
}

function isTree(value: Branch): value is Tree {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Secret);
}

function isSame(one: Branch, other: Branch): boolean {
  if (one instanceof Secret && other instanceof Secret) return one.reveal() === other.reveal();
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Somebody must be able to sign in. */
function withProvider(tree: Tree, usersFile: string, decided: string[]): Tree {
  if (tree['providers'] !== undefined) return tree;
  decided.push(
    'Nothing here says where people sign in. The settings name a file of accounts, which is made below; put your sign-in service in its place, if you have one (docs/how-to/providers.md).',
  );
  return { ...tree, providers: [{ id: 'house', kind: 'file', usersFile }] };
}

/** A rule that asks for a claim needs a service that sends claims, told which one. */
function rulesFit(tree: Tree, decided: string[]): Tree {
  const asksClaim = isSame(tree['rules'], [CLAIM_LEADS]);
  const [provider, ...others] = Array.isArray(tree['providers'])
    ? (tree['providers'] as readonly Tree[])
    : [];
  if (!asksClaim || provider === undefined) return tree;
  const kind = provider['kind'] ?? 'oidc';
  if (kind === 'oidc' || kind === 'saml')
    return {
      ...tree,
      providers: [{ ...provider, attributes: { affiliation: 'affiliation' } }, ...others],
    };
  decided.push(
    'The token said who moderates, and these accounts have no such claim: whoever signs in leads. "hosts" or a rule says it otherwise.',
  );
  return { ...tree, rules: [EVERYONE_LEADS] };
}

/** Who waits for a host waits for ever where nobody sees one come. */
function seesHosts(tree: Tree, newSecret: () => Secret): Tree {
  const waits = typeof tree['access'] === 'string' && tree['access'].endsWith('-wait');
  return waits ? { ...tree, prosodyModule: { secret: newSecret() } } : tree;
}

function withoutSecrets(value: Branch, path: string, secrets: SecretFile[]): Branch {
  if (value instanceof Secret) {
    const base = FILES.find(([at]) => at.test(path))?.[1] ?? path.replace(/\W+/g, '-');
    const name = `secrets/${base}`;
    secrets.push({ name, secret: value });
    return { file: name };
  }
  if (Array.isArray(value)) return value.map((one, at) => withoutSecrets(one, `${path}.${at}`, secrets));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      withoutSecrets(one, path === '' ? name : `${path}.${name}`, secrets),
    ]),
  );
}
