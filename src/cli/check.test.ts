import assert from 'node:assert/strict';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeAuthority } from '../../test/support/http-authority.ts';
import { startOp } from '../../test/support/op.ts';
import { openTerminal, TERMINAL_CONFIG } from '../../test/support/terminal.ts';
import { startUpstream } from '../../test/support/upstream.ts';
import { createSharedHosts } from '../admission/prosody/shared-hosts.ts';
import { Problem } from '../base/problem.ts';
import { failureLines } from './failure.ts';
import { findConfig } from './open.ts';

interface Told {
  readonly fine: boolean;
  readonly findings: readonly {
    readonly subject: string;
    readonly says?: string;
    readonly complaints: readonly { readonly path: string; readonly wrong: string }[];
  }[];
}

/** A sign-in service that publishes about itself; the test stops it. */
async function service(
  context: { after(done: () => unknown): void },
  { status = 200, calls = '' } = {},
): Promise<string> {
  let issuer = '';
  const server = createServer((_, answer) => {
    const paths = {
      authorization_endpoint: '/a',
      token_endpoint: '/t',
      jwks_uri: '/k',
      userinfo_endpoint: '/u',
    };
    const addresses = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, issuer + path]));
    answer.statusCode = status;
    answer
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ issuer: issuer + calls, response_types_supported: ['code'], ...addresses }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  context.after(() => server.close());
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return issuer;
}

test('where all is well it says what it looked at', async (context) => {
  const terminal = openTerminal(context);
  // Today, because the service's answers carry the date.
  terminal.clock.advance((Date.now() - terminal.clock.now()) / 1000);
  terminal.configure({
    insecureHttp: true,
    providers: [{ id: 'idp', issuer: await service(context), clientId: 'meet' }],
    prosodyModule: { secret: 'what the module shows us: thirty-two bytes, or some more' },
  });
  const { clock, store } = await terminal.server();
  const until = clock.now() + 600_000;
  await createSharedHosts({ store, clock }).write('b00t', { led: [], connections: 3, until });
  const { code, out } = await terminal.run('check');
  assert.equal(out.split('\n').at(-1), 'All is well.', out);
  assert.equal(code, 0);
  for (const subject of ['settings', 'files', 'store', 'provider idp', 'prosody module'])
    assert.match(out, new RegExp(`^fine {3}${subject}: `, 'm'));
  assert.match(out, /provider idp: answers \(whether it takes the client id shows at the first sign-in\)$/m);
});

test('a page or style of the operator that cannot be read is told before the start fails on it', async (context) => {
  const terminal = openTerminal(context);
  const [there, folder] = [join(terminal.folder, 'look.css'), terminal.folder];
  writeFileSync(there, 'body{}');
  const complaints = async (pages: object) => {
    terminal.configure({ pages });
    return (await terminal.run('check')).out.split('\n').filter((line) => line.includes('pages.'));
  };
  const gone = join(folder, 'not-today.html');
  assert.deepEqual(await complaints({ css: there, errorFile: gone }), [
    `wrong  pages.errorFile is ${gone}, which we cannot read (ENOENT). Right would be: a file that is there.`,
  ]);
  assert.match((await complaints({ css: folder })).join(), /pages\.css is .*EISDIR/);
  assert.deepEqual(await complaints({ css: there, errorFile: there }), []);
});

test('an issuer written otherwise than the service does is told as the service writes it', async (context) => {
  const terminal = openTerminal(context);
  const issuer = await service(context);
  terminal.configure({
    insecureHttp: true,
    providers: [{ id: 'idp', issuer: `${issuer}/`, clientId: 'meet' }],
  });
  const { out } = await terminal.run('check');
  assert.match(
    out,
    new RegExp(
      `providers\\[0\\]\\.issuer is ${issuer}/, but the service calls itself ${issuer}\\. Right would be: issuer: ${issuer}\\.$`,
      'm',
    ),
  );
});

