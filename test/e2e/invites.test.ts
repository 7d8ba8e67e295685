/** Invitations in a real browser: through the gateway, and by the token service. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type InviteWish, makeInvite, revokeInvite } from '../../src/admission/invite.ts';
import { unixSeconds } from '../../src/base/clock.ts';
import { roomFromPath, roomOf } from '../../src/base/room.ts';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

for (const door of ['gateway', 'token-service'] as const)
  describe(`invitations at the ${door}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage({ tls: true, door, config: { rules: [], access: 'members' } });
    });
    after(() => stage.close());

    async function made(wish: Partial<InviteWish> = {}) {
      const room = roomOf(roomFromPath('standup'));
      const until = unixSeconds(stage.parts.clock) + 3600;
      const whole = { room, role: 'participant', until, uses: 1, ...wish } as const;
      const { code, invite } = await makeInvite(whole, { role: 'host' }, stage.parts);
      return { code: code.reveal(), invite, link: `${stage.url}/_ostiary/invite?code=${code.reveal()}` };
    }

    async function opened(link: string, options: Parameters<Stage['visitor']>[0] = {}) {
      const context = await stage.visitor(options);
      const page = await context.newPage();
      const told: string[] = [];
      page.on('request', async (request) => void told.push((await request.allHeaders())['referer'] ?? ''));
      await page.goto(link);
      return { context, page, told };
    }

    async function enter(page: Page, name = 'Ada Lovelace'): Promise<void> {
      await page.fill('#name', name);
      await page.click('main button.primary');
    }

    test('somebody without an account opens it, gives a name, and is in the meeting in its role', async () => {
      const { code, link } = await made({ role: 'host', by: 'Grace Hopper', title: 'Budget' });
      const { page, told } = await opened(link);
      assert.match((await page.textContent('main')) ?? '', /Grace Hopper invites you[\s\S]*Budget/);
      await enter(page);
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(await page.textContent('#name'), 'Ada Lovelace (guest)');
      assert.equal(await page.textContent('#role'), 'moderator');
      assert.equal(new URL(page.url()).search, '');
      assert.ok(!String(await page.evaluate('document.referrer')).includes(code));
      assert.ok(told.length > 0);
      assert.deepEqual(
        told.filter((referer) => referer.includes(code)),
        [],
        'INV-09',
      );
      for (const { url, headers } of stage.upstream.asked)
        assert.ok(!`${url} ${headers.join()}`.includes(code));
      assert.ok(!stage.lines.some((line) => line.includes(code)));
    });

    test('without script the same', async () => {
      const { link } = await made();
      const { page } = await opened(link, { javaScriptEnabled: false });
      await enter(page);
      assert.equal(new URL(page.url()).pathname, '/standup');
    });

    test('what a scanner fetched with a browser of its own is still good, and once used it is used', async () => {
      const { link } = await made();
      const scanner = await opened(link);
      await scanner.page.waitForLoadState('networkidle');
      const { page, context } = await opened(link);
      await enter(page);
      assert.equal(await meetingStatus(page), 'joined');
      const late = await opened(link);
      assert.match((await late.page.textContent('h1')) ?? '', /used already/);
      await scanner.page.fill('#name', 'Eve');
      await scanner.page.click('main button.primary');
      assert.match((await scanner.page.textContent('h1')) ?? '', /used already/);
      const tab = await context.newPage();
      await tab.goto(link);
      assert.equal(await meetingStatus(tab), 'joined');
    });

    test('one that is over says so', async () => {
      const { link } = await made({ until: unixSeconds(stage.parts.clock) - 1 });
      const { page } = await opened(link);
      assert.match((await page.textContent('h1')) ?? '', /has ended/);
    });

    test('taken back it opens nothing, and who came by it is a stranger again', async () => {
      const { link, invite } = await made({ uses: 2 });
      const { page } = await opened(link);
      const connecting = page.waitForEvent('websocket');
      await enter(page);
      assert.equal(await meetingStatus(page), 'joined');
      const socket = await connecting;
      const over = door === 'gateway' ? socket.waitForEvent('close') : undefined;
      assert.equal((await revokeInvite(invite.id, stage.parts))[0]?.ended.length, 1);
      await over;
      const late = await opened(link);
      assert.match((await late.page.textContent('h1')) ?? '', /do not know/);
    });

    test('one for an address leads over the sign-in and back to itself', async () => {
      const { link } = await made({ email: stage.person('grace').email, role: 'host' });
      const { page } = await opened(link);
      await page.click('main button.primary');
      await page.click('main button.primary');
      await signInAs(page, stage.person('grace'));
      await page.waitForURL(link);
      await page.click('main button.primary');
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(await page.textContent('#role'), 'moderator');
    });

    if (door === 'gateway')
      test('on a phone it leads to the choice of the app, which takes its session along', async () => {
        const { code, link } = await made();
        const { page } = await opened(link, { userAgent: IPHONE, isMobile: true, hasTouch: true });
        await enter(page);
        await page.waitForSelector('button[value=app]');
        const [answer] = await Promise.all([
          page.waitForResponse((response) => new URL(response.url()).pathname === '/_ostiary/hand-off'),
          page.click('button[value=app]'),
        ]);
        const location = (await answer.allHeaders())['location'] ?? '';
        assert.match(location, /^org\.jitsi\.meet:\/\/[^/]+\/standup\?jwt=/);
        assert.ok(!location.includes(code));
      });
  });
