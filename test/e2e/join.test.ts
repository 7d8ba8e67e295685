/** The whole way in a real browser: from the meeting's link into the meeting. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { freePort } from '../support/http-server.ts';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

for (const tls of [false, true])
  describe(tls ? 'over TLS, behind nginx' : 'plain, on this machine', () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage({ tls });
    });
    after(() => stage.close());

    /** Opens the room as a stranger and signs in. */
    async function enter(room: string, who: string, context?: BrowserContext): Promise<Page> {
      const page = await (context ?? (await stage.visitor())).newPage();
      await page.goto(`${stage.url}/${room}`);
      await signInAs(page, stage.person(who));
      await meetingStatus(page);
      return page;
    }

    test('a stranger signs in once and is in the meeting under their own name, as moderator', async () => {
      const page = await enter('Standup', 'ada');
      assert.equal(await page.getAttribute('body', 'data-status'), 'joined');
      assert.equal(await page.textContent('#name'), 'Ada Lövelace');
      assert.equal(await page.textContent('#role'), 'moderator');
      assert.equal(page.url(), `${stage.url}/standup`, 'the token is gone from the address line');
    });

    test('the microphone stays as it was, and the prejoin page is not skipped, so that nobody lands without media', async () => {
      const page = await enter('Standup', 'grace');
      assert.equal(await page.textContent('#overrides'), '{"config.startWithAudioMuted":true}');
      assert.equal(await page.textContent('#role'), 'participant');
    });

    for (const [address, shown] of [
      ['Größe und Maß', 'größe und maß'],
      ['foo!bar', 'foobar'],
      ['a+b', 'ab'],
      ['acme/Standup', 'acme/standup'],
      ['100%25', '100%'],
      ['%28a%29', '(a)'],
    ] as const)
      test(`the room ${address} is entered as ${shown}, and Prosody's judge takes the token for it`, async () => {
        const page = await enter(address, 'ada');
        assert.equal(await page.getAttribute('body', 'data-status'), 'joined');
        assert.equal(await page.textContent('#room'), shown);
      });

    test('the second room needs no second sign-in', async () => {
      const context = await stage.visitor();
      await enter('Standup', 'ada', context);
      const second = await context.newPage();
      await second.goto(`${stage.url}/Retro`);
      assert.equal(await meetingStatus(second), 'joined');
    });

    test('who may not enter is told so, with the room, the reason and a reference, by status 403', async () => {
      const context = await stage.visitor();
      const page = await context.newPage();
      const statuses: number[] = [];
      page.on('response', (response) => {
        if (response.url().includes('/join?to=')) statuses.push(response.status());
      });
      await page.goto(`${stage.url}/Standup`);
      await signInAs(page, stage.person('mallory'));
      await page.waitForSelector('.reference');
      const text = (await page.textContent('main')) ?? '';
      assert.ok(text.includes('standup') && text.includes('This account is suspended.'), text);
      assert.match(text, /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/);
      assert.equal(statuses.at(-1), 403);
    });

    test('a callback used already, in a browser that is signed in, goes quietly on into the room', async () => {
      const context = await stage.visitor();
      const page = await context.newPage();
      const callbacks: string[] = [];
      page.on('request', (request) => {
        if (request.url().includes('/callback/')) callbacks.push(request.url());
      });
      await page.goto(`${stage.url}/Standup`);
      await signInAs(page, stage.person('ada'));
      await meetingStatus(page);
      await page.goto(callbacks[0] ?? 'about:blank');
      assert.equal(await meetingStatus(page), 'joined');
    });

    test('the same callback in another browser is refused, and nobody is signed in there', async () => {
      const page = await (await stage.visitor()).newPage();
      const callbacks: string[] = [];
      page.on('request', (request) => {
        if (request.url().includes('/callback/')) callbacks.push(request.url());
      });
      await page.goto(`${stage.url}/Standup`);
      await signInAs(page, stage.person('ada'));
      await meetingStatus(page);
      const victim = await stage.visitor();
      const other = await victim.newPage();
      const answer = await other.goto(callbacks[0] ?? 'about:blank');
      assert.equal(answer?.status(), 400);
      assert.ok(!(await victim.cookies()).some(({ name }) => name === '__Host-ostiary'));
    });

    test('a browser that keeps no cookies gets a page that says so, not a loop', async () => {
      const context = await stage.visitor();
      await context.route('**/_ostiary/**', async (route) => {
        const { cookie: _, ...headers } = await route.request().allHeaders();
        await route.continue({ headers });
      });
      const page = await context.newPage();
      page.on('response', () => void context.clearCookies());
      await page.goto(`${stage.url}/_ostiary/sign-in?to=%2Fstandup`);
      await page.waitForSelector('.reference');
      assert.match((await page.textContent('main')) ?? '', /cookie/i);
    });

    test('the back button after the meeting leads back out, not into a loop', async () => {
      const page = await enter('Standup', 'ada');
      await page.goBack();
      await page.waitForLoadState();
      await page.goBack().catch(() => null);
      await page.waitForLoadState();
      assert.ok(!page.url().includes('error'), page.url());
      await page.goto(`${stage.url}/Standup`);
      assert.equal(await meetingStatus(page), 'joined');
    });

    test('ten tabs restored at once all end in their rooms after one sign-in in one of them', async () => {
      const context = await stage.visitor();
      const tabs = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
      for (const [at, tab] of tabs.entries()) await tab.goto(`${stage.url}/Room${at}`);
      const first = tabs[9] as Page;
      await signInAs(first, stage.person('ada'));
      assert.equal(await meetingStatus(first), 'joined');
      for (const [at, tab] of tabs.entries()) {
        await tab.goto(`${stage.url}/Room${at}`);
        assert.equal(await meetingStatus(tab), 'joined');
      }
    });

    test('two tabs that sign in at the same time both end in their room', async () => {
      const context = await stage.visitor();
      const [one, two] = [await context.newPage(), await context.newPage()];
      await one.goto(`${stage.url}/One`);
      await two.goto(`${stage.url}/Two`);
      await one.waitForSelector('input[name=login]');
      await two.waitForSelector('input[name=login]');
      await signInAs(one, stage.person('ada'));
      assert.equal(await meetingStatus(one), 'joined');
      await signInAs(two, stage.person('ada'));
      assert.equal(await meetingStatus(two), 'joined');
      assert.equal(await two.textContent('#room'), 'two');
    });

    test('signing out ends the session here and at the provider: the next meeting asks for the password again', async () => {
      const context = await stage.visitor();
      const page = await enter('Standup', 'ada', context);
      await page.click('text=Log out');
      await page.waitForURL(/signed-out/);
      assert.ok(!(await context.cookies()).some(({ name }) => name === '__Host-ostiary'));
      await page.goto(`${stage.url}/Standup`);
      await page.waitForSelector('input[name=login]');
    });

    test('no token, code or secret stands in a Referer, in the address line after joining, or in a log line', async () => {
      const context = await stage.visitor();
      const referers: string[] = [];
      const secrets: string[] = [];
      const page = await context.newPage();
      page.on('request', async (request) => {
        const { referer } = await request.allHeaders();
        if (referer) referers.push(referer);
        const code = new URL(request.url()).searchParams.get('code');
        if (code) secrets.push(code);
      });
      page.on('response', async (response) => {
        const location = (await response.allHeaders())['location'];
        const token = location?.match(/jwt=%22([^%]*)%22/)?.[1];
        if (token) secrets.push(token);
      });
      await page.goto(`${stage.url}/Standup`);
      await signInAs(page, stage.person('ada'));
      await meetingStatus(page);
      for (const cookie of await context.cookies(stage.url))
        if (cookie.name.startsWith('__Host-ostiary')) secrets.push(cookie.value);
      assert.ok(secrets.length >= 3, 'a code, a token and a session were seen');
      assert.deepEqual(
        referers.filter((referer) => /jwt=|code=|token=/.test(referer)),
        [],
      );
      const said = stage.lines.join('\n');
      assert.ok(said.length > 0);
      assert.deepEqual(
        secrets.filter((secret) => said.includes(secret)),
        [],
      );
    });
  });

test('with the provider down, who is signed in goes on into the next room', async () => {
  const stage = await startStage({ tls: false });
  try {
    const context = await stage.visitor();
    const page = await context.newPage();
    await page.goto(`${stage.url}/Standup`);
    await signInAs(page, stage.person('ada'));
    await meetingStatus(page);
    await stage.stopProvider();
    await page.goto(`${stage.url}/Another`);
    assert.equal(await meetingStatus(page), 'joined');
  } finally {
    await stage.close();
  }
});

test('where one of two services is down, a stranger reads that it did not answer, and the other still lets them in', async () => {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  const stage = await startStage({
    tls: false,
    providers: [{ id: 'away', name: 'Away Service', issuer, clientId: 'jitsi' }],
  });
  try {
    const page = await (await stage.visitor()).newPage();
    await page.goto(`${stage.url}/Standup`);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.click('button:has-text("Away Service")'),
    ]);
    assert.equal(answer.status(), 502);
    await page.waitForSelector('.reference');
    await page.goto(`${stage.url}/Standup`);
    await page.click('button:has-text("Example Organisation")');
    await signInAs(page, stage.person('ada'));
    assert.equal(await meetingStatus(page), 'joined');
  } finally {
    await stage.close();
  }
});
