/** What the manual says is stored is what is stored: every key that the source writes, and no other, is named there. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SQLITE_STEPS } from '../../src/store/sqlite.ts';
import { openTerminal } from '../support/terminal.ts';
import { BLOCKS, MANUAL } from './manual.ts';
import { read } from './tree.ts';

const PAGE = MANUAL.get('docs/explain/data.md') ?? '';

/** What writes into the store; the store itself and the terminal write nothing of their own. */
const WRITERS = [...read(/^src\/(?!store\/|base\/|cli\/|config\/|pages\/).*(?<!\.test)\.ts$/)].filter(
  ([, text]) => /\bstore\??\.(?:put|swap|take)\(|\bamend\(/.test(text),
);

/** Files that write under a key which another file makes. */
const KEYS_ELSEWHERE: Readonly<Record<string, string>> = {
  'src/identity/session-shelf.ts': 'src/identity/session-afterwards.ts',
  'src/admission/invite.ts': 'src/admission/invite-record.ts',
  'src/admission/roll.ts': 'src/admission/door-book.ts',
};

/** The words that keys of a file begin with, up to the first thing that is put in. */
function keysIn(text: string): readonly string[] {
  const constants = /(?:\b(?:PREFIX|KEY|PLACE|ENDED) = |\bprefix: )'([a-z-]+(?:\/[a-z]+)?)[/:]?'/g;
  const templates = /(?:\bplace = |\breturn |\bswap\(|\bkey = |=> )`([a-z-]+(?:\/[a-z]+)?)[/:]\$\{/g;
  return [...text.matchAll(constants), ...text.matchAll(templates)].map(([, word = '']) => word);
}

const all = read(/^src\/.*\.ts$/);
const written = new Map(
  WRITERS.map(([path, text]) => [path, keysIn(all.get(KEYS_ELSEWHERE[path] ?? '') ?? text)]),
);

/** The words in the first column of the table of keys. */
const named = [
  ...(/## By the keys in the file([\s\S]*?)\n## /.exec(PAGE)?.[1] ?? '').matchAll(/^\| (`.*?`) \|/gm),
]
  .flatMap(([, cell = '']) => cell.split(', '))
  .map((key) => key.replaceAll('`', '').replace(/[/:](?:[A-Z]+|…).*$/, ''));

test('every file that writes into the store has a key that can be read off it', () => {
  assert.ok(WRITERS.length > 15, String(WRITERS.length));
  assert.deepEqual(
    [...written].filter(([, keys]) => keys.length === 0).map(([path]) => path),
    [],
  );
});

test('every key of the store is named in the manual, and every one that is named is written', () => {
  const keys = new Set([...written.values()].flat());
  assert.deepEqual(
    [...keys].filter((key) => !named.includes(key) && !named.includes(key.split('/')[0] ?? '')),
    [],
  );
  assert.deepEqual(
    named.filter((key) => !keys.has(key)),
    [],
  );
});

test('every table that is written is named', () => {
  const tables = SQLITE_STEPS.flatMap((step) =>
    [...step.matchAll(/CREATE TABLE (\w+)/g)].map(([, name]) => name),
  );
  const theirs = /INTO (\w+)/.exec(all.get('src/store/sqlite-coturn.ts') ?? '')?.[1];
  for (const table of [...tables, theirs]) assert.ok(PAGE.includes(`\`${table}\``), table);
});

test('the question of the manual finds what is stored about a person, and nothing of another', async (t) => {
  const terminal = openTerminal(t);
  terminal.configure({ store: { path: join(terminal.folder, 'store.sqlite') } });
  const { sessions, audit, clock } = { ...(await terminal.server()), clock: terminal.clock };
  for (const id of ['keycloak#4711', 'keycloak#47110']) {
    const person = { id, provider: 'keycloak', name: 'Ada', groups: [], emailVerified: false };
    await sessions.issue({ person });
    await audit.record({
      at: clock.now(),
      id: `AAAA-${id.length}`,
      event: 'signed-in',
      person: id,
      provider: 'keycloak',
      groups: [],
    });
  }
  const { code, err } = await terminal.run('backup', 'copy.sqlite');
  assert.equal(code, 0, err);
  const copy = new DatabaseSync(join(terminal.folder, 'copy.sqlite'), { readOnly: true });
  const found = copy.prepare(BLOCKS.find(({ mark }) => mark === 'sql: about a person')?.text ?? '').all();
  copy.close();
  const kinds = found.map(({ key, value }) => [String(key).split('/')[0], String(value).includes('47110')]);
  assert.deepEqual(kinds.sort(), [
    ['audit', false],
    ['session', false],
  ]);
});
