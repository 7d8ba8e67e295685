/**
 * The schema as text for people: docs/reference/config.md and config.example.yaml.
 *
 * Pure: what it returns, tools/docs.ts writes.
 */
import { stringify } from 'yaml';
import { z } from 'zod';
import { formatDuration } from '../base/duration.ts';
import { READ_BY_KIND, READ_OF_ALL } from './provider-kinds.ts';
import { settings } from './schema/settings.ts';
import { listSettings, namesOfSetting, type Setting, unwrap } from './walk.ts';

function inYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, singleQuote: true }).trim();
}

/** How the default is written in the file; undefined where there is none. */
export function fallbackText(setting: Setting): string | undefined {
  if (setting.fallback === undefined) return undefined;
  return setting.kind === 'duration' ? formatDuration(Number(setting.fallback)) : inYaml(setting.fallback);
}

/** What stands in the column of defaults. */
function fallbackWords(setting: Setting): string {
  if (setting.required) return '**required**';
  const fixed = fallbackText(setting);
  if (fixed !== undefined) return `\`${fixed}\``;
  return setting.otherwise ?? '–';
}

function sectionOf(schema: z.core.$ZodType): string | undefined {
  const told = z.globalRegistry.get(schema as z.ZodType)?.section;
  return typeof told === 'string' ? told : undefined;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function row(setting: Setting): string {
  const names = namesOfSetting(setting).map((name) => `\`${name}\``);
  const files = setting.kind === 'secret' ? ', each also with `_FILE`' : '';
  return `| \`${setting.path}\` | ${cell(setting.description)} | ${cell(fallbackWords(setting))} | \`${cell(inYaml(setting.example))}\` | ${names.length === 0 ? '–' : names.join(', ') + files} |`;
}

const INTRODUCTION = `# Settings

<!-- Printed from src/config/schema by "npm run docs". -->

One YAML file, named by \`--config\` or \`OSTIARY_CONFIG\`. Environment variables override it; an empty variable counts as absent. Without a file the environment alone will do: it can describe one provider, whose id is \`oidc\` unless it says otherwise. Where the file has one provider, the same variables override that one; with several they are refused, because they do not say which.

- **Secrets** are text, or say where they are: \`{ file: /run/secrets/x }\`, \`{ env: NAME }\` or \`{ credential: name }\` (systemd's \`LoadCredential=\`). In the environment every secret also has a name with \`_FILE\`. Prefer files: what stands in the environment can be read in \`/proc\`. No secret has a default, and none is taken from the command line.
- **Durations** are numbers with \`s\`, \`m\`, \`h\`, \`d\` or \`w\`: \`90s\`, \`1h30m\`.
- **Paths** start from the folder of the configuration file.
- **Lists** in the environment stand side by side with commas between; scopes and acr values may have spaces instead.
- **Unknown keys** are refused, and everything that is wrong is told at once: \`ostiary check\`.
- **Settings that a provider's kind does not read** are refused too ([which it reads](#what-each-kind-reads)), also under our own names in the environment (\`OSTIARY_PROVIDER_…\`). Names that docker-jitsi-meet or a predecessor has for them, such as \`OIDC_CLIENT_ID\` or \`LDAP_URL\`, are left over then, and pass for unset.
- Whatever begins with \`insecure\` is a door left open on purpose.
`;

function kindsRead(): string {
  const named = (paths: readonly string[]) => paths.map((path) => `\`${path}\``).join(', ');
  return [
    '### What each kind reads\n',
    `All read ${named(READ_OF_ALL)}; besides:\n`,
    ...Object.entries(READ_BY_KIND).map(([kind, paths]) => `- **${kind}**: ${named(paths)}`),
    '',
  ].join('\n');
}

/** docs/reference/config.md: every setting, by section. */
export function configReference(): string {
  const all = listSettings();
  const parts = [INTRODUCTION];
  const table = (found: readonly Setting[]) =>
    [
      '| Setting | What | Default | Example | In the environment |',
      '|---|---|---|---|---|',
      ...found.map(row),
      '',
    ].join('\n');
  const single = all.filter(({ path }) => !/[.[]/.test(path));
  parts.push('## At the root\n', table(single));
  for (const [name, schema] of Object.entries(settings.shape)) {
    const found = all.filter(({ path }) => new RegExp(`^${name}(\\[\\])?\\.`).test(path));
    if (found.length === 0) continue;
    const told = sectionOf(schema);
    parts.push(`## ${name}\n`, ...(told === undefined ? [] : [`${told}\n`]), table(found));
    if (name === 'providers') parts.push(kindsRead());
  }
  return parts.join('\n');
}

/** Breaks a sentence into lines of comment. */
function comment(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 90 - indent.length)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `#${indent}# ${line}`);
}

function exampleOf(setting: Setting, key: string, indent: string): readonly string[] {
  const fallback = setting.required
    ? 'Required.'
    : setting.fallback !== undefined
      ? `Default: ${fallbackText(setting)}.`
      : setting.otherwise !== undefined
        ? `Default: ${setting.otherwise}.`
        : '';
  return [
    ...comment(`${setting.description} ${fallback}`.trim(), indent),
    `#${indent}${key}: ${inYaml(setting.example)}`,
  ];
}

/** Everything below one schema, as lines that become YAML when their first # is taken away. */
function example(
  schema: z.core.$ZodType,
  at: { readonly path: string; readonly indent: string; readonly all: ReadonlyMap<string, Setting> },
): readonly string[] {
  const { inner } = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, child]) => {
    const path = at.path === '' ? key : `${at.path}.${key}`;
    const gap = at.indent === '' ? [''] : [];
    const setting = at.all.get(path);
    if (setting !== undefined) return [...gap, ...exampleOf(setting, key, at.indent)];
    const told = sectionOf(child as z.core.$ZodType);
    const head = [...gap, ...(told === undefined ? [] : comment(told, at.indent)), `#${at.indent}${key}:`];
    const below = unwrap(child as z.core.$ZodType).inner;
    if (!(below instanceof z.ZodArray))
      return [...head, ...example(child as z.core.$ZodType, { ...at, path, indent: `${at.indent}  ` })];
    const entry = example(below.def.element, { ...at, path: `${path}[]`, indent: `${at.indent}    ` });
    return [...head, `#${at.indent}  -`, ...entry];
  });
}

/** config.example.yaml: every setting with its sentence, all commented out. */
export function configExample(): string {
  const all = new Map(listSettings().map((setting) => [setting.path, setting]));
  const head = [
    '## Every setting of Ostiary, each with an example. Printed from src/config/schema by "npm run docs".',
    '## Take away the first # of a line to use it. publicUrl, jitsi.roles and one provider are all that is needed;',
    '## secrets are better kept in files: { file: /run/secrets/x }.',
  ];
  return `${[...head, ...example(settings, { path: '', indent: '', all })].join('\n')}\n`;
}
