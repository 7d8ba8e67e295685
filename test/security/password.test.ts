/** Name and password on a page of ours: what is never told, never kept, and how often somebody may guess. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemRandom } from '../../src/base/random.ts';
import { Secret } from '../../src/base/secret.ts';
import { createHashing } from '../../src/identity/accounts/hashing.ts';
import { readPhc } from '../../src/identity/accounts/phc.ts';
import { withAccount } from '../../src/identity/accounts/text.ts';
import { createUsersFileProvider } from '../../src/identity/accounts/users-file.ts';
import { type Answer, PREFIX, type Stage, type StageOptions, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const PAGE = `${PREFIX}/password`;
const KNOWN = '__Host-ostiary-known';
const PASSWORD = 'correct horse battery staple';
const hashing = createHashing();
const HASH = await hashing.make(new Secret(PASSWORD), systemRandom);

interface Accounts extends Stage {
  readonly file: string;
}

async function open(t: TestContext, config: StageOptions['config'] = {}): Promise<Accounts> {
  const folder = await mkdtemp(join(tmpdir(), 'ostiary-users-'));
  const file = join(folder, 'users.yaml');
  const ada = withAccount('', 'ada', { password: HASH, name: 'Ada Lovelace', groups: ['staff'] });
  const bob = withAccount(ada, 'bob', { password: HASH });
  writeFileSync(file, bob.replace(/(bob:\n {4}password: .*\n)/, '$1    disabled: true\n'));
  const stage = await startStage({
    asConfigured: true,
    config: {
      providers: [{ id: 'house', name: 'The House', kind: 'file', usersFile: file }],
      trustedProxies: ['127.0.0.1'],
      ...config,
    },
  });
  t.after(async () => {
    await stage.close();
    await rm(folder, { recursive: true });
  });
  return { ...stage, file };
}

/** Somebody with the page before them, who types. */
async function begin(stage: Stage, headers: Readonly<Record<string, string>> = {}) {
  const visitor = stage.visitor(headers);
  const { location } = await visitor.leave('/standup', 'house');
  const { pathname, search } = new URL(location);
  const page = await visitor.get(pathname + search);
  const state = new URLSearchParams(search).get('state') ?? '';
  const type = (username: string, password: string, more: Readonly<Record<string, string>> = {}) =>
    visitor.post(PAGE, { state, username, password, ...more });
  return { visitor, page, state, type };
}

const signedIn = (answer: Answer) => answer.headers.get('location') === `${PREFIX}/join?to=%2Fstandup`;

test('with the right password somebody is in, under a session of a new id, and on their way', async (t) => {
  const stage = await open(t);
  const { visitor, page, type } = await begin(stage);
  assert.match(
    page.text,
    /autocomplete="username"[\s\S]*type="password"[^>]*autocomplete="current-password"/,
  );
  const answer = await type('Ada', PASSWORD);
  assert.ok(signedIn(answer), answer.text);
  const [session] = await stage.parts.sessions.list();
  const { authenticatedAt, ...person } = session?.person ?? assert.fail();
  assert.deepEqual(person, {
    id: 'house#ada',
    provider: 'house',
    name: 'Ada Lovelace',
    emailVerified: false,
    groups: ['staff'],
  });
  assert.equal(authenticatedAt, Math.floor(stage.clock.now() / 1000));
  const first = visitor.session();
  assert.ok(signedIn(await (await beginAgain(visitor)).type('ada', PASSWORD)));
  assert.notEqual(visitor.session(), first);
});

async function beginAgain(visitor: Visitor) {
  const session = visitor.jar.get('__Host-ostiary') ?? '';
  visitor.jar.delete('__Host-ostiary');
  const { state } = await visitor.leave('/standup', 'house');
  visitor.jar.set('__Host-ostiary', session);
  return {
    type: (username: string, password: string) => visitor.post(PAGE, { state, username, password }),
  };
}

