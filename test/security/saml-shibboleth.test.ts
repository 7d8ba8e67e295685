/** In place of a mod_shib: its addresses, its entity id, its keys, and nothing else of its paths. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { fixedClock } from '../../src/base/clock.ts';
import { isProblem } from '../../src/base/problem.ts';
import { readSignedQuery } from '../../src/identity/saml/redirect-binding.ts';
import { createCertifiedKeyFiles } from '../../src/keys/certified-keys.ts';
import {
  ACS,
  audience,
  conditions,
  confirmed,
  encryptedFor,
  idpMetadata,
  type KeyPair,
  makeKeyPair,
  NOW,
  REQUEST,
  responseXml,
  type Said,
  signedResponse,
} from '../support/saml-idp.ts';
import { type Answer, ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';

const ENTITY = 'https://meet.example.org/shibboleth';
const OLD = `${ORIGIN}/Shibboleth.sso/SAML2/POST`;

let stage: Stage;
let plain: Stage;
let gateway: Stage;
let idp: KeyPair;
let signing: KeyPair;
let encryption: KeyPair;
let dir: string;

const bare = (pem: string) => pem.replace(/-----[A-Z ]+-----|\s/g, '');

before(async () => {
  [idp, signing, encryption] = await Promise.all([
    makeKeyPair('idp'),
    makeKeyPair('sign'),
    makeKeyPair('encrypt'),
  ]);
  dir = mkdtempSync(join(tmpdir(), 'ostiary-saml-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const pair = (name: string, { key, certificate }: KeyPair, use: string) => ({
    keyFile: write(`${name}-key.pem`, key),
    certFile: write(`${name}-cert.pem`, certificate),
    use,
  });
  const providers = [
    {
      id: 'uni',
      kind: 'saml',
      saml: { metadataFile: write('idp.xml', idpMetadata([idp], '', undefined, { logout: ['redirect'] })) },
    },
  ];
  const saml = {
    entityId: ENTITY,
    shibbolethPaths: true,
    keys: [pair('sp-encrypt', encryption, 'encryption'), pair('sp-signing', signing, 'signing')],
  };
  const clock = fixedClock(NOW * 1000);
  stage = await startStage({ asConfigured: true, clock, config: { providers, saml } });
  plain = await startStage({ asConfigured: true, clock, config: { providers } });
  gateway = await startStage({
    asConfigured: true,
    clock,
    config: { providers, saml, insecureHttp: true, upstream: { url: 'http://127.0.0.1:9' } },
  });
});
after(async () => {
  for (const one of [stage, plain, gateway]) await one?.close();
  rmSync(dir, { recursive: true });
});

const to = (address: string): Said => ({
  response: `${responseXml('').replace(ACS, address).split('>')[0]}>`,
  confirmation: confirmed({ to: `Recipient="${address}"` }),
  conditions: conditions(audience(ENTITY)),
});

function post(path: string, xml: string, relayState: string): Promise<Answer> {
  return stage.ask(path, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://idp.example.org',
      'sec-fetch-site': 'cross-site',
    },
    body: String(
      new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: relayState }),
    ),
  });
}

/** Asks for a sign-in: the request, and what has to come back with it. */
async function ask() {
  const visitor = stage.visitor();
  const { location } = await visitor.leave('/standup', 'uni');
  const query = new URL(location).searchParams;
  const request = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
  const [, asked = ''] = / ID="([^"]+)"/.exec(request) ?? [];
  return { visitor, request, asked, relayState: query.get('RelayState') ?? '' };
}

test('requests and metadata name the addresses, the entity id and the keys that the federation knows', async () => {
  const { request } = await ask();
  assert.match(request, new RegExp(`AssertionConsumerServiceURL="${OLD}"`));
  assert.match(request, new RegExp(`<saml:Issuer>${ENTITY}</saml:Issuer>`));
  const metadata = await stage.ask('/Shibboleth.sso/Metadata');
  assert.deepEqual(
    [metadata.status, metadata.text],
    [200, (await stage.ask(`${PREFIX}/saml/metadata`)).text],
  );
  assert.ok(metadata.text.includes(`entityID="${ENTITY}"`));
  for (const place of ['SAML2/POST', 'SLO/Redirect', 'SLO/POST'])
    assert.ok(metadata.text.includes(`Location="${ORIGIN}/Shibboleth.sso/${place}"`), place);
  const keys = [...metadata.text.matchAll(/KeyDescriptor use="(\w+)">.*?X509Certificate>([^<]+)</g)].map(
    ([, use, certificate]) => [use, certificate],
  );
  assert.deepEqual(keys, [
    ['signing', bare(signing.certificate)],
    ['encryption', bare(encryption.certificate)],
  ]);
});

