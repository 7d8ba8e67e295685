/** Attacks on the way of a SAML response through our addresses, on our requests, and on the metadata we believe. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { fixedClock } from '../../src/base/clock.ts';
import { randomToken, systemRandom } from '../../src/base/random.ts';
import { Secret } from '../../src/base/secret.ts';
import { certificatePem, judgeMetadata } from '../../src/identity/saml/metadata.ts';
import { requestId, requestStanding } from '../../src/identity/saml/request-id.ts';
import { verifiedText } from '../../src/identity/saml/signature.ts';
import {
  IDP,
  idpMetadata,
  type KeyPair,
  makeKeyPair,
  NOW,
  REQUEST,
  signedResponse,
  signedRoot,
  time,
} from '../support/saml-idp.ts';
import { type Answer, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

let stage: Stage;
let idp: KeyPair;
let next: KeyPair;
let dir: string;

const metadata = idpMetadata;

before(async () => {
  [idp, next] = await Promise.all([makeKeyPair('idp'), makeKeyPair('next')]);
  dir = mkdtempSync(join(tmpdir(), 'ostiary-saml-'));
  const file = join(dir, 'idp.xml');
  writeFileSync(file, metadata([idp]));
  stage = await startStage({
    asConfigured: true,
    clock: fixedClock(NOW * 1000),
    config: {
      providers: [{ id: 'uni', kind: 'saml', saml: { metadataFile: file } }],
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 },
    },
  });
});
after(async () => {
  await stage.close();
  rmSync(dir, { recursive: true });
});

/** Leaves for the identity provider: what it is asked, and what it would answer. */
async function leave(visitor: Visitor, id: { readonly value: number } = { value: 0 }) {
  const { location } = await visitor.leave('/standup', 'uni');
  const query = new URL(location).searchParams;
  const request = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
  const [, asked = ''] = / ID="([^"]+)"/.exec(request) ?? [];
  const xml = signedResponse(idp, {}, 'assertion', { request: asked, id: `_a${id.value}${asked}` });
  return { asked, xml, relayState: query.get('RelayState') ?? '' };
}

const encoded = (xml: string) => Buffer.from(xml).toString('base64');

function post(fields: Readonly<Record<string, string>> | string): Promise<Answer> {
  return stage.ask(`${PREFIX}/saml/acs`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://idp.example.org',
      'sec-fetch-site': 'cross-site',
    },
    body: typeof fields === 'string' ? fields : String(new URLSearchParams(fields)),
  });
}

/** Posts a response and gives the address where it is judged. */
async function posted(xml: string, relayState: string): Promise<string> {
  const answer = await post({ SAMLResponse: encoded(xml), RelayState: relayState });
  assert.equal(answer.status, 303, answer.text);
  return answer.headers.get('location') ?? '';
}

test('an honest answer signs in the browser that asked, once [SAML-13]', async () => {
  const visitor = stage.visitor();
  const { xml, relayState } = await leave(visitor);
  const [first, second] = [await posted(xml, relayState), await posted(xml, relayState)];
  assert.equal(
    (await visitor.get(first)).headers.get('location'),
    `${PREFIX}/join?to=%2Fstandup`,
    stage.lines.join(''),
  );
  const before = visitor.session();
  await visitor.get(second);
  await visitor.get(first);
  assert.equal(visitor.session(), before, 'nothing came of it a second time');
});

test('an assertion that came before is refused on another attempt too [SAML-13]', async () => {
  const seen = { value: 1 };
  const key = `saml/seen/uni/`;
  const visitor = stage.visitor();
  const { asked, xml, relayState } = await leave(visitor, seen);
  const place = `${key}${Buffer.from(`_a1${asked}`).toString('base64url')}`;
  await stage.parts.store.put(place, '1', 300);
  const answer = await visitor.get(await posted(xml, relayState));
  assert.deepEqual([answer.status, visitor.session()], [400, undefined]);
});

test('an answer that nobody asked for is not even kept [SAML-14]', async () => {
  for (const request of ['', REQUEST, `_${'A'.repeat(50)}`]) {
    const xml = signedResponse(idp, {}, 'assertion', { request });
    assert.equal((await post({ SAMLResponse: encoded(xml) })).status, 400);
  }
});

