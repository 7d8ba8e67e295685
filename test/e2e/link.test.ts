/** Links that other applications send, in a real browser through the gateway: `?jwt=`, `#jwt="…"`, and both at once. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { systemClock } from '../../src/base/clock.ts';
import { linkClaims, linkToken, MOODLE } from '../support/links.ts';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

describe('links of other applications', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage({
      tls: true,
      door: 'gateway',
      config: {
        issuers: [MOODLE],
        rules: [
          { name: 'no hosts in the hall', when: { rooms: ['hall'] }, then: 'participant' },
          { name: 'staff host', when: { groups: ['staff'] }, then: 'host' },
        ],
      },
    });
  });
  after(() => stage.close());

  const link = (more: object = {}) => linkToken(linkClaims(systemClock, { sub: '*', ...more }));
  const inHash = (token: string) => `jwt=${encodeURIComponent(JSON.stringify(token))}`;

  /** A page that keeps every address it was at, and every one that was asked for. */
  async function open(context?: BrowserContext): Promise<{ page: Page; asked: string[] }> {
    const page = await (context ?? (await stage.visitor())).newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(`${request.url()} ${request.headers()['referer'] ?? ''}`));
    return { page, asked };
  }

  async function inMeeting(page: Page): Promise<readonly unknown[]> {
    assert.equal(await meetingStatus(page), 'joined');
    const [name, role, room] = await Promise.all(
      ['#name', '#role', '#room'].map((place) => page.textContent(place)),
    );
    return [name, role, room?.toLowerCase()];
  }

  test('a link with ?jwt= leads into its room, and its token leaves the address', async () => {
    const { page, asked } = await open();
    const token = link();
    await page.goto(`${stage.url}/Standup?jwt=${token}`);
    assert.deepEqual(await inMeeting(page), ['Grace Hopper', 'moderator', 'standup']);
    assert.ok(!page.url().includes('?'));
    assert.equal(
      asked.filter((line) => line.includes(token)).length,
      1,
      'the address that was followed, and no other',
    );
    for (const { url, headers } of stage.upstream.asked)
      assert.ok(!`${url} ${headers.join()}`.includes(token));
  });

  test('a link with #jwt= is taken on the sign-in page, before anybody is sent to the provider', async () => {
    const { page, asked } = await open();
    const token = link();
    await page.goto(`${stage.url}/Standup#config.startWithAudioMuted=true&${inHash(token)}`);
    assert.deepEqual(await inMeeting(page), ['Grace Hopper', 'moderator', 'standup']);
    assert.deepEqual(
      asked.filter((line) => line.includes(token) || line.startsWith(stage.issuer)),
      [],
    );
    const overrides = JSON.parse((await page.textContent('#overrides')) ?? '');
    assert.equal(overrides['config.startWithAudioMuted'], true);
    await page.goBack().catch(() => null);
    assert.ok(!page.url().includes('eyJ'), 'nor does it stand in the history');
  });

  test('Jitsi’s own embedding sends both at once, and its settings stay', async () => {
    const { page, asked } = await open();
    const token = link();
    const settings = 'config.toolbarButtons=%5B%22chat%22%5D';
    await page.goto(
      `${stage.url}/Standup?jwt=${token}#jitsi_meet_external_api_id=0&${inHash(token)}&${settings}`,
    );
    assert.deepEqual(await inMeeting(page), ['Grace Hopper', 'moderator', 'standup']);
    const overrides = JSON.parse((await page.textContent('#overrides')) ?? '');
    assert.deepEqual(overrides['config.toolbarButtons'], ['chat']);
    assert.equal(
      asked.filter((line) => line.includes('/_ostiary/link')).length,
      0,
      'nothing goes round twice',
    );
  });

  test('who is signed in is by a link who the link says, by ? and by #, and in other rooms who they are', async () => {
    const context = await stage.visitor();
    const { page } = await open(context);
    await page.goto(`${stage.url}/Retro`);
    await signInAs(page, stage.person('ada'));
    assert.deepEqual(await inMeeting(page), ['Ada Lövelace', 'moderator', 'retro']);
    for (const [room, address] of [
      ['one', `one?jwt=${link({ room: 'one' })}`],
      ['two', `two#${inHash(link({ room: 'two' }))}`],
    ] as const) {
      const { page: other } = await open(context);
      await other.goto(`${stage.url}/${address}`);
      await other.waitForSelector('#name:text-is("Grace Hopper")');
      assert.deepEqual(await inMeeting(other), ['Grace Hopper', 'moderator', room]);
      await other.reload();
      assert.deepEqual(await inMeeting(other), ['Grace Hopper', 'moderator', room]);
      await other.goto(`${stage.url}/Retro`);
      assert.deepEqual(await inMeeting(other), ['Ada Lövelace', 'moderator', 'retro']);
    }
  });

  test('a link to another room and an expired one are refused in words, and an account leads on', async () => {
    const context = await stage.visitor();
    for (const [address, words] of [
      [`Other?jwt=${link()}`, /another room/],
      [`Other#${inHash(link())}`, /another room/],
      [`Standup?jwt=${link({ exp: 1 })}`, /expired/],
      [`Standup#${inHash(link({ exp: 1 }))}`, /expired/],
    ] as const) {
      const { page } = await open(context);
      await page.goto(`${stage.url}/${address}`);
      await page.waitForSelector('.reference');
      assert.match((await page.textContent('h1')) ?? '', words);
      assert.ok(!page.url().includes('eyJ') && !(await page.content()).includes('eyJ'));
    }
    const { page } = await open(context);
    await page.goto(`${stage.url}/Standup?jwt=${link({ exp: 1 })}`);
    await page.click('a.primary');
    await signInAs(page, stage.person('ada'));
    assert.deepEqual(await inMeeting(page), ['Ada Lövelace', 'moderator', 'standup']);
  });

  test('a rule lowers a host, and a token for every room is good for one', async () => {
    const { page } = await open();
    await page.goto(`${stage.url}/hall?jwt=${link({ room: '*' })}`);
    assert.deepEqual(await inMeeting(page), ['Grace Hopper', 'participant', 'hall']);
    await page.goto(`${stage.url}/Standup`);
    await page.waitForSelector('input[name=login]');
  });

  test('a page that is loaded again keeps the person, and what stood behind the # is no link of anybody', async () => {
    const { page, asked } = await open();
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(`${stage.url}/Standup?jwt=${link()}`);
    await inMeeting(page);
    const shown = new URL(sockets[0] ?? '').searchParams.get('token') ?? '';
    assert.match(shown, /^eyJ/);
    await page.goto('about:blank');
    await page.goto(`${stage.url}/Standup#${inHash(shown)}`);
    assert.deepEqual(await inMeeting(page), ['Grace Hopper', 'moderator', 'standup']);
    assert.deepEqual(
      asked.filter((line) => line.includes('/_ostiary/link')),
      [],
    );
  });

  test('somebody else’s link behind the # takes the place of the one before', async () => {
    const { page } = await open();
    await page.goto(`${stage.url}/Standup?jwt=${link()}`);
    await inMeeting(page);
    await page.goto('about:blank');
    const user = { id: '18', name: 'Edsger' };
    await page.goto(`${stage.url}/Standup#${inHash(link({ context: { user } }))}`);
    await page.waitForSelector('#name:text-is("Edsger")');
    assert.deepEqual(await inMeeting(page), ['Edsger', 'participant', 'standup']);
  });
});
