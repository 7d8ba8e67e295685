/** Behind the gateway with a phone, a desktop app, and a frame: the choice before Jitsi's page, and the app's own way in. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { joinAsApp, joined, openAsApp } from './app-socket.ts';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const ANDROID =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36';
const WINDOWS =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36';
const ELECTRON = `${WINDOWS.replace('Safari', 'JitsiMeet/2025.4.0 Chrome/138.0.0.0 Electron/37.2.0 Safari')}`;

const CONFIG_JS = `var config = {
  hosts: { domain: 'meet.jitsi', muc: 'muc.meet.jitsi' },
  deeplinking: { desktop: { enabled: true, appName: 'Example Meet', appScheme: 'example-meet' } },
};`;

let stage: Stage;
/** The app's own window, of another site than the meeting. */
const app = createServer((_, answered) => {
  answered.setHeader('content-type', 'text/html; charset=utf-8');
  answered.end(
    `<!doctype html><html lang="en"><head><title>App</title></head><body><main><h1>App</h1><iframe title="meeting" src="${stage.url}/Standup" width="800" height="600"></iframe></main></body></html>`,
  );
});
let around = '';
before(async () => {
  await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
  around = `http://127.0.0.1:${(app.address() as AddressInfo).port}/`;
  stage = await startStage({
    tls: false,
    door: 'gateway',
    files: { '/config.js': { type: 'text/javascript', body: CONFIG_JS } },
  });
});
after(async () => {
  await stage.close();
  app.closeAllConnections();
  app.close();
});

const phone = { viewport: { width: 390, height: 760 }, isMobile: true, hasTouch: true };

/** A phone or desk that followed a link as a stranger, signed in, and stands before the choice. */
async function beforeTheChoice(options: Parameters<Stage['visitor']>[0], address = 'Standup') {
  const context = await stage.visitor(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const sockets: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('websocket', (socket) => sockets.push(socket.url()));
  await page.goto(`${stage.url}/${address}`);
  await signInAs(page, stage.person('ada'));
  await page.waitForSelector('button[value=app]');
  return { context, page, complaints, sockets };
}

/** Where the tap leads; no browser here has the app, so it stays where it is. */
async function tap(page: Page): Promise<string> {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => new URL(response.url()).pathname === '/_ostiary/hand-off'),
    page.click('button[value=app]'),
  ]);
  assert.equal(answer.status(), 303);
  return (await answer.allHeaders())['location'] ?? '';
}

for (const [device, options, name, address] of [
  [
    'an iPhone',
    { userAgent: IPHONE, ...phone },
    'Jitsi Meet',
    /^org\.jitsi\.meet:\/\/localhost:\d+\/standup\?jwt=([\w-]+\.[\w-]+\.[\w-]+)$/,
  ],
  [
    'Chrome on Android',
    { userAgent: ANDROID, ...phone },
    'Jitsi Meet',
    /^intent:\/\/localhost:\d+\/standup\?jwt=([\w-]+\.[\w-]+\.[\w-]+)#Intent;scheme=org\.jitsi\.meet;package=org\.jitsi\.meet;end$/,
  ],
  [
    'a desk where Jitsi offers its desktop app',
    { userAgent: WINDOWS },
    'Example Meet',
    /^example-meet:\/\/localhost:\d+\/standup#jwt=%22([\w-]+\.[\w-]+\.[\w-]+)%22$/,
  ],
] as const) {
  test(`${device} is asked before Jitsi's page, which has no token to give away; the tap leads into the app with a ticket`, async () => {
    const { page, complaints, sockets } = await beforeTheChoice(options);
    assert.equal(await page.textContent('button[value=app]'), `Open in ${name}`);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    );
    assert.doesNotMatch(await page.content(), /eyJ|jwt=/);
    assert.deepEqual(sockets, []);
    const ticket = address.exec(await tap(page))?.[1] ?? '';
    assert.deepEqual(
      complaints.filter((text) => /Content Security Policy|Refused/.test(text)),
      [],
    );
    assert.equal(await joinWith(ticket), 'joined');
  });

  test(`${device} goes on in the browser, with what stood behind the #, and is not asked again for this room`, async () => {
    const { page, context } = await beforeTheChoice(options, 'Standup#config.startWithAudioMuted=true');
    await page.click('button[value=here]');
    assert.equal(await meetingStatus(page), 'joined');
    assert.equal(await page.textContent('#name'), 'Ada Lövelace');
    assert.equal(
      JSON.parse((await page.textContent('#overrides')) ?? '')['config.startWithAudioMuted'],
      true,
    );
    await page.reload();
    assert.equal(await meetingStatus(page), 'joined');
    const other = await context.newPage();
    await other.goto(`${stage.url}/Retro`);
    await other.waitForSelector('button[value=app]');
  });
}

test("the app's ticket opens its room as often as it likes, no other, and nothing once its person has signed out", async () => {
  const { page, context } = await beforeTheChoice({ userAgent: IPHONE, ...phone });
  const ticket = /jwt=([\w.-]+)/.exec(await tap(page))?.[1] ?? '';
  assert.equal(await joinWith(ticket), 'joined');
  assert.equal(await joinWith(ticket), 'joined');
  assert.equal(await joinWith(ticket, 'retro'), 403);
  assert.equal(await joinWith(ticket, 'standup', 'https://evil.example'), 403);
  assert.equal(await joinWith(undefined), 'not-allowed');
  await signOut(context);
  assert.equal(await joinWith(ticket), 401);
});

test('an app whose person signs out in the browser is out of the meeting', async () => {
  const { page, context } = await beforeTheChoice({ userAgent: ANDROID, ...phone });
  const ticket = /jwt=([\w.-]+)/.exec(await tap(page))?.[1] ?? '';
  const socket = openAsApp({ url: stage.url, token: ticket });
  const closed = new Promise((done) => socket.once('close', done));
  assert.equal(await joined(socket), 'joined');
  await signOut(context);
  await closed;
});

test('in the frame of the desktop app there is one link, which opens a window where signing in works', async () => {
  const context = await stage.visitor({ userAgent: ELECTRON });
  const page = await context.newPage();
  const before = stage.upstream.asked.length;
  await page.goto(around);
  const frame = page.frameLocator('iframe');
  const links = frame.locator('a, button, input');
  await links.first().waitFor();
  assert.equal(await links.count(), 1);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  assert.deepEqual(
    violations.map(({ id }) => id),
    [],
  );
  assert.equal(stage.upstream.asked.length, before);
  const [window] = await Promise.all([context.waitForEvent('page'), links.first().click()]);
  await signInAs(window, stage.person('ada'));
  assert.equal(await meetingStatus(window), 'joined');
  assert.equal(await window.textContent('#room'), 'standup');
});

async function signOut(context: BrowserContext): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${stage.url}/_ostiary/sign-out`);
  await page.click('main button');
  await page.waitForURL(/signed-out/);
}

function joinWith(ticket: string | undefined, room?: string, origin?: string) {
  return joinAsApp({ url: stage.url, token: ticket, room, origin });
}