test("a stranger's answer signs nobody in in another browser, and is too late after a quarter of an hour [SAML-15]", async () => {
  const [attacker, victim] = [stage.visitor(), stage.visitor()];
  const theirs = await leave(attacker);
  const own = await leave(victim);
  for (const relayState of [theirs.relayState, own.relayState, '']) {
    const answer = await victim.get(await posted(theirs.xml, relayState));
    assert.deepEqual([answer.status, victim.session()], [400, undefined]);
  }
});

test('no RelayState leads anywhere [SAML-37]', async () => {
  for (const relayState of [
    '//evil.example',
    'javascript:alert(1)',
    'x'.repeat(10_000),
    '<b>',
    '',
  ] as const) {
    const visitor = stage.visitor();
    const { xml } = await leave(visitor);
    const answer = await visitor.get(await posted(xml, relayState));
    assert.deepEqual([answer.status, answer.headers.get('location')], [400, null]);
  }
});

test('what is no plain base64, comes twice, in the address, or is too large is refused [SAML-38]', async () => {
  const { xml } = await leave(stage.visitor());
  const good = encoded(xml);
  for (const bad of [
    `${good}!`,
    good.replace(/[+/]/, '-').replace(/\+/g, '-'),
    `*${good}`,
    '',
    encoded('<x/>'),
    good.slice(1),
  ])
    assert.equal((await post({ SAMLResponse: bad })).status, 400, bad.slice(0, 20));
  const field = `SAMLResponse=${encodeURIComponent(good)}`;
  assert.equal((await post(`${field}&${field}`)).status, 400);
  assert.equal((await post({ SAMLResponse: 'A'.repeat(300_000) })).status, 413);
  const both = await stage.ask(`${PREFIX}/saml/acs?${field}`, {
    method: 'POST',
    body: field,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(both.status, 400);
  assert.equal((await stage.ask(`${PREFIX}/saml/acs?${field}`)).status, 405);
});

test("a SAML answer at the callback of OpenID Connect is nobody's [SAML-38]", async () => {
  const visitor = stage.visitor();
  const { xml, relayState } = await leave(visitor);
  const query = new URLSearchParams({ SAMLResponse: encoded(xml), state: relayState });
  assert.equal((await visitor.get(`${PREFIX}/callback/uni?${query}`)).status, 404);
});

test('the ids of our requests are names, never twice the same, and good for one attempt alone [SAML-45]', () => {
  const key = { kid: 'k', secret: new Secret(randomToken(systemRandom)) };
  const bindings = Array.from({ length: 10_000 }, () => randomToken(systemRandom));
  const ids = bindings.map((binding) => requestId(binding, { keys: [key], at: NOW }));
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => /^[A-Za-z_][\w.-]*$/.test(id)));
  const [id = '', other = ''] = ids;
  const good = { keys: [key], now: NOW };
  const standing = (asked: string, more = {}) => requestStanding(asked, { ...good, ...more });
  assert.deepEqual(
    [standing(id), standing(id, { now: NOW + 900 }), standing(id, { now: NOW + 901 })],
    ['good', 'good', 'late'],
  );
  const foreign = { kid: 'k', secret: new Secret(randomToken(systemRandom)) };
  assert.equal(standing(id, { keys: [foreign] }), 'unknown');
  assert.equal(standing(other.slice(0, 20) + id.slice(20)), 'unknown');
  const [mine, theirs] = bindings;
  assert.deepEqual([standing(id, { binding: mine }), standing(id, { binding: theirs })], ['good', 'unknown']);
});

test('metadata that is unsigned, signed by another, past its end, or without a key is not believed [SAML-35]', async () => {
  const [signer, stranger] = [idp, next];
  const judge = (xml: string, entityId?: string) =>
    judgeMetadata({
      xml,
      certificates: [signer.certificate],
      now: NOW,
      ...(entityId !== undefined && { entityId }),
    });
  const fault = async (xml: string, entityId?: string) =>
    ((await judge(xml, entityId)) as { fault?: string }).fault;
  assert.equal(await fault(metadata([idp])), 'unsigned');
  assert.equal(await fault(signedRoot(metadata([idp]), stranger)), 'signature');
  assert.equal(await fault(signedRoot(metadata([idp], ` validUntil="${time(-1)}"`), signer)), 'expired');
  assert.equal(await fault(signedRoot(metadata([idp], ' validUntil="tomorrow"'), signer)), 'valid-until');
  assert.equal(await fault(signedRoot(metadata([]), signer)), 'no-key');
  assert.equal(
    await fault(signedRoot(metadata([idp]), signer), 'https://other.example.org'),
    'entity-missing',
  );
  const twice = (xml: string) =>
    `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_all">${xml}${xml.replace('"_m"', '"_n"')}</md:EntitiesDescriptor>`;
  assert.equal(await fault(signedRoot(twice(metadata([idp])), signer), IDP), 'entity-twice');
  assert.equal(await fault(`<!DOCTYPE x>${metadata([idp])}`), 'doctype');
  const good = await judge(signedRoot(metadata([idp], ` validUntil="${time(60)}"`), signer));
  assert.ok('metadata' in good && good.metadata.entityId === IDP && good.metadata.validUntil === NOW + 60);
});

