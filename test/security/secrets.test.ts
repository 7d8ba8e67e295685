/** What must never be told: secrets in logs, metrics, answers and addresses; our insides in errors; a second line in a log. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { roomFromPath, roomOf } from '../../src/base/room.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { makePass } from '../../src/identity/pass.ts';
import { tokenIn } from '../support/claims-of.ts';
import { createFickleStore, type FickleStore, INNER_WORDS } from '../support/fickle-store.ts';
import { ADA } from '../support/mutable-op.ts';
import {
  type Answer,
  APP_ID,
  ORIGIN,
  PREFIX,
  type Sent,
  type Stage,
  startStage,
} from '../support/server-stage.ts';
import { openTerminal } from '../support/terminal.ts';
import { openVisitor, type Visitor } from '../support/visitor.ts';

const APP_SECRET = 'canary-app-secret-0123456789-0123456789';
const path = (below: string) => `${PREFIX}${below}`;

/** A server that is watched: every answer, every secret that was in play, every mood of the store. */
interface Watched extends Stage {
  readonly answers: (Answer & { readonly target: string })[];
  readonly secrets: Map<string, string>;
  readonly fickle: FickleStore;
}

async function watch(config: Readonly<Record<string, unknown>> = {}): Promise<Watched> {
  let fickle: FickleStore | undefined;
  const stage = await startStage({
    env: { APP_SECRET },
    config: {
      tokens: { appId: APP_ID, secret: { env: 'APP_SECRET' } },
      limits: { signInsPerBrowser: 1_000_000, signInsPerAddress: 1_000_000 },
      ...config,
    },
    store: (clock) => {
      fickle = createFickleStore(clock);
      return fickle.store;
    },
  });
  assert.ok(fickle);
  const answers: Watched['answers'] = [];
  const ask = async (target: string, sent?: Sent) => {
    const answer = await stage.ask(target, sent);
    answers.push({ ...answer, target });
    return answer;
  };
  const secrets = new Map([
    [APP_SECRET, 'the secret shared with Prosody'],
    [stage.op.clientSecret.reveal(), 'the client secret'],
  ]);
  return {
    ...stage,
    ask,
    visitor: (headers) => openVisitor({ ask, op: stage.op, headers }),
    answers,
    secrets,
    fickle,
  };
}

/** One whole way through, which brings every kind of secret into play and remembers each. */
async function wholeWay(
  stage: Watched,
  keep: (what: string, secret: string | null | undefined) => void,
): Promise<Visitor> {
  stage.op.bend.tokens = (document) => {
    for (const name of ['access_token', 'refresh_token', 'id_token']) keep(name, String(document[name]));
    return document;
  };
  const visitor = stage.visitor();
  const away = await visitor.leave();
  for (const [name, value] of visitor.jar) if (name.includes('-try-')) keep('a sealed attempt', value);
  const callback = visitor.callbackOf(away);
  keep('a code', new URL(callback, ORIGIN).searchParams.get('code'));
  keep('a state', away.state);
  keep('a nonce', new URL(away.location).searchParams.get('nonce'));
  const back = await visitor.get(callback);
  keep(
    'a code verifier',
    stage.op.requests.findLast(({ path: at }) => at === '/token')?.form.get('code_verifier'),
  );
  keep('a session id', visitor.session());
  const room = await visitor.get(back.headers.get('location') ?? '');
  keep('a token', tokenIn(room));
  return visitor;
}