test('a response to the old address signs in, clear or encrypted for the old key; one to the new address does not', async () => {
  for (const encrypted of [false, true]) {
    const { visitor, asked, relayState } = await ask();
    const clear = signedResponse(idp, to(OLD), 'assertion', { request: asked, id: `_old${encrypted}` });
    const xml = encrypted ? await encryptedFor(encryption, clear) : clear;
    const kept = await post('/Shibboleth.sso/SAML2/POST', xml, relayState);
    assert.equal(kept.status, 303, kept.text);
    assert.match(kept.headers.get('location') ?? '', /^\/_ostiary\/saml\/finish\?m=/);
    await visitor.get(kept.headers.get('location') ?? '');
    assert.ok(await visitor.isSignedIn(), stage.lines.slice(-3).join(''));
  }
  const { visitor, asked, relayState } = await ask();
  const xml = signedResponse(idp, to(ACS), 'assertion', { request: asked, id: '_new' });
  const kept = await post(`${PREFIX}/saml/acs`, xml, relayState);
  const answer = await visitor.get(kept.headers.get('location') ?? '');
  assert.deepEqual([answer.status, visitor.session()], [400, undefined]);
});

test('who signs out is led over the identity provider, which knows the old address of single logout', async () => {
  const { visitor, asked, relayState } = await ask();
  const xml = signedResponse(idp, to(OLD), 'assertion', { request: asked, id: '_out' });
  const kept = await post('/Shibboleth.sso/SAML2/POST', xml, relayState);
  await visitor.get(kept.headers.get('location') ?? '');
  const away = await visitor.post(`${PREFIX}/sign-out`, {});
  const read = readSignedQuery(new URL(away.headers.get('location') ?? '').search.slice(1));
  assert.ok('bytes' in read && read.bytes.toString().includes(`<saml:Issuer>${ENTITY}</saml:Issuer>`));
  for (const [path, method] of [
    ['/Shibboleth.sso/SLO/Redirect', 'GET'],
    ['/Shibboleth.sso/SLO/POST', 'POST'],
  ] as const) {
    const answer = await stage.ask(path, { method, ...(method === 'POST' && { body: '' }) });
    assert.equal(answer.status, 400, `${path} is there and refuses what is no message`);
  }
});

test('without the setting nothing of ours is outside our prefix, and with it nothing but four addresses', async () => {
  for (const path of ['Metadata', 'SAML2/POST', 'SLO/Redirect', 'SLO/POST'])
    assert.equal((await plain.ask(`/Shibboleth.sso/${path}`)).status, 404, path);
  for (const path of [
    '/Shibboleth.sso/Login',
    '/Shibboleth.sso/Session',
    '/Shibboleth.sso/Status',
    '/Shibboleth.sso/',
    '/Shibboleth.sso/metadata',
    '/Shibboleth.sso/Metadata/',
  ])
    assert.equal((await stage.ask(path)).status, 404, path);
  assert.equal((await stage.ask('/Shibboleth.sso/SAML2/POST')).status, 405);
});

test('in front of Jitsi they are ours as well, and go to no Jitsi', async () => {
  const { status, text } = await gateway.ask('/Shibboleth.sso/Metadata');
  assert.equal(status, 200);
  assert.ok(text.includes(`Location="${OLD}"`));
  const elsewhere = await gateway.ask('/Shibboleth.sso/Session');
  assert.ok(elsewhere.status >= 300 && !elsewhere.text.includes('EntityDescriptor'));
});

test('a key that is encrypted, of no kind, or of another certificate is refused by a word that says so', async () => {
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const certFile = file('c.pem', signing.certificate);
  const locked = createPrivateKey(signing.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
  for (const [keyFile, why] of [
    [file('locked.pem', locked), 'encrypted'],
    [certFile, 'no-private-key'],
    [file('broken.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'), 'not-a-key'],
    [file('other.pem', encryption.key), 'another-key'],
    [join(dir, 'none.pem'), 'ENOENT'],
  ] as const)
    await assert.rejects(
      createCertifiedKeyFiles([{ keyFile, certFile, use: 'both' }]).all(),
      (thrown) => isProblem(thrown, 'key.unusable') && thrown.facts['why'] === why,
      why,
    );
});

test('a request id of the old address is as good in one browser alone as any', async () => {
  const [mine, theirs] = [await ask(), await ask()];
  const xml = signedResponse(idp, to(OLD), 'assertion', { request: mine.asked, id: '_theirs' });
  const kept = await post('/Shibboleth.sso/SAML2/POST', xml.replaceAll(REQUEST, mine.asked), mine.relayState);
  const answer = await theirs.visitor.get(kept.headers.get('location') ?? '');
  assert.deepEqual([answer.status, theirs.visitor.session()], [400, undefined]);
});
