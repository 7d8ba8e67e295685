/**
 * Addresses by whatever spelling.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isForbiddenAddress } from './addresses.ts';

for (const address of [
  '169.254.169.254',
  '169.254.0.1',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '0:0:0:0:0:ffff:a9fe:a9fe',
  '::a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'fd00:ec2::254',
  'fd00:0ec2:0:0:0:0:0:254',
  '100.100.100.200',
])
  test(`nothing is ever sent to ${address}`, () => {
    assert.equal(isForbiddenAddress(address, true), true);
  });

for (const address of [
  '127.0.0.1',
  '127.9.9.9',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '0.0.0.0',
  '::',
  '::1',
  'fd12::1',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
])
  test(`${address} is asked only where private networks may be`, () => {
    assert.deepEqual([isForbiddenAddress(address, true), isForbiddenAddress(address, false)], [false, true]);
  });

for (const address of [
  '93.184.215.14',
  '169.253.255.255',
  '169.255.0.0',
  '172.32.0.1',
  '2606:2800:21f::1',
  '2002:5db8:d822::1',
  'not-an-address',
  '',
])
  test(`${address || 'an empty text'} is none of these`, () => {
    assert.equal(isForbiddenAddress(address, false), false);
  });
