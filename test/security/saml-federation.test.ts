/** Attacks on a federation: who may vouch for whom, who may answer, and whom people can be sent to. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { fixedClock } from '../../src/base/clock.ts';
import { digest } from '../../src/base/random.ts';
import { checkProviders } from '../../src/cli/check-running.ts';
import { memberOf, personOfMember } from '../../src/identity/saml/members.ts';
import {
  aggregateXml,
  type MemberWords,
  memberXml,
  type QueryService,
  startQueryService,
} from '../support/saml-federation.ts';
import {
  IDP,
  type KeyPair,
  makeKeyPair,
  NOW,
  SP,
  signedResponse,
  signedRoot,
  time,
} from '../support/saml-idp.ts';
import { type Answer, ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const OTHER = 'https://other.example.org/idp';
const DISCOVERY = 'https://ds.example.org/disco?policy=x';

let stage: Stage;
let service: QueryService;
let [federation, stranger, ada, other]: KeyPair[] = [];
let dir: string;

const file = (name: string, text: string) => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};
const publish = (member: Partial<MemberWords>, by = federation) =>
  service.publish({ entityId: IDP, keys: [keyOf(ada)], ...member }, keyOf(by));
/** What `before` has made. */
function keyOf(pair: KeyPair | undefined): KeyPair {
  assert.ok(pair);
  return pair;
}

before(async () => {
  [federation, stranger, ada, other] = await Promise.all(
    ['f', 's', 'a', 'o'].map((name) => makeKeyPair(name)),
  );
  service = await startQueryService();
  dir = mkdtempSync(join(tmpdir(), 'ostiary-federation-'));
});
after(async () => {
  await service.close();
  rmSync(dir, { recursive: true });
});

/** Every test has a server that knows nothing yet. */
beforeEach(async () => {
  service.answers.clear();
  publish({});
  publish({ entityId: OTHER, keys: [keyOf(other)] });
  stage = await start({ metadataQuery: service.url, federation: { discoveryUrl: DISCOVERY } });
  service.asked.length = 0;
});
afterEach(() => stage.close());

function start(saml: Readonly<Record<string, unknown>>): Promise<Stage> {
  return startStage({
    asConfigured: true,
    clock: fixedClock(NOW * 1000),
    config: {
      insecureHttp: true,
      providers: [
        {
          id: 'edu',
          kind: 'saml',
          saml: { metadataCertFile: file('federation.pem', keyOf(federation).certificate), ...saml },
        },
      ],
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 },
    },
  });
}

const chosen = (visitor: Visitor, state: string, entityId: string) =>
  visitor.get(
    `${PREFIX}/saml/chosen?state=${encodeURIComponent(state)}&entityID=${encodeURIComponent(entityId)}`,
  );

/** To the discovery service, which sends the browser back. */
async function toDiscovery(visitor: Visitor) {
  const { location } = await visitor.leave('/standup', 'edu');
  const back = new URL(new URL(location).searchParams.get('return') ?? '');
  return { location: new URL(location), state: back.searchParams.get('state') ?? '', back };
}

/** From there to a member: what it is asked. */
async function toMember(visitor: Visitor, entityId: string) {
  const { state } = await toDiscovery(visitor);
  const answer = await chosen(visitor, state, entityId);
  assert.equal(answer.status, 302, answer.text);
  return { ...requestIn(answer.headers.get('location') ?? ''), state };
}

function requestIn(location: string) {
  const query = new URL(location).searchParams;
  const request = inflateRawSync(Buffer.from(query.get('SAMLRequest') ?? '', 'base64')).toString();
  const [, asked = ''] = / ID="([^"]+)"/.exec(request) ?? [];
  return { asked, request, relayState: query.get('RelayState') ?? '', origin: new URL(location).origin };
}

