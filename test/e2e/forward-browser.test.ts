/** Behind an nginx that asks us, in a real browser: from the meeting's link over the provider into the meeting. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Watched } from '../support/watched-upstream.ts';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

/** A header of what Jitsi was asked. */
const said = ({ headers }: Watched, name: string): string | undefined =>
  headers.find((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name);

describe('behind an nginx that asks', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({ tls: false, door: 'forward-auth' });
  });
  after(() => stage.close());

  for (const [who, name, role] of [
    ['ada', 'Ada Lövelace', 'moderator'],
    ['grace', 'Grace Hopper', 'participant'],
  ] as const)
    test(`${who} signs in once and is in the meeting under their own name, as ${role}`, async () => {
      const page = await (await stage.visitor()).newPage();
      await page.goto(`${stage.url}/Standup`);
      await signInAs(page, stage.person(who));
      assert.equal(await meetingStatus(page), 'joined');
      assert.equal(await page.textContent('#name'), name);
      assert.equal(await page.textContent('#role'), role);
    });

  test('Jitsi hears nothing of a stranger, and of who is in no token but the one for Prosody', async () => {
    const before = stage.upstream.asked.length;
    const page = await (await stage.visitor()).newPage();
    await page.goto(`${stage.url}/Standup`);
    await page.waitForSelector('input[name=login]');
    assert.equal(stage.upstream.asked.length, before);
    await signInAs(page, stage.person('ada'));
    assert.equal(await meetingStatus(page), 'joined');
    const asked = stage.upstream.asked.slice(before);
    for (const one of asked) {
      assert.doesNotMatch(one.url, /jwt|token|eyJ/, one.url);
      assert.doesNotMatch(said(one, 'cookie') ?? '', /ostiary/i, one.url);
      if (!one.upgrade) assert.equal(said(one, 'authorization'), undefined, one.url);
    }
    assert.match(asked.map((one) => said(one, 'authorization') ?? '').join(''), /^Bearer eyJ/);
  });

  test('who may not enter reads why, at the address of the room', async () => {
    const page = await (await stage.visitor()).newPage();
    await page.goto(`${stage.url}/Standup`);
    await signInAs(page, stage.person('mallory'));
    await page.waitForSelector('text=This account is suspended.');
  });

  test('the page for signing out says that a call goes on', async () => {
    const page = await (await stage.visitor()).newPage();
    await page.goto(`${stage.url}/Standup`);
    await signInAs(page, stage.person('ada'));
    await meetingStatus(page);
    await page.goto(`${stage.url}/_ostiary/sign-out`);
    await page.waitForSelector('text=A meeting that is open in another tab or app goes on');
  });
});
