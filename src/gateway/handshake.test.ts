/** A connection changes to WebSocket, to nothing else, and only when both sides said so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblem } from '../base/problem.ts';
import { acceptOf, checkAnswer, handshakeOf, switching } from './handshake.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const NOTHING = new Uint8Array(0);
const asked = (changes: Readonly<Record<string, string | readonly string[] | undefined>> = {}) => ({
  method: 'GET',
  httpVersion: '1.1',
  rawHeaders: Object.entries({
    Host: 'meet.example.org',
    Upgrade: 'websocket',
    Connection: 'keep-alive, Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    'Sec-WebSocket-Protocol': 'xmpp',
    ...changes,
  }).flatMap(([name, values = []]) => [values].flat().flatMap((value) => [name, value])),
});

test("a browser's request is read", () => {
  assert.deepEqual(handshakeOf(asked(), NOTHING), { key: KEY, protocols: ['xmpp'] });
  assert.deepEqual(handshakeOf(asked({ 'Sec-WebSocket-Protocol': ['a, b', 'xmpp'] }), NOTHING).protocols, [
    'a',
    'b',
    'xmpp',
  ]);
  assert.deepEqual(handshakeOf(asked({ 'Sec-WebSocket-Protocol': undefined }), NOTHING).protocols, []);
});

const REFUSED: readonly (readonly [string, Parameters<typeof asked>[0]])[] = [
  ['HTTP/2 in clear', { Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABk' }],
  ['two protocols', { Upgrade: 'websocket, h2c' }],
  ['a protocol said twice', { Upgrade: ['websocket', 'h2c'] }],
  ['another protocol', { Upgrade: 'TLS/1.3' }],
  ['no connection header for it', { Connection: 'keep-alive' }],
  ['an old version', { 'Sec-WebSocket-Version': '8' }],
  ['two versions', { 'Sec-WebSocket-Version': ['13', '8'] }],
  ['no version', { 'Sec-WebSocket-Version': undefined }],
  ['no key', { 'Sec-WebSocket-Key': undefined }],
  ['a short key', { 'Sec-WebSocket-Key': 'AAAA' }],
  ['a key that is none', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZR==' }],
  ['two keys', { 'Sec-WebSocket-Key': [KEY, KEY] }],
  ['a body', { 'Content-Length': '3' }],
  ['an empty body', { 'Content-Length': '0' }],
  ['a body in chunks', { 'Transfer-Encoding': 'chunked' }],
  ['a wait for leave', { Expect: '100-continue' }],
  ['a subprotocol that is none', { 'Sec-WebSocket-Protocol': 'xm pp' }],
  ['subprotocols without end', { 'Sec-WebSocket-Protocol': 'a,b,c,d,e,f,g,h,i' }],
];
for (const [what, changes] of REFUSED)
  test(`a request for a WebSocket with ${what} is refused [PROXY-03]`, () => {
    assert.throws(
      () => handshakeOf(asked(changes), NOTHING),
      (thrown) => isProblem(thrown, 'request.malformed'),
    );
  });

test('what comes behind the request before the answer is refused [PROXY-03]', () => {
  const early = Buffer.from('GET /http-bind HTTP/1.1\r\n\r\n');
  assert.throws(
    () => handshakeOf(asked(), early),
    (thrown) => isProblem(thrown, 'request.malformed'),
  );
  assert.throws(() => handshakeOf({ ...asked(), method: 'POST' }, NOTHING));
  assert.throws(() => handshakeOf({ ...asked(), httpVersion: '1.0' }, NOTHING));
});

test("the answer proves the key, by the standard's own example", () => {
  assert.equal(acceptOf(KEY), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

const answer = (changes: Readonly<Record<string, string | readonly string[] | undefined>> = {}) =>
  Object.entries({
    Upgrade: 'WebSocket',
    Connection: 'upgrade',
    'Sec-WebSocket-Accept': acceptOf(KEY),
    'Sec-WebSocket-Protocol': 'xmpp',
    ...changes,
  }).flatMap(([name, values = []]) => [values].flat().flatMap((value) => [name, value]));

test('an answer that says what was asked for is believed', () => {
  assert.equal(checkAnswer(answer(), { key: KEY, protocols: ['xmpp'] }), 'xmpp');
  assert.equal(
    checkAnswer(answer({ 'Sec-WebSocket-Protocol': undefined }), { key: KEY, protocols: [] }),
    undefined,
  );
});

const LIES: readonly (readonly [string, Parameters<typeof answer>[0]])[] = [
  ['another protocol', { Upgrade: 'h2c' }],
  ['no protocol', { Upgrade: undefined }],
  ['no connection header', { Connection: undefined }],
  ['a proof of another key', { 'Sec-WebSocket-Accept': acceptOf('AAAAAAAAAAAAAAAAAAAAAA==') }],
  ['no proof', { 'Sec-WebSocket-Accept': undefined }],
  ['two proofs', { 'Sec-WebSocket-Accept': [acceptOf(KEY), acceptOf(KEY)] }],
  ['an extension nobody offered', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }],
  ['a subprotocol nobody offered', { 'Sec-WebSocket-Protocol': 'mqtt' }],
  ['two subprotocols', { 'Sec-WebSocket-Protocol': ['xmpp', 'xmpp'] }],
];
for (const [what, changes] of LIES)
  test(`an answer with ${what} opens no tunnel [PROXY-03]`, () => {
    assert.throws(
      () => checkAnswer(answer(changes), { key: KEY, protocols: ['xmpp'] }),
      (thrown) => isProblem(thrown, 'upstream.unusable'),
    );
  });

test('our own answer holds its headers, and none that would hold two', () => {
  const text = switching({ key: KEY }, 'xmpp', [
    'X-Jitsi-Shard',
    'shard1',
    'X-Bad',
    'a\r\nSet-Cookie: b',
    'A b',
    'c',
  ]);
  assert.equal(
    text,
    [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      'Sec-WebSocket-Protocol: xmpp',
      'X-Jitsi-Shard: shard1',
      '',
      '',
    ].join('\r\n'),
  );
});
