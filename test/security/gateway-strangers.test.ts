/** Who has not signed in costs Jitsi nothing, however often and in whatever way they ask. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { gatewayStageFor, requestBytes, XMPP_HANDSHAKE } from '../support/gateway-stage.ts';
import { XMPP_DOMAIN } from '../support/server-stage.ts';
import { strangersRequest } from '../support/strangers.ts';

test('two thousand requests of strangers, of every kind and each another, open no connection to Jitsi', async (t) => {
  const { stage, upstream, ada } = await gatewayStageFor(t);
  const statuses = new Set<number>();
  for (let at = 0; at < 2000; at += 20)
    await Promise.all(
      Array.from({ length: 20 }, async (_, more) => {
        const { path, ...asked } = strangersRequest(at + more);
        statuses.add((await stage.ask(path, asked)).status);
      }),
    );
  assert.deepEqual([upstream.connections, upstream.requests.length], [0, 0]);
  assert.ok(statuses.has(302) && statuses.has(401) && statuses.has(404), [...statuses].join());
  // Somebody who has signed in does reach it, so that the zero means something.
  await ada.get('/libs/app.js');
  assert.equal(upstream.connections, 1);
});

test('two hundred strangers who want to speak XMPP, or with a bridge, open no connection to Jitsi', async (t) => {
  const { stage, upstream } = await gatewayStageFor(t);
  for (let at = 0; at < 200; at += 1) {
    const headers = [...XMPP_HANDSHAKE, 'Connection: Upgrade'];
    const path =
      at % 2 === 0
        ? `/colibri-ws/default-id/${at}/a`
        : `/tenant-${at}/xmpp-websocket?room=r-${at}&token=a.b.c`;
    const said = await stage.raw(requestBytes(`GET ${path}`, headers, { close: false }));
    assert.match(said, /^HTTP\/1\.1 401 /, path);
  }
  assert.deepEqual([upstream.connections, upstream.requests.length], [0, 0]);
});

const part = (what: object) => Buffer.from(JSON.stringify(what)).toString('base64url');

test('a token with a key that nobody knows is stopped here, by every door, and no key is looked for anywhere [DOS-04]', async (t) => {
  const { stage, upstream } = await gatewayStageFor(t);
  const exp = 4_102_444_800;
  for (let at = 0; at < 60; at += 1) {
    const header = part({ alg: at % 2 === 0 ? 'RS256' : 'HS256', typ: 'JWT', kid: `made-up-${at}` });
    const payload = part({ iss: 'jitsi-app', aud: 'jitsi-app', sub: XMPP_DOMAIN, room: '*', exp });
    const signature = createHmac('sha256', `${at}`).update(`${header}.${payload}`).digest('base64url');
    const token = `${header}.${payload}.${signature}`;
    for (const line of [
      `GET /xmpp-websocket?room=standup&token=${token}`,
      'GET /xmpp-websocket?room=standup',
    ])
      assert.match(
        await stage.raw(
          requestBytes(line, [...XMPP_HANDSHAKE, `Authorization: Bearer ${token}`, 'Connection: Upgrade'], {
            close: false,
          }),
        ),
        /^HTTP\/1\.1 401 /,
      );
    const request = await stage.ask('/conference-request/v1?room=standup', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(request.status, 401);
    assert.ok(!stage.lines.join('').includes(token));
  }
  assert.equal(upstream.connections, 0);
});

test('of a config.js that a thousand strangers ask for, below a thousand tenants, Jitsi is asked once [DOS-01]', async (t) => {
  const { stage, upstream } = await gatewayStageFor(t);
  for (let at = 0; at < 1000; at += 20)
    await Promise.all(
      Array.from({ length: 20 }, async (_, more) => {
        const { status } = await stage.ask(`/tenant-${at + more}/config.js?v=${at + more}`, {
          headers: { accept: '*/*' },
        });
        assert.equal(status, 200);
      }),
    );
  assert.deepEqual(
    upstream.requests.map(({ line }) => line),
    ['GET /config.js HTTP/1.1'],
  );
});

for (const path of ['/libs/app.js', '/conference-request/v1?room=x', '/nothing/at/all/here', '/standup'])
  test(`a stranger’s body that comes byte by byte to ${path} is not waited for, once they have heard that they are nobody [PROXY-20]`, async (t) => {
    const { stage, upstream } = await gatewayStageFor(t);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const socket = connect(stage.ports.public, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise<void>((done) => socket.once('close', () => done()));
    socket.write(requestBytes(`POST ${path}`, ['Content-Length: 600'], { body: 'half', close: false }));
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    assert.match(bytes.toString('latin1'), /^HTTP\/1\.1 4\d\d /);
    for (let second = 0; second < 60 && !socket.destroyed; second += 1) {
      socket.write('x');
      t.mock.timers.tick(1000);
      await new Promise((done) => setImmediate(done));
    }
    await closed;
    assert.equal(upstream.connections, 0);
  });
