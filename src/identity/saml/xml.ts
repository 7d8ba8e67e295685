/**
 * XML as text becomes a tree, or is refused. The one door to saxes in this module.
 *
 * Strict: one root, well-formed, with namespaces; no document type, no entity but XML's own five, no processing
 * instruction, and within bounds. In messages no comment and no CDATA either, so that no text can read as two.
 * It knows nothing of SAML.
 */
import { SaxesParser, type SaxesTagNS } from 'saxes';

/** One element. What stood between its elements as text is `text`, joined. */
export interface XmlElement {
  readonly ns: string;
  readonly local: string;
  /** By local name; by `{namespace}name` where it has a prefix. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** The root, or why there is none. */
export type Parsed = { readonly root: XmlElement } | { readonly fault: string };

/** How large a document may be. */
interface XmlBounds {
  readonly elements: number;
  /** Comments and CDATA are left out instead of refused. */
  readonly forgiving?: boolean;
}

const DEEPEST = 48;
const MOST_ATTRIBUTES = 64;
const XMLNS = 'http://www.w3.org/2000/xmlns/';

interface Growing {
  readonly ns: string;
  readonly local: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: Growing[];
  text: string;
}

/** A document that is not what we read; caught where it is parsed. */
function fault(what: string): Error {
  return Object.assign(new Error(what), { fault: what });
}

/** Parses a document. */
export function parseXml(text: string, bounds: XmlBounds): Parsed {
  const parser = new SaxesParser({
    xmlns: true,
    position: false,
    forceXMLVersion: true,
    defaultXMLVersion: '1.0',
  });
  const open: Growing[] = [];
  let root: Growing | undefined;
  let count = 0;
  const refuse = (what: string) => () => {
    throw fault(what);
  };
  parser.on('error', refuse('malformed'));
  parser.on('doctype', refuse('doctype'));
  parser.on('processinginstruction', refuse('instruction'));
  parser.on('xmldecl', ({ encoding, version }) => {
    if (encoding !== undefined && !/^utf-8$/i.test(encoding)) throw fault('encoding');
    if (version !== undefined && version !== '1.0') throw fault('version');
  });
  if (!bounds.forgiving) {
    parser.on('comment', refuse('comment'));
    parser.on('cdata', refuse('cdata'));
  }
  parser.on('opentag', (tag) => {
    count += 1;
    if (count > bounds.elements || open.length >= DEEPEST) throw fault('too-much');
    const element = elementOf(tag);
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('text', (piece) => {
    const last = open.at(-1);
    if (last !== undefined) last.text += piece;
  });
  parser.on('closetag', () => void open.pop());
  try {
    parser.write(text).close();
  } catch (cause) {
    if (cause instanceof Error && 'fault' in cause) return { fault: String(cause.fault) };
    throw cause;
  }
  return root === undefined ? { fault: 'empty' } : { root };
}

function elementOf({ uri, local, attributes }: SaxesTagNS): Growing {
  const found = new Map<string, string>();
  for (const one of Object.values(attributes)) {
    if (one.uri === XMLNS) continue;
    found.set(one.uri === '' ? one.local : `{${one.uri}}${one.local}`, one.value);
  }
  if (found.size > MOST_ATTRIBUTES) throw fault('too-much');
  return { ns: uri, local, attributes: found, children: [], text: '' };
}

/** Is it this element? */
export function is(element: XmlElement, ns: string, local: string): boolean {
  return element.local === local && element.ns === ns;
}

/** Its children of this name. */
export function childrenOf(element: XmlElement, ns: string, local: string): readonly XmlElement[] {
  return element.children.filter((child) => is(child, ns, local));
}

/** Its one child of this name; undefined where there is none, or a second one. */
export function onlyChild(element: XmlElement, ns: string, local: string): XmlElement | undefined {
  const [first, ...others] = childrenOf(element, ns, local);
  return others.length === 0 ? first : undefined;
}

/** The text of an element that holds nothing else, as it stands. */
export function textOf(element: XmlElement | undefined): string | undefined {
  return element === undefined || element.children.length > 0 ? undefined : element.text;
}

/** It and everything in it, in the order of the document. */
export function* everything(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* everything(child);
}

/** A text as it may stand in an element or between double quotes. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\t\r\n]/g, (c) => `&#${c.charCodeAt(0)};`);
}
