/** The printed file: whole, of these settings, and never written over another. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';

function terminalWith(context: TestContext, more: Readonly<Record<string, unknown>> = {}) {
  const terminal = openTerminal(context);
  terminal.configure({ forwardAuth: { enabled: true }, ...more });
  return terminal;
}

test('a file is printed whole, with our addresses in it', async (context) => {
  const terminal = terminalWith(context, {
    listen: { public: { port: 7080 }, inner: { port: 7081 } },
    prefix: '/_door',
  });
  const { code, out } = await terminal.run('proxy-config', 'nginx', '--debian');
  assert.equal(code, 0);
  for (const part of ['server 127.0.0.1:7081;', 'server 127.0.0.1:7080;', 'auth_request /_door/auth;'])
    assert.ok(out.includes(part), part);
  assert.equal(out.split('{').length, out.split('}').length);
});

test('what the file that is there says of addresses and certificates stays, and it is not written over', async (context) => {
  const terminal = terminalWith(context);
  const before = `server {
    listen 80;
}
server {
    listen 127.0.0.1:4444 ssl http2;
    # listen 443 ssl;
    server_name meet.example.org alias.example.org;
    ssl_certificate /etc/jitsi/meet/meet.crt;
    ssl_certificate_key /etc/jitsi/meet/meet.key;
    location = /old { return 200; }
}
`;
  const file = join(terminal.folder, 'site.conf');
  writeFileSync(file, before);
  const { code, out } = await terminal.run('proxy-config', 'nginx', '--debian', '--diff', 'site.conf');
  assert.equal(code, 0);
  const lines = out.split('\n');
  const changed = (sign: string, text: string) =>
    lines.some((line) => line.startsWith(sign) && line.includes(text));
  for (const kept of ['listen 127.0.0.1:4444 ssl http2;', 'alias.example.org', '/etc/jitsi/meet/meet.key'])
    assert.ok(changed(' ', kept), `${kept} should stay:\n${out}`);
  assert.ok(changed('-', 'location = /old'));
  assert.ok(changed('+', 'auth_request /_ostiary/auth;'));
  assert.equal(changed('+', 'listen 443'), false);
  assert.equal(readFileSync(file, 'utf8'), before);
});

test('what is kept stands in the whole file that is printed: it can take the place of the old one as it is', async (context) => {
  const terminal = terminalWith(context);
  const lines = [
    'listen 127.0.0.1:4444 ssl http2;',
    'http2 on;',
    'ssl_certificate /etc/letsencrypt/live/alias/fullchain.pem;',
    'ssl_certificate_key /etc/letsencrypt/live/alias/privkey.pem;',
    'include /etc/letsencrypt/options-ssl-nginx.conf;',
    'ssl_dhparam /etc/letsencrypt/ssl-dhparams.pem;',
    'server_name meet.example.org alias.example.org;',
  ];
  const old = `server {\n${lines.map((line) => `    ${line} # managed by Certbot`).join('\n')}\n    include /etc/jitsi/meet/jaas/*.conf;\n}\n`;
  writeFileSync(join(terminal.folder, 'site.conf'), old);
  const { code, out } = await terminal.run('proxy-config', 'nginx', '--debian', '--keep', 'site.conf');
  assert.equal(code, 0);
  assert.match(out, /auth_request \/_ostiary\/auth;/);
  for (const line of lines) assert.ok(out.includes(`    ${line}`), `${line} should stay:\n${out}`);
  assert.equal(out.includes('jaas'), false);
  assert.equal(/listen 443|live\/meet/.test(out), false);
  const compared = await terminal.run('proxy-config', 'nginx', '--debian', '--diff', 'site.conf');
  assert.match(compared.out, /^\+.*auth_request/m);
});

test('a file that was printed is not changed by printing it again', async (context) => {
  const terminal = terminalWith(context);
  const { out } = await terminal.run('proxy-config', 'nginx', '--debian');
  writeFileSync(join(terminal.folder, 'site.conf'), `${out}\n`);
  assert.equal((await terminal.run('proxy-config', 'nginx', '--debian', '--diff', 'site.conf')).out, '');
});

for (const [what, words, said] of [
  ['an unknown proxy', ['squid', '--debian'], 'There is no file for squid.'],
  ['no Jitsi', ['nginx'], 'Which Jitsi?'],
  ['two of them', ['nginx', '--debian', '--docker'], 'Which Jitsi?'],
  ['a plain one without its address', ['nginx', '--plain'], "Where is Jitsi's web server?"],
  ['an address that is none', ['nginx', '--plain', '--jitsi', 'x'], 'x is no address of a web server.'],
  [
    'a host that would end a directive',
    ['nginx', '--plain', '--jitsi', 'http://10.0.0.5;x'],
    'http://10.0.0.5;x is no address of a web server.',
  ],
  [
    'a file that is not there',
    ['nginx', '--debian', '--diff', 'none.conf'],
    'none.conf cannot be read (ENOENT).',
  ],
  [
    'a file to keep that is not there',
    ['nginx', '--debian', '--keep', 'none.conf'],
    'none.conf cannot be read (ENOENT).',
  ],
  [
    'a file to keep with no certificate in it',
    ['nginx', '--debian', '--keep', 'ostiary.yaml'],
    'The file to keep says nowhere which certificate it has.',
  ],
] as const)
  test(`${what} is told in two lines`, async (context) => {
    const { code, err, out } = await terminalWith(context).run('proxy-config', ...words);
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.equal(err.split('\n')[0], said);
  });

for (const [name, part] of [
  ['caddy', 'forward_auth ostiary:8081'],
  ['traefik', 'address: http://ostiary:8081/_ostiary/auth'],
  ['haproxy', 'lua-load-per-thread /etc/haproxy/ostiary.lua'],
  ['haproxy-lua', 'http://ostiary:8081/_ostiary/auth'],
  ['behind', 'proxy_pass $ostiary/_ostiary/head;'],
  ['nginx', 'server web:8000;'],
] as const)
  test(`the file of ${name} before docker-jitsi-meet names our container`, async (context) => {
    const terminal = terminalWith(context, {
      listen: { inner: { host: '0.0.0.0' }, public: { host: '0.0.0.0' } },
    });
    const { code, out } = await terminal.run('proxy-config', name, '--docker');
    assert.equal(code, 0);
    assert.ok(out.includes(part), out);
  });

test('Apache asks nobody: its file leads to the gateway, and says why', async (context) => {
  const terminal = openTerminal(context);
  const { code, out } = await terminal.run('proxy-config', 'apache');
  assert.equal(code, 0);
  assert.match(out, /upstream\.url/);
  assert.match(out, /ProxyPass \/ http:\/\/127\.0\.0\.1:/);
});

test('without the setting nobody would answer the proxy, and that is said', async (context) => {
  const terminal = openTerminal(context);
  const { code, err } = await terminal.run('proxy-config', 'nginx', '--debian');
  assert.equal(code, 1);
  assert.match(err, /forwardAuth\.enabled/);
});

for (const proxy of ['nginx', 'caddy', 'traefik', 'haproxy', 'haproxy-lua', 'behind', 'apache'])
  test(`${proxy}: who says where Jitsi's web server is has said that it is any web server`, async (context) => {
    const terminal = terminalWith(context);
    const where = ['proxy-config', proxy, '--jitsi', 'http://10.0.0.5:8000'];
    const short = await terminal.run(...where);
    assert.deepEqual(short, await terminal.run(...where, '--plain'));
    assert.equal(short.code, 0, short.err);
  });

test('a proxy that is not known is refused before any settings are asked for', async (context) => {
  const terminal = openTerminal(context);
  rmSync(join(terminal.folder, 'ostiary.yaml'));
  const { code, err } = await terminal.run('proxy-config', 'squid');
  assert.equal(code, 1);
  assert.match(err, /^There is no file for squid\.\nWrite one of nginx, [^\n]+$/);
  assert.match((await terminal.run('proxy-config', 'caddy')).err, /^Which Jitsi\?\n/);
});
