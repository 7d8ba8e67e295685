/**
 * What we mint opens its room in a real Prosody, and nothing else does.
 *
 * The Prosody is Debian's. The modules that judge are our own test modules, written to Jitsi's behaviour, unless
 * OSTIARY_JITSI_PLUGINS names a checkout of Jitsi's; see prosody.ts.
 */
import assert from 'node:assert/strict';
import { createHmac, createVerify, timingSafeEqual } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { parseRoomPath } from '../../src/base/room.ts';
import { Secret } from '../../src/base/secret.ts';
import type { SigningKey } from '../../src/keys/signing-key.ts';
import { judge, mayJoin } from '../../src/tokens/prosody.ts';
import { type KeyServer, startKeyServer } from './key-server.ts';
import {
  APP_ID,
  AUDIENCE,
  forge,
  type KeyPair,
  makeKeyPair,
  mintFor,
  nodeOf,
  nowSeconds,
  sharedSecret,
  soundClaims,
} from './minted.ts';
import { DOMAIN, type Prosody, type ProsodySetup, startProsody } from './prosody.ts';
import {
  type Connected,
  connect,
  connectWith,
  type How,
  type JoinError,
  type Session,
  type Tokens,
  WAYS,
} from './xmpp.ts';

const SECRET = 'a shared secret of more than thirty-two bytes';
const OURS: KeyPair = makeKeyPair('ours-1');
const THEIRS: KeyPair = makeKeyPair('theirs-1');

const STANDUP = parseRoomPath('/standup');
const ROOMS = [
  '/standup',
  '/StandUp',
  '/Gr%C3%B6%C3%9Fe%20und%20Ma%C3%9F',
  '/physics/standup',
  '/a.b-c/R%C3%A4t',
];
const QUERY: How = { via: 'query', transport: 'websocket' };

/** A way Prosody may come by keys, and who signs for it. */
interface Mode {
  readonly name: string;
  readonly key: SigningKey;
  keys(from: KeyServer): ProsodySetup['keys'];
}

const MODES: readonly Mode[] = [
  { name: 'HS256 with a shared secret', key: sharedSecret(SECRET), keys: () => ({ secret: SECRET }) },
  { name: 'RS256 with keys by ASAP', key: OURS.signing, keys: (from) => ({ fetch: 'asap', from }) },
  { name: 'RS256 with keys by JWKS', key: OURS.signing, keys: (from) => ({ fetch: 'jwks', from }) },
];

/** A Prosody and its key server for the tests of one suite. */
function useProsody(
  mode: Mode,
  domainVerification: boolean,
): { readonly prosody: Prosody; readonly server: KeyServer } {
  let running: { prosody: Prosody; server: KeyServer } | undefined;
  before(async () => {
    const server = await startKeyServer([OURS.published]);
    const setup = { appId: APP_ID, audience: AUDIENCE, keys: mode.keys(server), domainVerification };
    running = {
      server,
      prosody: await startProsody(setup).catch((cause) => server.close().then(() => Promise.reject(cause))),
    };
  });
  after(async () => {
    await running?.prosody.stop();
    await running?.server.close();
  });
  return {
    get prosody() {
      return running?.prosody ?? assert.fail('no Prosody');
    },
    get server() {
      return running?.server ?? assert.fail('no key server');
    },
  };
}

function letIn(connected: Connected): Session {
  return connected.accepted ? connected.session : assert.fail(connected.text);
}

/** Where somebody wants to go, and how. */
interface Aim {
  readonly node: string;
  readonly how?: How;
}

/** What a join meets: "joined", Jitsi's element, or the text where there is none. */
async function enter(prosody: Prosody, token: string, { node, how = QUERY }: Aim): Promise<string> {
  const session = letIn(await connect(prosody, token, how));
  const joined = await session.join(node);
  await session.close();
  return joined === 'joined' ? joined : reason(joined);
}

function reason({ condition, text, child }: JoinError): string {
  assert.equal(condition, 'not-allowed');
  return child ?? text;
}

/** How Prosody refuses a connection; "accepted" if it does not. */
async function refusal(prosody: Prosody, token: string | undefined, how: How = QUERY): Promise<string> {
  return said(await connect(prosody, token, how));
}

async function said(connected: Connected): Promise<string> {
  if (connected.accepted) await connected.session.close();
  return connected.accepted ? 'accepted' : `${connected.condition}: ${connected.text}`;
}