test('both keys are believed while both stand in the metadata, and a withdrawn one no more [SAML-42]', async () => {
  const keysOf = async (pairs: readonly KeyPair[]) => {
    const judged = await judgeMetadata({ xml: metadata(pairs), certificates: [], now: NOW });
    return 'metadata' in judged ? judged.metadata.certificates.length : judged.fault;
  };
  assert.deepEqual([await keysOf([idp, next]), await keysOf([next])], [2, 1]);
  writeFileSync(join(dir, 'idp.xml'), metadata([next]));
  stage.clock.advance(3700);
  const visitor = stage.visitor();
  const told = (pair: KeyPair, asked: string) =>
    signedResponse(pair, {}, 'assertion', { request: asked, at: 3700 });
  const { asked, relayState } = await leave(visitor);
  const withdrawn = await visitor.get(await posted(told(idp, asked), relayState));
  assert.deepEqual([withdrawn.status, visitor.session()], [400, undefined]);
  const again = await leave(visitor);
  await visitor.get(await posted(told(next, again.asked), again.relayState));
  assert.notEqual(visitor.session(), undefined, stage.lines.join(''));
});

test('an identity provider that takes forms alone is asked by a signed one, from a page that leads to it alone [SAML-45]', async () => {
  writeFileSync(join(dir, 'idp.xml'), idpMetadata([next], '', IDP, { signOn: ['post'] }));
  stage.clock.advance(3700);
  const visitor = stage.visitor();
  await visitor.get(`${PREFIX}/sign-in?to=%2Fstandup`);
  const page = await visitor.post(`${PREFIX}/sign-in`, { to: '/standup', provider: 'uni' });
  assert.equal(page.status, 200, page.text);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /form-action 'self' https:\/\/idp\.example\.org(?: https:\/\/idp\.example\.org)?;/);
  assert.match(policy, /script-src 'nonce-[\w-]+';/);
  assert.match(page.text, /<form method="post" action="https:\/\/idp\.example\.org\/sso" data-auto>/);
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(page.text)?.[1] ?? '';
  const request = Buffer.from(field('SAMLRequest'), 'base64').toString();
  const certificate = (await stage.ask(`${PREFIX}/saml/metadata`)).text;
  const [, bare = ''] = /X509Certificate>([^<]+)</.exec(certificate) ?? [];
  const pem = certificatePem(bare) ?? '';
  assert.match((await verifiedText(request, 'root', [pem])) ?? '', /AssertionConsumerServiceURL=/);
  const [, asked = ''] = / ID="([^"]+)"/.exec(request) ?? [];
  const xml = signedResponse(next, {}, 'assertion', { request: asked, at: 7400 });
  await visitor.get(await posted(xml, field('RelayState')));
  assert.notEqual(visitor.session(), undefined, stage.lines.join(''));
});

test('while an identity provider turns its key over, responses by either key sign in [SAML-42]', async () => {
  writeFileSync(join(dir, 'idp.xml'), metadata([idp, next]));
  stage.clock.advance(3700);
  const at = stage.clock.now() / 1000 - NOW;
  for (const pair of [idp, next]) {
    const visitor = stage.visitor();
    const { asked, relayState } = await leave(visitor);
    const xml = signedResponse(pair, {}, 'assertion', { request: asked, id: `_${asked}`, at });
    await visitor.get(await posted(xml, relayState));
    assert.notEqual(visitor.session(), undefined, stage.lines.slice(-3).join(''));
  }
});
