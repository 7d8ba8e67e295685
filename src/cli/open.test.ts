import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asOwner } from './open.ts';

const PASSWD = 'root:x:0:0:root:/root:/bin/bash\nostiary:x:107:112::/var/lib/ostiary:/usr/sbin/nologin\n';

test('whom a store belongs to is named as runuser wants it, and by number where it has no name', () => {
  assert.equal(asOwner(107, PASSWD), 'runuser -u ostiary -- ostiary …');
  assert.equal(asOwner(10, PASSWD), "sudo -u '#10' ostiary …");
  assert.equal(asOwner(112, ''), "sudo -u '#112' ostiary …");
});
