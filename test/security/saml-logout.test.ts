/** Attacks on single logout by SAML, and what an honest identity provider may end. */
import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { fixedClock } from '../../src/base/clock.ts';
import { judgeLogout, type LogoutExpected } from '../../src/identity/saml/logout.ts';
import { subjectOfName } from '../../src/identity/saml/name-id.ts';
import { isQuerySigned, readSignedQuery } from '../../src/identity/saml/redirect-binding.ts';
import { signedText } from '../../src/identity/saml/signature.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { BENDS, bend } from '../support/bent.ts';
import {
  encryptedData,
  IDP,
  type KeyPair,
  makeKeyPair,
  NOW,
  type Said,
  signed,
  signedResponse,
  time,
  unsolicitedResponse,
} from '../support/saml-idp.ts';
import { OTHER, startTwoIdps, type TwoIdps } from '../support/saml-stage.ts';
import { type Answer, ORIGIN, PREFIX, type Stage } from '../support/server-stage.ts';
import { openTo } from '../support/upgrades.ts';
import type { Visitor } from '../support/visitor.ts';
import { startGate, XMPP } from './gate-stage.ts';

const SLO = `${ORIGIN}${PREFIX}/saml/slo`;
const SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

let stage: Stage;
let idp: KeyPair;
let other: KeyPair;
let two: TwoIdps;
let count = 0;

before(async () => {
  two = await startTwoIdps({ allowUnsolicited: [IDP, OTHER], logout: true });
  ({ stage, idp, other } = two);
});
after(() => two.close());

const encoded = (xml: string) => Buffer.from(xml).toString('base64');
const fresh = () => {
  count += 1;
  return `_id${count}`;
};

const nameIdXml = (value: string, more = '') =>
  `<saml:NameID Format="${PERSISTENT}"${more}>${value}</saml:NameID>`;

/** Somebody signed in at an identity provider, in a browser of their own. */
async function signIn(name: string, session: string, from: 'uni' | 'other' = 'uni'): Promise<Visitor> {
  const issuer = `<saml:Issuer>${from === 'uni' ? IDP : OTHER}</saml:Issuer>`;
  const said: Said = {
    responseIssuer: issuer,
    issuer,
    nameId: nameIdXml(name),
    authn: `<saml:AuthnStatement AuthnInstant="${time(-60)}" SessionIndex="${session}"/>`,
  };
  const xml = unsolicitedResponse(from === 'uni' ? idp : other, said, { id: fresh() });
  const visitor = stage.visitor();
  const kept = await visitor.post(
    `${PREFIX}/saml/acs`,
    { SAMLResponse: encoded(xml) },
    { origin: 'https://idp.example.org', 'sec-fetch-site': 'cross-site' },
  );
  const question = await visitor.get(kept.headers.get('location') ?? '');
  const [, m = ''] = /name="m" value="([^"]+)"/.exec(question.text) ?? [];
  await visitor.post(`${PREFIX}/saml/accept`, { m });
  assert.ok(await visitor.isSignedIn(), stage.lines.join(''));
  return visitor;
}

/** The parts of a logout request, each of which a test may write itself. */
interface Words {
  readonly id?: string;
  readonly issuer?: string;
  readonly attributes?: string;
  readonly version?: string;
  readonly instant?: string;
  readonly destination?: string;
  readonly end?: string;
  readonly name?: string;
  readonly indexes?: readonly string[];
}

function requestXml(words: Words = {}): string {
  const { id = fresh(), issuer = IDP, indexes = [] } = words;
  return [
    '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"',
    ` ID="${id}" ${words.version ?? 'Version="2.0"'} ${words.instant ?? `IssueInstant="${time(0)}"`}`,
    ` ${words.destination ?? `Destination="${SLO}"`} ${words.end ?? `NotOnOrAfter="${time(300)}"`}${words.attributes ?? ''}>`,
    `<saml:Issuer>${issuer}</saml:Issuer>`,
    words.name ?? nameIdXml('ada'),
    ...indexes.map((index) => `<samlp:SessionIndex>${index}</samlp:SessionIndex>`),
    '</samlp:LogoutRequest>',
  ].join('');
}

