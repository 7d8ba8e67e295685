/**
 * The store of tests keeps the same promise as the file.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeContract } from '../../test/contract/store.ts';
import { fixedClock } from '../base/clock.ts';
import { createMemoryStore } from './memory.ts';

storeContract('memory', createMemoryStore);

test('two stores in memory know nothing of each other', async () => {
  const clock = fixedClock();
  const [one, other] = [createMemoryStore({ clock }), createMemoryStore({ clock })];
  await one.put('key', 'value', 60);
  assert.equal(await other.get('key'), undefined);
});
