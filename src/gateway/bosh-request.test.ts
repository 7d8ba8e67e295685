/** How BOSH is carried: polls that wait, callers who leave, bodies without end, and how a session's end reaches Prosody. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { startBoshUpstream } from '../../test/support/bosh-upstream.ts';
import { ORIGIN, PREFIX, type Stage, startStage, XMPP_DOMAIN } from '../../test/support/server-stage.ts';

const XMLNS = "xmlns='http://jabber.org/protocol/httpbind'";
const START = `<body ${XMLNS} rid='100' to='${XMPP_DOMAIN}' wait='60' hold='1'/>`;
const TARGET = '/physics/http-bind?room=standup';
const poll = (sid: string, rid: number) => `<body ${XMLNS} rid='${rid}' sid='${sid}'/>`;
const says = (sid: string, rid: number, inside = '<iq></iq>') =>
  `<body ${XMLNS} rid='${rid}' sid='${sid}'>${inside}</body>`;

/** Waits until something is so; the test runner's limit ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

async function gate(t: TestContext, upstreamMore = {}, more = {}) {
  const upstream = await startBoshUpstream();
  const stage = await startStage({
    config: { upstream: { url: upstream.url, ...upstreamMore }, ...more },
  });
  t.after(async () => {
    await stage.close();
    await upstream.close();
  });
  const ada = stage.visitor();
  await ada.signIn();
  const headers = { origin: ORIGIN, cookie: ada.cookieHeader() };
  const post = (body: string, { target = TARGET, ...more }: Readonly<Record<string, string>> = {}) =>
    stage.ask(target, { method: 'POST', body, headers: { ...headers, ...more } });
  const answer = await post(START);
  const sid = / sid='([^']+)'/.exec(answer.text)?.[1] ?? '';
  return { upstream, stage, ada, headers, post, sid };
}

/** Sends the beginning of a request, and leaves the rest to the test. */
function begin(stage: Stage, headers: Readonly<Record<string, string>>): ClientRequest {
  const asking = request({
    ...{ host: '127.0.0.1', port: stage.ports.public, path: TARGET, method: 'POST' },
    headers: { host: new URL(ORIGIN).host, ...headers },
  });
  asking.on('error', () => {});
  asking.flushHeaders();
  return asking;
}

test('a poll waits as long as Prosody lets it, and a stanza passes it by', async (t) => {
  const { upstream, stage, post, sid } = await gate(t);
  const waiting = post(poll(sid, 101));
  await until(() => upstream.held.length === 1);
  assert.match((await post(says(sid, 102))).text, /<message/);
  upstream.held[0]?.end(`<body ${XMLNS}/>`);
  assert.equal((await waiting).status, 200);
  assert.equal(stage.parts.sockets.list().length, 1);
});

test('a poll outlives the time that other answers have to begin in', async (t) => {
  const { upstream, post, sid } = await gate(t, { timeout: '1s' });
  const waiting = post(poll(sid, 101));
  await until(() => upstream.held.length === 1);
  const late = new Promise<void>((done) => setTimeout(done, 2500));
  await late;
  upstream.held[0]?.end(`<body ${XMLNS}/>`);
  assert.equal((await waiting).status, 200);
});

test('when a session ends, its polls are over and Prosody is told, without a token', async (t) => {
  const { upstream, stage, ada, post, sid } = await gate(t);
  const waiting = post(poll(sid, 101));
  await until(() => upstream.held.length === 1);
  await ada.post(`${PREFIX}/sign-out`, {});
  await stage.parts.sockets.tick();
  assert.match((await waiting).text, /type='terminate'/);
  const last = upstream.posted.at(-1);
  assert.equal(last?.body, `<body ${XMLNS} rid='102' sid='${sid}' type='terminate'/>`);
  assert.deepEqual([last?.target, last?.headers.authorization], [TARGET, undefined]);
  assert.equal((await post(says(sid, 102))).status, 200);
  assert.equal(upstream.posted.at(-1), last, 'nothing follows it');
  await until(() => stage.lines.some((line) => line.includes('audit.connection-ended')));
});

test('a poll that Prosody does not answer is broken off all the same when the session has ended', async (t) => {
  const { upstream, stage, ada, headers, sid } = await gate(t);
  const asking = begin(stage, { ...headers, 'content-length': String(poll(sid, 101).length) });
  asking.end(poll(sid, 101));
  await until(() => upstream.held.length === 1);
  upstream.held.length = 0;
  const closed = new Promise((done) => asking.once('close', done));
  await ada.post(`${PREFIX}/sign-out`, {});
  await stage.parts.sockets.tick();
  await closed;
});

