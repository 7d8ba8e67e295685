/** Attacks on sign-ins that begin at an identity provider's portal, and what is let through of them. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import {
  confirmed,
  IDP,
  type KeyPair,
  responseXml,
  type Said,
  signedResponse,
  unsolicitedResponse,
} from '../support/saml-idp.ts';
import { OTHER, startTwoIdps } from '../support/saml-stage.ts';
import { type Answer, ORIGIN, PREFIX, type Stage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

let stage: Stage;
let idp: KeyPair;
let other: KeyPair;
let close: () => Promise<void>;
let count = 0;

before(async () => {
  ({ stage, idp, other, close } = await startTwoIdps({ allowUnsolicited: [IDP] }));
});
after(() => close());

const encoded = (xml: string) => Buffer.from(xml).toString('base64');

/** The portal's own form, in this browser: no cookie of ours comes along, but those of the answer are kept. */
async function post(visitor: Visitor, xml: string, relayState = ''): Promise<Answer> {
  const { jar } = visitor;
  const kept = new Map(jar);
  jar.clear();
  const answer = await visitor.post(
    `${PREFIX}/saml/acs`,
    { SAMLResponse: encoded(xml), RelayState: relayState },
    { origin: 'https://idp.example.org', 'sec-fetch-site': 'cross-site' },
  );
  for (const [name, value] of kept) if (!jar.has(name)) jar.set(name, value);
  return answer;
}

const fresh = (said: Said = {}) => {
  count += 1;
  return unsolicitedResponse(idp, said, { id: `_u${count}` });
};

/** Up to the question. */
async function asked(visitor: Visitor, xml: string, relayState?: string): Promise<Answer> {
  const kept = await post(visitor, xml, relayState);
  assert.equal(kept.status, 303, kept.text);
  return visitor.get(kept.headers.get('location') ?? '');
}

function yes(visitor: Visitor, question: Answer, headers?: Record<string, string>): Promise<Answer> {
  const [, m = ''] = /name="m" value="([^"]+)"/.exec(question.text) ?? [];
  assert.notEqual(m, '', question.text);
  return visitor.post(`${PREFIX}/saml/accept`, { m }, headers);
}

test('who comes from a portal is told who they are, and signed in where they say so [SAML-14]', async () => {
  const visitor = stage.visitor();
  const question = await asked(visitor, fresh(), '/standup');
  assert.equal(question.status, 200);
  assert.match(question.text, /University/);
  assert.match(question.text, /ada@example\.org/);
  assert.equal(visitor.session(), undefined, 'nothing before they say yes');
  const answer = await yes(visitor, question);
  assert.deepEqual(
    [answer.status, answer.headers.get('location')],
    [303, `${PREFIX}/join?to=%2Fstandup`],
    stage.lines.join(''),
  );
  assert.ok(await visitor.isSignedIn());
});

test('a response of a portal is good once, however it comes a second time [SAML-13]', async () => {
  const visitor = stage.visitor();
  const xml = fresh();
  const question = await asked(visitor, xml);
  const [first, second] = [await yes(visitor, question), await yes(visitor, question)];
  assert.deepEqual([first.status, second.status], [303, 400]);
  const another = stage.visitor();
  const again = await yes(another, await asked(another, xml));
  assert.deepEqual([again.status, another.session()], [400, undefined]);
  assert.match(stage.lines.join(''), /"why":"replay"/);
});

test("where somebody is signed in, a stranger's response replaces nobody by itself [SAML-15]", async () => {
  const visitor = stage.visitor();
  await yes(visitor, await asked(visitor, fresh()));
  const session = visitor.session();
  const mallory = fresh({
    nameId:
      '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">mallory</saml:NameID>',
    attributes:
      '<saml:AttributeStatement><saml:Attribute Name="displayName"><saml:AttributeValue>Mallory</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>',
  });
  const question = await asked(visitor, mallory);
  assert.match(question.text, /Mallory/);
  assert.match(question.text, /ada@example\.org/);
  assert.equal(visitor.session(), session);
  const forced = await yes(visitor, question, {
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
  });
  assert.deepEqual(
    [forced.status, visitor.session()],
    [403, session],
    'another site cannot say yes for them',
  );
  assert.equal((await yes(visitor, question)).status, 303);
  assert.notEqual(visitor.session(), session);
});

