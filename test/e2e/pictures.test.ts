/**
 * Pictures of every page, by day, by night and on the phone, for the manual: written
 * into docs/img, so that what the manual shows is what people see.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { startDemo } from '../../demo/demo.ts';
import { systemRandom } from '../../src/base/random.ts';
import { STYLESHEET, stylesheetPath } from '../../src/pages/stylesheet.ts';
import { launchChromium } from '../support/chromium.ts';
import { GALLERY_NONCE, gallery } from '../support/gallery.ts';
import { meetingStatus, signInAs } from './stage.ts';

const FOLDER = new URL('../../docs/img/', import.meta.url);
const LOOKS = [
  { look: 'light', colorScheme: 'light', viewport: { width: 900, height: 620 } },
  { look: 'dark', colorScheme: 'dark', viewport: { width: 900, height: 620 } },
  { look: 'phone', colorScheme: 'light', viewport: { width: 390, height: 760 } },
] as const;
/** Whose script changes what people see and leads nowhere, and what is gone from sight then. */
const SCRIPTED: ReadonlyMap<string, string> = new Map([
  ['waiting', '[data-again]'],
  ['waiting-by-hand', '[data-again]'],
  ['waiting-over', '[data-until-over]'],
]);
const PAGES = gallery().filter(({ language }) => language === 'en');

const server = createServer(answer);
let browser: Browser;
let origin = '';

before(async () => {
  mkdirSync(FOLDER, { recursive: true });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchChromium();
});

after(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

/** The pages as they are, most of them without their scripts, which would lead away. */
function answer(asked: IncomingMessage, answered: ServerResponse): void {
  const css = asked.url === stylesheetPath('/_ostiary');
  const page = PAGES.find(({ name }) => asked.url === `/${name}`);
  answered.setHeader('content-type', css ? 'text/css' : 'text/html; charset=utf-8');
  const scripted = page !== undefined && SCRIPTED.has(page.name);
  answered.setHeader(
    'content-security-policy',
    `script-src ${scripted ? `'nonce-${GALLERY_NONCE}'` : "'none'"}`,
  );
  if (asked.url?.startsWith('/_ostiary/waiting?')) {
    answered.setHeader('content-type', 'text/event-stream');
    answered.write('retry: 3000\n\n');
    return;
  }
  answered.statusCode = css || page ? 200 : 404;
  answered.end(css ? STYLESHEET : page?.html);
}

for (const { look, ...context } of LOOKS)
  test(`every page has its picture, ${look}`, { timeout: 120_000 }, async () => {
    const opened = await browser.newContext(context);
    const page = await opened.newPage();
    for (const { name } of PAGES) {
      const response = await page.goto(`${origin}/${name}`);
      assert.equal(response?.status(), 200, name);
      const gone = SCRIPTED.get(name);
      if (gone !== undefined) await page.waitForSelector(gone, { state: 'hidden', timeout: 10_000 });
      const picture = await page.screenshot({ animations: 'disabled', caret: 'hide', fullPage: true });
      assert.ok(picture.length > 4000, `${name} is not blank`);
      writeFileSync(new URL(`${name}.${look}.png`, FOLDER), picture);
    }
    await opened.close();
  });

test('the demo, as a newcomer sees it: the meeting after the sign-in has its picture, and axe finds nothing on it', {
  timeout: 60_000,
}, async () => {
  const demo = await startDemo({
    port: 0,
    door: 'token-service',
    env: {},
    logLevel: 'silent',
    random: systemRandom,
  });
  try {
    const page = await (await browser.newContext({ viewport: { width: 900, height: 780 } })).newPage();
    await page.goto(`${demo.url}/${demo.room}`);
    const [ada] = demo.users;
    assert.ok(ada);
    await signInAs(page, ada);
    assert.equal(await meetingStatus(page), 'joined');
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    );
    writeFileSync(new URL('demo-meeting.png', FOLDER), await page.screenshot());
  } finally {
    await demo.close();
  }
});
