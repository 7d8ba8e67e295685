import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from './commands.ts';
import { commandsReference } from './reference.ts';

test('every command stands in the reference, with every word and option it takes', () => {
  const sections = commandsReference().split('\n## ').slice(1);
  assert.equal(sections.length, COMMANDS.length);
  for (const [at, { name, takes = [], options = [] }] of COMMANDS.entries()) {
    const section = sections[at] ?? '';
    assert.ok(section.startsWith(`\`ostiary ${name}`));
    for (const word of takes) assert.ok(section.includes(`| \`${word.name}\` |`));
    for (const { flags } of options) assert.ok(section.includes(`| \`${flags}\` |`), flags);
  }
});
