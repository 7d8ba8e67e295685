import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Op, startOp } from '../../../test/support/op.ts';
import { openTerminal, type Terminal } from '../../../test/support/terminal.ts';
import { loadConfig } from '../../config/load.ts';
import type { Given } from '../command.ts';
import { findJitsi } from './find.ts';

const CASES = join(import.meta.dirname, '../../../test/cases/migrate');

/** Nobody answers there, so that nothing leaves this machine. */
const NOBODY = 'https://127.0.0.1:9/realms/example';

/** A machine with a Jitsi in `jitsi`. */
function machine(t: TestContext, name: string): Terminal & { file(name: string): string } {
  const terminal = openTerminal(t);
  cpSync(join(CASES, name, 'in'), join(terminal.folder, 'jitsi'), { recursive: true });
  terminal.clock.advance((Date.now() - terminal.clock.now()) / 1000);
  return { ...terminal, file: (path) => readFileSync(join(terminal.folder, 'out', path), 'utf8') };
}

const LEAST = ['init', 'jitsi', '--out', 'out', '--yes'];
const FLAGS = [...LEAST, '--issuer', NOBODY, '--client-id', 'jitsi', '--hosts', '/staff, ada@example.org'];

async function provider(t: TestContext, publicUrl: string): Promise<Op> {
  const op = await startOp({ redirectUris: [`${publicUrl}/_ostiary/callback/campus`] });
  t.after(op.close);
  return op;
}

function withSecret({ folder }: Terminal, secret: string): void {
  mkdirSync(join(folder, 'out/secrets'), { recursive: true });
  writeFileSync(join(folder, 'out/secrets/oidc'), secret, { mode: 0o600 });
}

test('beside a Jitsi from Debian packages the settings, the location and the unit are written', async (t) => {
  const { run, file, folder } = machine(t, 'debian-plain');
  const { code, out, err } = await run(...FLAGS);
  assert.equal(code, 0, err);
  assert.equal(
    file('ostiary.yaml'),
    `# Written by "ostiary init".
# "ostiary check" says what is wrong with it; docs/reference/config.md has every setting.

publicUrl: https://meet.example.org
trustedProxies: [ 127.0.0.1 ] # Jitsi's nginx
jitsi:
  roles: enforced # only hosts moderate
providers:
  - id: campus # stands in the redirect URI; never change it
    preset: keycloak
    issuer: https://127.0.0.1:9/realms/example
    clientId: jitsi
    clientSecret: { file: secrets/oidc } # for its owner and group alone
access: members # or members, members-wait, guests-wait, guests-knock, open
hosts: [ /staff, ada@example.org ] # who leads: groups (with full paths: /staff) or e-mail addresses
store:
  path: /var/lib/ostiary/ostiary.sqlite
`,
  );
  const packaged = join(import.meta.dirname, '../../../packaging');
  for (const name of ['nginx-ostiary.conf', 'ostiary.service'])
    assert.equal(file(name), readFileSync(join(packaged, name), 'utf8'));
  assert.match(out, /redirect URI https:\/\/meet\.example\.org\/_ostiary\/callback\/campus/);
  assert.match(out, /umask 027; .*secrets\/oidc/);
  for (const step of ['check', 'jitsi-config --debian', 'doctor'])
    assert.ok(out.includes(`ostiary ${step}`), step);
  assert.match(err, /^wrong {2}providers\[0\] does not work: .*provider\.unreachable/m);
  withSecret({ folder } as Terminal, 'a-secret-of-ours');
  const loaded = loadConfig(join(folder, 'out/ostiary.yaml'), {});
  assert.ok('config' in loaded, JSON.stringify(loaded));
  assert.deepEqual(loaded.config.hosts, ['/staff', 'ada@example.org']);
});

