/** Requests to Jitsi over real sockets: streams, limits, and an upstream that means no good. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  type ClientRequest,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeAuthority } from '../../test/support/http-authority.ts';
import { freePort, serve, serveSilence } from '../../test/support/http-server.ts';
import { isProblem, type Problem } from '../base/problem.ts';
import { trusting } from '../outbound/trust.ts';
import { sendInPieces } from '../web/slow-body.ts';
import { frontOf, towardsCaller, towardsUpstream } from './headers.ts';
import {
  createUpstreamHttp,
  type Ended,
  type UpstreamHttp,
  type UpstreamHttpParts,
} from './upstream-http.ts';

const front = frontOf('https://meet.example.org');

/** A way to one origin that ends with the test. */
function wayTo(t: TestContext, web: string, more: Partial<UpstreamHttpParts> = {}): UpstreamHttp {
  const way = createUpstreamHttp({ origins: { web }, timeout: 5, ...more });
  t.after(() => way.close());
  return way;
}

/** A gate in front of that origin, and how each passage through it ended. */
async function gateTo(
  t: TestContext,
  way: UpstreamHttp,
): Promise<{ port: number; ended: Promise<Ended | Problem>[] }> {
  const ended: Promise<Ended | Problem>[] = [];
  const port = await serve(t, (incoming, outgoing) => {
    const headers = towardsUpstream(incoming.rawHeaders, { front, address: '127.0.0.1' });
    const ask = { to: 'web', method: incoming.method ?? '', path: incoming.url ?? '', headers } as const;
    ended.push(
      way.pass({ incoming, outgoing }, ask, towardsCaller).catch((thrown: unknown) => {
        assert.ok(isProblem(thrown), String(thrown));
        outgoing.writeHead(thrown.status, { 'x-code': thrown.code }).end();
        return thrown;
      }),
    );
  });
  return { port, ended };
}

async function gateBefore(t: TestContext, upstream: RequestListener, more?: Partial<UpstreamHttpParts>) {
  const port = await serve(t, upstream);
  return gateTo(t, wayTo(t, `http://127.0.0.1:${port}`, more));
}

/** Settles when it is closed, torn off or not. */
const closing = (socket: Socket) => new Promise((done) => socket.once('close', done));

/** A server that says these bytes to whoever sends a request, and counts its open connections. */
async function sayingServer(
  t: TestContext,
  say: (socket: Socket, asked: number) => void,
): Promise<{ port: number; open: Set<Socket>; asked: () => number }> {
  const open = new Set<Socket>();
  let asked = 0;
  const server = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.on('data', () => {
      asked += 1;
      say(socket, asked);
    });
  });
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { port: (server.address() as AddressInfo).port, open, asked: () => asked };
}

/** Somebody who asks for a file and reads nothing of it. */
function readsNothing(t: TestContext, port: number): void {
  const caller = connect(port, '127.0.0.1');
  caller.on('error', () => {}).pause();
  caller.write('GET / HTTP/1.1\r\nHost: meet.example.org\r\n\r\n');
  t.after(() => caller.destroy());
}

test('who does not take what they asked for is left, and so is the Jitsi behind them [PROXY-20]', async (t) => {
  const left = Promise.withResolvers<void>();
  const { port, ended } = await gateBefore(
    t,
    (_, outgoing) => {
      outgoing.once('close', left.resolve);
      outgoing.writeHead(200, { 'content-length': String(1 << 30) });
      const more = () => {
        while (!outgoing.destroyed && outgoing.write(Buffer.alloc(1 << 20)));
      };
      outgoing.on('drain', more);
      more();
    },
    { patience: 100 },
  );
  readsNothing(t, port);
  await left.promise;
  assert.deepEqual(await Promise.all(ended), ['left']);
});

