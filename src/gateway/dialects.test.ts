/** How proxies say what they were asked for, and that nobody else's words count as theirs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isProblem } from '../base/problem.ts';
import { type Headers, originalOf } from './dialects.ts';

const NGINX = { host: 'meet.example.org', 'x-original-uri': '/standup?a=b', 'x-original-method': 'POST' };
const CADDY = {
  host: 'ostiary:8081',
  'x-forwarded-host': 'meet.example.org',
  'x-forwarded-uri': '/standup?a=b',
  'x-forwarded-method': 'POST',
};

for (const [name, headers, hears] of [
  ['nginx and HAProxy hear a status', NGINX, 'status'],
  ['Caddy and Traefik hear an answer', CADDY, 'answer'],
] as const)
  test(name, () => {
    assert.deepEqual(originalOf(headers), {
      ...{ method: 'POST', target: '/standup?a=b', authority: 'meet.example.org' },
      ...{ hears, upgrade: false },
    });
  });

test('a WebSocket is known by its key, since proxies keep Upgrade to themselves', () => {
  assert.equal(originalOf({ ...CADDY, 'sec-websocket-key': 'dGhl' }).upgrade, true);
  assert.equal(originalOf({ ...NGINX, 'sec-websocket-key': '' }).upgrade, false);
});

const without = (headers: Headers, name: string) => ({ ...headers, [name]: undefined });

for (const [what, headers] of [
  ['nothing', {}],
  ['both ways at once', { ...NGINX, ...CADDY }],
  ['no method', without(NGINX, 'x-original-method')],
  ['the method the other way', { ...without(NGINX, 'x-original-method'), 'x-forwarded-method': 'GET' }],
  ['no host', without(CADDY, 'x-forwarded-host')],
  ['an empty address', { ...NGINX, 'x-original-uri': '' }],
] as const)
  test(`who says ${what} is answered by no decision`, () => {
    assert.throws(
      () => originalOf(headers),
      (thrown) => isProblem(thrown, 'request.malformed'),
    );
  });
