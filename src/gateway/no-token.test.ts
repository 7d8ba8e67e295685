/** A stranger who speaks XMPP hears that a token is required, and costs us little. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { parseXml } from '../../test/prosody/xml.ts';
import { countingRandom } from '../base/random.ts';
import { handshakeOf } from './handshake.ts';
import { createNoToken, type NoTokenParts } from './no-token.ts';

const OPEN = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>`;
const AUTH = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`;

async function stage(t: TestContext, changes: Partial<NoTokenParts> = {}) {
  const noToken = createNoToken({ xmppDomain: 'meet.jitsi', random: countingRandom(), ...changes });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    const from = String(request.headers['x-from'] ?? 'a');
    if (!noToken.answer(socket, handshakeOf(request, head), from)) socket.end('HTTP/1.1 503 Busy\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    noToken.close();
    server.close();
  });
  const port = (server.address() as AddressInfo).port;
  const client = (from = 'a') => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/xmpp-websocket`, 'xmpp', {
      headers: { 'x-from': from },
    });
    t.after(() => socket.terminate());
    socket.on('error', () => {});
    const heard: string[] = [];
    socket.on('message', (data) => heard.push(String(data)));
    return { socket, heard, closed: new Promise<number>((done) => socket.on('close', done)) };
  };
  return { noToken, client };
}

/** The server's side closes a moment after the client's. */
async function until(there: () => boolean): Promise<void> {
  while (!there()) await new Promise(setImmediate);
}

test("a client that opens a stream and chooses ANONYMOUS is told Jitsi's own words", async (t) => {
  const { noToken, client } = await stage(t);
  const { socket, heard, closed } = client();
  await once(socket, 'open');
  assert.equal(socket.protocol, 'xmpp');
  socket.send(OPEN);
  while (heard.length < 2) await once(socket, 'message');
  const [open, features] = heard.flatMap((text) => parseXml(text));
  assert.deepEqual(
    [open?.name, open?.attributes['version'], open?.attributes['from'], features?.name],
    ['open', '1.0', 'meet.jitsi', 'stream:features'],
  );
  assert.equal(features?.children[0]?.children[0]?.text, 'ANONYMOUS');
  socket.send(AUTH);
  const code = await closed;
  const [failure, close] = heard.slice(2).flatMap((text) => parseXml(text));
  assert.deepEqual(
    [failure?.name, failure?.children.map(({ name, text }) => [name, text]), close?.name, code],
    [
      'failure',
      [
        ['not-allowed', ''],
        ['text', 'token required'],
      ],
      'close',
      1000,
    ],
  );
  await until(() => noToken.open === 0);
});

test('who says too much, or nothing, is let go', async (t) => {
  const { client, noToken } = await stage(t, { patience: 0.1 });
  const [loud, silent] = [client(), client()];
  await once(loud.socket, 'open');
  loud.socket.send('x'.repeat(5000));
  assert.deepEqual([await loud.closed, await silent.closed], [1008, 1006]);
  await until(() => noToken.open === 0);
});

test('only so many are answered at once, and fewer from one address; one that leaves makes room', async (t) => {
  const { client, noToken } = await stage(t, { most: 3, mostFromOne: 2 });
  const first = client('a');
  await once(first.socket, 'open');
  await once(client('a').socket, 'open');
  assert.equal(await client('a').closed, 1006);
  await once(client('b').socket, 'open');
  assert.equal(await client('c').closed, 1006);
  assert.equal(noToken.open, 3);
  first.socket.close();
  await first.closed;
  await until(() => noToken.open === 2);
  await once(client('c').socket, 'open');
});