test('who leaves takes the request at Prosody along', async (t) => {
  const { upstream, stage, headers, sid } = await gate(t);
  const body = poll(sid, 101);
  const asking = begin(stage, { ...headers, 'content-length': String(body.length) });
  asking.end(body);
  await until(() => upstream.held.length === 1);
  asking.destroy();
  await until(() => upstream.left === 1);
});

test('a stanza of a quarter of a mebibyte passes as it is; a body beyond all measure does not', async (t) => {
  const { upstream, post, sid } = await gate(t);
  const large = says(sid, 101, `<message>${'ä'.repeat(131_072)}</message>`);
  assert.equal((await post(large)).status, 200);
  assert.equal(upstream.posted.at(-1)?.body, large);
  const before = upstream.posted.length;
  assert.equal((await post(says(sid, 102, 'x'.repeat(1_100_000)))).status, 413);
  assert.equal((await post('x'.repeat(1_100_000), { 'transfer-encoding': 'chunked' })).status, 413);
  assert.equal(upstream.posted.length, before);
});

test('a stranger says little: with more nothing is read to its end', async (t) => {
  const { stage, headers } = await gate(t);
  for (const cookie of ['', `__Host-ostiary=${'x'.repeat(43)}`])
    for (const length of [{ 'content-length': '1000000' }, { 'transfer-encoding': 'chunked' }]) {
      const asking = begin(stage, { ...headers, cookie, ...length });
      asking.write('x'.repeat(5000));
      const [answer] = (await once(asking, 'response')) as [IncomingMessage];
      assert.equal(answer.statusCode, 413);
      assert.equal(answer.headers.connection, 'close');
      answer.resume();
      asking.destroy();
    }
});

test('a body that breaks off goes nowhere', async (t) => {
  const { upstream, stage, headers } = await gate(t);
  const before = upstream.posted.length;
  const asking = begin(stage, { ...headers, 'content-length': '2000', expect: '100-continue' });
  await once(asking, 'continue');
  asking.write(START);
  asking.destroy();
  await until(() => stage.lines.some((line) => line.includes('request.malformed')));
  assert.equal(upstream.posted.length, before);
});

test('for Prosody modules that read no header the token goes in the query, at the start alone', async (t) => {
  const { upstream, post, sid } = await gate(t, { carry: 'query' });
  await post(says(sid, 101));
  const [start, next] = upstream.posted;
  assert.match(start?.target ?? '', /^\/physics\/http-bind\?room=standup&token=ey[\w.-]+$/);
  assert.equal(start?.headers.authorization, undefined);
  assert.equal(next?.target, TARGET);
});

test('where Prosody is asked itself, the path is its own and the tenant a prefix', async (t) => {
  const prosody = await startBoshUpstream();
  t.after(() => prosody.close());
  const { upstream, stage, ada, post, sid } = await gate(t, { xmpp: prosody.url });
  await post(says(sid, 101));
  await ada.post(`${PREFIX}/sign-out`, {});
  await stage.parts.sockets.tick();
  await until(() => prosody.posted.length === 3);
  assert.deepEqual(
    prosody.posted.map(({ target }) => target),
    Array.from({ length: 3 }, () => '/http-bind?prefix=physics&room=standup'),
  );
  assert.deepEqual(upstream.posted, []);
});

test('past its time a session begins no stream, and the one it has goes on within the grace of its meeting', async (t) => {
  const session = { idle: '10m', absolute: '10m', meetingGrace: '20m' };
  const { stage, post, sid } = await gate(t, {}, { session });
  const later = async (rid: number) => {
    stage.clock.advance(240);
    await stage.parts.sockets.tick();
    return (await post(says(sid, rid))).text;
  };
  for (const rid of [101, 102, 103, 104]) assert.match(await later(rid), /<message/);
  assert.match((await post(START, { target: '/physics/http-bind?room=other' })).text, /ANONYMOUS/);
  assert.match((await post(START)).text, / sid='0b5a/, 'where somebody is, they may come again');
  for (const rid of [105, 106, 107]) assert.match(await later(rid), /<message/);
  assert.doesNotMatch(await later(108), /<message/, 'and then the grace is over');
});

test('our own restart ends no stream, and nobody is seen to leave', async (t) => {
  const { upstream, stage, sid, post } = await gate(t);
  await stage.parts.sockets.drain(0);
  assert.equal((await post(says(sid, 101))).status, 503);
  assert.ok(upstream.posted.every(({ body }) => !body.includes('terminate')));
});
