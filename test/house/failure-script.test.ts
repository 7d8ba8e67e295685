/** What leans on things nobody promised stays small. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureScript } from '../../src/pages/failure-script.ts';

test('the script that leans on undocumented globals of Jitsi stays under 40 lines, none of them wide', () => {
  const lines = failureScript('/_ostiary', false).split('\n');
  assert.ok(lines.length < 40, `${lines.length} lines`);
  assert.deepEqual(
    lines.filter((line) => line.length > 120),
    [],
  );
});
