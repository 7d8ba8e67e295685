import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openTerminal, type Terminal } from '../../test/support/terminal.ts';

const SECRET = 'forty-three-characters-that-nobody-could-guess';
const CASES = join(import.meta.dirname, '../../test/cases/migrate');

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function open(context: TestContext): { terminal: Terminal; claims: Record<string, unknown> } {
  const terminal = openTerminal(context);
  terminal.configure({ tokens: { secret: SECRET, appId: 'ours', audience: 'jitsi' } });
  const now = Math.floor(terminal.clock.now() / 1000);
  const claims = { iss: 'ours', aud: 'jitsi', sub: 'meet.example.org', room: 'standup', exp: now + 60 };
  return { terminal, claims };
}

function signed(claims: object, secret = SECRET, header: object = { typ: 'JWT', alg: 'HS256' }): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** Runs it with this token piped in, and sees that no part of it that opens a door was printed. */
async function inspect(terminal: Terminal, token: string, ...words: readonly string[]) {
  terminal.pipes(token);
  const ran = await terminal.run('token', 'inspect', ...words);
  const [, signature = ''] = /eyJ[\w-]+\.[\w-]+\.([\w-]+)/.exec(token) ?? [];
  assert.ok(signature === '' || !(ran.out + ran.err).includes(signature), ran.out + ran.err);
  return ran;
}

test('a sound token is shown in the clear, and Prosody would take it', async (context) => {
  const { terminal, claims } = open(context);
  const { code, out } = await inspect(terminal, signed({ ...claims, context: { user: { name: 'Ada' } } }));
  assert.equal(code, 0, out);
  assert.match(out, /"name": "Ada"/);
  assert.match(out, /^Prosody would take it, as .*ostiary\.yaml has it\.$/m);
  assert.match(out, /Nothing in it makes its bearer a moderator/);
});

for (const [what, change, secret, header, says] of [
  ['that has run out', { exp: 1 }, SECRET, undefined, /ran out at 1970-01-01T00:00:01Z/],
  ['for another issuer', { iss: 'theirs' }, SECRET, undefined, /names "theirs" as iss; Prosody takes "ours"/],
  ['for a list of audiences', { aud: ['jitsi'] }, SECRET, undefined, /a list is never taken/],
  [
    'of another secret',
    {},
    'another-secret-of-forty-characters-or-more',
    undefined,
    /signed with another secret/,
  ],
  ['without a room', { room: undefined }, SECRET, undefined, /names no room/],
  ['of another algorithm', {}, SECRET, { typ: 'JWT', alg: 'HS512' }, /alg "HS512"; Prosody takes HS256/],
  [
    'of another type',
    {},
    SECRET,
    { typ: 'at+jwt', alg: 'HS256' },
    /typ "at\+jwt"; Prosody takes exactly "JWT"/,
  ],
] as const)
  test(`a token ${what} would be refused, and it is said why`, async (context) => {
    const { terminal, claims } = open(context);
    const { code, out } = await inspect(terminal, signed({ ...claims, ...change }, secret, header));
    assert.equal(code, 1);
    assert.match(out, says);
  });

test('what makes Prosody fall silent is told as that', async (context) => {
  const { terminal, claims } = open(context);
  const { code, out } = await inspect(terminal, signed({ ...claims, context: 1 }));
  assert.equal(code, 1);
  assert.match(out, /would not answer/);
});

test('the room somebody wants is compared as Prosody compares it', async (context) => {
  const { terminal, claims } = open(context);
  const token = signed(claims);
  assert.equal((await inspect(terminal, token, '--room', 'StandUp')).code, 0);
  const other = await inspect(terminal, token, '--room', 'retro');
  assert.equal(other.code, 1);
  assert.match(other.out, /for the room "standup"/);
});

test('a token in a link or a header is found in it', async (context) => {
  const { terminal, claims } = open(context);
  const token = signed(claims);
  for (const text of [
    `https://meet.example.org/standup#jwt=%22${token}%22&config.x=1`,
    `https://meet.example.org/standup?jwt=${token}`,
    `Authorization: Bearer ${token}`,
  ])
    assert.equal((await inspect(terminal, text)).code, 0, text);
});

test('a token on the command line is not looked at, and not repeated', async (context) => {
  const { terminal, claims } = open(context);
  const token = signed(claims);
  const { code, out, err } = await terminal.run('token', 'inspect', token);
  assert.equal(code, 1);
  assert.match(err, /does not belong on the command line/);
  assert.ok(!(out + err).includes(token.slice(0, 20)));
});

test('a token in a file is read from there, and JSON says the same for programs', async (context) => {
  const { terminal, claims } = open(context);
  writeFileSync(join(terminal.folder, 'token'), `${signed({ ...claims, iss: 'x' })}\n`);
  const { out } = await terminal.run('token', 'inspect', 'token', '--json');
  const { accepted, prosody, claims: shown } = JSON.parse(out);
  assert.deepEqual([accepted, prosody, shown.iss], [false, "invalid 'iss' claim", 'x']);
});

