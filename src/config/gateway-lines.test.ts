import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOf, LEAST, load } from '../../test/support/config.ts';
import { formatAdvice, type Install, jitsiAdvice } from './jitsi-lines.ts';

const gateway = (upstream: string) => `${LEAST}trustedProxies: [127.0.0.1]\nupstream: { ${upstream} }`;
const HERE = gateway('url: "https://127.0.0.1:8443"');
const DOCKER = gateway('url: "http://web:8000"');

function advice(install: Install, text: string) {
  return jitsiAdvice(configOf(load(text)), install);
}

function fileOf(install: Install, text: string, name: string): string | undefined {
  return advice(install, text)
    .files.find(({ file }) => file.endsWith(name))
    ?.lines.map((line) => line.text)
    .join('\n');
}

test('Jitsi from packages listens where we reach it, and nowhere else', () => {
  const site = 'sites-available/meet.example.org.conf';
  assert.equal(fileOf('debian', HERE, site), 'listen 127.0.0.1:8443 ssl;');
  for (const [url, line] of [
    ['http://127.0.0.1:8000', 'listen 127.0.0.1:8000;'],
    ['https://10.0.0.5', 'listen 10.0.0.5:443 ssl;'],
    ['https://[fd00::5]:8443', 'listen [fd00::5]:8443 ssl;'],
    ['https://jitsi.internal', 'listen 443 ssl;'],
    ['http://localhost:8000', 'listen 127.0.0.1:8000;'],
  ] as const)
    assert.equal(fileOf('debian', gateway(`url: "${url}"`), site), line);
});

test("Jitsi's nginx believes us alone, so that Prosody sees who calls", () => {
  assert.equal(
    fileOf('debian', HERE, 'jaas/ostiary.conf'),
    'set_real_ip_from 127.0.0.1;\nset_real_ip_from ::1;\nreal_ip_header X-Forwarded-For;',
  );
  assert.match(
    fileOf('debian', gateway('url: "https://10.0.0.5"'), 'jaas/ostiary.conf') ?? '',
    /^set_real_ip_from PUT-THE-ADDRESS-OF-OSTIARY-HERE;\n/,
  );
  assert.match(
    fileOf('docker', DOCKER, 'nginx-custom/ostiary.conf') ?? '',
    /^set_real_ip_from 172\.16\.0\.0\/12;\n/,
  );
});

test('as a gateway we need no location in the web server of Jitsi', () => {
  for (const install of ['debian', 'docker'] as const)
    assert.ok(!formatAdvice(advice(install, HERE)).includes('proxy_pass'), install);
});

test('Prosody is told of us where it is reached past the web server', () => {
  assert.ok(!formatAdvice(advice('debian', HERE)).includes('trusted_proxies'));
  const beside = advice('debian', gateway('url: "https://127.0.0.1:8443", xmpp: "http://127.0.0.1:5280"'));
  assert.match(formatAdvice(beside), /^trusted_proxies = \{ "127\.0\.0\.1", "::1" \}$/m);
});

test('docker-jitsi-meet publishes no port, ends no TLS, and has no guests', () => {
  const env = fileOf('docker', DOCKER, '.env') ?? '';
  for (const line of [
    'COMPOSE_FILE=docker-compose.yml:compose.ostiary.yaml:compose.gateway.yaml',
    'PUBLIC_URL=https://meet.example.org',
    'DISABLE_HTTPS=1',
    'ENABLE_GUESTS=0',
    'PROSODY_TRUSTED_PROXIES=127.0.0.1,::1,172.16.0.0/12,192.168.0.0/16',
  ])
    assert.ok(env.split('\n').includes(line), line);
});

test('whoever is no gateway reads nothing of all this', () => {
  for (const install of ['debian', 'docker'] as const) {
    const text = formatAdvice(advice(install, LEAST));
    for (const word of ['set_real_ip_from', 'DISABLE_HTTPS', 'sites-available', 'past us'])
      assert.ok(!text.includes(word), word);
  }
});

test('what no line can say is said: that nobody else may reach Jitsi, and how machines do', () => {
  const notes = advice('debian', HERE).notes.join('\n');
  assert.match(notes, /127\.0\.0\.1:8443 must not answer/);
  assert.match(notes, /upstream\.caFile/);
  assert.match(notes, /machines/);
  assert.match(advice('docker', DOCKER).notes.join('\n'), /8000 since June 2026/);
});

test('with a certificate of our own nobody is told to trust a proxy', () => {
  const text = `${LEAST}listen: { public: { host: 0.0.0.0, port: 443, tls: { certFile: /a.pem, keyFile: /a.key } } }
upstream: { url: "https://127.0.0.1:8443" }`;
  assert.ok(!advice('debian', text).notes.join('\n').includes('trustedProxies'));
});
