/**
 * How text becomes HTML: escaped by construction, and what a stranger wrote
 * kept in its own box. The only file that may call something safe markup.
 */
import { html as honoHtml, raw as honoRaw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** Markup that is safe to send: a String object, made only here; `String(page)` gives the plain text. */
export type Html = HtmlEscapedString;

/** What may stand in a template: text is escaped, markup is kept, nothing is left out. */
export type Part = Html | string | number | false | undefined | readonly Part[];

/** The template every page is written with; whatever stands in it is escaped unless it is markup already. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return honoHtml(strings, ...parts) as Html; // a promise comes back only for a promise given, and Part has none
}

/** Our own constants, and nothing else, as markup. */
export function constantMarkup(source: string): Html {
  return honoRaw(source);
}

/** The longest text of a stranger that a page shows, in characters. */
export const LONGEST_SHOWN = 120;

// Controls, and the marks that turn the direction of the text around them.
const UNSHOWABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu;

/** A stranger's text as it may stand in a title: no controls, no turned directions, not longer than a line or two. */
export function plainText(text: string, longest = LONGEST_SHOWN): string {
  const characters = Array.from(
    text
      .slice(0, longest * 4)
      .toWellFormed()
      .replace(UNSHOWABLE, ' ')
      .trim(),
  );
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : characters.join('');
}

/** A stranger's text as it may stand among our words: as `plainText`, and its direction stays its own. */
export function shown(text: string, longest = LONGEST_SHOWN): Html {
  return html`<bdi>${plainText(text, longest)}</bdi>`;
}

/** A sentence with its `{places}` filled, as markup. */
export function fill(sentence: string, places: Readonly<Record<string, Part>>): Html {
  const pieces = sentence.split(/\{(\w+)\}/);
  return html`${pieces.map((piece, index) => (index % 2 === 0 ? piece : places[piece]))}`;
}

/** A sentence with its `{places}` filled, as text for a title or an attribute. */
export function fillText(sentence: string, places: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, place: string) => plainText(places[place] ?? ''));
}

/**
 * An address a page may link to, or nothing: a path on this site, or http and https.
 *
 * Against `javascript:`, `data:`, `//elsewhere` and the tab or backslash that makes one.
 */
export function safeAddress(address: string | undefined): string | undefined {
  if (address === undefined || /[\p{Cc} \\]/u.test(address)) return undefined;
  if (address.startsWith('/')) return address.startsWith('//') ? undefined : address;
  const { protocol, href } = URL.parse(address) ?? {};
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
