/**
 * Guests on Jitsi's phone and desktop apps, in the browser their app opened for the sign-in: by a name, and by an
 * invitation. They are led back into that app, with what opens this one room.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { makeInvite } from '../../src/admission/invite.ts';
import { unixSeconds } from '../../src/base/clock.ts';
import { roomFromPath, roomOf } from '../../src/base/room.ts';
import { joinAsApp } from './app-socket.ts';
import { type Stage, startStage } from './stage.ts';

const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const CHROME =
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** Each app's own way back, with the token in it. @see jitsi-meet, react/features/base/util/uri.ts; jitsi-meet-electron, app/features/utils/functions.js */
const APPS = [
  [
    'ios',
    SAFARI,
    /^org\.jitsi\.meet:\/\/[^/]+\/standup\?jwt=([\w-]+\.[\w-]+\.[\w-]+)#config\.prejoinConfig\.enabled=false$/,
  ],
  [
    'android',
    CHROME,
    /^intent:\/\/[^/]+\/standup\?jwt=([\w-]+\.[\w-]+\.[\w-]+)#Intent;scheme=org\.jitsi\.meet;package=org\.jitsi\.meet;end$/,
  ],
  [
    'electron',
    FIREFOX,
    /^jitsi-meet:\/\/[^/]+\/standup#jwt=%22([\w-]+\.[\w-]+\.[\w-]+)%22&config\.prejoinConfig\.enabled=false$/,
  ],
] as const;

interface Said {
  readonly sub: string;
  readonly room: string;
  readonly aud: string;
  readonly context: {
    readonly user: { readonly id: string; readonly name: string; readonly moderator: boolean };
  };
}

for (const door of ['token-service', 'gateway'] as const)
  describe(`guests in Jitsi's apps, at the ${door}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage({ tls: false, door, config: { rules: [], access: 'open', hosts: ['staff'] } });
    });
    after(() => stage.close());

    /** What the app opens in the system's browser. @see jitsi-meet, react/features/authentication/functions.native.ts */
    async function sentByApp(app: string, userAgent: string): Promise<Page> {
      const page = await (await stage.visitor({ userAgent, locale: 'en' })).newPage();
      await page.goto(appAddress(app));
      return page;
    }

    function appAddress(app: string): string {
      const state = {
        room: 'Standup',
        roomSafe: 'standup',
        'config.prejoinConfig.enabled': false,
        [app]: true,
      };
      return `${stage.url}/_ostiary/join?${new URLSearchParams({ state: JSON.stringify(state) })}`;
    }

    /** The page that leads back does so by itself, but on Android, whose browsers open an app for a tap alone. */
    async function wayBack(page: Page, last: () => Promise<unknown>): Promise<string> {
      const answer = page.waitForResponse((one) => new URL(one.url()).pathname === '/_ostiary/hand-off');
      const tap = page
        .waitForSelector('form:not([data-auto]) button.primary:has-text("Back to Jitsi Meet")')
        .then((button) => button.click());
      await last();
      await Promise.race([answer, tap]);
      tap.catch(() => {});
      const back = await answer;
      assert.equal(back.status(), 303);
      return (await back.allHeaders())['location'] ?? '';
    }

    /** What the app then holds opens this room of Jitsi's, and no other. */
    async function opensOneRoom(token: string): Promise<void> {
      const { url } = stage;
      assert.equal(await joinAsApp({ url, token }), 'joined');
      assert.notEqual(await joinAsApp({ url, token, room: 'retro' }), 'joined');
      assert.notEqual(await joinAsApp({ url, token: undefined }), 'joined');
    }

    function saidBy(token: string): Said {
      return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    }

    for (const [app, userAgent, address] of APPS) {
      test(`${app}: who gives a name is led back into the app, as a guest of this one room`, async () => {
        const page = await sentByApp(app, userAgent);
        await page.click('summary');
        await page.fill('#guest-name', 'Ada Lovelace');
        const location = await wayBack(page, () => page.click('details button'));
        const [, token = ''] = address.exec(location) ?? assert.fail(location.replace(/jwt=.*/, ''));
        const { room, context } = saidBy(token);
        assert.deepEqual(
          [room, context.user.name, context.user.moderator],
          ['standup', 'Ada Lovelace (guest)', false],
        );
        assert.match(context.user.id, /^guest#/);
        await opensOneRoom(token);
      });

      test(`${app}: who came by an invitation before is led back into the app in its role, and gives no name again`, async () => {
        const until = unixSeconds(stage.parts.clock) + 3600;
        const wish = { room: roomOf(roomFromPath('standup')), role: 'host', until, uses: 1 } as const;
        const { code, invite } = await makeInvite(wish, { role: 'host' }, stage.parts);
        const page = await (await stage.visitor({ userAgent, locale: 'en' })).newPage();
        await page.goto(`${stage.url}/_ostiary/invite?code=${code.reveal()}`);
        await page.fill('#name', 'Grace');
        await Promise.all([page.waitForURL(/\/standup/i), page.click('main button.primary')]);
        const location = await wayBack(page, () => page.goto(appAddress(app), { waitUntil: 'commit' }));
        const [, token = ''] = address.exec(location) ?? assert.fail(location.replace(/jwt=.*/, ''));
        assert.ok(!location.includes(code.reveal()));
        const { room, context } = saidBy(token);
        assert.deepEqual(
          [room, context.user.name, context.user.moderator],
          ['standup', 'Grace (guest)', true],
        );
        const entries = await stage.parts.records.list({ person: context.user.id });
        assert.ok(entries.some(({ event, invite: by }) => event === 'entered' && by === invite.id));
        await opensOneRoom(token);
      });
    }
  });
