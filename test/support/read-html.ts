/**
 * A strict reader of our own HTML: it knows just the markup our pages use and
 * throws at everything else, so that what broke out of its place is found.
 */

/** One element as it opens, in document order. */
export interface ReadElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The tags around it, outermost first. */
  readonly inside: readonly string[];
  /** All text in it, references resolved. */
  text: string;
}

const VOID = new Set(['meta', 'link', 'input', 'img', 'path', 'circle', 'rect']);
const RAW = new Set(['script', 'style']);
const REFERENCES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** Every element of a page, in order; throws a sentence when the page is not strictly written. */
export function readHtml(page: string): readonly ReadElement[] {
  const doctype = '<!doctype html>';
  if (!page.startsWith(doctype)) throw new Error('the page does not begin with its doctype');
  const elements: ReadElement[] = [];
  const open: ReadElement[] = [];
  let rest = page.slice(doctype.length);
  while (rest !== '') {
    const around = open.at(-1);
    if (around !== undefined && RAW.has(around.tag)) {
      const end = rest.indexOf(`</${around.tag}>`);
      if (end === -1) throw new Error(`<${around.tag}> is never closed`);
      around.text = rest.slice(0, end);
      rest = rest.slice(end);
    }
    const [token, name = '', attributes = ''] =
      /^<(\/?[a-z][a-z0-9]*)((?: [a-z-]+[a-z0-9A-Z-]*(?:="[^"<>]*")?)*)\/?>/.exec(rest) ?? [];
    if (token === undefined) {
      const [text] = /^[^<>]+/.exec(rest) ?? [];
      if (text === undefined) throw new Error(`stray markup: ${rest.slice(0, 60)}`);
      for (const element of open) element.text += resolve(text);
      rest = rest.slice(text.length);
      continue;
    }
    rest = rest.slice(token.length);
    if (name.startsWith('/')) {
      const closed = open.pop();
      if (closed?.tag !== name.slice(1)) throw new Error(`<${name}> closes <${closed?.tag}>`);
      continue;
    }
    const element = {
      tag: name,
      attributes: readAttributes(attributes),
      inside: open.map(({ tag }) => tag),
      text: '',
    };
    elements.push(element);
    if (!VOID.has(name)) open.push(element);
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)?.tag}> is never closed`);
  return elements;
}

function readAttributes(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/ ([a-zA-Z-]+)(?:="([^"]*)")?/g)) {
    if (Object.hasOwn(found, name)) throw new Error(`${name} is given twice`);
    found[name] = resolve(value);
  }
  return found;
}

function resolve(text: string): string {
  return text.replace(/&[^;\s]{0,6};?/g, (reference) => {
    const meant = REFERENCES[reference];
    if (meant === undefined) throw new Error(`an ampersand stands bare: ${reference}`);
    return meant;
  });
}