test('who takes an answer slowly gets all of it', async (t) => {
  const whole = Buffer.alloc(8 << 20, 'x');
  const { port } = await gateBefore(t, (_, outgoing) => outgoing.end(whole), { patience: 2000 });
  const asking = ask(port).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let length = 0;
  for await (const chunk of answer) {
    length += chunk.length;
    if (length % 17 === 0) await new Promise(setImmediate);
  }
  assert.equal(length, whole.length);
});

test('a file that is kept for all is sent as it is taken, and to nobody who does not take it [PROXY-20]', async (t) => {
  const whole = Buffer.alloc(64 << 20, 'x');
  const left = Promise.withResolvers<void>();
  const port = await serve(t, (incoming, outgoing) => {
    if (incoming.url === '/') outgoing.once('close', left.resolve);
    outgoing.writeHead(200, { 'content-length': String(whole.length) });
    sendInPieces(outgoing, whole, incoming.url === '/slow' ? 100_000 : 100);
  });
  readsNothing(t, port);
  await left.promise;
  const asking = ask(port, { path: '/slow' }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let length = 0;
  for await (const chunk of answer) length += chunk.length;
  assert.equal(length, whole.length);
});

function ask(port: number, options: Parameters<typeof request>[1] & object = {}): ClientRequest {
  return request({ host: '127.0.0.1', port, path: '/', agent: false, ...options });
}

async function answerOf(asking: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

async function get(port: number, options = {}): Promise<{ answer: IncomingMessage; text: string }> {
  const asking = ask(port, options);
  asking.end();
  const answer = await answerOf(asking);
  return { answer, text: await textOf(answer) };
}

test('method, path, query, headers and body reach Jitsi as they are, and the answer comes back as it is', async (t) => {
  let seen: readonly string[] = [];
  const { port, ended } = await gateBefore(t, async (incoming, outgoing) => {
    seen = [incoming.method ?? '', incoming.url ?? '', await textOf(incoming), incoming.headers.host ?? ''];
    outgoing.writeHead(201, [
      'X-Own',
      'a',
      'x-own',
      'b',
      'Set-Cookie',
      'c=d',
      'Content-Type',
      'text/x; a="\xe9"',
    ]);
    outgoing.end('answered');
  });
  const asking = ask(port, { method: 'POST', path: '/a%2Bb/c?d=%41&&e' });
  asking.end('asked');
  const answer = await answerOf(asking);
  assert.equal(await textOf(answer), 'answered');
  assert.equal(answer.statusCode, 201);
  assert.deepEqual(answer.rawHeaders.slice(0, 8), [
    ...['X-Own', 'a', 'x-own', 'b', 'Set-Cookie', 'c=d', 'Content-Type', 'text/x; a="\xe9"'],
  ]);
  assert.deepEqual(seen, ['POST', '/a%2Bb/c?d=%41&&e', 'asked', 'meet.example.org']);
  assert.equal(await ended[0], 'whole');
});

test('a part of a file and an unchanged file pass as such', async (t) => {
  const { port } = await gateBefore(t, (incoming, outgoing) => {
    if (incoming.headers['if-none-match'] === '"a"')
      outgoing.writeHead(304, { etag: '"a"', 'content-length': '10' }).end();
    else outgoing.writeHead(206, { 'content-range': 'bytes 2-4/10', 'content-length': '3' }).end('234');
  });
  const part = await get(port, { headers: { range: 'bytes=2-4' } });
  assert.deepEqual(
    [part.answer.statusCode, part.text, part.answer.headers['content-range']],
    [206, '234', 'bytes 2-4/10'],
  );
  const unchanged = await get(port, { headers: { 'if-none-match': '"a"' } });
  assert.deepEqual(
    [unchanged.answer.statusCode, unchanged.text, unchanged.answer.headers.etag],
    [304, '', '"a"'],
  );
});

test('HEAD, 204 and 304 have no body and do not hold the connection', async (t) => {
  const { port } = await gateBefore(t, (incoming, outgoing) => {
    if (incoming.method === 'HEAD') outgoing.writeHead(200, { 'content-length': '5000' }).end();
    else outgoing.writeHead(204).end();
  });
  const head = await get(port, { method: 'HEAD' });
  assert.deepEqual(
    [head.answer.statusCode, head.answer.headers['content-length'], head.text],
    [200, '5000', ''],
  );
  assert.equal((await get(port)).answer.statusCode, 204);
});

test('an event reaches the caller while the stream is open, and the head before any event', async (t) => {
  let stream: ServerResponse | undefined;
  const { port } = await gateBefore(t, (_, outgoing) => {
    stream = outgoing;
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.flushHeaders();
  });
  const asking = ask(port);
  asking.end();
  const answer = await answerOf(asking);
  for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
    stream?.write(event);
    const [chunk] = (await once(answer, 'data')) as [Buffer];
    assert.equal(chunk.toString(), event);
  }
  stream?.end();
  await once(answer, 'end');
});

const MEGABYTE = 1024 * 1024;

test('a download waits for a slow reader, who gets every byte', async (t) => {
  const block = randomBytes(MEGABYTE);
  const blocks = 64;
  let sent = 0;
  const { port, ended } = await gateBefore(t, (_, outgoing) => {
    outgoing.writeHead(200, { 'content-length': String(blocks * MEGABYTE) });
    const more = (): void => {
      while (sent < blocks) {
        sent += 1;
        if (!outgoing.write(block)) {
          outgoing.once('drain', more);
          return;
        }
      }
      outgoing.end();
    };
    more();
  });
  const asking = ask(port);
  asking.end();
  const answer = await answerOf(asking);
  answer.pause();
  // The pipe fills up and then stands still: nothing more is taken from Jitsi.
  let before = -1;
  while (before !== sent) {
    before = sent;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.ok(sent < blocks, `${sent} MB were taken from Jitsi for a reader who read nothing`);
  const hash = createHash('sha256');
  for await (const chunk of answer) hash.update(chunk as Buffer);
  const expected = createHash('sha256');
  for (let at = 0; at < blocks; at += 1) expected.update(block);
  assert.equal(hash.digest('hex'), expected.digest('hex'));
  assert.equal(await ended[0], 'whole');
});

test('a body of any size and of any bytes arrives as it was, with its head or after it', async (t) => {
  const whole = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, at) => at)), randomBytes(40_000)]);
  const { port } = await gateBefore(t, ({ url = '' }, outgoing) => {
    const body = whole.subarray(0, Number(url.slice(1)));
    outgoing.writeHead(200, { 'content-length': String(body.length) }).end(body);
  });
  for (const size of [0, 1, 256, 16_383, 16_384, 16_385, 40_000]) {
    const asking = ask(port, { path: `/${size}` });
    asking.end();
    const answer = await answerOf(asking);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    assert.equal(answer.headers['content-length'], String(size));
    assert.ok(Buffer.concat(chunks).equals(whole.subarray(0, size)), `${size} bytes`);
  }
});