/** A query as an identity provider signs it. */
function queryOf(
  xml: string,
  { key }: KeyPair = idp,
  {
    parameter = 'SAMLRequest',
    relayState,
    algorithm = SHA256,
    digest = 'sha256',
  }: {
    readonly parameter?: string;
    readonly relayState?: string;
    readonly algorithm?: string;
    readonly digest?: string;
  } = {},
): string {
  const query = [
    `${parameter}=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`,
    ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
    `SigAlg=${encodeURIComponent(algorithm)}`,
  ].join('&');
  return `${query}&Signature=${encodeURIComponent(sign(digest, Buffer.from(query), key).toString('base64'))}`;
}

const byAddress = (query: string): Promise<Answer> => stage.ask(`${PREFIX}/saml/slo?${query}`);

const byForm = (fields: Readonly<Record<string, string>>): Promise<Answer> =>
  stage.ask(`${PREFIX}/saml/slo`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://idp.example.org',
      'sec-fetch-site': 'cross-site',
    },
    body: String(new URLSearchParams(fields)),
  });

/** What our answer in an address says, once its signature held by the key of our metadata. */
async function answerIn(answer: Answer): Promise<{ readonly xml: string; readonly relayState?: string }> {
  const location = answer.headers.get('location') ?? '';
  const read = readSignedQuery(new URL(location).search.slice(1));
  assert.ok('bytes' in read, `${answer.status} ${location} ${stage.lines.slice(-2).join('')}`);
  const metadata = (await stage.ask(`${PREFIX}/saml/metadata`)).text;
  const [, certificate = ''] = /X509Certificate>([^<]+)</.exec(metadata) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
  assert.ok(isQuerySigned(read.proof, [pem], new Set()));
  return {
    xml: read.bytes.toString(),
    ...(read.relayState !== undefined && { relayState: read.relayState }),
  };
}

test('a signed request in an address ends that session and no other, without any cookie, and is answered', async () => {
  const [one, another, bob] = [
    await signIn('ada', 's1'),
    await signIn('ada', 's2'),
    await signIn('bob', 's1'),
  ];
  const xml = requestXml({ id: '_mine', indexes: ['s1'] });
  const answer = await byAddress(queryOf(xml, idp, { relayState: 'their own & more' }));
  assert.equal(answer.status, 302, stage.lines.slice(-2).join(''));
  assert.match(answer.headers.get('location') ?? '', /^https:\/\/idp\.example\.org\/slo\?SAMLResponse=/);
  const said = await answerIn(answer);
  assert.match(said.xml, /InResponseTo="_mine".*status:Success/);
  assert.equal(said.relayState, 'their own & more');
  assert.deepEqual(
    [await one.isSignedIn(), await another.isSignedIn(), await bob.isSignedIn()],
    [false, true, true],
  );
});

test('a signed request that is posted ends the sessions it names; one that names none ends all of that person', async () => {
  const [one, another, bob] = [
    await signIn('eve', 'p1'),
    await signIn('eve', 'p2'),
    await signIn('bob', 'p1'),
  ];
  const first = signed(requestXml({ name: nameIdXml('eve'), indexes: ['p2', 'unknown'] }), '/*', idp);
  assert.equal((await byForm({ SAMLRequest: encoded(first) })).status, 303);
  assert.deepEqual([await one.isSignedIn(), await another.isSignedIn()], [true, false]);
  const all = signed(requestXml({ name: nameIdXml('eve') }), '/*', idp);
  assert.equal((await byForm({ SAMLRequest: encoded(all) })).status, 303);
  assert.deepEqual([await one.isSignedIn(), await bob.isSignedIn()], [false, true]);
});

test('an identity provider that takes forms alone is answered by a signed one, in its own frame if it likes', async () => {
  const ada = await signIn('ada', 'f1', 'other');
  const xml = requestXml({ id: '_form', issuer: OTHER });
  const answer = await byForm({ SAMLRequest: encoded(signed(xml, '/*', other)), RelayState: 'theirs' });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(await ada.isSignedIn(), false);
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /form-action 'self' https:\/\/other\.example\.org/);
  assert.match(policy, /frame-ancestors 'self' https:\/\/other\.example\.org(?:;|$)/);
  const [, sent = ''] = /name="SAMLResponse" value="([^"]+)"/.exec(answer.text) ?? [];
  const said = Buffer.from(sent, 'base64').toString();
  assert.match(said, /InResponseTo="_form"/);
  assert.match(said, /<ds:Signature |<Signature /);
  assert.match(answer.text, /name="RelayState" value="theirs"/);
});

