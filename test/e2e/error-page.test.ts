/**
 * Whom the rules or Jitsi itself do not let in, in a real browser, at both doors: the page, what scripts find in the
 * tab, the operator's own page, and that no token comes along.
 */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page, WebSocketRoute } from 'playwright-core';
import { PROBLEM_KEY } from '../../src/pages/failure-script.ts';
import { BLOCKS } from '../house/manual.ts';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

/** The page that the manual shows. */
const EXAMPLE = BLOCKS.find(({ mark }) => mark === 'example: error page')?.text ?? '';
const NASTY = '<img src=x onerror="document.title=\'run\'">';
const RULES = [
  { name: 'suspended', when: { groups: ['suspended'] }, then: 'refuse', reason: `Suspended. ${NASTY}` },
  { name: 'staff host', when: { groups: ['staff'] }, then: 'host' },
  { name: 'members', when: { groups: ['members'] }, then: 'participant' },
] as const;
const DOORS = ['token-service', 'gateway'] as const;

/** What Jitsi's page has of an XMPP server that does not let somebody in. Without a token it asks for one, as Prosody does. */
type XmppSays = 'not allowed' | 'token refused' | 'hangs up';

function says(what: XmppSays) {
  return (socket: WebSocketRoute) => {
    const token = new URL(socket.url()).searchParams.has('token');
    let streams = 0;
    socket.onMessage((stanza) => {
      const text = String(stanza);
      if (text.startsWith('<open')) {
        if (token && what === 'hangs up') return void socket.close();
        streams += 1;
        const offers = '<mechanisms><mechanism>ANONYMOUS</mechanism></mechanisms>';
        socket.send(`<features>${streams === 1 ? offers : '<bind/>'}</features>`);
      } else if (text.startsWith('<auth'))
        socket.send(
          token && what === 'not allowed'
            ? '<success/>'
            : `<failure><not-allowed/><text>${token ? 'Invalid signature' : 'token required'}</text></failure>`,
        );
      else if (text.startsWith('<presence')) socket.send('<presence type="error"/>');
    });
  };
}

/** What a page of the operator's own finds. */
const kept = async (page: Page) =>
  JSON.parse(
    await page.evaluate<string, string>(
      (key) => (globalThis as unknown as { sessionStorage: Storage }).sessionStorage.getItem(key) ?? 'null',
      PROBLEM_KEY,
    ),
  );

interface Storage {
  getItem(key: string): string | null;
}

/** Everything the tab holds, as text. */
const stored = (page: Page) =>
  page.evaluate<string>('JSON.stringify([Object.entries(sessionStorage), Object.entries(localStorage)])');

/** A tab, and every address and Referer it sent to the stage. */
async function openTab(stage: Stage, options: Parameters<Stage['visitor']>[0] = {}) {
  const context = await stage.visitor(options);
  const page = await context.newPage();
  const sent: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(stage.url)) return;
    const { pathname, search } = new URL(request.url());
    sent.push(`${pathname}${search} ${request.headers()['referer'] ?? ''}`);
  });
  return { context, page, sent };
}

async function cameTo(page: Page, url: string | RegExp) {
  await page.waitForURL(url);
  await page.waitForLoadState('load');
}

