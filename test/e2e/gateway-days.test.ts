/** Behind the gateway from day to day: signing out, many tabs, the back button, what is down, and the pages beside the meeting. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

const PAGE = (title: string) => ({
  type: 'text/html; charset=utf-8',
  body: `<!doctype html><html lang="en"><head><title>${title}</title></head><body>${title}</body></html>`,
});

/** As Jitsi's, which goes between the browser and every page of its origin. @see jitsi-meet, pwa-worker.js */
const WORKER = `
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open('offline').then((cache) => cache.add(new Request('static/offline.html', { cache: 'reload' }))));
  self.skipWaiting();
});
self.addEventListener('activate', (event) => {
  if (!location.search.includes('plain')) event.waitUntil(self.registration.navigationPreload.enable());
  self.clients.claim();
});
self.addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate') return;
  event.respondWith((async () => {
    try {
      return (await event.preloadResponse) || (await fetch(event.request));
    } catch (error) {
      return (await caches.open('offline')).match('static/offline.html');
    }
  })());
});`;

let stage: Stage;
let context: BrowserContext;

before(async () => {
  stage = await startStage({
    tls: false,
    door: 'gateway',
    files: {
      '/static/close3.html': PAGE('Thank you'),
      // A meeting page with no policy, as Jitsi has none.
      '/picture': {
        type: 'text/html',
        body: '<!doctype html><html><head></head><body><img src="http://elsewhere.test/x.png"></body></html>',
      },
      '/static/offline.html': PAGE('You are offline'),
      '/pwa-worker.js': { type: 'text/javascript', body: WORKER },
    },
  });
});
beforeEach(async () => {
  context = await stage.visitor();
});
after(() => stage.close());

/** Opens the address as a stranger and signs in. */
async function enter(address: string, who = 'ada'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${stage.url}/${address}`);
  await signInAs(page, stage.person(who));
  assert.equal(await meetingStatus(page), 'joined');
  return page;
}

/** Jitsi's own page at `/`. */
const START = (url: URL) => url.href.startsWith(`${stage.url}/`) && url.pathname === '/';
const violationsOn = async (page: Page) =>
  (await new AxeBuilder({ page }).setLegacyMode().analyze()).violations.map(({ id }) => id);

test('signing out in one tab throws the meeting in the other out, and its reload asks for a sign-in', async () => {
  const page = await context.newPage();
  const opened = page.waitForEvent('websocket', { timeout: 30_000 });
  await page.goto(`${stage.url}/Standup`);
  await signInAs(page, stage.person('ada'));
  assert.equal(await meetingStatus(page), 'joined');
  const socket = await opened;
  assert.equal(socket.isClosed(), false);
  const closed = socket.waitForEvent('close', { timeout: 10_000 });
  const other = await context.newPage();
  await other.goto(`${stage.url}/Retro`);
  assert.equal(await meetingStatus(other), 'joined');
  await other.click('text=Log out');
  await other.waitForURL(/signed-out/);
  await closed;
  await page.reload();
  await page.waitForSelector('input[name=login]');
});

test('the back button leads out of the meeting and not into a loop, and the link leads in again', async () => {
  const page = await context.newPage();
  await page.goto(`${stage.issuer}/.well-known/openid-configuration`);
  await page.goto(`${stage.url}/Standup`);
  await signInAs(page, stage.person('ada'));
  assert.equal(await meetingStatus(page), 'joined');
  const seen: string[] = [];
  for (let presses = 0; presses < 6 && !page.url().endsWith('openid-configuration'); presses += 1) {
    await page.goBack({ waitUntil: 'load' });
    seen.push(page.url());
  }
  assert.match(page.url(), /openid-configuration$/, seen.join(' '));
  await page.goto(`${stage.url}/Standup`);
  assert.equal(await meetingStatus(page), 'joined');
});

test('ten tabs restored at once are all in their rooms, and in no other', async () => {
  await enter('Standup');
  const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
  await Promise.all(tabs.map((tab, at) => tab.goto(`${stage.url}/Room${at}`)));
  for (const [at, tab] of tabs.entries()) {
    assert.equal(await meetingStatus(tab), 'joined');
    assert.equal(await tab.textContent('#room'), `Room${at}`);
  }
});

test('ten tabs restored by a stranger need one sign-in, and a reload brings each into its own room', async () => {
  const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
  await Promise.all(
    tabs.map((tab, at) => tab.goto(`${stage.url}/Room${at}#config.startSilent=${at % 2 === 0}`)),
  );
  const [first] = tabs as [Page];
  await signInAs(first, stage.person('ada'));
  assert.equal(await meetingStatus(first), 'joined');
  for (const [at, tab] of tabs.entries()) {
    await tab.waitForSelector('input[name=login], body[data-status]');
    await tab.goto(`${stage.url}/Room${at}`);
    assert.equal(await meetingStatus(tab), 'joined');
    const overrides = JSON.parse((await tab.textContent('#overrides')) ?? '');
    // The first took its own out already: once is once.
    assert.equal(overrides['config.startSilent'], at === 0 ? undefined : at % 2 === 0);
  }
});

