/** Browsers that have signed in to an account before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import { countingRandom } from '../base/random.ts';
import { createMemoryStore } from '../store/memory.ts';
import { isKnownBrowser, rememberBrowser } from './known-browser.ts';
import type { WebParts } from './parts.ts';
import type { Visit } from './visit.ts';

test('who was at one account before is known there, and a stranger at every other and in every other browser', async () => {
  const clock = fixedClock();
  const store = createMemoryStore({ clock });
  const parts = { attempts: { store, random: countingRandom() } } as unknown as WebParts;
  const nobody = { cookies: new Map() } as unknown as Visit;
  const line = await rememberBrowser(nobody, 'house/ada', parts);
  const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(line) ?? [];
  const known = { cookies: new Map([[name, value]]) } as unknown as Visit;
  const other = { cookies: new Map([[name, 'x'.repeat(43)]]) } as unknown as Visit;
  assert.deepEqual(
    [
      await isKnownBrowser(known, 'house/ada', parts),
      await isKnownBrowser(known, 'house/bob', parts),
      await isKnownBrowser(other, 'house/ada', parts),
      await isKnownBrowser(nobody, 'house/ada', parts),
    ],
    [true, false, false, false],
  );
  clock.advance(90 * 86_400 + 1);
  assert.equal(await isKnownBrowser(known, 'house/ada', parts), false);
});
