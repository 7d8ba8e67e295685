/** How a sign-in service may not be called. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsOf, LEAST, load } from '../../test/support/config.ts';
import { OWN_PROVIDERS } from '../base/person.ts';

test('a sign-in service is not called as those are who come without signing in', () => {
  assert.ok(['guest', 'pass', 'invite'].every((id) => OWN_PROVIDERS.has(id)));
  for (const id of OWN_PROVIDERS)
    assert.deepEqual(
      complaintsOf(load(LEAST.replace('campus', id))).map(({ path }) => path),
      ['providers[0].id'],
      id,
    );
});
