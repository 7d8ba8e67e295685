/**
 * As much XML as XMPP sends to a test: elements, attributes and text. No doctype, no comments (RFC 6120, section 11.1).
 */

/** One element. Prefixes stay in the names as they were written. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

interface Growing extends Element {
  readonly children: Growing[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name) => ENTITIES[name] ?? whole);
}

/** A text as it may stand between tags and in attributes. */
export function escaped(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function opened(name: string, attributes: string): Growing {
  const pairs = [...attributes.matchAll(/([^\s=]+)=(?:"([^"]*)"|'([^']*)')/g)];
  const values = pairs.map(([, key = '', double, single]) => [key, plain(double ?? single ?? '')]);
  return { name, attributes: Object.fromEntries(values), children: [], text: '' };
}

/** The elements of a text, which must be whole. Throws where they are not. */
export function parseXml(xml: string): readonly Element[] {
  const root = opened('', '');
  const path = [root];
  for (const [, tag, text] of xml.replace(/^<\?xml[^>]*\?>/, '').matchAll(/<([^>]+)>|([^<]+)/g)) {
    const parent = path.at(-1) ?? root;
    if (tag === undefined) parent.text += plain(text ?? '');
    else if (tag.startsWith('/')) path.pop();
    else {
      const [, name = '', attributes = ''] = /^([^\s/]+)([\s\S]*)$/.exec(tag) ?? [];
      const element = opened(name, attributes);
      parent.children.push(element);
      if (!tag.endsWith('/')) path.push(element);
    }
  }
  if (path.length !== 1) throw new Error(`an element is not closed: ${xml}`);
  return root.children;
}

/** The first child of this name. */
export function child(element: Element | undefined, name: string): Element | undefined {
  return element?.children.find((one) => one.name === name);
}
