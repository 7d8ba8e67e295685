/**
 * nginx's and Apache's configuration as a tree of directives with their lines. Readers of our own: what has to be
 * known is which blocks there are and where they stand, and no library that is kept up to date keeps that.
 *
 * Pure. Knows nothing of what a directive means.
 */

/** One directive, and what stands in its braces or between its tags. */
export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
  readonly first: number;
  readonly last: number;
  readonly inside?: readonly Directive[];
}

/** What was read; or where it stops being a configuration. */
export type Directives =
  | { readonly directives: readonly Directive[] }
  | { readonly fault: string; readonly line: number };

/** Deeper than anybody nests blocks. */
const DEEPEST = 32;

interface Open {
  readonly words: string[];
  readonly first: number;
  readonly inside: Directive[];
}

/** @see nginx, src/core/ngx_conf_file.c, `ngx_conf_read_token` */
export function readNginx(text: string): Directives {
  const open: Open[] = [{ words: [], first: 0, inside: [] }];
  let words: string[] = [];
  let first = 0;
  let line = 1;
  let rest = text;
  while (rest !== '') {
    const taken =
      /^(?:\s+|#[^\n]*)/.exec(rest)?.[0] ??
      /^(?:"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')/.exec(rest)?.[0] ??
      /^(?:[^\s;{}"'\\]|\\[\s\S]|\$\{[^}]*\}|(?<=\S)["'])+/.exec(rest)?.[0] ??
      rest.charAt(0);
    const isBlank = /^(?:\s|#)/.test(taken) && !/^\\/.test(taken);
    if (!isBlank && taken !== ';' && taken !== '{' && taken !== '}') {
      if (words.length === 0) first = line;
      words.push(taken.replace(/^(["'])([\s\S]*)\1$/, '$2'));
    }
    const above = open.at(-1);
    line += taken.split('\n').length - 1;
    if (open.length > DEEPEST) return { fault: 'goes too deep', line };
    if (taken === '{') {
      open.push({ words, first: words.length === 0 ? line : first, inside: [] });
      words = [];
    } else if (taken === ';' && words.length > 0) {
      const [name = '', ...others] = words;
      above?.inside.push({ name, words: others, first, last: line });
      words = [];
    } else if (taken === '}') {
      const closed = open.length > 1 ? open.pop() : undefined;
      if (closed === undefined || words.length > 0) return { fault: 'closes more than it opens', line };
      const [name = '', ...others] = closed.words;
      open
        .at(-1)
        ?.inside.push({ name, words: others, first: closed.first, last: line, inside: closed.inside });
    }
    rest = rest.slice(taken.length);
  }
  if (open.length > 1) return { fault: 'a block has no end', line: open.at(-1)?.first ?? line };
  if (words.length > 0) return { fault: 'a directive has no end', line: first };
  return { directives: open[0]?.inside ?? [] };
}

/** @see Apache httpd, "Configuration Files": one directive a line, goes on behind a backslash, sections in tags */
export function readApache(text: string): Directives {
  const open: Open[] = [{ words: [], first: 0, inside: [] }];
  let begun = '';
  let first = 1;
  for (const [at, piece] of text.split(/\r?\n/).entries()) {
    if (begun === '') first = at + 1;
    if (piece.endsWith('\\')) {
      begun += piece.slice(0, -1);
      continue;
    }
    const bare = (begun + piece).trim();
    begun = '';
    if (bare === '' || bare.startsWith('#')) continue;
    const last = at + 1;
    if (open.length > DEEPEST) return { fault: 'goes too deep', line: last };
    const [, slash, tag] = /^<(\/?)([\s\S]*)>$/.exec(bare) ?? [];
    const words =
      (tag ?? bare).match(/"(?:[^"\\]|\\.)*"|\S+/g)?.map((one) => one.replace(/^"(.*)"$/, '$1')) ?? [];
    const [name = '', ...others] = words;
    if (tag === undefined) open.at(-1)?.inside.push({ name, words: others, first, last });
    else if (slash === '') open.push({ words, first, inside: [] });
    else {
      const closed = open.length > 1 ? open.pop() : undefined;
      if (closed?.words[0]?.toLowerCase() !== name.toLowerCase())
        return { fault: `</${name}> closes nothing`, line: last };
      open.at(-1)?.inside.push({
        name: closed.words[0] ?? '',
        words: closed.words.slice(1),
        first: closed.first,
        last,
        inside: closed.inside,
      });
    }
  }
  const unclosed = open.length > 1 ? open.at(-1) : undefined;
  if (unclosed !== undefined) return { fault: `<${unclosed.words[0]}> has no end`, line: unclosed.first };
  return { directives: open[0]?.inside ?? [] };
}

/** Every directive, those in blocks too, with what it stands in. */
export function* everyDirective(
  directives: readonly Directive[],
  above: readonly Directive[] = [],
): Generator<{ readonly directive: Directive; readonly above: readonly Directive[] }> {
  for (const directive of directives) {
    yield { directive, above };
    yield* everyDirective(directive.inside ?? [], [...above, directive]);
  }
}
