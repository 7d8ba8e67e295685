import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoomPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { turnCredentials, turnHost, turnKey, turnSafe, turnUsername } from './turn.ts';

test('the password is the hash that coturn and Prosody make of the name', () => {
  const user = { id: 'sso#ada', room: parseRoomPath('/standup'), expires: 1_800_000_000 };
  const { username, password } = turnCredentials(user, new Secret('north'));
  assert.equal(username, '1800000000:sso%23ada@standup');
  // printf '1800000000:sso%%23ada@standup' | openssl dgst -sha1 -hmac north -binary | base64
  assert.equal(password.reveal(), '8uWgRwszj9sooUehByMX4qHbuUc=');
  assert.equal(String(password), '[secret]');
});

for (const [text, safe] of [
  ['Ada.Lovelace_1-2', 'Ada.Lovelace_1-2'],
  ['a:b@c', 'a%3ab%40c'],
  ['100%', '100%25'],
  ['ö', '%c3%b6'],
  ['union', '%75nion'],
  ['reUNIONs', 're%55NIONs'],
  ['uunion', 'u%75nion'],
  ['', ''],
] as const)
  test(`“${text}” stands in a TURN name as “${safe}”`, () => {
    assert.equal(turnSafe(text), safe);
  });

test('what is too long for a name is its own hash, and not that of anything like it', () => {
  assert.equal(turnSafe('a'.repeat(200)), 'a'.repeat(200));
  const long = turnSafe('ö'.repeat(34));
  assert.match(long, /^sha256-[0-9a-f]{64}$/);
  assert.notEqual(long, turnSafe('ö'.repeat(35)));
});

test('two rooms of one name in two tenants are two', () => {
  const name = (path: string) => turnUsername({ id: 'x', room: parseRoomPath(path), expires: 1 });
  assert.deepEqual(['/room', '/a.b/room', '/a/room', '/a%20b'].map(name), [
    '1:x@room',
    '1:x@%5ba_b%5droom',
    '1:x@%5ba%5droom',
    '1:x@a%2520b',
  ]);
});

test('a session that is known by itself has a mark behind its name, and the key that coturn keeps', () => {
  const user = { id: 'ada', room: parseRoomPath('/x'), expires: 9, mark: 'a-b_c' };
  assert.equal(turnUsername(user), '9:ada@x~a-b_c');
  // turnadmin -a -u a:b@c -r r -p pw
  const shown = { username: 'a:b@c', password: new Secret('pw') };
  assert.equal(turnKey(shown, 'r'), 'f516265e7431752d35b699099055228c');
});

test('the host of a TURN server is what stands in its address, whatever else does', () => {
  for (const [uri, host] of [
    ['turn:turn.example.org:3478?transport=udp', 'turn.example.org'],
    ['turns:Turn.Example.org?transport=tcp', 'turn.example.org'],
    ['turn:192.0.2.7', '192.0.2.7'],
    ['turns:[2001:db8::7]:443', '2001:db8::7'],
  ] as const)
    assert.equal(turnHost(uri), host);
});
