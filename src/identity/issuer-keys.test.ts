import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeKey } from '../../test/support/jws.ts';
import { fixedClock } from '../base/clock.ts';
import type { Outbound } from '../base/outbound.ts';
import { isProblem } from '../base/problem.ts';
import { createIssuerKeys } from './issuer-keys.ts';

const key = makeKey('a');
const URL = 'https://booking.example.org/jwks.json';

function keysFrom(answer: () => Response) {
  const asked: string[] = [];
  const outbound: Outbound = async (url, { purpose }) => {
    asked.push(`${purpose} ${url}`);
    return answer();
  };
  return { asked, keys: createIssuerKeys(URL, { outbound, clock: fixedClock() }) };
}

test('keys are fetched where the operator said, once', async () => {
  const { asked, keys } = keysFrom(() => Response.json({ keys: [key.jwk] }));
  assert.ok(await keys.find('a', 'RS256'));
  assert.ok(await keys.find('a', 'RS256'));
  assert.deepEqual(asked, [`jwks ${URL}`]);
});

for (const [what, answer] of [
  ['an error', () => new Response('', { status: 500 })],
  ['a page', () => new Response('<html>')],
  ['nothing', () => new Response(null, { status: 204 })],
] as const)
  test(`${what} in place of keys is the application’s fault`, async () => {
    const { keys } = keysFrom(answer);
    await assert.rejects(keys.find('a', 'RS256'), (thrown) => isProblem(thrown, 'issuer.unreachable'));
  });
