/** Two pages in Chromium and a real coturn: who comes by TURN alone reaches whom the profile lets them reach. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { TurnProfile } from '../../src/config/turn-lines.ts';
import { launchChromium } from '../support/chromium.ts';
import { serve } from '../support/http-server.ts';
import { BRIDGE, startTurnStage, TURN_ADDRESS, type TurnStage } from '../support/turn-stage.ts';

let browser: Browser;
before(async () => {
  browser = await launchChromium([
    // Everybody is on this machine, and a bridge names its address.
    '--allow-loopback-in-peer-connection',
    '--disable-features=WebRtcHideLocalIpsWithMdns',
  ]);
});
after(() => browser.close());

/** What a page makes a connection with. */
interface Connecting {
  readonly iceServers?: readonly {
    readonly urls: readonly string[];
    readonly username: string;
    readonly credential: string;
  }[];
  readonly iceTransportPolicy?: 'relay';
}

/** Runs in the page: opens one end, and describes it once it knows all its candidates. `offer` is the other end's. */
const DESCRIBE = `async ([config, offer]) => {
  const pc = new RTCPeerConnection(config);
  const errors = [];
  pc.onicecandidateerror = ({ errorCode }) => errors.push(errorCode);
  const heard = new Promise((done) => {
    const greet = (channel) => {
      channel.onmessage = ({ data }) => done(data);
      channel.onopen = () => channel.send(offer === null ? 'from the first' : 'from the second');
    };
    if (offer === null) greet(pc.createDataChannel('x'));
    else pc.ondatachannel = ({ channel }) => greet(channel);
    pc.onconnectionstatechange = () => pc.connectionState === 'failed' && done('nothing');
  });
  window.end = { pc, heard, errors };
  if (offer !== null) await pc.setRemoteDescription({ type: 'offer', sdp: offer });
  const gathered = new Promise((done) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done();
  });
  await pc.setLocalDescription();
  await gathered;
  return pc.localDescription.sdp;
}`;

function describe(page: Page, config: Connecting, offer?: string): Promise<string> {
  return page.evaluate(`(${DESCRIBE})(${JSON.stringify([config, offer ?? null])})`);
}

const candidates = (sdp: string) => sdp.match(/^a=candidate:.*$/gm) ?? [];

/** The description of a bridge: it names one address, and that for UDP. */
function asBridge(sdp: string): string {
  const isIts = (line: string) => line.includes(' udp ') && line.includes(` ${BRIDGE} `);
  return sdp.replace(/^a=candidate:.*\r\n/gm, (line) => (isIts(line) ? line : ''));
}

/** A browser that tells its own addresses, as it does in a meeting where it has the microphone. */
async function openContext(t: TestContext): Promise<BrowserContext & { readonly origin: string }> {
  const port = await serve(t, (_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>a meeting</title>');
  });
  const context = await browser.newContext({ permissions: ['microphone'] });
  t.after(() => context.close());
  return Object.assign(context, { origin: `http://127.0.0.1:${port}` });
}

async function openPage(context: BrowserContext & { readonly origin: string }): Promise<Page> {
  const page = await context.newPage();
  await page.goto(context.origin);
  return page;
}

interface Ends {
  readonly first: Connecting;
  readonly second: Connecting;
  /** What the first is told of the second. */
  readonly told?: (sdp: string) => string;
}

/** Lets two pages meet: what each heard of the other, and what they said of themselves. */
async function meet(t: TestContext, { first, second, told = (sdp) => sdp }: Ends) {
  const context = await openContext(t);
  const [one, other] = [await openPage(context), await openPage(context)];
  const offer = await describe(one, first);
  const answer = told(await describe(other, second, offer));
  await one.evaluate(`end.pc.setRemoteDescription(${JSON.stringify({ type: 'answer', sdp: answer })})`);
  const heard = await Promise.all([one.evaluate('end.heard'), other.evaluate('end.heard')]);
  return { heard, offer: candidates(offer), answer: candidates(answer) };
}

const GREETED = ['from the second', 'from the first'];

/** What the answer for a room gives, and relayed candidates alone, as `forceTurnRelay` has it. */
async function relayOnly(turn: TurnStage, person: string): Promise<Connecting> {
  const answer = await turn.ask('standup', { cookie: await turn.person(person) });
  return { iceServers: JSON.parse(answer.text).iceServers, iceTransportPolicy: 'relay' };
}

async function turnFor(t: TestContext, profile: TurnProfile): Promise<TurnStage> {
  const turn = await startTurnStage({ profile });
  t.after(() => turn.close());
  return turn;
}

const isRelayed = (line: string) => line.includes(` ${TURN_ADDRESS} `) && line.includes(' typ relay ');

test('with bridges-only a page meets whoever is at the address of the bridge', async (t) => {
  const turn = await turnFor(t, 'bridges-only');
  const met = await meet(t, { first: await relayOnly(turn, 'ada'), second: {}, told: asBridge });
  assert.deepEqual(met.heard, GREETED);
  assert.ok(met.offer.length > 0 && met.offer.every(isRelayed), met.offer.join('\n'));
  assert.equal(met.answer.length, 1);
});

test('with bridges-only two pages that come by TURN alone do not meet', async (t) => {
  const turn = await turnFor(t, 'bridges-only');
  const met = await meet(t, { first: await relayOnly(turn, 'ada'), second: await relayOnly(turn, 'bob') });
  assert.ok([met.offer, met.answer].every((all) => all.length > 0 && all.every(isRelayed)));
  assert.deepEqual(met.heard, ['nothing', 'nothing']);
});

test('with relay two pages that come by TURN alone do meet', async (t) => {
  const turn = await turnFor(t, 'relay');
  const met = await meet(t, { first: await relayOnly(turn, 'ada'), second: await relayOnly(turn, 'bob') });
  assert.ok([met.offer, met.answer].every((all) => all.length > 0 && all.every(isRelayed)));
  assert.deepEqual(met.heard, GREETED);
});

for (const profile of ['bridges-only', 'relay'] as const)
  test(`with ${profile} and made-up credentials a page is given no place from which to reach anybody`, async (t) => {
    const turn = await turnFor(t, profile);
    const { iceServers = [], ...config } = await relayOnly(turn, 'ada');
    const made = iceServers.map((server) => ({ ...server, credential: 'made up' }));
    const page = await openPage(await openContext(t));
    assert.deepEqual(candidates(await describe(page, { ...config, iceServers: made })), []);
    assert.deepEqual(await page.evaluate('[...new Set(end.errors)]'), [401]);
  });
