import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse } from 'yaml';
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
const SERVICE = ['--issuer', NOBODY, '--client-id', 'jitsi', '--hosts', '/staff, ada@example.org'];
const FLAGS = [...LEAST, '--offline', ...SERVICE];

/** A line for each question up to the last, as a Keycloak where nobody answers. */
const LINES = ['', '', '', NOBODY, '', 'jitsi', '', '', 'members', '/staff', 'no'];

async function provider(t: TestContext, publicUrl: string, id = 'sso'): Promise<Op> {
  const op = await startOp({ redirectUris: [`${publicUrl}/_ostiary/callback/${id}`] });
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
  - id: keycloak # stands in the redirect URI; never change it
    name: Keycloak # what the button says
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
  assert.match(out, /redirect URI +https:\/\/meet\.example\.org\/_ostiary\/callback\/keycloak$/m);
  assert.match(
    out,
    /back-channel logout URI +https:\/\/meet\.example\.org\/_ostiary\/backchannel-logout\/keycloak$/m,
  );
  assert.match(out, /^ +Of groups: Add a mapper .* Until it does, nobody gets in\.$/m);
  assert.match(out, /umask 027; .*secrets\/oidc/);
  for (const step of ['check', 'jitsi-config --debian', 'doctor'])
    assert.ok(out.includes(`ostiary ${step}`), step);
  assert.match(out, /was not asked, as you say/);
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

test('what is written is for others to read at most, even where the umask forbids nobody anything', async (t) => {
  const { run, folder } = machine(t, 'debian-plain');
  const umask = process.umask(0);
  t.after(() => process.umask(umask));
  assert.equal((await run(...FLAGS)).code, 0);
  for (const name of ['', 'ostiary.yaml', 'ostiary.service', 'nginx-ostiary.conf'])
    assert.equal(statSync(join(folder, 'out', name)).mode & 0o022, 0, name);
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
  terminal.pipes(...LINES.slice(0, -1), 'yes', 'yes');
  const { code, out, err } = await terminal.run('init', 'jitsi', '--out', 'out');
  assert.equal(code, 0, err);
  assert.match(err, /Under which address do people reach us\? \[https:\/\/meet\.example\.org\] /);
  assert.match(terminal.file('ostiary.yaml'), /preset: keycloak/);
  assert.match(out, /issuers.*docs\/how-to\/links-from-other-applications\.md/s);
});

test('who answers no after a sign-in service that is silent has nothing written', async (t) => {
  const terminal = machine(t, 'debian-plain');
  terminal.pipes(...LINES, 'no');
  const { code, err } = await terminal.run('init', 'jitsi', '--out', 'out');
  assert.equal(code, 1);
  assert.match(err, /^wrong {2}providers\[0\] does not work: .*provider\.unreachable/m);
  assert.match(err, /Nothing was written, as you say\.\n.*--offline/);
  assert.equal(existsSync(join(terminal.folder, 'out')), false);
});

test('who types is asked again for what cannot be meant; what is piped in is not', async (t) => {
  const terminal = machine(t, 'debian-plain');
  terminal.types(...LINES.slice(0, 6), 'no-folder', 'secrets/other', ...LINES.slice(7), 'yes');
  const { code, err } = await terminal.run('init', 'jitsi', '--out', 'out');
  assert.equal(code, 0, err);
  assert.match(terminal.file('ostiary.yaml'), /file: secrets\/other/);
  const piped = machine(t, 'debian-plain');
  piped.pipes('', '', '', 'nowhere', ...LINES.slice(4));
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

test('an issuer at which nothing is published is told as check tells it, and with --yes nothing is written', async (t) => {
  const op = await provider(t, 'http://localhost:8080');
  const terminal = machine(t, 'debian-plain');
  const flags = [...LEAST, '--issuer', `${op.issuer}/realms/none`, '--client-id', 'jitsi'];
  const { code, err } = await terminal.run(...flags);
  assert.equal(code, 1, err);
  assert.match(err, /^wrong {2}providers\[0\]\.issuer has nothing at .*\/realms\/none\/\.well-known/m);
  assert.match(err, /nothing was written\. \(provider\.unreachable\)\n.*--offline/);
  assert.equal(existsSync(join(terminal.folder, 'out')), false);
});

test('with --yes a sign-in service that does not answer is a failure, and nothing is written', async (t) => {
  const { run, folder } = machine(t, 'debian-plain');
  const { code, err } = await run(...LEAST, ...SERVICE);
  assert.equal(code, 1, err);
  assert.match(err, /^wrong {2}providers\[0\] does not work: .*provider\.unreachable/m);
  assert.match(err, /nothing was written\. \(provider\.unreachable\)\n.*--offline/);
  assert.equal(existsSync(join(folder, 'out')), false);
});

test('an input that ends early is told by the question it ended before, with what to do', async (t) => {
  for (const [given, question] of [
    [2, /before this was answered: How do people sign in.*\(--kind\) Nothing was written/],
    [9, /before this was answered: Who leads.*\(--hosts\)/],
    [10, /before this was answered: Does another application sign/],
    [11, /before this was answered: Write the files all the same\?/],
  ] as const) {
    const terminal = machine(t, 'debian-plain');
    terminal.pipes(...LINES.slice(0, given));
    const { code, err } = await terminal.run('init', 'jitsi', '--out', 'out');
    assert.equal(code, 1);
    assert.match(err, question);
    assert.match(err, /\(config\.unusable\)\nGive a line for each question.*--yes/);
    assert.equal(existsSync(join(terminal.folder, 'out')), false);
  }
});

test('the id and the name of the sign-in service are given, or follow from what it is', async (t) => {
  const yaml = async (...flags: readonly string[]) => {
    const { run, file } = machine(t, 'debian-plain');
    const { code, out, err } = await run(...LEAST, '--offline', '--client-id', 'jitsi', ...flags);
    assert.equal(code, 0, err);
    const { id, name } = parse(file('ostiary.yaml')).providers[0];
    assert.match(out, new RegExp(`/_ostiary/callback/${id}$`, 'm'));
    return [id, name ?? id];
  };
  assert.deepEqual(await yaml('--issuer', 'https://login.microsoftonline.com/abc/v2.0'), [
    'entra',
    'Microsoft Entra ID',
  ]);
  assert.deepEqual(await yaml('--issuer', 'https://sso.uni-bonn.de'), ['uni-bonn', 'uni-bonn']);
  assert.deepEqual(await yaml('--issuer', 'https://192.0.2.1'), ['sso', 'sso']);
  const said = ['--provider-id', 'campus', '--provider-name', 'University account'];
  assert.deepEqual(await yaml('--issuer', NOBODY, ...said), ['campus', 'University account']);
});

test('hosts may be left out: then nobody leads, and it is said; everyone is a word too; who waits needs one', async (t) => {
  const loaded = async (...flags: readonly string[]) => {
    const { run, folder } = machine(t, 'debian-plain');
    const most = ['--issuer', NOBODY, '--client-id', 'jitsi', '--client-secret-file', 'none'];
    const ran = await run(...LEAST, '--offline', ...most, ...flags);
    const found = ran.code === 0 ? loadConfig(join(folder, 'out/ostiary.yaml'), {}) : undefined;
    return { ...ran, ...(found !== undefined && 'config' in found && { config: found.config }) };
  };
  const nobody = await loaded();
  assert.deepEqual(nobody.config?.hosts, []);
  assert.equal(nobody.config?.rules, undefined);
  assert.match(nobody.out, /Nobody leads: whoever is let in is a participant/);
  const everyone = await loaded('--hosts', 'everyone');
  assert.deepEqual(
    everyone.config?.rules?.map(({ when, then }) => [when, then]),
    [[{ signedIn: true }, 'host']],
  );
  assert.match(everyone.out, /Everyone who signs in leads every room/);
  const waiting = await loaded('--access', 'guests-wait');
  assert.equal(waiting.code, 1);
  assert.match(waiting.err, /^--hosts is missing/m);
});

test('a public client has no secret, and the service is told to ask it for none', async (t) => {
  const { run, file } = machine(t, 'debian-plain');
  const { code, out, err } = await run(...FLAGS, '--client-secret-file', 'none');
  assert.equal(code, 0, err);
  assert.doesNotMatch(file('ostiary.yaml') + out, /[sS]ecret/);
  assert.match(out, /it is a public client, with PKCE \(S256\)/);
});

test('SAML and LDAP take their own few answers, and the settings hold', async (t) => {
  for (const [flags, settings, step] of [
    [
      ['--saml-metadata', 'https://idp.uni-bonn.de/metadata'],
      { id: 'uni-bonn', kind: 'saml', saml: { metadataUrl: 'https://idp.uni-bonn.de/metadata' } },
      /our metadata.*\/_ostiary\/saml\/metadata/,
    ],
    [
      ['--ldap-url', 'ldaps://ldap.example.org', '--ldap-base', 'ou=people,dc=example,dc=org'],
      {
        id: 'directory',
        kind: 'ldap',
        ldap: { urls: ['ldaps://ldap.example.org'], base: 'ou=people,dc=example,dc=org' },
      },
      /ostiary check/,
    ],
    [
      [
        ...['--ldap-url', 'ldaps://ldap.example.org', '--ldap-base', 'dc=example,dc=org'],
        ...['--ldap-bind-dn', 'cn=ostiary,dc=example,dc=org'],
      ],
      {
        id: 'directory',
        kind: 'ldap',
        ldap: {
          urls: ['ldaps://ldap.example.org'],
          bindDn: 'cn=ostiary,dc=example,dc=org',
          bindPassword: { file: 'secrets/ldap' },
          base: 'dc=example,dc=org',
        },
      },
      /password of the account.*\n.*secrets\/ldap/,
    ],
  ] as const) {
    const { run, file } = machine(t, 'debian-plain');
    const { code, out, err } = await run(...LEAST, '--offline', ...flags);
    assert.equal(code, 0, err);
    assert.deepEqual(parse(file('ostiary.yaml')).providers, [settings]);
    assert.match(out, step);
    assert.doesNotMatch(out, /\/callback\//);
  }
});

test('who is asked for a directory is asked nothing of OpenID Connect', async (t) => {
  const terminal = machine(t, 'debian-plain');
  terminal.pipes(
    '',
    '',
    'ldap',
    'ldaps://ldap.example.org',
    'dc=example,dc=org',
    'none',
    'Staff',
    '',
    '',
    '',
  );
  const { code, err } = await terminal.run('init', 'jitsi', '--out', 'out', '--offline');
  assert.equal(code, 0, err);
  assert.doesNotMatch(err, /issuer|client/);
  assert.deepEqual(parse(terminal.file('ostiary.yaml')).providers, [
    {
      ...{ id: 'directory', name: 'Staff', kind: 'ldap' },
      ldap: { urls: ['ldaps://ldap.example.org'], base: 'dc=example,dc=org' },
    },
  ]);
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

test('where nginx includes no file of ours, the line is told that does, with its place; where it does, none is', async (t) => {
  const INCLUDE = 'include /etc/jitsi/meet/jaas/';
  const has = machine(t, 'debian-plain');
  assert.ok(!(await has.run(...FLAGS)).out.includes(INCLUDE));
  const lacks = machine(t, 'debian-plain');
  const site = join(lacks.folder, 'jitsi/etc/nginx/sites-available/meet.example.org.conf');
  const text = readFileSync(site, 'utf8');
  assert.ok(text.includes(`${INCLUDE}*.conf;`));
  writeFileSync(site, text.replace(`${INCLUDE}*.conf;`, ''));
  const { out } = await lacks.run(...FLAGS);
  const [, file, line] =
    /in (\S+), below line (\d+), add\n +include \/etc\/jitsi\/meet\/jaas\/ostiary\.conf;$/m.exec(out) ?? [];
  assert.equal(file, site);
  const inside = machine(t, 'debian-plain');
  const location = 'location ^~ /_ostiary/ { proxy_pass http://127.0.0.1:8080; }';
  writeFileSync(
    join(inside.folder, 'jitsi/etc/nginx/sites-available/meet.example.org.conf'),
    text.replace(`${INCLUDE}*.conf;`, location),
  );
  assert.ok(!(await inside.run(...FLAGS)).out.includes(INCLUDE));
  // In the block that speaks TLS.
  const lines = text.split('\n');
  assert.match(lines[Number(line) - 1] ?? '', /server_name meet\.example\.org;/);
  assert.match(lines.slice(0, Number(line)).join('\n'), /listen 443 ssl/);
});

test('a setting that allows plain HTTP is not written without a word', async (t) => {
  const { run, file } = machine(t, 'debian-plain');
  const plainIssuer = ['--issuer', 'http://localhost:9/realms/example', '--client-id', 'jitsi'];
  const { code, out } = await run(...LEAST, '--offline', ...plainIssuer);
  assert.equal(code, 0);
  assert.match(file('ostiary.yaml'), /^insecureHttp: true/m);
  assert.match(out, /"insecureHttp: true", because http:\/\/localhost:9\/realms\/example is plain HTTP/);
  const other = machine(t, 'debian-plain');
  assert.doesNotMatch((await other.run(...FLAGS)).out, /insecureHttp/);
});
