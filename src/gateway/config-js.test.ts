import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEBIAN_CONFIG_JS, DOCKER_CONFIG_JS } from '../../test/support/config-js.ts';
import { isProblem } from '../base/problem.ts';
import { type JitsiValues, readConfigJs } from './config-js.ts';

const at = { host: 'meet.example.org' };
const values = (text: string, tenant?: string): JitsiValues => readConfigJs(text, at).values(tenant);
const config = (text: string): JitsiValues => values(`var config = { hosts: {} };\n${text}`);

test("Debian's file tells its names, addresses and apps", () => {
  assert.deepEqual(values(DEBIAN_CONFIG_JS), {
    hosts: { domain: 'meet.example.org', muc: 'conference.meet.example.org' },
    bosh: 'https://meet.example.org/http-bind',
    websocket: 'wss://meet.example.org/xmpp-websocket',
    websocketKeepAliveUrl: 'https://meet.example.org/_unlock',
    tokenAuthUrl: 'https://meet.example.org/_ostiary/join?room={room}&state={state}',
    deeplinking: {
      desktop: { enabled: false, appName: 'Jitsi Meet', appScheme: 'jitsi-meet' },
      ios: { appName: 'Jitsi Meet', appScheme: 'org.jitsi.meet' },
      android: {
        appName: 'Jitsi Meet',
        appScheme: 'org.jitsi.meet',
        appPackage: 'org.jitsi.meet',
        fDroidUrl: 'https://f-droid.org/packages/org.jitsi.meet/',
      },
    },
    unclear: [],
  });
});

test("docker's file tells its names and addresses", () => {
  assert.deepEqual(values(DOCKER_CONFIG_JS), {
    hosts: { domain: 'meet.jitsi', muc: 'muc.meet.jitsi' },
    bosh: 'https://meet.example.org/http-bind',
    websocket: 'wss://meet.example.org/xmpp-websocket',
    tokenAuthUrl: 'https://meet.example.org/_ostiary/join?room={room}&state={state}',
    tokenLogoutUrl: 'https://meet.example.org/_ostiary/sign-out',
    deeplinking: {},
    unclear: [],
  });
});

for (const [whose, text, muc] of [
  ['Debian', DEBIAN_CONFIG_JS, 'conference.acme_inc.meet.example.org'],
  ['docker', DOCKER_CONFIG_JS, 'muc.acme_inc.meet.jitsi'],
] as const)
  test(`the one file of ${whose} tells what it says below any tenant`, () => {
    const { hosts, bosh, websocket } = values(text, 'Acme.Inc');
    assert.equal(hosts.muc, muc);
    assert.equal(bosh, 'https://meet.example.org/Acme.Inc/http-bind');
    assert.equal(websocket, 'wss://meet.example.org/Acme.Inc/xmpp-websocket');
  });

test('one reading leaves nothing behind for the next', () => {
  const script = readConfigJs(DEBIAN_CONFIG_JS, at);
  script.values('acme');
  assert.equal(script.values().hosts.muc, 'conference.meet.example.org');
  assert.equal(script.values('other').hosts.muc, 'conference.other.meet.example.org');
});

for (const [what, text, bosh] of [
  [
    'a template',
    'const h = `meet`; config.bosh = `https://${h}.example.org/http-bind`',
    'https://meet.example.org/http-bind',
  ],
  ['a bracket', "config['bo' + 'sh'] = '/http-bind'", '/http-bind'],
  ['the window', "window.config.bosh = '/http-bind'", '/http-bind'],
  ['a copy', "Object.assign(config, { bosh: '/http-bind' })", '/http-bind'],
  ['a spread', "config = { ...config, bosh: '/http-bind' }", '/http-bind'],
  ['a second name', "var c = config; c.bosh = '/http-bind'", '/http-bind'],
  [
    'the address line',
    "config.bosh = '//' + window.location.host + '/http-bind'",
    '//meet.example.org/http-bind',
  ],
  ['what is missing', "config.bosh = config.none || '/http-bind'", '/http-bind'],
  ['what is there', "config.bosh = '/a'; config.bosh ||= '/b'", '/a'],
  ['a choice', "config.bosh = 1 === 1 ? '/a' : '/b'", '/a'],
  ['a condition on a name', "if (typeof config.x === 'undefined') config.bosh = '/a'", '/a'],
  ['the last word', "config.bosh = '/a'; config.bosh = '/b'", '/b'],
  ['an attempt', "try { config.bosh = '/a' } catch (e) { }", '/a'],
  ['what is taken away', "config.bosh = '/a'; delete config.bosh", undefined],
  ['words in a comment', "// config.bosh = '/a'\n/* config.bosh = '/b' */", undefined],
  ['words in a text', 'config.x = "config.bosh = \'/a\'"', undefined],
] as const)
  test(`${what} is followed`, () => {
    const read = config(text);
    assert.equal(read.bosh, bosh);
    assert.deepEqual(read.unclear, []);
  });