test('an identity provider with two buttons ends what was begun by either', async () => {
  const first = await signIn('two', 'b1');
  const second = stage.visitor();
  const { location } = await second.leave('/standup', 'again');
  const read = readSignedQuery(new URL(location).search.slice(1));
  assert.ok('bytes' in read);
  const [, request = ''] = / ID="([^"]+)"/.exec(read.bytes.toString()) ?? [];
  const said = { nameId: nameIdXml('two') };
  const xml = signedResponse(idp, said, 'assertion', { request, id: fresh() });
  const kept = await stage.ask(`${PREFIX}/saml/acs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: String(new URLSearchParams({ SAMLResponse: encoded(xml), RelayState: read.relayState ?? '' })),
  });
  await second.get(kept.headers.get('location') ?? '');
  assert.ok(await second.isSignedIn(), stage.lines.slice(-2).join(''));
  assert.equal((await byAddress(queryOf(requestXml({ name: nameIdXml('two') })))).status, 302);
  assert.deepEqual([await first.isSignedIn(), await second.isSignedIn()], [false, false]);
});

test('a meeting entered with a session that a signed request names ends, and one entered with another goes on', async () => {
  const gate = await startGate({
    asConfigured: true,
    clock: fixedClock(NOW * 1000),
    config: {
      providers: [{ id: 'uni', kind: 'saml', saml: { metadataFile: two.idpFile } }],
    },
  });
  try {
    const enter = async (name: string) => {
      const person = { id: `uni#${name}`, provider: 'uni', name, emailVerified: false, groups: [] };
      const subject = subjectOfName(
        { value: name, format: PERSISTENT },
        { idp: IDP, sp: `${ORIGIN}${PREFIX}/saml/metadata` },
      );
      const { id } = await gate.stage.parts.sessions.issue({ person, subject, sid: 'shared' });
      const headers = { Origin: ORIGIN, Cookie: `${SESSION_COOKIE}=${id.reveal()}` };
      const dialled = await gate.at({ target: XMPP, headers });
      assert.equal(dialled.status, 101);
      dialled.say(openTo('meet.jitsi'));
      return dialled;
    };
    const [ada, bob] = [await enter('ada'), await enter('bob')];
    const open = () => gate.stage.parts.sockets.list().length;
    assert.equal(open(), 2);
    const query = queryOf(requestXml({ indexes: ['shared'] }));
    assert.equal((await gate.stage.ask(`${PREFIX}/saml/slo?${query}`)).status, 302);
    await ada.said();
    while (open() > 1) await new Promise(setImmediate);
    assert.deepEqual([open(), bob.socket.destroyed], [1, false]);
    bob.socket.destroy();
    await gate.empty();
  } finally {
    await gate.close();
  }
});

const bent: readonly (readonly [what: string, words: Words, why: string])[] = [
  ['a request that is over', { end: `NotOnOrAfter="${time(-61)}"` }, 'not-on-or-after'],
  ['a request without an end', { end: '' }, 'not-on-or-after'],
  ['an end that is no time', { end: 'NotOnOrAfter="tomorrow"' }, 'not-on-or-after'],
  ['a request from long ago', { instant: `IssueInstant="${time(-400)}"` }, 'issue-instant'],
  ['a request to another address', { destination: `Destination="${SLO}2"` }, 'destination'],
  ['a request to no address', { destination: '' }, 'destination'],
  ['a request of version 1.1', { version: 'Version="1.1"' }, 'version'],
  ['a request that answers one', { attributes: ' InResponseTo="_x"' }, 'request'],
  ['a request about nobody', { name: '' }, 'name-id'],
  ['a request about two', { name: nameIdXml('ada') + nameIdXml('bob') }, 'name-id'],
  [
    'an index that is no text',
    { name: `${nameIdXml('ada')}<samlp:SessionIndex><saml:x/></samlp:SessionIndex>` },
    'session-index',
  ],
  ['a second issuer', { name: `<saml:Issuer>${OTHER}</saml:Issuer>${nameIdXml('ada')}` }, 'issuer'],
];
for (const [what, words, why] of bent)
  test(`well signed, ${what}: refused in an address and in a form, and nobody is signed out [SAML-39]`, async () => {
    const ada = await signIn('ada', fresh());
    for (const send of [
      () => byAddress(queryOf(requestXml(words))),
      () => byForm({ SAMLRequest: encoded(signed(requestXml(words), '/*', idp)) }),
    ]) {
      const before = stage.lines.length;
      const answer = await send();
      assert.deepEqual([answer.status, await ada.isSignedIn()], [400, true]);
      const told = stage.lines.slice(before).find((line) => line.includes('saml.logout-unacceptable')) ?? '';
      assert.equal(JSON.parse(told).why, why);
    }
  });