test('for docker-jitsi-meet the compose file and the location of its container are written', async (t) => {
  const { run, file, folder } = machine(t, 'docker-internal');
  const { code, out, err } = await run(...FLAGS, '--access', 'guests-wait');
  assert.equal(code, 0, err);
  const yaml = file('ostiary.yaml');
  assert.match(yaml, /^publicUrl: https:\/\/meet\.verein\.example:8443$/m);
  assert.match(yaml, /^trustedProxies: \[ 172\.16\.0\.0\/12, 192\.168\.0\.0\/16 \] # the networks/m);
  assert.match(yaml, /xmppDomain: meet\.jitsi/);
  assert.match(yaml, /prosodyModule:\n {2}secret: \{ file: secrets\/prosody \}/);
  assert.match(file('compose.ostiary.yaml'), /services:/);
  assert.match(file('nginx-ostiary-docker.conf'), /location/);
  assert.match(out, /jitsi-config --docker/);
  assert.match(out, /openssl rand -hex 32 > .*secrets\/prosody/);
  assert.doesNotMatch(yaml + out + err, /not-for-print/);
  assert.equal(existsSync(join(folder, 'out/secrets')), false);
});

test('before Jitsi the settings name its own server block, and the proxy has the host of the meetings', async (t) => {
  const { run, file } = machine(t, 'debian-plain');
  const { code, err } = await run(
    ...FLAGS,
    '--door',
    'gateway',
    '--public-url',
    'https://meet.example.org/',
    '--other-applications',
  );
  assert.equal(code, 0, err);
  assert.match(file('ostiary.yaml'), /upstream:\n {2}url: https:\/\/127\.0\.0\.1:8443/);
  assert.match(file('nginx-gateway.conf'), /server_name meet\.example\.org;/);
});

test('nothing that is there is written over, a link that leads nowhere included, and nothing else is written', async (t) => {
  for (const name of ['ostiary.yaml', 'ostiary.service', 'nginx-ostiary.conf']) {
    const { run, folder } = machine(t, 'debian-plain');
    mkdirSync(join(folder, 'out'));
    if (name === 'ostiary.service') symlinkSync('nowhere', join(folder, 'out', name));
    else writeFileSync(join(folder, 'out', name), 'mine');
    const { code, err } = await run(...FLAGS);
    assert.equal(code, 1);
    assert.match(err, /out\/\S+ is there already; nothing was written\. \(config\.unusable, why: EEXIST\)/);
    assert.ok(err.includes(name), err);
    if (name !== 'ostiary.yaml') assert.equal(existsSync(join(folder, 'out/ostiary.yaml')), false);
    if (name !== 'ostiary.service') assert.equal(readFileSync(join(folder, 'out', name), 'utf8'), 'mine');
  }
});

test('with --yes everything that is missing is told at once with its flag, and nothing is written', async (t) => {
  const { run, folder } = machine(t, 'debian-plain');
  const { code, err } = await run(...LEAST, '--door', 'window', '--client-secret-file', 'hunter2hunter2');
  assert.equal(code, 1);
  const flags = [...err.matchAll(/^--([\w-]+) (is missing|cannot be used)\./gm)].map(
    ([, flag, wrong]) => `${flag} ${wrong}`,
  );
  assert.deepEqual(flags, [
    'door cannot be used',
    'issuer is missing',
    'client-id is missing',
    'client-secret-file cannot be used',
    'hosts is missing',
  ]);
  assert.match(err, /\(config\.unusable\)$/);
  assert.doesNotMatch(err, /hunter2/);
  assert.equal(existsSync(join(folder, 'out')), false);
});

test('what the schema refuses is told by its setting and not written', async (t) => {
  const { run, folder } = machine(t, 'debian-plain');
  const { code, err } = await run(...FLAGS, '--public-url', 'http://meet.example.org');
  assert.equal(code, 1);
  assert.match(err, /publicUrl is http on a host others can reach/);
  assert.equal(existsSync(join(folder, 'out')), false);
});

test('where no Jitsi is the folder is asked for; --debian goes on without one, and asks for the address', async (t) => {
  const { run, folder } = openTerminal(t);
  mkdirSync(join(folder, 'empty'));
  const nothing = await run('init', 'empty', '--out', 'out', '--yes');
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /Nothing of a Jitsi was found\. \(config\.unusable\)\nName the folder/);
  const named = await run('init', 'empty', '--debian', '--out', 'out', '--yes');
  assert.equal(named.code, 1);
  assert.match(named.err, /^--public-url is missing/m);
});

test('under a host name of our own the settings say where Jitsi is', async (t) => {
  const { run, file } = machine(t, 'debian-plain');
  assert.equal((await run(...FLAGS, '--public-url', 'https://door.example.org')).code, 0);
  const yaml = file('ostiary.yaml');
  assert.match(yaml, /^publicUrl: https:\/\/door\.example\.org$/m);
  assert.match(yaml, /^jitsi:\n {2}url: https:\/\/meet\.example\.org$/m);
});

test('of several hosts the one that people reach us at is read', async (t) => {
  const { run, file } = machine(t, 'two-hosts');
  const without = await run(...FLAGS);
  assert.equal(without.code, 1);
  assert.match(without.err, /Several Jitsis are here: .*zwei\.example\.org/);
  assert.equal((await run(...FLAGS, '--public-url', 'https://zwei.example.org')).code, 0);
  assert.match(file('ostiary.yaml'), /^publicUrl: https:\/\/zwei\.example\.org$/m);
});

test('what is piped in answers the questions in their order, and an empty line takes what was found', async (t) => {
  const terminal = machine(t, 'debian-plain');
  terminal.pipes('', '', NOBODY, '', 'jitsi', '', 'members', '/staff', 'yes', 'yes');
  const { code, out, err } = await terminal.run('init', 'jitsi', '--out', 'out');
  assert.equal(code, 0, err);
  assert.match(err, /Under which address do people reach us\? \[https:\/\/meet\.example\.org\] /);
  assert.match(terminal.file('ostiary.yaml'), /preset: keycloak/);
  assert.match(out, /issuers.*docs\/how-to\/links-from-other-applications\.md/s);
});

