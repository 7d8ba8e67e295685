/** What the manual shows for pages with a meeting in them, run letter by letter in a real Chromium. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Page } from 'playwright-core';
import { buildSdk } from '../../tools/sdk.ts';
import { BLOCKS } from '../house/manual.ts';
import { SECRET, startMeetings } from '../prosody/gate-stage.ts';
import { basic, CRM_SECRET, SOMEBODY } from '../support/apps.ts';
import { fromJsx, importMap, moduleAt } from '../support/browser-modules.ts';
import { freePort } from '../support/http-server.ts';
import { APP_ID } from '../support/server-stage.ts';
import { type Stage, type StageOptions, startStage } from './stage.ts';

let sdk: string;
before(() => {
  sdk = mkdtempSync(join(tmpdir(), 'ostiary-sdk-'));
  buildSdk(sdk);
});
after(() => rmSync(sdk, { recursive: true }));

function example(name: string): string {
  const block = BLOCKS.find(({ mark }) => mark === `example: ${name}`);
  if (block === undefined) assert.fail(`the manual has no example ${name}`);
  return block.language === 'jsx' ? fromJsx(block.text) : block.text;
}

/** The page around an example: what the example leaves to the reader writes down that it was called. */
const PAGE = (script: string, before: string) => `<!doctype html><title>An application</title>
<script type="importmap">${importMap(['@jitsi/react-sdk']).replace('{"imports":{', '{"imports":{"@ostiary/embed":"/embed.js",')}</script>
<div id="meeting"></div><div id="root"></div>
<script>const wrote = (name) => (...about) => { document.body.dataset[name] = JSON.stringify(about); };
const show = wrote('shown'), explain = wrote('explained'), showLink = wrote('linked');</script>
${before}<script type="module" src="${script}"></script>`;

/** Draws the component that an example exports. */
const DRAWN = `import { createElement } from 'react'; import { createRoot } from 'react-dom';
import { Meeting } from '/example.js'; createRoot(document.querySelector('#root')).render(createElement(Meeting));`;

interface App {
  readonly stage: Stage;
  /** Its page, on a host of its own; through the proxy it is on the meeting's as well. */
  readonly url: string;
}

