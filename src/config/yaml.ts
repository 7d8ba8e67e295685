/**
 * One YAML document into plain values, with the line of each: no tags of anybody's
 * own, no bombs made of anchors, no key twice.
 *
 * Knows nothing of settings.
 */
import { isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Complaint } from './complaints.ts';

/** Larger than any configuration, in bytes. */
export const LARGEST = 1_000_000;

/** More repetitions by anchor than any person writes. */
const MOST_ALIASES = 50;

/** Deeper than any setting lies; the parser itself would run out of stack far below. */
const DEEPEST = 64;

/** A file that could be read: its values, and the line a path stands on. */
export interface YamlFile {
  readonly value: Record<string, unknown>;
  readonly lineOf: (path: string) => number | undefined;
}

type Read = YamlFile | { readonly complaints: readonly Complaint[] };

function refuse(wrong: string, right: string, line?: number): { readonly complaints: readonly Complaint[] } {
  return { complaints: [{ path: '', wrong, right, ...(line === undefined ? {} : { line }) }] };
}

/** Brackets open at the deepest place, as far as a glance at the text tells. */
function tooDeep(text: string): boolean {
  let open = 0;
  for (const character of text) {
    if (character === '[' || character === '{') open += 1;
    else if (character === ']' || character === '}') open -= 1;
    if (open > DEEPEST) return true;
  }
  return /^(?:[ \t]*[-?:][ \t]+){64}/m.test(text) || /^[ \t]{512}/m.test(text);
}

const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  DUPLICATE_KEY: ['has a key twice in one section', 'each key once'],
  TAG_RESOLVE_FAILED: [
    'has a tag (a word with an exclamation mark before it)',
    'plain values; in quotes, if the text itself begins with an exclamation mark',
  ],
  MULTIPLE_DOCS: ['holds several documents', 'one document, without a line of three hyphens in between'],
  TAB_AS_INDENT: ['is indented with tabs', 'spaces'],
};

function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, place, name]) =>
    place === undefined ? (name ?? '') : Number(place),
  );
}

/** The node nearest to a path; for a key the key itself, because that is what people look for. */
function nearest(root: Node | null, path: string): Node | null {
  let at = root;
  let place: Node | null = null;
  for (const step of stepsOf(path)) {
    if (isMap(at)) {
      const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (pair === undefined) return place;
      place = isNode(pair.key) ? pair.key : place;
      at = isNode(pair.value) ? pair.value : null;
    } else if (isSeq(at)) {
      const entry = at.items[Number(step)];
      at = isNode(entry) ? entry : null;
      place = at ?? place;
    } else return place;
  }
  return place;
}

/** Reads the text of a configuration file; an empty one holds no settings. */
export function readYaml(text: string): Read {
  if (Buffer.byteLength(text) > LARGEST) return refuse('is larger than one megabyte', 'a file of settings');
  if (tooDeep(text)) return refuse('is nested deeper than any setting', 'a file of settings');
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
    logLevel: 'error',
    resolveKnownTags: false,
  });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0)
    return {
      complaints: faults.slice(0, 20).map(({ code, pos }) => {
        const [wrong, right] = WORDS[code] ?? [
          'is no YAML here',
          `indentation by spaces, "name: value" (${code.toLowerCase().replaceAll('_', ' ')})`,
        ];
        return { path: '', wrong, right, line: lines.linePos(pos[0]).line };
      }),
    };
  return toValues(document, lines);
}

function toValues(document: ReturnType<typeof parseDocument>, lines: LineCounter): Read {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (thrown) {
    // The library's own words for an anchor that multiplies, or that is nowhere.
    if (thrown instanceof ReferenceError)
      return refuse('repeats itself too often by anchors', 'settings written out');
    throw thrown;
  }
  if (value === null || value === undefined) value = {};
  if (typeof value !== 'object' || Array.isArray(value))
    return refuse('is no list of settings', 'lines such as "publicUrl: https://meet.example.org"', 1);
  return {
    value: value as Record<string, unknown>,
    lineOf: (path) => {
      const offset = nearest(document.contents, path)?.range?.[0];
      return offset === undefined ? undefined : lines.linePos(offset).line;
    },
  };
}