test('the way from the form into a Jitsi of another origin is one the browser goes', async (t) => {
  const jitsi = { roles: 'enforced', xmppDomain: 'meet.jitsi', url: 'https://jitsi.example.net' };
  const stage = await open(t, { jitsi });
  const { page, visitor, type } = await begin(stage);
  const entering = await visitor.get(`${PREFIX}/pass`);
  for (const { headers } of [page, entering])
    assert.match(
      headers.get('content-security-policy') ?? '',
      /form-action 'self' https:\/\/jitsi\.example\.net(?:;|$)/,
    );
  const answer = await type('ada', PASSWORD);
  const last = await visitor.get(answer.headers.get('location') ?? '');
  assert.match(last.headers.get('location') ?? '', /^https:\/\/jitsi\.example\.net\/standup#jwt=/);
});

test('a sign-in is finished once: going back and sending the form again opens nothing', async (t) => {
  const { type, visitor } = await begin(await open(t));
  assert.ok(signedIn(await type('ada', PASSWORD)));
  visitor.jar.delete('__Host-ostiary');
  const again = await type('ada', PASSWORD);
  assert.equal(again.status, 400);
  assert.equal(visitor.session(), undefined);
});

test('the form of another browser, or none, signs nobody in and asks nobody', async (t) => {
  const stage = await open(t);
  const { state } = await begin(stage);
  const other = await begin(stage);
  for (const fields of [{ state }, { state: '' }, { state: `${'A'.repeat(8)}.${'A'.repeat(43)}` }]) {
    const answer = await other.visitor.post(PAGE, { username: 'ada', password: PASSWORD, ...fields });
    assert.equal(answer.status, 400);
    assert.equal(other.visitor.session(), undefined);
  }
});

test('a page of another site cannot send the form', async (t) => {
  const { visitor, state } = await begin(await open(t));
  const fields = { state, username: 'ada', password: PASSWORD };
  for (const headers of [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'content-type': 'text/plain' },
  ])
    assert.equal((await visitor.post(PAGE, fields, headers)).status, 403);
  assert.equal(visitor.session(), undefined);
});

