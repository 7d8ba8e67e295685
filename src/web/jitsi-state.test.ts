/** What tokenAuthUrl's `{state}` may and may not do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isProblem, type ProblemCode } from '../base/problem.ts';
import { roomPath } from '../base/room.ts';
import { readJoin, readTarget, targetText } from './jitsi-state.ts';

const query = (fields: Record<string, string>) => new URLSearchParams(fields);
const withState = (state: unknown, more: Record<string, string> = {}) =>
  readJoin(query({ ...more, state: JSON.stringify(state) }));
const refused = (code: ProblemCode) => (thrown: unknown) => isProblem(thrown, code);

test('the state of a current web client names room, tenant, client and harmless overrides', () => {
  const read = withState(
    {
      room: 'Gr%C3%B6%C3%9Fe',
      roomSafe: 'gr%c3%b6%c3%9fe',
      tenant: 'Acme',
      'config.startWithAudioMuted': true,
      'config.prejoinConfig.enabled': false,
      electron: true,
    },
    { room: 'Größe' },
  );
  assert.equal(read.room.claim, 'gr%c3%b6%c3%9fe');
  assert.equal(read.room.tenant, 'acme');
  assert.equal(read.app, 'electron');
  assert.deepEqual(
    [...read.overrides],
    [
      ['config.startWithAudioMuted', true],
      ['config.prejoinConfig.enabled', false],
    ],
  );
});

test('a client from before state, which sends the room alone, is understood', () => {
  assert.equal(readJoin(query({ room: 'Größe und Maß' })).room.claim, 'gr%c3%b6%c3%9fe%20und%20ma%c3%9f');
  assert.equal(readJoin(query({ room: '100%' })).room.claim, '100%25');
  assert.equal(readJoin(query({ room: 'x', tenant: 'acme' })).room.tenant, 'acme');
  assert.equal(
    readJoin(query({ room: 'x', state: '{state}', code_challenge: '{code_challenge}' })).room.name,
    'x',
  );
});

for (const key of [
  'iceServers.replace',
  'refreshToken',
  'config.p2p.enabled',
  'config.externalConnectUrl',
  'config.bosh',
  'config.websocket',
  'interfaceConfig.JITSI_WATERMARK_LINK',
  '__proto__',
  'constructor',
  'config.__proto__.x',
])
  test(`${key} in the state never reaches the meeting`, () =>
    assert.equal(withState({ room: 'x', [key]: 'https://evil.example/' }).overrides.size, 0));

for (const value of ['true', 1, null, {}, [true], 'https://evil.example'])
  test(`a known override with the value ${JSON.stringify(value)} is dropped, because it is no boolean`, () =>
    assert.equal(withState({ room: 'x', 'config.startWithAudioMuted': value }).overrides.size, 0));

test('no refresh token from the state is kept anywhere in what is read', () =>
  assert.ok(
    !JSON.stringify({ ...withState({ room: 'x', refreshToken: 'canary' }), overrides: 0 }).includes('canary'),
  ));

for (const [what, state, code] of [
  ['no JSON', 'nonsense', 'state.unusable'],
  ['a list', '[]', 'state.unusable'],
  ['a number', '1', 'state.unusable'],
  ['nothing named', '{}', 'room.missing'],
  ['a room that is a number', '{"room":1}', 'state.unusable'],
  ['a wildcard room', '{"room":"*"}', 'room.missing'],
  ['a wildcard tenant', '{"room":"x","tenant":"*"}', 'tenant.unusable'],
  ['a tenant of two segments', '{"room":"x","tenant":"a/b"}', 'tenant.unusable'],
  ['the tenant of the hosted service', '{"room":"x","tenant":"vpaas-magic-cookie-1/x"}', 'tenant.unusable'],
  ['another roomSafe than its room', '{"room":"x","roomSafe":"y"}', 'room.mismatch'],
  ['an absolute address for a room', '{"room":"https%3A%2F%2Fevil.example"}', 'room.unusable'],
] as const)
  test(`a state that is or holds ${what} is refused as ${code}`, () =>
    assert.throws(() => readJoin(query({ state })), refused(code)));

test('a state over eight kilobytes is refused before it is parsed', () =>
  assert.throws(
    () => readJoin(query({ state: `{"room":"${'x'.repeat(9000)}"}` })),
    refused('state.unusable'),
  ));

test('a room in the query that differs from the one in the state is refused', () =>
  assert.throws(() => withState({ room: 'standup' }, { room: 'board' }), refused('room.mismatch')));

test('a parameter that stands twice is refused, so that guard and mint cannot see two rooms', () =>
  assert.throws(() => readJoin(new URLSearchParams('room=a&room=b')), refused('state.unusable')));

test('all client flags at once are nobody: treated as a browser', () =>
  assert.equal(withState({ room: 'x', ios: true, android: true, electron: true }).app, undefined));

test('the app somebody came from is kept with the target, and no other word is one', () => {
  const target = readTarget('/standup#config.startAudioOnly=true&ostiary.app=%22ios%22');
  assert.equal(target?.app, 'ios');
  assert.equal(
    target && targetText(target, roomPath),
    '/standup#config.startAudioOnly=true&ostiary.app=%22ios%22',
  );
  for (const odd of ['%22browser%22', '%22IOS%22', 'true', '%22ios%22&ostiary.app=%22android%22'])
    assert.equal(readTarget(`/standup#ostiary.app=${odd}`)?.app, undefined, odd);
});

for (const written of [
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/%09/evil.example',
  ' //evil.example',
  'https:evil.example',
  'https://meet.example@evil.example/x',
  'javascript:alert(1)',
  'data:text/html,x',
  '/_ostiary/sign-out',
  '/a/b/c',
  '/..',
  '/%2e%2e',
  'x',
  '',
  `/${'x'.repeat(3000)}`,
])
  test(`the return target ${JSON.stringify(written.slice(0, 30))} leads nowhere in particular`, () =>
    assert.equal(readTarget(written), undefined));

test('a query in the target is left behind, with whatever token stands in it', () =>
  assert.equal(readTarget('/x?jwt=evil')?.room.name, 'x'));

test('a target is read as it was written, and only paths of rooms come out, whatever goes in', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string().map((text) => `/${text}`),
      ),
      (written) => {
        const target = readTarget(written);
        if (target === undefined) return;
        const text = targetText(target, roomPath);
        assert.equal(new URL(text, 'https://meet.example.org').origin, 'https://meet.example.org');
        assert.deepEqual(readTarget(text), target);
      },
    ),
    { numRuns: 5000 },
  );
});