for (const [what, text] of [
  ['a call', 'config.bosh = address()'],
  ['the weather', "config.bosh = navigator.onLine ? '/a' : '/b'"],
  ['a condition nobody knows', "config.bosh = '/a'; if (navigator.onLine) config.bosh = '/b'"],
  ['a loop', "config.bosh = '/a'; for (const x of y) { config.bosh = x }"],
  ['a function called where it stands', "config.bosh = '/a'; (function () { config.bosh = '/b' })()"],
  ['a name nobody knows', "config.bosh = '/a'; config[navigator.language] = '/b'"],
  ['something poured in', "config.bosh = '/a'; Object.assign(config, settings)"],
  ['a spread of something', "config = { bosh: '/a', ...settings }"],
  ['a getter', "config = { get bosh() { return '/a' } }"],
  ['a number of its own kind', "config.bosh = '' + 1n"],
  ['what a replacement makes', "config.bosh = 'https://a'.replace(/a/, 'b')"],
  ['a text without end', `config.bosh = 'aaaa'; ${'config.bosh += config.bosh; '.repeat(40)}`],
] as const)
  test(`${what} makes an address unclear, and nothing is guessed`, () => {
    const read = config(text);
    assert.equal(read.bosh, undefined);
    assert.ok(read.unclear.includes('bosh'), JSON.stringify(read.unclear));
  });

test('what is unclear as a whole is told once', () => {
  assert.deepEqual(values('var config = make();').unclear, ['config']);
  assert.deepEqual(config('config.hosts = make();').unclear, ['hosts']);
});

test('nothing of the file is run', () => {
  const before = Object.keys(globalThis).length;
  values(`
    globalThis.touched = true; var config = { bosh: (() => { throw new Error('ran') })() };
    process.exit(3); while (true) {} `);
  assert.equal(Object.keys(globalThis).length, before);
  assert.ok(!('touched' in globalThis));
});

test('no name of the file reaches our own objects', () => {
  const read =
    values(`var config = { __proto__: { bosh: '/a' }, hosts: { constructor: 'x', __proto__: null } };
    config.__proto__.polluted = 'yes'; config.constructor.prototype.polluted = 'yes';
    config['__proto__']['polluted'] = 'yes'; config.hosts.domain = config.hosts.toString;`);
  assert.ok(!('polluted' in {}));
  assert.equal(read.bosh, undefined);
  assert.equal(read.hosts.domain, undefined);
});

test('what no address and no name holds is not taken for one', () => {
  const read = config(
    "config.bosh = 'https://a\\nb'; config.websocket = 12; config.hosts = { domain: ['a'] }",
  );
  assert.deepEqual(
    { bosh: read.bosh, websocket: read.websocket, hosts: read.hosts, unclear: read.unclear },
    { bosh: undefined, websocket: undefined, hosts: {}, unclear: [] },
  );
});

test('a file without a config says nothing', () => {
  assert.deepEqual(values(''), { hosts: {}, deeplinking: {}, unclear: [] });
});

for (const [what, text, why] of [
  ['a page instead of a script', '<!doctype html><title>Sign in</title>', 'syntax'],
  ['half a script', 'var config = { hosts: {', 'syntax'],
  ['a megabyte and more', ' '.repeat(1_048_577), 'too-large'],
  ['a heap of brackets', `var config = ${'['.repeat(5000)}${']'.repeat(5000)}`, 'too-deep'],
  ['a heap of signs', `var config = ${'!'.repeat(100_000)}1`, 'too-deep'],
  ['blocks within blocks', `${'{'.repeat(2000)}${'}'.repeat(2000)}`, 'too-deep'],
] as const)
  test(`${what} is refused`, () => {
    assert.throws(
      () => values(text),
      (thrown) => isProblem(thrown, 'upstream.unusable') && thrown.facts['why'] === why,
    );
  });
