/** The word of a real proxy in front, as the manual sets it up, the whole way into the meeting. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { foldName } from '../../src/base/header-name.ts';
import { BLOCKS } from '../house/manual.ts';
import { type Authority, makeAuthority } from '../support/http-authority.ts';
import { freePort } from '../support/http-server.ts';
import { type Op, startOp } from '../support/op.ts';
import { type Front, startApache, startShibbolethFront } from '../support/real/apache-front.ts';
import { startCertificateFront } from '../support/real/certificate-front.ts';
import { privateDirectory } from '../support/real/program.ts';
import { type SimpleSamlPhp, startSimpleSamlPhp } from '../support/real/simplesamlphp.ts';
import { makeKeyPair } from '../support/saml-idp.ts';
import { meetingStatus, type Stage, startStage } from './stage.ts';

const SECRET = 'the secret between the proxy and us, 43 letters';

/** The lines of the manual, for this stage. */
function manual(mark: string, stage: Stage): string {
  const lines = BLOCKS.find((block) => block.mark === `front: ${mark}`)?.text ?? '';
  assert.match(lines, /THE-SECRET/, mark);
  return lines.replaceAll('THE-SECRET', SECRET).replaceAll('http://127.0.0.1:8080', stage.address);
}

function stageBehind(
  behind: string,
  header: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Stage> {
  return startStage({
    tls: false,
    door: 'gateway',
    behind,
    env: { SECRET },
    providers: [
      {
        id: 'uni',
        kind: 'header',
        name: 'University',
        header: { from: ['127.0.0.1'], secret: { env: 'SECRET' }, ...header },
        ...more,
      },
    ],
    config: {
      rules: [
        { name: 'staff', when: { groups: ['staff', 'staff@example.org'] }, then: 'host' },
        { name: 'others', when: {}, then: 'participant' },
      ],
    },
  });
}

/** Opens the room and presses the proxy's button. */
async function choose(page: Page, stage: Stage): Promise<void> {
  await page.goto(`${stage.url}/Standup`);
  await page.click('button[name=provider][value=uni]');
}

/** Who the meeting says is there. */
async function inMeeting(page: Page, stage: Stage, front: Front) {
  const status = await meetingStatus(page).catch((cause: unknown) =>
    assert.fail(`${page.url()}\n${cause}\n${stage.lines.slice(-5).join('\n')}\n${front.log()}`),
  );
  return [status, await page.textContent('#name'), await page.textContent('#role')];
}

/** No header of the proxy's arrives at Jitsi. */
function jitsiHeardNothing({ upstream }: Stage): void {
  const heard = upstream.asked.flatMap(({ headers }) => headers.filter((_, at) => at % 2 === 0));
  assert.ok(heard.length > 0);
  const telling = heard.filter((name) =>
    /^(?:shib-|remote-|oidc-|eppn|mail|displayname|affiliation|x-ostiary|x-ssl-client)/.test(foldName(name)),
  );
  assert.deepEqual(telling, []);
  const values = upstream.asked.flatMap(({ headers }) => headers.filter((_, at) => at % 2 === 1));
  assert.ok(!values.some((value) => value.includes(SECRET)));
}

/** Past the proxy, by the name of the site. */
function askDirectly(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((done, failed) => {
    const asking = request(url, { headers, setHost: false, timeout: 10_000 }, (answer) => {
      answer.resume();
      done(answer.statusCode ?? 0);
    });
    asking.on('error', failed);
    asking.end();
  });
}

const origin = async (scheme = 'http') => `${scheme}://localhost:${await freePort()}`;

for (const preset of ['mod-shib', 'mod-shib-env'])
  describe(`Apache with mod_shib, ${preset}`, () => {
    let idp: SimpleSamlPhp;
    let stage: Stage;
    let front: Front;
    before(async () => {
      idp = await startSimpleSamlPhp();
      const behind = await origin();
      const key = await makeKeyPair('sp');
      stage = await stageBehind(behind, { preset });
      const metadata = await (await fetch(idp.metadataUrl)).text();
      front = await startShibbolethFront({
        origin: behind,
        key,
        idp: { entityId: idp.entityId, metadata },
        lines: manual(preset, stage),
      });
      idp.know(`${behind}/shibboleth`, {
        AssertionConsumerService: `${behind}/Shibboleth.sso/SAML2/POST`,
        NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
        certData: key.certificate.replace(/-----[A-Z ]+-----|\s/g, ''),
        'assertion.encryption': true,
        authproc: { 90: { class: 'core:AttributeMap', 0: 'name2oid' } },
      });
    });
    after(async () => {
      await front?.stop();
      await stage?.close();
      await idp?.stop();
    });

    test('somebody signs in at their identity provider and is in the meeting under their own name, as moderator', async () => {
      // What a caller writes is not what the proxy says.
      const own = preset === 'mod-shib-env' ? { 'X-Ostiary-Id': 'eve', 'X-Ostiary-Groups': 'none' } : {};
      const page = await (await stage.visitor({ extraHTTPHeaders: own })).newPage();
      await choose(page, stage);
      await page.fill('input[name=username]', 'ada');
      await page.fill('input[name=password]', 'ada-pw');
      await page.press('input[name=password]', 'Enter');
      assert.deepEqual(await inMeeting(page, stage, front), ['joined', 'Ada Lövelace', 'moderator']);
      const [session] = await stage.parts.sessions.list();
      assert.equal(session?.person.id, 'uni#ada@example.org');
      assert.deepEqual(session?.person.groups, ['member@example.org', 'staff@example.org']);
      jitsiHeardNothing(stage);
    });

    test('whoever goes past the proxy is believed nothing', async () => {
      const lines = stage.lines.length;
      const visitor = await stage.visitor();
      const page = await visitor.newPage();
      await page.goto(`${stage.url}/Other`);
      // The guarded address is asked of us directly, with the cookies of an honest beginning.
      const guarded = page.waitForRequest(/\/_ostiary\/header\/uni\?/);
      await page.click('button[name=provider][value=uni]');
      const { pathname, search } = new URL((await guarded).url());
      const cookies = (await visitor.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
      const status = await askDirectly(`${stage.address}${pathname}${search}`, {
        host: new URL(stage.url).host,
        cookie: cookies,
        eppn: 'eve@example.org',
        'x-ostiary-id': 'eve',
      });
      assert.equal(status, 403);
      assert.match(stage.lines.slice(lines).join(''), /header\.not-believed/);
      assert.doesNotMatch(stage.lines.slice(lines).join(''), /"event":"signed-in"/);
    });
  });

describe('Apache with mod_auth_openidc', () => {
  let op: Op;
  let stage: Stage;
  let front: Front;
  before(async () => {
    const behind = await origin();
    op = await startOp({
      redirectUris: [`${behind}/oidc-redirect`],
      client: { token_endpoint_auth_method: 'client_secret_post' },
    });
    stage = await stageBehind(behind, { preset: 'mod-auth-openidc' });
    front = await startApache({
      origin: behind,
      module: {
        package: 'libapache2-mod-auth-openidc',
        name: 'auth_openidc_module',
        file: 'mod_auth_openidc.so',
      },
      ready: '/_ostiary/health',
      lines: `OIDCProviderMetadataURL ${op.issuer}/.well-known/openid-configuration
OIDCClientID ${op.clientId}
OIDCClientSecret "${op.clientSecret.reveal()}"
OIDCProviderTokenEndpointAuth client_secret_post
OIDCCryptoPassphrase only-for-tests
OIDCScope "openid email profile groups"
OIDCPKCEMethod S256
OIDCCookieSameSite On
${manual('mod-auth-openidc', stage)}`,
    });
  });
  after(async () => {
    await front?.stop();
    await stage?.close();
    await op?.close();
  });

  test('somebody signs in at the certified provider and is in the meeting under their own name, as moderator', async () => {
    const page = await (await stage.visitor()).newPage();
    await choose(page, stage);
    await page.fill('input[name=login]', 'ada');
    await page.fill('input[name=password]', 'ada-pw');
    await page.locator('form').evaluate((form) => (form as unknown as { submit(): void }).submit());
    assert.deepEqual(await inMeeting(page, stage, front), ['joined', 'Ada Lövelace', 'moderator']);
    const [session] = await stage.parts.sessions.list();
    assert.deepEqual(
      { ...session?.person, groups: [...(session?.person.groups ?? [])] },
      {
        id: 'uni#ada',
        provider: 'uni',
        name: 'Ada Lövelace',
        email: 'ada@example.org',
        emailVerified: true,
        groups: ['staff', 'editors'],
      },
    );
    jitsiHeardNothing(stage);
  });
});

describe('nginx with client certificates', () => {
  let dir: string;
  let authority: Authority;
  let stage: Stage;
  let front: Front;
  before(async () => {
    dir = await privateDirectory('people');
    authority = makeAuthority(dir);
    const behind = await origin('https');
    stage = await stageBehind(behind, { preset: 'client-certificate' }, { subject: ['email'] });
    const lines = manual('client-certificate', stage).replace('/etc/ostiary/people-ca.pem', authority.caFile);
    front = await startCertificateFront({ origin: behind, shows: authority.issue(['localhost']), lines });
  });
  after(async () => {
    await front?.stop();
    await stage?.close();
    await rm(dir, { recursive: true, force: true });
  });

  test('somebody with a certificate is in the meeting at the press of a button', async () => {
    const { key, cert } = authority.certify({
      name: 'Ada Lövelace',
      unit: 'staff',
      email: 'ada@example.org',
    });
    const [keyPath, certPath] = [join(dir, 'ada.key'), join(dir, 'ada.pem')];
    writeFileSync(keyPath, key);
    writeFileSync(certPath, cert);
    const visitor = await stage.visitor({
      ignoreHTTPSErrors: true,
      clientCertificates: [{ origin: stage.url, certPath, keyPath }],
    });
    const page = await visitor.newPage();
    await choose(page, stage);
    assert.deepEqual(await inMeeting(page, stage, front), ['joined', 'Ada Lövelace', 'moderator']);
    const [session] = await stage.parts.sessions.list();
    assert.equal(session?.person.id, 'uni#ada@example.org');
    jitsiHeardNothing(stage);
  });

  test('somebody without one is told, whatever they claim, and finds the other buttons', async () => {
    const { cert } = authority.certify({ name: 'Ada', unit: 'staff', email: 'ada@example.org' });
    const claimed = {
      'X-SSL-Client-Verify': 'SUCCESS',
      'X-SSL-Client-Cert': encodeURIComponent(cert),
      'X-Ostiary-Secret': SECRET,
    };
    const visitor = await stage.visitor({ ignoreHTTPSErrors: true, extraHTTPHeaders: claimed });
    const page = await visitor.newPage();
    await choose(page, stage);
    await page.waitForSelector('.reference');
    assert.match(stage.lines.join('\n'), /"code":"provider.id-missing"/);
    await page.click('a.primary');
    await page.waitForSelector('button[value=example]');
  });
});
