/** What is large, lasting, partial or broken off passes the gate as it would without one, and nothing of it is kept here. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, type RequestListener, request } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gatewayStageFor, requestBytes } from '../support/gateway-stage.ts';
import { serve } from '../support/http-server.ts';
import { startStage } from '../support/server-stage.ts';

const MEGABYTE = 1024 * 1024;
const GIGABYTE = 1024 * MEGABYTE;
/** What a gigabyte may cost of memory while it passes: the gate, both ends and what is not collected yet. */
const MOST_MEMORY = 256 * MEGABYTE;

type Ask = (options: {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}) => ClientRequest;

/** Somebody signed in at a gate before such an upstream: how they ask. */
async function gateBefore(t: TestContext, upstream: RequestListener): Promise<Ask> {
  const port = await serve(t, upstream);
  const stage = await startStage({ config: { upstream: { url: `http://127.0.0.1:${port}` } } });
  t.after(() => stage.close());
  const ada = stage.visitor();
  await ada.signIn();
  return ({ path = '/sounds/x.wav', method = 'GET', headers = {} }) =>
    request({
      ...{ host: '127.0.0.1', port: stage.ports.public, agent: false, path, method },
      headers: { host: 'meet.example.org', cookie: ada.cookieHeader(), ...headers },
    });
}

async function answerOf(asking: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
}

const pieces = Array.from({ length: 8 }, () => randomBytes(MEGABYTE));
const digestOf = (times: number) => {
  const hash = createHash('sha256');
  for (let at = 0; at < times; at += 1) hash.update(pieces[at % 8] as Buffer);
  return hash.digest('hex');
};

/** Writes so many megabytes, as fast as they are taken. */
async function writeAll(to: NodeJS.WritableStream, megabytes: number): Promise<void> {
  for (let at = 0; at < megabytes; at += 1) if (!to.write(pieces[at % 8] as Buffer)) await once(to, 'drain');
  to.end();
}

/** Reads to the end: the digest, and how much memory there was at most. */
async function readAll(from: IncomingMessage): Promise<{ digest: string; most: number }> {
  const hash = createHash('sha256');
  let most = 0;
  let read = 0;
  for await (const chunk of from) {
    hash.update(chunk as Buffer);
    read += (chunk as Buffer).length;
    if (read > 8 * MEGABYTE) {
      read = 0;
      most = Math.max(most, process.memoryUsage.rss());
    }
  }
  return { digest: hash.digest('hex'), most };
}

test('a gigabyte comes down whole, and is never kept', async (t) => {
  const ask = await gateBefore(t, (_, outgoing) => {
    outgoing.writeHead(200, { 'content-length': String(GIGABYTE) });
    void writeAll(outgoing, 1024);
  });
  const before = process.memoryUsage.rss();
  const { digest, most } = await readAll(await answerOf(ask({}).end()));
  assert.equal(digest, digestOf(1024));
  assert.ok(most - before < MOST_MEMORY, `${Math.round((most - before) / MEGABYTE)} MB more`);
});

test('a gigabyte goes up whole, and is never kept', async (t) => {
  let read: Awaited<ReturnType<typeof readAll>> | undefined;
  const ask = await gateBefore(t, async (incoming, outgoing) => {
    read = await readAll(incoming);
    outgoing.end('thanks');
  });
  const before = process.memoryUsage.rss();
  const headers = { 'content-length': String(GIGABYTE) };
  const asking = ask({ path: '/_api/public/upload', method: 'POST', headers });
  await writeAll(asking, 1024);
  assert.equal(await textOf(await answerOf(asking)), 'thanks');
  assert.equal(read?.digest, digestOf(1024));
  const more = (read?.most ?? Number.NaN) - before;
  assert.ok(more < MOST_MEMORY, `${Math.round(more / MEGABYTE)} MB more`);
});

test('who reads nothing of a large answer makes nobody read it for them [PROXY-20]', async (t) => {
  let sent = 0;
  let waits: (() => void) | undefined;
  const waiting = new Promise<void>((done) => {
    waits = done;
  });
  const ask = await gateBefore(t, async (_, outgoing) => {
    outgoing.writeHead(200, { 'content-length': String(GIGABYTE) });
    for (; sent < 1024; sent += 1)
      if (!outgoing.write(pieces[0])) {
        // As long as somebody takes it, it drains at once.
        const late = setTimeout(() => waits?.(), 500);
        await once(outgoing, 'drain').catch(() => {});
        clearTimeout(late);
        if (outgoing.destroyed) return;
      }
  });
  const asking = ask({});
  asking.on('error', () => {});
  const answer = await answerOf(asking.end());
  answer.on('error', () => {}).pause();
  await waiting;
  assert.ok(sent < 128, `${sent} MB were taken for somebody who reads nothing`);
  asking.destroy();
});