test('an issuer that is another one is told with the name the service gives itself', async (context) => {
  const terminal = openTerminal(context);
  const issuer = await service(context, { calls: '/realms/staff' });
  terminal.configure({ insecureHttp: true, providers: [{ id: 'idp', issuer, clientId: 'meet' }] });
  const { out } = await terminal.run('check');
  assert.ok(
    out.includes(
      `providers[0].issuer is ${issuer}, but the service calls itself ${issuer}/realms/staff. Right would be: issuer: ${issuer}/realms/staff.`,
    ),
    out,
  );
});

test('the certified provider is asked whether it takes us: what is wrong is named, and its right form said', async (context) => {
  const terminal = openTerminal(context);
  terminal.clock.advance((Date.now() - terminal.clock.now()) / 1000);
  const back = 'https://meet.example.org/_ostiary/callback/idp';
  const op = await startOp({ redirectUris: [back] });
  context.after(() => op.close());
  const { issuer, clientId } = op;
  const secret = op.clientSecret.reveal();
  const told = async (changes: Readonly<Record<string, unknown>>) => {
    const right = { id: 'idp', issuer, clientId, clientSecret: secret };
    terminal.configure({ insecureHttp: true, providers: [{ ...right, ...changes }] });
    const { code, out } = await terminal.run('check');
    assert.ok(!out.includes(secret) && !out.includes('not-the-secret'), out);
    return [code, out.split('\n').find((line) => /provider/.test(line))];
  };
  assert.deepEqual(await told({}), [
    0,
    'fine   provider idp: answers, takes client id and secret, and sends people back to us',
  ]);
  const [wrongSecret, line] = await told({ clientSecret: 'not-the-secret' });
  assert.equal(wrongSecret, 1);
  assert.match(
    String(line),
    /providers\[0\]\.clientSecret is not the one the service has for this clientId \(invalid_client\)\. Right would be: the secret/,
  );
  const [noSecret, missing] = await told({ clientSecret: undefined });
  assert.equal(noSecret, 1);
  assert.match(String(missing), /providers\[0\]\.clientSecret is missing: the service knows the clientId/);
  const [wrongId, unknown] = await told({ clientId: 'nobody' });
  assert.equal(wrongId, 1);
  assert.ok(
    String(unknown).includes(
      `providers[0].clientId or clientSecret is not the one the service has (invalid_client). Right would be: client id and secret as they stand at the service, with ${back} as redirect address there`,
    ),
    String(unknown),
  );
  const [elsewhere, warned] = await told({ id: 'campus' });
  assert.equal(elsewhere, 0);
  assert.ok(
    String(warned).startsWith(
      'warn   provider campus: takes client id and secret, but seems to send nobody back: is https://meet.example.org/_ostiary/callback/campus set',
    ),
    String(warned),
  );
});

test('a failure says no word twice', () =>
  assert.equal(
    failureLines(new Problem('outbound.failed', { code: 'port', reason: 'port', status: 1, tries: 1 }))[0],
    'An outbound request failed (outbound.failed, code: port, status: 1, tries: 1)',
  ));

