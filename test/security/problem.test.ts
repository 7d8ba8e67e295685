/**
 * Attacks on the page for whom we do not let in, on what it puts by for others, and on the operator's own page in its
 * place: nobody chooses where it leads, what it says, or who is told; and it holds no token.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { FAILURE_INTEGRITY } from '../../src/pages/failure-script.ts';
import type { ProblemFacts } from '../../src/pages/problem.ts';
import { errorPagePolicy } from '../../src/web/error-page.ts';
import { APPS, CRM_ORIGIN } from '../support/apps.ts';
import { type GatewayStage, startGatewayStage } from '../support/gateway-stage.ts';
import { rightAnswer, sayRight } from '../support/raw-upstream.ts';
import { readHtml } from '../support/read-html.ts';
import { type Answer, ORIGIN, PREFIX, type Stage, startStage } from '../support/server-stage.ts';
import type { Visitor } from '../support/visitor.ts';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJyb29tIjoieCJ9.c2lnbmF0dXJl';
const RULES = [
  {
    name: 'closed',
    when: { rooms: ['closed*', 'crm-closed'] },
    then: 'refuse',
    reason: 'Closed for </p><img src=x>.',
  },
  { name: 'everybody else', when: {}, then: 'participant' },
] as const;

let stage: Stage;
let ada: Visitor;

before(async () => {
  stage = await startStage({ config: { rules: RULES, apps: APPS } });
  ada = stage.visitor();
  await ada.signIn();
});
after(() => stage.close());

/** What scripts are told on a page; undefined where there is nobody to tell. */
function toldOn({
  text,
}: Answer): { readonly facts: ProblemFacts; readonly next: string | undefined } | undefined {
  const found = readHtml(text).find(({ attributes }) => 'data-problem' in attributes);
  if (found === undefined) return undefined;
  const { 'data-problem': facts = '', 'data-next': next } = found.attributes;
  return { facts: JSON.parse(facts) as ProblemFacts, next };
}

