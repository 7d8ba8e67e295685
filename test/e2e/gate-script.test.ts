/**
 * The script in Jitsi's page, in a real browser: under every golden policy it
 * runs, and Jitsi's own scripts run exactly as they did without us.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { Secret } from '../../src/base/secret.ts';
import { withNonce } from '../../src/gateway/csp.ts';
import { headScript, inject } from '../../src/gateway/head-script.ts';
import { CSP_NONCE, readCspCases } from '../cases/csp.ts';
import { launchChromium } from '../support/chromium.ts';

const TOKEN = 'eyJhbGciOiJub25lIn0.eyJhdWQiOiJqaXRzaSJ9.ZGlzcGxheS1vbmx5';
const CASES = readCspCases();

/** A page as Jitsi's: a base, inline scripts, a file, a handler. Each says that it ran, and what it found behind the #. */
const DOCUMENT = `<!doctype html><html data-ran=""><!-- <head> --><head class="a>b"><base href="/elsewhere/">
<script>document.documentElement.dataset.ran += ' inline'; document.documentElement.dataset.hash = location.hash;</script>
<script nonce="abc">document.documentElement.dataset.ran += ' nonced';</script>
<script src="/file.js"></script></head>
<body><img src="/none" onerror="document.documentElement.dataset.ran += ' handler'"><p>Größe</p></body></html>`;
const FILE = `document.documentElement.dataset.ran += ' file';`;

const server = createServer(answer);
let browser: Browser;
let origin = '';

before(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchChromium();
});

after(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
});

/** `/before/N` is Jitsi's page as it came, `/after/N` as it goes on. */
function answer(asked: IncomingMessage, answered: ServerResponse): void {
  const [, which = '', number = ''] = (asked.url ?? '').split('/');
  if (which === 'file.js') {
    answered.writeHead(200, { 'content-type': 'text/javascript' }).end(FILE);
    return;
  }
  const found = CASES[Number(number)];
  if (found === undefined || !['before', 'after'].includes(which)) {
    answered.writeHead(404).end();
    return;
  }
  const script = headScript({ token: new Secret(TOKEN), path: '/room' });
  const changed = which === 'after';
  answered.setHeader('content-type', 'text/html; charset=utf-8');
  answered.setHeader(
    'Content-Security-Policy',
    changed ? withNonce(found.comes, CSP_NONCE) : [...found.comes],
  );
  answered.end(changed ? inject(Buffer.from(DOCUMENT), script, CSP_NONCE) : DOCUMENT);
}

async function ran(page: Page, path: string) {
  await page.goto(`${origin}${path}#config.startSilent=true`, { waitUntil: 'load' });
  const html = page.locator('html');
  return {
    // The handler runs when its picture has failed, before or after the rest.
    scripts: ((await html.getAttribute('data-ran')) ?? '').split(' ').sort(),
    hash: await html.getAttribute('data-hash'),
    url: page.url(),
  };
}

test('under every golden policy our script runs before any other, and those of the page run as they did without it', {
  timeout: 120_000,
}, async () => {
  const page = await (await browser.newContext()).newPage();
  for (const [number, { file, title }] of CASES.entries()) {
    const before = await ran(page, `/before/${number}`);
    const after = await ran(page, `/after/${number}`);
    assert.deepEqual(after.scripts, before.scripts, `${file}: ${title}`);
    const fragment = `#config.startSilent=true&config.deeplinking.disabled=true&jwt=%22${TOKEN}%22`;
    assert.equal(after.url, `${origin}/after/${number}${fragment}`, `${file}: ${title}`);
    if (before.hash !== null) assert.equal(after.hash, fragment, `${file}: ${title}`);
  }
});

test('the policies of this test stop something and let something run', { timeout: 60_000 }, async () => {
  const page = await (await browser.newContext()).newPage();
  const sets = new Set<string>();
  for (const number of CASES.keys()) sets.add((await ran(page, `/before/${number}`)).scripts.join(' '));
  assert.ok(sets.size >= 4, [...sets].join(' | '));
});

test('a page is sent as it is: letters of two bytes, nothing left of our script', {
  timeout: 30_000,
}, async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${origin}/after/0`);
  assert.equal(await page.locator('p').textContent(), 'Größe');
  assert.ok(!(await page.content()).includes(TOKEN));
});
