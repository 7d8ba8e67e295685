/**
 * Settings as YAML, and the environment of a compose file out of it. The only door to yaml here.
 *
 * Pure.
 */
import { Document, isCollection, isNode, parse, YAMLParseError } from 'yaml';
import type { Tree } from './reader.ts';

/** The settings as text, with a few words before them; what has a comment beside it stands on one line. */
export function yamlText(
  tree: Tree,
  before: string,
  beside: readonly (readonly [path: readonly (string | number)[], comment: string])[] = [],
): string {
  const document = new Document(tree);
  for (const [path, comment] of beside) {
    const node = document.getIn(path, true);
    if (isCollection(node)) node.flow = true;
    if (isNode(node)) node.comment = ` ${comment}`;
  }
  document.commentBefore = before
    .split('\n')
    .map((line) => ` ${line}`)
    .join('\n');
  return document.toString({ lineWidth: 110 });
}

/** One service of a compose file. */
export interface ComposeService {
  readonly name: string;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The services of a compose file; undefined where it is none. @see Compose specification, `services`, `environment` */
export function composeServices(text: string): readonly ComposeService[] | undefined {
  let whole: unknown;
  try {
    whole = parse(text, { maxAliasCount: 100, logLevel: 'error' });
  } catch (thrown) {
    if (thrown instanceof YAMLParseError || thrown instanceof ReferenceError) return undefined;
    throw thrown;
  }
  const services = memberOf(whole, 'services');
  if (typeof services !== 'object' || services === null) return undefined;
  return Object.entries(services).map(([name, service]) => ({
    name,
    image: String(memberOf(service, 'image') ?? ''),
    environment: environmentOf(memberOf(service, 'environment')),
  }));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function environmentOf(value: unknown): Readonly<Record<string, string>> {
  const lines = Array.isArray(value)
    ? value.map(String).map((line) => [line.split('=', 1)[0] ?? '', line.replace(/^[^=]*=?/, '')] as const)
    : typeof value === 'object' && value !== null
      ? Object.entries(value).map(([name, one]) => [name, one === null ? '' : String(one)] as const)
      : [];
  // What is filled in from elsewhere is not known here.
  return Object.fromEntries(lines.filter(([, one]) => one !== '' && !/\$\{?[A-Za-z_]/.test(one)));
}