test('nobody learns which accounts there are: unknown, disabled, wrong and empty are answered alike', async (t) => {
  const stage = await open(t);
  const answers = [];
  for (const [username, password] of [
    ['ada', 'wrong'],
    ['nobody', 'wrong'],
    ['bob', PASSWORD],
    ['ada', ''],
    ['', ''],
    ['ada', '\0'],
    ['ada', 'x'.repeat(600)],
    ['a\u0000da', PASSWORD],
  ] as const) {
    const { type, state } = await begin(stage);
    const { status, text, headers } = await type(username, password);
    const shown = text
      .replaceAll(state, 'STATE')
      .replace(/nonce="[^"]*"/g, '')
      .replace(/<span class="id"><bdi>[^<]*/, '')
      .replace(/(id="username".*) value="[^"]*"/, '$1');
    answers.push(JSON.stringify([status, shown, [...headers.keys()]]));
  }
  assert.equal(new Set(answers).size, 1, answers.join('\n'));
  assert.match(answers[0] ?? '', /^\[403,.*do not match/);
});

test('who is not there costs as much work as who is: one hash, of costs that stand in the file', async (t) => {
  const { file, parts } = await open(t);
  const worked: string[] = [];
  const counting = createHashing(async (_, { hash, ...of }) => {
    worked.push(JSON.stringify({ ...of, salt: of.salt.toString('hex') }));
    return Buffer.alloc(hash.length, 7);
  });
  const provider = createUsersFileProvider({
    ...parts,
    id: 'house',
    name: 'The House',
    file,
    emailVerified: true,
    hashing: counting,
  });
  const memory = { state: '', nonce: '', verifier: '', redirectUri: '' };
  const { hash: _, ...of } = readPhc(HASH) ?? assert.fail();
  const expected = JSON.stringify({ ...of, salt: of.salt.toString('hex') });
  for (const username of ['ada', 'bob', 'nobody', 'someone', 'nobody']) {
    const fields = new URLSearchParams({ username, password: 'guess' });
    await assert.rejects(provider.finish(fields, memory), { code: 'sign-in.wrong-password' });
    assert.deepEqual(worked.splice(0), [expected], username);
  }
  const empty = new URLSearchParams({ username: 'ada', password: '' });
  await assert.rejects(provider.finish(empty, memory), { code: 'sign-in.wrong-password' });
  assert.deepEqual(worked, []);
});

test('neither a name that was typed wrongly nor any password stands in the log, the audit or an address', async (t) => {
  const stage = await open(t);
  const { type } = await begin(stage);
  const wrong = await type('my-secret-as-a-name', 'my-secret-as-a-password');
  const right = await type('ada', PASSWORD);
  assert.ok(signedIn(right));
  const kept = JSON.stringify([
    stage.lines,
    await stage.parts.records.list(),
    await stage.parts.store.list(''),
    [...wrong.headers, ...right.headers],
  ]);
  assert.doesNotMatch(kept, /my-secret|correct horse|argon2/);
  assert.doesNotMatch(wrong.text, /my-secret-as-a-password/);
  assert.ok(
    stage.lines.some((line) =>
      line.includes('"event":"problem","provider":"house","why":"unknown","code":"sign-in.wrong-password"'),
    ),
    stage.lines.join(''),
  );
});

test('a name is shown again as text and never as markup', async (t) => {
  const { type } = await begin(await open(t));
  const { text } = await type('"><script>alert(1)</script>', 'x');
  assert.doesNotMatch(text, /<script>alert/);
  assert.match(text, /&quot;&gt;&lt;script&gt;alert/);
});

test('guesses at one account end, say when to come back, and the right one does not help any more', async (t) => {
  const stage = await open(t, { limits: { wrongPasswordsPerAccount: 3 } });
  const { type } = await begin(stage);
  const statuses = [];
  for (let n = 0; n < 3; n += 1) statuses.push((await type('ada', `guess ${n}`)).status);
  const barred = await type('ADA ', PASSWORD);
  assert.deepEqual([...statuses, barred.status], [403, 403, 403, 429]);
  const seconds = Number(barred.headers.get('retry-after'));
  assert.ok(seconds >= 1 && seconds <= 900, String(seconds));
  assert.ok((await type('nobody', 'another account')).status === 403);
});

test('a name in another spelling is no other name to guess at: directories take many for one', async (t) => {
  const stage = await open(t);
  const spellings = [
    'ada',
    'Ad\u00e4',
    'a\u0300da',
    'a d a',
    'ad  a',
    'ad\u034fa',
    'ADA',
    'ad\ufe0fa',
    'a\u0323da',
  ];
  for (const [at, spelling] of [...spellings, '\u00e1da'].entries()) {
    const { type } = await begin(stage, { 'x-forwarded-for': '203.0.113.7' });
    assert.equal((await type(spelling, `guess ${at}`)).status, 403, spelling);
  }
  const { type } = await begin(stage, { 'x-forwarded-for': '203.0.113.7' });
  assert.equal((await type('ad\u00e2', 'one more')).status, 429);
});

test('a browser that is known by one spelling is a stranger to every other', async (t) => {
  const stage = await open(t, { limits: { wrongPasswordsPerAccount: 1 } });
  writeFileSync(stage.file, withAccount(readFileSync(stage.file, 'utf8'), 'ad\u00e4', { password: HASH }));
  const own = await begin(stage, { 'x-forwarded-for': '203.0.113.7' });
  assert.ok(signedIn(await own.type('ad\u00e4', PASSWORD)));
  const statuses: number[] = [];
  for (let at = 0; at < 12; at += 1) {
    own.visitor.jar.delete('__Host-ostiary');
    const { type } = await beginAgain(own.visitor);
    statuses.push((await type('ada', `guess ${at}`)).status);
    own.visitor.jar.delete('__Host-ostiary');
    const { type: typeOwn } = await beginAgain(own.visitor);
    await typeOwn('ad\u00e4', PASSWORD);
  }
  assert.equal(statuses.at(-1), 429);
});

test('a new browser at the same address is the same guesser; one elsewhere is not shut out', async (t) => {
  const stage = await open(t, { limits: { wrongPasswordsPerAccount: 3 } });
  const from = (address: string) => begin(stage, { 'x-forwarded-for': address });
  for (let n = 0; n < 3; n += 1)
    assert.equal((await (await from('203.0.113.9')).type('ada', 'x')).status, 403);
  assert.equal((await (await from('203.0.113.9')).type('ada', PASSWORD)).status, 429);
  assert.ok(signedIn(await (await from('198.51.100.7')).type('ada', PASSWORD)));
});

test('guesses from everywhere shut an account to strangers, and never to a browser that was there before', async (t) => {
  const stage = await open(t, { limits: { wrongPasswordsPerAccount: 2 } });
  const from = (address: string) => begin(stage, { 'x-forwarded-for': address });
  const owner = await from('198.51.100.7');
  assert.ok(signedIn(await owner.type('ada', PASSWORD)));
  const mark = owner.visitor.jar.get(KNOWN) ?? '';
  const statuses = [];
  for (let n = 0; n < 24; n += 1)
    statuses.push((await (await from(`203.0.113.${n}`)).type('ada', 'x')).status);
  assert.equal(statuses.filter((status) => status === 403).length, 20, statuses.join());
  assert.equal((await (await from('192.0.2.1')).type('ada', PASSWORD)).status, 429);
  const back = await from('192.0.2.2');
  back.visitor.jar.set(KNOWN, mark);
  assert.ok(signedIn(await back.type('ada', PASSWORD)));
  const thief = await from('192.0.2.3');
  thief.visitor.jar.set(KNOWN, 'A'.repeat(43));
  assert.equal((await thief.type('ada', PASSWORD)).status, 429);
});

test('one address that tries a password at every account is stopped, and right passwords do not count', async (t) => {
  const stage = await open(t, { limits: { wrongPasswordsPerAddress: 5 } });
  for (let n = 0; n < 8; n += 1) assert.ok(signedIn(await (await begin(stage)).type('ada', PASSWORD)));
  const { type } = await begin(stage);
  const statuses = [];
  for (let n = 0; n < 7; n += 1) statuses.push((await type(`user${n}`, 'Summer2026!')).status);
  assert.deepEqual(statuses, [403, 403, 403, 403, 403, 429, 429]);
});

test('fifty guesses at once are no more guesses than fifty one after another', async (t) => {
  const stage = await open(t, { limits: { wrongPasswordsPerAccount: 5 } });
  const { type } = await begin(stage);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => type('ada', `guess ${n}`)));
  assert.equal(answers.filter(({ status }) => status !== 429).length, 5);
});

