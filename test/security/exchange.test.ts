/** Token exchange: the tokens of applications with secrets of their own, for one of ours; from back ends and from pages. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import {
  APPS,
  askToken,
  basic,
  CRM_ORIGIN,
  CRM_SECRET,
  SHOP_SECRET,
  tokenOf,
  told,
} from '../support/apps.ts';
import { linkClaims, linkToken, MOODLE, MOODLE_SECRET } from '../support/links.ts';
import { startProsodyJudge } from '../support/prosody-judge.ts';
import { ORIGIN, type Stage, startStage, XMPP_DOMAIN } from '../support/server-stage.ts';

let stage: Stage;

before(async () => {
  stage = await startStage({
    config: {
      apps: [...APPS, { name: 'lms', secret: CRM_SECRET, rooms: ['*'], role: 'host', lifetime: '10m' }],
      issuers: [{ ...MOODLE, rooms: ['crm-*', 'standup'], role: 'host' }],
      jitsi: { roles: 'enforced', xmppDomain: XMPP_DOMAIN },
      access: 'members',
      rules: [{ name: 'talks', when: { rooms: ['crm-talk'] }, then: 'guest' }],
      limits: { appGuessesPerAddress: 1000 },
    },
  });
});
after(() => stage.close());

const EXCHANGE = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  room: 'crm-7',
} as const;
const subject = (more: object = {}, how: Parameters<typeof linkToken>[1] = {}) =>
  linkToken(linkClaims(stage.clock, { room: 'crm-7', ...more }), how);
const exchange = (
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = basic('crm', CRM_SECRET),
) => askToken(stage, { ...EXCHANGE, subject_token: subject(), ...fields }, headers);
const claims = (token: string) => JSON.parse(String(Buffer.from(token.split('.')[1] ?? '', 'base64url')));
const FROM_PAGE = { origin: CRM_ORIGIN, 'sec-fetch-site': 'cross-site' } as const;

test('a token of an application with a secret of its own becomes one that Prosody takes, for the same person', async () => {
  const answer = await exchange();
  const { access_token: token, ...rest } = told(answer);
  assert.deepEqual(rest, {
    token_type: 'Bearer',
    expires_in: 3600,
    room: 'crm-7',
    role: 'host',
    issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  });
  assert.equal((await startProsodyJudge(stage, 'jwks').judge(String(token))).accepted, true);
  assert.equal(claims(String(token)).context.user.id, 'moodle#17');
  const [entry] = await stage.parts.records.list({ person: 'moodle#17' });
  assert.deepEqual([entry?.event, entry?.room, entry?.role], ['entered', 'crm-7', 'host']);
});

test('what comes of it ends with the earlier of the two, and has the lower of the two roles', async () => {
  const short = await exchange({}, basic('lms', CRM_SECRET));
  assert.equal(told(short)['expires_in'], 600);
  const student = subject({ context: { user: { id: '18' } } });
  assert.equal(told(await exchange({ subject_token: student }))['role'], 'participant');
  assert.equal(told(await exchange({ role: 'guest' }))['role'], 'guest');
  const open = { room: 'crm-open', subject_token: subject({ room: 'crm-open' }) };
  assert.equal(told(await exchange(open, basic('shop', SHOP_SECRET)))['role'], 'participant');
});

test('a rule lowers what a token proposed', async () => {
  const fields = { room: 'crm-talk', subject_token: subject({ room: 'crm-talk' }) };
  assert.equal(told(await exchange(fields))['role'], 'guest');
});

for (const [what, fields, word] of [
  ['a token for another room', () => ({ subject_token: subject({ room: 'crm-8' }) }), 'invalid_target'],
  [
    'a room that is the issuer’s and not the application’s',
    () => ({ room: 'standup', subject_token: subject({ room: 'standup' }) }),
    'invalid_target',
  ],
  [
    'a higher role than the token’s',
    () => ({ role: 'host', subject_token: subject({ context: { user: { id: '18' } } }) }),
    'invalid_scope',
  ],
  [
    'a token by another secret',
    () => ({ subject_token: subject({}, { secret: `${MOODLE_SECRET}x` }) }),
    'invalid_request',
  ],
  ['a token that is over', () => ({ subject_token: subject({ exp: 1 }) }), 'invalid_request'],
  ['a token of nobody', () => ({ subject_token: subject({ iss: 'nobody' }) }), 'invalid_request'],
  [
    'a token without a signature',
    () => ({
      subject_token: `${subject({}, { header: { alg: 'none' } })
        .split('.', 2)
        .join('.')}.`,
    }),
    'invalid_request',
  ],
  ['no token', () => ({ subject_token: '' }), 'invalid_request'],
  [
    'a token of another type',
    () => ({ subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }),
    'invalid_request',
  ],
  [
    'another type in exchange',
    () => ({ requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }),
    'invalid_request',
  ],
  ['to act for somebody', () => ({ actor_token: subject() }), 'invalid_request'],
  ['a token for somewhere else', () => ({ audience: 'https://evil.example' }), 'invalid_target'],
  ['a resource of somebody else', () => ({ resource: 'https://evil.example/' }), 'invalid_target'],
] as const)
  test(`who asks for ${what} gets nothing, and ${word}`, async () => {
    const answer = await exchange(fields());
    assert.deepEqual([answer.status, told(answer)['error']], [400, word]);
  });

test('our own token is nobody’s proof to us', async () => {
  const ours = tokenOf(await exchange());
  assert.equal(told(await exchange({ subject_token: ours }))['error'], 'invalid_request');
});

test('our own name is a target', async () =>
  assert.equal((await exchange({ audience: ORIGIN })).status, 200));

test('a page of the list exchanges what its person holds, without a secret, and may read the answer', async () => {
  const answer = await exchange({ client_id: 'crm' }, FROM_PAGE);
  assert.equal(answer.status, 200);
  assert.deepEqual(
    [
      answer.headers.get('access-control-allow-origin'),
      answer.headers.get('vary'),
      answer.headers.get('access-control-allow-credentials'),
    ],
    [CRM_ORIGIN, 'Origin', null],
  );
  const refused = await exchange({ client_id: 'crm', role: 'owner' }, FROM_PAGE);
  assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [400, CRM_ORIGIN]);
});

for (const [what, fields, headers] of [
  ['a page of no list', { client_id: 'crm' }, { origin: 'https://evil.example' }],
  ['a page that calls itself null', { client_id: 'crm' }, { origin: 'null' }],
  ['a page of another application', { client_id: 'shop' }, FROM_PAGE],
  ['a page of nobody', {}, FROM_PAGE],
  ['a page with a secret', { client_id: 'crm', client_secret: CRM_SECRET }, FROM_PAGE],
] as const)
  test(`${what} gets nothing and reads nothing`, async () => {
    const answer = await exchange(fields, headers);
    assert.deepEqual(
      [answer.status, told(answer)['error'], answer.headers.get('access-control-allow-origin')],
      [400, 'unauthorized_client', null],
    );
  });

test('without an origin there is no exchange without a proof', async () =>
  assert.equal((await exchange({ client_id: 'crm' }, {})).status, 401));

test('no token that was exchanged stands in the log', async () => {
  const token = subject();
  const given = tokenOf(await exchange({ subject_token: token }));
  await exchange({ subject_token: `${token}x` });
  for (const one of [token, given])
    assert.ok(!stage.lines.some((line) => line.includes(one.split('.')[2] ?? '')));
});

/** A stage of its own, where little is a flood. */
async function narrow(t: TestContext, limits: object): Promise<Stage> {
  const own = await startStage({
    config: { apps: APPS, issuers: [{ ...MOODLE, role: 'host' }], access: 'members', limits },
  });
  t.after(() => own.close());
  return own;
}

