/** Signing in with the accounts of a real directory: slapd, by LDAPS and by StartTLS. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { fixedClock } from '../../src/base/clock.ts';
import { READER, type Slapd, SUFFIX, startSlapd } from '../support/real/slapd.ts';
import { PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import { openTerminal } from '../support/terminal.ts';
import { meetingStatus, startStage as startBrowserStage } from './stage.ts';

const PAGE = `${PREFIX}/password`;

let slapd: Slapd;
before(async () => {
  slapd = await startSlapd();
});
after(() => slapd?.stop());

function provider(
  ldap: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
) {
  return {
    id: 'dir',
    name: 'The Directory',
    kind: 'ldap',
    ...more,
    ldap: {
      urls: [slapd.ldaps],
      caFile: slapd.caFile,
      bindDn: READER.dn,
      bindPassword: READER.password,
      base: SUFFIX,
      ...ldap,
    },
  };
}

async function open(
  t: TestContext,
  ldap: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<Stage> {
  const stage = await startStage({
    asConfigured: true,
    clock: fixedClock(Date.now()),
    config: { providers: [provider(ldap, more)], outbound: { timeout: '2s' } },
  });
  t.after(() => stage.close());
  return stage;
}

async function signIn(stage: Stage, username: string, password: string) {
  const visitor = stage.visitor();
  const { state } = await visitor.leave('/standup', 'dir');
  const answer = await visitor.post(PAGE, { state, username, password });
  const id = visitor.session();
  const session = id === undefined ? undefined : await stage.parts.sessions.read(id);
  return { visitor, answer, person: session?.person };
}

/** The log's own words for why nobody was let in. */
const why = (stage: Stage) =>
  stage.lines
    .map((line) => JSON.parse(line) as { event: string; why?: string | number })
    .filter(({ event }) => event === 'problem')
    .map(({ why }) => why);

