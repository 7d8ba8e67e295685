import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '../base/secret.ts';
import { jwks } from './publish.ts';
import { createSharedSecretKeys } from './shared-secret.ts';

test('a shared secret signs HS256 and is never published', async () => {
  const secret = new Secret('a secret of thirty-two characters');
  const keys = createSharedSecretKeys(secret);
  assert.deepEqual(await keys.signing(), { kid: 'shared', algorithm: 'HS256', secret });
  assert.deepEqual(jwks(await keys.published()), { keys: [] });
});

test('the kid tells nothing of the secret', async () => {
  const [one, other] = ['one', 'other'].map((text) => createSharedSecretKeys(new Secret(text)));
  assert.equal((await one?.signing())?.kid, (await other?.signing())?.kid);
});
