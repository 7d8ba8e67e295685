import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageConfig } from '../../test/support/server-stage.ts';
import { turnserverText } from './turn-lines.ts';

const SECRET = 'forty-three-characters-that-nobody-could-guess';
const LEAST = { urls: ['turn:turn.example.org'], secret: SECRET, bridges: ['10.0.0.7'] };

function lines(profile: 'bridges-only' | 'relay', more: object = {}): readonly string[] {
  const text = turnserverText(stageConfig({ turn: { ...LEAST, ...more } }), profile);
  return text.split('\n').filter((line) => !line.startsWith('# '));
}

test('the bridges are the only peers, in both families, and a range is one', () => {
  const said = lines('bridges-only', { bridges: ['10.0.0.7', '2001:db8::7', '10.1.0.0/30'] });
  assert.deepEqual(
    said.filter((line) => line.includes('-peer')),
    [
      'no-multicast-peers',
      'allowed-peer-ip=10.0.0.7',
      'allowed-peer-ip=2001:db8:0:0:0:0:0:7',
      'allowed-peer-ip=10.1.0.0-10.1.0.3',
      'denied-peer-ip=0.0.0.0-255.255.255.255',
      'denied-peer-ip=0:0:0:0:0:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ],
  );
});

test('where people may reach each other, inner networks stay shut but for bridges and coturn itself', () => {
  const said = lines('relay', { addresses: ['10.0.0.9', '198.51.100.0', '8.8.8.8'] });
  assert.deepEqual(
    said.filter((line) => line.startsWith('allowed')),
    ['allowed-peer-ip=10.0.0.7', 'allowed-peer-ip=10.0.0.9', 'allowed-peer-ip=198.51.100.0'],
  );
  // coturn takes a range that begins there for everything.
  assert.ok(!said.some((line) => /=(?:0\.0\.0\.0|0:0:0:0:0:0:0:0)(?:-|$)/.test(line)));
  for (const range of [
    '0.0.0.1-0.255.255.255',
    '10.0.0.0-10.255.255.255',
    '0:0:0:0:0:0:0:1-1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ])
    assert.ok(said.includes(`denied-peer-ip=${range}`), range);
});

test('no secret is printed, and a line for one is none until somebody completes it', () => {
  for (const profile of ['bridges-only', 'relay'] as const) {
    const said = lines(profile, { otherSecret: `${SECRET}-2` });
    assert.ok(!said.join('\n').includes(SECRET));
    assert.equal(said.filter((line) => line === '#static-auth-secret=').length, 2);
  }
});

test('what opens coturn beside its business is shut', () => {
  const said = lines('bridges-only');
  for (const line of ['no-cli', 'no-tcp-relay', 'no-dynamic-ip-list', 'use-auth-secret', 'no-tls', 'no-dtls'])
    assert.ok(said.includes(line), line);
  assert.ok(!said.some((line) => /loopback|server-relay|web-admin|no-auth/.test(line)));
});

test('with a certificate it speaks TLS of today', () => {
  const said = lines('bridges-only', { certFile: '/etc/coturn/a.pem', keyFile: '/etc/coturn/b.pem' });
  for (const line of ['cert=/etc/coturn/a.pem', 'pkey=/etc/coturn/b.pem', 'no-tlsv1', 'no-tlsv1_1'])
    assert.ok(said.includes(line), line);
  assert.ok(!said.includes('no-tls'));
});

test('with its database coturn knows no secret, and its command line is on where we have a password for it', () => {
  const alone = lines('bridges-only', { database: '/var/lib/turn/turndb' });
  for (const line of ['lt-cred-mech', 'userdb=/var/lib/turn/turndb', 'no-cli'])
    assert.ok(alone.includes(line), line);
  assert.ok(!alone.some((line) => /auth-secret/.test(line)));
  const both = lines('bridges-only', { database: '/var/lib/turn/turndb', cliPassword: SECRET });
  for (const line of ['cli-ip=127.0.0.1', 'cli-port=5766', '#cli-password='])
    assert.ok(both.includes(line), line);
  assert.ok(!both.includes('no-cli') && !both.join('\n').includes(SECRET));
});

test('behind NAT the address that people see stands for the one inside, of its own family', () => {
  const seen = (more: object) =>
    lines('bridges-only', more).filter((line) => line.startsWith('external-ip='));
  assert.deepEqual(seen({}), []);
  assert.deepEqual(seen({ externalAddress: '203.0.113.9' }), ['external-ip=203.0.113.9']);
  assert.deepEqual(seen({ externalAddress: '203.0.113.9', addresses: ['10.0.0.9', '2001:db8::9'] }), [
    'external-ip=203.0.113.9/10.0.0.9',
  ]);
});