/** What our judge foretells for the same token. */
async function foretold(key: SigningKey, token: string | undefined): Promise<string> {
  const options = { algorithm: key.algorithm, issuers: [APP_ID], audiences: [AUDIENCE] };
  const verdict = await judge(token, options, {
    now: nowSeconds(),
    hasKey: (kid) => kid === OURS.published.kid,
    verify: (_algorithm, ...[, input, signature]) =>
      key.algorithm === 'RS256'
        ? createVerify('sha256').update(input).verify(OURS.published.pem, signature)
        : isSame(createHmac('sha256', SECRET).update(input).digest(), signature),
  });
  return verdict.accepted ? 'accepted' : `${verdict.condition}: ${verdict.text}`;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Between our asking and Prosody's a second may pass. */
const withoutSeconds = (text: string) => text.replace(/\([\d.]+ sec/, '(… sec');

/** A token Prosody must refuse at once, and with which words. */
type Bad = readonly [what: string, token: string | undefined, words: string];

/** Bad in the same words however Prosody comes by its keys. */
function badAnywhere(key: SigningKey): readonly Bad[] {
  const [head = '', , signature = ''] = forge(key).split('.');
  const [, grander = ''] = forge(key, { claims: { room: '*' } }).split('.');
  const claims = (changed: object) => forge(key, { claims: changed });
  return [
    ['no token', undefined, 'not-allowed: token required'],
    ['an empty token', '', 'not-allowed: Invalid token'],
    ['junk', 'junk', 'not-allowed: Invalid token'],
    ['a token without its signature', `${head}.${grander}.`, 'not-allowed: Invalid token'],
    [
      'another body under the same signature',
      `${head}.${grander}.${signature}`,
      'not-allowed: Invalid signature',
    ],
    [
      'an expired token',
      claims({ exp: nowSeconds() - 100 }),
      'not-allowed: Not acceptable by exp (… sec since expired)',
    ],
    ['a token not valid yet', claims({ nbf: nowSeconds() + 100 }), 'not-allowed: Not acceptable by nbf'],
    ['an end in quotes', claims({ exp: '9999999999' }), 'not-allowed: exp must be number'],
    ['a token of another issuer', claims({ iss: 'stranger' }), "not-allowed: invalid 'iss' claim"],
    ['a token for another audience', claims({ aud: 'other' }), "not-allowed: invalid 'aud' claim"],
    ['a list of audiences', claims({ aud: [AUDIENCE] }), "not-allowed: invalid 'aud' claim"],
    ['a token without a room', claims({ room: undefined }), 'not-authorized: room claim is missing'],
    ['a token without a subject', claims({ sub: undefined }), 'not-authorized: sub claim is missing'],
    ['a token of another type', forge(key, { header: { typ: 'at+jwt' } }), 'not-allowed: Invalid typ'],
  ];
}

/** HS256 with our public key for a secret, as whoever reads it at our door could make it. */
function confusedKey(kid: string): SigningKey {
  return { kid, algorithm: 'HS256', secret: new Secret(OURS.published.pem) };
}

function badForSharedSecret(key: SigningKey): readonly Bad[] {
  const none = forge(key, { header: { alg: 'none' } });
  return [
    ['alg none', none, 'not-allowed: Invalid or incorrect alg'],
    ['alg none without a signature', none.replace(/[^.]*$/, ''), 'not-allowed: Invalid token'],
    ['another algorithm', forge(OURS.signing), 'not-allowed: Invalid or incorrect alg'],
    ['a token signed by a stranger', forge(sharedSecret('somebody else')), 'not-allowed: Invalid signature'],
    ['HS256 signed with our public PEM', forge(confusedKey(key.kid)), 'not-allowed: Invalid signature'],
  ];
}

function badForFetchedKeys(key: SigningKey): readonly Bad[] {
  const confused = confusedKey(key.kid);
  const notRsa = "not-allowed: 'kid' claim only support with RS family";
  const none = forge(key, { header: { alg: 'none' } });
  const stranger = { ...THEIRS.signing, kid: key.kid };
  const asRsa = forge(confused, { header: { alg: 'RS256' } });
  return [
    ['alg none', none, notRsa],
    ['alg none without a signature', none.replace(/[^.]*$/, ''), notRsa],
    ['HS256 signed with our public PEM', forge(confused), notRsa],
    ['HS256 signed with our public PEM and called RS256', asRsa, 'not-allowed: Invalid signature'],
    ['a token signed by a stranger under our kid', forge(stranger), 'not-allowed: Invalid signature'],
    ['a key nobody publishes', forge(THEIRS.signing), 'not-allowed: could not obtain public key'],
    [
      'a token that names no key',
      forge(key, { header: { kid: undefined } }),
      "not-allowed: 'kid' claim is missing",
    ],
  ];
}

function bad({ key }: Mode): readonly Bad[] {
  return [...badAnywhere(key), ...(key.algorithm === 'HS256' ? badForSharedSecret : badForFetchedKeys)(key)];
}

for (const mode of MODES)
  suite(`${mode.name}, domain verification on`, { timeout: 40_000 }, () => {
    const used = useProsody(mode, true);

    for (const how of WAYS)
      test(`what we mint is accepted for its room, token in the ${how.via}, over ${how.transport} [JWT-19]`, async () =>
        assert.equal(
          await enter(used.prosody, await mintFor(STANDUP, mode.key), { node: 'standup', how }),
          'joined',
        ));

    for (const path of ROOMS)
      test(`what we mint for ${path} opens the room the web client joins there`, async () => {
        const room = parseRoomPath(path);
        assert.equal(
          await enter(used.prosody, await mintFor(room, mode.key), { node: nodeOf(room) }),
          'joined',
        );
      });

    test('what we mint opens no other room, no other tenant, and not the root from a tenant', async () => {
      const meets = async (path: string, node: string) =>
        enter(used.prosody, await mintFor(parseRoomPath(path), mode.key), { node });
      assert.deepEqual(
        [
          await meets('/standup', 'standup2'),
          await meets('/standup', '[physics]standup'),
          await meets('/physics/standup', '[chemistry]standup'),
          await meets('/physics/standup', 'standup'),
        ],
        Array(4).fill('Room and token mismatched'),
      );
    });

    test('a token we minted hours ago, for a meeting that is over, is refused', async () => {
      const token = await mintFor(STANDUP, mode.key, 7200);
      assert.match(
        await refusal(used.prosody, token),
        /Not acceptable by exp \(\d+(\.0)? sec since expired, valid for:3600(\.0)? sec\)/,
      );
    });

    for (const [what, token, words] of bad(mode))
      test(`${what} is refused in the words our judge foretells`, async () => {
        assert.equal(withoutSeconds(await refusal(used.prosody, token)), words);
        assert.equal(withoutSeconds(await foretold(mode.key, token)), words);
      });

    for (const how of WAYS)
      test(`junk and nothing are refused, token in the ${how.via}, over ${how.transport}`, async () => {
        assert.equal(await refusal(used.prosody, 'junk', how), 'not-allowed: Invalid token');
        assert.equal(await refusal(used.prosody, undefined, how), 'not-allowed: token required');
      });

    test('a room nobody has opened cannot be made by a guest, however good the token', async () => {
      const token = forge(mode.key, { claims: { room: 'unopened' } });
      assert.equal(await enter(used.prosody, token, { node: 'unopened' }), 'room-does-not-exist');
    });
  });

const [SHARED, BY_ASAP, BY_JWKS] = MODES as [Mode, Mode, Mode];

suite('HS256 with a shared secret, domain verification off', { timeout: 40_000 }, () => {
  const used = useProsody(SHARED, false);

  const JOINS: readonly [claims: object, node: string][] = [
    [{}, 'standup'],
    [{}, 'standup2'],
    [{}, '[physics]standup'],
    [{ room: 'StandUp' }, 'standup'],
    [{ room: '*' }, 'any'],
    [{ room: 'Größe' }, 'gr%c3%b6%c3%9fe'],
    [{ room: 'gr%C3%B6%c3%9fe' }, 'gr%c3%b6%c3%9fe'],
    [{ sub: 7 }, 'standup'],
  ];
  for (const [claims, node] of JOINS)
    test(`a token with ${JSON.stringify(claims)} meets at ${node} what our judge foretells`, async () => {
      const entry = mayJoin(
        { ...(soundClaims() as { [claim: string]: string }), ...claims },
        { node, xmppDomain: DOMAIN, domainVerification: false },
      );
      const expected = entry.accepted ? 'joined' : (entry.child ?? entry.text);
      assert.equal(await enter(used.prosody, forge(SHARED.key, { claims }), { node }), expected);
    });

  for (const transport of ['websocket', 'bosh'] as const)
    test(`the token in the query wins over the one in the header, over ${transport}`, async () => {
      const good = await mintFor(STANDUP, SHARED.key);
      const say = async (tokens: Tokens) => said(await connectWith(used.prosody, tokens, transport));
      assert.equal(await say({ query: good, header: 'junk' }), 'accepted');
      assert.equal(await say({ query: 'junk', header: good }), 'not-allowed: Invalid token');
    });
});

suite('where keys are fetched', { timeout: 40_000 }, () => {
  const asap = useProsody(BY_ASAP, true);
  const byJwks = useProsody(BY_JWKS, true);

  test('a key is fetched once by its digest and kept', async () => {
    for (let time = 0; time < 3; time += 1)
      assert.equal(await refusal(asap.prosody, await mintFor(STANDUP, OURS.signing)), 'accepted');
    assert.equal(asap.server.asked.length, 1);
    assert.match(asap.server.asked[0] ?? '', /^\/asap\/[\da-f]{64}\.pem$/);
  });

  test('with a JWKS no PEM is fetched for a key that stands in it', async () => {
    assert.equal(await refusal(byJwks.prosody, await mintFor(STANDUP, OURS.signing)), 'accepted');
    assert.deepEqual([...new Set(byJwks.server.asked)], ['/jwks.json']);
  });
});
