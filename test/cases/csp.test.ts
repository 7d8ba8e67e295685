/**
 * The golden cases of Content-Security-Policy: what Jitsi's web server sends, and what goes on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withNonce } from '../../src/gateway/csp.ts';
import { CSP_NONCE, readCspCases } from './csp.ts';

const cases = readCspCases();

test('there are twenty policies and more to judge by', () => assert.ok(cases.length >= 20));

for (const { file, title, comes, goes } of cases)
  test(`${file}: ${title}`, () => assert.deepEqual(withNonce(comes, CSP_NONCE), goes));
