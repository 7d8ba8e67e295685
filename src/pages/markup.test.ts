import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constantMarkup, fill, fillText, html, plainText, safeAddress, shown } from './markup.ts';

test('text is escaped, in a sentence and in an attribute', () => {
  assert.equal(
    String(html`<p title="${'"><img>'}">${"<b>'&"}</p>`),
    '<p title="&quot;&gt;&lt;img&gt;">&lt;b&gt;&#39;&amp;</p>',
  );
});

test('markup is kept, a list is joined, and what is not there is left out', () => {
  assert.equal(
    String(html`${constantMarkup('<hr>')}${['<', html`<b>x</b>`]}${false}${undefined}${0}`),
    '<hr>&lt;<b>x</b>0',
  );
});

test('a place in a sentence takes markup and escapes text', () => {
  assert.equal(
    String(fill('In {room} & as {who}.', { room: html`<b>a</b>`, who: '<i>' })),
    'In <b>a</b> &amp; as &lt;i&gt;.',
  );
});

test('a place in a title takes text alone', () => {
  assert.equal(fillText('In {room}', { room: 'a\u202eb' }), 'In a b');
});

test('what a stranger wrote cannot turn the direction of our words', () => {
  assert.equal(String(shown('\u202egnp.exe\u2066')), '<bdi>gnp.exe</bdi>');
});

test('controls do not reach a page', () => {
  assert.equal(plainText('a\u0000b\r\nc\u2028d\u009be'), 'a b  c d e');
});

test('ten thousand characters become a line', () => {
  assert.equal(plainText('é'.repeat(10_000)), `${'é'.repeat(119)}…`);
});

test('no character is cut in half', () => {
  assert.ok(plainText('😀'.repeat(200)).isWellFormed());
});

for (const good of ['/', '/standup?a=b#c', 'https://id.example.org/logout', 'http://localhost:8080/'])
  test(`${good} may be linked to`, () => assert.equal(safeAddress(good), good));

const BAD = [
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'blob:https://x/1',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  'evil',
  '',
];
for (const bad of BAD)
  test(`${JSON.stringify(bad)} may not be linked to`, () => assert.equal(safeAddress(bad), undefined));