for (const [how, headers] of [
  ['with its length', { 'content-length': String(64 * MEGABYTE) }],
  ['in chunks', {}],
] as const)
  test(`an upload ${how} waits for a slow Jitsi, who gets every byte`, async (t) => {
    const block = randomBytes(MEGABYTE);
    let hashed = '';
    let begin: (() => void) | undefined;
    const { port } = await gateBefore(t, (incoming, outgoing) => {
      begin = async () => {
        const hash = createHash('sha256');
        for await (const chunk of incoming) hash.update(chunk as Buffer);
        hashed = hash.digest('hex');
        outgoing.end('thanks');
      };
    });
    const asking = ask(port, { method: 'POST', headers });
    const expected = createHash('sha256');
    let written = 0;
    const writing = (async () => {
      for (; written < 64; written += 1) {
        expected.update(block);
        if (!asking.write(block)) await once(asking, 'drain');
      }
      asking.end();
    })();
    let before = -1;
    while (before !== written || begin === undefined) {
      before = written;
      await new Promise((done) => setTimeout(done, 100));
    }
    assert.ok(written < 64, 'all was taken from the caller though Jitsi read nothing');
    begin();
    await writing;
    assert.equal(await textOf(await answerOf(asking)), 'thanks');
    assert.equal(hashed, expected.digest('hex'));
  });