test('guesses write nothing into the store', async (t) => {
  const stage = await open(t);
  const { type } = await begin(stage);
  const keys = async () =>
    (await stage.parts.store.list('')).map(({ key }) => key).filter((key) => !/^(?:keys|audit)\//.test(key));
  const before = await keys();
  for (let n = 0; n < 5; n += 1) await type(`nobody${n}`, 'x');
  assert.deepEqual(await keys(), before);
});

test('within the hour whoever is taken out of the file is out, and new groups count; nobody types anything', async (t) => {
  const stage = await open(t);
  const { visitor, type } = await begin(stage);
  assert.ok(signedIn(await type('ada', PASSWORD)));
  stage.clock.advance(3_700);
  const text = readFileSync(stage.file, 'utf8');
  writeFileSync(stage.file, withAccount(text, 'ada', { groups: ['board'] }));
  assert.equal(
    (await visitor.get(`${PREFIX}/sign-in?to=%2Fstandup`)).headers.get('location'),
    `${PREFIX}/join?to=%2Fstandup`,
  );
  assert.match((await visitor.get(`${PREFIX}/join?room=standup`)).headers.get('location') ?? '', /#jwt=/);
  assert.deepEqual((await stage.parts.sessions.list())[0]?.person.groups, ['board']);
  stage.clock.advance(3_700);
  writeFileSync(stage.file, 'users: [');
  assert.match(
    (await visitor.get(`${PREFIX}/join?room=standup`)).headers.get('location') ?? '',
    /#jwt=/,
    'a file nobody can read ends nobody',
  );
  stage.clock.advance(3_700);
  writeFileSync(stage.file, 'users: {}\n');
  assert.match(
    (await visitor.get(`${PREFIX}/join?room=standup`)).headers.get('location') ?? '',
    /\/sign-in\?/,
  );
  assert.deepEqual(await stage.parts.sessions.list(), []);
});

test('a file that cannot be read lets nobody in, and is told as what it is', async (t) => {
  const stage = await open(t);
  const { type } = await begin(stage);
  writeFileSync(stage.file, `users:\n  ada: { password: ${PASSWORD} }\n`);
  const answer = await type('ada', PASSWORD);
  assert.equal(answer.status, 502);
  assert.match(answer.text, /do not fit together yet/);
  assert.doesNotMatch(stage.lines.join(''), /correct horse/);
});

test('INV-05 an invitation is good while the account of its maker is there, in a group that leads the room', async (t) => {
  const stage = await open(t, { hosts: ['staff'] });
  const { visitor, type } = await begin(stage);
  assert.ok(signedIn(await type('ada', PASSWORD)));
  const made = await visitor.post(`${PREFIX}/room/standup`, { do: 'invite' }, { accept: 'application/json' });
  const address = JSON.parse(made.text).link.slice('https://meet.example.org'.length);
  const opens = async () => (await stage.ask(address)).status;
  assert.equal(await opens(), 200);
  const text = readFileSync(stage.file, 'utf8');
  for (const [without, status] of [
    [withAccount(text, 'ada', { groups: ['board'] }), 410],
    [text, 200],
    [text.replace(/(ada:\n {4}password: .*\n)/, '$1    disabled: true\n'), 410],
    ['users: {}\n', 410],
    // A file nobody can read takes nothing from anybody.
    ['users: [', 200],
  ] as const) {
    writeFileSync(stage.file, without);
    stage.clock.advance(60);
    assert.equal(await opens(), status, without.slice(0, 40));
  }
});
