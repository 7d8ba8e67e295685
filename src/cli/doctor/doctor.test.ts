import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTerminal } from '../../../test/support/terminal.ts';
import { Problem } from '../../base/problem.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, GROUPS, green, grey, red, waiting, yellow } from './check.ts';
import { checkEmbed, siteOf } from './check-embed.ts';
import { checkLog } from './check-log.ts';
import { endsIn } from './check-saml-age.ts';
import { judgedAnswer } from './check-strangers.ts';
import { CHECKS } from './checks.ts';
import { isStandIn } from './demo.ts';
import { fromFinding } from './from-finding.ts';
import { runChecks, worst } from './run.ts';
import { asJson, asText } from './tell.ts';

const NOTHING = { page: async () => ({}) } as Around;

function check(name: string, run: DoctorCheck['run']): DoctorCheck {
  return { name, group: 'ours', asks: 'Is it so?', docs: 'how-to/doctor.md', run };
}

test('words that are not understood end with 2, settings that do not hold with 1', async (t) => {
  const { run, folder } = openTerminal(t);
  for (const argv of [
    ['--such'],
    ['no address'],
    ['ftp://meet.example.org'],
    ['https://name:password@meet.example.org'],
    ['--timeout', 'soon'],
    ['--prosody', 'nowhere'],
    ['--embed', 'app.example.org'],
    ['https://meet.example.org', 'https://other.example.org'],
  ]) {
    const { code, out, err } = await run('doctor', ...argv);
    assert.equal(code, 2, argv.join(' '));
    assert.equal(out, '');
    assert.equal(err.split('\n').length, 2);
  }
  writeFileSync(join(folder, 'ostiary.yaml'), 'publicUrl: nowhere\n');
  const { code, out } = await run('doctor', '--json');
  assert.equal(code, 1);
  assert.deepEqual(
    [
      ...new Set(
        JSON.parse(out).checks.map(({ name, light }: { name: string; light: string }) => `${name} ${light}`),
      ),
    ],
    ['config red'],
  );
});

test('a check that fails in itself says that it could not tell, and stops no other', async () => {
  const told = await runChecks(
    [
      check('a-bug', () => Promise.reject(new TypeError('undefined is no function'))),
      check('foreseen', async () => {
        throw new Problem('outbound.failed', { reason: 'ECONNRESET' });
      }),
      check('endless', () => new Promise(() => {})),
      check('fine', async () => [green('It is.'), yellow('Almost.', 'Mend it.')]),
    ],
    NOTHING,
    50,
  );
  assert.deepEqual(
    told.map(({ check, light }) => `${check.name} ${light}`),
    ['a-bug grey', 'foreseen grey', 'endless grey', 'fine green', 'fine yellow'],
  );
  for (const { says, light } of told.filter((one) => one.light === 'grey'))
    assert.match(says, /^Could not tell/, light);
});

test('the worst light counts, and grey is no light', () => {
  assert.equal(worst([green('a'), grey('b')]), 'green');
  assert.equal(worst([green('a'), yellow('b', 'c')]), 'yellow');
  assert.equal(worst([yellow('a', 'b'), red('c', 'd')]), 'red');
  assert.equal(worst([grey('a')]), 'grey');
});

