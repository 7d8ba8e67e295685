import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';

const SECRET = 'a secret of thirty-two bytes, or of some more';
const crm = { name: 'crm', secret: SECRET, rooms: ['crm-*'] };

/** What `check` says of the applications; the rest is not looked at. */
async function said(t: TestContext, apps: readonly object[], more: object = {}): Promise<string> {
  const terminal = openTerminal(t);
  terminal.configure({ apps, ...more });
  const { out } = await terminal.run('check');
  return out
    .split('\n')
    .filter((line) => /^\S+ +(?:application |apps)/.test(line))
    .join('\n');
}

test('of each application one line says how it proves itself, what it may ask for, and where its pages are', async (t) =>
  assert.equal(
    await said(t, [
      crm,
      {
        ...{ name: 'booking', secret: `${SECRET} of its own`, rooms: ['b-*', 'lobby'] },
        ...{ tenants: ['', 'sales'], role: 'host', origins: ['https://booking.example.org'] },
      },
    ]),
    [
      'fine   application crm: shows a secret; may ask for crm-* as participant at most; has no pages that may frame them',
      'fine   application booking: shows a secret; may ask for b-*, lobby in sales as host at most; its pages: https://booking.example.org',
    ].join('\n'),
  ));

test('a secret that opens something else too is told, and never shown', async (t) => {
  for (const [more, who] of [
    [{ tokens: { secret: SECRET } }, 'Prosody'],
    [
      { issuers: [{ iss: 'moodle', secret: SECRET }], upstream: { url: 'http://127.0.0.1:9' } },
      'the issuer moodle',
    ],
  ] as const) {
    const told = await said(t, [crm], more);
    assert.ok(told.startsWith(`warn   application crm: shows the secret of ${who} too`), told);
    assert.ok(!told.includes(SECRET));
  }
  assert.match(
    await said(t, [crm, { ...crm, name: 'erp' }]),
    /crm: shows the secret of erp too[\s\S]*erp: shows the secret of crm/,
  );
});

test('a key is read or fetched, and must be fit for the algorithm', async (t) => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = join(openTerminal(t).folder, 'crm.pem');
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }));
  const signs = (more: object) => said(t, [{ name: 'crm', rooms: ['crm-*'], publicKeyFile: file, ...more }]);
  assert.match(
    await signs({}),
    /^fine {3}application crm: signs with ES256, and its key is there; may ask for crm-\*/,
  );
  assert.match(
    await signs({ algorithm: 'RS256' }),
    /^wrong .*apps\[0\]\.publicKeyFile holds no key that is fit for RS256/,
  );
  assert.match(
    await signs({ publicKeyFile: '/nowhere.pem' }),
    /^wrong .*apps\[0\]\.publicKeyFile does not work.*ENOENT/,
  );
  assert.match(
    await said(t, [{ name: 'crm', rooms: ['crm-*'], jwksUri: 'https://127.0.0.1:9/jwks.json' }]),
    /^wrong .*apps\[0\]\.jwksUri does not work/,
  );
});

test('an application whose people the rules refuse everywhere is told, with the rule and what would be right', async (t) => {
  const nobodyElse = { name: 'nobody else', when: {}, then: 'refuse' };
  const theirs = { name: 'crm', when: { providers: ['app:crm'] }, then: 'host' };
  assert.match(
    await said(t, [crm], { rules: [nobodyElse] }),
    /^warn {3}application crm: its people are refused by the rule "nobody else"; right would be .*providers: \[app:crm\]/,
  );
  assert.match(await said(t, [crm], { rules: [theirs, nobodyElse] }), /^fine/);
  // No rule need speak of them: the application's word is one.
  assert.match(
    await said(t, [crm], { rules: [{ name: 'staff', when: { groups: ['staff'] }, then: 'host' }] }),
    /^fine/,
  );
});