test('a request that came before, on whatever way, ends nothing a second time [SAML-39]', async () => {
  const id = fresh();
  const query = queryOf(requestXml({ id }));
  assert.equal((await byAddress(query)).status, 302);
  const ada = await signIn('ada', fresh());
  for (const answer of [
    await byAddress(query),
    await byForm({ SAMLRequest: encoded(signed(requestXml({ id }), '/*', idp)) }),
  ])
    assert.deepEqual([answer.status, await ada.isSignedIn()], [400, true]);
});

test('a request that is unsigned, or signed by another, or in another name, ends nothing [SAML-39]', async () => {
  const ada = await signIn('ada', fresh());
  const xml = requestXml();
  const good = queryOf(xml);
  const [message = '', algorithm = '', signature = ''] = good.split('&');
  const queries = [
    message,
    [message, algorithm].join('&'),
    [message, algorithm, 'Signature='].join('&'),
    queryOf(xml, other),
    queryOf(requestXml({ issuer: OTHER })),
    queryOf(requestXml({ issuer: OTHER }), other),
    queryOf(signed(xml, '/*', idp)),
    [message, `RelayState=x`, algorithm, signature].join('&'),
    [good, message].join('&'),
    [good, 'SAMLEncoding=urn:other'].join('&'),
    [good, 'SAMLResponse=x'].join('&'),
    good.replace('SAMLRequest=', 'SAMLRequest=%41'),
    queryOf(xml, idp, { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1', digest: 'sha1' }),
    queryOf(xml, idp, { algorithm: 'http://www.w3.org/2000/09/xmldsig#hmac-sha1' }),
    queryOf(`<!DOCTYPE a>${xml}`),
    queryOf(xml.replace('>ada<', '>a<!-- -->da<')),
  ];
  for (const query of queries) {
    const answer = await byAddress(query);
    // The other one's own request is good, and about nobody here.
    if (answer.status === 200 || answer.status === 302) assert.ok(query === queries[5], query);
    assert.ok(await ada.isSignedIn(), query);
  }
  for (const posted of [
    xml,
    signed(xml, '/*', other),
    signed(xml, '/*', idp, 'sha1'),
    signed(requestXml({ issuer: OTHER }), '/*', idp),
  ]) {
    assert.equal((await byForm({ SAMLRequest: encoded(posted) })).status, 400);
    assert.ok(await ada.isSignedIn());
  }
});

test('what would be large once it is inflated is refused before it is [SAML-38]', async () => {
  const bomb = encodeURIComponent(deflateRawSync(Buffer.alloc(50_000_000, 32)).toString('base64'));
  const answer = await byAddress(`SAMLRequest=${bomb.slice(0, 12_000)}&SigAlg=x&Signature=AAAA`);
  assert.equal(answer.status, 400);
  const whole = deflateRawSync(Buffer.alloc(5_000_000, 32)).toString('base64');
  assert.equal(
    (await byAddress(`SAMLRequest=${encodeURIComponent(whole)}&SigAlg=x&Signature=AAAA`)).status,
    400,
  );
  assert.equal((await byForm({ SAMLRequest: 'A'.repeat(100_000) })).status, 413);
});

/** Signs out here and gives what the identity provider is asked. */
async function leave(visitor: Visitor) {
  const answer = await visitor.post(`${PREFIX}/sign-out`, {});
  assert.equal(answer.status, 303, answer.text);
  const location = new URL(answer.headers.get('location') ?? '');
  const read = readSignedQuery(location.search.slice(1));
  assert.ok('bytes' in read, location.href);
  const xml = read.bytes.toString();
  const [, id = ''] = / ID="([^"]+)"/.exec(xml) ?? [];
  return { location, xml, id, relayState: read.relayState ?? '' };
}

