/**
 * The proxies as packaged, real ones: what stands behind them sees who calls, under which name, and WebSockets and
 * streams pass as they come. Behind them is a server that says what it saw.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request as plainRequest,
  type Server,
} from 'node:http';
import { request } from 'node:https';

import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { packaged } from '../house/packaged.ts';
import { makeAuthority } from '../support/http-authority.ts';
import { freePort } from '../support/http-server.ts';
import { needCommand } from '../support/real/need.ts';
import { type Program, privateDirectory, startProgram } from '../support/real/program.ts';

const NAME = 'meet.example.org';

/** Stands where Ostiary stands: tells what it was sent, echoes WebSockets, and streams until it is told to end. */
function startBehind(): Server {
  return createServer((incoming, outgoing) => {
    if (incoming.url === '/stream') {
      outgoing.writeHead(200, { 'content-type': 'application/octet-stream' });
      outgoing.write('first');
      behindStreams.push(() => outgoing.end('last'));
      return;
    }
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    incoming.on('end', () =>
      outgoing.end(JSON.stringify({ headers: incoming.headers, url: incoming.url, bytes })),
    );
  }).on('upgrade', (incoming: IncomingMessage, socket) => {
    socket.on('error', () => socket.destroy());
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: ${incoming.headers['sec-websocket-protocol']}\r\nX-Saw: ${incoming.headers['x-forwarded-for']}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
}

const behindStreams: (() => void)[] = [];

/** A proxy under test, and how to call it. */
interface Front {
  readonly program: Program;
  readonly ask: (path: string, headers?: Record<string, string>, method?: string) => ClientRequest;
}

async function startNginx(dir: string, behind: number): Promise<Front> {
  const port = await freePort();
  const authority = makeAuthority(dir);
  const { cert, key } = authority.issue([NAME]);
  writeFileSync(join(dir, 'cert.pem'), cert);
  writeFileSync(join(dir, 'key.pem'), key, { mode: 0o600 });
  const site = packaged('nginx-gateway.conf')
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
    .replace('listen [::]:443 ssl;', '')
    .replace(/\/etc\/letsencrypt\S*fullchain\.pem/, join(dir, 'cert.pem'))
    .replace(/\/etc\/letsencrypt\S*privkey\.pem/, join(dir, 'key.pem'))
    .replace('127.0.0.1:8080', `127.0.0.1:${behind}`);
  for (const folder of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(dir, folder));
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; pid ${dir}/pid; error_log stderr; worker_processes 1; events { worker_connections 128; }
    http { access_log off; client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
    uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
    ${site} }`,
  );
  const ask: Front['ask'] = (path, headers = {}, method = 'GET') =>
    request({
      host: '127.0.0.1',
      port,
      servername: NAME,
      ca: readFileSync(authority.caFile),
      agent: false,
      path,
      method,
      headers: { host: NAME, ...headers },
    });
  const program = await startProgram({
    name: 'nginx',
    command: needCommand('nginx', 'nginx-light'),
    args: ['-e', 'stderr', '-c', join(dir, 'nginx.conf'), '-p', dir],
    dir,
    version: 'of Debian',
    ready: () => answers(ask),
  });
  return { program, ask };
}

async function startCaddy(dir: string, behind: number): Promise<Front> {
  const port = await freePort();
  writeFileSync(
    join(dir, 'Caddyfile'),
    `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${packaged('caddy/Caddyfile')}`,
  );
  const ask: Front['ask'] = (path, headers = {}, method = 'GET') =>
    plainRequest({
      host: '127.0.0.1',
      port,
      agent: false,
      path,
      method,
      headers: { host: `${NAME}:${port}`, ...headers },
    });
  const program = await startProgram({
    name: 'caddy',
    command: needCommand('caddy', 'caddy'),
    args: ['run', '--config', join(dir, 'Caddyfile'), '--adapter', 'caddyfile'],
    // Plain HTTP: otherwise it would ask for a certificate from an authority of the world.
    env: {
      OSTIARY_HOST: `http://${NAME}:${port}`,
      OSTIARY_AT: `127.0.0.1:${behind}`,
      XDG_DATA_HOME: dir,
      XDG_CONFIG_HOME: dir,
      HOME: dir,
    },
    dir,
    version: 'of Debian',
    ready: () => answers(ask),
  });
  return { program, ask };
}

async function answers(ask: Front['ask']): Promise<boolean> {
  const [answer] = (await once(ask('/').end(), 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode === 200;
}

/** What stood behind the proxy saw. */
async function seen(
  asked: ClientRequest,
): Promise<{ headers: Record<string, string>; url: string; bytes: number }> {
  const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}

for (const [name, start, scheme] of [
  ['nginx', startNginx, 'https'],
  ['Caddy', startCaddy, 'http'],
] as const)
  suite(`${name} in front`, () => {
    let dir = '';
    let behind: Server;
    let front: Front;
    before(async () => {
      dir = await privateDirectory('front');
      behind = startBehind().listen(0, '127.0.0.1');
      await once(behind, 'listening');
      front = await start(dir, (behind.address() as AddressInfo).port);
    });
    after(async () => {
      await front?.program.stop();
      behind?.closeAllConnections();
      behind?.close();
      rmSync(dir, { recursive: true, force: true });
    });

    test('names the caller, whatever the caller says of himself', async () => {
      const { headers } = await seen(
        front.ask('/Standup?a=%2F', { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'gopher' }),
      );
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(headers['x-forwarded-proto'], scheme);
    });

    test('passes name and address on as they came, byte for byte', async () => {
      const path = '/a/Gr%C3%B6%C3%9Fe?x=%2f%2E&y=1+2';
      const { headers, url } = await seen(front.ask(path));
      assert.equal(url, path);
      assert.equal(headers['host']?.replace(/:\d+$/, ''), NAME);
    });

    test('lets a WebSocket through, with its subprotocol and its caller', async () => {
      const asked = front.ask('/xmpp-websocket?room=standup', {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'sec-websocket-protocol': 'xmpp',
        'x-forwarded-for': '203.0.113.9',
      });
      asked.end();
      const [answer, socket] = await once(asked, 'upgrade');
      assert.equal(answer.headers['sec-websocket-protocol'], 'xmpp');
      assert.equal(answer.headers['x-saw'], '127.0.0.1');
      socket.write('ping');
      assert.equal(String((await once(socket, 'data'))[0]), 'ping');
      socket.destroy();
    });

    test('hands over what was sent before the answer ends', async () => {
      const asked = front.ask('/stream').end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      assert.equal(String((await once(answer, 'data'))[0]), 'first');
      behindStreams.pop()?.();
      assert.equal(String((await once(answer, 'data'))[0]), 'last');
    });

    test('takes more than the megabyte that proxies stop at', async () => {
      const asked = front.ask('/upload', { 'content-type': 'application/octet-stream' }, 'POST');
      asked.write(Buffer.alloc(3 * 1024 * 1024));
      assert.equal((await seen(asked)).bytes, 3 * 1024 * 1024);
    });
  });
