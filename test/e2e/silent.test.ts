/**
 * The hourly look at a provider that gives no refresh token: the browser asks it, without showing anything
 * (`prompt=none`). In a real browser, because it decides what a form may lead to and which cookies come along.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

for (const tls of [false, true])
  describe(tls ? 'over TLS, behind nginx' : 'plain, on this machine', () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage({ tls, silentProvider: true });
    });
    after(() => stage.close());

    /** Somebody in the meeting, and every question their browser asks the provider from then on. */
    async function inTheMeeting(who: string): Promise<{
      readonly context: BrowserContext;
      readonly page: Page;
      readonly asked: URL[];
    }> {
      const context = await stage.visitor();
      const page = await context.newPage();
      await page.goto(`${stage.url}/Standup`);
      await signInAs(page, stage.person(who));
      assert.equal(await meetingStatus(page), 'joined');
      const asked: URL[] = [];
      context.on('request', (request) => {
        const url = new URL(request.url());
        if (url.origin === stage.issuer && url.searchParams.has('client_id')) asked.push(url);
      });
      return { context, page, asked };
    }

    const sessionOf = async (context: BrowserContext) =>
      (await context.cookies(stage.url)).find(({ name }) => name === '__Host-ostiary')?.value;
    const prompts = (asked: readonly URL[]) => asked.map(({ searchParams }) => searchParams.get('prompt'));

    test('who is still signed in there is in the next room without having seen a page, in the same session', async () => {
      const { context, page, asked } = await inTheMeeting('ada');
      const before = await sessionOf(context);
      assert.ok(before);
      stage.anHourLater();
      await page.goto(`${stage.url}/Retro`);
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(await page.textContent('#room'), 'retro');
      assert.equal(await page.textContent('#name'), 'Ada Lövelace');
      assert.deepEqual(prompts(asked), ['none']);
      assert.equal(await sessionOf(context), before);
      await page.goto(`${stage.url}/Third`);
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(asked.length, 1, 'and is not asked again before the next hour');
    });

    test('who signed out there is signed out here within the hour, and sees the sign-in page, which waits for them', async () => {
      const { context, page, asked } = await inTheMeeting('grace');
      const id = (await sessionOf(context)) ?? '';
      await page.goto(`${stage.issuer}/session/end`);
      await page.waitForURL(/\/session\/end\/success/);
      assert.ok(await stage.parts.sessions.read(id), 'nobody told us');
      stage.anHourLater();
      await page.goto(`${stage.url}/Retro`);
      await page.waitForSelector('button:has-text("Example Organisation")');
      assert.equal(new URL(page.url()).pathname, '/_ostiary/sign-in');
      assert.match((await page.textContent('main')) ?? '', /retro/);
      assert.deepEqual(prompts(asked), ['none'], 'asked once, and not in a loop');
      assert.equal(await sessionOf(context), undefined);
      assert.equal(await stage.parts.sessions.read(id), undefined);
      await page.click('button:has-text("Example Organisation")');
      await signInAs(page, stage.person('grace'));
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(await page.textContent('#room'), 'retro');
    });

    // The last one: the provider does not come back.
    test('while the provider is down nobody is stranded at its address: they go on into the room, in the same session', async () => {
      const { context, page, asked } = await inTheMeeting('ada');
      const before = await sessionOf(context);
      await stage.stopProvider();
      stage.anHourLater();
      await page.goto(`${stage.url}/Retro`);
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(await page.textContent('#room'), 'retro');
      assert.deepEqual(asked, []);
      assert.equal(await sessionOf(context), before);
    });
  });
