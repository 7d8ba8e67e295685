/** Guests wait until a host is there, in real browsers through the gateway. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

describe('waiting for a host', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({
      tls: true,
      door: 'gateway',
      config: { rules: [], access: 'guests-wait', hosts: ['staff'], waiting: { hostGrace: '3s' } },
    });
  });
  after(() => stage.close());

  let rooms = 0;
  const nextRoom = () => {
    rooms += 1;
    return `Standup${rooms}`;
  };

  async function guest(room: string, options: Parameters<Stage['visitor']>[0] = {}): Promise<Page> {
    const page = await (await stage.visitor({ locale: 'en', ...options })).newPage();
    await page.goto(`${stage.url}/_ostiary/sign-in?to=%2F${room}`);
    await page.click('summary');
    await page.fill('#guest-name', 'Ada');
    await page.click('details button');
    return page;
  }

  async function host(room: string, context?: BrowserContext): Promise<Page> {
    const page = await (context ?? (await stage.visitor())).newPage();
    await page.goto(`${stage.url}/${room}`);
    await page.click('button.primary');
    await signInAs(page, stage.person('ada'));
    assert.equal(await meetingStatus(page), 'joined');
    return page;
  }

  const heading = (page: Page) => page.textContent('h1');
  const WAITS = 'The meeting has not begun yet';

  test('a guest stays on the waiting page, and is in the meeting as soon as a host is', async () => {
    const room = nextRoom();
    const page = await guest(room);
    assert.equal(await heading(page), WAITS);
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    );
    await host(room);
    await page.waitForURL(`${stage.url}/${room.toLowerCase()}`);
    assert.equal(await meetingStatus(page), 'joined');
    assert.equal(await page.textContent('#name'), 'Ada (guest)');
  });

  test('who only has to wait is shown no button to press', async () => {
    const page = await guest(nextRoom());
    assert.equal(await page.isVisible('[data-waits] + .actions a'), false);
    assert.equal(await page.isVisible('[data-until-over]'), true);
  });

  test('being let in is announced, and the title says so to whom looks elsewhere', async () => {
    const room = nextRoom();
    const page = await guest(room);
    assert.equal(await page.getAttribute('[data-waits]', 'aria-live'), 'polite');
    const said = page.waitForFunction(() =>
      (globalThis as unknown as { document: { title: string } }).document.title.startsWith(
        'The host is there',
      ),
    );
    await host(room);
    await said;
  });

  test('a guest inside who reloads when the host has gone is in again, and a new one waits', async () => {
    const room = nextRoom();
    const leader = await host(room);
    const inside = await guest(room);
    assert.equal(await meetingStatus(inside), 'joined');
    await leader.close();
    const late = await guest(nextRoom());
    assert.equal(await heading(late), WAITS);
    // Until the last host has been gone for longer than a reload takes.
    for (;;) {
      const other = await guest(room);
      if ((await heading(other)) === WAITS) break;
      await other.context().close();
    }
    await inside.reload();
    assert.equal(await meetingStatus(inside), 'joined');
  });

  test('who waits and is the host after all signs in from there', async () => {
    const room = nextRoom();
    const page = await guest(room);
    await page.click('text=I am the host: sign in');
    await page.click('button.primary');
    await signInAs(page, stage.person('ada'));
    assert.equal(await meetingStatus(page), 'joined');
    assert.equal(await page.textContent('#role'), 'moderator');
  });

  test('without script the page looks again by itself, and a button does', async () => {
    const room = nextRoom();
    const page = await guest(room, { javaScriptEnabled: false });
    assert.match(await page.content(), /<meta http-equiv="refresh" content="15">/);
    await host(room);
    await page.click('[data-again]');
    assert.equal(new URL(page.url()).pathname.toLowerCase(), `/${room.toLowerCase()}`);
    assert.notEqual(await heading(page), WAITS);
  });
});
