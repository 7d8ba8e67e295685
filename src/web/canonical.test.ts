/** What is refused before anything decides. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { isProblem } from '../base/problem.ts';
import { countingRandom } from '../base/random.ts';
import { authoritiesOf, canonical } from './canonical.ts';
import { trustedProxies } from './origin.ts';

const parts = {
  trusted: trustedProxies([]),
  random: countingRandom(),
  authorities: authoritiesOf(['https://meet.example.org', 'http://localhost:8000']),
};

const request = (
  url: string,
  {
    method = 'GET',
    hosts = ['meet.example.org'],
    httpVersion = '1.1',
  }: { method?: string; hosts?: readonly string[]; httpVersion?: string } = {},
) =>
  ({
    httpVersion,
    method,
    url,
    headers: hosts[0] === undefined ? {} : { host: hosts[0] },
    rawHeaders: hosts.flatMap((host) => ['Host', host]),
    socket: { remoteAddress: '203.0.113.9' },
  }) as unknown as IncomingMessage;

test('an ordinary request comes out frozen, with path and query as they were sent', () => {
  const asked = canonical(request('/_ostiary/join?room=a%20b'), 'id', parts);
  assert.deepEqual(
    [asked.path, asked.query, asked.address, Object.isFrozen(asked)],
    ['/_ostiary/join', 'room=a%20b', '203.0.113.9', true],
  );
});

for (const url of [
  'http://evil.example/',
  '//evil.example/x',
  '/a//b',
  '/a/../b',
  '/a/./b',
  '/..',
  '/%2e%2e/b',
  '/a%2fb',
  '/a%5Cb',
  '/a\\b',
  '/a%00',
  '/a b',
  '/a#b',
  '/%zz',
  '*',
  '',
  '/\u00e4',
  '/a?x=%0d\r\n',
  '/a?\u0000',
])
  test(`the target ${JSON.stringify(url)} is refused as malformed`, () =>
    assert.throws(
      () => canonical(request(url), 'id', parts),
      (thrown) => isProblem(thrown, 'request.malformed'),
    ));

for (const httpVersion of ['0.9', '2.0', ''])
  test(`a request of HTTP/${httpVersion} is refused, because no browser or proxy writes one`, () =>
    assert.throws(
      () => canonical(request('/', { httpVersion }), 'id', parts),
      (thrown) => isProblem(thrown, 'request.malformed'),
    ));

for (const method of ['TRACE', 'TRACK', 'CONNECT', 'PROPFIND', 'get', 'put'])
  test(`the method ${method} is refused`, () =>
    assert.throws(
      () => canonical(request('/', { method }), 'id', parts),
      (thrown) => isProblem(thrown, 'request.method'),
    ));

for (const host of [
  'evil.example',
  'meet.example.org.evil.example',
  'meet.example.org.',
  'user@meet.example.org',
  'meet.example.org:8443',
  '',
])
  test(`the host ${JSON.stringify(host)} is not ours`, () =>
    assert.throws(
      () => canonical(request('/', { hosts: [host] }), 'id', parts),
      (thrown) => isProblem(thrown, 'request.wrong-host'),
    ));

for (const hosts of [[], ['meet.example.org', 'evil.example'], ['meet.example.org', 'meet.example.org']])
  test(`${hosts.length} Host headers are refused`, () =>
    assert.throws(
      () => canonical(request('/', { hosts }), 'id', parts),
      (thrown) => isProblem(thrown, 'request.malformed'),
    ));

test('our own authorities are taken in any case and with their default port', () => {
  for (const host of ['MEET.example.org', 'meet.example.org:443', 'localhost:8000'])
    canonical(request('/', { hosts: [host] }), 'id', parts);
});

// A pattern that tried both readings of each escape would not come to an end at all.
test('thousands of escapes with a fault at their end are refused', () =>
  assert.throws(
    () => canonical(request(`/?${'%41'.repeat(5000)}#`), 'id', parts),
    (thrown) => isProblem(thrown, 'request.malformed'),
  ));

test('an inner listener answers for any host', () =>
  assert.equal(
    canonical(request('/', { hosts: ['ostiary:8081'] }), 'id', { ...parts, authorities: undefined }).path,
    '/',
  ));
