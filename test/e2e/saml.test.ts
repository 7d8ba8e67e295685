/** Signing in by SAML, at a real identity provider: SimpleSAMLphp. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { readAttributeMap } from '../../src/identity/attribute-map.ts';
import { type Browser, formsOn, openBrowser } from '../support/browser.ts';
import { needCommand } from '../support/real/need.ts';
import { privateDirectory } from '../support/real/program.ts';
import { type SimpleSamlPhp, startSimpleSamlPhp } from '../support/real/simplesamlphp.ts';
import { type Answer, ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const ENTITY = `${ORIGIN}${PREFIX}/saml/metadata`;
const ACS = `${PREFIX}/saml/acs`;

let idp: SimpleSamlPhp;
let stage: Stage;
let dir: string;

before(async () => {
  dir = await privateDirectory('saml-test');
  idp = await startSimpleSamlPhp();
  stage = await startStage({
    asConfigured: true,
    clock: fixedClock(Date.now()),
    config: {
      insecureHttp: true,
      saml: { allowUnsolicited: [idp.entityId] },
      providers: [
        {
          id: 'uni',
          name: 'University',
          kind: 'saml',
          groups: { claim: 'eduPersonScopedAffiliation' },
          saml: {
            metadataUrl: idp.metadataUrl,
            signed: 'both',
            legacy: [{ algorithm: 'cbc', until: '2999-01-01' }],
          },
        },
      ],
    },
  });
  const metadata = await stage.ask(`${PREFIX}/saml/metadata`);
  const [, certData = ''] = /<ds:X509Certificate>([^<]+)</.exec(metadata.text) ?? [];
  idp.know(ENTITY, {
    AssertionConsumerService: `${ORIGIN}${ACS}`,
    SingleLogoutService: `${ORIGIN}${PREFIX}/saml/slo`,
    NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'simplesaml.nameidattribute': 'uid',
    certData,
  });
});
after(async () => {
  await stage?.close();
  await idp?.stop();
  if (dir !== undefined) await rm(dir, { recursive: true });
});

/** A browser that stands still where it would come to us: what we are asked is asked by a visitor. */
const OURS = { stop: ({ origin, pathname }: URL) => origin === ORIGIN || pathname === '/done' };

/** From the button to the form that the identity provider has the browser post to us. */
async function fetchAnswer(visitor: Visitor, who: string, browser: Browser = openBrowser(OURS)) {
  const away = await visitor.leave('/standup', 'uni');
  const signIn = await browser.visit(away.location);
  const [form] = formsOn(signIn);
  assert.ok(form, `${signIn.text}\n${idp.log()}`);
  const page = await browser.submit(form, { username: who, password: `${who}-pw` });
  const answer = formsOn(page).find(({ fields }) => 'SAMLResponse' in fields);
  assert.ok(answer, `${page.text}\n${idp.log()}`);
  return answer;
}

/** As a browser does it: no cookie of ours comes along from another site. */
function post(fields: Readonly<Record<string, string>>): Promise<Answer> {
  return stage.ask(ACS, {
    method: 'POST',
    headers: {
      origin: new URL(idp.url).origin,
      'sec-fetch-site': 'cross-site',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: String(new URLSearchParams(fields)),
  });
}

test('somebody signs in at a real identity provider and is on their way into the room', async () => {
  const visitor = stage.visitor();
  const { action, fields } = await fetchAnswer(visitor, 'ada');
  assert.equal(action, `${ORIGIN}${ACS}`);
  const kept = await post(fields);
  assert.deepEqual([kept.status, kept.cookies], [303, []]);
  const answer = await visitor.get(kept.headers.get('location') ?? '');
  assert.equal(answer.headers.get('location'), `${PREFIX}/join?to=%2Fstandup`, stage.lines.join(''));
  const [session] = await stage.parts.sessions.list();
  assert.deepEqual(
    { ...session?.person, authenticatedAt: undefined },
    {
      id: 'uni#ada',
      provider: 'uni',
      name: 'Ada Lövelace',
      email: 'ada@example.org',
      emailVerified: true,
      groups: ['member@example.org', 'staff@example.org'],
      acr: 'urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
      authenticatedAt: undefined,
    },
  );
  assert.ok(await visitor.isSignedIn());
});

test('somebody begins at the identity provider, says that it is they, and is on their way into the room', async () => {
  const browser = openBrowser();
  const at = new URL(`${idp.url}saml2/idp/SSOService.php`);
  at.searchParams.set('spentityid', ENTITY);
  at.searchParams.set('RelayState', `${ORIGIN}/standup`);
  const [form] = formsOn(await browser.visit(at.href));
  assert.ok(form, idp.log());
  const page = await browser.submit(form, { username: 'bob', password: 'bob-pw' });
  const { fields } = formsOn(page).find((one) => 'SAMLResponse' in one.fields) ?? {};
  assert.ok(fields, `${page.text}\n${idp.log()}`);
  const visitor = stage.visitor();
  const kept = await visitor.post(ACS, fields, {
    origin: new URL(idp.url).origin,
    'sec-fetch-site': 'cross-site',
  });
  const question = await visitor.get(kept.headers.get('location') ?? '');
  assert.match(question.text, /<bdi>Bob<\/bdi>/, stage.lines.join(''));
  const [, m = ''] = /name="m" value="([^"]+)"/.exec(question.text) ?? [];
  const answer = await visitor.post(`${PREFIX}/saml/accept`, { m });
  assert.equal(answer.headers.get('location'), `${PREFIX}/join?to=%2Fstandup`, stage.lines.join(''));
  assert.ok(await visitor.isSignedIn());
});

