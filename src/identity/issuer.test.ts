/** Which token another application vouches by, and which it does not, whoever wrote it. */
import assert from 'node:assert/strict';
import { createHmac, createPublicKey } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hmac, makeKey, segment, signToken } from '../../test/support/jws.ts';
import { linkClaims, linkToken, MOODLE_SECRET } from '../../test/support/links.ts';
import { fixedClock, unixSeconds } from '../base/clock.ts';
import { isProblem, Problem, type ProblemCode } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { type RemoteKeys, remoteKeys } from '../keys/jwt.ts';
import { publicPemKeys } from '../keys/public-pem.ts';
import { type Issuer, type Issuers, issuerNamedBy, markOfToken, readLinkToken } from './issuer.ts';

const clock = fixedClock();
const now = unixSeconds(clock);

function issuer(more: Partial<Issuer> = {}): Issuer {
  const keys = new Secret(MOODLE_SECRET);
  return { iss: 'moodle', keys, algorithm: 'HS256', rooms: ['*'], role: 'host', wildcard: 'narrow', ...more };
}

function issuers(...all: readonly Issuer[]): Issuers {
  return new Map((all.length === 0 ? [issuer()] : all).map((one) => [one.iss, one]));
}

const read = (token: string, known = issuers()) => readLinkToken(token, { issuers: known, clock });
const claims = (more: object = {}) => linkClaims(clock, more);

async function refusal(token: string, known = issuers()): Promise<Problem> {
  const thrown = await read(token, known).then(
    () => assert.fail('the token was taken'),
    (problem: unknown) => problem,
  );
  assert.ok(thrown instanceof Problem, String(thrown));
  const told = JSON.stringify([thrown.facts, thrown.message]);
  for (const part of token.split('.').filter(({ length }) => length > 12)) assert.ok(!told.includes(part));
  return thrown;
}

async function refuses(token: string, code: ProblemCode = 'link.unacceptable', known = issuers()) {
  const { code: found, facts } = await refusal(token, known);
  assert.equal(found, code, JSON.stringify(facts));
}

test('a token that holds names a person of the application, a role, a room and an end', async () => {
  const { person, role, room, sub, until } = await read(linkToken(claims()));
  assert.deepEqual(person, {
    id: 'moodle#17',
    provider: 'moodle',
    name: 'Grace Hopper',
    email: 'grace@example.org',
    emailVerified: false,
    groups: [],
  });
  assert.deepEqual([role, room, sub, until], ['host', 'standup', 'meet.jitsi', now + 3600]);
});

test('an issuer nobody knows is told as the token names it, so that it can be compared', async () => {
  const { code, facts } = await refusal(linkToken(claims({ iss: 'Moodle' })));
  assert.deepEqual([code, facts], ['link.unacceptable', { why: 'issuer', named: 'Moodle' }]);
  const long = await refusal(linkToken(claims({ iss: 'm'.repeat(500) })));
  assert.deepEqual(long.facts, { why: 'issuer', named: 'm'.repeat(64) });
  assert.deepEqual((await refusal('no token')).facts, { why: 'issuer' });
});

test('who leads is read where Jitsi reads it, and nowhere else', async () => {
  const roleOf = async (user: object, top: object = {}) =>
    (await read(linkToken(claims({ context: { user: { id: '1', ...user } }, ...top })))).role;
  for (const user of [
    { moderator: true },
    { moderator: 'true' },
    { affiliation: 'owner' },
    { affiliation: 'moderator' },
    { affiliation: 'teacher' },
  ])
    assert.equal(await roleOf(user), 'host', JSON.stringify(user));
  for (const user of [
    {},
    { moderator: false },
    { moderator: 'yes' },
    { moderator: 1 },
    { affiliation: 'Owner' },
  ])
    assert.equal(await roleOf(user), 'participant', JSON.stringify(user));
  assert.equal(await roleOf({}, { moderator: true, affiliation: 'owner' }), 'participant');
});