test('who merely names a page’s origin writes nothing into the audit, about nobody', async (t) => {
  const own = await narrow(t, {});
  const page = { client_id: 'crm', subject_id: 'boss', ...EXCHANGE };
  for (const fields of [
    page,
    { ...page, subject_token: 'x' },
    { ...page, subject_token: subject({ exp: 1 }) },
    { ...page, subject_token: subject(), room: '' },
    { ...page, subject_token: subject(), audience: 'https://evil.example' },
  ])
    assert.equal((await askToken(own, fields, FROM_PAGE)).status, 400);
  assert.deepEqual(
    own.lines.filter((line) => line.includes('audit.')),
    [],
  );
});

test('whom an exchange was refused stands in the audit as who the token says, not as who the form says', async () => {
  const asked = { client_id: 'crm', subject_id: 'boss', subject_token: subject(), role: 'owner' };
  for (const headers of [FROM_PAGE, basic('crm', CRM_SECRET)]) {
    const { client_id: _, ...proven } = asked;
    const { id } = told(await exchange(headers === FROM_PAGE ? asked : proven, headers));
    const [refused] = await stage.parts.records.find(String(id));
    assert.deepEqual([refused?.event, refused?.person], ['app-refused', 'moodle#17']);
  }
});

test('junk that people hand to an application’s back end does not shut the application out', async (t) => {
  const own = await narrow(t, { appGuessesPerAddress: 3 });
  for (let n = 0; n < 6; n += 1)
    assert.equal((await askToken(own, { ...EXCHANGE, subject_token: `junk-${n}` })).status, 400);
  assert.equal((await askToken(own)).status, 200);
  const page = { ...EXCHANGE, client_id: 'crm', subject_token: 'junk' };
  for (let n = 0; n < 3; n += 1) assert.equal((await askToken(own, page, FROM_PAGE)).status, 400);
  assert.equal((await askToken(own, page, FROM_PAGE)).status, 429);
});

test('who holds one token of a person cannot use up what the application may ask for', async (t) => {
  const own = await narrow(t, { tokensPerApp: 5, signInsPerAddress: 8 });
  const page = { ...EXCHANGE, client_id: 'crm', subject_token: subject() };
  const statuses: number[] = [];
  for (let n = 0; n < 10; n += 1) statuses.push((await askToken(own, page, FROM_PAGE)).status);
  assert.deepEqual(statuses, [...Array(8).fill(200), 429, 429]);
  assert.equal((await askToken(own)).status, 200);
});