test('what is no token at all is told as that', async (context) => {
  const { terminal } = open(context);
  const { code, out } = await inspect(terminal, 'hunter2');
  assert.equal(code, 1);
  assert.match(out, /not three parts/);
});

test('with a key server whether a signature holds is not known, unless the key is here', async (context) => {
  const { terminal, claims } = open(context);
  terminal.configure({ tokens: { appId: 'ours', audience: 'jitsi' } });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const input = `${encoded({ typ: 'JWT', alg: 'RS256', kid: 'a' })}.${encoded(claims)}`;
  const token = `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
  const unknown = await inspect(terminal, token);
  assert.equal(unknown.code, 0);
  assert.match(unknown.out, /Whether its signature holds is not known/);
  writeFileSync(join(terminal.folder, 'key.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  assert.doesNotMatch((await inspect(terminal, token, '--key', 'key.pem')).out, /not known/);
  const bent = await inspect(
    terminal,
    `${input}.${Buffer.alloc(256).toString('base64url')}`,
    '--key',
    'key.pem',
  );
  assert.match(bent.out, /signed with another secret or key/);
});

test('a token of a key of ours is known by it, and one of another is not', async (context) => {
  const { terminal, claims } = open(context);
  terminal.configure({ tokens: { appId: 'ours', audience: 'jitsi' } });
  const { keys } = await terminal.server();
  const { kid, secret } = await keys.signing();
  const input = `${encoded({ typ: 'JWT', alg: 'RS256', kid })}.${encoded(claims)}`;
  const token = `${input}.${sign('sha256', Buffer.from(input), secret.reveal()).toString('base64url')}`;
  const { code, out } = await inspect(terminal, token);
  assert.equal(code, 0, out);
  assert.doesNotMatch(out, /not known/);
  const stranger = token.replace(
    input,
    `${encoded({ typ: 'JWT', alg: 'RS256', kid: 'x' })}.${encoded(claims)}`,
  );
  assert.match((await inspect(terminal, stranger)).out, /no key called "x"/);
});

test("it is judged as another Prosody would, by that one's own files", async (context) => {
  const { terminal } = open(context);
  for (const name of ['debian-external-jwt', 'docker-openid'])
    cpSync(join(CASES, name, 'in'), join(terminal.folder, name), { recursive: true });
  const debian = signed({ iss: 'nextcloud', aud: 'moodle', sub: 'x', room: '*' }, 'kurz-not-for-print');
  const first = await inspect(terminal, debian, '--jitsi', 'debian-external-jwt');
  assert.equal(first.code, 0, first.out);
  assert.match(first.out, /good for ever/);
  assert.match(first.out, /opens every room/);
  const docker = signed(
    { iss: 'other', aud: 'jitsi', sub: 'x', room: 'y' },
    'q3wJ8zBqk1mV0r7s2uF5yX9aC4dE6hT-not-for-print',
  );
  assert.match((await inspect(terminal, docker, '--jitsi', 'docker-openid')).out, /Prosody takes "jitsi"/);
  const none = await inspect(terminal, docker, '--jitsi', 'debian-external-jwt/etc/jitsi');
  assert.match(none.err, /No Prosody that takes tokens/);
});

test('a file that is no token is not read to its end, and claims that go too deep are not shown', async (context) => {
  const { terminal } = open(context);
  writeFileSync(join(terminal.folder, 'large'), '.'.repeat(70_000));
  const large = await terminal.run('token', 'inspect', 'large');
  assert.equal(large.code, 1);
  assert.match(large.err, /larger than any token/);
  assert.equal((await terminal.run('token', 'inspect', '/dev/zero')).code, 1);
  const deep = Buffer.from(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`).toString('base64url');
  writeFileSync(join(terminal.folder, 'deep'), `${encoded({ typ: 'JWT', alg: 'HS256' })}.${deep}.x`);
  const ran = await terminal.run('token', 'inspect', 'deep');
  assert.equal(ran.code, 1);
  assert.match(ran.out, /^Claims: cannot be read$/m);
});

test('the token of an application whose links our door takes is said to be for the door', async (context) => {
  const { terminal, claims } = open(context);
  terminal.configure({
    tokens: { appId: 'ours', audience: 'jitsi' },
    upstream: { url: 'http://127.0.0.1:9' },
    insecureHttp: true,
    issuers: [{ iss: 'moodle', secret: SECRET, rooms: ['*'] }],
  });
  const theirs = await inspect(terminal, signed({ ...claims, iss: 'moodle' }));
  assert.equal(theirs.code, 1);
  assert.match(theirs.out, /Prosody would refuse it/);
  assert.match(
    theirs.out,
    /"moodle" is one of the issuers in our settings: .* for our door and not for Prosody/,
  );
  const nobodys = await inspect(terminal, signed({ ...claims, iss: 'somebody' }));
  assert.doesNotMatch(nobodys.out, /one of the issuers/);
});
