/** Who is this machine itself, whatever a name sounds like. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from './loopback.ts';

for (const [host, is] of [
  ['localhost', true],
  ['a.localhost', true],
  ['127.8.9.1', true],
  ['[::1]', true],
  ['localhost.example.org', false],
  ['127.0.0.1.example.org', false],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
] as const)
  test(`${host} is ${is ? '' : 'not '}this machine`, () => assert.equal(isLoopback(host), is));