for (const door of DOORS)
  describe(`${door}, without a page of the operator's`, () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage({ tls: door === 'token-service', door, config: { rules: RULES } });
    });
    after(() => stage.close());

    async function enter(page: Page, room: string, who: string) {
      await page.goto(`${stage.url}/${room}`);
      await signInAs(page, stage.person(who));
    }

    test('who is turned away by a rule reads why, and the tab holds the facts without any token', async () => {
      const { page, sent } = await openTab(stage);
      await enter(page, 'sales/Board', 'mallory');
      await page.waitForSelector('h1:has-text("This account does not open this room")');
      const id = (await page.textContent('.id')) ?? '';
      const { at, ways, happened, whatToDo, ...facts } = await kept(page);
      assert.equal(happened, 'This account does not open this room');
      assert.ok(whatToDo.length > 20 && at > 0);
      assert.deepEqual(facts, {
        ...{ code: 'entry.refused', status: 403, id, language: 'en', reason: RULES[0].reason },
        ...{ room: 'board', tenant: 'sales', path: '/sales/board', check: 'rules' },
        claims: { room: 'board', tenant: 'sales', name: 'Mallory' },
      });
      const { action, hidden } = ways.otherAccount;
      assert.deepEqual([ways.home, action], [`${stage.url}/`, '/_ostiary/sign-out']);
      assert.match(hidden.to, /^\/sales\/board(?:#config\.|$)/);
      assert.match((await page.textContent('.reason')) ?? '', /<img src=x/, 'text, no picture');
      assert.equal(await page.locator('.reason img').count(), 0);
      assert.notEqual(await page.title(), 'run');
      assert.doesNotMatch(`${await stored(page)} ${await page.content()} ${sent.join(' ')}`, /eyJ/);
    });

    for (const [what, code, heading, check] of [
      [
        'not allowed',
        'jitsi.refused',
        'The meeting did not let you in',
        'conference.connectionError.notAllowed: general',
      ],
      [
        'token refused',
        'jitsi.token-refused',
        'The meeting did not accept your entry ticket',
        'connection.passwordRequired: Invalid signature',
      ],
    ] as const)
      test(`whom Jitsi does not let in (${what}) comes to our page, with what it said and no token, and in by "Try again"`, async () => {
        const { page, sent } = await openTab(stage);
        let broken = true;
        await page.routeWebSocket(/xmpp-websocket/, (socket) => {
          if (broken) says(what)(socket);
          else socket.connectToServer();
        });
        await enter(page, 'Standup', 'ada');
        await page.waitForSelector(`h1:has-text("${heading}")`);
        assert.equal(page.url(), `${stage.url}/_ostiary/problem?to=%2Fstandup&code=${code}`);
        const facts = await kept(page);
        assert.deepEqual([facts.code, facts.check, facts.room], [code, check, 'standup']);
        const { exp, ...claims } = facts.claims;
        assert.deepEqual(claims, {
          ...{ name: 'Ada Lövelace', room: 'standup', tenant: 'meet.jitsi', role: 'host' },
        });
        assert.ok(exp * 1000 > Date.now());
        assert.doesNotMatch(`${await stored(page)} ${await page.content()} ${page.url()}`, /eyJ/);
        for (const line of sent.filter((one) => !one.includes('/join?')))
          assert.doesNotMatch(line, /eyJ|jwt/, line);
        await page.goBack().catch(() => null);
        await page.goto(`${stage.url}/_ostiary/problem?to=%2Fstandup&code=${code}`);
        broken = false;
        await page.click('a:has-text("Try again")');
        assert.equal(await meetingStatus(page), 'joined');
        assert.equal(await page.textContent('#room'), 'standup');
        assert.equal(await kept(page), null, 'what went wrong is forgotten');
      });

    for (const what of ['token refused', 'hangs up'] as const)
      test(`a token that is over (${what}) leads to our page, not into a circle of reloads`, async () => {
        const { page } = await openTab(stage);
        await page.routeWebSocket(/xmpp-websocket/, says(what));
        await page.clock.setFixedTime(Date.now() + 3 * 86_400_000);
        await enter(page, 'Standup', 'grace');
        await page.waitForSelector('h1:has-text("Your entry ticket was no longer good")');
        assert.equal((await kept(page)).code, 'jitsi.token-expired');
      });

    test('while the network is away and the token good, the page stays where it is', async () => {
      const { page } = await openTab(stage);
      await page.routeWebSocket(/xmpp-websocket/, says('hangs up'));
      await enter(page, 'Standup', 'ada');
      assert.equal(await meetingStatus(page), 'lost');
      assert.equal(new URL(page.url()).pathname, '/standup');
    });

    test('nobody who is in a meeting is led away, whatever Jitsi reports then', async () => {
      const { page } = await openTab(stage);
      await page.clock.install();
      await enter(page, 'Standup', 'ada');
      assert.equal(await meetingStatus(page), 'joined');
      // Its turns, in the page's own time.
      await page.clock.runFor(1000);
      await page.evaluate(`
        APP.store.dispatch({ type: 'CONNECTION_FAILED', error: { name: 'connection.passwordRequired' } });
        APP.store.dispatch({ type: 'CONFERENCE_FAILED', error: { name: 'conference.connectionError.notAllowed', params: ['general'] } });
      `);
      await page.clock.runFor(1000);
      assert.equal(new URL(page.url()).pathname, '/standup');
      assert.equal(await page.getAttribute('body', 'data-status'), 'joined');
    });

    test('whose session ended meanwhile is offered the sign-in, and comes back to the room', async () => {
      const { page, context } = await openTab(stage);
      await page.goto(`${stage.url}/_ostiary/problem?to=%2Fretro&code=jitsi.refused`);
      await page.click('a:has-text("Try again")');
      await signInAs(page, stage.person('ada'));
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(await page.textContent('#room'), 'retro');
      await context.close();
    });

    test('a client of before May 2024 leads to static/authError.html: the same page, of the room it came from, and no token stays', async () => {
      const { page, sent } = await openTab(stage);
      await enter(page, 'Standup', 'ada');
      assert.equal(await meetingStatus(page), 'joined');
      // As `redirectToStaticPage` does: path alone is set, so that query and fragment stay.
      for (const [from, to] of [
        ['/standup', '/static/authError.html'],
        ['/acme/standup', '/acme/static/authError.html'],
      ] as const) {
        await page.goto(`${stage.url}${from}`);
        await meetingStatus(page);
        await page.evaluate(
          `history.replaceState(null, '', '?jwt=eyJ.a.b#jwt=%22eyJ.a.b%22'); location.pathname = '${to}';`,
        );
        await page.waitForSelector('h1:has-text("The meeting did not let you in")');
        assert.match((await page.textContent('.room')) ?? '', new RegExp(from.slice(1)));
        assert.doesNotMatch(`${page.url()} ${await stored(page)} ${await page.content()}`, /eyJ/);
      }
      const ours = sent.filter((line) => line.startsWith('/_ostiary/') && !line.includes('/join?'));
      for (const line of ours) assert.doesNotMatch(line.split(' ')[0] ?? '', /eyJ|jwt=/, line);
    });
  });

