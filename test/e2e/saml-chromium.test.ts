/** A person's way by SAML in a real browser, with a real identity provider: from a portal, by forms alone, and out again. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { fixedClock } from '../../src/base/clock.ts';
import { launchChromium } from '../support/chromium.ts';
import { makeAuthority } from '../support/http-authority.ts';
import { privateDirectory } from '../support/real/program.ts';
import { type SimpleSamlPhp, startSimpleSamlPhp } from '../support/real/simplesamlphp.ts';
import { ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';

const ENTITY = `${ORIGIN}${PREFIX}/saml/metadata`;
const TIMEOUT = { timeout: 60_000 };

let idp: SimpleSamlPhp;
let stage: Stage;
let browser: Browser;
let dir: string;

/** The same identity provider, as if it took nothing but forms. */
function formsAlone(metadata: string): string {
  return metadata.replace(/<md:Single\w+Service [^>]*HTTP-Redirect[^>]*\/>/g, '');
}

before(async () => {
  dir = await privateDirectory('saml-chromium');
  idp = await startSimpleSamlPhp();
  const files = { certFile: join(dir, 'site.crt'), keyFile: join(dir, 'site.key') };
  const { key, cert } = makeAuthority(dir).issue(['meet.example.org']);
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key, { mode: 0o600 });
  const metadataFile = join(dir, 'idp.xml');
  writeFileSync(metadataFile, await (await fetch(idp.metadataUrl)).text());
  const forms = join(dir, 'forms.xml');
  writeFileSync(forms, formsAlone(await (await fetch(idp.metadataUrl)).text()));
  const old = { legacy: [{ algorithm: 'cbc', until: '2999-01-01' }] };
  stage = await startStage({
    asConfigured: true,
    clock: fixedClock(Date.now()),
    config: {
      insecureHttp: true,
      listen: { public: { port: 0, tls: files }, inner: { port: 0 } },
      saml: { allowUnsolicited: [idp.entityId] },
      providers: [
        { id: 'uni', name: 'University', kind: 'saml', saml: { ...old, metadataFile } },
        { id: 'forms', name: 'Forms alone', kind: 'saml', saml: { ...old, metadataFile: forms } },
      ],
    },
  });
  const metadata = (await stage.parts.saml?.metadata()) ?? '';
  const [, certData = ''] = /<ds:X509Certificate>([^<]+)</.exec(metadata) ?? [];
  idp.know(ENTITY, {
    AssertionConsumerService: `${ORIGIN}${PREFIX}/saml/acs`,
    SingleLogoutService: `${ORIGIN}${PREFIX}/saml/slo`,
    NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'simplesaml.nameidattribute': 'uid',
    certData,
  });
  browser = await launchChromium([
    `--host-resolver-rules=MAP meet.example.org 127.0.0.1:${stage.ports.public}`,
    '--ignore-certificate-errors',
  ]);
});
after(async () => {
  await browser?.close();
  await stage?.close();
  await idp?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** What the browser did not allow, in its own words. */
async function open(): Promise<{ readonly page: Page; readonly refused: string[] }> {
  const page = await (await browser.newContext()).newPage();
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Refused/.test(message.text())) refused.push(message.text());
  });
  return { page, refused };
}

async function typePassword(page: Page, who: string): Promise<void> {
  await page.fill('input[name=username]', who);
  await page.fill('input[name=password]', `${who}-pw`);
  await page.locator('input[name=password]').press('Enter');
}

const heading = (page: Page) => page.locator('h1').innerText();
const at = (path: string) => `${ORIGIN}${PREFIX}${path}`;

/** From the button of this provider to the page that says who is signed in. */
async function signIn(page: Page, provider: string, who: string): Promise<void> {
  await page.goto(at('/sign-in?auto=0'));
  await page.getByRole('button', { name: provider }).click();
  await typePassword(page, who);
  await page.waitForURL(at('/session'));
  assert.match(await heading(page), /Ada Lövelace|Bob/);
}

test(
  'from a portal somebody is asked whether it is they, and signed in by the button alone',
  TIMEOUT,
  async () => {
    const { page, refused } = await open();
    await page.goto(`${idp.url}saml2/idp/SSOService.php?spentityid=${encodeURIComponent(ENTITY)}`);
    await typePassword(page, 'ada');
    await page.waitForURL(at('/saml/finish?m=*'));
    assert.equal(await heading(page), 'Is this you?');
    const elsewhere = await page.context().newPage();
    await elsewhere.goto(at('/session'));
    assert.match(elsewhere.url(), /\/sign-in/, 'nobody is signed in yet');
    await page.getByRole('button', { name: 'Ada Lövelace' }).click();
    await page.waitForURL(at('/session'));
    assert.match(await heading(page), /Ada Lövelace/);
    assert.deepEqual(refused, []);
  },
);

test(
  'who signs out here is signed out at the identity provider, and comes back to a page of ours',
  TIMEOUT,
  async () => {
    const { page, refused } = await open();
    await signIn(page, 'University', 'ada');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(at('/signed-out'));
    assert.equal(await heading(page), 'You are signed out');
    await page.goto(at('/sign-in?auto=0'));
    await page.getByRole('button', { name: 'University' }).click();
    await page.locator('input[name=password]').waitFor();
    assert.deepEqual(refused, []);
  },
);

test('who signs out at the identity provider is signed out here', TIMEOUT, async () => {
  const { page, refused } = await open();
  await signIn(page, 'University', 'bob');
  const back = encodeURIComponent(at('/session'));
  await page.goto(`${idp.url}saml2/idp/SingleLogoutService.php?ReturnTo=${back}`);
  await page.waitForURL(at('/sign-in?auto=0'));
  assert.deepEqual(refused, []);
});

test(
  'an identity provider that takes forms alone is asked, and told of the end, by forms that send themselves',
  TIMEOUT,
  async () => {
    const { page, refused } = await open();
    await signIn(page, 'Forms alone', 'ada');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(at('/signed-out*'));
    assert.equal(await heading(page), 'You are signed out');
    assert.deepEqual(refused, []);
  },
);