test('Expect: 100-continue is answered here, and Jitsi never sees it', async (t) => {
  let expected: string | undefined = 'unasked';
  const { port } = await gateBefore(t, async (incoming, outgoing) => {
    expected = incoming.headers.expect;
    outgoing.end(await textOf(incoming));
  });
  const asking = ask(port, { method: 'POST', headers: { expect: '100-continue', 'content-length': '5' } });
  asking.flushHeaders();
  await once(asking, 'continue');
  asking.end('asked');
  assert.equal(await textOf(await answerOf(asking)), 'asked');
  assert.equal(expected, undefined);
});

test('a caller who goes away ends the request at Jitsi, whether the answer began or not', async (t) => {
  for (const begins of [false, true]) {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const { promise: asked, resolve: arrived } = Promise.withResolvers<void>();
    const { port, ended } = await gateBefore(t, (_, outgoing) => {
      outgoing.on('close', resolve);
      if (begins) outgoing.write('x');
      arrived();
    });
    const asking = ask(port);
    asking.on('error', () => {});
    asking.end();
    await (begins ? answerOf(asking) : asked);
    asking.destroy();
    await gone;
    assert.equal(await ended[0], 'left');
  }
});

test('a caller who goes away in the middle of an upload ends it at Jitsi too', async (t) => {
  const { promise: cut, resolve } = Promise.withResolvers<boolean>();
  const { promise: asked, resolve: arrived } = Promise.withResolvers<void>();
  const { port, ended } = await gateBefore(t, (incoming) => {
    incoming.on('error', () => {});
    incoming.once('data', () => arrived());
    incoming.on('close', () => resolve(!incoming.complete));
  });
  const asking = ask(port, { method: 'POST', headers: { 'content-length': '1000' } });
  asking.on('error', () => {});
  asking.write('half');
  await asked;
  asking.destroy();
  assert.ok(await cut);
  assert.equal(await ended[0], 'left');
});

test('an answer that comes before the upload is over reaches the caller', async (t) => {
  const { port } = await gateBefore(t, (_, outgoing) => {
    outgoing.writeHead(413).end('too large');
  });
  const asking = ask(port, { method: 'POST', headers: { 'content-length': String(8 * MEGABYTE) } });
  asking.on('error', () => {});
  asking.write(Buffer.alloc(MEGABYTE));
  const answer = await answerOf(asking);
  assert.deepEqual([answer.statusCode, await textOf(answer)], [413, 'too large']);
  asking.destroy();
});

test('trailers are dropped, the body is whole', async (t) => {
  const { port } = await gateBefore(t, (_, outgoing) => {
    outgoing.writeHead(200, { trailer: 'X-Sum' });
    outgoing.write('body');
    outgoing.addTrailers({ 'X-Sum': '1', 'Set-Cookie': '__Host-ostiary=forged' });
    outgoing.end();
  });
  const { answer, text } = await get(port);
  assert.deepEqual([text, answer.rawTrailers, answer.headers.trailer], ['body', [], undefined]);
});

