/** Sign-in in a window that the meeting's page opened, and sign-out in a frame behind it, as Jitsi's client does them (`tokenAuthInline`). */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, signInAs, startStage } from './stage.ts';

/** What Jitsi's page hears, and what it opens: its own words put aside. */
interface Heard {
  readonly type: string;
  readonly accessToken?: string;
  readonly error?: string;
}

/** What the meeting's page does, as scripts: it believes its own origin alone. */
const LISTENS = `globalThis.heard = [];
addEventListener('message', (event) => { if (event.origin === location.origin) heard.push(event.data); });`;
const SIGNS_OUT = `const frame = document.createElement('iframe');
frame.style.display = 'none';
frame.src = '/_ostiary/sign-out?id_token_hint=';
document.body.append(frame);`;

const NONCE = 'ab'.repeat(32);
const claimsIn = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

for (const door of ['token-service', 'gateway'] as const)
  describe(`with Ostiary as ${door}`, () => {
    let stage: Stage;
    before(async () => {
      // As people have it: windows are opened by a click, and by nothing else.
      stage = await startStage({ tls: true, door, withoutFlags: ['--disable-popup-blocking'] });
    });
    after(() => stage.close());

    const joinAddress = (room: string) =>
      `/_ostiary/join?state=${encodeURIComponent(JSON.stringify({ room }))}&nonce=${NONCE}`;

    const opens = (room: string) =>
      `open(${JSON.stringify(joinAddress(room))}, 'Auth-1', 'width=500,height=600')`;

    /** A page of the meeting's origin that listens, and the window that a click there opened. */
    async function opened(room: string): Promise<{ readonly meeting: Page; readonly window: Page }> {
      const meeting = await (await stage.visitor()).newPage();
      // Any document of the origin stands for the meeting's: its policy is that of the web server.
      await meeting.route(`${stage.url}/a-page-of-the-meeting`, (route) =>
        route.fulfill({
          contentType: 'text/html',
          headers: { 'cross-origin-opener-policy': 'same-origin-allow-popups' },
          body: `<!doctype html><title>meeting</title><button>go</button><script>globalThis.blocked = ${opens(room)} === null</script>`,
        }),
      );
      await meeting.goto(`${stage.url}/a-page-of-the-meeting`);
      assert.equal(await meeting.evaluate('blocked'), true, 'no click, no window');
      await meeting.evaluate(`${LISTENS} 0`);
      await meeting.evaluate(`document.querySelector('button').onclick = () => { ${opens(room)}; }; 0`);
      const [window] = await Promise.all([meeting.waitForEvent('popup'), meeting.click('button')]);
      return { meeting, window };
    }

    async function heardBy(meeting: Page): Promise<Heard> {
      const handle = await meeting.waitForFunction('heard[0]');
      return (await handle.jsonValue()) as Heard;
    }

    test('who signs in there is in the meeting behind it: it gets the token, and the window closes', async () => {
      const { meeting, window } = await opened('Standup');
      const closed = window.waitForEvent('close');
      await signInAs(window, stage.person('ada'));
      const heard = await heardBy(meeting);
      assert.equal(heard.type, 'oauth-success');
      const claims = claimsIn(heard.accessToken ?? '');
      assert.equal(claims['room'], 'standup');
      await closed;
      const isDisplayOnly = (heard.accessToken ?? '').endsWith(
        Buffer.from('display-only').toString('base64url'),
      );
      assert.equal(isDisplayOnly, door === 'gateway');
    });

    test('who may not enter reads why there, and the meeting hears that it failed', async () => {
      const { meeting, window } = await opened('Standup');
      await signInAs(window, stage.person('mallory'));
      await window.waitForSelector('.reference');
      assert.deepEqual(await heardBy(meeting), { type: 'oauth-error', error: 'entry.refused' });
      assert.equal(window.isClosed(), false);
    });

    test('signing out in the frame behind the meeting ends the session, and the meeting hears it', async () => {
      const { meeting, window } = await opened('Standup');
      const closed = window.waitForEvent('close');
      await signInAs(window, stage.person('ada'));
      await closed;
      await meeting.evaluate(`heard.length = 0; ${SIGNS_OUT} 0`);
      const done = await heardBy(meeting);
      assert.deepEqual(done, { type: 'logout-success' });
      await meeting.goto(`${stage.url}/_ostiary/session`);
      assert.match(meeting.url(), /\/sign-in/);
    });
  });
