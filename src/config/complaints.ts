/**
 * What is wrong with a configuration, where, and what would be right; all of it at once.
 *
 * Never repeats a value that could be a secret: it says where it stands instead.
 */
import type { z } from 'zod';
import { settings } from './schema/settings.ts';
import { below, isSection, kindOf, listSettings, namesAt, pathText, rightAt } from './walk.ts';

/** One thing that is wrong. */
export interface Complaint {
  /** `providers[0].issuer`; empty for the file as a whole. */
  readonly path: string;
  /** Reads on from the path: "is missing". */
  readonly wrong: string;
  /** What would be right, as the end of a sentence; or what to do about it, as a whole one with a full stop. */
  readonly right: string;
  /** The line in the file, from 1. */
  readonly line?: number;
  /** The environment variable the value came from. */
  readonly variable?: string;
}

/** How many letters must change to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The word among these that somebody probably meant. */
export function didYouMean(word: string, words: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (word.length > 64) return undefined;
  let best: { readonly word: string; readonly far: number } | undefined;
  for (const candidate of words) {
    const far = distance(plain(word), plain(candidate));
    if (far <= Math.max(1, Math.floor(candidate.length / 3)) && (best === undefined || far < best.far))
      best = { word: candidate, far };
  }
  return best?.word;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const step of path) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isSection(value)) value = value[String(step)];
    else return undefined;
  }
  return value;
}

function schemaAt(path: readonly PropertyKey[]): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = settings;
  for (const step of path) schema = schema === undefined ? undefined : below(schema, step);
  return schema;
}

function shown(example: unknown): string {
  return typeof example === 'string' ? example : JSON.stringify(example);
}

function rightWithExample(path: readonly PropertyKey[], schema: z.core.$ZodType | undefined): string {
  if (schema === undefined) return 'a value of the right kind';
  const name = path
    .map((step) => (typeof step === 'number' ? '[]' : `.${String(step)}`))
    .join('')
    .slice(1);
  const setting = listSettings().find((one) => one.path === name);
  const right = rightAt(schema);
  if (
    setting === undefined ||
    setting.example === undefined ||
    setting.kind === 'choice' ||
    right.includes(shown(setting.example))
  )
    return right;
  return `${right}; for example ${shown(setting.example)}`;
}

function typeName(value: unknown): string {
  if (value === null) return 'has no value';
  if (Array.isArray(value)) return 'is a list';
  if (typeof value === 'object') return 'is a section';
  if (typeof value === 'string') return 'is text';
  return typeof value === 'number' ? 'is a number' : 'is true or false';
}

function unknownKey(key: string, path: readonly PropertyKey[]): Complaint {
  const names = schemaAt(path) === undefined ? [] : (namesAt(schemaAt(path) as z.core.$ZodType) ?? []);
  const meant = didYouMean(key, names);
  const elsewhere = listSettings().find((one) => one.path.split('.').at(-1) === key)?.path;
  const right =
    meant !== undefined
      ? `did you mean "${meant}"?`
      : elsewhere !== undefined
        ? `did you mean "${elsewhere}"?`
        : `one of: ${names.join(', ')}`;
  return { path: pathText([...path, key]), wrong: 'is no setting', right };
}

/** Judgements that say little unless the value stands beside them. */
const WITH_VALUE: readonly string[] = [
  'is no plain address of a server',
  'is no web address',
  'is neither an IP address nor a range',
];

/** The judgement with the value before it; an address with a name or a query in it may hold a secret. */
function withValue(message: string, value: unknown): string {
  const harmless = typeof value === 'string' && /^[^@?#\p{C}]{1,200}$/u.test(value);
  return harmless && WITH_VALUE.includes(message) ? `"${value}" ${message}` : message;
}

function wrongOf(issue: z.core.$ZodIssue, value: unknown, schema: z.core.$ZodType | undefined): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'has no value; without one, leave the line out';
  if (issue.code === 'invalid_type')
    return schema !== undefined && kindOf(schema)?.name === 'secret'
      ? 'is no text; put it in quotes'
      : `${typeName(value)}, which does not fit here`;
  if (issue.code === 'invalid_value')
    return typeof value === 'string' && /^[\w-]{1,30}$/.test(value)
      ? `"${value}" is not known here`
      : 'is not known here';
  if (issue.code === 'too_small')
    return Array.isArray(value)
      ? 'is empty'
      : issue.message.startsWith('is ')
        ? issue.message
        : 'is too small';
  if (issue.code === 'too_big') return 'is too large';
  if (issue.code === 'invalid_union') return 'does not fit here';
  if (issue.code === 'invalid_key') return 'holds a name that is not known';
  return issue.message.startsWith('is ') ? withValue(issue.message, value) : 'does not fit here';
}

/** One issue of the schema, told to an operator. `raw` is what was judged. */
export function complain(issue: z.core.$ZodIssue, raw: unknown): readonly Complaint[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, issue.path));
  const schema = schemaAt(issue.path);
  const value = valueAt(raw, issue.path);
  const right = rightWithExample(issue.path, schema);
  const meant =
    issue.code === 'invalid_value' && typeof value === 'string'
      ? didYouMean(value, issue.values.map(String))
      : undefined;
  return [
    {
      path: pathText(issue.path),
      wrong: wrongOf(issue, value, schema),
      right: meant === undefined ? right : `did you mean "${meant}"? It takes ${right}`,
    },
  ];
}

/** What would be right, as a sentence that stands behind another. */
export function rightText(right: string): string {
  const guess = /^did you mean (.*)$/s.exec(right)?.[1];
  if (guess !== undefined) return `Did you mean ${guess}${/[?.]$/.test(guess) ? '' : '.'}`;
  // Advice is a sentence already, and no setting's value.
  if (/^["A-Z].*\.$/s.test(right)) return right;
  return `Right would be: ${right}${/[?.]$/.test(right) ? '' : '.'}`;
}

/** All complaints as an operator reads them: one a line, the file and line before it where they are known. */
export function formatComplaints(complaints: readonly Complaint[], file?: string): string {
  return complaints
    .map(({ path, wrong, right, line, variable }) => {
      const place =
        variable !== undefined
          ? `${variable}: `
          : file !== undefined && line !== undefined
            ? `${file}:${line}: `
            : '';
      return `${place}${path === '' ? 'the file' : path} ${wrong.replace(/\.$/, '')}. ${rightText(right)}`;
    })
    .join('\n');
}
