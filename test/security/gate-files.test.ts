/** Files that strangers may have: what they cost Jitsi, and what is said of them to caches. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Stage, startStage } from '../support/server-stage.ts';
import { startUpstream, type UpstreamStandIn } from '../support/upstream.ts';

let upstream: UpstreamStandIn;
let stage: Stage;

before(async () => {
  upstream = await startUpstream();
  stage = await startStage({ config: { upstream: { url: upstream.url }, open: { assets: true } } });
  await stage.ask('/external_api.js');
});
after(async () => {
  await stage.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.arrived.length = 0;
});

test('no version, query or tenant somebody makes up costs Jitsi a request', async () => {
  for (let at = 0; at < 200; at += 1) {
    const address = `/made-up-${at}/external_api.js?v=${at}&jwt=x`;
    const answer = await stage.ask(at % 2 === 0 ? address : `/external_api.js?${at}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.text, 'file /external_api.js');
  }
  assert.deepEqual(upstream.arrived, []);
});

test('no page is a file for all: not by its name, and not where it is shown in place of a file', async () => {
  for (const page of [
    '/static/close.html',
    '/static/oauth.HTML',
    '/acme/static/x.htm',
    '/libs/x.shtml',
    '/static/dialInInfo.html',
  ])
    assert.equal((await stage.ask(page, { headers: { accept: '*/*' } })).status, 401, page);
  assert.deepEqual(upstream.arrived, []);
  const missing = await stage.ask('/libs/missing.js');
  assert.deepEqual([missing.status, missing.text], [404, '']);
});

test('others keep it for a minute and no longer, because its name does not change with its version', async () => {
  const answer = await stage.ask('/external_api.js?v=8960');
  assert.equal(answer.headers.get('cache-control'), 'public, max-age=60');
  assert.deepEqual(answer.cookies, []);
});

test('what a stranger says of themselves does not go along when the file is fetched', async () => {
  const headers = {
    cookie: 'theirs=1',
    authorization: 'Bearer x',
    'x-forwarded-for': '203.0.113.9',
    range: 'bytes=0-1',
  };
  assert.equal((await stage.ask('/libs/new.js?token=x', { headers })).status, 200);
  const [arrived] = upstream.arrived;
  assert.equal(arrived?.target, '/libs/new.js');
  for (const name of ['cookie', 'authorization', 'range'])
    assert.equal(arrived?.headers[name], undefined, name);
  assert.doesNotMatch(JSON.stringify(arrived?.headers), /203\.0\.113\.9/);
});

test('whoever is signed in gets it from Jitsi itself, the version they asked for', async () => {
  const ada = stage.visitor();
  await ada.signIn();
  await ada.get('/external_api.js?v=8961');
  assert.deepEqual(
    upstream.arrived.map(({ target }) => target),
    ['/external_api.js?v=8961'],
  );
});

test('a file is only read: every other method is refused, and Jitsi hears nothing', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    assert.equal((await stage.ask('/external_api.js', { method })).status, 405, method);
  assert.deepEqual(upstream.arrived, []);
});

test('a long text comes shorter to who can read it so, and is the same text', async () => {
  const plain = await stage.ask('/libs/long.js');
  const { request } = await import('node:http');
  const { body, headers } = await new Promise<{ body: Buffer; headers: Record<string, unknown> }>(
    (done, failed) => {
      const options = {
        host: '127.0.0.1',
        port: stage.ports.public,
        path: '/libs/long.js',
        headers: { host: 'meet.example.org', 'accept-encoding': 'br, gzip' },
      };
      request(options, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        done({ body: Buffer.concat(chunks), headers: answer.headers });
      })
        .on('error', failed)
        .end();
    },
  );
  assert.equal(headers['content-encoding'], 'gzip');
  assert.match(String(headers['vary']), /accept-encoding/i);
  assert.equal(gunzipSync(body).toString(), plain.text);
  assert.ok(body.length < plain.text.length);
});

test('who has it already is told that it is the same', async () => {
  const first = await stage.ask('/libs/long.js');
  const headers = { 'if-none-match': first.headers.get('etag') ?? 'none' };
  const again = await stage.ask('/libs/long.js', { headers });
  assert.deepEqual([again.status, again.text], [304, '']);
  const other = await stage.ask('/libs/long.js', { headers: { 'if-none-match': '"another"' } });
  assert.equal(other.status, 200);
});
