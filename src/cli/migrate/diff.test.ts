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
  '  add_header Authorization "Basic not-for-print";',
  '  set $jwt_secret "not-for-print";',
  '  auth_basic_token not-for-print;',
  '  proxy_pass http://somebody:not-for-print@10.0.0.2/;',
  'OIDCClientSecret not-for-print',
  '    AuthLDAPBindPassword "not-for-print"',
  'app_secret = [[a not-for-print]]',
  'app_secret = [[\n  not-for-print\n]]',
  'app_secret =\n  "not-for-print"',
  'app_secret = "a" .. "not-for-print"',
  'app_secret = "a\\z\n   not-for-print"',
  'app_secret = os.getenv("X") or "not-for-print"',
  'app_secret = "not-for-print, and no end',
  `app_secret = "${'a, '.repeat(800)}not-for-print"`,
  '["app_secret"] = "not-for-print"',
  'component_secret "not-for-print"',
  'admin_passwords = { "not-for-print" }',
  'password = """a not-for-print"""',
  'password : a not-for-print',
  "config.token = 'not-for-print'",
  'clientSecret: process.env.X || "not-for-print"',
  'const secret = `not-for-print`;',
  'JWT_APP_SECRET="a\nnot-for-print"',
  'TURN_CREDENTIAL: "not-for-print"',
  'link: "https://x/room#jwt=eyJhbGciOiJI.not-for-print.x"',
  '-----BEGIN PRIVATE KEY-----\nnot-for-print\n-----END PRIVATE KEY-----',
])
  test(`a diff that shows ${line.slice(0, 50).replaceAll('\n', ' ')}… does not show what is secret in it`, () => {
    for (const [before, after] of [
      [`${line}\n`, `${line}\nx\n`],
      ['', `${line}\n`],
      [`${line}\n`, `${line.replace('not-for-print', 'new-not-for-print')}\n`],
    ] as const)
      assert.doesNotMatch(diffOf({ file: 'f', before, after }), /for-print/);
  });

test('what is not secret is shown', () => {
  const after =
    'app_id = "ostiary"\nJWT_ASAP_KEYSERVER=http://ostiary:8081\nTOKEN_AUTH_URL=https://x\nallow_empty_token = false\nproxy_pass http://x;\nssl_certificate_key /etc/x.key;\nauthentication = "token" -- it is\nJWT_APP_SECRET=\nXMPP_DOMAIN=x\n';
  const shown = diffOf({ file: 'f', after });
  for (const line of after.trimEnd().split('\n')) assert.ok(shown.includes(`+${line}`), line);
});

test('a hostile text does not keep the diff waiting: every line begins a value that never ends', () => {
  for (const piece of [
    'secret=[[\n',
    'secret = """\n',
    'secret={\n',
    'secret="a" --[[',
    'secret \n',
    '_',
    ' ',
  ]) {
    const text = piece.repeat(200_000 / piece.length);
    assert.ok(diffOf({ file: 'f', before: text, after: `${text}x\n` }).includes('+'));
  }
});
