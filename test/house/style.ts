/**
 * The manners of a file: a header, a docstring on every export, and none of
 * what we do not write. Read as text; the rest of the style is Biome's.
 */
import { CLASSES } from './layers.ts';
import { codeOf, headerOf, isTest, type Source } from './source.ts';

const inSource = (sources: readonly Source[]): Source[] =>
  sources.filter(
    (source) => source.path.startsWith('src/') && source.path.endsWith('.ts') && !isTest(source),
  );

const typescript = (sources: readonly Source[]): Source[] =>
  sources.filter(({ path }) => path.endsWith('.ts'));

/** Files that do not say what they are for. */
export function withoutHeader(sources: readonly Source[]): string[] {
  return inSource(sources)
    .filter((source) => headerOf(source) === '')
    .map(({ path }) => `${path} does not begin by saying what it is for`);
}

/** Exports that no sentence stands above. Further overloads of one function need none. */
export function withoutDocstring(sources: readonly Source[]): string[] {
  return inSource(sources).flatMap(({ path, text }) => {
    const lines = text.split('\n');
    const code = codeOf(text).split('\n');
    const said = new Set<string>();
    return code.flatMap((line, index) => {
      const found =
        /^export\s+(?:declare\s+)?(?:async\s+)?(?:abstract\s+)?(?:function\*?|const|let|type|interface|class)\s+(\w+)/.exec(
          line,
        );
      const name = found?.[1];
      if (name === undefined || said.has(name)) return [];
      said.add(name);
      const above = (lines[index - 1] ?? '').trim();
      return above.endsWith('*/') && documented(lines, index - 1)
        ? []
        : [`${path}:${index + 1} exports ${name} without a sentence`];
    });
  });
}

function documented(lines: readonly string[], end: number): boolean {
  for (let at = end; at >= 0; at -= 1)
    if ((lines[at] ?? '').includes('/*')) return (lines[at] ?? '').includes('/**');
  return false;
}

// Where a type can stand; `any` may well be the name of a value.
const ANY = /(?:[:<|&]|\bas|=>)\s*any\b(?=\s*(?:\[\]|[,;)=>|&{}]|$))|,\s*any\s*>/gm;

/** What VitePress reads, which looks for nothing else. */
const WANTS_DEFAULT: ReadonlySet<string> = new Set(['site/.vitepress/config.ts']);

/** What we do not write anywhere: `any`, default exports, tests that are left out. */
export function unwanted(sources: readonly Source[]): string[] {
  return typescript(sources).flatMap(({ path, text }) => {
    const code = codeOf(text);
    return [
      ...held({ path, code }, ANY, 'any'),
      ...(WANTS_DEFAULT.has(path)
        ? []
        : held({ path, code }, /\bexport\s+default\b|\bas\s+default\b/g, 'a default export')),
      ...held(
        { path, code },
        /(?<![.\w$])(?:test|it|describe|suite|t)\s*\.\s*(?:skip|only|todo)\b/g,
        'a test that is left out',
      ),
      ...held(
        { path, code },
        /(?<![.\w$])(?:test|it|describe|suite)\s*\([^,]*,\s*\{[^{}]*\b(?:skip|only|todo)\b/g,
        'a test that is left out',
      ),
    ];
  });
}

/** What the server does not hold: `console`, classes of our own but the two, index files but the one. */
export function unwantedInSource(sources: readonly Source[]): string[] {
  return inSource(sources).flatMap(({ path, text }) => {
    const code = codeOf(text);
    const index =
      /(?:^|\/)index\.ts$/.test(path) && path !== 'src/index.ts' ? [`${path} is an index file`] : [];
    const classes = [...code.matchAll(/(?<![.\w$])class\b\s*(\w*)/g)]
      .map((match) => match[1] ?? '')
      .filter((name) => !CLASSES.includes(name))
      .map((name) => `${path} holds the class ${name}`);
    return [...index, ...classes, ...held({ path, code }, /(?<![.\w$])console\s*\??\./g, 'console')];
  });
}

function held({ path, code }: { path: string; code: string }, pattern: RegExp, what: string): string[] {
  const lineOf = (index: number) => code.slice(0, index).split('\n').length;
  return [...code.matchAll(pattern)].map(({ index }) => `${path}:${lineOf(index)} holds ${what}`);
}
