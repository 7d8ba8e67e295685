/** The demo lets a newcomer try what other applications do: a meeting in a page, a link, a page of their own. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { type Demo, startDemo } from '../../demo/demo.ts';
import { BLOCKS } from '../house/manual.ts';
import { basic, SOMEBODY } from '../support/apps.ts';
import { launchChromium } from '../support/chromium.ts';
import { freePort } from '../support/http-server.ts';
import { openTerminal } from '../support/terminal.ts';
import { meetingStatus, signInAs } from './stage.ts';

let browser: Browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser.close());

const DOORS = ['gateway', 'token-service'] as const;

async function started(
  t: TestContext,
  door: (typeof DOORS)[number],
  settings?: { readonly text: string; readonly name: string; readonly folder: string },
): Promise<Demo> {
  const demo = await startDemo({ port: 0, door, env: {}, logLevel: 'silent', ...(settings && { settings }) });
  t.after(() => demo.close());
  return demo;
}

const askFor = (demo: Demo, secret: string) =>
  fetch(`${demo.url}/_ostiary/token`, {
    method: 'POST',
    headers: basic(demo.app.name, secret),
    body: new URLSearchParams(SOMEBODY),
  });

for (const door of DOORS)
  test(`${door}: the demo’s application gets a token for somebody by its secret, which is another one at each start`, async (t) => {
    const [demo, other] = [await started(t, door), await started(t, door)];
    assert.notEqual(demo.app.secret, other.app.secret);
    assert.equal((await askFor(demo, demo.app.secret)).status, 200);
    assert.equal((await askFor(demo, other.app.secret)).status, 401);
  });

test('gateway: the demo’s link leads into its room as who it names, and pages of the application may frame theirs', async (t) => {
  const demo = await started(t, 'gateway');
  const page = await (await browser.newContext()).newPage();
  await page.goto(demo.link ?? assert.fail('there is a link'));
  assert.equal(await meetingStatus(page), 'joined');
  assert.equal(await page.textContent('#name'), 'Dorothy Vaughan');
  assert.equal(await page.textContent('#role'), 'moderator');
  const { access_token: ticket } = (await (await askFor(demo, demo.app.secret)).json()) as {
    access_token: string;
  };
  const framed = await page.goto(`${demo.url}/crm-7?jwt=${ticket}`);
  const policy = (await framed?.allHeaders())?.['content-security-policy'] ?? '';
  for (const origin of demo.app.origins) assert.ok(policy.includes(origin), policy);
});

for (const [what, pages, found] of [
  ['a file', { errorFile: 'error.html' }, '#happened'],
  ['a page of the stand-in', { errorPage: '/static/not-today.html' }, '#problem'],
] as const)
  for (const door of DOORS)
    test(`${door}: ${what} as error page is shown in the demo to whom its rules turn away`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'ostiary-demo-with-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const example = BLOCKS.find(({ mark }) => mark === 'example: error page')?.text ?? '';
      writeFileSync(join(folder, 'error.html'), example);
      const demo = await started(t, door, { text: JSON.stringify({ pages }), name: 'my.yaml', folder });
      const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
      await page.goto(`${demo.url}/${demo.room}`);
      const mallory = demo.users.find(({ role }) => role === null) ?? assert.fail();
      await signInAs(page, mallory);
      await page.waitForURL(/error-page|not-today/);
      assert.match((await page.textContent(found)) ?? '', /does not open this room|entry\.refused/);
    });

test('settings over those of the demo are held against the same rules, and told by their own line', async (t) => {
  const terminal = openTerminal(t);
  const file = join(terminal.folder, 'my.yaml');
  writeFileSync(
    file,
    'pages:\n  errorFil: error.html\napps:\n  - name: crm\n    secret: short\n    rooms: [a]\n',
  );
  const { code, err } = await terminal.run('demo', '--with', file);
  assert.equal(code, 1);
  assert.match(err, /my\.yaml:2: pages\.errorFil is no setting\. Did you mean "errorFile"\?/);
  assert.match(err, /my\.yaml:5: apps\[0\]\.secret is shorter/);
  assert.match(
    (await terminal.run('demo', '--with', 'nowhere.yaml')).err,
    /^nowhere\.yaml cannot be read \(ENOENT\)/,
  );
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  test(`npm run demo ends with npm, by ${signal} too, and leaves its port free`, async (t) => {
    const npm = spawn('npm', ['run', '--silent', 'demo', '--', '--json'], {
      cwd: fileURLToPath(new URL('../../', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(npm.stdout, 'data');
    const { pid, url } = JSON.parse(String(line));
    const end = (...whose: readonly (number | undefined)[]) => {
      for (const one of whose)
        try {
          process.kill(one ?? assert.fail(), 'SIGKILL');
        } catch (thrown) {
          assert.equal((thrown as NodeJS.ErrnoException).code, 'ESRCH');
        }
    };
    t.after(() => end(npm.pid, pid));
    // Whoever holds its standard output is still there.
    const closed = once(npm, 'close');
    npm.kill(signal);
    await closed;
    await assert.rejects(fetch(url), (fault: Error) => /ECONNREFUSED/.test(String(fault.cause)));
  });

for (const door of DOORS)
  test(`${door}: the doctor knows the demo for what it is, and still tells what is wrong with it`, async (t) => {
    const { configFile } = await started(t, door);
    const terminal = openTerminal(t);
    terminal.clock.advance((Date.now() - terminal.clock.now()) / 1000);
    const look = async () => {
      const { code, out } = await terminal.run('doctor', '--json', '--config', configFile);
      const checks: readonly { name: string; light: string; says: string }[] = JSON.parse(out).checks;
      return { code, of: (name: string) => checks.find((one) => one.name === name), checks };
    };
    const { code, of, checks } = await look();
    assert.deepEqual(
      checks.filter(({ light }) => light === 'red' || light === 'yellow'),
      [],
    );
    assert.equal(code, 0);
    assert.equal(of('keys')?.light, 'green');
    assert.match(of('websocket')?.says ?? '', /^This is the demo/);
    const settings = JSON.parse(readFileSync(configFile, 'utf8'));
    settings.listen.inner.port = await freePort();
    writeFileSync(configFile, JSON.stringify(settings));
    const broken = await look();
    assert.equal(broken.code, 1);
    assert.equal(broken.of('keys')?.light, 'red');
  });

test('what the demo’s log is to tell, and where the example finds its meetings, is asked for in words', async (t) => {
  const { code, err } = await openTerminal(t).run('demo', '--log', 'loud');
  assert.deepEqual([code, err], [1, 'loud is no level of the log.\nGive warn, info, debug.']);
  const example = fileURLToPath(new URL('../../examples/embed/server.ts', import.meta.url));
  for (const MEETINGS of ['', 'meet.example.org', 'https://']) {
    const env = { ...process.env, APP_SECRET: 'x', MEETINGS };
    const { status, stderr } = spawnSync(process.execPath, [example], { env, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /^APP_SECRET and MEETINGS \(as https:.*\n$/);
  }
});
