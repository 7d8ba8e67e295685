/** The manual as a site: it builds without a warning, its links lead somewhere, and what is looked for is found. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, extname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { launchChromium } from '../support/chromium.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

let site: string;
let said = '';
before(async () => {
  site = await mkdtemp(join(tmpdir(), 'ostiary-site-'));
  const program = join(ROOT, 'node_modules/vitepress/bin/vitepress.js');
  const child = spawn(process.execPath, [program, 'build', join(ROOT, 'site'), '--outDir', site], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text.toString();
    });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, said);
});
after(() => rm(site, { recursive: true, force: true }));

const pages = () => globSync('**/*.html', { cwd: site });
const textOf = (page: string) => readFileSync(join(site, page), 'utf8').replace(/<pre[\s\S]*?<\/pre>/g, '');

/** The file that an address leads to. */
function fileAt(address: string, page: string): string {
  const there = address.startsWith('/') ? join(site, address) : resolve(site, dirname(page), address);
  if (address.endsWith('/')) return join(there, 'index.html');
  return extname(there) === '' ? `${there}.html` : there;
}

test('the site is built from every page of the manual, and nothing is warned of', () => {
  assert.doesNotMatch(said, /warn|\(!\)|dead link|error/i, said);
  for (const page of globSync('docs/**/*.md', { cwd: ROOT }))
    assert.ok(
      existsSync(
        join(
          site,
          page.replace(/(?:README)?\.md$/, (end) => (end === '.md' ? '.html' : 'index.html')),
        ),
      ),
      page,
    );
});

test('every link of the site leads to a page or a file, and to a heading where it names one', () => {
  const ids = new Map<string, ReadonlySet<string>>();
  const idsOf = (file: string) => {
    const known =
      ids.get(file) ??
      new Set([...readFileSync(file, 'utf8').matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id ?? ''));
    ids.set(file, known);
    return known;
  };
  const broken: string[] = [];
  let looked = 0;
  for (const page of pages())
    for (const [, href = ''] of textOf(page).matchAll(/<a[^>]*\shref="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(href)) continue;
      looked += 1;
      const [address = '', heading] = href.split('#');
      const file = address === '' ? join(site, page) : fileAt(address, page);
      if (!existsSync(file)) broken.push(`${page}: ${href}`);
      else if (heading && file.endsWith('.html') && !idsOf(file).has(decodeURIComponent(heading)))
        broken.push(`${page}: ${href}`);
    }
  assert.ok(looked > 1000, String(looked));
  assert.deepEqual(broken, []);
});

test('in a browser the start is readable, and looking for a problem code leads to what to do', async (t) => {
  const server: Server = createServer((request, response) => {
    const file = fileAt(decodeURIComponent((request.url ?? '/').split('?')[0] ?? '/'), 'index.html');
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const browser = await launchChromium([]);
  t.after(() => browser.close());
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  assert.match(await page.innerText('main h1'), /^Ostiary/);
  await page.click('button:has-text("Search")');
  await page.fill('#localsearch-input', 'provider.unreachable');
  const found = page.locator('.results a').first();
  await found.waitFor();
  await found.click();
  await page.waitForURL(/\/docs\//);
  assert.match(await page.innerText('main'), /provider\.unreachable/);
});