function responseXml(to: string, status: string, more = '', issuer = IDP): string {
  return [
    '<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"',
    ` ID="${fresh()}" Version="2.0" IssueInstant="${time(0)}" Destination="${SLO}" InResponseTo="${to}"${more}>`,
    `<saml:Issuer>${issuer}</saml:Issuer><samlp:Status>${status}</samlp:Status></samlp:LogoutResponse>`,
  ].join('');
}
const SUCCESS = '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>';
const PARTIAL =
  '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:PartialLogout"/></samlp:StatusCode>';

test('who signs out here is led over the identity provider, which is told who, in a signed request', async () => {
  const visitor = await signIn('ada', 'mine');
  const { location, xml, id, relayState } = await leave(visitor);
  assert.equal(location.origin + location.pathname, 'https://idp.example.org/slo');
  assert.match(xml, />ada<\/saml:NameID><samlp:SessionIndex>mine<\/samlp:SessionIndex>/);
  assert.match(xml, /NotOnOrAfter=/);
  assert.equal(await visitor.isSignedIn(), false, 'here it is over at once');
  const answer = await byAddress(
    queryOf(responseXml(id, SUCCESS), idp, { parameter: 'SAMLResponse', relayState }),
  );
  assert.deepEqual([answer.status, answer.headers.get('location')], [302, `${PREFIX}/signed-out`]);
});

test('where the identity provider could not end everything, the person is told that they may still be signed in there', async () => {
  for (const status of [PARTIAL, SUCCESS.replace('Success', 'Responder')]) {
    const { id, relayState } = await leave(await signIn('ada', fresh()));
    const xml = signed(responseXml(id, status), '/*', idp);
    const answer = await byForm({ SAMLResponse: encoded(xml), RelayState: relayState });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, `${PREFIX}/signed-out?at=uni`]);
  }
});

test('an answer that nobody asked for, that is unsigned, of another, or came before is refused [SAML-39]', async () => {
  const { id, relayState } = await leave(await signIn('ada', fresh()));
  const foreign = await leave(await signIn('ada', fresh()));
  const send = (xml: string, pair = idp, state = relayState) =>
    byAddress(queryOf(xml, pair, { parameter: 'SAMLResponse', relayState: state }));
  const refused = [
    await send(responseXml('_made-up', SUCCESS)),
    await send(responseXml('', SUCCESS)),
    await send(responseXml(foreign.id, SUCCESS)),
    await send(responseXml(id, SUCCESS), idp, 'other'),
    await send(responseXml(id, SUCCESS), other),
    await send(responseXml(id, SUCCESS, '', OTHER), other),
    await send(responseXml(id, '')),
    await send(responseXml(id, SUCCESS).replace(SLO, 'https://evil.example/')),
    await byForm({ SAMLResponse: encoded(responseXml(id, SUCCESS)), RelayState: relayState }),
    await send(responseXml(id, SUCCESS).replaceAll('LogoutResponse', 'Response')),
  ];
  assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([400]));
  const good = responseXml(id, SUCCESS);
  assert.deepEqual([(await send(good)).status, (await send(good)).status], [302, 400]);
});

test('an identity provider that takes forms alone is told by one', async () => {
  const visitor = await signIn('ada', 'post', 'other');
  const answer = await visitor.post(`${PREFIX}/sign-out`, {});
  assert.equal(answer.status, 200);
  const [, sent = ''] = /name="SAMLRequest" value="([^"]+)"/.exec(answer.text) ?? [];
  assert.match(Buffer.from(sent, 'base64').toString(), /<samlp:SessionIndex>post</);
});

