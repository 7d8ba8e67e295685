/** A meeting in another application's page, in a real Chromium: same site and another, with cookies and without. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { type RunningApp, startApp } from '../../examples/embed/server.ts';
import { buildSdk } from '../../tools/sdk.ts';
import { CRM_SECRET } from '../support/apps.ts';
import { freePort } from '../support/http-server.ts';
import { keepsNothing } from '../support/keeps-nothing.ts';
import { meetingStatus, type Stage, type StageOptions, signInAs, startStage } from './stage.ts';

let sdk: string;

before(async () => {
  sdk = await mkdtemp(join(tmpdir(), 'ostiary-sdk-'));
  buildSdk(sdk);
});
after(() => rm(sdk, { recursive: true }));

/** An application and its meetings. */
interface Place {
  readonly stage: Stage;
  readonly app: RunningApp;
  /** Where the application's browser finds them. */
  readonly meetings: string;
  /** The application's page: on another site than the meeting, or on the same. */
  readonly page: (site: 'other' | 'same') => string;
  close(): Promise<void>;
}

async function startPlace({
  config = {},
  keeps = 'cookies',
  ...options
}: Omit<StageOptions, 'tls'> & { readonly keeps?: 'cookies' | 'nothing' }): Promise<Place> {
  const [port, other] = [await freePort(), await freePort()];
  const stage = await startStage({
    tls: false,
    ...options,
    config: {
      apps: [
        {
          name: 'crm',
          secret: CRM_SECRET,
          rooms: ['crm-*'],
          lifetime: '1h',
          origins: ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${port}`),
        },
      ],
      open: { assets: true },
      ...(keeps === 'nothing' && { aliases: [`http://localhost:${other}`] }),
      ...config,
    },
  });
  const way = keeps === 'nothing' ? await keepsNothing(Number(new URL(stage.url).port), other) : undefined;
  const meetings = way === undefined ? stage.url : `http://localhost:${other}`;
  const app = await startApp({ port, meetings, name: 'crm', secret: CRM_SECRET, sdk });
  return {
    stage,
    app,
    meetings,
    page: (site) => `http://${site === 'other' ? '127.0.0.1' : 'localhost'}:${port}/`,
    close: async () => {
      await app.close();
      await way?.close();
      await stage.close();
    },
  };
}

/** Opens the application's page, and says what becomes of its meeting. */
async function open(context: BrowserContext, address: string) {
  const page = await context.newPage();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  await page.goto(address);
  return { page, requests };
}

const becomes = (page: Page, word: string) => page.waitForSelector(`body[data-meeting=${word}]`);
const frameOf = (page: Page) => page.frameLocator('#meeting iframe');
const nameIn = (page: Page) => frameOf(page).locator('#name').textContent();

for (const door of ['gateway', 'token-service'] as const) {
  test(`${door}: a page of another site has a meeting in it, for somebody who never signs in anywhere`, async (t) => {
    const place = await startPlace({ door });
    t.after(() => place.close());
    const context = await place.stage.visitor();
    const { page, requests } = await open(context, place.page('other'));
    await becomes(page, 'joined');
    assert.equal(await nameIn(page), 'Grace Hopper');
    assert.equal(await frameOf(page).locator('#role').textContent(), 'participant');
    // One token, asked for by the back end; the secret is in nothing the browser saw.
    assert.equal(requests.filter((line) => line.includes('/meeting-token')).length, 1);
    assert.ok(!(await page.content()).includes(CRM_SECRET));
    const axe = await new AxeBuilder({ page }).exclude('iframe').analyze();
    assert.deepEqual(axe.violations, []);
  });

  test(`${door}: hours later nothing was touched, and the next frame has a new token`, async (t) => {
    const place = await startPlace({ door });
    t.after(() => place.close());
    const context = await place.stage.visitor();
    await context.clock.install();
    const { page, requests } = await open(context, place.page('other'));
    await becomes(page, 'joined');
    const frame = page.locator('#meeting iframe');
    const [src, mark] = [await frame.getAttribute('src'), 'still the same'];
    await frame.evaluate((element, value) => element.setAttribute('data-mark', value), mark);
    await context.clock.fastForward('04:00:00');
    // A page that wants to build it anew is not let.
    await page.click('#again');
    await context.clock.runFor(10_000);
    assert.deepEqual([await frame.getAttribute('src'), await frame.getAttribute('data-mark')], [src, mark]);
    assert.equal(await page.getAttribute('body', 'data-meeting'), 'joined');
    assert.equal(requests.filter((line) => line.includes('/meeting-token')).length, 1);
    await page.click('#leave');
    await becomes(page, 'left');
    await page.click('#again');
    await becomes(page, 'joined');
    assert.notEqual(await frame.getAttribute('src'), src);
    assert.equal(await frame.getAttribute('data-mark'), null);
    assert.equal(requests.filter((line) => line.includes('/meeting-token')).length, 2);
  });
}

test('the ticket leaves the frame’s address before Jitsi is asked, and a cookie of this site’s frames takes its place', async (t) => {
  const place = await startPlace({ door: 'gateway' });
  t.after(() => place.close());
  const context = await place.stage.visitor();
  const { page } = await open(context, place.page('other'));
  await becomes(page, 'joined');
  // The frame's redirect lets the browser name the page around it by its origin, and nothing else.
  const { asked } = place.stage.upstream;
  assert.ok(asked.every(({ url, headers }) => !/jwt=/.test(`${url}${headers}`)));
  const referers = asked.map(
    ({ headers }) => headers[headers.findIndex((name) => /^referer$/i.test(name)) + 1],
  );
  assert.ok(referers.includes(place.page('other')), referers.join());
  const cookies = (await context.cookies()).filter(({ name }) => name.startsWith('__Host-ostiary'));
  assert.deepEqual(
    cookies.map(({ name, sameSite, secure }) => [name.slice(0, 18), sameSite, secure]),
    [['__Host-ostiary-in-', 'None', true]],
  );
  // In a tab of its own nobody has it: it is that of frames in this site alone.
  const tab = await context.newPage();
  await tab.goto(`${place.stage.url}/crm-7`);
  await tab.waitForSelector('input[name=login]');
});

test('a page of the same site needs no cookie for frames, and the account that somebody has stays as it is', async (t) => {
  const place = await startPlace({ door: 'gateway' });
  t.after(() => place.close());
  const context = await place.stage.visitor();
  const tab = await context.newPage();
  await tab.goto(`${place.stage.url}/Standup`);
  await signInAs(tab, place.stage.person('ada'));
  assert.equal(await meetingStatus(tab), 'joined');
  const { page } = await open(context, place.page('same'));
  await becomes(page, 'joined');
  assert.equal(await nameIn(page), 'Grace Hopper');
  await tab.reload();
  assert.equal(await meetingStatus(tab), 'joined');
  assert.match((await tab.textContent('#name')) ?? '', /Ada/);
  const sites = (await context.cookies()).map(({ sameSite }) => sameSite);
  assert.ok(!sites.includes('None'));
});

test('where the browser keeps no cookies of third parties, it keeps the one for frames in this site', async (t) => {
  const place = await startPlace({ door: 'gateway', flags: ['--test-third-party-cookie-phaseout'] });
  t.after(() => place.close());
  const context = await place.stage.visitor();
  const { page, requests } = await open(context, place.page('other'));
  await becomes(page, 'joined');
  assert.ok(!requests.includes(`POST ${place.stage.url}/crm-7`));
  assert.ok((await context.cookies()).some(({ name }) => name.startsWith('__Host-ostiary-in-')));
});

test('where it keeps none at all the meeting is entered by the ticket alone, after a reload too', async (t) => {
  const place = await startPlace({ door: 'gateway', keeps: 'nothing' });
  t.after(() => place.close());
  const context = await place.stage.visitor();
  const { page, requests } = await open(context, place.page('other'));
  await becomes(page, 'joined');
  assert.equal(await nameIn(page), 'Grace Hopper');
  assert.ok(requests.includes(`POST ${place.meetings}/crm-7`));
  assert.deepEqual(
    (await context.cookies()).filter(({ name }) => name.startsWith('__Host-ostiary')),
    [],
  );
  const inside = page.frames().find((frame) => frame.url().startsWith(place.meetings));
  await inside?.evaluate(
    "document.body.dataset.before = 'true'; void setTimeout(() => location.reload(), 0)",
  );
  await frameOf(page).locator('body[data-status=joined]:not([data-before])').waitFor();
});

test('where that cannot be either, people are led into a tab, where they enter as the application said, and the page is told', async (t) => {
  const place = await startPlace({
    door: 'gateway',
    keeps: 'nothing',
    config: { open: { assets: false } },
  });
  t.after(() => place.close());
  const context = await place.stage.visitor();
  const { page } = await open(context, place.page('other'));
  await becomes(page, 'outside');
  for (const [from, click] of [
    ['the page', () => page.click('#tab')],
    ['the frame', () => frameOf(page).locator('form[data-tab] button').click()],
  ] as const) {
    const [tab] = await Promise.all([context.waitForEvent('page'), click()]);
    assert.equal(await meetingStatus(tab), 'joined', from);
    assert.equal(await tab.textContent('#name'), 'Grace Hopper', from);
    await tab.close();
  }
});

test('a page that is not in the list frames nothing', async (t) => {
  const place = await startPlace({ door: 'gateway' });
  t.after(() => place.close());
  const stranger = await startApp({
    port: 0,
    meetings: place.stage.url,
    name: 'crm',
    secret: CRM_SECRET,
    sdk,
  });
  t.after(() => stranger.close());
  const context = await place.stage.visitor();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
  await page.goto(stranger.url);
  await refused;
  assert.equal(await page.getAttribute('body', 'data-meeting'), null);
  // What the console says to nobody but whoever looks there, the log says too.
  const told = place.stage.lines
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'frame-refused');
  assert.deepEqual(
    told.map(({ origin, room }) => [origin, room]),
    [[stranger.url, 'crm-7']],
  );
});