/** Everything that can go wrong on the way, each with a live secret in the middle of it. */
async function everyError(
  stage: Watched,
  keep: (what: string, secret: string | null | undefined) => void,
): Promise<void> {
  const { op } = stage;
  const person = await wholeWay(stage, keep);
  const failing = async (bend: Stage['op']['bend']) => {
    const visitor = stage.visitor();
    const away = await visitor.leave();
    Object.assign(op.bend, bend);
    const callback = visitor.callbackOf(away);
    keep('a code', new URL(callback, ORIGIN).searchParams.get('code'));
    await visitor.get(callback);
    await visitor.get(`${callback}&code=again`);
    for (const name of Object.keys(bend)) delete op.bend[name as keyof typeof bend];
  };
  // A provider that repeats whatever it was sent, in the words of an error, as page and as JSON.
  await failing({
    answer: (honest, { path: at, form, headers }) =>
      at !== '/token'
        ? honest
        : {
            ...honest,
            status: 400,
            body: JSON.stringify({
              error: 'invalid_grant',
              error_description: `${form} ${headers.authorization}`,
              ...Object.fromEntries(form),
            }),
          },
  });
  await failing({
    answer: (honest, { path: at, form }) =>
      at !== '/token'
        ? honest
        : { ...honest, status: 500, headers: { 'content-type': 'text/html' }, body: `<h1>${form}</h1>` },
  });
  await failing({
    answer: (honest, { path: at }) =>
      at !== '/token' ? honest : { ...honest, body: honest.body.slice(0, -9) },
  });
  await failing({ claims: (claims) => ({ ...claims, nonce: 'another' }) });
  await failing({ idToken: (token) => `${token.slice(0, -8)}AAAAAAAA` });
  await failing({ claims: (claims) => ({ ...claims, aud: 'somebody-else' }) });
  await failing({ hangsUp: true });
  const good = op.logoutToken({ sid: 'nobodys', sub: 'nobody' });
  const bad = op.logoutToken({ aud: 'somebody-else' });
  for (const token of [good, good, bad, `${bad}x`]) {
    keep('a logout token', token);
    await person.post(path('/backchannel-logout/sso'), { logout_token: token });
  }
  const pass = (
    await makePass({ room: roomOf(roomFromPath('crisis')), role: 'host', for: 60 }, stage.parts)
  ).code.reveal();
  keep('an entry code', pass);
  const guest = stage.visitor();
  await guest.post(path('/pass'), { code: `${pass.slice(0, -4)}ZZZZ`, name: 'x' });
  await guest.post(path('/pass'), { code: pass, name: 'x' });
  await guest.post(path('/pass'), { code: pass, name: 'x' });
  keep('a session id', guest.session());
  const typed = 'canary-typed-by-a-person-0123456789';
  keep('what a person pasted', typed);
  const state = JSON.stringify({ room: 'x', refreshToken: typed, jwt: typed, 'config.token': typed });
  for (const target of [
    `/join?state=${encodeURIComponent(state)}`,
    `/join?room=a&room=b&jwt=${typed}`,
    `/nothing?code=${typed}`,
    `/callback/sso?code=${typed}&state=${typed}`,
    `/callback/evil?code=${typed}`,
    `/session?token=${typed}`,
    `/pass?code=${typed}`,
    `/join?room=%zz&jwt=${typed}`,
  ])
    await person.get(path(target), { authorization: `Bearer ${typed}`, 'x-token': typed });
  await person.post(path('/sign-in'), { provider: typed, to: `/x#jwt=${typed}` });
  await person.post(path('/pass'), { code: typed, name: 'x' }, { 'content-type': 'text/plain' });
  for (const mood of ['full', 'gone', 'bug'] as const) {
    const visitor = stage.visitor();
    const callback = visitor.callbackOf(await visitor.leave());
    stage.fickle.mood = mood;
    stage.clock.advance(2);
    await visitor.get(callback);
    await person.get(path('/join?room=standup'));
    await person.post(path('/pass'), { code: pass, name: 'x' });
    stage.fickle.mood = 'good';
  }
  await person.post(path('/sign-out'), { to: '/standup' });
}

let watched: Watched;

before(async () => {
  watched = await watch();
  const keep = (what: string, secret: string | null | undefined) => {
    assert.ok(secret && secret.length > 12, `${what} was never seen`);
    watched.secrets.set(secret, what);
  };
  await everyError(watched, keep);
});
after(() => watched.close());

/** Which secrets a text holds, as they are or as they would stand in an address. */
function leaksIn(text: string, but: readonly string[] = []): readonly string[] {
  const found = [...watched.secrets].filter(
    ([secret, what]) =>
      !but.includes(what) && (text.includes(secret) || text.includes(encodeURIComponent(secret))),
  );
  return [...new Set(found.map(([, what]) => what))];
}

test('every kind of secret was in play, and every kind of answer was given [SEC-01]', () => {
  assert.deepEqual(new Set(watched.secrets.values()).size, 15);
  const statuses = new Set(watched.answers.map(({ status }) => status));
  for (const status of [200, 302, 303, 400, 403, 404, 500, 502, 503])
    assert.ok(statuses.has(status), `${status}`);
  assert.ok(watched.lines.length > 30, `${watched.lines.length} lines`);
});

