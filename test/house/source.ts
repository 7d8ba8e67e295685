/**
 * Reads source as text: what is code, what is comment or string, and what a
 * file imports. It knows no rule; the rules feed it files, or made-up ones.
 */
import { posix } from 'node:path';

/** A file: its path from the top of the repository, with slashes, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** One import. `spec` is undefined where it is not written out as a plain string. */
export interface Import {
  readonly spec: string | undefined;
  /** The file it leads to, from the top of the repository; undefined for a package. */
  readonly target: string | undefined;
  /** `import type` and `export type`: gone once compiled. */
  readonly isType: boolean;
}

/** Is this a test? Tests may name adapters and dependencies. */
export const isTest = ({ path }: Source): boolean => path.endsWith('.test.ts');

// A slash after one of these opens a regular expression; after anything else it divides.
const BEFORE_REGEX =
  /(?:^|[=(,:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|void|delete|throw|await|else|do))\s*$/;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const QUOTED = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)?/y;
const REST = /[^'"`/{}]+|[\s\S]/y;

function taken(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');
const hollow = (text: string): string =>
  text.length < 2 ? text : text[0] + blank(text.slice(1, -1)) + text.at(-1);

/** The same text, as long and in the same lines, with the insides of comments and strings made blank. */
export function codeOf(text: string): string {
  let code = '';
  const braces: boolean[] = []; // true: this brace stands inside a template
  const template = (at: number): void => {
    const chunk = taken(TEMPLATE, text, at);
    const opens = chunk.endsWith('${');
    code += blank(chunk.slice(0, opens ? -2 : -1)) + (opens ? '${' : '`');
    if (opens) braces.push(true);
  };
  while (code.length < text.length) {
    const at = code.length;
    const comment = taken(COMMENT, text, at);
    const quoted = comment === '' ? taken(QUOTED, text, at) : '';
    const regex =
      text[at] === '/' && comment === '' && BEFORE_REGEX.test(code.slice(-40)) ? taken(REGEX, text, at) : '';
    if (comment !== '') code += blank(comment);
    else if (quoted !== '' || regex !== '') code += hollow(quoted || regex);
    else {
      const rest = taken(REST, text, at);
      code += rest;
      if (rest === '{') braces.push(false);
      else if (rest === '`' || (rest === '}' && braces.pop() === true)) template(code.length);
    }
  }
  return code;
}

/** The string literal that starts at this place, without its quotes; undefined if it is none, or has values in it. */
export function literalAt(text: string, at: number): string | undefined {
  const quote = text[at];
  if (quote !== "'" && quote !== '"' && quote !== '`') return undefined;
  const found = quote === '`' ? /`(?:\\[\s\S]|[^`\\])*`/y : QUOTED;
  return taken(found, text, at).slice(1, -1);
}

// `import x from 'y'`, `export … from 'y'`, `import 'y'`, `import('y')`, `import type`, `require('y')`, `import.meta.resolve('y')`
const NAMED =
  /(?<![.\w$])(?:from|import)\s*(?=['"])|(?<![.\w$])(?:import|require)\s*\(\s*|\bimport\.meta\.resolve\s*\(\s*/g;
// Ways to import that leave no trace a reader of text could follow.
const HIDDEN = /\b(?:createRequire|getBuiltinModule)\b/g;

const UNREADABLE: Import = { spec: undefined, target: undefined, isType: false };

/** Does the statement whose `from` stands here begin with `import type` or `export type`? */
function isTypeOnly(code: string, from: number): boolean {
  const start = Math.max(code.lastIndexOf('import', from - 1), code.lastIndexOf('export', from - 1));
  return /^(?:import|export)\s+type\s+[\w*{]/.test(code.slice(Math.max(start, 0), from));
}

/** Everything a file imports, in whatever form. */
export function importsOf({ path, text }: Source): Import[] {
  const code = codeOf(text);
  const named = [...code.matchAll(NAMED)].map((match) => {
    const spec = literalAt(text, match.index + match[0].length);
    if (spec === undefined || spec.includes('${')) return UNREADABLE;
    const target = spec.startsWith('.') ? posix.join(posix.dirname(path), spec) : undefined;
    return { spec, target, isType: isTypeOnly(code, match.index) };
  });
  return [...named, ...[...code.matchAll(HIDDEN)].map(() => UNREADABLE)];
}

/** The package a specifier names, without what it takes from inside it; `node:` names stay whole. */
export function packageOf(spec: string): string {
  return spec.startsWith('node:') ? spec : spec.split('/', spec.startsWith('@') ? 2 : 1).join('/');
}

/** The comment that says what a file is for: the first block, before or after the imports; empty if there is none. */
export function headerOf({ text }: Source): string {
  const code = codeOf(text);
  const imports = /^(?:#![^\n]*\n)?(?:\s*import\b[^;]*;)*\s*/.exec(code)?.[0].length ?? 0;
  const start = text.trimStart().startsWith('/**')
    ? text.indexOf('/**')
    : text.slice(0, imports).lastIndexOf('/**');
  if (start === -1) return '';
  return text
    .slice(start + 3, text.indexOf('*/', start))
    .replace(/^\s*\* ?/gm, '')
    .trim();
}