test('where a certificate does not hold, it says which setting names an authority of our own', () => {
  const facts = { reason: 'tls', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
  for (const code of ['provider.unreachable', 'outbound.failed'] as const) {
    assert.match(failureLines(new Problem(code, facts))[1], /outbound\.caFile/);
    assert.doesNotMatch(failureLines(new Problem(code, { reason: 'dns' }))[1], /caFile/);
  }
});

test('an issuer with nothing below it is told the address that was tried', async (context) => {
  const terminal = openTerminal(context);
  const issuer = await service(context, { status: 404 });
  terminal.configure({ insecureHttp: true, providers: [{ id: 'idp', issuer, clientId: 'meet' }] });
  const { out } = await terminal.run('check');
  assert.ok(
    out.includes(
      `providers[0].issuer has nothing at ${issuer}/.well-known/openid-configuration. Right would be: the issuer as the service writes it; Keycloak's issuer ends in /realms/NAME.`,
    ),
    out,
  );
});

test('where roles are enforced and nobody is a host, it warns that nobody would moderate', async (context) => {
  const terminal = openTerminal(context);
  const warned = async (more: Readonly<Record<string, unknown>>) => {
    terminal.configure({ hosts: [], ...more });
    return /^warn {3}hosts: nobody would moderate/m.test((await terminal.run('check')).out);
  };
  assert.equal(await warned({}), true);
  assert.equal(await warned({ rules: [{ name: 'all', then: 'participant' }] }), true);
  assert.equal(await warned({ rules: [{ name: 'all', then: 'host' }] }), false);
  assert.equal(await warned({ hosts: ['staff'] }), false);
  assert.equal(await warned({ jitsi: { roles: 'everyone-moderator' } }), false);
});

for (const [what, trustedProxies, warned] of [
  [
    'everybody may say whom a request comes from',
    ['10.0.0.1', '0.0.0.0/0'],
    /^warn {3}trustedProxies: 0\.0\.0\.0\/0 /m,
  ],
  ['everybody of the new addresses may', ['::/0'], /^warn {3}trustedProxies: ::\/0 /m],
  ['nobody is believed, though only a proxy can reach us', [], /^warn {3}trustedProxies: [^\n]*one address/m],
] as const)
  test(`where ${what}, it warns`, async (context) => {
    const terminal = openTerminal(context);
    terminal.configure({ trustedProxies });
    assert.match((await terminal.run('check')).out, warned);
    terminal.configure({ trustedProxies: ['127.0.0.1', '10.0.0.0/8'] });
    assert.doesNotMatch((await terminal.run('check')).out, /trustedProxies/);
  });

test('a certificate the server would not start with is told, and one that is made for another name', async (context) => {
  const terminal = openTerminal(context);
  const authority = makeAuthority(terminal.folder);
  const [ours, another] = [authority.issue(['meet.example.org']), authority.issue(['video.example.org'])];
  const file = (name: string, text: string) => {
    writeFileSync(join(terminal.folder, name), text, { mode: 0o600 });
    return join(terminal.folder, name);
  };
  const certFile = file('cert.pem', ours.cert);
  const told = async (tls: { readonly certFile: string; readonly keyFile: string }) => {
    terminal.configure({ listen: { public: { port: 0, tls }, inner: { port: 0 } } });
    const { out } = await terminal.run('check');
    return out.split('\n').find((line) => /certificate|tls/.test(line)) ?? out;
  };
  const keyFile = file('key.pem', another.key);
  assert.ok(
    (await told({ certFile, keyFile })).startsWith(
      `wrong  listen.public.tls.keyFile names ${keyFile}, which is the key of another certificate.`,
    ),
  );
  assert.match(await told({ certFile: `${certFile}.old`, keyFile }), /tls\.certFile names .*\(ENOENT\)/);
  const others = { certFile: file('other.pem', another.cert), keyFile };
  assert.match(await told(others), /^warn {3}certificate: .* is not made for meet\.example\.org$/);
  const right = { certFile, keyFile: file('right.pem', ours.key) };
  assert.match(await told(right), /^fine {3}certificate: .* is for meet\.example\.org$/);
});

test('where no file is found, that alone is said, and what makes one', async (context) => {
  const terminal = openTerminal(context);
  rmSync(join(terminal.folder, 'ostiary.yaml'));
  const line = `No ostiary.yaml in ${terminal.folder} or /etc/ostiary, and OSTIARY_CONFIG is not set. "ostiary init" makes one; one that is elsewhere is named with --config FILE.`;
  assert.equal((await terminal.run('check')).out, `wrong  ${line}\n1 complaint.`);
  for (const words of [['serve'], ['sessions', 'list'], ['config'], ['jitsi-config', '--debian']])
    assert.deepEqual(await terminal.run(...words), { code: 1, out: '', err: line });
  // Who says a part of it in the environment is told the rest.
  terminal.env['PUBLIC_URL'] = 'https://meet.example.org';
  const { err } = await terminal.run('serve');
  assert.match(err, /^No ostiary\.yaml .*\njitsi\.roles is missing/);
});

test('what to do about a failure stands as a sentence of its own, and a setting behind what it would be', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({ store: { path: '/nowhere/at/all/store.sqlite' } });
  const { out } = await terminal.run('check');
  assert.match(
    out,
    /^wrong {2}providers\[0\] does not work: .*\)\. See that this machine reaches the sign-in service/m,
  );
  assert.match(out, /^wrong {2}store\.path .*\. Right would be: a folder/m);
  assert.doesNotMatch(out, /Right would be: (?:[A-Z][a-z]+ |did )/);
});

