/** The page of whoever leads a room, in real browsers at both doors: let in, turn away, invite, put out. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } as const;

for (const door of ['gateway', 'token-service'] as const)
  describe(`a room and its hosts at the ${door}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage({
        tls: true,
        door,
        config: {
          access: 'members',
          hosts: ['staff'],
          rules: [
            { name: 'visitors wait', when: { signedIn: false, invited: false }, then: 'wait' },
            { name: 'members', when: { groups: ['members'] }, then: 'participant' },
          ],
        },
      });
    });
    after(() => stage.close());

    let rooms = 0;
    const nextRoom = () => {
      rooms += 1;
      return `room${rooms}`;
    };

    async function guest(room: string, name = 'Linus'): Promise<Page> {
      const page = await (await stage.visitor({ locale: 'en' })).newPage();
      await page.goto(`${stage.url}/_ostiary/sign-in?to=%2F${room}`);
      await page.click('summary');
      await page.fill('#guest-name', name);
      await page.click('details button');
      assert.equal(await page.textContent('h1'), 'Please wait to be let in');
      return page;
    }

    /** Opens the page of the room as somebody who signs in for it. */
    async function lead(room: string, options: Parameters<Stage['visitor']>[0] = {}, who = 'ada') {
      const page = await (await stage.visitor({ locale: 'en', ...options })).newPage();
      await page.goto(`${stage.url}/_ostiary/room/${room}`);
      await page.click('button.primary');
      await signInAs(page, stage.person(who));
      return page;
    }

    async function isClean(page: Page): Promise<void> {
      const { violations } = await new AxeBuilder({ page }).analyze();
      assert.deepEqual(
        violations.map(({ id }) => id),
        [],
      );
    }

    const inRoom = (page: Page, room: string) => page.waitForURL(new RegExp(`/${room}(?:[?#]|$)`));

    test('a guest waits, a host opens the page over the sign-in and lets them in, and they are in the meeting', async () => {
      const room = nextRoom();
      const waits = await guest(room);
      const host = await lead(room);
      await host.waitForURL(`${stage.url}/_ostiary/room/${room}`);
      assert.match((await host.textContent('.list')) ?? '', /Linus/);
      await isClean(host);
      await host.click('button[aria-label="Let in: Linus"]');
      await inRoom(waits, room);
      assert.equal(await meetingStatus(waits), 'joined');
      assert.equal(await waits.textContent('#name'), 'Linus (guest)');
      assert.equal(await waits.textContent('#role'), 'participant');
      assert.match((await host.textContent('.said')) ?? '', /Linus may come in/);
      assert.match((await host.textContent('section')) ?? '', /Nobody is waiting/);
    });

    test('turned away they are told so, and the host sees whom', async () => {
      const room = nextRoom();
      const waits = await guest(room, 'Mallory');
      const host = await lead(room);
      const said = waits.waitForSelector('h1:has-text("The host of this room did not let you in")');
      await host.click('button[aria-label="Turn away: Mallory"]');
      await said;
      await isClean(waits);
      await waits.reload();
      assert.match((await waits.textContent('h1')) ?? '', /did not let you in/);
      assert.match(
        (await host.textContent('[aria-labelledby=out]')) ?? '',
        /Mallory[\s\S]*turned away at the door/,
      );
    });

    test('an invitation that is made on the page is opened by somebody else, and the link is shown once', async () => {
      const room = nextRoom();
      const host = await lead(room);
      await host.click('text=Make an invitation');
      await host.fill('#about', 'Budget 2027');
      await isClean(host);
      await host.click('text=Make the link');
      const link = (await host.textContent('.address a')) ?? '';
      assert.match(link, /\/_ostiary\/invite\?code=[0-9a-z]{28}$/);
      assert.equal(host.url(), `${stage.url}/_ostiary/room/${room}`);
      assert.ok((await host.inputValue('textarea')).includes(link));
      await isClean(host);
      const [saved] = await Promise.all([
        host.waitForEvent('download'),
        host.click('text=Download for a calendar'),
      ]);
      assert.equal(saved.suggestedFilename(), 'meeting.ics');
      const invited = await (await stage.visitor({ locale: 'en' })).newPage();
      await invited.goto(link);
      assert.match((await invited.textContent('main')) ?? '', /Ada[\s\S]*invites you[\s\S]*Budget 2027/);
      await invited.fill('#name', 'Grace Hopper');
      await invited.click('main button.primary');
      assert.equal(await meetingStatus(invited), 'joined');
      await host.reload();
      assert.equal(await host.locator('.address').count(), 0);
      assert.match(
        (await host.textContent('[aria-labelledby=invitations]')) ?? '',
        /Budget 2027[\s\S]*1 of 1 used/,
      );
      await host.click('button[aria-label="Take back: Budget 2027"]');
      assert.match((await host.textContent('.said')) ?? '', /taken back/);
      const late = await (await stage.visitor({ locale: 'en' })).newPage();
      await late.goto(link);
      assert.match((await late.textContent('h1')) ?? '', /do not know/);
    });

    test('somebody in the meeting is put out, and is allowed again', async () => {
      const room = nextRoom();
      const waits = await guest(room, 'Loud');
      const host = await lead(room);
      await host.click('button[aria-label="Let in: Loud"]');
      await inRoom(waits, room);
      assert.equal(await meetingStatus(waits), 'joined');
      await host.reload();
      await host.click('text=Put somebody out');
      await host.selectOption('#person', { label: 'Loud' });
      await host.click('text="Put out"');
      assert.match((await host.textContent('.said')) ?? '', /Loud is put out/);
      const again = await waits.context().newPage();
      await again.goto(`${stage.url}/_ostiary/join?room=${room}`);
      assert.match((await again.textContent('h1')) ?? '', /put out of this room/);
      await host.click('button[aria-label="Allow again: Loud"]');
      assert.match((await host.textContent('.said')) ?? '', /Loud may come in again/);
    });

    test('a page that is open shows by itself who comes, and how many in its title', async () => {
      const room = nextRoom();
      const host = await lead(room);
      assert.match((await host.textContent('section')) ?? '', /Nobody is waiting/);
      await guest(room, 'Late');
      await host.waitForSelector('button[aria-label="Let in: Late"]');
      await host.waitForFunction(() =>
        (globalThis as unknown as { document: { title: string } }).document.title.startsWith('(1) '),
      );
    });

    test('whoever fills in a form is not interrupted, and is told that there is news', async () => {
      const room = nextRoom();
      const host = await lead(room);
      await host.click('text=Make an invitation');
      await host.fill('#about', 'Half a sen');
      await guest(room, 'Late');
      await host.waitForSelector('[data-news]:has-text("Who is waiting has changed.")');
      assert.equal(await host.inputValue('#about'), 'Half a sen');
    });

    test('without script all of it works', async () => {
      const room = nextRoom();
      await guest(room, 'Linus');
      const host = await lead(room, { javaScriptEnabled: false });
      await host.click('button[aria-label="Let in: Linus"]');
      assert.match((await host.textContent('.said')) ?? '', /Linus may come in/);
      await host.click('text=Make an invitation');
      await host.click('text=Make the link');
      assert.match((await host.textContent('.address a')) ?? '', /invite\?code=/);
    });

    test('on a phone it fits, and is operated with a thumb', async () => {
      const room = nextRoom();
      await guest(room, 'Somebody With A Very Long Name That Goes On And On');
      const host = await lead(room, PHONE);
      assert.equal(await host.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
      for (const button of await host.locator('.list button').all())
        assert.ok(((await button.boundingBox())?.height ?? 0) >= 44);
      await isClean(host);
      await host.tap('button.primary >> nth=0');
      await host.waitForSelector('.said:has-text("may come in")');
    });

    test('a participant is told whose page it is, and may come as somebody else', async () => {
      const page = await lead(nextRoom(), {}, 'grace');
      assert.match((await page.textContent('h1')) ?? '', /Only who leads this room/);
      assert.equal(await page.locator('text=Use another account').count(), 1);
      await isClean(page);
    });

    test('who waits and is the host after all signs in from there, and comes to the page', async () => {
      const room = nextRoom();
      const page = await guest(room, 'Ada');
      await page.click('text=I am the host: sign in');
      await page.click('button.primary');
      await signInAs(page, stage.person('ada'));
      await page.waitForURL(`${stage.url}/_ostiary/room/${room}`);
      assert.equal(await page.textContent('h1'), 'Your room');
    });

    test('from their sign-in a host finds the page by the room’s name', async () => {
      const room = nextRoom();
      const page = await lead(room);
      await page.goto(`${stage.url}/_ostiary/session`);
      await page.click('summary');
      await page.fill('#room', room.toUpperCase());
      await page.click('details button');
      assert.equal(page.url(), `${stage.url}/_ostiary/room/${room}`);
    });
  });