test('colours are for a terminal alone, and nothing that came from outside moves its cursor', () => {
  const one = check('one', async () => []);
  const told = [{ ...red('It is \u001b[2J wrong.', 'Mend\nit.'), check: one }];
  const plain = asText(told, false);
  assert.ok(!plain.includes('\u001b'));
  assert.match(plain, /red {4}one: It is \?\[2J wrong\./);
  assert.match(plain, /→ Mend\?it\./);
  assert.match(asText(told, true), /\u001b\[31mred/);
  assert.deepEqual(asJson([{ ...green('Fine.'), check: one }]), {
    light: 'green',
    checks: [{ name: 'one', group: 'ours', light: 'green', says: 'Fine.', docs: 'docs/how-to/doctor.md' }],
  });
});

test('every check has a name of its own, a group, a question and a page that is there', () => {
  const names = CHECKS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const root = new URL('../../../docs/', import.meta.url);
  for (const { name, group, asks, docs } of CHECKS) {
    assert.match(name, /^[a-z]+(?:-[a-z]+)*$/);
    assert.ok(group in GROUPS);
    assert.match(asks, /\?$/);
    const [file = '', heading] = docs.split('#');
    const text = readFileSync(new URL(file, root), 'utf8');
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    );
    if (heading !== undefined) assert.ok(headings.includes(heading), `${docs}: ${headings.join(', ')}`);
  }
});

test('a page is of our site where it shares the name that somebody registered', async () => {
  const site = (url: string) => siteOf(new URL(url));
  assert.equal(site('https://crm.example.org'), site('https://meet.example.org'));
  assert.notEqual(site('http://crm.example.org'), site('https://meet.example.org'));
  assert.notEqual(site('https://a.co.uk'), site('https://b.co.uk'));
  assert.notEqual(site('https://one.github.io'), site('https://two.github.io'));
  assert.notEqual(site('https://one.fly.dev'), site('https://two.fly.dev'));
  assert.notEqual(site('https://192.0.2.1'), site('https://192.0.3.1'));
  const seen = async (embed: string, apps: readonly object[] = []) =>
    checkEmbed.run({
      config: { apps },
      wanted: { origin: 'https://meet.example.org', embed },
    } as unknown as Around);
  assert.deepEqual(
    await Promise.all(
      [
        seen('https://crm.example.org'),
        seen('https://app.example.net'),
        seen('https://app.example.net', [{ origins: ['https://app.example.net'] }]),
      ].map(async (one) => [await one].flat()[0]?.light),
    ),
    ['green', 'yellow', 'green'],
  );
});

test('of a log the lines with tokens are counted, redacted ones are not, and none is shown', async (t) => {
  const { folder } = openTerminal(t);
  const log = join(folder, 'access.log');
  const token = 'eyJhbGciOiJIUzI1NiJ9.eyJyb29tIjoiYSJ9.c2lnbmF0dXJl';
  const lines = [
    'GET /room HTTP/1.1',
    `GET /room?jwt=${token} HTTP/1.1`,
    'GET /xmpp-websocket?room=a&token=[redacted] HTTP/1.1',
    'GET /xmpp-websocket?room=a&token=- HTTP/1.1',
    `Token ${token} not allowed to join`,
    'GET /http-bind?token=opaque-but-a-token HTTP/1.1',
  ];
  writeFileSync(log, lines.join('\n'));
  const [verdict] = [await checkLog.run({ wanted: { log } } as Around)].flat();
  assert.equal(verdict?.light, 'red');
  assert.match(verdict?.says ?? '', /3 of 6 lines hold a token \(the first: line 2, 5, 6\)/);
  assert.ok(!JSON.stringify(verdict).includes(token));
  const [none] = [await checkLog.run({ wanted: { log: join(folder, 'nowhere') } } as Around)].flat();
  assert.equal(none?.light, 'grey');
});

test('a stranger finds what answers otherwise than a name that nobody has', () => {
  const page = {
    status: 200,
    headers: { 'content-type': 'text/html' },
    text: '<html>a page</html>',
    from: '',
  };
  const answer = (status: number, text: string, type = 'text/plain') => ({
    status,
    headers: { 'content-type': type },
    text,
    from: '',
  });
  const judged = (one: typeof page) => judgedAnswer(one, [page]);
  assert.equal(judged(page), 'nothing');
  assert.equal(judged(answer(200, '<script src="libs/app.bundle.min.js">', 'text/html')), 'nothing');
  assert.equal(judged(answer(400, '{"type":"urn:ostiary:problem:room.reserved"}')), 'nothing');
  for (const status of [301, 302, 401, 403, 404, 429]) assert.equal(judged(answer(status, '')), 'nothing');
  for (const status of [502, 503, 504]) assert.equal(judged(answer(status, '')), 'handed-on');
  for (const status of [101, 200, 400, 405, 500]) assert.equal(judged(answer(status, '{}')), 'reached');
});

test('metadata ends when the first of its certificates does, or when it says so', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ostiary-age-'));
  try {
    const [key, cert] = [join(dir, 'key'), join(dir, 'cert')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        '/CN=idp',
        '-days',
        '10',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      {
        stdio: 'ignore',
      },
    );
    const der = readFileSync(cert, 'utf8').replace(/-----[^-]+-----|\s/g, '');
    const wrapped = der.replace(/.{64}/g, '$&\n');
    const metadata = `<md:EntityDescriptor entityID="a" validUntil="2031-01-01T00:00:00Z"><ds:X509Certificate>${wrapped}</ds:X509Certificate></md:EntityDescriptor>`;
    const ends = endsIn(metadata);
    assert.equal(ends.length, 2);
    assert.ok(Math.abs((ends[0] ?? 0) - Date.now() - 10 * 86_400_000) < 120_000);
    assert.equal(ends[1], Date.parse('2031-01-01T00:00:00Z'));
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('what waits for one cause stands with it on one line, and of what applies to nobody a line is enough', () => {
  const named = (name: string) => check(name, async () => []);
  const told = [
    { ...green('The file is fine.'), check: named('cause') },
    { ...red('It cannot be made.', 'Make it.'), check: named('cause') },
    { ...grey('Could not tell.', 'Do it by hand.'), waitsFor: 'cause', check: named('one') },
    { ...waiting('Could not tell, either.', 'one'), check: named('other') },
    { ...grey('Not here.'), check: named('third') },
    { ...grey('Not here.'), check: named('fourth') },
    { ...waiting('Nobody tells why.', 'nowhere'), check: named('lost') },
  ];
  const text = asText(told, false);
  assert.match(
    text,
    /red {4}cause: It cannot be made\.\n +→ Make it\.\n.*\n +2 checks wait for this: one, other\.\n/,
  );
  assert.doesNotMatch(text, /Could not tell|by hand/);
  assert.match(text, /grey {3}third, fourth: Not here\.\n/);
  assert.match(text, /grey {3}lost: Nobody tells why\./);
  assert.match(
    text,
    /\n1 thing to mend; 2 checks wait for what stands above \(1 red, 0 yellow, 1 green, 5 grey\)\.$/,
  );
  const { checks } = asJson(told);
  assert.equal(checks.length, told.length);
  assert.deepEqual(checks[2], {
    ...{ name: 'one', group: 'ours', light: 'grey', says: 'Could not tell.', fix: 'Do it by hand.' },
    ...{ waitsFor: 'cause', docs: 'docs/how-to/doctor.md' },
  });
  const found = [{ ...grey('Start it.'), check: named('cause') }, ...told.slice(2, 4)];
  assert.match(
    asText([{ ...green('It is.'), check: named('fine') }, ...found], false),
    /\nNothing wrong was found; 2/,
  );
});

test('before the first start the store is spoken of once, and what it holds back stands with it', async (t) => {
  const { run, configure, folder } = openTerminal(t);
  configure({ publicUrl: 'https://127.0.0.1:9', store: { path: join(folder, 'ostiary.sqlite') } });
  const { out } = await run('doctor');
  assert.equal(out.split('There is no store at').length, 2);
  assert.match(
    out,
    /grey {3}store: There is no store at[^→]*→ Start the server first[^.]*\.\n +\d+ checks wait for this: keys, websocket/,
  );
  assert.match(out, /red {4}web-server: https:\/\/127\.0\.0\.1:9 does not answer/);
  assert.doesNotMatch(out, /Could not tell/);
  assert.match(out, /things to mend; \d+ checks wait for what stands above/);
  assert.match(out, /red {4}providers: idp: does not work: [^→]*→ See that/);
});

test('before the first start it is still told that what stands behind the gate does not answer', async (t) => {
  const { run, configure, folder } = openTerminal(t);
  configure({
    ...{ publicUrl: 'https://127.0.0.1:9', store: { path: join(folder, 'ostiary.sqlite') } },
    upstream: { url: 'http://127.0.0.1:10' },
  });
  const { out } = await run('doctor');
  assert.match(
    out,
    /grey {3}clock: Could not tell of http:\/\/127\.0\.0\.1:10: it does not answer \(ECONNREFUSED\)/,
  );
});

test('who names another address is told of the TLS of that one, and not of ours', async (t) => {
  const { run, configure } = openTerminal(t);
  configure({ publicUrl: 'https://127.0.0.1:10' });
  const { out } = await run('doctor', 'https://127.0.0.1:9', '--json');
  const tls = JSON.parse(out).checks.filter(({ name }: { name: string }) => name === 'tls');
  assert.equal(tls.length, 1);
  assert.match(tls[0].says, /^Could not tell of https:\/\/127\.0\.0\.1:9: it does not answer/);
});

test('what the check says as a sentence of its own ends once', () => {
  const complaint = { path: 'store.path', wrong: 'belongs to another user.', right: 'runuser' };
  const [verdict] = fromFinding({ subject: 'store', complaints: [complaint] }, 'store');
  assert.equal(verdict?.says, 'store.path belongs to another user.');
});

test('a warning that says itself what to do sends nobody back to check', () => {
  const finding = { subject: 'insecureObserveOnly', warning: 'NOTHING IS GUARDED', complaints: [] };
  assert.deepEqual(fromFinding(finding), [
    { light: 'yellow', says: 'insecureObserveOnly: NOTHING IS GUARDED.' },
  ]);
});

test('a stand-in is taken for one on this machine alone, and where it says so', async () => {
  const answers = (origin: string, headers: Readonly<Record<string, string>>) => ({
    ...{ origin, ask: async () => ({ status: 405, headers, text: '', from: '' }) },
  });
  const stands = { 'x-ostiary-stand-in': 'jitsi, prosody' };
  const [here, there] = ['http://localhost:8080', 'https://meet.example.org'];
  for (const [publicUrl, xmpp, is] of [
    [here, answers('http://127.0.0.1:1', stands), true],
    [here, answers('http://127.0.0.1:1', {}), false],
    [there, answers('http://127.0.0.1:1', stands), false],
    [here, answers(there, stands), false],
  ] as const)
    assert.equal(await isStandIn(xmpp, publicUrl), is);
});