for (const door of DOORS)
  describe(`${door}, with a file of the operator's`, () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage({
        tls: false,
        door,
        config: { rules: RULES },
        pageFiles: { errorPage: EXAMPLE },
      });
    });
    after(() => stage.close());

    async function turnedAway(context: BrowserContext, room = 'Board') {
      const page = await context.newPage();
      await page.goto(`${stage.url}/${room}`);
      await signInAs(page, stage.person('mallory'));
      await cameTo(page, `${stage.url}/_ostiary/error-page`);
      return page;
    }

    test('the example of the manual is shown in place of our page, says what ours would, and axe finds nothing', async () => {
      const page = await turnedAway(await stage.visitor());
      assert.equal(await page.textContent('#happened'), 'This account does not open this room');
      assert.equal(await page.textContent('#what'), RULES[0].reason);
      assert.equal(await page.textContent('#room'), 'board');
      assert.equal(await page.textContent('#who'), 'You are signed in as Mallory.');
      assert.match((await page.textContent('#id')) ?? '', /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      assert.deepEqual(
        violations.map(({ id }) => id),
        [],
      );
      await page.click('button:has-text("Use another account")');
      await page.waitForURL(/\/_ostiary\/signed-out|\/session\/end|\/sign-in/);
    });

    test('the same reason again within a moment stays on our page, so that nobody goes round in circles', async () => {
      const context = await stage.visitor();
      const page = await turnedAway(context);
      await page.goto(`${stage.url}/_ostiary/problem?to=%2Fboard&code=jitsi.refused`);
      await page.waitForSelector('h1:has-text("This account does not open this room")');
      assert.equal(new URL(page.url()).pathname, '/_ostiary/problem');
    });

    test('markup in a room, and a careless page, run nothing: its policy lets its own scripts run alone', async () => {
      const page = await turnedAway(await stage.visitor(), encodeURIComponent('<b>Bö</b>'.replace('/', '')));
      assert.doesNotMatch((await page.textContent('#room')) ?? '', /^unknown$/);
      await page.evaluate(
        `document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(NASTY)}); document.querySelector('img').src`,
      );
      await page.waitForFunction('document.querySelector("img").complete');
      assert.notEqual(await page.title(), 'run');
    });

    test('without script people stay on our page, which has everything', async () => {
      const context = await stage.visitor({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(`${stage.url}/_ostiary/problem?to=%2Fboard&code=jitsi.refused`);
      assert.equal(await page.textContent('h1'), 'Your sign-in has run out');
      assert.equal(await page.locator('a:has-text("Try again")').count(), 1);
    });
  });

describe('gateway, with a page of the host and an application around it', () => {
  let stage: Stage;
  let around: Server;
  let parent = '';
  const OWN = '<!doctype html><title>own</title><h1>Not today</h1>';

  before(async () => {
    around = createServer((asked, answer) => {
      answer.setHeader('content-type', 'text/html');
      answer.end(
        `<script>var heard = []; addEventListener('message', (event) => heard.push([event.origin, event.data]))</script><iframe src="${asked.url?.slice(1)}"></iframe>`,
      );
    });
    await new Promise<void>((done) => around.listen(0, '127.0.0.1', done));
    parent = `http://localhost:${(around.address() as AddressInfo).port}`;
    stage = await startStage({
      tls: false,
      door: 'gateway',
      config: {
        rules: RULES,
        pages: { errorPage: '/static/not-today.html' },
        apps: [{ name: 'crm', secret: 'x'.repeat(40), rooms: ['crm-*'], origins: [parent] }],
      },
      files: { '/static/not-today.html': { type: 'text/html; charset=utf-8', body: OWN } },
    });
  });
  after(async () => {
    around.closeAllConnections();
    around.close();
    await stage.close();
  });

  test('the page is shown, to strangers too, and finds everything', async () => {
    const page = await (await stage.visitor()).newPage();
    await page.goto(`${stage.url}/_ostiary/problem?to=%2Fboard&code=jitsi.refused`);
    await cameTo(page, `${stage.url}/static/not-today.html`);
    assert.equal(await page.textContent('h1'), 'Not today');
    assert.equal((await kept(page)).code, 'session.ended');
  });

  test('in the frame of an application of that room our page stays, and tells that application; no other frame is told', async () => {
    const context = await stage.visitor();
    const page = await context.newPage();
    await page.goto(`${stage.url}/board`);
    await signInAs(page, stage.person('mallory'));
    await cameTo(page, `${stage.url}/static/not-today.html`);
    for (const [room, told] of [
      ['crm-7', 1],
      ['board', 0],
    ] as const) {
      await page.goto(`${parent}/${stage.url}/${room}`, { waitUntil: 'load' });
      if (told > 0) await page.waitForFunction('heard.length > 0');
      const heard = await page.evaluate<[string, Record<string, unknown>][]>('heard');
      assert.equal(heard.length, told, room);
      for (const [origin, { problem, ...message }] of heard) {
        const { code, claims, check } = problem as Record<string, unknown>;
        assert.equal(origin, stage.url);
        assert.deepEqual(
          [message['type'], message['event'], message['code']],
          ['ostiary', 'refused', 'entry.refused'],
        );
        assert.deepEqual(
          { code, claims, check },
          { code: 'entry.refused', check: 'rules', claims: { room: 'crm-7', name: 'Mallory' } },
        );
        assert.doesNotMatch(JSON.stringify(heard), /eyJ/);
      }
    }
  });
});

describe('token-service, with a page on another host', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({
      tls: false,
      config: { rules: RULES, pages: { errorPage: 'https://www.example.org/not-today' } },
    });
  });
  after(() => stage.close());

  test('it is told code, room and reference in the address, and nothing more', async () => {
    const { page } = await openTab(stage);
    const referers: (string | undefined)[] = [];
    await page.route('https://www.example.org/**', (route) => {
      referers.push(route.request().headers()['referer']);
      return route.fulfill({ contentType: 'text/html', body: '<h1>Elsewhere</h1>' });
    });
    await page.goto(`${stage.url}/sales/Größe`);
    await signInAs(page, stage.person('mallory'));
    await cameTo(page, /^https:\/\/www\.example\.org\//);
    const url = new URL(page.url());
    assert.deepEqual([...url.searchParams.keys()], ['code', 'room', 'id']);
    assert.deepEqual(
      [url.pathname, url.hash, url.searchParams.get('code'), url.searchParams.get('room')],
      ['/not-today', '', 'entry.refused', 'sales/größe'],
    );
    assert.match(url.searchParams.get('id') ?? '', /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    assert.deepEqual(referers, [undefined]);
  });
});
