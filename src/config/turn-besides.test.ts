import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stageConfig } from '../../test/support/server-stage.ts';
import { formatAdvice } from './jitsi-lines.ts';
import { turnBesides } from './turn-besides.ts';
import type { TurnProfile } from './turn-lines.ts';

const LEAST = {
  urls: ['turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org:443?transport=tcp'],
  secret: 'forty-three-characters-that-nobody-could-guess',
  bridges: ['10.0.0.7', '2001:db8::7'],
  addresses: ['203.0.113.9'],
};

function besides(profile: TurnProfile, turn: object = {}, more: object = {}): string {
  return formatAdvice(turnBesides(stageConfig({ turn: { ...LEAST, ...turn }, ...more }), profile));
}

test('with bridges-only clients come by TURN alone and never to each other', () => {
  const text = besides('bridges-only');
  for (const line of [
    'config.forceTurnRelay = true;',
    'config.useTurnUdp = true;',
    'config.p2p.enabled = false;',
    'config.p2p.stunServers = [];',
    'ice4j.harvest.mapping.stun.addresses = []',
  ])
    assert.ok(text.includes(`\n${line}\n`), line);
  assert.ok(!text.includes('preCallTestICEUrl'));
});

test('the firewalls name the bridges by family, and everything else is dropped', () => {
  const text = besides('bridges-only');
  assert.match(text, /ip saddr \{ 203\.0\.113\.9, 10\.0\.0\.7 \} udp dport 10000 accept/);
  assert.match(text, /ip6 saddr \{ 2001:db8::7 \} udp dport 10000 accept\n +udp dport 10000 drop/);
  assert.match(
    text,
    /udp sport 49152-65535 ip6 daddr \{ 2001:db8::7 \} accept\n.* udp sport 49152-65535 drop/,
  );
  assert.doesNotMatch(besides('bridges-only', { bridges: ['10.0.0.7'] }), /ip6/);
});

test('with relay two people meet by TURN, and the page before a meeting may test it', () => {
  const text = besides('relay');
  assert.match(text, /config\.p2p\.iceTransportPolicy = "relay";/);
  assert.match(
    text,
    /preCallTestICEUrl: '\/_ostiary\/turn\?to=' \+ encodeURIComponent\(location\.pathname\)/,
  );
  assert.doesNotMatch(text, /nftables|p2p\.enabled/);
  assert.doesNotMatch(
    besides('relay', {}, { jitsi: { roles: 'enforced', url: 'https://jitsi.example.org' } }),
    /preCallTestICEUrl/,
  );
});

test('port 443 is shared by name, where there is a name to share it by', () => {
  assert.match(besides('bridges-only'), /turn\.example\.org 203\.0\.113\.9:5349;/);
  const same = besides('bridges-only', { urls: ['turns:meet.example.org:443'] });
  assert.doesNotMatch(same, /ssl_preread/);
  assert.match(same, /Give coturn a name of its own/);
  assert.doesNotMatch(besides('bridges-only', { urls: ['turns:turn.example.org'] }), /ssl_preread/);
});

test('nothing printed there holds the secret', () => {
  for (const profile of ['bridges-only', 'relay'] as const)
    assert.ok(!besides(profile).includes(LEAST.secret));
});