for (const [how, ldap] of [
  ['LDAPS', () => ({ urls: [slapd.ldaps] })],
  ['StartTLS', () => ({ urls: [slapd.ldap], startTls: true })],
] as const)
  test(`somebody signs in with their account in a directory, by ${how}`, async (t) => {
    const stage = await open(t, ldap());
    const { answer, person, visitor } = await signIn(stage, 'ada', 'ada-pw');
    assert.equal(answer.headers.get('location'), `${PREFIX}/join?to=%2Fstandup`, stage.lines.join(''));
    const { id, authenticatedAt, ...rest } = person ?? assert.fail();
    assert.match(id, /^dir#[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    assert.equal(authenticatedAt, Math.floor(stage.clock.now() / 1000));
    assert.deepEqual(rest, {
      provider: 'dir',
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      emailVerified: false,
      groups: [`cn=staff,ou=groups,${SUFFIX}`, `cn=board,ou=elsewhere,${SUFFIX}`],
    });
    assert.ok(await visitor.isSignedIn());
  });

test('groups are called by their cn below the base of groups, and those elsewhere do not count', async (t) => {
  const stage = await open(t, { groupBase: `ou=groups,${SUFFIX}` });
  assert.deepEqual((await signIn(stage, 'ada', 'ada-pw')).person?.groups, ['staff']);
});

test('groups that name their members are searched: groupOfNames and posixGroup', async (t) => {
  const stage = await open(t, { groups: 'search', groupBase: `ou=groups,${SUFFIX}` });
  assert.deepEqual((await signIn(stage, 'ada', 'ada-pw')).person?.groups, ['staff']);
  assert.deepEqual((await signIn(stage, 'bob', 'bob-pw')).person?.groups, ['unix']);
});

test('a name with letters of a filter in it, or of another alphabet, is looked for as it is', async (t) => {
  const stage = await open(t, { filter: '(|(uid={username})(cn={username}))' });
  assert.equal((await signIn(stage, 'Bob (the *star*)', 'bob-pw')).person?.name, 'Bob (the *star*)');
  assert.equal((await signIn(stage, 'jörg', 'jörg-pw')).person?.name, 'Jörg', why(stage).join());
});

for (const typed of [
  '*',
  'a*',
  'ada*',
  'ada)(objectClass=*',
  '*)(uid=*))(|(uid=*',
  'ada))(&(uid=ada',
  'ada\\2a',
  'ada,ou=people',
  '(ada)',
])
  test(`${typed} is nobody: what is typed is never a piece of the filter`, async (t) => {
    const stage = await open(t);
    const { answer, person } = await signIn(stage, typed, 'ada-pw');
    assert.deepEqual([answer.status, person, why(stage)], [403, undefined, ['unknown']]);
  });

test('a name that two entries have is nobody', async (t) => {
  const stage = await open(t);
  assert.equal((await signIn(stage, 'twin', 'twin-pw')).answer.status, 403);
  assert.ok(stage.lines.some((line) => line.includes('"ldap.several"')));
  const narrower = await open(t, { base: `ou=people,${SUFFIX}` });
  assert.equal((await signIn(narrower, 'twin', 'twin-pw')).person?.name, 'Twin');
});

test('an empty password is refused before the directory is asked anything', async (t) => {
  const stage = await open(t);
  const visitor = stage.visitor();
  const { state } = await visitor.leave('/standup', 'dir');
  const before = (await slapd.settled()).length;
  const answer = await visitor.post(PAGE, { state, username: 'ada', password: '' });
  assert.equal(answer.status, 403);
  assert.equal(visitor.session(), undefined);
  assert.equal((await slapd.settled()).length, before);
});

test('who is not there costs the directory as many steps as who is', async (t) => {
  const stage = await open(t);
  const steps = async (username: string) => {
    const visitor = stage.visitor();
    const { state } = await visitor.leave('/standup', 'dir');
    const before = (await slapd.settled()).length;
    assert.equal((await visitor.post(PAGE, { state, username, password: 'wrong' })).status, 403);
    const asked = (await slapd.settled()).slice(before);
    const found = asked.matchAll(/op=\d+ (BIND dn(?!.*mech)|SRCH base|SEARCH RESULT|RESULT tag)/g);
    // Several threads log, each in its own time: the order is not that of the steps.
    return [...found].map(([, step]) => step).sort();
  };
  const there = await steps('ada');
  assert.deepEqual(await steps('nobody'), there);
  assert.equal(there.filter((step) => step === 'BIND dn').length, 2, there.join());
});

test('neither password stands in our log or in the store, nor the name of who could not sign in', async (t) => {
  const stage = await open(t);
  await signIn(stage, 'my-secret-as-a-name', 'my-secret');
  await signIn(stage, 'ada', 'ada-pw');
  const kept = JSON.stringify([
    stage.lines,
    await stage.parts.store.list(''),
    await stage.parts.records.list(),
  ]);
  assert.doesNotMatch(kept, /my-secret|ada-pw|reader-pw/);
});

test('an entry without what never changes is refused, and named as that', async (t) => {
  const stage = await open(t, {}, { subject: ['employeeNumber'] });
  const { answer } = await signIn(stage, 'ada', 'ada-pw');
  assert.equal(answer.status, 502);
  assert.ok(
    stage.lines.some((line) => line.includes('"provider.id-missing"') && line.includes('employeeNumber')),
  );
});

for (const [what, ldap, asked, reason] of [
  [
    'an authority that we were not told of',
    () => ({ caFile: undefined }),
    'tls',
    'SELF_SIGNED_CERT_IN_CHAIN',
  ],
  [
    'an authority that signed something else',
    () => ({ caFile: slapd.otherCaFile }),
    'tls',
    'SELF_SIGNED_CERT_IN_CHAIN',
  ],
  [
    'another name in the certificate',
    () => ({ urls: [slapd.ldapsMisnamed] }),
    'tls',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  [
    'StartTLS with an authority that we were not told of',
    () => ({ urls: [slapd.ldap], startTls: true, caFile: slapd.otherCaFile }),
    'tls',
    'SELF_SIGNED_CERT_IN_CHAIN',
  ],
  [
    'StartTLS with another name in the certificate',
    () => ({ urls: [slapd.ldap.replace('127.0.0.1', 'localhost')], startTls: true }),
    'tls',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
] as const)
  test(`with ${what} no password is sent, and nobody is let in`, async (t) => {
    const stage = await open(t, ldap());
    const before = (await slapd.settled()).length;
    const visitor = stage.visitor();
    const { answer } = await visitor.leave('/standup', 'dir');
    assert.equal(answer.status, 502);
    assert.match(answer.text, /does not answer/);
    const down = stage.lines.map((line) => JSON.parse(line)).find(({ event }) => event === 'provider.down');
    assert.deepEqual([down?.asked, down?.why], [asked, reason]);
    assert.doesNotMatch((await slapd.settled()).slice(before), /BIND/);
  });

test('a directory that is gone is told as that, and the next server is asked where there is one', async (t) => {
  const gone = 'ldaps://127.0.0.1:9';
  const alone = await open(t, { urls: [gone] });
  assert.equal((await alone.visitor().leave('/standup', 'dir')).answer.status, 502);
  const stage = await open(t, { urls: [gone, slapd.ldaps] });
  assert.equal((await signIn(stage, 'ada', 'ada-pw')).person?.name, 'Ada Lovelace');
});

/** Takes connections, and says nothing or hangs up after so many bytes. */
async function deaf(t: TestContext, react: (socket: import('node:net').Socket) => void): Promise<string> {
  const server: Server = createServer(react);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

test('a server that takes the connection and says nothing holds nobody up for long', async (t) => {
  for (const [scheme, startTls] of [
    ['ldaps', false],
    ['ldap', true],
  ] as const) {
    const open_: import('node:net').Socket[] = [];
    const where = await deaf(t, (socket) => void open_.push(socket.on('error', () => {})));
    const stage = await open(t, { urls: [`${scheme}://${where}`], startTls });
    assert.equal((await stage.visitor().leave('/standup', 'dir')).answer.status, 502);
    for (const socket of open_) socket.destroy();
  }
});

test('where StartTLS is taken and the connection then breaks, nothing is said again in the clear', async (t) => {
  const heard: Buffer[] = [];
  let connections = 0;
  // The answer to StartTLS: extendedResp, success.
  const YES = Buffer.from('300c02010178070a010004000400', 'hex');
  const where = await deaf(t, (socket) => {
    connections += 1;
    socket.on('error', () => {});
    socket.once('data', (first) => {
      heard.push(first);
      socket.write(YES);
      socket.once('data', () => socket.destroy());
    });
  });
  const stage = await open(t, { urls: [`ldap://${where}`], startTls: true });
  const visitor = stage.visitor();
  assert.equal((await visitor.leave('/standup', 'dir')).answer.status, 502);
  assert.ok(connections >= 1);
  assert.equal(heard.length, connections);
  assert.doesNotMatch(Buffer.concat(heard).toString('latin1'), /reader-pw/);
});

test('the hour after, nobody types anything: groups are read anew, and whoever is gone or shut is out', async (t) => {
  slapd.add(`
dn: uid=cy,ou=people,${SUFFIX}
objectClass: inetOrgPerson
objectClass: shadowAccount
uid: cy
cn: Cy
sn: C
userPassword: cy-pw
`);
  const stage = await open(t, { groupBase: `ou=groups,${SUFFIX}` });
  const { visitor, person } = await signIn(stage, 'cy', 'cy-pw');
  assert.deepEqual(person?.groups, []);
  const enter = async () => {
    stage.clock.advance(3_700);
    return (await visitor.get(`${PREFIX}/join?room=standup`)).headers.get('location') ?? '';
  };
  slapd.modify(`
dn: cn=staff,ou=groups,${SUFFIX}
changetype: modify
add: member
member: uid=cy,ou=people,${SUFFIX}
`);
  assert.match(await enter(), /#jwt=/);
  assert.deepEqual((await stage.parts.sessions.list())[0]?.person.groups, ['staff']);
  await slapd.halt();
  assert.match(await enter(), /#jwt=/, 'a directory that does not answer ends nobody');
  await slapd.resume();
  stage.clock.advance(600);
  slapd.modify(`
dn: uid=cy,ou=people,${SUFFIX}
changetype: modify
add: shadowExpire
shadowExpire: 1
`);
  assert.match(await enter(), /\/sign-in\?/);
  assert.deepEqual(await stage.parts.sessions.list(), []);
  assert.equal((await signIn(stage, 'cy', 'cy-pw')).answer.status, 403);
  assert.ok(why(stage).includes('expired'));
});

test('check says of a directory what is wrong with it: certificate, account, base, address', async (t) => {
  const terminal = openTerminal(t);
  const check = async (ldap: Readonly<Record<string, unknown>> = {}) => {
    terminal.configure({ providers: [provider(ldap)], outbound: { timeout: '2s' } });
    const { out } = await terminal.run('check');
    return (
      out.split('\n').find((line) => line.includes('provider dir') || line.includes('providers[0]')) ?? out
    );
  };
  assert.match(
    await check(),
    /^fine +provider dir: answers, takes the account that looks people up, and has the base$/,
  );
  assert.match(
    await check({ caFile: slapd.otherCaFile }),
    /ldap\.urls has a certificate that we do not believe \(SELF_SIGNED_CERT_IN_CHAIN\)/,
  );
  assert.match(
    await check({ bindPassword: 'wrong' }),
    /ldap\.bindPassword is not taken, or bindDn is not \(49\)/,
  );
  assert.match(await check({ base: 'dc=other' }), /ldap\.base is not there/);
  for (const groups of ['memberOf', 'search'])
    assert.match(
      await check({ groups, groupBase: 'ou=grups,dc=example,dc=org' }),
      /ldap\.groupBase is not there/,
    );
  assert.doesNotMatch(await check({ groups: 'none', groupBase: 'ou=grups,dc=example,dc=org' }), /groupBase/);
  assert.match(await check({ urls: ['ldaps://127.0.0.1:9'] }), /ldap\.urls does not answer \(ECONNREFUSED\)/);
});

test('check asks every server of a directory, and names the one that is not fit to take over', async (t) => {
  const terminal = openTerminal(t);
  const gone = 'ldaps://127.0.0.1:9';
  const check = async (urls: readonly string[], ldap: Readonly<Record<string, unknown>> = {}) => {
    terminal.configure({ providers: [provider({ urls, ...ldap })], outbound: { timeout: '2s' } });
    const { code, out } = await terminal.run('check');
    const line = out.split('\n').find((one) => /provider dir|providers\[0\]/.test(one)) ?? out;
    return { code, line };
  };
  assert.match((await check([slapd.ldaps, slapd.ldaps])).line, /^fine +provider dir: answers/);
  for (const urls of [
    [slapd.ldaps, gone],
    [gone, slapd.ldaps],
  ])
    assert.match(
      (await check(urls)).line,
      /^warn +provider dir: answers, but not all of it: ldaps:\/\/127\.0\.0\.1:9 does not answer \(ECONNREFUSED\)$/,
    );
  const misnamed = await check([slapd.ldaps, slapd.ldapsMisnamed]);
  assert.ok(misnamed.line.includes(`${slapd.ldapsMisnamed} has a certificate that we do not believe`));
  const refused = await check([gone, slapd.ldaps], { bindPassword: 'wrong' });
  assert.equal(refused.code, 1);
  assert.ok(
    refused.line.includes(`ldap.bindPassword is not taken, or bindDn is not (49, at ${slapd.ldaps})`),
  );
  const nobody = await check([gone, 'ldaps://127.0.0.1:10']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.line, /ldap\.urls does not answer \(ECONNREFUSED, at ldaps:\/\/127\.0\.0\.1:9\)/);
});

test('in a real browser, from the meeting link over our form into the meeting, without script too', async (t) => {
  const stage = await startBrowserStage({
    tls: true,
    providers: [provider({ groupBase: `ou=groups,${SUFFIX}` })],
    config: { outbound: { timeout: '2s' } },
  });
  t.after(() => stage.close());
  for (const javaScriptEnabled of [true, false]) {
    const context = await stage.visitor({ javaScriptEnabled });
    const page = await context.newPage();
    const addresses: string[] = [];
    page.on(
      'request',
      (request) => void addresses.push(`${request.url()} ${request.headers()['referer'] ?? ''}`),
    );
    await page.goto(`${stage.url}/_ostiary/sign-in?to=%2Fstandup`);
    await page.click('button:has-text("The Directory")');
    await page.fill('input[name=username]', 'ada');
    await page.fill('input[name=password]', 'not-it');
    await page.click('button:has-text("Sign in")');
    await page.waitForSelector('[role=alert]');
    assert.equal(await page.inputValue('input[name=username]'), 'ada');
    assert.equal(await page.inputValue('input[name=password]'), '');
    await page.fill('input[name=password]', 'ada-pw');
    await page.click('button:has-text("Sign in")');
    if (javaScriptEnabled) assert.equal(await meetingStatus(page), 'joined');
    else await page.waitForURL(/\/standup/i);
    assert.doesNotMatch(addresses.join('\n'), /ada-pw|not-it|username=/);
    await context.close();
  }
  assert.doesNotMatch(stage.lines.join('\n'), /ada-pw|not-it|reader-pw/);
});
