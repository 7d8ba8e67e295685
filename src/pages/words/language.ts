/**
 * Which language a browser asked for, of those we speak.
 */
import { de } from './de.ts';
import { en, type Words } from './en.ts';
import { es } from './es.ts';
import { fr } from './fr.ts';
import type { Language } from './words.ts';

/** Every sentence in every language. */
export const WORDS: Readonly<Record<Language, Words>> = { en, de, fr, es };

const LONGEST_HEADER = 512;
const MOST_RANGES = 32;

/**
 * The first language we speak among those asked for, English if there is none.
 * `accept` is the header as it came; what lies beyond 512 characters is not read.
 *
 * @see RFC 9110 section 12.5.4, RFC 4647 section 3.4 (lookup)
 */
export function pickLanguage(accept: string | undefined): Language {
  const ranges = (accept ?? '').slice(0, LONGEST_HEADER).split(',', MOST_RANGES).flatMap(readRange);
  ranges.sort((one, other) => other.quality - one.quality);
  for (const { range } of ranges) {
    const [primary] = range.split('-');
    if (isLanguage(primary)) return primary;
  }
  return 'en';
}

/** The sentences of the language a browser asked for. */
export function wordsFor(accept: string | undefined): Words {
  return WORDS[pickLanguage(accept)];
}

// Ours are all primary subtags, so looking up `de-CH-1996` ends at `de`.
function readRange(text: string): { range: string; quality: number }[] {
  const found = /^\s*([a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i.exec(
    text,
  );
  if (found?.[1] === undefined) return [];
  const quality = Number(found[2] ?? 1);
  return quality === 0 ? [] : [{ range: found[1].toLowerCase(), quality }];
}

function isLanguage(text: string | undefined): text is Language {
  return text !== undefined && Object.hasOwn(WORDS, text);
}