test('no secret stands in any line of a log at debug level [SEC-01]', () => {
  for (const line of watched.lines) assert.deepEqual(leaksIn(line), [], line);
});

test('no secret stands in the metrics, nor anything a caller chose [SEC-01]', async () => {
  const { text, status } = await watched.ask(path('/metrics'), { on: 'inner' });
  assert.equal(status, 200);
  assert.match(text, /ostiary_sign_ins_total\{/);
  assert.deepEqual(leaksIn(text), []);
  assert.doesNotMatch(text, /ada|standup|canary|127\.0\.0\.1/);
});

test('no secret of anybody stands in the store as it is, the audit included [SEC-01]', async () => {
  const entries = await watched.parts.store.list('');
  assert.ok(
    entries.some(({ key }) => key.startsWith('audit/')) &&
      entries.some(({ key }) => key.startsWith('session/')),
  );
  for (const { key, value } of entries) assert.deepEqual(leaksIn(`${key} ${value}`), [], key);
});

test('no answer holds a secret in its body, but for the ID token in the form that signs out at its provider [SEC-01]', () => {
  let forms = 0;
  for (const { text, target } of watched.answers) {
    const isSignOut = target === path('/sign-out') && text.includes('id_token_hint');
    forms += Number(isSignOut);
    assert.deepEqual(leaksIn(text, isSignOut ? ['id_token'] : []), [], target);
  }
  assert.equal(forms, 1);
});

test('no answer holds a secret in a header, but where it is handed to the one it is for [SEC-01]', () => {
  for (const { headers, target } of watched.answers)
    for (const [name, value] of headers) {
      const forOne: Readonly<Record<string, readonly string[]>> = {
        'set-cookie': ['a session id', 'a sealed attempt'],
        location: value.startsWith('https://sso.example.org/authorize?')
          ? ['a state', 'a nonce']
          : value.startsWith(`${ORIGIN}/standup#jwt=`)
            ? ['a token']
            : [],
      };
      assert.deepEqual(leaksIn(value, forOne[name] ?? []), [], `${name} of ${target}`);
    }
});

test('every page and redirect keeps its address from other sites, and is kept by nobody [SEC-02]', () => {
  const told = watched.answers.filter(
    ({ headers }) => headers.has('location') || /html/.test(headers.get('content-type') ?? ''),
  );
  assert.ok(told.length > 40);
  for (const { headers, target } of told)
    assert.deepEqual(
      [headers.get('referrer-policy'), headers.get('cache-control')],
      ['same-origin', 'no-store'],
      target,
    );
});

test('the token travels behind the # of our own origin, where no server and no Referer sees it, and nowhere else [SEC-02]', () => {
  const ways = watched.answers.filter(({ headers }) => headers.get('location')?.includes('jwt'));
  assert.ok(ways.length > 0);
  for (const { headers } of ways) {
    const to = new URL(headers.get('location') ?? '');
    assert.deepEqual([to.origin, to.search, to.hash.startsWith('#jwt=%22')], [ORIGIN, '', true]);
  }
});

test('every redirect to another origin ends the old fragment, so that no token is carried over [SEC-02]', () => {
  const away = watched.answers
    .map(({ headers }) => headers.get('location') ?? '')
    .filter((to) => /^https:\/\/(?!meet\.example\.org\/)/.test(to));
  assert.ok(away.length > 0);
  for (const to of away) assert.match(to, /#$/);
});

test('a query with a token in it is left behind by whatever we redirect to [SEC-02]', async () => {
  const visitor = watched.visitor();
  const canary = 'eyJhbGciOiJub25lIn0.canary-token.x';
  for (const to of [
    `/standup?jwt=${canary}`,
    `/standup#jwt=%22${canary}%22`,
    `/standup?x#config.startSilent=true&jwt=${canary}`,
  ]) {
    const page = await visitor.get(path(`/sign-in?to=${encodeURIComponent(to)}`));
    assert.ok(!page.text.includes('canary-token'), to);
    const join = await visitor.get(path(`/join?to=${encodeURIComponent(to)}`));
    assert.ok(!join.headers.get('location')?.includes('canary-token'), to);
  }
});

/** Every status we can be made to answer with, by how. */
async function forced(): Promise<ReadonlyMap<string, Answer>> {
  const stage = await watch({ limits: { signInsPerBrowser: 2 } });
  const found = new Map<string, Answer>();
  try {
    const visitor = stage.visitor();
    const json = { accept: 'application/json' };
    const both = async (
      name: string,
      work: (headers: Readonly<Record<string, string>>) => Promise<Answer>,
    ) => {
      found.set(`${name} as a page`, await work({}));
      found.set(`${name} as JSON`, await work(json));
    };
    stage.op.bend.hangsUp = true;
    await visitor.get(path('/sign-in'));
    await both('400', (headers) => visitor.get(path('/join'), headers));
    await both('403', (headers) => visitor.post(path('/sign-out'), {}, { ...headers, origin: 'null' }));
    await both('404', (headers) => visitor.get(path('/nothing-here'), headers));
    await both('405', (headers) => visitor.post(path('/jwks.json'), {}, headers));
    await both('413', (headers) => visitor.post(path('/pass'), { code: 'x'.repeat(70_000) }, headers));
    await both('502', (headers) => visitor.post(path('/sign-in'), { provider: 'sso' }, headers));
    await both('429', (headers) => visitor.post(path('/sign-in'), { provider: 'sso' }, headers));
    const session = { cookie: `__Host-ostiary=${'x'.repeat(43)}` };
    stage.fickle.mood = 'gone';
    await both('503', (headers) => stage.ask(path('/session'), { headers: { ...headers, ...session } }));
    stage.fickle.mood = 'bug';
    await both('500', (headers) => stage.ask(path('/session'), { headers: { ...headers, ...session } }));
    stage.fickle.mood = 'good';
    found.set('400 before any route', await stage.ask('/a//b'));
    found.set('405 before any route', await stage.ask(path('/sign-in'), { method: 'PUT' }));
    found.set(
      '421 before any route',
      await stage.ask(path('/sign-in'), { headers: { host: 'evil.example' } }),
    );
  } finally {
    await stage.close();
  }
  return found;
}

const INSIDES =
  /\bat .+:\d+:\d+|node:|\.ts\b|Error\b|SQLITE|sqlite|\/var\/|\/src\/|node_modules|canary|sso\.example|127\.0\.0\.1|\d+\.\d+\.\d+|hono|express|undici/i;

test('every kind of failure is told by status, words and an id, and by nothing of our insides [SEC-04]', async () => {
  const answers = await forced();
  assert.equal(answers.size, 21);
  for (const [how, { status, headers, text }] of answers) {
    assert.equal(`${status}`, how.slice(0, 3), how);
    assert.match(text, /\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b/, how);
    const plain = text.replace(/<style[\s\S]*?<\/style>|<svg[\s\S]*?<\/svg>/g, '');
    assert.doesNotMatch(plain, INSIDES, how);
    assert.ok(!text.includes(INNER_WORDS));
    for (const name of ['server', 'x-powered-by', 'via']) assert.equal(headers.get(name), null, how);
    assert.doesNotMatch(
      [...headers].filter(([name]) => name !== 'content-security-policy').join(),
      INSIDES,
      how,
    );
  }
});

test('a page that asks to come back later says when [SEC-04]', async () => {
  for (const [how, { headers, status }] of await forced())
    if (status === 429 || status === 503) assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/, how);
});

for (const [status, bytes] of [
  [431, `GET / HTTP/1.1\r\nHost: meet.example.org\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  [400, 'nonsense\r\n\r\n'],
  [400, 'GET / HTTP/1.1\r\nHost : meet.example.org\r\n\r\n'],
] as const)
  test(`what is no request at all (${bytes.slice(0, 8)}…) is answered ${status}, closed, and told nothing [SEC-04]`, async () => {
    const said = await watched.raw(bytes);
    assert.match(
      said,
      new RegExp(`^HTTP/1\\.1 ${status} [A-Za-z ]+\r\nConnection: close\r\nContent-Length: 0\r\n\r\n$`),
    );
  });

const NASTY =
  'Eve\r\n{"level":"error","event":"forged"}\u001b[31m\u0007\u2028\u2029\u0085\u009b2J\u202e"\\ \u0000';

test('whatever names, rooms, headers and errors hold, each event is one line of JSON that no terminal obeys, and nothing else is written [SEC-06]', async (t) => {
  const stderr = t.mock.method(process.stderr, 'write', () => true);
  const stage = await watch();
  try {
    stage.op.user = {
      ...ADA,
      sub: `eve${NASTY}`,
      name: NASTY,
      email: `${NASTY}@example.org`,
      groups: [NASTY],
      picture: NASTY,
    };
    // What Node's own client still sends; the bytes of U+2028 and U+009B are among it.
    const latin = Buffer.from(NASTY)
      .toString('latin1')
      .replace(/[\x00-\x1f\x7f]/g, ' ');
    const visitor = stage.visitor({
      'user-agent': latin,
      'accept-language': latin,
      referer: latin,
      'x-forwarded-for': latin,
    });
    await visitor.signIn();
    const odd = encodeURIComponent(NASTY);
    for (const target of [
      `/join?room=${odd}`,
      `/join?state=${encodeURIComponent(JSON.stringify({ room: NASTY }))}`,
      `/join?room=standup&tenant=${odd}`,
      '/join?room=standup',
      `/callback/${odd}?error=x`,
      `/callback/sso?error=${odd}&error_description=${odd}&state=${odd}`,
      `/${odd}`,
      `/sign-in?to=/${odd}`,
    ])
      await visitor.get(path(target));
    const away = await visitor.leave();
    await visitor.get(
      path(
        `/callback/sso?error=${odd}&error_description=${odd}&state=${away.state}&iss=https://sso.example.org`,
      ),
    );
    await visitor.post(path('/pass'), { code: NASTY, name: NASTY });
    const pass = (
      await makePass({ room: roomOf(roomFromPath('crisis')), role: 'host', for: 60 }, stage.parts)
    ).code.reveal();
    await visitor.post(path('/pass'), { code: pass, name: NASTY });
    await visitor.post(path('/sign-in'), { provider: NASTY });
    await visitor.post(path('/backchannel-logout/sso'), { logout_token: NASTY });
    for (const mood of ['gone', 'bug'] as const) {
      stage.fickle.mood = mood;
      stage.clock.advance(2);
      await visitor.get(path('/session'));
    }
    stage.fickle.mood = 'good';
    await visitor.post(path('/sign-out'), {});
    assert.ok(stage.lines.length > 15);
    for (const line of stage.lines) {
      assert.match(
        line,
        /^\{[\x20-\x7e\u00a0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ufefe\uff00-\uffff]*\}\n$/,
      );
      const { event, level } = JSON.parse(line);
      assert.ok(event !== 'forged' && typeof event === 'string' && typeof level === 'string', line);
    }
    assert.deepEqual(
      stderr.mock.calls.map(({ arguments: [text] }) => String(text)),
      [],
    );
  } finally {
    await stage.close();
  }
});

