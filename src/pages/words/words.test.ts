import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROBLEMS } from '../../base/problem.ts';
import { WORDS } from './language.ts';

// Words that are the same in both languages and meant to be.
const SAME_AS_ENGLISH: Readonly<Record<string, readonly string[]>> = {
  de: [],
  fr: ['hosting roles participant'],
  es: [],
};

const english = sentences(WORDS.en);
const others = Object.values(WORDS).filter(({ language }) => language !== 'en');

for (const words of Object.values(WORDS)) {
  const { language } = words;
  const own = sentences(words);

  test(`${language} says what happened and what to do for every problem`, () => {
    assert.deepEqual(Object.keys(words.problems).sort(), Object.keys(PROBLEMS).sort());
  });

  test(`${language} leaves no sentence empty, and none with loose spaces`, () => {
    assert.deepEqual(
      [...own].filter(([, text]) => !/^\S(.*\S)?$/.test(text) || / {2}/.test(text)),
      [],
    );
  });

  test(`in ${language} what happened is a heading, what to do is whole sentences`, () => {
    const wrong = Object.entries(words.problems).filter(
      ([, { happened, whatToDo }]) =>
        happened.length > 90 || /[.!]$/.test(happened) || !/[.?]$/.test(whatToDo),
    );
    assert.deepEqual(wrong, []);
    const { named, elsewhere } = words.problems['provider.unreachable'];
    assert.ok(named.length <= 90 && !/[.!]$/.test(named) && /[.?]$/.test(elsewhere));
  });
}

for (const words of others) {
  const { language } = words;
  const own = sentences(words);

  test(`${language} has every sentence English has, and no other`, () => {
    assert.deepEqual([...own.keys()].sort(), [...english.keys()].sort());
  });

  test(`${language} fills the same places as English`, () => {
    assert.deepEqual(
      [...own].filter(([key, text]) => places(text) !== places(english.get(key) ?? '')),
      [],
    );
  });

  test(`no sentence was left in English in ${language}`, () => {
    const same = [...own]
      .filter(([key, text]) => key !== 'language' && text === english.get(key))
      .map(([key]) => key);
    assert.deepEqual(same, SAME_AS_ENGLISH[language]);
  });
}

test('nobody is scolded, and nobody reads the words of machines', () => {
  const scolds =
    /\b(invalid|illegal|forbidden|denied|errors?|fail(ed|ure)|must|wrong password|HTTP|JWT|tokens?|null)\b/i;
  assert.deepEqual(
    [...english].filter(([, text]) => scolds.test(text)),
    [],
  );
});

test('French keeps its hard spaces', () => {
  assert.deepEqual(
    [...sentences(WORDS.fr)].filter(([, text]) => / [?!:;»]|« /.test(text)),
    [],
  );
});

function sentences(tree: object, path: readonly string[] = []): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string'
        ? [[[...path, key].join(' '), value] as const]
        : [...sentences(value, [...path, key])],
    ),
  );
}

function places(text: string): string {
  return [...text.matchAll(/\{\w+\}/g)]
    .map(([place]) => place)
    .sort()
    .join();
}
