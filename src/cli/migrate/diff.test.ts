import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffOf } from './diff.ts';

for (const line of [
  'app_secret = "not-for-print"',
  'app_secret="not-for-print" -- of old',
  "  { type = 'turn', secret = 'not-for-print', ttl = 1 }",
  'JWT_APP_SECRET=not-for-print and more',
  `GLOBAL_CONFIG='a = 1\\\\nostiary_secret = "not-for-print"\\\\nb = 2'`,
  '#JICOFO_AUTH_PASSWORD=not-for-print',
  "TURN_CREDENTIALS='not-for-print'",
  'LDAP_BINDPW="not-for-print"',
  'org.jitsi.jicofo.FOCUS_USER_PASSWORD=not-for-print',
  '      password: "not-for-print"',
  'sql = { driver = "PostgreSQL", password = "not-for-print" }',
  '    proxy_set_header X-Front-Secret "not-for-print";',
  '  RequestHeader set X-Auth-Token not-for-print',
])
  test(`a diff that shows the line ${line.slice(0, 40)}… does not show what is secret in it`, () => {
    for (const [before, after] of [
      [`${line}\n`, `${line}\nx\n`],
      ['', `${line}\n`],
      [`${line}\n`, `${line.replace('not-for-print', 'new-not-for-print')}\n`],
    ] as const)
      assert.doesNotMatch(diffOf({ file: 'f', before, after }), /for-print/);
  });

test('what is not secret is shown', () => {
  const after =
    'app_id = "ostiary"\nJWT_ASAP_KEYSERVER=http://ostiary:8081\nTOKEN_AUTH_URL=https://x\nallow_empty_token = false\n';
  const shown = diffOf({ file: 'f', after });
  for (const line of after.trimEnd().split('\n')) assert.ok(shown.includes(`+${line}`), line);
});