test('no command takes a secret as a word, where every process of the machine could read it [SEC-08]', async (t) => {
  const options = COMMANDS.flatMap((command) => (command.options ?? []).map(({ flags }) => flags));
  assert.ok(options.includes('--config <file>'));
  assert.deepEqual(
    // What takes the name of a file, or an address, takes no secret.
    options.filter((flags) => /secret|password|key\b|token/i.test(flags) && !/ <(?:file|url)>$/.test(flags)),
    [],
  );
  const terminal = openTerminal(t);
  for (const words of [
    ['serve', '--client-secret', APP_SECRET],
    ['serve', '--secret', APP_SECRET],
    ['serve', '--config', 'ostiary.yaml', APP_SECRET],
    ['check', '--jwt-app-secret', APP_SECRET],
  ])
    assert.equal((await terminal.run(...words)).code, 1, words.join(' '));
});

test('a secret is read from a file or from what systemd hands over, and printed by nothing [SEC-08]', async (t) => {
  const terminal = openTerminal(t);
  writeFileSync(join(terminal.folder, 'jwt'), `${APP_SECRET}\n`, { mode: 0o600 });
  terminal.env['CREDENTIALS_DIRECTORY'] = terminal.folder;
  for (const secret of [{ file: './jwt' }, { credential: 'jwt' }]) {
    terminal.configure({ tokens: { secret } });
    const { code, out, err } = await terminal.run('config');
    assert.deepEqual([code, out.includes('[secret]'), `${out}${err}`.includes(APP_SECRET)], [0, true, false]);
  }
});