const OK = 'HTTP/1.1 200 OK\r\n';
/** What a broken or hostile Jitsi says before an answer has begun, and what it comes to. */
const BEFORE: readonly [what: string, bytes: string, code: Problem['code']][] = [
  ['is no HTTP', 'hello\r\n\r\n', 'upstream.unusable'],
  [
    'has a control character in a header',
    `${OK}X-A: b\x00c\r\nContent-Length: 0\r\n\r\n`,
    'upstream.unusable',
  ],
  ['has a space in a header’s name', `${OK}X A: b\r\nContent-Length: 0\r\n\r\n`, 'upstream.unusable'],
  ['has two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`, 'upstream.unusable'],
  ['has a length that is none', `${OK}Content-Length: -1\r\n\r\n`, 'upstream.unusable'],
  [
    'has length and chunks',
    `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'upstream.unusable',
  ],
  ['is wrapped twice', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 'upstream.unusable'],
  [
    'is wrapped in something else',
    `${OK}Transfer-Encoding: gzip\r\nConnection: close\r\n\r\nxx`,
    'upstream.unusable',
  ],
  [
    'changes the protocol',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'upstream.unusable',
  ],
  ['continues what was not asked to', 'HTTP/1.1 100 Continue\r\n\r\n', 'upstream.unusable'],
  [
    'never stops announcing',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1000),
    'upstream.unusable',
  ],
  ['has headers without end', `${OK}${`X-A: ${'b'.repeat(1000)}\r\n`.repeat(40)}\r\n`, 'upstream.unusable'],
  ['has a status of none', 'HTTP/1.1 042 Odd\r\nContent-Length: 0\r\n\r\n', 'upstream.unusable'],
];
for (const [what, bytes, code] of BEFORE)
  test(`an answer that ${what} is ${code}, and no connection is left`, async (t) => {
    const upstream = await sayingServer(t, (socket) => socket.write(bytes, 'latin1'));
    const { port } = await gateTo(t, wayTo(t, `http://127.0.0.1:${upstream.port}`));
    const { answer } = await get(port);
    assert.equal(answer.headers['x-code'], code);
    await Promise.all([...upstream.open].map(closing));
    assert.equal(upstream.open.size, 0);
  });

test('interim answers before the true one are passed over', async (t) => {
  const upstream = await sayingServer(t, (socket) =>
    socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`),
  );
  const { port } = await gateTo(t, wayTo(t, `http://127.0.0.1:${upstream.port}`));
  assert.equal((await get(port)).text, 'x');
});

/** What breaks off in the middle. */
const DURING: readonly [what: string, bytes: string][] = [
  ['is shorter than it said', `${OK}Content-Length: 100\r\n\r\nshort`],
  ['ends within a chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n64\r\nshort`],
  ['has a chunk of no length', `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\nzz\r\n`],
];
for (const [what, bytes] of DURING)
  test(`an answer that ${what} breaks off for the caller too`, async (t) => {
    const upstream = await sayingServer(t, (socket) => socket.end(bytes));
    const { port, ended } = await gateTo(t, wayTo(t, `http://127.0.0.1:${upstream.port}`));
    await assert.rejects(get(port));
    assert.equal(await ended[0], 'cut');
    await Promise.all([...upstream.open].map(closing));
  });

test('what stands behind an answer is nobody’s answer', async (t) => {
  const forged = `${OK}Content-Length: 6\r\n\r\nforged`;
  const upstream = await sayingServer(t, (socket, asked) =>
    socket.write(
      asked === 1 ? `${OK}Content-Length: 1\r\n\r\nx${forged}` : `${OK}Content-Length: 4\r\n\r\ntrue`,
    ),
  );
  const { port } = await gateTo(t, wayTo(t, `http://127.0.0.1:${upstream.port}`));
  const [first, ...others] = await Promise.all([get(port), get(port), get(port)]);
  assert.equal(first?.text.length === 1 || first?.text === 'true', true);
  for (const { text } of [...others, await get(port)]) assert.notEqual(text, 'forged');
});

test('nobody there is upstream.unreachable', async (t) => {
  const { port } = await gateTo(t, wayTo(t, `http://127.0.0.1:${await freePort()}`));
  const { answer } = await get(port);
  assert.deepEqual([answer.statusCode, answer.headers['x-code']], [502, 'upstream.unreachable']);
});

test('a server that closes without a word is upstream.unreachable, after a second try and no third', async (t) => {
  const upstream = await sayingServer(t, (socket) => socket.destroy());
  const { port } = await gateTo(t, wayTo(t, `http://127.0.0.1:${upstream.port}`));
  assert.equal((await get(port)).answer.headers['x-code'], 'upstream.unreachable');
  assert.equal(upstream.asked(), 2);
});

test('what changes something is never asked twice', async (t) => {
  const upstream = await sayingServer(t, (socket) => socket.destroy());
  const { port } = await gateTo(t, wayTo(t, `http://127.0.0.1:${upstream.port}`));
  const asking = ask(port, { method: 'POST' });
  asking.end();
  const answer = await answerOf(asking);
  answer.resume();
  assert.deepEqual([answer.headers['x-code'], upstream.asked()], ['upstream.unreachable', 1]);
});

test('a kept connection that was closed meanwhile does not cost the caller an answer', async (t) => {
  const upstream = await sayingServer(t, (socket, asked) => {
    if (asked === 2) socket.destroy();
    else socket.write(`${OK}Content-Length: 1\r\n\r\nx`);
  });
  const { port } = await gateTo(t, wayTo(t, `http://127.0.0.1:${upstream.port}`));
  assert.deepEqual([(await get(port)).text, (await get(port)).text], ['x', 'x']);
  assert.equal(upstream.asked(), 3);
});

test('a server that never answers is upstream.slow, and the connection is given up', async (t) => {
  const upstream = await sayingServer(t, () => {});
  const { port } = await gateTo(t, wayTo(t, `http://127.0.0.1:${upstream.port}`, { timeout: 0.2 }));
  const { answer } = await get(port);
  assert.deepEqual([answer.statusCode, answer.headers['x-code']], [504, 'upstream.slow']);
  await Promise.all([...upstream.open].map(closing));
});

test('a stream may be silent for longer than an answer may take to begin', async (t) => {
  let stream: ServerResponse | undefined;
  const { port } = await gateBefore(
    t,
    (_, outgoing) => {
      stream = outgoing;
      outgoing.write('begun ');
    },
    { timeout: 0.1 },
  );
  const asking = ask(port);
  asking.end();
  const answer = await answerOf(asking);
  // undici's timers tick about twice a second.
  setTimeout(() => stream?.end('and ended'), 1500);
  assert.equal(await textOf(answer), 'begun and ended');
});

test('a hundred broken answers leave no connection behind, and the next good one passes', async (t) => {
  const upstream = await sayingServer(t, (socket, asked) =>
    socket.write(asked <= 100 ? `${OK}X A: b\r\n\r\n` : `${OK}Content-Length: 4\r\n\r\ngood`),
  );
  const { port } = await gateTo(t, wayTo(t, `http://127.0.0.1:${upstream.port}`));
  const codes = await Promise.all(
    Array.from({ length: 100 }, async () => (await get(port)).answer.headers['x-code']),
  );
  assert.deepEqual(new Set(codes), new Set(['upstream.unusable']));
  assert.equal((await get(port)).text, 'good');
  assert.ok(upstream.open.size <= 1, `${upstream.open.size} connections are open`);
});

/** Any way of asking for a small whole answer. */
const WHOLE = { to: 'web', method: 'GET', path: '/', headers: ['Host', 'meet.example.org'] } as const;

test('a small document is read whole, unencoded', async (t) => {
  const port = await serve(t, (incoming, outgoing) => {
    outgoing.setHeader('X-Asked-For', String(incoming.headers['accept-encoding']));
    outgoing.end('<html>');
  });
  const { status, headers, body } = await wayTo(t, `http://127.0.0.1:${port}`).whole(
    { ...WHOLE, headers: [...WHOLE.headers, 'accept-encoding', 'gzip'] },
    100,
  );
  assert.deepEqual(
    [status, body.toString(), headers.slice(0, 2)],
    [200, '<html>', ['X-Asked-For', 'identity']],
  );
});

test('a request with a body of ours arrives whole', async (t) => {
  const port = await serve(t, async (incoming, outgoing) => outgoing.end(await textOf(incoming)));
  const { body } = await wayTo(t, `http://127.0.0.1:${port}`).whole(
    { ...WHOLE, method: 'POST', body: Buffer.from('<body/>') },
    100,
  );
  assert.equal(body.toString(), '<body/>');
});

for (const [what, listener] of [
  ['longer than it may be', (_: IncomingMessage, outgoing: ServerResponse) => outgoing.end('x'.repeat(101))],
  [
    'encoded though nobody asked for that',
    (_: IncomingMessage, outgoing: ServerResponse) =>
      outgoing.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
  ],
] as const)
  test(`a document ${what} is upstream.unusable`, async (t) => {
    const port = await serve(t, listener);
    await assert.rejects(wayTo(t, `http://127.0.0.1:${port}`).whole(WHOLE, 100), (thrown) =>
      isProblem(thrown, 'upstream.unusable'),
    );
  });

test('a document that drips is upstream.slow', async (t) => {
  const upstream = await sayingServer(t, (socket) => {
    socket.write(`${OK}Content-Length: 50\r\n\r\n`);
    const drip = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(drip));
  });
  const way = wayTo(t, `http://127.0.0.1:${upstream.port}`, { timeout: 0.2 });
  await assert.rejects(way.whole(WHOLE, 100), (thrown) => isProblem(thrown, 'upstream.slow'));
  await Promise.all([...upstream.open].map(closing));
});

test('nobody there is said of a document too', async (t) => {
  await assert.rejects(wayTo(t, `http://127.0.0.1:${await freePort()}`).whole(WHOLE, 100), (thrown) =>
    isProblem(thrown, 'upstream.unreachable'),
  );
  const silence = await serveSilence(t);
  await assert.rejects(
    wayTo(t, `http://127.0.0.1:${silence}`, { timeout: 0.2 }).whole(WHOLE, 100),
    (thrown) => isProblem(thrown, 'upstream.slow'),
  );
});

test('Jitsi shows a certificate for its public name, by our authority or the system’s, and is believed for nothing less', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-upstream-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const authority = makeAuthority(folder);
  const secureContext = trusting(authority.caFile, 'upstream.caFile');
  const answered: string[] = [];
  const listener: RequestListener = (incoming, outgoing) => {
    answered.push(String(incoming.headers.host));
    outgoing.end('by TLS');
  };
  const ports = {
    good: await serve(t, listener, authority.issue(['meet.example.org'])),
    other: await serve(t, listener, authority.issue(['other.example.org', '127.0.0.1'])),
    past: await serve(t, listener, authority.issue(['meet.example.org'], -1)),
  };
  const through = async (port: number, more: Partial<UpstreamHttpParts>): Promise<string> => {
    const way = wayTo(t, `https://127.0.0.1:${port}`, { servername: 'meet.example.org', ...more });
    const gate = await gateTo(t, way);
    const { answer, text } = await get(gate.port);
    return String(answer.headers['x-code'] ?? text);
  };
  assert.equal(await through(ports.good, { secureContext }), 'by TLS');
  assert.equal(await through(ports.good, {}), 'upstream.unreachable');
  assert.equal(await through(ports.other, { secureContext }), 'upstream.unreachable');
  assert.equal(await through(ports.past, { secureContext }), 'upstream.unreachable');
  assert.deepEqual(answered, ['meet.example.org']);
});

test('a caller whose connection is gone already costs Jitsi nothing', async (t) => {
  const upstream = await sayingServer(t, () => {});
  const way = wayTo(t, `http://127.0.0.1:${upstream.port}`);
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const port = await serve(t, (incoming, outgoing) => {
    outgoing.on('close', () => {
      void way.pass({ incoming, outgoing }, { ...WHOLE }, towardsCaller).then(resolve);
    });
    incoming.socket.destroy();
  });
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal(await promise, 'left');
  assert.equal(upstream.asked(), 0);
});
