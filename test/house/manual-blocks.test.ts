/** Nothing is shown in the manual that no test runs, reads as the program it is for, or holds against what is printed. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readAccounts } from '../../src/identity/accounts/text.ts';
import { openTerminal } from '../support/terminal.ts';
import { BLOCKS, type Block } from './manual.ts';
import { ROOT, read } from './tree.ts';

/** Who looks at every block of a language. */
const LANGUAGES: Readonly<Record<string, string>> = {
  yaml: 'test/house/readme.test.ts',
  sh: 'test/e2e/manual-commands.test.ts',
  js: 'test/house/manual-scripts.test.ts',
  nginx: 'test/e2e/manual-nginx.test.ts',
  lua: 'test/e2e/manual-fronts.test.ts',
  json: 'test/house/manual-blocks.test.ts',
  css: 'test/house/manual-blocks.test.ts',
  sql: 'test/house/manual-data.test.ts',
};

/** Who looks at every block with a mark, whatever its language; what has no test of its own cannot be wrong, or is judged by others. */
const MARKS: Readonly<Record<string, string>> = {
  printed: 'test/house/readme.test.ts',
  gateway: 'test/house/packaging.test.ts',
  policy: 'test/house/manual-blocks.test.ts',
  accounts: 'test/house/manual-blocks.test.ts',
  answer: 'test/house/manual-blocks.test.ts',
  asked: 'test/house/manual-blocks.test.ts',
  theirs: 'test/house/manual-blocks.test.ts',
  labels: 'test/house/manual-blocks.test.ts',
  addresses: 'test/house/manual-blocks.test.ts',
  caddy: 'test/e2e/manual-fronts.test.ts',
  unit: 'test/e2e/manual-fronts.test.ts',
  front: 'test/e2e/header.test.ts',
  drawing: 'nobody: it is a picture',
};

const TESTS = [...read(/^test\/(?:e2e|house)\/.*\.test\.ts$/).values()].join('\n');

/** Does anybody look at it? A mark of another kind counts where a test asks for it by name, whole or by what stands behind the colon. */
function isLookedAt({ language, mark = '' }: Pick<Block, 'language' | 'mark'>): boolean {
  const [kind = '', name = ''] = mark.split(': ');
  return (
    Object.hasOwn(LANGUAGES, language) ||
    Object.hasOwn(MARKS, kind) ||
    (mark !== '' && (TESTS.includes(`'${mark}'`) || (name !== '' && TESTS.includes(`'${name}'`))))
  );
}

test('every block of the manual is run, or read as the program it is for would', () => {
  assert.ok(BLOCKS.length > 100);
  assert.deepEqual(
    BLOCKS.filter((block) => !isLookedAt(block)).map(({ path, language, text }) => [path, language, text]),
    [],
  );
});

test('a block of another kind is one that nobody looks at', () => {
  assert.equal(isLookedAt({ language: 'toml' }), false);
  assert.equal(isLookedAt({ language: '', mark: ['some', 'thing'].join('-') }), false);
});

test('who is said to look at the blocks of a kind is there', () => {
  const known = read(/^test\/(?:e2e|house)\/.*\.test\.ts$/);
  for (const by of Object.values({ ...LANGUAGES, ...MARKS }))
    assert.ok(by.startsWith('nobody: ') || known.has(by), by);
});

const marked = (kind: string) => BLOCKS.filter(({ mark = '' }) => mark.split(': ')[0] === kind);

for (const { path, mark, text } of marked('policy'))
  test(`the questions in ${path} are answered as they say (${mark})`, async (t) => {
    const terminal = openTerminal(t);
    // Without rules of its own it asks about those that are shown before it.
    const before = BLOCKS.filter(({ path: at, language }) => at === path && language === 'yaml');
    const rules = before.map((block) => parse(block.text)).find(({ rules: shown }) => isAbout(shown, text));
    if (text.startsWith('---')) terminal.configure(rules ?? assert.fail('no rules'));
    writeFileSync(join(terminal.folder, 'questions.case'), text);
    const { code, out, err } = await terminal.run('policy', 'test', 'questions.case');
    assert.equal(code, 0, out + err);
  });

/** Do these rules name the room that is asked about first? */
function isAbout(
  rules: readonly { readonly when?: { readonly rooms?: readonly string[] } }[] | undefined,
  text: string,
) {
  const [, room = ''] = /^(\w\S*)/m.exec(text) ?? [];
  return rules?.some(({ when }) => when?.rooms?.includes(room)) ?? false;
}

test('the file of accounts is one that is read', () => {
  const [block] = marked('accounts');
  const whole = (block?.text ?? '').replaceAll(
    /(\$argon2id\$v=19\$[^$]*\$|\$scrypt\$[^$]*\$)…/g,
    `$1${SALT}$${HASH}`,
  );
  const accounts = readAccounts(whole);
  assert.deepEqual('complaints' in accounts ? accounts.complaints : [], []);
});

const SALT = Buffer.alloc(16, 7).toString('base64').replaceAll('=', '');
const HASH = Buffer.alloc(32, 7).toString('base64').replaceAll('=', '');

test('every heading of an answer that is shown is one that the program writes', () => {
  const source = [...read(/^src\/cli\/.*\.ts$/).values()].join('\n').replaceAll('’', "'");
  for (const { path, text } of marked('answer'))
    for (const [, heading = ''] of text.matchAll(/^([A-Z][^\n:,]*?)(?:: \d+)?$/gm))
      assert.ok(source.includes(heading.replaceAll('’', "'")), `${path}: ${heading}`);
});

test('what other programs are told is written as they read it', () => {
  const [authelia] = marked('theirs');
  const [client] = parse(authelia?.text ?? '');
  assert.deepEqual(client.redirect_uris, ['https://meet.example.org/_ostiary/callback/campus']);
  for (const { text } of marked('labels'))
    for (const line of text.trimEnd().split('\n')) assert.match(line, /^traefik\.[\w.-]+=\S+$/);
  for (const { text } of marked('addresses'))
    for (const line of text.trimEnd().split('\n')) assert.ok(URL.canParse(line.split(' ')[0] ?? ''), line);
});

test('JSON that is shown is JSON, and a style sheet has as many braces open as shut', () => {
  for (const { text } of BLOCKS.filter(({ language }) => language === 'json')) JSON.parse(text);
  for (const { text } of BLOCKS.filter(({ language }) => language === 'css'))
    assert.equal(text.split('{').length, text.split('}').length);
});

test('what init asks and writes stands in the manual as it asks and writes it', async (t) => {
  const [asked] = marked('asked');
  const [written] = marked('written');
  const [found = '', ...questions] = (asked?.text ?? '').trimEnd().split('\n');
  const parted = questions.map(
    (line) => /^(?<prompt>.*\?(?: \[[^\]]*\])?)(?: (?<typed>.*))?$/.exec(line)?.groups,
  );
  const terminal = openTerminal(t);
  cpSync(new URL('test/cases/migrate/debian-plain/in', ROOT), join(terminal.folder, 'jitsi'), {
    recursive: true,
  });
  terminal.types(...parted.map((part) => part?.['typed'] ?? ''));
  const { code, out, err } = await terminal.run(
    'init',
    'jitsi',
    '--out',
    'out',
    '--provider-id',
    'campus',
    '--offline',
  );
  assert.equal(code, 0, err);
  assert.equal(out.split('\n')[0], found);
  assert.deepEqual(
    err.split('\n').map((line) => line.trimEnd()),
    parted.map((part) => part?.['prompt']),
  );
  assert.equal(readFileSync(join(terminal.folder, 'out/ostiary.yaml'), 'utf8'), written?.text);
});