test('while Jitsi is away there is a page that says so, and after it everything goes on without a restart', async () => {
  const page = await enter('Standup');
  await stage.upstream.down();
  try {
    for (const path of ['Standup', 'acme/Retro', '', 'static/close3.html', 'libs/app.bundle.min.js']) {
      const answer = await page.goto(`${stage.url}/${path}`);
      assert.equal(answer?.status(), 502, path);
      assert.match((await page.textContent('main')) ?? '', /The meeting server does not answer/);
    }
    assert.deepEqual(await violationsOn(page), []);
    await page.goto(`${stage.url}/Standup?lang=de`);
    assert.match((await page.textContent('main')) ?? '', /standup/);
  } finally {
    await stage.upstream.up();
  }
  await page.click('a.primary');
  assert.equal(page.url().split('#')[0], `${stage.url}/Standup?lang=de`);
  assert.equal(await meetingStatus(page), 'joined');
});

test('who comes for the front page signs in and is on it; who is signed in already is there at once', async () => {
  const page = await context.newPage();
  const before = stage.upstream.asked.length;
  await page.goto(`${stage.url}/`);
  await page.waitForSelector('input[name=login]');
  assert.equal(stage.upstream.asked.length, before);
  await signInAs(page, stage.person('ada'));
  await page.waitForURL(START);
  assert.equal(await page.textContent('h1 >> nth=0'), 'Welcome');
  await page.click('.welcome a');
  assert.equal(await meetingStatus(page), 'joined');
  const again = await context.newPage();
  await again.goto(`${stage.url}/`);
  assert.ok(await again.locator('.welcome').isVisible());
});

test('the page after the meeting is there for who is signed in; who no longer is signs in and is on the front page', async () => {
  const page = await enter('Standup');
  await page.goto(`${stage.url}/static/close3.html`);
  assert.equal(await page.title(), 'Thank you');
  await context.clearCookies({ name: '__Host-ostiary' });
  await page.goto('about:blank');
  await page.goto(`${stage.url}/static/close3.html#jitsi_meet_external_api_id=1`);
  await page.waitForURL(START);
  assert.equal(await page.textContent('h1 >> nth=0'), 'Welcome');
});

test('a picture and a link of another site, from within the meeting, tell that site our host and nothing more', async () => {
  const page = await enter('Standup#config.startSilent=true');
  const told: (string | undefined)[] = [];
  await page.route('http://elsewhere.test/**', async (route) => {
    told.push((await route.request().allHeaders())['referer']);
    await route.fulfill({ contentType: 'text/html', body: '<title>Elsewhere</title>' });
  });
  await page.goto(`${stage.url}/picture`, { waitUntil: 'load' });
  assert.equal(told.length, 1);
  assert.match(page.url(), /jwt/, 'the token stands there, behind the #');
  await page.evaluate(
    "document.body.append(Object.assign(document.createElement('a'), { href: 'http://elsewhere.test/', textContent: 'away' }))",
  );
  await page.click('text=away');
  await page.waitForURL('http://elsewhere.test/');
  assert.equal(await page.evaluate('document.referrer'), `${stage.url}/`);
  assert.deepEqual(told, [`${stage.url}/`, `${stage.url}/`]);
});

for (const [kind, script] of [
  ['with navigation preload, as Jitsi has it', 'pwa-worker.js'],
  ['in a browser without navigation preload', 'pwa-worker.js?plain'],
] as const)
  test(`with Jitsi's service worker between browser and gate, ${kind}: in, out, in again, and nobody is signed out by a link`, async () => {
    const page = await enter('Standup');
    await page.evaluate(
      `navigator.serviceWorker.register('/${script}').then(() => navigator.serviceWorker.ready).then(() => true)`,
    );
    await page.goto(`${stage.url}/Retro`);
    assert.equal(await meetingStatus(page), 'joined');
    assert.equal(await page.evaluate('navigator.serviceWorker.controller !== null'), true);
    // A page of somebody else's links to our sign-out: it may ask, and must not do.
    await page.route('http://evil.test/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<a href="${stage.url}/_ostiary/sign-out">look</a>`,
      }),
    );
    await page.goto('http://evil.test/');
    await page.click('a');
    await page.waitForURL(`${stage.url}/_ostiary/sign-out`);
    await page.waitForSelector('form');
    assert.ok((await context.cookies()).some(({ name }) => name === '__Host-ostiary'));
    await page.goto(`${stage.url}/Standup`);
    assert.equal(await meetingStatus(page), 'joined');
    await page.click('text=Log out');
    // Without preload the gate cannot tell whose link it was, and asks.
    if (script.includes('plain')) await page.click('main button');
    await page.waitForURL(/signed-out/);
    await page.goto(`${stage.url}/Standup#config.startWithAudioMuted=true`);
    await signInAs(page, stage.person('ada'));
    assert.equal(await meetingStatus(page), 'joined');
    assert.equal(
      JSON.parse((await page.textContent('#overrides')) ?? '')['config.startWithAudioMuted'],
      true,
    );
  });

// The last one: the provider does not come back.
test('while the provider is away who is signed in goes on into rooms, and a stranger reads that it does not answer', async () => {
  const page = await enter('Standup');
  await stage.stopProvider();
  await page.goto(`${stage.url}/Retro`);
  assert.equal(await meetingStatus(page), 'joined');
  const stranger = await (await stage.visitor()).newPage();
  await stranger.goto(`${stage.url}/Standup`);
  await stranger.waitForSelector('.reference');
  assert.match((await stranger.textContent('main')) ?? '', /Example Organisation/);
  assert.deepEqual(await violationsOn(stranger), []);
});
