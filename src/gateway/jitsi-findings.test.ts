import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEBIAN_CONFIG_JS, DOCKER_CONFIG_JS } from '../../test/support/config-js.ts';
import { readConfigJs } from './config-js.ts';
import { findings } from './jitsi-findings.ts';

const about = {
  publicUrl: 'https://meet.example.org',
  origins: ['https://meet.example.org', 'https://video.example.org'],
  prefix: '/_ostiary',
  xmppDomain: 'meet.example.org',
};

const found = (text: string, of = about) =>
  findings(readConfigJs(text, { host: 'meet.example.org' }).values(), of).map(
    ({ path, wrong, mayBe }) => `${mayBe === true ? 'perhaps ' : ''}${path} ${wrong}`,
  );

const after = (line: string, of = about) => found(`${DEBIAN_CONFIG_JS}\n${line}`, of);

test('a file that was set up for us has nothing wrong with it', () => {
  assert.deepEqual(found(DEBIAN_CONFIG_JS), []);
  assert.deepEqual(found(DOCKER_CONFIG_JS, { ...about, xmppDomain: 'meet.jitsi' }), []);
});

for (const [name, value, origin] of [
  ['bosh', 'https://jitsi.internal/http-bind', 'https://jitsi.internal'],
  ['bosh', '//jitsi.internal/http-bind', 'https://jitsi.internal'],
  ['bosh', 'http://meet.example.org/http-bind', 'http://meet.example.org'],
  ['websocket', 'wss://meet.example.org:8443/xmpp-websocket', 'https://meet.example.org:8443'],
  ['websocketKeepAliveUrl', 'https://jitsi.internal/_unlock', 'https://jitsi.internal'],
  ['conferenceRequestUrl', 'https://jitsi.internal/conference-request/v1', 'https://jitsi.internal'],
] as const)
  test(`${name} ${value} leads past the gate, and that is said`, () => {
    assert.deepEqual(after(`config.${name} = ${JSON.stringify(value)};`), [
      `config.js: ${name} leads to ${origin}: clients would go past the gate`,
    ]);
  });

for (const value of ['/http-bind', '//meet.example.org/http-bind', 'https://video.example.org:443/http-bind'])
  test(`bosh ${value} leads to us`, () => {
    assert.deepEqual(after(`config.bosh = ${JSON.stringify(value)};`), []);
  });

test('a host for guests is a hole in the wall, and is said', () => {
  assert.deepEqual(after("config.hosts.anonymousdomain = 'guest.meet.example.org';"), [
    'config.js: hosts.anonymousdomain names a host for guests, guest.meet.example.org: there a token for one room opens every other',
  ]);
});

test('an XMPP domain that our tokens do not name is said', () => {
  assert.deepEqual(found(DOCKER_CONFIG_JS), [
    'config.js: hosts.domain is meet.jitsi, but our tokens name meet.example.org',
  ]);
});

for (const [line, wrong] of [
  ['delete config.tokenAuthUrl;', 'is missing: apps and embedded meetings cannot sign in'],
  ["config.tokenAuthUrl = 'https://id.example.org/{room}';", 'does not lead to us'],
  ["config.tokenAuthUrl = 'https://meet.example.org.evil.example/_ostiary/join?';", 'does not lead to us'],
  ["config.tokenAuthUrl = 'https://meet.example.org/_ostiary/join?room={room}';", 'lacks {state}'],
] as const)
  test(`"${line}" is told: ${wrong}`, () => {
    assert.deepEqual(after(line), [`config.js: tokenAuthUrl ${wrong}`]);
  });

test('what cannot be told is said to be so, and is no accusation', () => {
  assert.deepEqual(after('config.bosh = address();'), [
    'perhaps config.js: bosh does not follow from the text of the file, so that nobody can tell where it leads',
  ]);
  assert.deepEqual(found('var config = make();'), [
    'perhaps config.js does not follow from the text of the file, so that nobody can tell where it leads',
  ]);
});
