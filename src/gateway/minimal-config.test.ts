import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { DEBIAN_CONFIG_JS, DOCKER_CONFIG_JS } from '../../test/support/config-js.ts';
import { isProblem } from '../base/problem.ts';
import { readConfigJs } from './config-js.ts';
import { minimalConfig } from './minimal-config.ts';

const about = { publicUrl: 'https://meet.example.org', prefix: '/_ostiary' };
const read = (text: string, tenant?: string) =>
  readConfigJs(text, { host: 'meet.example.org' }).values(tenant);

/** What a client that runs the script has then. */
function seen(script: string): Record<string, unknown> {
  return JSON.parse(runInNewContext(`${script}\nJSON.stringify(config)`)) as Record<string, unknown>;
}

test('an app learns where to connect and where to sign in, and nothing else', () => {
  const config = seen(minimalConfig(read(DEBIAN_CONFIG_JS), about));
  assert.deepEqual(Object.keys(config), ['hosts', 'bosh', 'websocket', 'deeplinking', 'tokenAuthUrl']);
  assert.deepEqual(config['hosts'], { domain: 'meet.example.org', muc: 'conference.meet.example.org' });
  assert.equal(config['bosh'], 'https://meet.example.org/http-bind');
  assert.equal(config['websocket'], 'wss://meet.example.org/xmpp-websocket');
  assert.equal(config['tokenAuthUrl'], 'https://meet.example.org/_ostiary/join?room={room}&state={state}');
});

test('an app in a room of a tenant is told the address and the rooms of that tenant', () => {
  const config = seen(minimalConfig(read(DOCKER_CONFIG_JS, 'Acme'), { ...about, tenant: 'Acme' }));
  assert.deepEqual(config['hosts'], { domain: 'meet.jitsi', muc: 'muc.acme.meet.jitsi' });
  assert.equal(config['bosh'], 'https://meet.example.org/Acme/http-bind');
});

test('addresses that lead past us and a host for guests are not repeated', () => {
  const script = minimalConfig(
    read(`var config = { hosts: { domain: 'a.example', muc: 'c.a.example', anonymousdomain: 'guest.a.example',
      authdomain: 'a.example' }, bosh: 'http://10.0.0.5/http-bind', websocket: 'ws://10.0.0.5/xmpp-websocket',
      websocketKeepAliveUrl: 'http://10.0.0.5/_unlock', tokenAuthUrl: 'https://old.example/{room}',
      analytics: { key: 'k' }, apiSecret: 's' };`),
    about,
  );
  for (const word of ['10.0.0.5', 'guest', 'old.example', 'analytics', 'apiSecret', 'authdomain'])
    assert.ok(!script.includes(word), word);
});

test('an installation without WebSockets stays without', () => {
  const script = minimalConfig(read("var config = { hosts: { domain: 'a', muc: 'b' } };"), about);
  assert.ok(!('websocket' in seen(script)));
  assert.ok(!('deeplinking' in seen(script)));
});

test('no value ends the script, the page it stands in, or the line', () => {
  const name = '</script><!--\u2028"\';alert(1)//\\';
  const script = minimalConfig(
    read(
      `var config = { hosts: { domain: 'a', muc: 'b' }, deeplinking: { ios: { appName: ${JSON.stringify(name)} } } };`,
    ),
    about,
  );
  assert.ok(!/<|>|\u2028/.test(script));
  assert.deepEqual(seen(script)['deeplinking'], { ios: { appName: name } });
});

test('names that do not follow from the file are not made up', () => {
  for (const text of ['', "var config = { hosts: { domain: 'a' } };", 'var config = { hosts: hosts() };'])
    assert.throws(
      () => minimalConfig(read(text), about),
      (thrown) => isProblem(thrown, 'upstream.unusable'),
    );
});
