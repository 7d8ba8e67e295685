import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../base/secret.ts';
import { secretComplaints } from './shared-secret.ts';

const about = (secret: string, insecureShortSecret = false) =>
  secretComplaints({ secret: new Secret(secret), insecureShortSecret }).map(({ path, wrong }) => [
    path,
    wrong.split(' ').slice(0, 3).join(' '),
  ]);

const PUBLISHED = [
  'my_jitsi_app_secret',
  'myappsecret',
  'JITSI_SECRET',
  'changeme',
  'CHANGEME',
  'mysecretkey',
  'secret',
  'example',
  'example_app_secret',
  ' secret ',
  'a-string-secret-at-least-256-bits-long',
];

for (const secret of PUBLISHED)
  test(`"${secret}" stands in published examples and is refused, even by the insecure switch`, () => {
    assert.deepEqual(about(secret), [['tokens.secret', 'stands in published']]);
    assert.deepEqual(about(secret, true), [['tokens.secret', 'stands in published']]);
  });

test('a secret of 31 bytes is refused, unless an installation works with it today', () => {
  assert.deepEqual(about('x'.repeat(31)), [['tokens.secret', 'is shorter than']]);
  assert.deepEqual(about('x'.repeat(31), true), []);
});

test('32 bytes are enough, and bytes are counted, not letters', () => {
  assert.deepEqual(about('x'.repeat(32)), []);
  assert.deepEqual(about('ß'.repeat(16)), []);
});
