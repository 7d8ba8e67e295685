import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOf, LEAST, load } from '../../test/support/config.ts';
import { failureElement } from '../pages/failure-script.ts';
import { formatAdvice, type Install, jitsiAdvice } from './jitsi-lines.ts';

const SECRET = 'a perfectly random secret of 43 characters';

function lines(install: Install, text = LEAST): readonly string[] {
  return jitsiAdvice(configOf(load(text)), install).files.flatMap((file) =>
    file.lines.map((line) => line.text),
  );
}
const has = (install: Install, line: string, text?: string) =>
  assert.ok(lines(install, text).includes(line), `${line}\n in\n${lines(install, text).join('\n')}`);
const lacks = (install: Install, part: string, text?: string) =>
  assert.ok(!lines(install, text).join('\n').includes(part), part);
const notesOf = (install: Install, text = LEAST) =>
  jitsiAdvice(configOf(load(text)), install).notes.join('\n');

const SHARED = `${LEAST}tokens: { secret: ${SECRET}, appId: my-jitsi, audience: jitsi }`;
const EVERYONE = LEAST.replace('enforced', 'everyone-moderator');
const APART = LEAST.replace('https://meet.example.org', 'https://door.example.org').replace(
  'roles',
  'url: https://meet.example.org, roles',
);

test('Jitsi sends people to join with room and state', () => {
  has('debian', 'config.tokenAuthUrl = "https://meet.example.org/_ostiary/join?room={room}&state={state}";');
  has('docker', 'TOKEN_AUTH_URL=https://meet.example.org/_ostiary/join?room={room}&state={state}');
  for (const install of ['debian', 'docker'] as const)
    has(install, 'config.tokenLogoutUrl = "https://meet.example.org/_ostiary/sign-out";');
});

test('without a shared secret Prosody fetches our keys, by an address without a slash at its end', () => {
  has('debian', 'asap_key_server = "http://127.0.0.1:8081/_ostiary/asap"');
  has('debian', 'signature_algorithm = "RS256"');
  has('docker', 'JWT_ASAP_KEYSERVER=http://ostiary:8081/_ostiary/asap');
  has('docker', 'JWT_SIGN_TYPE=RS256');
  for (const install of ['debian', 'docker'] as const) lacks(install, 'PUT-THE-SECRET');
});

test('an address given for the inner listener goes before what we would guess', () => {
  const text = `${LEAST}listen: { inner: { host: 0.0.0.0, url: "http://door.internal:9999" } }`;
  has('debian', 'asap_key_server = "http://door.internal:9999/_ostiary/asap"', text);
  has('docker', 'JWT_ASAP_KEYSERVER=http://door.internal:9999/_ostiary/asap', text);
});

test('with a shared secret Prosody has it, and no key server, which would refuse every token', () => {
  has('debian', 'app_id = "my-jitsi"', SHARED);
  has('debian', 'signature_algorithm = "HS256"', SHARED);
  has('debian', 'asap_accepted_audiences = { "jitsi" }', SHARED);
  has('docker', 'JWT_APP_ID=my-jitsi', SHARED);
  has('docker', 'JWT_ACCEPTED_AUDIENCES=jitsi', SHARED);
  lacks('debian', 'asap_key_server', SHARED);
  lacks('docker', 'JWT_ASAP_KEYSERVER', SHARED);
});

test('the secret itself is never printed', () => {
  for (const install of ['debian', 'docker'] as const) {
    const text = formatAdvice(jitsiAdvice(configOf(load(SHARED)), install));
    assert.ok(text.includes('PUT-THE-SECRET-OF-tokens.secret-HERE') && !text.includes(SECRET));
  }
});

const WITH_MODULE = `${LEAST}prosodyModule: { secret: ${SECRET} }`;

test('where our module is listened to Prosody is told to load it, and where we are; its secret is not printed', () => {
  has('debian', '"ostiary";', WITH_MODULE);
  has('debian', 'ostiary_url = "http://127.0.0.1:8081/_ostiary"', WITH_MODULE);
  has('docker', 'GLOBAL_MODULES=ostiary', WITH_MODULE);
  has(
    'docker',
    `GLOBAL_CONFIG='ostiary_url = "http://ostiary:8081/_ostiary"\\nostiary_secret = "PUT-THE-SECRET-OF-prosodyModule.secret-HERE"'`,
    WITH_MODULE,
  );
  for (const install of ['debian', 'docker'] as const) {
    assert.ok(!formatAdvice(jitsiAdvice(configOf(load(WITH_MODULE)), install)).includes(SECRET));
    assert.match(notesOf(install, WITH_MODULE), /Copy mod_ostiary\.lua/);
    lacks(install, 'ostiary_url');
    assert.match(notesOf(install), /Without our module in Prosody whoever signs out/);
  }
});

test('where roles are enforced nobody becomes moderator by coming first or by having a token', () => {
  for (const line of [
    '"token_affiliation";',
    'jicofo.authentication.enabled = false',
    'jicofo.conference.enable-auto-owner = false',
  ])
    has('debian', line);
  for (const line of ['XMPP_MUC_MODULES=token_affiliation', 'JICOFO_ENABLE_AUTH=0', 'ENABLE_AUTO_OWNER=0'])
    has('docker', line);
});

