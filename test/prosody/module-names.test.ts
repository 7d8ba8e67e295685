/** A TURN name is written the same by our module in Prosody and by us, whatever stands in an id or a room. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { turnSafe } from '../../src/tokens/turn.ts';
import { needCommand } from '../support/real/need.ts';

const MODULE = readFileSync(new URL('../../prosody/mod_ostiary.lua', import.meta.url), 'utf8');
/** Its own lines, in a program that reads a text in hex and writes what becomes of it. */
const [ITS_OWN = ''] = /^local function hex\(char\).*?^local function turn_safe.*?^end$/ms.exec(MODULE) ?? [];
const PROGRAM = `
  package.path = "/usr/lib/prosody/?.lua;"..package.path;
  package.cpath = "/usr/lib/prosody/?.so;"..package.cpath;
  local hashes = require "util.hashes";
  ${ITS_OWN}
  for line in io.lines() do
    print(turn_safe((line:gsub("%x%x", function (pair) return string.char(tonumber(pair, 16)); end))));
  end`;

const CHOSEN = [
  ...['a:b@c', 'ada~x', '1700000000:root@*', '%25', '', ' ', '\u0000', '\r\n', "'; --", '"><', '../..'],
  ...['union', 'UNION', 'uNiOn', 'unionunion', 'ununion', 'union select', 'reunion', 'ünion', 'unıon'],
  ...[
    '[sales_eu]größe',
    '漢字',
    '👩‍🚀',
    'e\u0301',
    '\u202e',
    'x'.repeat(200),
    'x'.repeat(201),
    'ä'.repeat(34),
  ],
];
const ALPHABET = [...'uUnNiIoOaZ09._-~:@%[]/+ \t"\'\\äß漢👩'];
const random = () =>
  Array.from({ length: randomInt(60) }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '').join('');

test('both write every text the same, and so that neither a sign of ours nor an attack stands in it', () => {
  const texts = [...CHOSEN, ...Array.from({ length: 2000 }, random)];
  const { stdout, stderr } = spawnSync(needCommand('lua5.4', 'lua5.4'), ['-e', PROGRAM], {
    input: texts.map((text) => `${Buffer.from(text).toString('hex')}\n`).join(''),
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(stderr, '');
  const theirs = stdout.split('\n').slice(0, -1);
  assert.equal(theirs.length, texts.length);
  for (const [at, text] of texts.entries()) {
    const ours = turnSafe(text);
    assert.equal(theirs[at], ours, JSON.stringify(text));
    assert.match(ours, /^[A-Za-z0-9._%-]{0,200}$/);
    assert.ok(!/union/i.test(ours), ours);
  }
});