test('after the folder comes the file of the system, and only if it is there', (context) => {
  const { folder, env } = openTerminal(context);
  const look = { env, cwd: join(folder, 'elsewhere') };
  const found = (systemFile: string) => findConfig(look, { text: () => undefined }, systemFile).file;
  assert.equal(found(join(folder, 'ostiary.yaml')), join(folder, 'ostiary.yaml'));
  assert.equal(found(join(folder, 'none.yaml')), undefined);
});

test('everything that is wrong with the settings is told at once, each with its line and what would be right', async (context) => {
  const terminal = openTerminal(context);
  writeFileSync(
    join(terminal.folder, 'ostiary.yaml'),
    'publicUrl: nowhere\njitsi: { roles: perhaps }\nprovider: []\n',
  );
  const { code, out } = await terminal.run('check');
  assert.equal(code, 1);
  assert.match(out, /ostiary\.yaml:1: publicUrl .*Right would be: /);
  assert.match(out, /ostiary\.yaml:2: jitsi\.roles /);
  assert.match(out, /ostiary\.yaml:3: provider is no setting\. Did you mean "providers"\?/);
  assert.match(out, /\d complaints\.$/);
});

test('FAIL-12: a command that needs the configuration tells the complaints and does nothing', async (context) => {
  const terminal = openTerminal(context);
  writeFileSync(join(terminal.folder, 'ostiary.yaml'), 'publicUrl: nowhere\n');
  for (const words of [['serve'], ['sessions', 'list'], ['config'], ['pass', '--room', 'x']]) {
    const { code, out, err } = await terminal.run(...words);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /ostiary\.yaml:1: publicUrl .*Right would be: /);
  }
  assert.equal(existsSync(join(terminal.folder, 'ostiary.sqlite')), false);
});

test('a sign-in service that does not answer is named, and the store is not made', async (context) => {
  const terminal = openTerminal(context);
  const { fine, findings } = await terminal.json<Told>('check');
  assert.equal(fine, false);
  const [wrong] = findings.flatMap(({ complaints }) => complaints);
  assert.equal(wrong?.path, 'providers[0]');
  assert.match(wrong?.wrong ?? '', /The sign-in service did not answer .*127\.0\.0\.1:9/);
  assert.equal(existsSync(join(terminal.folder, 'ostiary.sqlite')), false);
});

test('files that hold a secret and that others may read are named', async (context) => {
  const terminal = openTerminal(context);
  chmodSync(join(terminal.folder, 'ostiary.yaml'), 0o644);
  const others = async () => {
    const { findings } = await terminal.json<Told>('check');
    return findings.find(({ subject }) => subject === 'files')?.complaints ?? [];
  };
  assert.match(
    (await others())[0]?.wrong ?? '',
    /holds a secret that others on this machine may read \(644\)/,
  );
  const file = join(terminal.folder, 'client-secret');
  writeFileSync(file, 'a-secret-of-ours', { mode: 0o600 });
  terminal.configure({ providers: [{ ...TERMINAL_CONFIG.providers[0], clientSecret: { file } }] });
  assert.deepEqual(await others(), []);
  chmodSync(file, 0o644);
  assert.deepEqual(
    (await others()).map(({ path }) => path),
    [file],
  );
});

test('a short secret of a file is not found in a word of the configuration, and one written there is', async (context) => {
  const terminal = openTerminal(context);
  const file = join(terminal.folder, 'client-secret');
  writeFileSync(file, 'meet\n', { mode: 0o600 });
  const complained = async (clientSecret: unknown) => {
    terminal.configure({ providers: [{ ...TERMINAL_CONFIG.providers[0], clientSecret }] });
    chmodSync(join(terminal.folder, 'ostiary.yaml'), 0o644);
    const { findings } = await terminal.json<Told>('check');
    return findings.find(({ subject }) => subject === 'files')?.complaints.length;
  };
  assert.equal(await complained({ file }), 0);
  assert.equal(await complained('meet'), 1);
});

