/**
 * The part of HOCON that Jicofo's jicofo.conf uses, read as data with its lines. A reader of our own: the libraries
 * there are follow includes to files and addresses, and forget where something stood.
 *
 * Pure. Knows objects, dotted keys, quoted and bare texts, lists and comments; a substitution (`${…}`), an `include`
 * and a text in three quotes are named as not understood.
 * @see Lightbend config, HOCON.md
 */

/** One value, by the path of its key. */
export interface HoconValue {
  readonly path: string;
  /** Undefined where it does not follow from the text, and for lists. */
  readonly value: string | undefined;
  readonly line: number;
}

/** A file. */
export interface HoconFile {
  readonly values: readonly HoconValue[];
  readonly left: readonly { readonly line: number; readonly says: string }[];
}

type Token = { readonly kind: 'mark' | 'quoted' | 'bare'; readonly text: string; readonly line: number };

const MARKS = new Set(['{', '}', '[', ']', '=', ':', ',', '\n']);
const DEEPEST = 64;

/** Reads a file; or where it stops being one. */
export function readHocon(text: string): HoconFile | { readonly fault: string; readonly line: number } {
  const tokens = tokensOf(text);
  if ('fault' in tokens) return tokens;
  const values: HoconValue[] = [];
  const left: { line: number; says: string }[] = [];
  let at = 0;
  let fault: { fault: string; line: number } | undefined;
  const line = () => (tokens[at] ?? tokens.at(-1))?.line ?? 1;
  const fail = (what: string) => {
    fault ??= { fault: what, line: line() };
    at = tokens.length;
  };
  const is = (...marks: readonly string[]) =>
    tokens[at]?.kind === 'mark' && marks.includes(tokens[at]?.text ?? '');
  const skip = (...marks: readonly string[]) => {
    while (is(...marks)) at += 1;
  };

  const list = () => {
    let open = 0;
    do {
      if (is('[')) open += 1;
      if (is(']')) open -= 1;
      at += 1;
    } while (open > 0 && at < tokens.length);
    if (open > 0) fail('a list has no end');
  };
  const entry = (above: readonly string[], depth: number) => {
    const from = line();
    const key: string[] = [];
    while (tokens[at] !== undefined && tokens[at]?.kind !== 'mark') {
      const { kind, text: word } = tokens[at] as Token;
      key.push(...(kind === 'quoted' ? [word] : word.split('.').filter((one) => one !== '')));
      at += 1;
    }
    if (key.length === 0) return fail('a key is missing');
    if (key[0]?.startsWith('include')) {
      left.push({ line: from, says: 'includes another file' });
      return undefined;
    }
    if (is('=', ':')) {
      at += 1;
      skip('\n');
    }
    const path = [...above, ...key];
    if (is('{')) {
      at += 1;
      object(path, depth + 1);
      if (!is('}')) return fail('an object has no end');
      at += 1;
      return undefined;
    }
    const starts = line();
    if (is('[')) {
      list();
      values.push({ path: path.join('.'), value: undefined, line: starts });
      return undefined;
    }
    const words: Token[] = [];
    while (tokens[at] !== undefined && tokens[at]?.kind !== 'mark') words.push(tokens[at++] as Token);
    if (words.length === 0) return fail('a value is missing');
    const value = words.map(({ text: word }) => word).join(' ');
    const known = !words.some(({ kind, text: word }) => kind === 'bare' && word.includes('$'));
    if (!known) left.push({ line: starts, says: `${path.join('.')} is filled in from elsewhere` });
    values.push({ path: path.join('.'), value: known ? value : undefined, line: starts });
    return undefined;
  };
  const object = (above: readonly string[], depth: number) => {
    if (depth > DEEPEST) return fail('goes too deep');
    for (skip('\n', ','); at < tokens.length && !is('}'); skip('\n', ',')) entry(above, depth);
    return undefined;
  };

  skip('\n');
  const braced = is('{');
  if (braced) at += 1;
  object([], 0);
  if (braced) {
    if (!is('}')) fail('an object has no end');
    at += 1;
  }
  skip('\n');
  if (at < tokens.length) fail('closes more than it opens');
  return fault ?? { values, left };
}

function tokensOf(text: string): readonly Token[] | { readonly fault: string; readonly line: number } {
  const tokens: Token[] = [];
  let line = 1;
  let rest = text.replace(/^\uFEFF/, '');
  while (rest !== '') {
    const blank = /^(?:[ \t\r]+|(?:#|\/\/)[^\n]*)/.exec(rest)?.[0];
    const first = rest.charAt(0);
    let taken = blank ?? first;
    if (blank === undefined) {
      if (rest.startsWith('"""')) return { fault: 'a text in three quotes', line };
      if (MARKS.has(first)) tokens.push({ kind: 'mark', text: first, line });
      else if (first === '"') {
        const quoted = /^"(?:[^"\\\n]|\\.)*"/.exec(rest)?.[0];
        if (quoted === undefined) return { fault: 'a text has no end', line };
        tokens.push({ kind: 'quoted', text: unquoted(quoted), line });
        taken = quoted;
      } else {
        const substitution = /^\$\{[^}\n]{0,200}\}/.exec(rest)?.[0];
        taken = substitution ?? /^(?:[^\s{}[\]=:,#"/]|\/(?!\/)|:(?=\/\/))+/.exec(rest)?.[0] ?? first;
        tokens.push({ kind: 'bare', text: taken, line });
      }
    }
    line += taken.split('\n').length - 1;
    rest = rest.slice(taken.length);
  }
  return tokens;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(["\\/])/g, '$1');
}

/** The value that counts: the last. */
export function hoconAt({ values }: HoconFile, path: string): HoconValue | undefined {
  return values.findLast((one) => one.path === path);
}