test('where everyone moderates Prosody is told so, and nothing claims otherwise', () => {
  has('debian', '"muc_allowners";', EVERYONE);
  has('docker', 'XMPP_MUC_MODULES=muc_allowners', EVERYONE);
  for (const install of ['debian', 'docker'] as const) lacks(install, 'token_affiliation', EVERYONE);
});

test('a token is always asked for, its room is compared, and guests have no door of their own', () => {
  for (const line of [
    'authentication = "token"',
    'allow_empty_token = false',
    '"token_verification";',
    'enable_domain_verification = true',
  ])
    has('debian', line);
  for (const line of [
    'ENABLE_AUTH=1',
    'AUTH_TYPE=jwt',
    'ENABLE_GUESTS=0',
    'JWT_ALLOW_EMPTY=0',
    'JWT_ENABLE_DOMAIN_VERIFICATION=1',
  ])
    has('docker', line);
});

test('on the host of the meetings the web server needs one location; on a host of our own it is left alone', () => {
  assert.match(
    lines('debian').join('\n'),
    /location \^~ \/_ostiary\/ \{\n {4}proxy_pass http:\/\/127\.0\.0\.1:8080;/,
  );
  for (const install of ['debian', 'docker'] as const) lacks(install, 'proxy_pass', APART);
});

test("in docker our name is looked up when somebody comes: Jitsi's web server starts without us", () => {
  assert.match(lines('docker').join('\n'), /set \$ostiary http:\/\/ostiary:8080;\n {4}proxy_pass \$ostiary;/);
  assert.doesNotMatch(lines('docker').join('\n'), /proxy_pass http/);
});

test('what cannot work in docker is said', () => {
  assert.match(notesOf('docker'), /jitsi\.xmppDomain: meet\.jitsi/);
  assert.match(notesOf('docker'), /0\.0\.0\.0/);
  assert.doesNotMatch(
    notesOf('docker', LEAST.replace('roles', 'xmppDomain: meet.jitsi, roles')),
    /xmppDomain/,
  );
});

test('a Jitsi from before token_affiliation is told where it is', () => {
  assert.match(notesOf('debian', LEAST.replace('roles', 'clientBefore: 2026-05, roles')), /jitsi-contrib/);
  assert.doesNotMatch(notesOf('debian'), /jitsi-contrib/);
});

test('what an operator wrote is quoted for the file it goes into', () => {
  has('debian', 'app_id = "a\\"b\\\\c"', `${LEAST}tokens: { appId: 'a"b\\c' }`);
  has('docker', "JWT_APP_ID='my jitsi $1'", `${LEAST}tokens: { appId: my jitsi $1 }`);
});

test('every line has a reason, and every reason is a comment in the language of its file', () => {
  for (const install of ['debian', 'docker'] as const)
    for (const { comment, lines: all, file } of jitsiAdvice(configOf(load(LEAST)), install).files) {
      assert.ok(
        all.every(({ why }) => /^[A-Z].*\.$/.test(why)),
        file,
      );
      assert.equal(comment, file.endsWith('.lua') ? '--' : file.endsWith('.js') ? '//' : '#');
    }
});

test('the script that notices what Jitsi refuses may be put into its page, with its hash; a gateway does so itself', () => {
  for (const install of ['debian', 'docker'] as const) {
    const { more } = jitsiAdvice(configOf(load(LEAST)), install);
    assert.deepEqual(
      more.map(({ file, lines: all }) => [file.split('/').at(-1), all.map(({ text }) => text)]),
      [['plugin.head.html', [failureElement('https://meet.example.org/_ostiary', false)]]],
    );
    const printed = formatAdvice(jitsiAdvice(configOf(load(LEAST)), install));
    assert.match(printed, /^<!-- Leads whom .* -->\n<script src="https:.* integrity="sha384-.*<\/script>$/m);
  }
  const gateway = `${LEAST}upstream: { url: "http://127.0.0.1:8443" }`;
  assert.deepEqual(jitsiAdvice(configOf(load(gateway)), 'debian').more, []);
});

test('the addresses of a mod_shib that was here before come to us only where they are ours', () => {
  const [on, off] = [`${LEAST}saml: { shibbolethPaths: true }`, LEAST];
  const old = 'location ^~ /Shibboleth.sso/ {';
  const proxied = (install: Install, text: string) =>
    lines(install, text).filter((line) => line.startsWith(old) && line.includes('proxy_pass'));
  for (const install of ['debian', 'docker'] as const) {
    assert.equal(proxied(install, on).length, 1);
    assert.equal(proxied(install, off).length, 0);
  }
  lacks('debian', 'Shibboleth', `${on}\nupstream: { url: 'http://127.0.0.1:8000' }\ninsecureHttp: true`);
});

test('on Debian the packages that token modules load are named, whichever way we sign', () => {
  const packages = /apt-get install lua-basexx lua-cjson lua-luaossl lua-inspect\b/;
  for (const text of [LEAST, SHARED]) assert.match(notesOf('debian', text), packages);
  assert.doesNotMatch(notesOf('docker'), packages);
});
