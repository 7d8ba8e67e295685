/** Attacks of, and by means of, other applications: what they ask for, whom they pretend to be, what they show. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unixSeconds } from '../../src/base/clock.ts';
import {
  APPS,
  askToken,
  basic,
  CRM_ORIGIN,
  CRM_SECRET,
  makeSigner,
  SHOP_SECRET,
  SOMEBODY,
  shown,
  TOKEN_ENDPOINT,
  tokenOf,
  told,
} from '../support/apps.ts';
import { startProsodyJudge } from '../support/prosody-judge.ts';
import { APP_ID, ORIGIN, PREFIX, type Stage, startStage, XMPP_DOMAIN } from '../support/server-stage.ts';

let stage: Stage;
let folder: string;
const signer = makeSigner('keyed');

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ostiary-apps-'));
  const file = join(folder, 'keyed.pem');
  writeFileSync(file, signer.pem);
  stage = await startStage({
    config: {
      apps: [...APPS, { name: 'keyed', publicKeyFile: file, rooms: ['crm-*'] }],
      limits: { appGuessesPerAddress: 1000 },
      rules: [
        { name: 'nobody in the vault', when: { rooms: ['crm-vault'] }, then: 'refuse' },
        { name: 'talks have no second host', when: { rooms: ['crm-talk'] }, then: 'guest' },
        { name: 'waits', when: { rooms: ['crm-later'] }, then: 'wait' },
      ],
      access: 'members',
    },
  });
});
after(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const error = async (...asked: Parameters<typeof askToken> extends [unknown, ...infer R] ? R : never) => {
  const answer = await askToken(stage, ...asked);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(told(answer)['access_token'], undefined);
  return [answer.status, told(answer)['error']];
};

test('an application gets what takes one person into one room, and Prosody takes it', async () => {
  const answer = await askToken(stage);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.headers.get('pragma'), 'no-cache');
  const { access_token: token, ...rest } = told(answer);
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 21_600, room: 'crm-7', role: 'participant' });
  assert.equal((await startProsodyJudge(stage, 'jwks').judge(String(token))).accepted, true);
  const { room, sub, aud, context } = claims(String(token));
  assert.deepEqual([room, sub, aud], ['crm-7', XMPP_DOMAIN, APP_ID]);
  assert.deepEqual([context.user.id, context.user.name], ['app:crm#4711', 'Grace']);
});

test('as host where it may ask for one, below a tenant where it may, and no longer than it may', async () => {
  assert.equal(
    claims(tokenOf(await askToken(stage, { ...SOMEBODY, role: 'host' }))).context.user.moderator,
    true,
  );
  const answer = await askToken(
    stage,
    { ...SOMEBODY, room: 'shop-1', tenant: 'Sales' },
    basic('shop', SHOP_SECRET),
  );
  assert.equal(told(answer)['tenant'], 'sales');
  const { sub, exp, iat } = claims(tokenOf(answer));
  assert.deepEqual([sub, exp - iat], ['sales', 3600]);
});

for (const [what, more, word] of [
  ['a room that is not its own', { room: 'board' }, 'invalid_target'],
  ['a room that only begins like its own to who strips', { room: '!board' }, 'invalid_target'],
  ['a room with a star in it', { room: 'crm-*' }, 'invalid_target'],
  ['every room', { room: '*' }, 'invalid_target'],
  ['a room with a slash in it', { room: 'crm-7/../board' }, 'invalid_target'],
  ['its room under another tenant', { tenant: 'sales' }, 'invalid_target'],
  ['a tenant that is none', { tenant: 'a/b' }, 'invalid_target'],
  ['a role there is none of', { role: 'owner' }, 'invalid_scope'],
  ['nobody', { subject_id: '' }, 'invalid_request'],
  ['somebody with a line break', { subject_id: '1\n2' }, 'invalid_request'],
  ['somebody endless', { subject_id: 'x'.repeat(256) }, 'invalid_request'],
  ['a room the rules keep closed', { room: 'crm-vault' }, 'access_denied'],
  ['a room that is not open yet', { room: 'crm-later' }, 'access_denied'],
  ['no room', { room: '' }, 'invalid_request'],
] as const)
  test(`an application that asks for ${what} gets nothing, and ${word}`, async () =>
    assert.deepEqual(await error({ ...SOMEBODY, ...more }), [400, word]));

test('an application never gets a higher role than it may ask for', async () =>
  assert.deepEqual(await error({ ...SOMEBODY, room: 'shop-1', role: 'host' }, basic('shop', SHOP_SECRET)), [
    400,
    'invalid_scope',
  ]));

test('a rule lowers what an application asked for, and it is told so', async () => {
  const answer = await askToken(stage, { ...SOMEBODY, room: 'crm-talk', role: 'host' });
  assert.equal(told(answer)['role'], 'guest');
  assert.equal(claims(tokenOf(answer)).context.user.moderator, false);
});

for (const [what, headers] of [
  ["another application's secret", basic('crm', SHOP_SECRET)],
  ['half of its secret', basic('crm', CRM_SECRET.slice(0, -1))],
  ['no secret', basic('crm', '')],
  ['no secret for an application that has keys', basic('keyed', '')],
  ['the secret of nobody', basic('nobody', CRM_SECRET)],
  ['a name of the language itself', basic('__proto__', CRM_SECRET)],
  ['nothing', {}],
  ['something else than Basic', { authorization: `Bearer ${CRM_SECRET}` }],
  ['broken base64', { authorization: 'Basic %%%' }],
  ['a broken escape', { authorization: `Basic ${Buffer.from('crm:%E0%A4%A').toString('base64')}` }],
] as const)
  test(`who shows ${what} is no application of ours`, async () => {
    const answer = await askToken(stage, SOMEBODY, headers);
    assert.deepEqual([answer.status, told(answer)['error']], [401, 'invalid_client']);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Basic realm=/);
  });

test('a secret in the body is none, because bodies stand in logs and in the forms of pages', async () =>
  assert.deepEqual(await error({ ...SOMEBODY, client_id: 'crm', client_secret: CRM_SECRET }, {}), [
    401,
    'invalid_client',
  ]));

test('a browser shows no secret: what stands in a page is everybody’s', async () => {
  const answer = await askToken(stage, SOMEBODY, { ...basic('crm', CRM_SECRET), origin: CRM_ORIGIN });
  assert.deepEqual([answer.status, told(answer)['error']], [400, 'unauthorized_client']);
  assert.equal(answer.headers.get('access-control-allow-origin'), null);
});

for (const name of ['grant_type', 'room', 'subject_id', 'role', 'whatever'])
  test(`two values of ${name} are none`, async () => {
    const fields = new URLSearchParams({ ...SOMEBODY, role: 'guest', whatever: '1' });
    fields.append(name, 'other');
    assert.deepEqual(await error(fields), [400, 'invalid_request']);
  });

test('what the endpoint does not know it does not mind', async () =>
  assert.equal((await askToken(stage, { ...SOMEBODY, moderator: 'true', exp: '1', aud: '*' })).status, 200));

test('any other grant is none of ours', async () => {
  for (const grant_type of ['', 'password', 'authorization_code', 'refresh_token', 'CLIENT_CREDENTIALS'])
    assert.deepEqual(await error({ ...SOMEBODY, grant_type }), [400, 'unsupported_grant_type']);
});

test('only a form is read', async () => {
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
    assert.deepEqual(await error(SOMEBODY, { ...basic('crm', CRM_SECRET), 'content-type': type }), [
      400,
      'invalid_request',
    ]);
});

test('nothing is read from the address', async () => {
  const answer = await stage.ask(`${PREFIX}/token?${new URLSearchParams(SOMEBODY)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic('crm', CRM_SECRET) },
    body: 'subject_id=1',
  });
  assert.equal(told(answer)['error'], 'unsupported_grant_type');
});

for (const subject of ['sso#ada', 'ada', 'sso', '#', '../sso#ada', 'app:shop#1'])
  test(`somebody whom the application calls ${subject} is the application's own all the same`, async () => {
    const token = claims(tokenOf(await askToken(stage, { ...SOMEBODY, subject_id: subject })));
    assert.equal(token.context.user.id, `app:crm#${subject}`);
  });

test('the e-mail address an application names opens what no rule would open for it', async () => {
  const other = await startStage({
    config: {
      apps: APPS,
      hosts: ['ada@example.org', 'staff'],
      rules: [{ name: 'the boss leads', when: { emails: ['ada@example.org'] }, then: 'host' }],
      access: 'members',
    },
  });
  try {
    const answer = await askToken(other, { ...SOMEBODY, role: 'guest', subject_email: 'ada@example.org' });
    assert.equal(told(answer)['role'], 'guest');
  } finally {
    await other.close();
  }
});

test('there is one key in a file, whatever the application calls it', async () => {
  const assertion = signer.assertion(unixSeconds(stage.clock), {}, { kid: '2026-key' });
  assert.equal((await askToken(stage, { ...SOMEBODY, ...shown(assertion) }, {})).status, 200);
});

test('who signs as one application and says to be another is none [RFC 7521, section 4.2]', async () => {
  const as = (client_id: string) => ({
    ...SOMEBODY,
    ...shown(signer.assertion(unixSeconds(stage.clock))),
    client_id,
  });
  assert.deepEqual(await error(as('crm'), {}), [400, 'invalid_request']);
  assert.equal((await askToken(stage, as('keyed'), {})).status, 200);
});

test('an application that signs gets the same', async () => {
  const now = unixSeconds(stage.clock);
  const answer = await askToken(stage, { ...SOMEBODY, ...shown(signer.assertion(now)) }, {});
  assert.equal(claims(tokenOf(answer)).context.user.id, 'app:keyed#4711');
});

const now = () => unixSeconds(stage.clock);
for (const [what, made] of [
  ['that is for another address', () => signer.assertion(now(), { aud: `${ORIGIN}${PREFIX}` })],
  [
    'that is for us and somebody else',
    () => signer.assertion(now(), { aud: [TOKEN_ENDPOINT, 'https://evil.test'] }),
  ],
  ['that speaks of another application', () => signer.assertion(now(), { iss: 'crm', sub: 'crm' })],
  ['whose subject is somebody else', () => signer.assertion(now(), { sub: 'crm' })],
  ['that is good for an hour', () => signer.assertion(now(), { exp: now() + 3600 })],
  ['that is over', () => signer.assertion(now(), { exp: now() - 60 })],
  ['without an end', () => signer.assertion(now(), { exp: undefined })],
  ['without a number', () => signer.assertion(now(), { jti: undefined })],
  ['with an endless number', () => signer.assertion(now(), { jti: 'x'.repeat(300) })],
  ['that begins later', () => signer.assertion(now(), { nbf: now() + 120 })],
  ['by another key', () => makeSigner('keyed').assertion(now())],
  ['that names another algorithm', () => signer.assertion(now(), {}, { alg: 'ES384' })],
  ['that names none', () => `${signer.assertion(now(), {}, { alg: 'none' }).split('.', 2).join('.')}.`],
  [
    'made with the public key as a secret',
    () => {
      const [header, payload] = signer.assertion(now(), {}, { alg: 'HS256' }).split('.');
      return `${header}.${payload}.${createHmac('sha256', signer.pem).update(`${header}.${payload}`).digest('base64url')}`;
    },
  ],
  ['that is no token', () => 'x'],
] as const)
  test(`an assertion ${what} proves nothing [JWT-01 JWT-02 JWT-05]`, async () =>
    assert.deepEqual(await error({ ...SOMEBODY, ...shown(made()) }, {}), [401, 'invalid_client']));

test('an assertion is good once, by however many it is shown at the same time', async () => {
  const assertion = signer.assertion(now());
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => askToken(stage, { ...SOMEBODY, ...shown(assertion) }, {})),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(7).fill(401)]);
});

test('two proofs at once are one too many', async () => {
  assert.deepEqual(await error({ ...SOMEBODY, ...shown(signer.assertion(now())) }), [400, 'invalid_request']);
  assert.deepEqual(await error({ ...SOMEBODY, client_secret: CRM_SECRET }), [400, 'invalid_request']);
  assert.deepEqual(await error({ ...SOMEBODY, client_id: 'shop' }), [400, 'invalid_request']);
});

test('the audit names application, person, room and role, and nothing holds token or secret', async () => {
  const token = tokenOf(await askToken(stage, { ...SOMEBODY, subject_id: 'audited', role: 'host' }));
  const [entry] = await stage.parts.records.list({ person: 'app:crm#audited' });
  assert.deepEqual(
    [entry?.event, entry?.provider, entry?.room, entry?.role],
    ['entered', 'app:crm', 'crm-7', 'host'],
  );
  const { id } = told(await askToken(stage, { ...SOMEBODY, room: 'board', subject_id: 'nosy' }));
  const [refused] = await stage.parts.records.find(String(id));
  assert.deepEqual(
    [refused?.event, refused?.person, refused?.provider, refused?.room, refused?.code],
    ['app-refused', 'app:crm#nosy', 'app:crm', 'board', 'client.room'],
  );
  assert.ok(stage.lines.some((line) => line.includes('audit.app-refused') && line.includes('app:crm')));
  for (const secret of [token, token.split('.')[2] ?? '', CRM_SECRET, SHOP_SECRET, 'Grace'])
    assert.ok(!stage.lines.some((line) => line.includes(secret)));
});

test('who guesses is stopped by their address, and who holds the right secret elsewhere is not', async () => {
  const proxied = await startStage({
    config: { apps: APPS, limits: { appGuessesPerAddress: 3 }, trustedProxies: ['127.0.0.1'] },
  });
  const from = (address: string, secret: string) =>
    askToken(proxied, SOMEBODY, { ...basic('crm', secret), 'x-forwarded-for': address });
  try {
    for (let tries = 0; tries < 3; tries += 1) assert.equal((await from('203.0.113.5', 'wrong')).status, 401);
    const barred = await from('203.0.113.5', CRM_SECRET);
    assert.equal(barred.status, 429);
    assert.ok(Number(barred.headers.get('retry-after')) > 0);
    assert.equal((await from('203.0.113.6', CRM_SECRET)).status, 200);
  } finally {
    await proxied.close();
  }
});

test('one application asks for as many as it may, and the other is not held up', async () => {
  const busy = await startStage({ config: { apps: APPS, limits: { tokensPerApp: 2 } } });
  try {
    const statuses = [];
    for (let tries = 0; tries < 3; tries += 1) statuses.push((await askToken(busy)).status);
    assert.deepEqual(statuses, [200, 200, 429]);
    const other = await askToken(busy, { ...SOMEBODY, room: 'shop-1' }, basic('shop', SHOP_SECRET));
    assert.equal(other.status, 200);
  } finally {
    await busy.close();
  }
});

test('without applications the endpoint knows nobody', async () => {
  const alone = await startStage();
  try {
    assert.equal((await askToken(alone)).status, 401);
  } finally {
    await alone.close();
  }
});
