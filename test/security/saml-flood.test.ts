/** Floods at the address where SAML responses are posted: what they take up, and who signs in meanwhile. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { fixedClock } from '../../src/base/clock.ts';
import { idpMetadata, type KeyPair, makeKeyPair, NOW, signedResponse } from '../support/saml-idp.ts';
import { type Answer, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

let idp: KeyPair;
let stranger: KeyPair;
let dir: string;
before(async () => {
  [idp, stranger] = await Promise.all([makeKeyPair('idp'), makeKeyPair('stranger')]);
  dir = mkdtempSync(join(tmpdir(), 'ostiary-flood-'));
  writeFileSync(join(dir, 'idp.xml'), idpMetadata([idp]));
});
after(() => rmSync(dir, { recursive: true }));

async function open(t: TestContext, limits: Readonly<Record<string, number>>): Promise<Stage> {
  const stage = await startStage({
    asConfigured: true,
    clock: fixedClock(NOW * 1000),
    config: {
      providers: [{ id: 'uni', kind: 'saml', saml: { metadataFile: join(dir, 'idp.xml') } }],
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000, ...limits },
      trustedProxies: ['127.0.0.1'],
    },
  });
  t.after(() => stage.close());
  return stage;
}

/** Somebody on the way, and what the identity provider would have them post. */
async function leave(visitor: Visitor, by = idp) {
  const { location } = await visitor.leave('/standup', 'uni');
  const query = new URL(location).searchParams;
  const request = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
  const [, asked = ''] = / ID="([^"]+)"/.exec(request) ?? [];
  return {
    SAMLResponse: encoded(signedResponse(by, {}, 'assertion', { request: asked, id: `_a${asked}` })),
    RelayState: query.get('RelayState') ?? '',
  };
}

const encoded = (xml: string) => Buffer.from(xml).toString('base64');

function post(
  stage: Stage,
  fields: Readonly<Record<string, string>>,
  address = '203.0.113.9',
): Promise<Answer> {
  return stage.ask(`${PREFIX}/saml/acs`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://idp.example.org',
      'x-forwarded-for': address,
    },
    body: String(new URLSearchParams(fields)),
  });
}

/** Posts, follows, and says whether they are signed in. */
async function finish(stage: Stage, visitor: Visitor, fields: Readonly<Record<string, string>>) {
  const kept = await post(stage, fields, '198.51.100.7');
  assert.equal(kept.status, 303, kept.text);
  await visitor.get(kept.headers.get('location') ?? '');
  return visitor.isSignedIn();
}

const messagesIn = async (stage: Stage) =>
  (await stage.parts.store.list('')).filter(({ key }) => key.startsWith('saml/message/')).length;

test('a flood of responses that answer nothing keeps nothing, and whoever had left signs in [SAML-41]', async (t) => {
  const stage = await open(t, {});
  const visitor = stage.visitor();
  const honest = await leave(visitor);
  const junk = encoded(signedResponse(stranger, {}, 'assertion', { request: `_${'A'.repeat(50)}` }));
  const flood = Array.from({ length: 500 }, (_, n) =>
    post(stage, { SAMLResponse: n % 2 === 0 ? junk : 'AAAA', RelayState: 'x' }, `203.0.113.${n % 50}`),
  );
  assert.ok(await finish(stage, visitor, honest), stage.lines.join(''));
  assert.deepEqual(new Set((await Promise.all(flood)).map(({ status }) => status)), new Set([400]));
  assert.equal(await messagesIn(stage), 0);
});

test('whoever has one request of ours takes up few places by it, and others go on [SAML-41]', async (t) => {
  const stage = await open(t, {});
  const theirs = await leave(stage.visitor(), stranger);
  const visitor = stage.visitor();
  const honest = await leave(visitor);
  const flood = await Promise.all(
    Array.from({ length: 600 }, (_, n) => post(stage, theirs, `203.0.113.${n % 50}`)),
  );
  const kept = flood.filter(({ status }) => status === 303).length;
  assert.ok(kept <= 4, `${kept} kept`);
  const refused = flood.filter(({ status }) => status === 503);
  assert.equal(refused.length, 600 - kept);
  for (const { headers } of refused) assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  assert.ok(await finish(stage, visitor, honest), stage.lines.join(''));
});

test('where strangers with requests of their own fill all places, the answer says when to come back, and in a minute they are free [SAML-41]', async (t) => {
  const stage = await open(t, {});
  const visitor = stage.visitor();
  const honest = await leave(visitor);
  for (let n = 0; n < 125; n += 1) {
    const theirs = await leave(stage.visitor(), stranger);
    await Promise.all(Array.from({ length: 4 }, () => post(stage, theirs)));
  }
  assert.equal(await messagesIn(stage), 500);
  const answer = await post(stage, honest, '198.51.100.7');
  assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
  assert.match(stage.lines.at(-1) ?? '', /"code":"saml\.busy"/);
  stage.clock.advance(61);
  assert.ok(await finish(stage, visitor, honest), 'the attempt was not spent by it');
});

test('judged responses that do not hold take nothing from those that do [SAML-41]', async (t) => {
  const stage = await open(t, {});
  const honest = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const visitor = stage.visitor();
      return { visitor, fields: await leave(visitor) };
    }),
  );
  const flood = Array.from({ length: 40 }, async () => {
    const visitor = stage.visitor();
    const fields = await leave(visitor, stranger);
    const kept = await post(stage, fields);
    return visitor.get(kept.headers.get('location') ?? '');
  });
  for (const { visitor, fields } of honest) assert.ok(await finish(stage, visitor, fields));
  for (const { status } of await Promise.all(flood)) assert.equal(status, 400);
});

test('an address that posts too much is told so before anything is read, and another posts on [SAML-41]', async (t) => {
  const stage = await open(t, { signInsPerAddress: 20 });
  const visitor = stage.visitor({ 'x-forwarded-for': '198.51.100.7' });
  const honest = await leave(visitor);
  const flood = await Promise.all(
    Array.from({ length: 60 }, () => post(stage, { SAMLResponse: 'AAAA', RelayState: '' })),
  );
  assert.deepEqual(
    [400, 429].map((wanted) => flood.filter(({ status }) => status === wanted).length),
    [20, 40],
  );
  assert.ok(await finish(stage, visitor, honest));
});
