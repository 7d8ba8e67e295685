import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOf } from './bounds.ts';

for (const [range, first, last] of [
  ['10.1.2.3', '10.1.2.3', '10.1.2.3'],
  ['10.1.2.3/8', '10.0.0.0', '10.255.255.255'],
  ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
  ['192.0.2.129/25', '192.0.2.128', '192.0.2.255'],
  ['2001:db8::1', '2001:db8:0:0:0:0:0:1', '2001:db8:0:0:0:0:0:1'],
  ['2001:db8:ffff::/33', '2001:db8:8000:0:0:0:0:0', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['::/0', '0:0:0:0:0:0:0:0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['::', '0:0:0:0:0:0:0:0', '0:0:0:0:0:0:0:0'],
  ['::ffff:10.0.0.1', '0:0:0:0:0:ffff:a00:1', '0:0:0:0:0:ffff:a00:1'],
] as const)
  test(`the range ${range} begins at ${first} and ends at ${last}`, () => {
    assert.deepEqual(boundsOf(range), [first, last]);
  });