test('an encrypted assertion is read too, where its cipher is one the operator takes', async () => {
  const metadata = await stage.ask(`${PREFIX}/saml/metadata`);
  const [, certData = ''] = /<ds:X509Certificate>([^<]+)</.exec(metadata.text) ?? [];
  idp.know(ENTITY, {
    AssertionConsumerService: `${ORIGIN}${ACS}`,
    SingleLogoutService: `${ORIGIN}${PREFIX}/saml/slo`,
    NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    'simplesaml.nameidattribute': 'uid',
    'assertion.encryption': true,
    certData,
  });
  const visitor = stage.visitor();
  const { fields } = await fetchAnswer(visitor, 'bob');
  assert.match(Buffer.from(fields['SAMLResponse'] ?? '', 'base64').toString(), /aes128-cbc/);
  const kept = await post(fields);
  await visitor.get(kept.headers.get('location') ?? '');
  assert.ok(await visitor.isSignedIn(), stage.lines.join(''));
});

/** Signs in and gives the browser that is signed in at the identity provider too. */
async function signedIn(who: string) {
  const [visitor, browser] = [stage.visitor(), openBrowser(OURS)];
  const { fields } = await fetchAnswer(visitor, who, browser);
  await visitor.get((await post(fields)).headers.get('location') ?? '');
  assert.ok(await visitor.isSignedIn(), stage.lines.join(''));
  return { visitor, browser };
}

const pathOf = (url: string) => url.slice(ORIGIN.length).replace(/#.*$/, '');

test('who signs out here is signed out at a real identity provider, which says so', async () => {
  const { visitor, browser } = await signedIn('ada');
  const away = await visitor.post(`${PREFIX}/sign-out`, {});
  assert.equal(away.status, 303, away.text);
  const back = await browser.visit(away.headers.get('location') ?? '');
  assert.equal(back.status, 0, `${back.text}\n${idp.log()}`);
  const done = await stage.ask(pathOf(back.url));
  assert.deepEqual(
    [done.status, done.headers.get('location')],
    [302, `${PREFIX}/signed-out`],
    stage.lines.slice(-4).join(''),
  );
  // There is nobody there any more: it asks for a password again.
  const again = await visitor.leave('/standup', 'uni');
  const page = await browser.visit(again.location);
  assert.ok(
    formsOn(page).some(({ fields }) => 'password' in fields),
    page.text,
  );
});

test('who signs out at a real identity provider is signed out here, and it hears that it is done', async () => {
  const { visitor, browser } = await signedIn('bob');
  const elsewhere = await signedIn('bob');
  const done = `${idp.url}done`;
  const start = `${idp.url}saml2/idp/SingleLogoutService.php?ReturnTo=${encodeURIComponent(done)}`;
  const asked = await browser.visit(start);
  assert.equal(asked.status, 0, `${asked.text}\n${idp.log()}`);
  const answer = await stage.ask(pathOf(asked.url));
  assert.equal(answer.status, 302, stage.lines.slice(-4).join(''));
  assert.deepEqual(
    [await visitor.isSignedIn(), await elsewhere.visitor.isSignedIn()],
    [false, true],
    'this sign-in alone',
  );
  const end = await browser.visit(answer.headers.get('location') ?? '');
  assert.equal(end.url.replace(/#$/, ''), done, `${end.text}\n${idp.log()}`);
});

test('our metadata is XML that PHP reads too, and holds no private key', async () => {
  const { text, headers } = await stage.ask(`${PREFIX}/saml/metadata`);
  assert.match(headers.get('content-type') ?? '', /^application\/samlmetadata\+xml/);
  assert.doesNotMatch(text, /PRIVATE/);
  const file = join(dir, 'sp.xml');
  writeFileSync(file, text);
  assert.equal(
    spawnSync(needCommand('php', 'php-cli'), [
      '-r',
      '$d = new DOMDocument; exit($d->load($argv[1]) ? 0 : 1);',
      file,
    ]).status,
    0,
  );
});

test('the attribute map that mod_shib ships is read, and what is not understood of it is named', async () => {
  const { attributes, ignored } = await readAttributeMap('/etc/shibboleth/attribute-map.xml');
  const idOf = (name: string) => attributes.find((one) => one.name === name);
  assert.deepEqual(idOf('urn:oid:1.3.6.1.4.1.5923.1.1.1.6'), {
    name: 'urn:oid:1.3.6.1.4.1.5923.1.1.1.6',
    id: 'eppn',
    scoped: true,
  });
  assert.equal(idOf('urn:oid:1.3.6.1.4.1.5923.1.1.1.7')?.id, 'entitlement');
  assert.ok(ignored.includes('persistent-id'));
});
