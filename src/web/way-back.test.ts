/** The address that takes a client into the room. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openAddress } from '../../test/support/jitsi-address.ts';
import { isProblem } from '../base/problem.ts';
import { roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { toClaims } from '../tokens/claims.ts';
import { displayToken } from '../tokens/display.ts';
import { appAddress, appBehind } from './hand-off.ts';
import { ALLOWED_OVERRIDES, readJoin, type Target } from './jitsi-state.ts';
import { wayBack, wayIn, withoutFragment } from './way-back.ts';

const token = new Secret('aaa.bbb.ccc');
const room = roomOf(roomFromPath('Gr%C3%B6%C3%9Fe'), tenantFromPath('acme'));
const SOMEBODY = { id: 'sso#1', provider: 'sso', emailVerified: false, groups: [] };
const jitsiUrl = 'https://meet.example.org';

test('the token goes into the fragment as a JSON string, which no server sees', () => {
  const url = new URL(wayBack(room, token, { jitsiUrl, overrides: new Map() }));
  assert.equal(url.href, 'https://meet.example.org/acme/gr%C3%B6%C3%9Fe#jwt=%22aaa.bbb.ccc%22');
  assert.equal(url.search, '');
});

test('overrides go beside it, each as percent-encoded JSON', () =>
  assert.ok(
    wayBack(room, token, { jitsiUrl, overrides: new Map([['config.startWithAudioMuted', true]]) }).endsWith(
      '&config.startWithAudioMuted=true',
    ),
  ));

test('skipping the prejoin page is dropped, because current clients then start no microphone and no camera', () => {
  const overrides = new Map([['config.prejoinConfig.enabled', false]]);
  assert.ok(!wayBack(room, token, { jitsiUrl, overrides }).includes('prejoin'));
  assert.ok(wayBack(room, token, { jitsiUrl, overrides, clientBefore: '2025-06' }).includes('prejoin'));
});

test('only a client said to be older than May 2024 gets the token in the query, raw', () => {
  assert.ok(
    wayBack(room, token, { jitsiUrl, overrides: new Map(), clientBefore: '2024-05' }).includes(
      '?jwt=aaa.bbb.ccc#',
    ),
  );
  assert.ok(
    !wayBack(room, token, { jitsiUrl, overrides: new Map(), clientBefore: '2024-06' }).includes('?jwt='),
  );
});

test('another origin gets an empty fragment, so that the browser does not carry the old one there', () => {
  assert.equal(withoutFragment('https://id.example/auth?x=1'), 'https://id.example/auth?x=1#');
  assert.equal(withoutFragment('https://id.example/auth#'), 'https://id.example/auth#');
});

/** What a client or somebody else may call a room, a tenant, and want besides. */
const names = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc
    .array(
      fc.constantFrom(
        '//',
        '/',
        '\\',
        '..',
        '@',
        ':',
        '?',
        '#',
        '&',
        '%2f',
        '%23',
        '%',
        ' ',
        '\u2028',
        'evil.example',
        'ﬁ',
        'İ',
        'Σ',
        '!',
        '(',
        "'",
        '~',
        'x',
      ),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) => parts.join('')),
);
const tenants = fc.option(fc.oneof(names, fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/)), { nil: undefined });
const values = fc.oneof(fc.boolean(), fc.string({ unit: 'binary' }), fc.jsonValue());
const states = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...Object.keys(ALLOWED_OVERRIDES), 'jwt', 'config.x', '__proto__', 'iceServers.replace'),
    fc.string(),
  ),
  values,
);

test('for any room, tenant and state every way back stays on the configured host and names, as Jitsi’s clients read it, exactly the room in the token', () => {
  let opened = 0;
  fc.assert(
    fc.property(names, tenants, states, (name, tenant, said) => {
      const state = JSON.stringify({ ...said, room: encodeURIComponent(name.toWellFormed()), tenant });
      let target: Target;
      try {
        target = readJoin(new URLSearchParams({ state }));
      } catch (thrown) {
        if (!isProblem(thrown)) throw thrown;
        return;
      }
      const { room: to, overrides } = target;
      const claims = toClaims(
        { person: SOMEBODY, room: to, role: 'guest', lobby: false },
        {
          issuer: 'a',
          audience: 'b',
          xmppDomain: 'meet.jitsi',
          email: false,
          lifetime: 60,
          now: 0,
          jti: 'c',
        },
      );
      const secret = displayToken(claims);
      const about = { jitsiUrl, overrides };
      const place = { room: to, token: secret, ...about };
      const ways = [
        [wayBack(to, secret, about), secret.reveal()],
        [wayBack(to, secret, { ...about, clientBefore: '2024-05' }), secret.reveal()],
        [wayIn(to, about), undefined],
        ...(['android', 'ios', 'electron'] as const).map((client) => {
          const app = appBehind(client, {});
          assert.ok(app);
          return [appAddress(app, place), secret.reveal()] as const;
        }),
      ] as const;
      for (const [address, jwt] of ways) {
        const { parameters, ...read } = openAddress(address);
        assert.equal(read.origin, jitsiUrl, address);
        assert.equal(read.roomSafe, claims.room, address);
        assert.equal(read.tenant?.replaceAll('.', '_') ?? 'meet.jitsi', claims.sub, address);
        assert.equal(read.jwt, jwt, address);
        for (const key of parameters.keys()) assert.ok(Object.hasOwn(ALLOWED_OVERRIDES, key), address);
      }
      opened += 1;
    }),
    { numRuns: 2000 },
  );
  assert.ok(opened > 300, `only ${opened} were let through: the property tried too little`);
});
