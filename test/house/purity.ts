/**
 * Pure files ask nothing of the machine: no clock, no chance, no environment,
 * no network, no timers. Read as text, comments and strings left out.
 */
import { matchesGlob } from 'node:path';
import { IMPURE, PURE, PURE_NODE } from './layers.ts';
import { codeOf, headerOf, importsOf, isTest, type Source } from './source.ts';

/** Names that reach for the machine, and how to say so. A `new Date(…)` of a given instant computes, and may stay. */
const REACHES: readonly (readonly [RegExp, string])[] = [
  [/(?<![.\w$])Date\s*\.\s*now\b|(?<![.\w$])Date\s*\(\s*\)|(?<![.\w$])new\s+Date\b(?!\s*\()/, 'the clock'],
  [/(?<![.\w$])performance\b|(?<![.\w$])Temporal\s*\.\s*Now\b/, 'the clock'],
  [/\.\s*(?:get|set)(?:FullYear|Month|Date|Day|Hours|Minutes)\s*\(/, 'the time zone of the machine'],
  [/\bMath\s*\.\s*random\b|(?<![.\w$])crypto\b(?!\s*:)/, 'chance'],
  [/(?<![.\w$])process\b(?!\s*\??:)|\bimport\.meta\b/, 'the process'],
  [/(?<![.\w$])(?:fetch|WebSocket|EventSource)\s*\(/, 'the network'],
  [/(?<![.\w$])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/, 'a timer'],
  [/(?<![.\w$])globalThis\b/, 'everything'],
];

/** Must this file be pure: by the plan, or because its own header says so? */
export function isPure(source: Source): boolean {
  if (isTest(source) || !source.path.startsWith('src/')) return false;
  if (IMPURE.includes(source.path)) return false;
  return PURE.some((glob) => matchesGlob(source.path, glob)) || /(?:^|[.;]\s+)Pure\b/m.test(headerOf(source));
}

/** What pure files take from the machine, a line each. */
export function impurities(sources: readonly Source[]): string[] {
  return sources.filter(isPure).flatMap((source) => {
    const code = codeOf(source.text);
    const reached = REACHES.filter(([pattern]) => pattern.test(code)).map(([, what]) => what);
    return [...new Set([...reached, ...takenFromNode(source)])].map(
      (what) => `${source.path} is pure, but asks for ${what}`,
    );
  });
}

function takenFromNode(source: Source): string[] {
  return importsOf(source).flatMap(({ spec }) => {
    if (spec === undefined || !spec.startsWith('node:')) return [];
    const allowed = PURE_NODE[spec] ?? [];
    const names = namesFrom(source.text, spec);
    return names?.every((name) => allowed.includes(name)) ? [] : [spec];
  });
}

/** The names in `import { a, type b as c } from 'spec'`; undefined for any other form, which may take everything. */
function namesFrom(text: string, spec: string): string[] | undefined {
  const found = [...text.matchAll(/\bimport\s+(?:type\s+)?\{([^}]*)\}\s*from\s*'([^']+)'/g)].filter(
    (match) => match[2] === spec,
  );
  if (found.length === 0) return undefined;
  return found
    .flatMap((match) => (match[1] ?? '').split(','))
    .map((name) =>
      name
        .trim()
        .replace(/^type\s+/, '')
        .replace(/\s+as\s.*$/, ''),
    )
    .filter((name) => name !== '');
}