/** A gate or token service over TLS, and an application whose page runs this example. */
async function startApp(
  t: TestContext,
  {
    text,
    drawn = false,
    before = '',
    token,
  }: { text: string; drawn?: boolean; before?: string | undefined; token?: string },
  options: Omit<StageOptions, 'tls'>,
): Promise<App> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const stage = await startStage({
    ...{ tls: true, ...options },
    locations: `location ~ ^/(?:customer$|npm/|meeting-token|(?:embed|example)\\.js$) { proxy_pass ${url}; }`,
    config: {
      apps: [{ name: 'crm', secret: CRM_SECRET, rooms: ['crm-*'], role: 'host', origins: [url] }],
      rules: [{ name: 'crm', when: { providers: ['app:crm'] }, then: 'host' }],
      ...options.config,
    },
  });
  t.after(() => stage.close());
  const files: Readonly<Record<string, readonly [string, string]>> = {
    '/customer': ['text/html', PAGE(drawn ? '/drawn.js' : '/example.js', before)],
    '/example.js': ['text/javascript', text],
    '/drawn.js': ['text/javascript', DRAWN],
    '/embed.js': ['text/javascript', readFileSync(join(sdk, 'embed.js'), 'utf8')],
  };
  const answer = async (asked: IncomingMessage, answering: ServerResponse) => {
    const { pathname, searchParams } = new URL(asked.url ?? '/', url);
    const [type, body] = files[pathname] ?? [];
    const found = moduleAt(pathname);
    if (pathname === '/meeting-token' && asked.method === 'POST')
      answering.end(
        token === undefined
          ? await askAsBackEnd(stage, searchParams.get('room') ?? '')
          : JSON.stringify({ access_token: token }),
      );
    else if (type !== undefined)
      answering.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
    else if (found === undefined) answering.writeHead(404).end();
    else if ('location' in found) answering.writeHead(302, { location: found.location }).end();
    else answering.writeHead(200, { 'content-type': 'text/javascript' }).end(found.text);
  };
  const server = createServer((asked, answering) => {
    answer(asked, answering).catch(() => answering.writeHead(500).end());
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { stage, url };
}

/** What the manual tells a back end to send, at the meeting's own name. */
function askAsBackEnd({ url, front: { port, ca } }: Stage, room: string): Promise<string> {
  const { hostname } = new URL(url);
  const headers = {
    host: hostname,
    'content-type': 'application/x-www-form-urlencoded',
    ...basic('crm', CRM_SECRET),
  };
  return new Promise((done, failed) => {
    const to = { hostname: '127.0.0.1', port, ca, servername: hostname, path: '/_ostiary/token' };
    const asking = request({ ...to, method: 'POST', headers }, async (answer) => {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      if (answer.statusCode === 200) done(text);
      else failed(new Error(text));
    });
    asking.on('error', failed);
    asking.end(String(new URLSearchParams({ ...SOMEBODY, role: 'host', room })));
  });
}

async function opened({ stage }: App, address: string): Promise<Page> {
  const page = await (await stage.visitor()).newPage();
  await page.goto(address);
  return page;
}

/** What an example says that the page has loaded before. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'external_api.js': '<script src="https://meet.example.org/external_api.js"></script>',
  'lib-jitsi-meet': '<script src="https://meet.example.org/libs/lib-jitsi-meet.min.js"></script>',
};

const DOORS = ['gateway', 'token-service'] as const;

for (const door of DOORS)
  for (const [what, name, frame] of [
    ['of our own package', 'joinMeeting', '#meeting iframe'],
    ['of the page of our own package', "the package's own page", '#meeting iframe'],
    ['of Jitsi’s external_api.js', 'external_api.js', '#meeting iframe'],
    ['of Jitsi’s component for React', 'react-sdk', '#root iframe'],
  ] as const)
    test(`${door}: the manual’s example ${what} has a meeting in the page, as who the application said`, async (t) => {
      const app = await startApp(
        t,
        { text: example(name), drawn: name === 'react-sdk', before: SCRIPTS[name] },
        { door },
      );
      const page = await opened(app, `${app.url}/customer`);
      const inside = page.frameLocator(frame);
      await inside.locator('body[data-status=joined]').waitFor();
      assert.equal(await inside.locator('#name').textContent(), SOMEBODY.subject_name);
      assert.equal(await inside.locator('#role').textContent(), 'moderator');
      const box = await page.locator(frame).boundingBox();
      if (name === 'react-sdk' || name === 'external_api.js')
        assert.ok((box?.height ?? 0) > 400, 'a meeting needs a height');
    });

test('gateway: the manual’s example of lib-jitsi-meet comes into a room of a real Prosody by its ticket', async (t) => {
  const prosody = await startMeetings();
  t.after(() => prosody.stop());
  const app = await startApp(
    t,
    { text: example('lib-jitsi-meet'), before: SCRIPTS['lib-jitsi-meet'] },
    {
      door: 'gateway',
      xmpp: prosody,
      config: { open: { assets: true }, tokens: { appId: APP_ID, secret: SECRET } },
    },
  );
  const page = await opened(app, `${app.stage.url}/customer`);
  await page.waitForSelector('body[data-shown]', { state: 'attached' });
  assert.ok(app.stage.lines.some((line) => line.includes('"event":"audit.entered"')));
});

test('token service: the manual’s example of lib-jitsi-meet comes in by Jitsi’s own token, from a page of any host', async (t) => {
  const app = await startApp(
    t,
    { text: example('lib-jitsi-meet'), before: SCRIPTS['lib-jitsi-meet'] },
    { door: 'token-service' },
  );
  const page = await opened(app, `${app.url}/customer`);
  await page.waitForSelector('body[data-shown]', { state: 'attached' });
});

test('the manual’s example of lib-jitsi-meet says so where its token does not hold', async (t) => {
  const app = await startApp(
    t,
    { text: example('lib-jitsi-meet'), before: SCRIPTS['lib-jitsi-meet'], token: 'none' },
    { door: 'token-service' },
  );
  const page = await opened(app, `${app.url}/customer`);
  await page.waitForSelector('body[data-explained]', { state: 'attached' });
  assert.match((await page.getAttribute('body', 'data-explained')) ?? '', /connection\.passwordRequired/);
});
