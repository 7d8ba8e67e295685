import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { constantMarkup } from '../../src/pages/markup.ts';
import { STYLESHEET, stylesheetPath } from '../../src/pages/stylesheet.ts';
import { page as policed } from '../../src/web/respond.ts';
import { launchChromium } from '../support/chromium.ts';
import { GALLERY_BRANDING, GALLERY_NONCE, gallery } from '../support/gallery.ts';

const PAGES = gallery({ ...GALLERY_BRANDING, colour: '#c8102e' });
/** Pages whose script leaves at once; they are kept. */
const LEAVES = /-auto$|^(?:signing-out|onward)$/;
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const posted: string[] = [];
const server = createServer((asked, answer) => void respond(asked, answer));
let browser: Browser;
let origin: string;

before(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchChromium();
});

after(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

for (const [language, colorScheme] of [
  ['en', 'light'],
  ['de', 'dark'],
] as const)
  test(`axe finds nothing on any page in ${language}, ${colorScheme}`, { timeout: 180_000 }, async () => {
    const found: string[] = [];
    for (const { name } of PAGES.filter((page) => page.language === language))
      await visit(`/${name}.${language}`, { colorScheme, stays: LEAVES.test(name) }, async (page) => {
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(WCAG).analyze();
        found.push(
          ...violations.map(({ id, nodes }) => `${name}: ${id} ${nodes.map(({ html }) => html).join()}`),
        );
      });
    assert.deepEqual(found, []);
  });

test('no page runs into its policy or needs anything it cannot get', { timeout: 60_000 }, async () => {
  const complaints: string[] = [];
  const names = PAGES.filter(({ name, language }) => language === 'en' && !LEAVES.test(name)).map(
    ({ name }) => name,
  );
  for (const name of names)
    await visit('/empty', {}, async (page) => {
      page.on('console', (message) => complaints.push(`${name}: ${message.text()}`));
      page.on('requestfailed', (request) => complaints.push(`${name}: ${request.url()}`));
      await page.goto(`${origin}/${name}.en`);
    });
  assert.deepEqual(complaints, []);
});

test('a window of 640 pixels at 200 % scrolls sideways on no page in any language', {
  timeout: 120_000,
}, async () => {
  const wide: string[] = [];
  await visit('/empty', { scripts: false, viewport: { width: 320, height: 640 } }, async (page) => {
    for (const { name, language } of PAGES) {
      await page.goto(`${origin}/${name}.${language}`);
      const { width = 0 } = (await page.locator('main').boundingBox()) ?? {};
      const reaches = await page
        .locator('html')
        .evaluate<number, { scrollWidth: number }>((html) => html.scrollWidth);
      if (reaches > 320 || width === 0) wide.push(`${name}.${language}: ${reaches}`);
    }
  });
  assert.deepEqual(wide, []);
});

test('a lone sign-in service is gone to at once, and only once', { timeout: 30_000 }, async () => {
  posted.length = 0;
  await visit('/sign-in-auto.en', { until: '**/whoami.en' }, async (page) => {
    assert.equal(await page.locator('h1').textContent(), 'You are signed in as Ada Lovelace');
  });
  assert.deepEqual(posted, ['to=%2Fstandup&provider=staff']);
});

test('who comes back by the back button gets the button, not another round', {
  timeout: 30_000,
}, async () => {
  await visit('/sign-in-auto.en', { stays: true }, async (page) => {
    // A person presses it themselves, so the browser keeps the page in its history.
    await page.unrouteAll();
    await page.getByRole('button').click();
    await page.waitForURL('**/whoami.en');
    posted.length = 0;
    await page.goBack({ waitUntil: 'load' });
    assert.equal(page.url(), `${origin}/sign-in-auto.en`);
    assert.ok(await page.getByRole('button', { name: 'Sign in with' }).isVisible());
    assert.ok(await page.getByText('Taking you to').isHidden());
  });
  assert.deepEqual(posted, []);
});

test('without script the button does the same, and nothing claims to be on its way', {
  timeout: 30_000,
}, async () => {
  posted.length = 0;
  await visit('/sign-in-auto.en', { scripts: false }, async (page) => {
    assert.ok(await page.getByText('Taking you to').isHidden());
    await page.getByRole('button').click();
    await page.waitForURL('**/whoami.en');
  });
  assert.deepEqual(posted, ['to=%2Fstandup&provider=staff']);
});

test('one of several services is chosen with the keyboard', { timeout: 30_000 }, async () => {
  posted.length = 0;
  await visit('/sign-in-choose.en', {}, async (page) => {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/whoami.en');
  });
  assert.deepEqual(posted, ['to=%2Fstandup&provider=guests']);
});

test('the entry code moves from behind the # into its field, and the address forgets it', {
  timeout: 30_000,
}, async () => {
  await visit('/pass.en#ABCD-1234', {}, async (page) => {
    assert.equal(await page.getByLabel('Entry code').inputValue(), 'ABCD-1234');
    assert.equal(page.url(), `${origin}/pass.en`);
    await page.keyboard.type('Grace');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/whoami.en');
  });
  assert.equal(posted.at(-1), 'code=ABCD-1234&name=Grace');
});

interface Looked {
  readonly colorScheme?: 'light' | 'dark';
  readonly scripts?: boolean;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Where the page is expected to lead by itself. */
  readonly until?: string;
  /** Keep a page whose script leaves. */
  readonly stays?: boolean;
}

async function visit(
  path: string,
  { scripts = true, until, stays = false, ...looked }: Looked,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const options: BrowserContextOptions = {
    viewport: { width: 390, height: 760 },
    javaScriptEnabled: scripts,
    ...looked,
  };
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    if (stays)
      await page.route('**/*', (route) =>
        route.request().method() === 'POST' ? route.abort('aborted') : route.continue(),
      );
    // The page is left alone only once its own submission has failed: what comes before is still on its way.
    const held = stays ? page.waitForEvent('requestfailed') : undefined;
    await page.goto(`${origin}${path}`, { waitUntil: until === undefined && !stays ? 'load' : 'commit' });
    await held;
    if (stays)
      await page.getByText('If nothing happens').or(page.getByText('Falls nichts geschieht')).waitFor();
    if (until !== undefined) await page.waitForURL(until);
    await look(page);
  } finally {
    await context.close();
  }
}

async function respond(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const path = asked.url ?? '/';
  if (asked.method === 'POST') {
    let body = '';
    for await (const chunk of asked) body += chunk;
    posted.push(body);
    answer.writeHead(303, { location: '/whoami.en' }).end();
    return;
  }
  if (path === stylesheetPath('/_ostiary')) {
    answer.writeHead(200, { 'content-type': 'text/css; charset=utf-8' }).end(STYLESHEET);
    return;
  }
  if (path.startsWith('/_ostiary/waiting')) {
    // Nobody comes.
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    return;
  }
  const found = PAGES.find(({ name, language }) => path.endsWith(`/${name}.${language}`));
  const html = found?.html ?? '<!doctype html>';
  const { headers } = policed(constantMarkup(html), GALLERY_NONCE, {
    // As the server names the providers that a form of the page leads to.
    formAction: ['https://id.example.org', 'https://idp.example.org'],
    ...(html.includes('data-waits') && { asks: true }),
  });
  answer
    .writeHead(200, { ...Object.fromEntries(headers), 'content-type': 'text/html; charset=utf-8' })
    .end(html);
}