test("Jitsi's page, which signs out behind itself, is led to no other site", async () => {
  const visitor = await signIn('ada', fresh());
  const answer = await visitor.post(`${PREFIX}/sign-out`, { how: 'behind' });
  assert.deepEqual([answer.status, answer.headers.get('location')], [303, `${PREFIX}/signed-out?at=uni`]);
});

test('a flood of forged requests leaves room for those who sign in [SAML-39]', async () => {
  const forged = encoded(signed(requestXml(), '/*', other));
  const flood = Array.from({ length: 60 }, () => byForm({ SAMLRequest: forged }));
  const ada = await signIn('ada', fresh());
  const statuses = (await Promise.all(flood)).map(({ status }) => status);
  assert.deepEqual(new Set(statuses), new Set([400, 503]), 'judged, or more at once than are judged');
  assert.ok(await ada.isSignedIn());
});

test('a name that is encrypted for us is read; by a weak way, for another, or beside a clear one it is not [SAML-32]', async () => {
  const sp = await makeKeyPair('sp');
  const name = '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">ada</saml:NameID>';
  const encrypted = async (
    to: KeyPair,
    ciphers: { readonly content?: string; readonly transport?: string },
  ) => `<saml:EncryptedID>${await encryptedData(name, to, ciphers)}</saml:EncryptedID>`;
  const judged = async (inside: string) => {
    const xml = signed(requestXml({ name: inside }), '/*', idp);
    return judgeLogout({ xml }, { ...EXPECTED(), keys: [sp.key] });
  };
  const read = await judged(await encrypted(sp, {}));
  assert.equal(read.kind === 'request' && read.nameId.value, 'ada', JSON.stringify(read));
  for (const [inside, why] of [
    [await encrypted(idp, {}), 'name-id'],
    [(await encrypted(sp, {})) + nameIdXml('bob'), 'name-id'],
    [(await encrypted(sp, {})).repeat(2), /name-id|id-twice/],
    [await encrypted(sp, { content: 'http://www.w3.org/2001/04/xmlenc#aes128-cbc' }), 'encryption-algorithm'],
    [
      await encrypted(sp, { transport: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' }),
      'key-encryption-algorithm',
    ],
  ] as const) {
    const refused = await judged(inside);
    assert.match(refused.kind === 'refused' ? refused.why : 'taken', new RegExp(why));
  }
});

const EXPECTED = (): LogoutExpected => ({
  now: NOW,
  leeway: 60,
  idp: { entityId: IDP, certificates: [idp.certificate] },
  destination: SLO,
  legacy: [],
  keys: [],
});

test('however a signed request is bent, it names whom it named when it was signed, or nobody [SAML-39]', async () => {
  const xml = requestXml({ indexes: ['s1', 's2'] });
  const posted = signed(xml, '/*', idp);
  const good = await judgeLogout({ xml: posted }, EXPECTED());
  assert.equal(good.kind, 'request', JSON.stringify(good));
  const query = queryOf(xml, idp, { relayState: 'theirs' });
  const asked = async (text: string) => {
    const read = readSignedQuery(text);
    if ('fault' in read) return undefined;
    return judgeLogout({ xml: read.bytes.toString(), proof: read.proof }, EXPECTED());
  };
  assert.deepEqual(await asked(query), good);
  await fc.assert(
    fc.asyncProperty(BENDS, fc.boolean(), async (how, inAddress) => {
      const text = bend(inAddress ? query : posted, how, 'bob');
      const judged = inAddress ? await asked(text) : await judgeLogout({ xml: text }, EXPECTED());
      if (judged !== undefined && judged.kind !== 'refused') assert.deepEqual(judged, good);
    }),
    { numRuns: 400 },
  );
});

test('what we sign ourselves holds by our certificate, and says nothing else once it is bent', async () => {
  const xml = requestXml();
  const ours = signedText(xml, idp);
  assert.equal((await judgeLogout({ xml: ours }, EXPECTED())).kind, 'request');
  const changed = await judgeLogout({ xml: ours.replace('>ada<', '>bob<') }, EXPECTED());
  assert.deepEqual(changed, { kind: 'refused', why: 'signature' });
  assert.equal(inflateRawSync(deflateRawSync(xml)).toString(), xml);
});
