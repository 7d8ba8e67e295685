import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Directives, everyDirective, readApache, readNginx } from './nginx.ts';

const flat = (read: Directives) => {
  assert.ok('directives' in read, JSON.stringify(read));
  return [...everyDirective(read.directives)].map(
    ({ directive: { name, words, first, last }, above }) =>
      [above.length, name, words.join(' '), first, last] as const,
  );
};

test("nginx's blocks are found with their lines, whatever stands in quotes, comments and patterns", () => {
  const text = `server { # { not this
  listen 443 ssl;
  location ~ ^/([^/?&:'"]+)$ {
    return 200 "a } b; { c";
  }
  set $a '\${b}';
}
`;
  assert.deepEqual(flat(readNginx(text)), [
    [0, 'server', '', 1, 7],
    [1, 'listen', '443 ssl', 2, 2],
    [1, 'location', `~ ^/([^/?&:'"]+)$`, 3, 5],
    [2, 'return', '200 a } b; { c', 4, 4],
    [1, 'set', '$a ${b}', 6, 6],
  ]);
});

test("Apache's sections are found with their lines, and lines that go on behind a backslash are one", () => {
  const text =
    '<VirtualHost *:443>\n  ServerName \\\n    x\n  # <Location /no>\n  <Location "/login">\n    Require valid-user\n  </Location>\n</VirtualHost>\n';
  assert.deepEqual(flat(readApache(text)), [
    [0, 'VirtualHost', '*:443', 1, 8],
    [1, 'ServerName', 'x', 2, 3],
    [1, 'Location', '/login', 5, 7],
    [2, 'Require', 'valid-user', 6, 6],
  ]);
});

for (const [what, read] of [
  ['a block without its end', readNginx('server {\n listen 1;\n')],
  ['an end without its block', readNginx('listen 1;\n}\n')],
  ['a directive without its end', readNginx('server { listen 1; }\nlisten 2')],
  ['a section without its end', readApache('<Location /x>\n')],
  ['blocks in a thousand blocks', readNginx('a {\n'.repeat(1000))],
  ['sections in a thousand sections', readApache('<Location /x>\n'.repeat(1000))],
  ['an end of another section', readApache('<Location /x>\n</VirtualHost>\n')],
] as const)
  test(`${what} is no configuration`, () => assert.ok('fault' in read));
