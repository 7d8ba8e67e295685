/** Which apps may open links of this site: what the makers of phones read, and what no app may open. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { startStage } from '../support/server-stage.ts';
import { startUpstream } from '../support/upstream.ts';

const FINGERPRINT = Array(32).fill('A1').join(':');
const APP_LINKS = {
  android: [{ package: 'org.example.meet', fingerprints: [FINGERPRINT] }],
  ios: ['ABCDE12345.org.example.meet'],
};

async function gateway(t: TestContext, appLinks: object, open = {}) {
  const upstream = await startUpstream();
  const stage = await startStage({
    config: { upstream: { url: upstream.url }, open, jitsi: { roles: 'enforced', appLinks } },
  });
  t.after(async () => {
    await stage.close();
    await upstream.close();
  });
  return { stage, upstream };
}

/** Does an app of iOS open this path? The first component that fits says so. */
function opensOnPhone(text: string, path: string): boolean {
  const [{ components }] = JSON.parse(text).applinks.details as [
    { components: { '/': string; exclude?: boolean }[] },
  ];
  const fits = components.find((component) => path.startsWith(component['/'].replace(/\*$/, '')));
  return fits !== undefined && fits.exclude !== true;
}

test('as a gateway we name the apps, a stranger reads it, and Jitsi is not asked', async (t) => {
  const { stage, upstream } = await gateway(t, APP_LINKS);
  const asked = upstream.arrived.length;
  const android = await stage.ask('/.well-known/assetlinks.json');
  assert.equal(android.headers.get('content-type'), 'application/json');
  assert.deepEqual(JSON.parse(android.text)[0].target, {
    namespace: 'android_app',
    package_name: 'org.example.meet',
    sha256_cert_fingerprints: [FINGERPRINT],
  });
  const ios = await stage.ask('/.well-known/apple-app-site-association');
  assert.equal(ios.headers.get('content-type'), 'application/json');
  assert.deepEqual(JSON.parse(ios.text).applinks.details[0].appIDs, APP_LINKS.ios);
  assert.equal(upstream.arrived.length, asked);
});

test('an app opens the rooms and never the sign-in, which is for browsers', async (t) => {
  const { stage } = await gateway(t, APP_LINKS);
  const { text } = await stage.ask('/.well-known/apple-app-site-association');
  assert.equal(opensOnPhone(text, '/Standup'), true);
  assert.equal(opensOnPhone(text, '/acme/Standup'), true);
  assert.equal(opensOnPhone(text, '/_ostiary/sign-in'), false);
  const [app] = JSON.parse((await stage.ask('/.well-known/assetlinks.json')).text);
  const [first] = app.relation_extensions[app.relation[0]].dynamic_app_link_components;
  assert.deepEqual(first, { '/': '/_ostiary/*', exclude: true });
});

test('where none is named Jitsi’s own file passes, and where apps are shut out neither does', async (t) => {
  const none = await gateway(t, {});
  assert.equal(
    (await none.stage.ask('/.well-known/assetlinks.json')).text,
    'file /.well-known/assetlinks.json',
  );
  const shut = await gateway(t, APP_LINKS, { apps: false });
  const { status, headers } = await shut.stage.ask('/.well-known/assetlinks.json');
  assert.equal(status, 302);
  assert.match(headers.get('location') ?? '', /^\/_ostiary\/sign-in/);
});

test('beside Jitsi the same files stand below our prefix, for its web server to fetch', async (t) => {
  const stage = await startStage({ config: { jitsi: { roles: 'enforced', appLinks: APP_LINKS } } });
  t.after(() => stage.close());
  const { status, text } = await stage.ask('/_ostiary/app-sites/assetlinks.json');
  assert.equal(status, 200);
  assert.equal(JSON.parse(text)[0].target.package_name, 'org.example.meet');
  assert.equal((await stage.ask('/_ostiary/app-sites/other.json')).status, 404);
});
