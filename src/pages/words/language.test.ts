import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pickLanguage } from './language.ts';

const ASKED: readonly (readonly [string | undefined, string, string])[] = [
  [undefined, 'en', 'nothing asked'],
  ['', 'en', 'an empty header'],
  ['de', 'de', 'one language'],
  ['de-CH-1996', 'de', 'a region is looked up by its language'],
  ['DE-at', 'de', 'in any case of letters'],
  ['fr-CA,fr;q=0.9,en;q=0.8', 'fr', 'the order of a browser'],
  ['en;q=0.5, es;q=0.9', 'es', 'the higher quality first'],
  ['es;q=0.5, fr;q=0.5', 'es', 'the earlier of two alike'],
  ['nl, pt-BR;q=0.9, fr;q=0.1', 'fr', 'the first that we speak'],
  ['nl, pt', 'en', 'none that we speak'],
  ['de;q=0, fr;q=0.1', 'fr', 'q=0 means not that one'],
  ['*', 'en', 'anything'],
  ['*, de;q=0.5', 'de', 'anything, but rather this'],
  ['de;q=2, es;q=0.1', 'es', 'a quality that is none is not read'],
  ['__proto__, constructor, toString', 'en', 'names every object has'],
  ['deu, den', 'en', 'what only begins alike'],
  [`${'x,'.repeat(5000)}de`, 'en', 'what lies beyond the bound is not read'],
  ['<script>,"de",de ; q = 1', 'en', 'junk'],
];

for (const [accept, language, why] of ASKED)
  test(`${why} gives ${language}`, () => assert.equal(pickLanguage(accept), language));