async function answer(
  visitor: Visitor,
  xml: string,
  relayState: string,
): Promise<{ readonly answer: Answer; readonly signedIn: boolean }> {
  const posted = await stage.ask(`${PREFIX}/saml/acs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://idp.example.org' },
    body: String(
      new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: relayState }),
    ),
  });
  const finished = await visitor.get(posted.headers.get('location') ?? '');
  return { answer: finished, signedIn: visitor.session() !== undefined };
}

const logoutOf = (issuer: string) =>
  `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l" Version="2.0" IssueInstant="${time(0)}" Destination="${ORIGIN}${PREFIX}/saml/slo"><saml:Issuer>${issuer}</saml:Issuer><saml:NameID>ada</saml:NameID></samlp:LogoutRequest>`;

const from = (entityId: string) => ({
  issuer: `<saml:Issuer>${entityId}</saml:Issuer>`,
  responseIssuer: `<saml:Issuer>${entityId}</saml:Issuer>`,
});
const response = (asked: string, by: KeyPair | undefined, entityId = IDP, id = '_a') =>
  signedResponse(keyOf(by), from(entityId), 'assertion', { request: asked, id: `${id}${asked}` });

test('who is sent to the discovery service comes back with a choice, and signs in there', async () => {
  const visitor = stage.visitor();
  const { location, state, back } = await toDiscovery(visitor);
  assert.equal(location.origin, 'https://ds.example.org');
  assert.deepEqual(
    [...location.searchParams].filter(([name]) => name !== 'return'),
    [
      ['policy', 'x'],
      ['entityID', SP],
      ['returnIDParam', 'entityID'],
    ],
  );
  assert.equal(back.origin + back.pathname, `${ORIGIN}${PREFIX}/saml/chosen`);
  const { asked, relayState } = requestIn((await chosen(visitor, state, IDP)).headers.get('location') ?? '');
  assert.ok((await answer(visitor, response(asked, ada), relayState)).signedIn, stage.lines.join(''));
  const [session] = await stage.parts.sessions.list();
  assert.equal(session?.person.id, `edu#${IDP}!ada`);
  assert.deepEqual(service.asked, [IDP], 'one member was asked for, once');
});

test('our metadata names the address that a discovery service may send people back to', async () => {
  const { text } = await stage.ask(`${PREFIX}/saml/metadata`);
  assert.match(text, new RegExp(`<idpdisc:DiscoveryResponse [^>]*Location="${ORIGIN}${PREFIX}/saml/chosen"`));
});

test('one name at two members is two people, whatever stands in it', async () => {
  const visitor = stage.visitor();
  for (const [entityId, key] of [
    [IDP, ada],
    [OTHER, other],
  ] as const) {
    const { asked, relayState } = await toMember(visitor, entityId);
    await answer(visitor, response(asked, key, entityId), relayState);
  }
  const ids = (await stage.parts.sessions.list()).map(({ person }) => person.id);
  assert.deepEqual(new Set(ids), new Set([`edu#${OTHER}!ada`]), 'the first session ended with the second');
  const pairs = [
    ['https://a', 'b!c'],
    ['https://a!b', 'c'],
    ['https://a%21b', 'c'],
    ['https://a%2521b', 'c'],
  ] as const;
  const made = pairs.map(([entityId, subject]) => personOfMember('edu', entityId, `edu#${subject}`));
  assert.equal(new Set(made).size, pairs.length);
  assert.deepEqual(
    made.map((id) => memberOf('edu', id)),
    pairs.map(([entityId]) => entityId),
  );
});

test('no member answers a request that went to another [SAML-23]', async () => {
  for (const [entityId, key] of [
    [OTHER, other],
    [IDP, other],
    [OTHER, ada],
  ] as const) {
    const visitor = stage.visitor();
    const { asked, relayState } = await toMember(visitor, IDP);
    const { answer: finished, signedIn } = await answer(visitor, response(asked, key, entityId), relayState);
    assert.deepEqual([finished.status, signedIn], [400, false]);
  }
});

test('an assertion counts as used at the member that made it: no member uses up the ids of another [SAML-13]', async () => {
  for (const [entityId, signedIn] of [
    [OTHER, true],
    [IDP, false],
  ] as const) {
    const visitor = stage.visitor();
    const { asked, relayState } = await toMember(visitor, IDP);
    const id = Buffer.from(`_a${asked}`).toString('base64url');
    await stage.parts.store.put(`saml/seen/edu/${digest(entityId)}/${id}`, '1', 300);
    assert.equal((await answer(visitor, response(asked, ada), relayState)).signedIn, signedIn, entityId);
  }
});

test('nobody is sent to an entity that no metadata vouches for', async () => {
  const unsigned = memberXml({ entityId: IDP, keys: [keyOf(ada)] });
  for (const [document, status] of [
    [404, 404],
    [unsigned, 502],
    [signedRoot(unsigned, keyOf(stranger)), 502],
    [signedRoot(memberXml({ entityId: IDP, keys: [keyOf(ada)], life: '' }), keyOf(federation)), 502],
    [
      signedRoot(
        memberXml({ entityId: IDP, keys: [keyOf(ada)], life: ` validUntil="${time(-1)}"` }),
        keyOf(federation),
      ),
      502,
    ],
    [signedRoot(memberXml({ entityId: OTHER, keys: [keyOf(ada)] }), keyOf(federation)), 502],
    [signedRoot(memberXml({ entityId: IDP, keys: [] }), keyOf(federation)), 502],
    [503, 502],
  ] as const) {
    service.answers.set(IDP, document);
    const visitor = stage.visitor();
    const { state } = await toDiscovery(visitor);
    const sent = await chosen(visitor, state, IDP);
    assert.deepEqual([sent.status, sent.headers.get('location')], [status, null], String(document));
    stage.clock.advance(61);
  }
});

test('made-up entities push nobody out of what is known: whoever was asked for is not asked for again', async () => {
  const visitor = stage.visitor();
  const { state } = await toDiscovery(visitor);
  assert.equal((await chosen(visitor, state, IDP)).status, 302);
  service.asked.length = 0;
  // What strangers post to single logout names an issuer too, and needs no sign-in under way.
  for (let at = 0; at < 510; at += 1) {
    const xml = logoutOf(`https://made-up-${at}.example.net/idp`);
    await stage.ask(`${PREFIX}/saml/slo`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: String(new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64') })),
    });
  }
  assert.ok(service.asked.length > 500, String(service.asked.length));
  assert.equal((await chosen(visitor, state, IDP)).status, 302);
  assert.ok(!service.asked.includes(IDP));
});

test('no name of an entity leads the query elsewhere', async () => {
  for (const name of [
    '.',
    '..',
    '../..',
    '..%2f..',
    '?',
    '#',
    'https://a/../../b?c#d',
    '\\..\\..',
    '%2e%2e',
  ]) {
    service.asked.length = 0;
    const visitor = stage.visitor();
    const { state } = await toDiscovery(visitor);
    assert.equal((await chosen(visitor, state, name)).status, 404, name);
    const hashed = `{sha1}${createHash('sha1').update(name).digest('hex')}`;
    assert.deepEqual(
      service.asked.filter((asked) => asked !== name && asked !== hashed),
      [],
    );
  }
});

test('what comes back from a discovery service is one entity id of a decent length, or nothing is asked', async () => {
  const visitor = stage.visitor();
  const { state } = await toDiscovery(visitor);
  const at = `${PREFIX}/saml/chosen?state=${encodeURIComponent(state)}`;
  const statuses = [];
  for (const query of [
    '',
    '&entityID=',
    `&entityID=${IDP}&entityID=${OTHER}`,
    `&entityID=${'x'.repeat(257)}`,
  ])
    statuses.push((await visitor.get(at + query)).status);
  assert.deepEqual(statuses, [403, 403, 400, 404]);
  assert.deepEqual(service.asked, []);
});

test('a choice is good in the browser that began, and nothing is asked for another', async () => {
  const [mine, theirs] = [stage.visitor(), stage.visitor()];
  const { state } = await toDiscovery(mine);
  await toDiscovery(theirs);
  for (const [visitor, attempt] of [
    [theirs, state],
    [stage.visitor(), state],
    [mine, ''],
    [mine, `${state}x`],
  ] as const) {
    const sent = await chosen(visitor, attempt, IDP);
    assert.deepEqual([sent.status, sent.headers.get('location')], [400, null]);
  }
  assert.deepEqual(service.asked, []);
});

test('where the operator names the members, nobody else is asked for', async (t) => {
  const named = await start({
    metadataQuery: service.url,
    federation: { discoveryUrl: DISCOVERY, members: [OTHER] },
  });
  t.after(() => named.close());
  const visitor = named.visitor();
  const { state } = await toDiscovery(visitor);
  assert.equal((await chosen(visitor, state, IDP)).status, 404);
  assert.equal((await chosen(visitor, state, OTHER)).status, 302);
  assert.deepEqual(service.asked, [OTHER]);
});

test('a service that knows members by the hash of their name is asked for that', async () => {
  const document = service.answers.get(IDP) ?? '';
  service.answers.delete(IDP);
  const hashed = `{sha1}${createHash('sha1').update(IDP).digest('hex')}`;
  service.answers.set(hashed, document);
  const { asked } = await toMember(stage.visitor(), IDP);
  assert.notEqual(asked, '');
  assert.deepEqual(service.asked, [IDP, hashed]);
});

test('a member is asked for again when its metadata says so, and a key that was withdrawn is believed no more [SAML-42]', async () => {
  publish({ life: ` validUntil="${time(7200)}" cacheDuration="PT5M"` });
  const visitor = stage.visitor();
  const { asked, relayState } = await toMember(visitor, IDP);
  publish({ keys: [keyOf(other)], life: ` validUntil="${time(7200)}" cacheDuration="PT5M"` });
  stage.clock.advance(301);
  const late = signedResponse(keyOf(ada), from(IDP), 'assertion', { request: asked, at: 301 });
  assert.equal((await answer(visitor, late, relayState)).signedIn, false);
  assert.deepEqual(service.asked, [IDP, IDP]);
});

test('while the service is away what it said holds, and not a second after its end [SAML-35]', async () => {
  publish({ life: ` validUntil="${time(4000)}"` });
  await toMember(stage.visitor(), IDP);
  service.answers.set(IDP, 503);
  stage.clock.advance(3900);
  await toMember(stage.visitor(), IDP);
  assert.match(stage.lines.join(''), /saml\.metadata-kept/);
  stage.clock.advance(100);
  const visitor = stage.visitor();
  const { state } = await toDiscovery(visitor);
  assert.equal((await chosen(visitor, state, IDP)).status, 502);
});

test('who is signed in is asked about at their own member, and the page lets its form lead there', async () => {
  const visitor = stage.visitor();
  const { asked, relayState } = await toMember(visitor, OTHER);
  await answer(visitor, response(asked, other, OTHER), relayState);
  stage.clock.advance(3700);
  const page = await visitor.get(`${PREFIX}/sign-in?to=%2Fstandup`);
  assert.match(
    page.headers.get('content-security-policy') ?? '',
    /form-action 'self' https:\/\/other\.example\.org;/,
  );
  const { headers } = await visitor.post(`${PREFIX}/sign-in`, {
    to: '/standup',
    provider: 'edu',
    silent: '1',
  });
  const { request, origin } = requestIn(headers.get('location') ?? '');
  assert.equal(origin, 'https://other.example.org');
  assert.match(request, / IsPassive="true"/);
});

const listed = (members: readonly MemberWords[], more = '') =>
  file('all.xml', signedRoot(aggregateXml(members.map(memberXml)) + more, keyOf(federation)));

/** The page of our own list. */
async function list(on: Stage, search = '', language = 'de') {
  const visitor = on.visitor({ 'accept-language': language });
  const { location } = await visitor.leave('/standup', 'edu');
  const page = await visitor.get(
    `${location.slice(ORIGIN.length).split('#')[0]}&q=${encodeURIComponent(search)}`,
  );
  const links = [...page.text.matchAll(/<a class="choice" href="([^"]*)">(.*?)<\/a>/gs)].map(
    ([, href = '', name = '']) => ({
      href: href.replaceAll('&amp;', '&'),
      name: name.replace(/<[^>]*>/g, ''),
    }),
  );
  return { page, links, visitor };
}

test('our own list is by name in the language people read, without those who hide, and holds no markup of theirs', async (t) => {
  const members: MemberWords[] = [
    { entityId: IDP, keys: [keyOf(ada)], names: { en: 'Brightwater', de: 'Universität Hellwasser' } },
    {
      entityId: OTHER,
      keys: [keyOf(other)],
      names: { en: '&lt;img src=x onerror=alert(1)&gt; &lt;b&gt;Arts&lt;/b&gt;' },
    },
    { entityId: 'https://hidden.example.org', keys: [keyOf(other)], names: { en: 'Hidden' }, hidden: true },
    { entityId: 'https://nameless.example.org/idp', keys: [keyOf(other)] },
  ];
  const on = await start({ metadataFile: listed(members), federation: {} });
  t.after(() => on.close());
  const { page, links, visitor } = await list(on);
  assert.deepEqual(
    links.map(({ name }) => name),
    [
      '&lt;img src=x onerror=alert(1)&gt; &lt;b&gt;Arts&lt;/b&gt;',
      'nameless.example.org',
      'Universität Hellwasser',
    ],
  );
  assert.doesNotMatch(page.text, /<img|<b>/);
  assert.doesNotMatch(page.headers.get('content-security-policy') ?? '', /unsafe/);
  const found = async (words: string) => (await list(on, words)).links.map(({ name }) => name);
  assert.deepEqual(await found('universitat'), ['Universität Hellwasser'], 'an accent is no difference');
  assert.deepEqual(await found('BRIGHTWATER'), ['Universität Hellwasser'], 'every name counts');
  assert.deepEqual(await found('nobody'), []);
  const sent = await visitor.get(links.at(-1)?.href ?? '');
  assert.equal(new URL(sent.headers.get('location') ?? '').origin, 'https://idp.example.org');
});

test('a list nobody would look through is no list: the log names the discovery service', async (t) => {
  const members = Array.from({ length: 51 }, (_, at) => ({
    entityId: `https://idp${at}.example.org/idp`,
    keys: [keyOf(ada)],
  }));
  const on = await start({ metadataFile: listed(members), federation: {} });
  t.after(() => on.close());
  assert.equal((await on.visitor().leave('/standup', 'edu')).answer.status, 303);
  const { page } = await list(on);
  assert.equal(page.status, 502);
  assert.match(on.lines.join(''), /"why":"too-many-members".*"instead":"saml\.federation\.discoveryUrl"/);
});

test('of a document about many, whoever is named twice or has no key is left out, and the others hold', async (t) => {
  const members = [
    memberXml({ entityId: IDP, keys: [keyOf(ada)] }),
    memberXml({ entityId: OTHER, keys: [keyOf(other)] }),
    memberXml({ entityId: OTHER, keys: [keyOf(ada)] }).replace('ID="_m', 'ID="_n'),
    memberXml({ entityId: 'https://none.example.org', keys: [] }),
    memberXml({
      entityId: 'https://past.example.org',
      keys: [keyOf(ada)],
      life: ` validUntil="${time(-1)}"`,
    }),
    aggregateXml(
      [memberXml({ entityId: 'https://group.example.org', keys: [keyOf(ada)] })],
      ` validUntil="${time(-1)}"`,
    ).replace('"_all"', '"_group"'),
  ];
  const path = file('all.xml', signedRoot(aggregateXml(members), keyOf(federation)));
  const on = await start({ metadataFile: path, federation: {} });
  t.after(() => on.close());
  assert.deepEqual(
    (await list(on)).links.map(({ name }) => name),
    ['idp.example.org'],
  );
  assert.match(on.lines.join(''), /saml\.members-unfit.*"members":5/);
});

test('a document about many that is unsigned, signed by another or endless vouches for nobody [SAML-35]', async (t) => {
  const all = aggregateXml([memberXml({ entityId: IDP, keys: [keyOf(ada)] })]);
  for (const document of [
    all,
    signedRoot(all, keyOf(stranger)),
    signedRoot(aggregateXml([memberXml({ entityId: IDP, keys: [keyOf(ada)] })], ''), keyOf(federation)),
  ]) {
    const on = await start({ metadataFile: file('all.xml', document), federation: {} });
    t.after(() => on.close());
    assert.equal((await list(on)).page.status, 502);
  }
});

test('a document of two megabytes is read whole, and one member of it signs people in', async (t) => {
  const filler = Array.from({ length: 400 }, (_, at) => ({
    entityId: `https://idp${at}.example.org/idp`,
    keys: [keyOf(other)],
    names: { en: 'x'.repeat(390), de: 'y'.repeat(390), fr: 'z'.repeat(390), it: 'i'.repeat(390) },
  }));
  const path = listed([...filler, { entityId: IDP, keys: [keyOf(ada)] }]);
  const on = await start({ metadataFile: path, federation: { discoveryUrl: DISCOVERY } });
  t.after(() => on.close());
  const visitor = on.visitor();
  const { state } = await toDiscovery(visitor);
  assert.equal((await chosen(visitor, state, 'https://idp399.example.org/idp')).status, 302);
  assert.equal((await chosen(visitor, state, IDP)).status, 302);
});

test('a document larger than we read is refused by name, and the log says what to ask instead', async (t) => {
  const path = file('all.xml', `<x>${' '.repeat(10 * 1024 * 1024)}</x>`);
  const on = await start({ metadataFile: path, federation: { discoveryUrl: DISCOVERY } });
  t.after(() => on.close());
  await on.visitor().get(`${PREFIX}/sign-in`);
  assert.match(on.lines.join(''), /"why":"too-large".*"instead":"saml\.metadataQuery"/);
  const [finding] = await checkProviders(on.config, () => NOW * 1000);
  assert.deepEqual(
    finding?.complaints.map(({ path: at, wrong, right }) => [at, wrong, right]),
    [
      [
        'providers[0].saml',
        'has no metadata that can be used (too-large)',
        'saml.metadataQuery, which is for more than that',
      ],
    ],
  );
});
