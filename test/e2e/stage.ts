/**
 * A stage for the whole way in a real browser: the certified provider, Ostiary,
 * and the stand-ins of Jitsi's page and Prosody; plain on this machine's names,
 * or over TLS behind a real nginx with a test authority and mapped names.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { takePort } from '../../demo/jitsi.ts';
import { type DemoPerson, demoPeople } from '../../demo/people.ts';
import { createStandInProsody } from '../../demo/prosody.ts';
import { startProvider } from '../../demo/provider.ts';
import { sessionLimitsOf } from '../../src/app/options.ts';
import type { PageFiles } from '../../src/app/page-files.ts';
import { createApp, openParts, type Parts } from '../../src/app.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { parseConfig } from '../../src/config/load.ts';
import { createSessions } from '../../src/identity/session.ts';
import { failureElement } from '../../src/pages/failure-script.ts';
import { serve } from '../../src/serve.ts';
import { BLOCKS } from '../house/manual.ts';
import { launchChromium } from '../support/chromium.ts';
import { makeAuthority } from '../support/http-authority.ts';
import { freePort } from '../support/http-server.ts';
import { startAskingNginx } from '../support/real/front.ts';
import { type UpstreamFile, type WatchedUpstream, watchUpstream } from '../support/watched-upstream.ts';
import { startNginx } from './stage-nginx.ts';

/** A running stage. */
export interface Stage {
  readonly name: string;
  /** Origin of the meeting. */
  readonly url: string;
  /** Where Ostiary itself listens. */
  readonly address: string;
  readonly issuer: string;
  /** Where the host of the meeting is reached on this machine, past any name; with an authority, over TLS. */
  readonly front: { readonly port: number; readonly ca?: string };
  readonly parts: Parts;
  readonly lines: readonly string[];
  /** What the gateway asks of Jitsi's web server, which can be taken away. */
  readonly upstream: WatchedUpstream;
  person(username: string): DemoPerson;
  /** A fresh browser profile; closed with the stage. */
  visitor(options?: Parameters<Browser['newContext']>[0]): Promise<BrowserContext>;
  /**
   * An hour passes for every session: the provider is to be asked again. Neither the browser's clock nor that of
   * the certified provider can be moved, so that of the sessions moves alone.
   */
  anHourLater(): void;
  /** Takes the provider away. */
  stopProvider(): Promise<void>;
  /** What passed unguarded is written down. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** What differs from stage to stage. */
export interface StageOptions {
  readonly tls: boolean;
  /** Ostiary beside the meeting, as its `tokenAuthUrl`; in front of it; or asked by a real nginx, plain, that is. */
  readonly door?: 'token-service' | 'gateway' | 'forward-auth';
  readonly config?: Readonly<Record<string, unknown>>;
  /** A provider that can be asked through the browser alone: no refresh tokens, and it tells us of no sign-out. */
  readonly silentProvider?: boolean;
  readonly providers?: readonly Readonly<Record<string, unknown>>[];
  /** The origin of a proxy that the test itself puts in front of the gateway. */
  readonly behind?: string;
  /** Variables the configuration may name. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the operator wrote for our pages. */
  readonly pageFiles?: PageFiles;
  /** A real Prosody instead of the stand-in, for the gateway: where it is, and its domain. */
  readonly xmpp?: { readonly origin: string; readonly domain: string };
  /** Prosody lets in who shows no token. */
  readonly allowEmpty?: boolean;
  /** More locations of the nginx before a meeting over TLS. */
  readonly locations?: string;
  /** Files of Jitsi's web server instead of the stand-in's own, by path. */
  readonly files?: Readonly<Record<string, UpstreamFile>>;
  /** Further flags of the browser. */
  readonly flags?: readonly string[];
  /** Flags that it is not to have. */
  readonly withoutFlags?: readonly string[];
}

const PREFIX = '/_ostiary';
/** As docker-jitsi-meet has it. */
const DOMAIN = 'meet.jitsi';

/** Starts a stage. */
export async function startStage({
  tls,
  door: which = 'token-service',
  config: more = {},
  providers = [],
  silentProvider = false,
  behind,
  env = {},
  files = {},
  pageFiles = {},
  locations = '',
  xmpp,
  allowEmpty = false,
  flags = [],
  withoutFlags = [],
}: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'ostiary-stage-'));
  const people = demoPeople(systemRandom);
  const door = await takePort(0);
  const upstream = await watchUpstream(door.url, files);
  const port = await freePort();
  const gateway = which === 'gateway';
  const isAsked = which === 'forward-auth';
  const inFront = gateway || isAsked;
  const front = inFront ? await freePort() : door.port;
  const url = behind ?? (tls ? 'https://meet.example.org' : `http://localhost:${front}`);
  const authority = makeAuthority(folder);
  const back = `${url}${PREFIX}`;
  const provider = await startProvider({
    people,
    random: systemRandom,
    redirectUri: `${back}/callback/example`,
    signedOutUri: `${back}/signed-out`,
    ...(!silentProvider && {
      backchannelUri: `http://127.0.0.1:${front}${PREFIX}/backchannel-logout/example`,
    }),
    refreshTokens: !silentProvider,
    ...(tls && { publicIssuer: 'https://id.example.org' }),
  });
  const parsed = parseConfig({
    yamlText: JSON.stringify({
      publicUrl: url,
      aliases: [`http://127.0.0.1:${front}`],
      insecureHttp: true,
      trustedProxies: ['127.0.0.1'],
      listen: { public: { port: gateway ? front : 0 }, inner: { port: 0 } },
      ...(isAsked && { forwardAuth: { enabled: true } }),
      ...(gateway && { upstream: { url: upstream.url, ...(xmpp && { xmpp: xmpp.origin }) } }),
      jitsi: { roles: 'enforced', xmppDomain: xmpp?.domain ?? DOMAIN },
      providers: [
        {
          id: 'example',
          name: 'Example Organisation',
          issuer: provider.issuer,
          ...(tls && { internalIssuer: `https://127.0.0.1:${port}` }),
          clientId: provider.clientId,
          clientSecret: provider.clientSecret.reveal(),
          scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
          groups: { claim: 'groups', required: true },
        },
        ...providers,
      ],
      rules: [
        {
          name: 'suspended people',
          when: { groups: ['suspended'] },
          then: 'refuse',
          reason: 'This account is suspended.',
        },
        { name: 'staff host', when: { groups: ['staff'] }, then: 'host' },
        { name: 'members', when: { groups: ['members'] }, then: 'participant' },
      ],
      store: { path: join(folder, 'stage.sqlite') },
      pages: { name: 'Example Organisation' },
      outbound: { timeout: '2s', ...(tls && { caFile: authority.caFile }) },
      log: { level: 'debug' },
      ...more,
    }),
    env,
    readFile: (path: string) => {
      throw new Error(path);
    },
    folder,
  });
  if ('complaints' in parsed) throw new Error(JSON.stringify(parsed.complaints, null, 1));
  const { config } = parsed;
  const lines: string[] = [];
  const log = recordingLog(lines);
  let ahead = 0;
  const opened = await openParts(config, { log });
  const { store, random } = opened;
  const clock = { now: () => systemClock.now() + ahead };
  const parts = {
    ...opened,
    sessions: createSessions({ store, random, clock, options: sessionLimitsOf(config) }),
  };
  const app = createApp(config, parts, pageFiles);
  const serving = await serve({
    app,
    random: systemRandom,
    log: parts.log,
    sockets: parts.sockets,
    listen: config.listen,
    drainFor: 1,
  });
  door.open({
    prosody: createStandInProsody({
      domain: DOMAIN,
      appId: config.tokens.appId,
      keyServer: `${serving.addresses.inner}${PREFIX}/asap`,
      clock: systemClock,
      allowEmpty,
    }),
    prefix: PREFIX,
    ...(!inFront && { ostiary: serving.addresses.public }),
    room: 'Standup',
    settings: {
      domain: DOMAIN,
      tokenAuthUrl: `${PREFIX}/join?room={room}&state={state}&code_challenge={code_challenge}`,
      tokenLogoutUrl: `${PREFIX}/sign-out`,
      ...(!inFront && { pluginHead: failureElement(back, false) }),
    },
  });
  const asking = isAsked
    ? await startAskingNginx({ config, port: front, addresses: serving.addresses, jitsi: upstream.url })
    : undefined;
  const nginx = tls
    ? await startNginx({
        folder,
        port,
        authority,
        jitsi: gateway ? serving.addresses.public : `http://127.0.0.1:${door.port}`,
        ostiary: serving.addresses.public,
        provider: provider.address,
        prefix: PREFIX,
        // As the manual has it.
        locations: `${gateway ? '' : (BLOCKS.find(({ mark }) => mark === 'nginx: authError')?.text ?? '')}${locations}`,
      })
    : undefined;
  await app.warm();
  // What the server itself asked Jitsi at the start is nobody's visit.
  upstream.forget();
  const spki = createHash('sha256')
    .update(
      new X509Certificate(await readFile(authority.caFile)).publicKey.export({ type: 'spki', format: 'der' }),
    )
    .digest('base64');
  const names = tls
    ? [
        `--host-resolver-rules=MAP meet.example.org:443 127.0.0.1:${port},MAP id.example.org:443 127.0.0.1:${port},MAP *.example.org ~NOTFOUND`,
        `--ignore-certificate-errors-spki-list=${spki}`,
      ]
    : [];
  const browser = await launchChromium([...flags, ...names], withoutFlags);
  let providerGone = false;
  const stopProvider = async () => {
    if (!providerGone) await provider.close();
    providerGone = true;
  };
  return {
    name: `${which}, ${tls ? 'over TLS' : 'plain'}`,
    url,
    address: serving.addresses.public,
    issuer: provider.issuer,
    front: { port: tls ? port : front, ...(tls && { ca: await readFile(authority.caFile, 'utf8') }) },
    parts,
    lines,
    upstream,
    person: (username) => {
      const found = people.find((person) => person.username === username);
      if (!found) throw new Error(username);
      return found;
    },
    visitor: (options) => browser.newContext({ locale: 'en-GB', ...options }),
    anHourLater: () => {
      ahead += 3_601_000;
    },
    stopProvider,
    settled: app.settled,
    close: async () => {
      await browser.close();
      await nginx?.stop();
      await asking?.stop();
      await serving.close();
      await upstream.close();
      await door.close();
      await stopProvider();
      await parts.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Keeps every log line, as text, for what must never stand in one. */
function recordingLog(lines: string[]): Parts['log'] {
  const write = (level: string) => (event: string, facts?: object, cause?: unknown) => {
    lines.push(
      JSON.stringify({
        level,
        event,
        ...facts,
        cause: cause instanceof Error ? `${cause.message} ${cause.stack}` : cause,
      }),
    );
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** Types name and password at the provider's own page. */
export async function signInAs(page: Page, person: DemoPerson): Promise<void> {
  await page.waitForSelector('input[name=login]').catch(async (cause) => {
    throw new Error(`no sign-in page at ${page.url()}: ${await page.innerText('body')}`, { cause });
  });
  await page.fill('input[name=login]', person.username);
  await page.fill('input[name=password]', person.password);
  await page.click('button:has-text("Sign in")');
}

/** Waits until the stand-in says how it ended. */
export async function meetingStatus(page: Page): Promise<string> {
  await page.waitForSelector('body[data-status]');
  return (await page.getAttribute('body', 'data-status')) ?? '';
}
