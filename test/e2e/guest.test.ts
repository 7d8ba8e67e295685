/** Somebody without an account, in a real browser: through the gateway, and by the token service. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

for (const door of ['gateway', 'token-service'] as const)
  describe(`guests at the ${door}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage({ tls: true, door, config: { rules: [], access: 'open', hosts: ['staff'] } });
    });
    after(() => stage.close());

    test('somebody gives a name and is in the meeting under it, marked as a guest', async () => {
      const page = await (await stage.visitor({ locale: 'en' })).newPage();
      await page.goto(`${stage.url}/Standup`);
      await page.click('summary');
      await page.fill('#guest-name', 'Ada Lovelace');
      await page.click('details button');
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(await page.textContent('#name'), 'Ada Lovelace (guest)');
      assert.notEqual(await page.textContent('#role'), 'moderator');
    });

    test('without script the same', async () => {
      const context = await stage.visitor({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(`${stage.url}/_ostiary/sign-in?to=%2FStandup`);
      await page.click('summary');
      await page.fill('#guest-name', 'Ada');
      await page.click('details button');
      assert.equal(new URL(page.url()).pathname, '/standup');
    });

    test('on the same page people with an account sign in and are who they are', async () => {
      const page = await (await stage.visitor()).newPage();
      await page.goto(`${stage.url}/Standup`);
      await page.click('button.primary');
      await signInAs(page, stage.person('ada'));
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(await page.textContent('#role'), 'moderator');
    });
  });