test('who answers no after a sign-in service that is silent has nothing written', async (t) => {
  const terminal = machine(t, 'debian-plain');
  terminal.pipes('', '', NOBODY, '', 'jitsi', '', '', '/staff', 'no', 'no');
  assert.equal((await terminal.run('init', 'jitsi', '--out', 'out')).code, 1);
  assert.equal(existsSync(join(terminal.folder, 'out')), false);
});

test('who types is asked again for what cannot be meant; what is piped in is not', async (t) => {
  const terminal = machine(t, 'debian-plain');
  terminal.types('', '', NOBODY, '', 'jitsi', 'no-folder', 'secrets/other', '', '/staff', 'no', 'yes');
  const { code, err } = await terminal.run('init', 'jitsi', '--out', 'out');
  assert.equal(code, 0, err);
  assert.match(terminal.file('ostiary.yaml'), /file: secrets\/other/);
  const piped = machine(t, 'debian-plain');
  piped.pipes('', '', 'nowhere', '', 'jitsi');
  const failed = await piped.run('init', 'jitsi', '--out', 'out');
  assert.equal(failed.code, 1);
  assert.match(failed.err, /--issuer was not answered/);
});

test('a sign-in service that knows us is told, one that refuses our secret stops even --yes', async (t) => {
  const url = 'http://localhost:8080';
  const op = await provider(t, url);
  const flags = [
    ...LEAST,
    '--public-url',
    url,
    '--issuer',
    op.issuer,
    '--client-id',
    op.clientId,
    '--hosts',
    'staff',
  ];
  const wrong = machine(t, 'debian-plain');
  withSecret(wrong, 'another-secret-than-theirs');
  const refused = await wrong.run(...flags);
  assert.equal(refused.code, 1, refused.out + refused.err);
  assert.match(refused.err, /providers\[0\]\.client\w+ .*\(invalid_client\)/);
  assert.match(refused.err, /nothing was written\. \(provider\.misconfigured\)/);
  assert.doesNotMatch(refused.err + refused.out, /another-secret/);
  assert.equal(existsSync(join(wrong.folder, 'out/ostiary.yaml')), false);

  const right = machine(t, 'debian-plain');
  withSecret(right, op.clientSecret.reveal());
  const taken = await right.run(...flags);
  assert.equal(taken.code, 0, taken.err);
  assert.match(taken.out, /The sign-in service answers, takes client id and secret/);
  assert.doesNotMatch(taken.out + taken.err, /with \+ and %/);

  const before = machine(t, 'debian-plain');
  const later = await before.run(...flags);
  assert.equal(later.code, 0, later.err);
  assert.match(later.out, /answers; whether it takes us, "ostiary check" says once the secret is there/);
});

test('an issuer at which nothing is published is told as check tells it', async (t) => {
  const op = await provider(t, 'http://localhost:8080');
  const terminal = machine(t, 'debian-plain');
  const { code, err } = await terminal.run(
    ...LEAST,
    '--issuer',
    `${op.issuer}/realms/none`,
    '--client-id',
    'jitsi',
    '--hosts',
    'staff',
  );
  assert.equal(code, 0, err);
  assert.match(err, /^wrong {2}providers\[0\]\.issuer has nothing at .*\/realms\/none\/\.well-known/m);
});

test('a Prosody and an nginx without Jitsi’s own folder are no Jitsi; with it they are read', (t) => {
  const { folder } = openTerminal(t);
  cpSync(join(CASES, 'debian-plain/in/etc'), join(folder, 'etc'), { recursive: true });
  const given: Given = { words: [], text: () => undefined, flag: () => false };
  const at = { cwd: join(folder, 'etc/nginx'), env: {} };
  const whole = findJitsi(given, at, folder);
  assert.ok('publicUrl' in whole && whole.publicUrl === 'https://meet.example.org', JSON.stringify(whole));
  rmSync(join(folder, 'etc/jitsi'), { recursive: true });
  assert.deepEqual(findJitsi(given, at, folder), { why: 'nothing' });
});

test('where docker’s .env stands beside us the machine’s own web server and Prosody are not read', (t) => {
  const { folder } = openTerminal(t);
  cpSync(join(CASES, 'debian-plain/in/etc'), join(folder, 'etc'), { recursive: true });
  cpSync(join(CASES, 'docker-internal/in/docker/.env'), join(folder, '.env'));
  const given: Given = { words: [], text: () => undefined, flag: () => false };
  const found = findJitsi(given, { cwd: folder, env: {} }, folder);
  assert.ok('install' in found);
  assert.deepEqual([found.install, found.files], ['docker', 1]);
});