const problem = (fields: Readonly<Record<string, string>>) =>
  `${PREFIX}/problem?${Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`)
    .join('&')}`;

test('whom Jitsi refused though the rules let them in is told so, and gets a fresh token by "again"', async () => {
  const answer = await ada.get(problem({ to: '/acme/standup', code: 'jitsi.token-refused' }));
  assert.equal(answer.status, 401);
  const facts = toldOn(answer)?.facts;
  assert.deepEqual(
    [facts?.code, facts?.room, facts?.tenant, facts?.claims.role, facts?.ways.again],
    ['jitsi.token-refused', 'standup', 'acme', 'participant', `${PREFIX}/join?to=%2Facme%2Fstandup`],
  );
  const [kept] = await stage.parts.records.find(facts?.id ?? '');
  assert.deepEqual(
    [kept?.event, kept?.code, kept?.room, kept?.tenant, kept?.role, kept?.rule],
    ['jitsi-refused', 'jitsi.token-refused', 'standup', 'acme', 'participant', 'everybody else'],
  );
  const again = await ada.get(facts?.ways.again ?? '');
  assert.match(again.headers.get('location') ?? '', /^https:\/\/meet\.example\.org\/acme\/standup#jwt=/);
});

test('what the address says of the reason is believed of Jitsi alone, and never before the rules', async () => {
  for (const code of [
    'provider.clock',
    'entry.refused',
    'server.bug',
    '__proto__',
    'jitsi.refused ',
    '<b>',
    '',
  ])
    assert.equal(toldOn(await ada.get(problem({ to: '/standup', code })))?.facts.code, 'jitsi.refused', code);
  const refused = toldOn(await ada.get(problem({ to: '/closed', code: 'jitsi.refused' })));
  assert.deepEqual([refused?.facts.code, refused?.facts.check], ['entry.refused', 'rules']);
  const stranger = toldOn(await stage.ask(problem({ to: '/closed', code: 'jitsi.refused' })));
  assert.deepEqual([stranger?.facts.code, stranger?.facts.reason], ['session.ended', undefined]);
});

test('whatever room is named, the page leads to our own origin alone, and says the name as text [REDIR-12]', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    // Rooms, and what hangs on to them: without these hardly any of the others would name one.
    fc
      .tuple(
        fc.constantFrom('/standup', '/acme/Standup', '/a%20room', '/Gr%C3%B6%C3%9Fe'),
        fc.constantFrom('', '#', '#x', '<b>', '"', "'", '@evil.example', '%22%3e', '?jwt=x'),
      )
      .map((parts) => parts.join('')),
    fc
      .array(
        fc.constantFrom(
          '/',
          '//',
          '\\',
          '"',
          "'",
          '<',
          '>',
          '&quot;',
          '<img src=x onerror=x>',
          'evil.example',
          '@',
          '%2f',
          '%22%3e',
          'javascript:',
          '#',
          '?jwt=',
          TOKEN,
          'x',
          '\u2028',
        ),
        { maxLength: 8 },
      )
      .map((parts) => `/${parts.join('')}`),
  );
  let rooms = 0;
  await fc.assert(
    fc.asyncProperty(hostile, async (to) => {
      const answer = await ada.get(problem({ to, code: 'jitsi.refused' }));
      const why = JSON.stringify(to);
      assert.ok([400, 403].includes(answer.status), `${answer.status} ${why}`);
      const elements = readHtml(answer.text);
      assert.ok(!elements.some(({ tag, attributes }) => tag === 'img' || 'onerror' in attributes), why);
      for (const { tag, attributes } of elements) {
        const address = tag === 'a' ? attributes['href'] : tag === 'form' ? attributes['action'] : undefined;
        if (address !== undefined) assert.equal(new URL(address, ORIGIN).origin, ORIGIN, why);
      }
      const facts = toldOn(answer)?.facts;
      if (facts === undefined) return;
      rooms += 1;
      assert.equal(new URL(facts.path ?? '', ORIGIN).origin, ORIGIN, why);
      for (const way of [facts.ways.again, facts.ways.home, facts.ways.otherAccount?.action])
        if (way !== undefined) assert.equal(new URL(way, ORIGIN).origin, ORIGIN, why);
    }),
    { numRuns: 500 },
  );
  assert.ok(rooms > 30, `only ${rooms} named a room: the property tried too little`);
});

test('the page a browser came from names the room only where it is one of ours', async () => {
  const from = async (referer: string) => toldOn(await ada.get(problem({}), { referer }))?.facts.path;
  assert.equal(await from(`${ORIGIN}/acme/Standup?jwt=${TOKEN}`), '/acme/standup');
  for (const referer of [
    'https://evil.example/standup',
    `${ORIGIN}.evil.example/standup`,
    'https://evil@evil.example/standup',
    `${ORIGIN}/_ostiary/problem`,
    `${ORIGIN}/`,
    'about:blank',
    'standup',
    `javascript:${ORIGIN}/standup`,
  ])
    assert.equal(await from(referer), undefined, referer);
});

test('a token in the query, the Referer or a name stands nowhere on the page, in no address and in no log line [SEC-02]', async () => {
  const answer = await ada.get(`${problem({ to: `/standup?jwt=${TOKEN}`, code: TOKEN, jwt: TOKEN })}`, {
    referer: `${ORIGIN}/standup?jwt=${TOKEN}`,
  });
  assert.equal(answer.status, 403);
  assert.doesNotMatch(`${answer.text} ${[...answer.headers].join()} ${stage.lines.join('\n')}`, /eyJ/);
});

test('who reads no page hears the problem as JSON, without what scripts are told', async () => {
  const answer = await ada.get(problem({ to: '/closed' }), { accept: 'application/json' });
  assert.deepEqual(Object.keys(JSON.parse(answer.text)), ['type', 'code', 'title', 'status', 'id']);
});

test('a page that nobody is to be told of has no script at all', async () => {
  const answer = await ada.get(`${PREFIX}/nothing-here`);
  assert.equal(answer.status, 404);
  assert.ok(!readHtml(answer.text).some(({ tag }) => tag === 'script'));
});

test('only applications of that room may have the page in a frame and are told, and only they', async () => {
  for (const [room, ancestors] of [
    ['crm-7', `'self' ${CRM_ORIGIN}`],
    ['crm-closed', `'self' ${CRM_ORIGIN}`],
    ['standup', "'none'"],
  ] as const) {
    const answer = await ada.get(problem({ to: `/${room}`, code: 'jitsi.refused' }));
    const policy = answer.headers.get('content-security-policy') ?? '';
    assert.ok(policy.includes(`frame-ancestors ${ancestors};`), policy);
    const tells = readHtml(answer.text).find(({ attributes }) => 'data-tells' in attributes);
    assert.deepEqual(
      tells && JSON.parse(tells.attributes['data-tells'] ?? '').to,
      room === 'standup' ? undefined : [CRM_ORIGIN],
    );
  }
});

test('in a frame nobody is offered a sign-in, from which they could not come back', async () => {
  const links = async (headers: Readonly<Record<string, string>>) =>
    readHtml((await stage.ask(problem({ to: '/crm-7', code: 'jitsi.token-refused' }), { headers })).text)
      .filter(({ tag }) => tag === 'a')
      .map(({ attributes }) => attributes['href'] ?? '');
  assert.ok((await links({})).some((href) => href.startsWith(`${PREFIX}/sign-in`)));
  const framed = await links({ 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' });
  assert.ok(!framed.some((href) => href.startsWith(`${PREFIX}/sign-in`)), framed.join());
});

test('the script for Jitsi’s page is the one whose hash is printed, and pages of other hosts may compare it', async () => {
  const answer = await stage.ask(`${PREFIX}/failures.js`);
  assert.equal(`sha384-${createHash('sha384').update(answer.text).digest('base64')}`, FAILURE_INTEGRITY);
  assert.deepEqual(
    ['content-type', 'access-control-allow-origin', 'x-content-type-options'].map((name) =>
      answer.headers.get(name),
    ),
    ['text/javascript; charset=utf-8', '*', 'nosniff'],
  );
});

describe("the operator's own page", () => {
  const HTML =
    '<!doctype html><script>one()</script><SCRIPT type="module">two()</SCRIPT ><script src="/x.js"></script>';

  test('may run what stands in it, by hash, and load from our host; nothing that is put into it later runs', () => {
    const hashes = ['one()', 'two()', ''].map(
      (source) => `'sha256-${createHash('sha256').update(source).digest('base64')}'`,
    );
    const policy = errorPagePolicy(HTML);
    assert.ok(policy.includes(`script-src 'self' ${hashes.join(' ')};`), policy);
    assert.doesNotMatch(policy.replace(/style-src [^;]*/, ''), /unsafe|\*|http:/);
  });

  test('as a file is served with that policy, and is not there where there is none', async (t) => {
    assert.equal((await stage.ask(`${PREFIX}/error-page`)).status, 404);
    const own = await startStage({ pageFiles: { errorPage: HTML } });
    t.after(() => own.close());
    const answer = await own.ask(`${PREFIX}/error-page`);
    assert.deepEqual([answer.status, answer.text], [200, HTML]);
    assert.equal(answer.headers.get('content-security-policy'), errorPagePolicy(HTML));
    const told = toldOn(await own.ask(`${PREFIX}/nothing-here`));
    assert.deepEqual([told?.facts.code, told?.next], ['request.not-found', `${PREFIX}/error-page`]);
  });

  test('on another host is told code, room and id, however the room is called', async (t) => {
    const page = 'https://www.example.org/not-today';
    const own = await startStage({ config: { rules: RULES, pages: { errorPage: page } } });
    t.after(() => own.close());
    const visitor = own.visitor();
    await visitor.signIn();
    for (const room of [
      'closed&id=x',
      'closed#x',
      'closed?code=x',
      'closed%26code=x',
      'closed <b>',
      'closedß',
    ]) {
      const answer = await visitor.get(problem({ to: `/acme/${encodeURIComponent(room)}`, code: TOKEN }));
      const told = toldOn(answer);
      const next = new URL(told?.next ?? '');
      assert.equal(`${next.origin}${next.pathname}`, page);
      assert.deepEqual(
        [...next.searchParams],
        [
          ['code', told?.facts.code],
          ...(told?.facts.room === undefined ? [] : [['room', `acme/${told.facts.room}`]]),
          ['id', told?.facts.id],
        ],
      );
      assert.equal(next.hash, '');
    }
  });

  test('whose address names our own host is a page of ours, and is told nothing in its address', async (t) => {
    const own = await startStage({ config: { pages: { errorPage: `${ORIGIN}/not-today` } } });
    t.after(() => own.close());
    assert.equal(toldOn(await own.ask(`${PREFIX}/nothing-here`))?.next, '/not-today');
  });

  test('never takes the place of a room that is not open yet, or of the window a meeting waits for', async (t) => {
    const own = await startStage({
      config: { rules: [{ name: 'later', when: { rooms: ['later'] }, then: 'wait' }, ...RULES] },
      pageFiles: { errorPage: HTML },
    });
    t.after(() => own.close());
    const visitor = own.visitor();
    await visitor.signIn();
    const next = async (query: string) => toldOn(await visitor.get(`${PREFIX}/join?${query}`))?.next;
    assert.deepEqual(
      [
        await next('to=/closed'),
        await next('to=/later'),
        await next(`room=closed&state={"room":"closed"}&nonce=${'a'.repeat(64)}`),
      ],
      [`${PREFIX}/error-page`, undefined, undefined],
    );
  });
});

describe('static/authError.html at the gate', () => {
  let at: GatewayStage;
  before(async () => {
    at = await startGatewayStage({
      config: { rules: RULES, pages: { errorPage: '/static/not-today.html' } },
      say: (asked, socket) =>
        asked.line.includes('/static/') ? rightAnswer('own', 'text/html') : sayRight(asked, socket),
    });
  });
  after(() => at.close());

  test('is ours, at the root and below a tenant, for strangers too, and Jitsi is not asked', async () => {
    at.upstream.requests.length = 0;
    for (const path of ['/static/authError.html', '/acme/static/authError.html']) {
      const stranger = await at.stage.ask(path, { headers: { referer: `${ORIGIN}/acme/standup` } });
      assert.deepEqual([stranger.status, toldOn(stranger)?.facts.code], [401, 'session.ended']);
      const answer = await at.ada.get(path, { referer: `${ORIGIN}/acme/standup` });
      const facts = toldOn(answer)?.facts;
      assert.deepEqual(
        [answer.status, facts?.code, facts?.path, facts?.ways.again],
        [403, 'jitsi.refused', '/acme/standup', '/acme/standup'],
      );
    }
    assert.deepEqual(at.upstream.requests, []);
  });

  test('a token the client left in its address goes by one redirect, which keeps the room and no fragment', async () => {
    const answer = await at.ada.get(`/static/authError.html?jwt=${TOKEN}`, {
      referer: `${ORIGIN}/standup?jwt=${TOKEN}`,
    });
    assert.deepEqual(
      [answer.status, answer.headers.get('location')],
      [302, `${PREFIX}/problem?to=%2Fstandup&code=jitsi.refused#`],
    );
  });

  test('nothing is posted there', async () =>
    assert.equal((await at.ada.post('/static/authError.html', {})).status, 405));

  test("the operator's page is open to strangers, and no other of its folder", async () => {
    assert.equal((await at.stage.ask('/static/not-today.html')).text, 'own');
    for (const path of ['/static/other.html', '/static/not-today.html/x', '/static/NOT-TODAY.html'])
      assert.notEqual((await at.stage.ask(path)).status, 200, path);
  });
});