test('a store that is something else is told, and left as it is', async (context) => {
  const terminal = openTerminal(context);
  writeFileSync(
    join(terminal.folder, 'ostiary.sqlite'),
    "not a database, but somebody's notes of some length".repeat(100),
    { mode: 0o600 },
  );
  const { findings } = await terminal.json<Told>('check');
  assert.match(
    findings.find(({ subject }) => subject === 'store')?.complaints[0]?.wrong ?? '',
    /could not be opened: The store does not answer/,
  );
});

test('ADM-10: neither check, config nor jitsi-config prints a secret', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({
    tokens: { secret: 'canary-canary-canary-canary-canary' },
    providers: [{ ...TERMINAL_CONFIG.providers[0], clientSecret: 'canary-client' }],
  });
  for (const words of [
    ['check'],
    ['check', '--json'],
    ['config'],
    ['config', '--json'],
    ['jitsi-config', '--debian'],
    ['jitsi-config', '--docker', '--json'],
  ]) {
    const { out, err } = await terminal.run(...words);
    assert.ok(out.length > 0, words.join(' '));
    assert.ok(!`${out}${err}`.includes('canary'), words.join(' '));
  }
});

test('the configuration is looked for where --config says, then the environment, then in the folder', async (context) => {
  const terminal = openTerminal(context);
  const named = async (...words: readonly string[]) =>
    (await terminal.json<{ publicUrl: string }>('config', ...words)).publicUrl;
  const write = (name: string, host: string) =>
    writeFileSync(
      join(terminal.folder, name),
      JSON.stringify({ ...TERMINAL_CONFIG, publicUrl: `https://${host}` }),
    );
  write('by-word.yaml', 'word.example');
  write('by-env.yaml', 'env.example');
  assert.equal(await named(), 'https://meet.example.org');
  terminal.env['OSTIARY_CONFIG'] = 'by-env.yaml';
  assert.equal(await named(), 'https://env.example');
  assert.equal(await named('--config', 'by-word.yaml'), 'https://word.example');
  assert.match(
    (await terminal.run('config', '--config', 'none.yaml')).err,
    /none\.yaml cannot be read \(ENOENT\)/,
  );
});

test('which Jitsi has to be said', async (context) => {
  const terminal = openTerminal(context);
  assert.match((await terminal.run('jitsi-config')).err, /^For which Jitsi\?\n/);
  assert.match((await terminal.run('jitsi-config', '--docker', '--debian')).err, /^For which Jitsi\?\n/);
});

test('in front of a Jitsi it looks at what Jitsi says, and complains of what leads past us', async (context) => {
  const upstream = await startUpstream();
  context.after(() => upstream.close());
  const terminal = openTerminal(context);
  terminal.configure({
    upstream: { url: upstream.url },
    jitsi: { roles: 'enforced', xmppDomain: 'another.example.org' },
  });
  const { code, out } = await terminal.run('check');
  assert.equal(code, 1);
  assert.match(out, /config\.js: hosts\.domain/);
  assert.ok(upstream.arrived.some(({ target }) => target === '/config.js'));
});

test('a Jitsi that does not answer is complained of, by the setting that names it', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({ upstream: { url: 'http://127.0.0.1:9' } });
  const { code, out } = await terminal.run('check');
  assert.equal(code, 1);
  assert.match(out, /wrong {2}upstream\.url/);
});

for (const forwardAuth of [{ enabled: true }, { enabled: false }])
  for (const [what, more, says] of [
    ['calls outlive the sign-out', {}, true],
    ['with our module in Prosody they do not', { prosodyModule: { secret: 'x'.repeat(43) } }, false],
    ['as a gateway they do not', { upstream: { url: 'http://127.0.0.1:9' } }, false],
  ] as const)
    test(`check says so ${forwardAuth.enabled ? 'behind a proxy that asks' : 'beside Jitsi'}: ${what}`, async (context) => {
      const terminal = openTerminal(context);
      terminal.configure({ forwardAuth, ...more });
      const { out, err } = await terminal.run('check');
      assert.equal(/outlives the sign-out/.test(out + err), says, out + err);
      const subject = forwardAuth.enabled ? 'forward-auth' : 'sign-out';
      assert.equal(out.includes(`warn   ${subject}: a call`), says, out);
    });
