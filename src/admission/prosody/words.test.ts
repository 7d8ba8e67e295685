import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoomPath } from '../../base/room.ts';
import { standingWords } from './words.ts';

test('half a character in a reason or an id does not keep Prosody from reading whom else to end', () => {
  const room = parseRoomPath('/standup');
  const kick = { id: 'k', at: 0, until: 60_000, room };
  const words = standingWords(
    {
      kicks: [
        { ...kick, person: 'sso#\ud800', reason: 'Away \udfff' },
        { ...kick, person: 'sso#zoë' },
      ],
      revoked: [],
    },
    { issuer: 'us', tokenLifetime: 60, now: 0 },
  );
  assert.ok(JSON.stringify(words).isWellFormed() && !/\\ud[89a-f]/i.test(JSON.stringify(words)));
  assert.equal(words[1]?.person, 'sso#zoë');
});
