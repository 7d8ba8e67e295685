/** What Lua makes of bytes; each answer was seen on Debian's lua5.4 with lua-cjson 2.1. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromUrl64, luaLower, luaNumber, luaNumberOf, readLuaJson } from './lua.ts';

const read = (text: string) => readLuaJson(Buffer.from(text));

for (const [text, value] of [
  ['01', 1],
  ['1.', 1],
  ['+1', 1],
  ['-.5', -0.5],
  ['0x1F', 31],
  ['0X1p3', 8],
  ['1e5', 100_000],
  ['1e400', Number.POSITIVE_INFINITY],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
  ['nan', Number.NaN],
  [' "a\tb" ', 'a\tb'],
  ['"\\u00e9\\ud83d\\ude00\\/"', 'é😀/'],
  ['null\0and more', null],
  ['[1,[],{}]', [1, [], {}]],
  ['{"a":1,"a":false}', { a: false }],
] as const)
  test(`${JSON.stringify(text)} is ${JSON.stringify(value)} to lua-cjson`, () =>
    assert.deepEqual(read(text), { value }));

for (const text of [
  '',
  '.5',
  '-',
  '--1',
  '1e',
  '0x',
  '1 2',
  'nano',
  'infinit',
  'n',
  'tru',
  '{"a":1,}',
  '[1,]',
  '[1 2]',
  '{1:2}',
  '{"a" 1}',
  '{}x',
  '"open',
  '"a\0b"',
  '"\\x"',
  '"\\ud800"',
  '"\\udc00"',
  '"\\u12g4"',
  '\0\0',
  '5\0',
  '\ufeff{}',
])
  test(`${JSON.stringify(text)} is nothing to lua-cjson`, () => assert.equal(read(text), undefined));

test('lists may lie a thousand deep and no deeper', () => {
  assert.ok(read('['.repeat(1000) + ']'.repeat(1000)));
  assert.equal(read('['.repeat(1001) + ']'.repeat(1001)), undefined);
});

test('a claim called __proto__ is a claim and nothing else', () => {
  const { value } = read('{"__proto__":{"admin":true}}') ?? {};
  assert.deepEqual(Object.getOwnPropertyNames(value), ['__proto__']);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

for (const [value, text] of [
  [5, '5.0'],
  [-3, '-3.0'],
  [-0, '-0.0'],
  [0.1, '0.1'],
  [99_999_999_999_999, '99999999999999.0'],
  [1e15, '1e+15'],
  [999_998_204_486_085, '9.9999820448608e+14'],
  [12_345_678_901_233.5, '12345678901234.0'],
  [12_345_678_901_234.5, '12345678901234.0'],
  [1e100, '1e+100'],
  [0.00001, '1e-05'],
  [123_456_789_012_345_680, '1.2345678901235e+17'],
  [Number.NEGATIVE_INFINITY, '-inf'],
] as const)
  test(`Lua writes ${text} for a number of JSON`, () => assert.equal(luaNumber(value), text));

test('Lua counts with a text that looks like a number', () =>
  assert.deepEqual([' 0x10 ', '1e2', '-7', 'ten', 'nan', ''].map(luaNumberOf), [
    16,
    100,
    -7,
    undefined,
    undefined,
    undefined,
  ]));

test('base64url passes with = anywhere and without the bits that fill no byte', () => {
  assert.equal(Buffer.from(fromUrl64('e=30=') ?? []).toString(), '{}');
  assert.equal(fromUrl64('e30B')?.length, 3);
  assert.equal(fromUrl64('A')?.length, 0);
  assert.equal(fromUrl64('e3+/'), undefined);
  assert.equal(fromUrl64('e30 '), undefined);
});

test('only A to Z are lowered', () => assert.equal(luaLower('Größe ÄÖ'), 'größe ÄÖ'));