test('who is here already goes straight on', async () => {
  const visitor = stage.visitor();
  await yes(visitor, await asked(visitor, fresh()));
  const answer = await asked(visitor, fresh(), `${ORIGIN}/standup`);
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, `${PREFIX}/join?to=%2Fstandup`]);
  assert.ok(await visitor.isSignedIn());
});

test('what was posted in one browser is of no use in another [SAML-15]', async () => {
  const [mine, theirs] = [stage.visitor(), stage.visitor()];
  const kept = await post(mine, fresh());
  const stolen = await theirs.get(kept.headers.get('location') ?? '');
  assert.deepEqual([stolen.status, theirs.session()], [400, undefined]);
  const question = await asked(mine, fresh());
  const taken = await yes(theirs, question);
  assert.deepEqual([taken.status, theirs.session()], [400, undefined]);
});

test('RelayState leads into a room of ours or nowhere [SAML-37]', async () => {
  for (const [relayState, to] of [
    ['/standup', '/join?to=%2Fstandup'],
    [`${ORIGIN}/standup?jwt=x#config.startSilent=true`, '/join?to=%2Fstandup'],
    ['/standup#ostiary.popup=true', '/join?to=%2Fstandup'],
    ['https://evil.example/standup', '/session'],
    [`${ORIGIN}.evil.example/standup`, '/session'],
    ['//evil.example/x', '/session'],
    ['javascript:alert(1)', '/session'],
    ['/_ostiary/sign-out', '/session'],
    ['x'.repeat(10_000), '/session'],
    ['', '/session'],
  ] as const) {
    const visitor = stage.visitor();
    const answer = await yes(visitor, await asked(visitor, fresh(), relayState));
    assert.equal(answer.headers.get('location'), `${PREFIX}${to}`, relayState);
  }
});

test('an identity provider that is not in the list must be asked first [SAML-14]', async () => {
  const xml = unsolicitedResponse(other, {
    responseIssuer: `<saml:Issuer>${OTHER}</saml:Issuer>`,
    issuer: `<saml:Issuer>${OTHER}</saml:Issuer>`,
  });
  const answer = await post(stage.visitor(), xml);
  assert.equal(answer.status, 400);
  assert.match(stage.lines.join(''), /saml\.unsolicited/);
});

test('what nobody asked for answers nothing, neither outside nor inside [SAML-14]', async () => {
  const response = `${
    responseXml('')
      .replace(/ InResponseTo="[^"]+"/, '')
      .split('>')[0]
  }>`;
  for (const said of [
    { response, confirmation: confirmed({ request: 'InResponseTo="_other"' }) },
    { response: response.replace(/>$/, ' InResponseTo="">') },
    { response, issuer: `<saml:Issuer>${OTHER}</saml:Issuer>` },
  ] as const) {
    const visitor = stage.visitor();
    const answer = await asked(visitor, fresh(said));
    assert.equal(answer.status, 400, JSON.stringify(said));
  }
  const forged = stage.visitor();
  assert.equal((await asked(forged, unsolicitedResponse(other))).status, 400);
  const answering = signedResponse(idp, {}, 'assertion', { request: '_made-up' });
  assert.equal((await post(stage.visitor(), answering)).status, 400, 'a request id that is none of ours');
});

test('a flood of what nobody asked for leaves room for those who asked', async () => {
  const xml = fresh();
  const statuses = [];
  for (let n = 0; n < 60; n += 1) statuses.push((await post(stage.visitor(), xml)).status);
  assert.ok(statuses.includes(503), statuses.join(' '));
  const visitor = stage.visitor();
  const { location } = await visitor.leave('/standup', 'uni');
  const relayState = new URL(location).searchParams.get('RelayState') ?? '';
  const request = inflateRawSync(
    Buffer.from(new URL(location).searchParams.get('SAMLRequest') ?? '', 'base64'),
  ).toString();
  const [, id = ''] = / ID="([^"]+)"/.exec(request) ?? [];
  const answer = await post(visitor, signedResponse(idp, {}, 'assertion', { request: id }), relayState);
  assert.equal(answer.status, 303);
});
