/** Which browser is offered which app, and the address that opens it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import { type App, appAddress, appBehind, type DeepLinking, handOffFor, isElectron } from './hand-off.ts';

const AGENTS = {
  'Chrome on Android':
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36',
  'Firefox on Android': 'Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0',
  'Samsung Internet':
    'Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S928B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
  'an Android tablet':
    'Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36',
  'Safari on an iPhone':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Chrome on an iPhone':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0.7204.53 Mobile/15E148 Safari/604.1',
  'an iPad that says so':
    'Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1',
  'an iPad that calls itself a Mac, and Safari on a Mac':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Chrome on Windows':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36',
  'Firefox on Linux': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'a Chromebook':
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36',
  "Jitsi's desktop app":
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) JitsiMeet/2025.5.0 Chrome/134.0.6998.205 Electron/35.2.2 Safari/537.36',
  "Jitsi's own app on Android": 'okhttp/4.9.2',
  "Jitsi's own app on an iPhone": 'JitsiMeet/1 CFNetwork/1568.300.101 Darwin/24.2.0',
  'the preview of a messenger': 'WhatsApp/2.23.20.0',
  'a shell': 'curl/8.5.0',
  nobody: '',
} as const;

const kinds = (deepLinking: DeepLinking) =>
  Object.entries(AGENTS).flatMap(([name, agent]) => {
    const kind = handOffFor(agent, deepLinking)?.kind;
    return kind === undefined ? [] : [[name, kind]];
  });

const PHONES = [
  ['Chrome on Android', 'android'],
  ['Firefox on Android', 'android'],
  ['Samsung Internet', 'android'],
  ['an Android tablet', 'android'],
  ['Safari on an iPhone', 'ios'],
  ['Chrome on an iPhone', 'ios'],
  ['an iPad that says so', 'ios'],
];

test('phones and tablets are offered the app, and nobody else is', () => assert.deepEqual(kinds({}), PHONES));

test('where Jitsi offers a desktop app, so are desktop browsers, and not the app itself', () =>
  assert.deepEqual(kinds({ desktop: { enabled: true } }), [
    ...PHONES,
    ['an iPad that calls itself a Mac, and Safari on a Mac', 'desktop'],
    ['Chrome on Windows', 'desktop'],
    ['Firefox on Linux', 'desktop'],
    ['a Chromebook', 'desktop'],
  ]));

test('where Jitsi says no to apps nobody is offered one', () =>
  assert.deepEqual(kinds({ disabled: true, desktop: { enabled: true } }), []));

test('the app that is a browser itself is told from those around it', () =>
  assert.deepEqual(
    Object.entries(AGENTS).flatMap(([name, agent]) => (isElectron(agent) ? [name] : [])),
    ["Jitsi's desktop app"],
  ));

const ANDROID = AGENTS['Chrome on Android'];
const IPHONE = AGENTS['Safari on an iPhone'];
const WINDOWS = AGENTS['Chrome on Windows'];

test("without a word of the operator's it is Jitsi's own app, and where to get it", () => {
  assert.deepEqual(handOffFor(ANDROID, {}), {
    kind: 'android',
    name: 'Jitsi Meet',
    scheme: 'org.jitsi.meet',
    package: 'org.jitsi.meet',
    stores: [
      'https://play.google.com/store/apps/details?id=org.jitsi.meet',
      'https://f-droid.org/packages/org.jitsi.meet/',
    ],
  });
  assert.deepEqual(handOffFor(IPHONE, {})?.stores, ['https://apps.apple.com/app/jitsi-meet/id1165103905']);
  assert.equal(handOffFor(WINDOWS, { desktop: { enabled: true } })?.scheme, 'jitsi-meet');
});

test("an operator's own app is offered under its name, and Jitsi's shops are not where it is had", () => {
  const own = {
    android: { appName: 'Uni Meet', appScheme: 'org.uni.meet', appPackage: 'org.uni.meet' },
    ios: { appName: 'Uni Meet', appScheme: 'org.uni.meet', downloadLink: 'https://apps.apple.com/app/id1' },
  };
  assert.deepEqual(handOffFor(ANDROID, own), {
    kind: 'android',
    name: 'Uni Meet',
    scheme: 'org.uni.meet',
    package: 'org.uni.meet',
    stores: [],
  });
  assert.deepEqual(handOffFor(IPHONE, own)?.stores, ['https://apps.apple.com/app/id1']);
  assert.deepEqual(handOffFor(IPHONE, { ios: { downloadLink: 'javascript:alert(1)' } })?.stores, []);
});

for (const scheme of [
  'javascript',
  'JavaScript',
  'data',
  'https',
  'intent',
  'file',
  'a b',
  'x;package=evil',
  'org.jitsi.meet:',
  'é',
  '1a',
  '',
  'x',
])
  test(`the scheme ${JSON.stringify(scheme)} is no app's`, () => {
    assert.equal(handOffFor(IPHONE, { ios: { appScheme: scheme } }), undefined);
    assert.equal(handOffFor(ANDROID, { android: { appScheme: scheme } }), undefined);
    assert.equal(handOffFor(WINDOWS, { desktop: { enabled: true, appScheme: scheme } }), undefined);
  });

for (const name of ['org.evil;S.browser_fallback_url=https://evil.example', 'org', 'org..x', 'org.1x', ''])
  test(`${JSON.stringify(name)} is no package`, () =>
    assert.equal(handOffFor(ANDROID, { android: { appPackage: name } }), undefined));

const room = roomOf(roomFromPath('Gr%C3%B6%C3%9Fe;%23Intent'), tenantFromPath('acme'));
const about = {
  room,
  token: new Secret('aa.bb.cc'),
  jitsiUrl: 'https://meet.example.org:8443',
  overrides: new Map(),
};
const PLACE = 'meet.example.org:8443/acme/gr%C3%B6%C3%9Fe%23intent';
const opened = (agent: string, deepLinking: DeepLinking = {}) =>
  appAddress(handOffFor(agent, deepLinking) as App, about);

test('an iPhone opens the scheme with the ticket in the query, raw', () =>
  assert.equal(opened(IPHONE), `org.jitsi.meet://${PLACE}?jwt=aa.bb.cc`));

test('Android opens an intent for the one package, and nothing in the room adds to it', () =>
  assert.equal(
    opened(ANDROID),
    `intent://${PLACE}?jwt=aa.bb.cc#Intent;scheme=org.jitsi.meet;package=org.jitsi.meet;end`,
  ));

test('a desktop opens the scheme with the ticket behind the #, as JSON', () =>
  assert.equal(opened(WINDOWS, { desktop: { enabled: true } }), `jitsi-meet://${PLACE}#jwt=%22aa.bb.cc%22`));

test('what was chosen before the sign-in goes along where the app has a place for it', () => {
  const overrides = new Map([['config.startWithAudioMuted', true]]);
  const address = (client: 'ios' | 'android' | 'electron') =>
    appAddress(appBehind(client, {}) as App, { ...about, overrides });
  assert.equal(address('ios'), `org.jitsi.meet://${PLACE}?jwt=aa.bb.cc#config.startWithAudioMuted=true`);
  assert.equal(
    address('electron'),
    `jitsi-meet://${PLACE}#jwt=%22aa.bb.cc%22&config.startWithAudioMuted=true`,
  );
  assert.doesNotMatch(address('android'), /startWith/);
});

test('the app that sent somebody to sign in is called back by the scheme the operator gave it', () => {
  const own = { ios: { appScheme: 'org.example.meet' }, android: { appPackage: 'org.example.meet' } };
  assert.equal(appBehind('ios', own)?.scheme, 'org.example.meet');
  assert.equal(appBehind('android', own)?.package, 'org.example.meet');
  assert.equal(appBehind('electron', own)?.scheme, 'jitsi-meet');
  assert.equal(appBehind('ios', { ios: { appScheme: 'javascript' } }), undefined);
});
