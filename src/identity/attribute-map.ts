/**
 * mod_shib's attribute-map.xml: under which ids attributes go that come by other names.
 *
 * Only the plain entries are taken, and what is not understood is named: half an entry carried out would be another
 * rule than the one that was written.
 *
 * @see Shibboleth SP, XMLAttributeExtractor
 */
import { readFile } from 'node:fs/promises';
import { Problem } from '../base/problem.ts';
import { is, parseXml, type XmlElement } from './saml/xml.ts';

/** One attribute: the name it is sent under, and its id. */
export interface MappedAttribute {
  readonly name: string;
  readonly id: string;
  /** Its values end in a domain, and count only where the identity provider may speak for it. */
  readonly scoped: boolean;
}

/** What a file says. */
export interface AttributeMap {
  readonly attributes: readonly MappedAttribute[];
  /** What was not understood: the id, the name, or what stands in its place. */
  readonly ignored: readonly string[];
}

const NS = 'urn:mace:shibboleth:2.0:attribute-map';
const TYPE = '{http://www.w3.org/2001/XMLSchema-instance}type';
const ID = /^[A-Za-z][\w-]{0,63}$/;
const MOST_ELEMENTS = 10_000;
const LARGEST = 512 * 1024;

/** Reads a file. Throws `config.unusable` with the reason. */
export async function readAttributeMap(file: string): Promise<AttributeMap> {
  const unusable = (why: string) =>
    new Problem('config.unusable', { setting: 'saml.attributeMapFile', file, why });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string')
      throw unusable(cause.code);
    throw cause;
  }
  const map = text.length > LARGEST ? { fault: 'too-large' } : parseAttributeMap(text);
  if ('fault' in map) throw unusable(map.fault);
  return map;
}

/** The same from its text; a word for what is wrong with the whole. */
export function parseAttributeMap(text: string): AttributeMap | { readonly fault: string } {
  const parsed = parseXml(text, { elements: MOST_ELEMENTS, forgiving: true });
  if ('fault' in parsed) return parsed;
  if (!is(parsed.root, NS, 'Attributes')) return { fault: 'not-an-attribute-map' };
  const read = parsed.root.children.map((element) => ({ element, mapped: mappedOf(element) }));
  return {
    attributes: read.flatMap(({ mapped }) => mapped ?? []),
    ignored: read.flatMap(({ element, mapped }) => (mapped === undefined ? [shownName(element)] : [])),
  };
}

function shownName({ local, attributes }: XmlElement): string {
  return attributes.get('id') ?? attributes.get('name') ?? local;
}

/** Undefined for whatever is more than a name and an id. */
function mappedOf(element: XmlElement): MappedAttribute | undefined {
  const { attributes, children } = element;
  const [name = '', id = ''] = [attributes.get('name'), attributes.get('id')];
  const plain = [...attributes.keys()].every((key) => ['name', 'id', 'nameFormat'].includes(key));
  if (!is(element, NS, 'Attribute') || !plain || name === '' || !ID.test(id)) return undefined;
  // A NameID is no attribute here: it is known as nameId and persistentNameId.
  if (name.includes(':nameid-format:') || children.length > 1) return undefined;
  const [decoder] = children;
  if (decoder === undefined) return { name, id, scoped: false };
  const scoped = scopedOf(decoder);
  return scoped === undefined ? undefined : { name, id, scoped };
}

/** By the decoder; undefined for one that makes something else of the values. */
function scopedOf(decoder: XmlElement): boolean | undefined {
  if (!is(decoder, NS, 'AttributeDecoder') || decoder.children.length > 0) return undefined;
  const { attributes } = decoder;
  const plain = [...attributes.keys()].every((key) => key === TYPE || key === 'caseSensitive');
  const type = attributes.get(TYPE)?.replace(/^[\w.-]+:/, '');
  if (!plain) return undefined;
  if (type === 'ScopedAttributeDecoder') return true;
  return type === 'StringAttributeDecoder' ? false : undefined;
}
