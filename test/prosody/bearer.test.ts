/**
 * A token in the header in place of a session, through the gateway into a meeting on a real Prosody.
 */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import { BEARER_AUDIENCE, BEARER_ISS, BEARER_KEY, bearerClaims, bearerToken } from '../support/bearers.ts';
import { makeKey } from '../support/jws.ts';
import { startClient } from '../support/xmpp-client.ts';
import {
  appAt,
  enter,
  type Gate,
  isGone,
  letIn,
  muc,
  openGate,
  speaks,
  startMeetings,
} from './gate-stage.ts';
import type { Prosody } from './prosody.ts';

suite('a token in the header', () => {
  let prosody: Prosody;
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-bearer-'));
  const publicKeyFile = join(folder, 'api.pem');
  before(async () => {
    prosody = await startMeetings();
    const pem = createPublicKey(BEARER_KEY.privateKey).export({ type: 'spki', format: 'pem' });
    writeFileSync(publicKeyFile, pem);
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await prosody.stop();
  });

  const gateFor = (t: TestContext, more: object = {}, provider: object = { id: 'api' }) =>
    openGate(t, prosody, {
      config: {
        bearer: {
          ...more,
          issuers: [{ ...provider, iss: BEARER_ISS, audience: BEARER_AUDIENCE, publicKeyFile }],
        },
      },
    });

  /** How a client connects that can set headers, and comes from no page. */
  function clientAt(gate: Gate, address: string, token: string) {
    const app = appAt(gate, address);
    return { ...app, headers: { ...app.headers, authorization: `Bearer ${token}` } };
  }

  const tokenFor = (gate: Gate, more: object = {}) => bearerToken(bearerClaims(gate.stage.clock, more));

  const ask = (gate: Gate, path: string, token?: string) =>
    gate.stage.ask(path, {
      headers: { accept: '*/*', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    });

  async function later(gate: Gate, seconds: number): Promise<void> {
    gate.stage.clock.advance(seconds);
    await gate.stage.parts.sockets.tick();
  }

  test('an API client is in the room under its name, beside people', async (t) => {
    const gate = await gateFor(t);
    const bob = await enter(gate, await gate.person('bob'), '/robots');
    const client = letIn(await startClient(clientAt(gate, '/robots', tokenFor(gate))));
    assert.equal(await client.join(muc('/robots'), 'ada'), 'joined');
    await speaks(client, { room: '/robots', others: [bob], text: 'good morning' });
    const [audited] = gate.stage.lines.filter((line) => line.includes('bearer-taken'));
    assert.match(audited ?? '', /"person":"api#ada"/);
    assert.ok(!gate.stage.lines.some((line) => line.includes(tokenFor(gate).split('.')[1] ?? '')));
    await Promise.all([client.leave(), bob.leave()]);
  });

  test('files are to be had with a token, and without one it is said what would do', async (t) => {
    const gate = await gateFor(t);
    const stranger = await ask(gate, '/static/close.html');
    assert.equal(stranger.status, 401);
    assert.equal(stranger.headers.get('www-authenticate'), 'Bearer realm="ostiary"');
    assert.equal((await ask(gate, '/static/close.html', tokenFor(gate))).status, 200);
    for (const [token, code] of [
      [bearerToken(bearerClaims(gate.stage.clock), {}, makeKey('api-1')), 'bearer.unacceptable'],
      [tokenFor(gate, { exp: 1_000_000_000, iat: 999_999_000 }), 'bearer.expired'],
      [
        tokenFor(gate, { iss: 'https://sts.windows.net/0/', aud: 'https://graph.microsoft.com' }),
        'bearer.graph',
      ],
    ] as const) {
      const answer = await ask(gate, '/static/close.html', token);
      assert.equal(answer.status, 401);
      assert.match(answer.text, new RegExp(`"code":"${code}"`));
      assert.match(
        String(answer.headers.get('www-authenticate')),
        /^Bearer realm="ostiary", error="invalid_token", error_description="[^"]+"$/,
      );
    }
  });

  test('the rules are asked as for everybody', async (t) => {
    const gate = await openGate(t, prosody, {
      config: {
        access: undefined,
        rules: [
          { name: 'the board', when: { rooms: ['board'], groups: ['board'] }, then: 'host' },
          { name: 'staff', when: { rooms: ['standup'], groups: ['staff'] }, then: 'participant' },
        ],
        bearer: { issuers: [{ id: 'api', iss: BEARER_ISS, audience: BEARER_AUDIENCE, publicKeyFile }] },
      },
    });
    letIn(await startClient(clientAt(gate, '/standup', tokenFor(gate))));
    assert.deepEqual(await startClient(clientAt(gate, '/board', tokenFor(gate))), {
      kind: 'http',
      status: 403,
    });
    letIn(
      await startClient(
        clientAt(
          gate,
          '/board',
          tokenFor(gate, { groups: ['board'], exp: gate.stage.clock.now() / 1000 + 900 }),
        ),
      ),
    );
  });

  test('a call goes on after the end of its token, cut off or not, and a new one needs a new token', async (t) => {
    const gate = await gateFor(t);
    const token = tokenFor(gate);
    const bob = await enter(gate, await gate.person('bob'), '/long-call');
    const client = letIn(await startClient(clientAt(gate, '/long-call', token)));
    assert.equal(await client.join(muc('/long-call'), 'ada'), 'joined');
    await later(gate, 301);
    await speaks(client, { room: '/long-call', others: [bob], text: 'and after its end' });
    assert.deepEqual(await startClient(clientAt(gate, '/another', token)), { kind: 'http', status: 401 });
    await Promise.all([client.leave(), bob.leave()]);
  });

  test('where the operator wants it, a call ends with its token', async (t) => {
    const gate = await gateFor(t, { cutAtExpiry: true });
    const bob = await enter(gate, await gate.person('bob'), '/cut-call');
    const client = letIn(await startClient(clientAt(gate, '/cut-call', tokenFor(gate))));
    assert.equal(await client.join(muc('/cut-call'), 'ada'), 'joined');
    await later(gate, 301);
    await bob.until(() => isGone(bob, 'ada'));
    await bob.leave();
  });

  test('who signs out at the provider is out of the call, and the token opens nothing any more', async (t) => {
    const gate = await gateFor(t, {}, { provider: 'sso' });
    const token = tokenFor(gate);
    const bob = await enter(gate, await gate.person('bob'), '/logout-call');
    const client = letIn(await startClient(clientAt(gate, '/logout-call', token)));
    assert.equal(await client.join(muc('/logout-call'), 'ada'), 'joined');
    await gate.stage.parts.sessions.endBySid('sso', 'their-session-1');
    await bob.until(() => isGone(bob, 'ada'));
    assert.deepEqual(await startClient(clientAt(gate, '/logout-call', token)), { kind: 'http', status: 401 });
    assert.equal((await ask(gate, '/static/close.html', token)).status, 401);
    await bob.leave();
  });
});