test('a part of a file, and a file that is the same still, are asked for and answered as such', async (t) => {
  const { stage, upstream, ada } = await gatewayStageFor(t);
  const cookie = `Cookie: ${ada.cookieHeader()}`;
  upstream.say = ({ head }) =>
    /^if-none-match:/im.test(head)
      ? 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nCache-Control: max-age=9\r\n\r\n'
      : 'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-4/10\r\nAccept-Ranges: bytes\r\nETag: "a"\r\nContent-Length: 3\r\n\r\nxyz';
  const part = await stage.raw(
    requestBytes('GET /sounds/x.wav', [cookie, 'Range: bytes=2-4', 'If-Range: "a"']),
  );
  assert.match(part, /^HTTP\/1\.1 206 /);
  assert.match(part, /\r\nContent-Range: bytes 2-4\/10\r\n/);
  assert.match(part, /\r\n\r\nxyz$/);
  assert.match(upstream.requests.at(-1)?.head ?? '', /\r\nRange: bytes=2-4\r\nIf-Range: "a"\r\n/);
  const same = await stage.raw(
    requestBytes('GET /sounds/x.wav', [
      cookie,
      'If-None-Match: "a"',
      'If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT',
    ]),
  );
  assert.match(same, /^HTTP\/1\.1 304 [\s\S]*\r\n\r\n$/);
  assert.match(same, /\r\nETag: "a"\r\n/);
  assert.match(upstream.requests.at(-1)?.head ?? '', /\r\nIf-None-Match: "a"\r\nIf-Modified-Since: Mon/);
});

test('of a conference page nobody gets a part, and none is the same still', async (t) => {
  const { stage, upstream, ada } = await gatewayStageFor(t);
  const said = await stage.raw(
    requestBytes('GET /standup', [
      ...[`Cookie: ${ada.cookieHeader()}`, 'Accept: text/html', 'Range: bytes=0-9', 'If-None-Match: "a"'],
      ...['If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT', 'If-Range: "a"', 'Accept-Encoding: br'],
    ]),
  );
  assert.match(said, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(said, /\r\n(?:etag|last-modified|accept-ranges|content-range):/i);
  const page = upstream.requests.find(({ line }) => line.startsWith('GET /standup'));
  assert.doesNotMatch(page?.head ?? '', /\r\n(?:range|if-[a-z-]+):/i);
  assert.match(page?.head ?? '', /\r\nAccept-Encoding: identity(?:\r\n|$)/);
});

test('an event is with whoever listens before the next is said, and the head before any', async (t) => {
  let say: ((event: string) => void) | undefined;
  const ask = await gateBefore(t, (_, outgoing) => {
    outgoing
      .writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
      .flushHeaders();
    say = (event) => void outgoing.write(`data: ${event}\n\n`);
  });
  const asking = ask({ path: '/_api/public/events', headers: { accept: 'text/event-stream' } });
  const answer = await answerOf(asking.end());
  assert.equal(answer.headers['content-type'], 'text/event-stream');
  for (const event of ['one', 'two', 'three']) {
    const heard = once(answer, 'data');
    say?.(event);
    assert.equal(String((await heard)[0]), `data: ${event}\n\n`);
  }
  asking.destroy();
});

for (const begins of [false, true])
  test(`who goes away ${begins ? 'in the middle of an answer' : 'before an answer'} ends the request at Jitsi`, async (t) => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const { promise: asked, resolve: arrived } = Promise.withResolvers<void>();
    const ask = await gateBefore(t, (_, outgoing) => {
      outgoing.on('close', resolve);
      if (begins) outgoing.write('x');
      arrived();
    });
    const asking = ask({});
    asking.on('error', () => {});
    asking.end();
    await (begins ? answerOf(asking) : asked);
    asking.destroy();
    await gone;
  });

test('who announces a body is told to go on here, and who is nobody is told so before Jitsi hears of it', async (t) => {
  const { stage, upstream, ada } = await gatewayStageFor(t);
  const expecting = async (headers: readonly string[]) => {
    const socket = connect(stage.ports.public, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.write(
      requestBytes('POST /_api/public/x', [...headers, 'Expect: 100-continue', 'Content-Length: 2']),
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.write('ok');
    let said = String(first);
    for await (const chunk of socket) said += String(chunk);
    return said;
  };
  const said = await expecting([`Cookie: ${ada.cookieHeader()}`]);
  assert.match(said, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  assert.deepEqual(
    upstream.requests.map(({ body, head }) => [body, /expect/i.test(head)]),
    [['ok', false]],
  );
  upstream.requests.length = 0;
  assert.match(await expecting([]), /HTTP\/1\.1 401 /);
  assert.deepEqual(upstream.requests, []);
});

test('what Jitsi says to the gate alone stops there, trailers too', async (t) => {
  const { stage, upstream, ada } = await gatewayStageFor(t);
  upstream.say = () =>
    'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: Basic\r\nTE: trailers\r\nUpgrade: h2c\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 1\r\nSet-Cookie: __Host-ostiary=x\r\n\r\n';
  const said = await stage.raw(requestBytes('GET /libs/app.js', [`Cookie: ${ada.cookieHeader()}`]));
  assert.match(said, /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n4\r\nbody\r\n0\r\n\r\n$/);
  assert.doesNotMatch(said, /x-hop|timeout=9|proxy-auth|trailer|h2c|x-sum|set-cookie/i);
});