test('without an id the address names the person, and without both each link is one of its own', async () => {
  const idOf = async (user: object, more: object = {}) =>
    (await read(linkToken(claims({ context: { user }, ...more })))).person.id;
  assert.equal(await idOf({ id: '', email: 'a@example.org' }), 'moodle#a@example.org');
  assert.equal(await idOf({ id: 7 }), 'moodle#7');
  const [one, again, other] = [await idOf({}), await idOf({}), await idOf({}, { jti: 'x' })];
  assert.match(one, /^moodle#link-[\w-]{16}$/);
  assert.equal(one, again);
  assert.notEqual(one, other);
});

test('an id that could be read as another one is none', async () => {
  for (const id of ['a\nb', 'a\u0000', 'x'.repeat(300)])
    await refuses(linkToken(claims({ context: { user: { id } } })));
});

test('names are cleaned, and a picture is an https address [JWT-20]', async () => {
  const user = {
    id: '1',
    name: '","moderator":"true\u202e\u0000\ud800'.repeat(100),
    avatar: 'javascript:alert(1)',
    email: 'not an address',
  };
  const { person, role } = await read(linkToken(claims({ context: { user } })));
  assert.equal(role, 'participant');
  assert.ok((person.name ?? '').length <= 100);
  assert.doesNotMatch(person.name ?? '', /[\u202e\u0000\ud800]/);
  assert.deepEqual([person.avatar, person.email], [undefined, undefined]);
});

test('a token without its signature is none, whatever it calls that [JWT-01]', async () => {
  const body = segment(claims());
  for (const alg of ['none', 'None', 'nOnE', '', undefined]) {
    const header = segment({ alg, typ: 'JWT' });
    const input = `${header}.${body}`;
    for (const end of ['', '.', `.${hmac(input, MOODLE_SECRET)}`, `.${hmac(input, '')}`])
      await refuses(`${input}${end}`);
  }
  const [header, , signature] = linkToken(claims()).split('.');
  await refuses(`${header}.${body}.`);
  await refuses(`${header}.${body}`);
  await refuses(`${header}..${signature}`);
});

test('the algorithm is the one that was configured, and no other [JWT-02]', async () => {
  for (const alg of ['HS384', 'HS512']) await refuses(linkToken(claims(), { header: { alg } }));
  const key = makeKey('k', 'RS256');
  await refuses(signToken(claims(), key, { typ: 'JWT' }));
  const hs512 = issuers(issuer({ algorithm: 'HS512' }));
  await refuses(linkToken(claims()), 'link.unacceptable', hs512);
  const { role } = await read(linkToken(claims(), { header: { alg: 'HS512' } }), hs512);
  assert.equal(role, 'host');
});

test('a public key is nobody’s secret: what is signed with its text holds nowhere [JWT-02]', async () => {
  const key = makeKey('k', 'RS256');
  const keys = remoteKeys({ fetchJwks: async () => ({ keys: [key.jwk] }), clock });
  const known = issuers(issuer({ algorithm: 'RS256', keys }));
  assert.equal((await read(signToken(claims(), key, { typ: 'JWT' }), known)).role, 'host');
  const pem = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const der = createPublicKey(key.privateKey).export({ type: 'spki', format: 'der' });
  for (const secret of [pem, pem.trimEnd(), `${pem}\n`, JSON.stringify(key.jwk), der]) {
    const input = `${segment({ alg: 'HS256', typ: 'JWT', kid: 'k' })}.${segment(claims())}`;
    await refuses(
      `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`,
      'link.unacceptable',
      known,
    );
  }
});

test('keys and addresses in the header of a token are not looked at [JWT-04] [JWT-05]', async () => {
  const asked: string[] = [];
  const ours = makeKey('k', 'RS256');
  const theirs = makeKey('k', 'RS256');
  const fetchJwks = async () => {
    asked.push('jwks');
    return { keys: [ours.jwk] };
  };
  const known = issuers(issuer({ algorithm: 'RS256', keys: remoteKeys({ fetchJwks, clock }) }));
  for (const header of [
    { jwk: theirs.jwk },
    { jku: 'https://evil.example/jwks.json' },
    { x5u: 'https://evil.example/cert.pem' },
    { x5c: [segment('x')] },
    { x5t: segment('x') },
  ])
    await refuses(signToken(claims(), theirs, { typ: 'JWT', ...header }), 'link.unacceptable', known);
  assert.deepEqual(asked, ['jwks']);
});

test('what must be understood and is not, is refused [JWT-07]', async () => {
  for (const header of [{ crit: ['x'], x: 1 }, { crit: [] }, { b64: false, crit: ['b64'] }])
    await refuses(linkToken(claims(), { header }));
});

test('a token ends, and says when in a number [JWT-08]', async () => {
  for (const exp of [undefined, null, '9999999999', Number.NaN, 1e300, 2 ** 53, true, [], {}])
    await refuses(linkToken(claims({ exp })));
  for (const exp of [-1, 0, now - 3600, now - 1, now, now + 0.5]) {
    const { code } = await refusal(linkToken(claims({ exp })));
    assert.equal(code, 'link.expired', String(exp));
  }
  assert.equal((await read(linkToken(claims({ exp: now + 60.9 })))).until, now + 60);
});

test('a clock that is half a minute ahead of ours is forgiven, and no more', async () => {
  await read(linkToken(claims({ nbf: now + 30 })));
  await refuses(linkToken(claims({ nbf: now + 31 })));
  await refuses(linkToken(claims({ nbf: 'now' })));
});

test('the audience is compared where one is configured, and only there [JWT-10]', async () => {
  await read(linkToken(claims({ aud: undefined })));
  const known = issuers(issuer({ audience: 'jitsi' }));
  await read(linkToken(claims()), known);
  for (const aud of [undefined, null, 'jitsi2', 'jits', 'Jitsi', [], {}, ['jitsi', 'other'], ['other']])
    await refuses(linkToken(claims({ aud })), 'link.unacceptable', known);
});

test('the issuer is compared letter by letter [JWT-11]', async () => {
  for (const iss of [
    'moodle/',
    'Moodle',
    ' moodle',
    'moodle ',
    null,
    ['moodle'],
    undefined,
    '',
    'constructor',
  ])
    await refuses(linkToken(claims({ iss })));
});

test('one application does not speak for another', async () => {
  const nextcloud = issuer({
    iss: 'nextcloud',
    keys: new Secret('nextcloud has a secret of its own, and keeps it'),
  });
  await refuses(linkToken(claims({ iss: 'nextcloud' })), 'link.unacceptable', issuers(issuer(), nextcloud));
});

test('no bit of a token can be changed [JWT-13]', async () => {
  const token = linkToken(claims());
  for (let at = 0; at < token.length; at += 1) {
    if (token[at] === '.') continue;
    for (const letter of ['A', 'B', '_', '=', '+', '/'])
      if (token[at] !== letter) await refuses(`${token.slice(0, at)}${letter}${token.slice(at + 1)}`);
  }
  for (const more of ['.x', '=', ' ', '%20', '\n', '.']) await refuses(`${token}${more}`);
});

test('a sealed token, a nested one and a huge one cost nothing [JWT-15] [JWT-16]', async () => {
  const five = `${segment({ alg: 'PBES2-HS256+A128KW', enc: 'A128GCM', p2c: 2 ** 31 - 1 })}.a.b.c.d`;
  await refuses(five);
  await refuses(linkToken(claims(), { header: { zip: 'DEF', crit: ['zip'] } }));
  await refuses('x'.repeat(1_000_000));
  await refuses('.'.repeat(100_000));
  await refuses(linkToken(claims({ padding: 'x'.repeat(9000) })));
  await refuses(linkToken(`${'['.repeat(5000)}${']'.repeat(5000)}`.slice(0, 6000)));
});

test('a member that stands there twice says two things, and so nothing', async () => {
  const text = JSON.stringify(claims());
  await read(linkToken(text));
  for (const twice of [
    text.replace('{', '{"room":"board",'),
    text.replace('{', '{"r\\u006fom":"board",'),
    text.replace('"user":{', '"user":{"moderator":false,'),
  ])
    await refuses(linkToken(twice));
});

test('a room that is a pattern is no room', async () => {
  for (const regex of [true, 'true'])
    await refuses(linkToken(claims({ room: '.*', context: { room: { regex } } })));
});

test('a token that names no room, or is of another type, is no link', async () => {
  await refuses(linkToken(claims({ room: undefined })));
  for (const typ of ['at+jwt', 'logout+jwt', undefined])
    await refuses(linkToken(claims(), { header: { typ } }));
});

test('a signature of another kind of key is none [JWT-22]', async () => {
  const key = makeKey('k', 'ES256');
  const pem = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' }).toString();
  const known = issuers(issuer({ algorithm: 'ES256', keys: publicPemKeys(pem, { clock, file: 'x' }) }));
  const token = signToken(claims(), key, { typ: 'JWT', kid: undefined });
  await read(token, known);
  const input = token.split('.').slice(0, 2).join('.');
  for (const bytes of [Buffer.alloc(64), Buffer.alloc(63), Buffer.alloc(0), Buffer.alloc(70, 0x30)])
    await refuses(`${input}.${bytes.toString('base64url')}`, 'link.unacceptable', known);
});

test('keys that cannot be fetched are the application’s fault, and nobody’s token is judged', async () => {
  const away: RemoteKeys = {
    find: async () => {
      throw new Problem('outbound.failed', { why: 'refused' });
    },
  };
  const known = issuers(issuer({ algorithm: 'RS256', keys: away }));
  await refuses(signToken(claims(), makeKey('k'), { typ: 'JWT' }), 'issuer.unreachable', known);
});

test('whatever somebody writes, it is a problem of links or nothing', async () => {
  const words = fc.oneof(
    fc.string(),
    fc.json().map((text) => linkToken(text)),
    fc
      .record({ iss: fc.constant('moodle'), exp: fc.anything(), room: fc.anything(), context: fc.anything() })
      .map((odd) => linkToken(odd)),
  );
  await fc.assert(
    fc.asyncProperty(words, async (token) => {
      try {
        const { person, until } = await read(token);
        assert.ok(person.id.startsWith('moodle#') && until > now);
      } catch (thrown) {
        assert.ok(isProblem(thrown) && thrown.code.startsWith('link.'), String(thrown));
      }
      issuerNamedBy(token);
    }),
  );
});

test('a mark tells tokens apart and tells nothing else', () => {
  assert.equal(markOfToken('a'), markOfToken('a'));
  assert.notEqual(markOfToken(linkToken(claims())), markOfToken(linkToken(claims({ jti: '2' }))));
});
