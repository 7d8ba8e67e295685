/** Through the gateway in a real browser: from the meeting's link over the provider into the meeting. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import type { Watched } from '../support/watched-upstream.ts';
import { meetingStatus, type Stage, signInAs, startStage } from './stage.ts';

/** What stands in a token, unjudged. */
const partOf = (token: string, at: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString());

/** A header of what Jitsi was asked. */
const said = ({ headers }: Watched, name: string): string | undefined =>
  headers.find((_, at) => at % 2 === 1 && headers[at - 1]?.toLowerCase() === name);

for (const tls of [false, true])
  describe(tls ? 'over TLS, behind nginx' : 'plain, on this machine', () => {
    let stage: Stage;
    before(async () => {
      stage = await startStage({ tls, door: 'gateway' });
    });
    after(() => stage.close());

    /** Opens the address as a stranger and signs in. */
    async function enter(address: string, who: string, context?: BrowserContext): Promise<Page> {
      const page = await (context ?? (await stage.visitor())).newPage();
      await page.goto(`${stage.url}/${address}`);
      await signInAs(page, stage.person(who));
      await meetingStatus(page);
      return page;
    }
    const overridesOn = async (page: Page): Promise<Record<string, unknown>> =>
      JSON.parse((await page.textContent('#overrides')) ?? '');

    for (const [who, name, role] of [
      ['ada', 'Ada Lövelace', 'moderator'],
      ['grace', 'Grace Hopper', 'participant'],
    ] as const)
      test(`${who} signs in once and is in the meeting under their own name, as ${role}`, async () => {
        const page = await enter('Standup', who);
        assert.equal(await page.getAttribute('body', 'data-status'), 'joined');
        assert.equal(await page.textContent('#name'), name);
        assert.equal(await page.textContent('#role'), role);
        assert.equal(await page.textContent('#room'), 'standup');
      });

    test('Jitsi hears nothing of a stranger until they have signed in', async () => {
      const before = stage.upstream.asked.length;
      const page = await (await stage.visitor()).newPage();
      await page.goto(`${stage.url}/Standup`);
      await page.waitForSelector('input[name=login]');
      assert.equal(stage.upstream.asked.length, before);
    });

    test('the page holds a token that opens nothing; Prosody gets another, which the page never saw', async () => {
      const context = await stage.visitor();
      const page = await context.newPage();
      const sockets: string[] = [];
      page.on('websocket', (socket) => sockets.push(socket.url()));
      const before = stage.upstream.asked.length;
      await page.goto(`${stage.url}/Standup`);
      await signInAs(page, stage.person('ada'));
      assert.equal(await meetingStatus(page), 'joined');
      const display = new URL(sockets[0] ?? '').searchParams.get('token') ?? '';
      assert.deepEqual(partOf(display, 0), { alg: 'none', typ: 'JWT' });
      assert.equal(Buffer.from(display.split('.')[2] ?? '', 'base64url').toString(), 'display-only');
      const joins = stage.upstream.asked.slice(before).filter(({ upgrade }) => upgrade);
      assert.equal(joins.length, 1);
      const [join] = joins as [Watched];
      assert.equal(new URL(join.url, stage.url).search, '?room=standup');
      const real = said(join, 'authorization')?.replace(/^Bearer /, '') ?? '';
      assert.equal(partOf(real, 0)['alg'], 'RS256');
      assert.deepEqual(
        [partOf(real, 1)['room'], partOf(real, 1)['context']],
        [partOf(display, 1)['room'], partOf(display, 1)['context']],
      );
      assert.equal((await page.content()).includes(real.split('.')[2] ?? '?'), false);
    });

    test('nothing that Jitsi is asked for holds a token in its address, a Referer of one, or a cookie of ours', async () => {
      const page = await enter('Standup', 'ada');
      await page.reload();
      assert.equal(await meetingStatus(page), 'joined');
      await page.goto(`${stage.url}/Retro?jwt=eyJ.pasted.x`);
      assert.equal(await meetingStatus(page), 'joined');
      assert.ok(stage.upstream.asked.some(({ url }) => url === '/libs/stand-in.js'));
      for (const asked of stage.upstream.asked) {
        assert.doesNotMatch(asked.url, /jwt|token|eyJ/, asked.url);
        assert.doesNotMatch(said(asked, 'referer') ?? '', /jwt|token=|eyJ|code=|state=/, asked.url);
        assert.doesNotMatch(said(asked, 'cookie') ?? '', /ostiary/i, asked.url);
        if (!asked.upgrade) assert.equal(said(asked, 'authorization'), undefined, asked.url);
      }
    });

    test('what stood behind the # is kept through the sign-in and comes back once; a token in it and what we do not know do not', async () => {
      const context = await stage.visitor();
      const address = [
        'Standup#config.startWithAudioMuted=true',
        'jwt=%22eyJ.pasted.x%22',
        'config.iceServers=%5B%5D',
        'config.startSilent=%22yes%22',
        'userInfo.displayName=%22Mallory%22',
      ].join('&');
      const page = await context.newPage();
      const asked: string[] = [];
      page.on('request', (request) => asked.push(`${request.url()} ${request.headers()['referer'] ?? ''}`));
      await page.goto(`${stage.url}/${address}`);
      await page.waitForSelector('input[name=login]');
      assert.equal(new URL(page.url()).hash, '', 'the provider is shown nothing of it');
      await signInAs(page, stage.person('grace'));
      assert.equal(await meetingStatus(page), 'joined');
      const overrides = { 'config.startWithAudioMuted': true, 'config.deeplinking.disabled': true };
      assert.deepEqual(await overridesOn(page), overrides);
      assert.equal(await page.textContent('#name'), 'Grace Hopper');
      assert.doesNotMatch(asked.filter((line) => line.startsWith(stage.url)).join('\n'), /pasted|Mallory/);
      await page.goto(`${stage.url}/Standup`);
      assert.equal(await meetingStatus(page), 'joined');
      assert.deepEqual(await overridesOn(page), { 'config.deeplinking.disabled': true });
    });

    test('who is signed in keeps everything behind the # as it is, but for a token', async () => {
      const context = await stage.visitor();
      await enter('Standup', 'ada', context);
      const page = await context.newPage();
      await page.goto(`${stage.url}/Retro#config.toolbarButtons=%5B%22chat%22%5D&jwt=%22eyJ.pasted.x%22`);
      assert.equal(await meetingStatus(page), 'joined');
      assert.deepEqual(await overridesOn(page), {
        'config.toolbarButtons': ['chat'],
        'config.deeplinking.disabled': true,
      });
      assert.equal(await page.textContent('#name'), 'Ada Lövelace');
    });

    test('a pasted token leaves the address line, for strangers and for who is signed in', async () => {
      const context = await stage.visitor();
      const page = await enter('Standup?jwt=eyJ.pasted.x&lang=de', 'ada', context);
      assert.equal(page.url(), `${stage.url}/standup`);
      for (const [typed, shown] of [
        ['Retro?jwt=eyJ.pasted.x', 'Retro'],
        ['Retro?lang=de&JWT=eyJ.pasted.x&token=x', 'Retro?lang=de'],
      ] as const) {
        const before = stage.upstream.asked.length;
        await page.goto(`${stage.url}/${typed}`);
        assert.equal(await meetingStatus(page), 'joined');
        // What the page before still asks for may come in between.
        const pages = stage.upstream.asked.slice(before).filter(({ url }) => url.startsWith('/Retro'));
        assert.equal(pages[0]?.url, `/${shown}`);
        assert.equal(new URL(page.url()).search.includes('eyJ'), false);
        assert.equal(await page.textContent('#name'), 'Ada Lövelace');
      }
    });

    for (const [address, shown] of [
      ['Größe und Maß', 'größe und maß'],
      ['acme/Größe', 'acme/größe'],
      ['100%25', '100%'],
    ] as const)
      test(`the room ${address} is entered as ${shown} after the sign-in, and Prosody's judge takes the token for it`, async () => {
        const page = await enter(address, 'ada');
        assert.equal(await page.getAttribute('body', 'data-status'), 'joined');
        assert.equal(await page.textContent('#room'), shown);
      });

    test("whatever a room is called, Prosody's judge takes the token for it", async () => {
      const page = await enter('Standup', 'ada');
      for (const [address, shown] of [
        ['acme/Standup', 'acme/Standup'],
        ['Acme/Standup', 'Acme/Standup'],
        ['foo!bar', 'foobar'],
        ['a+b', 'ab'],
        ['%E4%BC%9A%E8%AD%B0', '会議'],
        ['Standup-2.1', 'Standup-2.1'],
        ['e%CC%81te%CC%81', 'été'],
        ['Sprint 12', 'Sprint 12'],
        ['%28a%29', '(a)'],
      ] as const) {
        await page.goto(`${stage.url}/${address}`);
        assert.equal(await meetingStatus(page), 'joined', address);
        assert.equal(await page.textContent('#room'), shown);
      }
    });

    test('the second room needs no second sign-in, nor does one of a tenant', async () => {
      const context = await stage.visitor();
      await enter('Standup', 'ada', context);
      const second = await context.newPage();
      for (const address of ['Retro', 'acme/Retro']) {
        await second.goto(`${stage.url}/${address}`);
        assert.equal(await meetingStatus(second), 'joined', address);
        assert.equal(await second.textContent('#name'), 'Ada Lövelace');
      }
    });

    test('who may not enter reads why, with the room and a reference, by status 403, and Jitsi hears nothing', async () => {
      const context = await stage.visitor();
      const page = await context.newPage();
      await page.goto(`${stage.url}/Standup`);
      const before = stage.upstream.asked.length;
      await signInAs(page, stage.person('mallory'));
      await page.waitForSelector('.reference');
      const again = await page.goto(`${stage.url}/Standup`);
      assert.equal(again?.status(), 403);
      const text = (await page.textContent('main')) ?? '';
      assert.ok(text.includes('standup') && text.includes('This account is suspended.'), text);
      assert.match(text, /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/);
      // Being signed in is enough for a file; the page of a room they do not get.
      assert.deepEqual(
        stage.upstream.asked.slice(before).filter(({ url }) => url !== '/favicon.ico'),
        [],
      );
    });

    test('without script the button does the same, the page says what is lost, and the meeting is reached', async () => {
      const context = await stage.visitor({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(`${stage.url}/Standup#config.startWithAudioMuted=true`);
      assert.match(
        (await page.locator('noscript').textContent()) ?? '',
        /JavaScript.*at the end of your link are lost/,
      );
      assert.ok(await page.locator('noscript').isVisible());
      await page.click('button:has-text("Example Organisation")');
      await signInAs(page, stage.person('ada'));
      await page.waitForURL(`${stage.url}/standup`);
      assert.match(await page.title(), /Jitsi/);
    });
  });
