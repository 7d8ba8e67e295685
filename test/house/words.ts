/**
 * What may not stand in any file: notes to ourselves, words of the place where
 * the project is made, addresses of download hosts; and what a test is called.
 */
import { codeOf, isTest, literalAt, type Source } from './source.ts';

// Written in pieces, so that this file does not hold what it looks for.
const NOTES = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
const WORKPLACE = new RegExp(
  [
    `(?<![\\w.~-])/${'work'}/`,
    `/tmp/${'w'}(?:/|\\b)`,
    `registry\\.${'npmjs'}\\.org`,
    `registry\\.${'yarnpkg'}\\.com`,
    `\\bhelper ${'agent'}`,
    `\\bbefore-${'stop'}\\b`,
    `\\bsteering ${'repo'}\\b`,
    `\\bclosing ${'note'}\\b`,
    `\\b(?:${['design', 'anchors', 'demand', 'jitsi-contract', 'security-cases', 'identity-lab'].join('|')})\\.${'md'}\\b`,
  ].join('|'),
  'i',
);

/** Lines that hold a note to ourselves. */
export function notes(sources: readonly Source[]): string[] {
  return lines(sources, NOTES);
}

/** Lines that speak of the place where the project is made, or name a document that is not in it. */
export function workplace(sources: readonly Source[]): string[] {
  return lines(sources, WORKPLACE);
}

/** Lock files that name download hosts, which a machine elsewhere may not reach. */
export function downloadHosts(sources: readonly Source[]): string[] {
  return lines(
    sources.filter(({ path }) => path.endsWith('package-lock.json')),
    // A package of our own is a folder, not an address.
    /"resolved"\s*:\s*"(?!sdk\/)/,
  );
}

/** How many words a title has; a value put into it stands for two. */
const wordsIn = (title: string): number =>
  title
    .replace(/\$\{[^}]*\}/g, 'a value')
    .trim()
    .split(/\s+/).length;

/** Titles too short to be a sentence about the world. A title made elsewhere is judged there. */
export function shortTitles(sources: readonly Source[]): string[] {
  return sources
    .filter((source) => isTest(source) || source.path.startsWith('test/contract/'))
    .flatMap(({ path, text }) =>
      [...codeOf(text).matchAll(/(?<![.\w$])(?:t\s*\.\s*)?(?:test|it)\s*\(\s*/g)].flatMap((match) => {
        const title = literalAt(text, match.index + match[0].length);
        return title === undefined || wordsIn(title) > 3 ? [] : [`${path}: ‘${title}’`];
      }),
    );
}

function lines(sources: readonly Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}
