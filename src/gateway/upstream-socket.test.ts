/** What Jitsi's side may answer to an upgrade, and what opens no tunnel. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { makeAuthority } from '../../test/support/http-authority.ts';
import { freePort, serveSilence } from '../../test/support/http-server.ts';
import { listen } from '../../test/support/socket-pair.ts';
import { isProblem, type ProblemCode } from '../base/problem.ts';
import { acceptOf } from './handshake.ts';
import { createUpstreamSocket, type UpgradeAsk, type UpstreamSocketParts } from './upstream-socket.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ASK: UpgradeAsk = {
  to: 'web',
  path: '/xmpp-websocket?room=standup',
  headers: [
    'Host',
    'meet.example.org',
    'Authorization',
    'Bearer x',
    'Sec-WebSocket-Extensions',
    'permessage-deflate',
    'connection',
    'close',
  ],
  handshake: { key: KEY, protocols: ['xmpp'] },
};
const GOOD = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(KEY)}\r\nSec-WebSocket-Protocol: xmpp\r\n`;

/** A server that answers these bytes to whatever it is asked. */
async function answering(t: TestContext, bytes: string, parts: Partial<UpstreamSocketParts> = {}) {
  const listener = await listen(t);
  const heard: string[] = [];
  const sockets: Socket[] = [];
  void (async () => {
    for (;;) {
      const socket = await listener.next();
      sockets.push(socket);
      socket.once('data', (chunk) => {
        heard.push(String(chunk));
        socket.write(bytes);
      });
    }
  })();
  const upstream = createUpstreamSocket({
    origins: { web: `http://127.0.0.1:${listener.port}` },
    timeout: 5,
    ...parts,
  });
  return { upstream, heard, sockets };
}

const fails = (what: Promise<unknown>, code: ProblemCode) =>
  assert.rejects(what, (thrown) => isProblem(thrown, code));

test('a WebSocket is asked for under the public name, with our own handshake and no extension', async (t) => {
  const { upstream, heard } = await answering(t, `${GOOD}X-Jitsi-Shard: shard1\r\n\r\nhello`);
  const opened = await upstream.open(ASK);
  t.after(() => opened.socket.destroy());
  assert.deepEqual([opened.protocol, Buffer.from(opened.head).toString()], ['xmpp', 'hello']);
  assert.deepEqual(opened.headers.slice(-2), ['X-Jitsi-Shard', 'shard1']);
  assert.deepEqual(heard[0]?.split('\r\n'), [
    'GET /xmpp-websocket?room=standup HTTP/1.1',
    'Host: meet.example.org',
    'Authorization: Bearer x',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Protocol: xmpp',
    '',
    '',
  ]);
});

const ANSWERS: readonly (readonly [string, string])[] = [
  ['a page', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['nothing there', 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'],
  ['that it cannot', 'HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n'],
  ['a redirect', 'HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n'],
  ['a tunnel of another kind', `${GOOD.replace('Upgrade: websocket', 'Upgrade: h2c')}\r\n`],
  ['a proof of nothing', `${GOOD.replace(acceptOf(KEY), acceptOf('A'))}\r\n`],
  ['an extension', `${GOOD}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`],
  ['a switch to nothing', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  [
    'a 200 that would upgrade',
    `${GOOD.replace('101 Switching Protocols', '200 OK')}Content-Length: 0\r\n\r\n`,
  ],
  ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
  ['headers without end', `${GOOD}X: ${'x'.repeat(20_000)}\r\n\r\n`],
];
for (const [what, bytes] of ANSWERS)
  test(`where Jitsi answers ${what}, there is no tunnel, and the connection is given back [PROXY-03]`, async (t) => {
    const { upstream, sockets } = await answering(t, bytes);
    await fails(upstream.open(ASK), 'upstream.unusable');
    const [socket] = sockets;
    assert.ok(socket);
    if (!socket.closed) {
      socket.resume();
      socket.end();
      await new Promise((done) => socket.once('close', done));
    }
  });

test('a server that is not there, ends at once, or never answers is told apart', async (t) => {
  const nobody = createUpstreamSocket({
    origins: { web: `http://127.0.0.1:${await freePort()}` },
    timeout: 5,
  });
  await fails(nobody.open(ASK), 'upstream.unreachable');
  const silent = createUpstreamSocket({
    origins: { web: `http://127.0.0.1:${await serveSilence(t)}` },
    timeout: 0.1,
  });
  await fails(silent.open(ASK), 'upstream.slow');
  const { upstream } = await answering(t, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50), { timeout: 0.1 });
  await fails(upstream.open(ASK), 'upstream.slow');
  const ending = await listen(t);
  void ending.next().then((socket) => socket.destroy());
  const gone = createUpstreamSocket({ origins: { web: `http://127.0.0.1:${ending.port}` }, timeout: 5 });
  await fails(gone.open(ASK), 'upstream.unreachable');
});

test('a caller who goes away ends the asking', async (t) => {
  const upstream = createUpstreamSocket({
    origins: { web: `http://127.0.0.1:${await serveSilence(t)}` },
    timeout: 5,
  });
  const caller = new AbortController();
  const asking = upstream.open(ASK, caller.signal);
  caller.abort();
  await fails(asking, 'upstream.unreachable');
  await fails(upstream.open(ASK, caller.signal), 'upstream.unreachable');
});

test('what is for Prosody goes there, where there is such an address', async (t) => {
  const [web, xmpp] = [await listen(t), await listen(t)];
  const upstream = createUpstreamSocket({
    origins: { web: `http://127.0.0.1:${web.port}`, xmpp: `http://127.0.0.1:${xmpp.port}` },
    timeout: 5,
  });
  const asking = upstream.open({ ...ASK, to: 'xmpp' });
  const socket = await xmpp.next();
  socket.once('data', () => socket.write(`${GOOD}\r\n`));
  (await asking).socket.destroy();
});

test("over TLS only Jitsi's own authority and public name are believed", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-upgrade-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const authority = makeAuthority(folder);
  const server = createServer(authority.issue(['meet.example.org']));
  server.on('upgrade', (_, socket) => socket.write(`${GOOD}\r\n`));
  const port = await new Promise<number>((done) =>
    server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port)),
  );
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const way = (parts: Partial<UpstreamSocketParts>) =>
    createUpstreamSocket({ origins: { web: `https://127.0.0.1:${port}` }, timeout: 5, ...parts });
  const secureContext = createSecureContext({ ca: readFileSync(authority.caFile) });
  const opened = await way({ secureContext, servername: 'meet.example.org' }).open(ASK);
  opened.socket.destroy();
  await fails(way({ servername: 'meet.example.org' }).open(ASK), 'upstream.unreachable');
  await fails(way({ secureContext, servername: 'other.example.org' }).open(ASK), 'upstream.unreachable');
  await fails(way({ secureContext }).open(ASK), 'upstream.unreachable');
  connect(port, '127.0.0.1').destroy();
});
