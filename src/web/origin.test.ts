/** Whose address counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerAddress, limitKey, trustedProxies } from './origin.ts';

const nobody = trustedProxies([]);
const proxies = trustedProxies(['127.0.0.1', '10.0.0.0/8', '::1']);

test("a stranger's X-Forwarded-For is not believed", () =>
  assert.equal(callerAddress('203.0.113.9', '127.0.0.1', proxies), '203.0.113.9'));
test('without trusted proxies nothing is forwarded', () =>
  assert.equal(callerAddress('127.0.0.1', '198.51.100.1', nobody), '127.0.0.1'));
test('a trusted proxy names the caller', () =>
  assert.equal(callerAddress('127.0.0.1', '198.51.100.1', proxies), '198.51.100.1'));
test('what a caller wrote to the left of that is not believed', () =>
  assert.equal(callerAddress('127.0.0.1', '1.2.3.4, 198.51.100.1', proxies), '198.51.100.1'));
test('two trusted proxies in a row are both passed over', () =>
  assert.equal(callerAddress('127.0.0.1', '198.51.100.1, 10.1.2.3', proxies), '198.51.100.1'));
test('an IPv4 proxy in IPv6 clothes is the same proxy', () =>
  assert.equal(callerAddress('::ffff:127.0.0.1', '198.51.100.1', proxies), '198.51.100.1'));
test('junk in the header ends the walk at the proxy', () =>
  assert.equal(callerAddress('127.0.0.1', '<script>', proxies), '127.0.0.1'));
test('a forwarded IPv6 address with a port is read without it', () =>
  assert.equal(callerAddress('::1', '[2001:db8::7]:4711', proxies), '2001:db8::7'));

test('a forwarded IPv4 address with a port is read without it', () =>
  assert.equal(callerAddress('::1', '198.51.100.1:4711', proxies), '198.51.100.1'));

test('limits count an IPv6 customer by their whole /64', () => {
  assert.equal(limitKey('2001:db8:1:2::1'), limitKey('2001:0db8:1:2:ffff:ffff:ffff:fffe'));
  assert.notEqual(limitKey('2001:db8:1:2::1'), limitKey('2001:db8:1:3::1'));
  assert.equal(limitKey('203.0.113.9'), '203.0.113.9');
});
