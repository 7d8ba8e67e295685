import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionOf, readLua } from './lua.ts';

const read = (text: string) => {
  const file = readLua(text);
  assert.ok('sections' in file, JSON.stringify(file));
  return file;
};

test('an option belongs to the host or component above it, and what stands first to all of them', () => {
  const { sections } = read(
    'a = 1\nVirtualHost "x"\n a = 2\nComponent("conference.x")("muc")\n a = { "b", "c" }\n',
  );
  assert.deepEqual(
    sections.map((section) => [section.kind, section.name, section.type, optionOf(section, 'a')?.value]),
    [
      ['global', '', undefined, 1],
      ['VirtualHost', 'x', undefined, 2],
      ['Component', 'conference.x', 'muc', ['b', 'c']],
    ],
  );
});

test('a constant is followed, a condition is not', () => {
  const { sections, left } = read(
    'local d = "x"\nVirtualHost(d)\n a = d .. ".y"\n b = os.getenv("B")\nif a then b = 1 end\n',
  );
  assert.equal(sections.length, 2);
  assert.equal(optionOf(sections[0], 'a'), undefined);
  assert.equal(optionOf(sections[1], 'a')?.value, 'x.y');
  assert.equal(optionOf(sections[1], 'b')?.value, undefined);
  assert.deepEqual(
    left.map(({ line }) => line),
    [2, 5],
  );
});

test('what stands under a heading nobody can read belongs to no other host', () => {
  const { sections } = read('VirtualHost "x"\nVirtualHost(hidden())\n authentication = "token"\n');
  assert.equal(optionOf(sections[1], 'authentication'), undefined);
  assert.equal(optionOf(sections[2], 'authentication')?.value, 'token');
});

test('letters beyond ASCII are read as they stand, and do not move what is behind them', () => {
  const { sections } = read('name = "Größe"; after = true\n');
  assert.equal(optionOf(sections[0], 'name')?.value, 'Größe');
  assert.equal(optionOf(sections[0], 'after')?.column, Buffer.byteLength('name = "Größe"; '));
});

test('what is no Lua is told with its line', () => {
  const file = readLua('a = 1\nb = = 2\n');
  assert.ok('fault' in file);
  assert.equal(file.line, 2);
});

test('a text that would grow without end is no text, and what goes too deep is no file', () => {
  const doubled = Array.from({ length: 40 }, (_, at) => `local a${at + 1} = a${at} .. a${at}\n`).join('');
  const { sections } = read(`local a0 = "0123456789"\n${doubled}x = a40\ny = a3\n`);
  assert.equal(optionOf(sections[0], 'x')?.value, undefined);
  assert.equal(String(optionOf(sections[0], 'y')?.value).length, 80);
  for (const deep of [
    `x = ${'('.repeat(50_000)}1`,
    `x = ${'{'.repeat(50_000)}`,
    `x = ${'"a" .. '.repeat(50_000)}"a"`,
  ])
    assert.deepEqual(readLua(deep), { fault: 'goes too deep', line: 1 });
});

test('a table by names is read, a name without a value that follows from the text is there all the same', () => {
  const { sections } = read(
    'ldap = { host = "x", ["user"] = { base = "y" }, pw = os.getenv("P") }\nmixed = { 1, a = 2 }\n',
  );
  assert.deepEqual(optionOf(sections[0], 'ldap')?.value, { host: 'x', user: { base: 'y' }, pw: undefined });
  assert.equal(optionOf(sections[0], 'mixed')?.value, undefined);
});

for (const line of [
  'app_secret = "not-for-print',
  'app_secret = "a"not-for-print"',
  "app_secret = not-for-print'",
  'app_secret = "a" for-print"b"',
  'app_secret = "\\xZZfor-print"',
  'app_secret = 1for-print',
])
  test(`a file that stops being Lua at ${line} is named without what stands there`, () => {
    const file = readLua(`${line}\n`);
    assert.ok('fault' in file && file.fault !== '', JSON.stringify(file));
    assert.doesNotMatch(file.fault, /for|print/);
  });
