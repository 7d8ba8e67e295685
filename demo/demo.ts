/**
 * The whole main job on one machine: sign-in service, stand-ins of Jitsi and
 * Prosody, and Ostiary itself, in one process and on loopback alone.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp, openParts } from '../src/app.ts';
import { type Clock, systemClock } from '../src/base/clock.ts';
import { Problem } from '../src/base/problem.ts';
import { type Random, systemRandom } from '../src/base/random.ts';
import { parseConfig } from '../src/config/load.ts';
import { failureElement } from '../src/pages/failure-script.ts';
import { serve } from '../src/serve.ts';
import { takePort } from './jitsi.ts';
import { type DemoPerson, demoPeople } from './people.ts';
import { createStandInProsody } from './prosody.ts';
import { type DemoProvider, startProvider } from './provider.ts';

/** Where Ostiary stands. */
export type DemoDoor = 'gateway' | 'token-service';

/** What the demo is started with. */
export interface DemoOptions {
  /** Where the meeting is: `http://localhost:<port>`. 0 takes a free one. */
  readonly port: number;
  /** Does Ostiary stand in front of the meeting, or beside it as its `tokenAuthUrl`? */
  readonly door: DemoDoor;
  /** A real Jitsi's origin, instead of the stand-in's own. */
  readonly upstream?: string;
  /** `JWT_APP_ID`, `JWT_APP_SECRET`, `XMPP_DOMAIN` of that Jitsi, and where the SQLite file is. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** For tests: who signs in, and the time. */
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A running demo. */
export interface Demo {
  readonly url: string;
  readonly inner: string;
  readonly issuer: string;
  readonly room: string;
  readonly users: readonly DemoPerson[];
  /** The file with its settings, for the other commands; gone with the demo. */
  readonly configFile: string;
  close(): Promise<void>;
}

const ROOM = 'Standup';
const PREFIX = '/_ostiary';
const DOMAIN = 'meet.demo';
const APP_ID = 'ostiary-demo';

/** Starts everything and returns when it answers. Throws `config.unusable`. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const closing: Closing[] = [];
  const close = async () => {
    for (let last = closing.pop(); last !== undefined; last = closing.pop()) await last();
  };
  try {
    return { ...(await startAll(options, closing)), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** How one part of the demo ends: the last begun first, since it stands on the others. */
type Closing = () => Promise<unknown>;

async function startAll(options: DemoOptions, closing: Closing[]): Promise<Omit<Demo, 'close'>> {
  const { clock = systemClock, random = systemRandom } = options;
  const people = demoPeople(random);
  const standIn = await takePort(options.door === 'gateway' ? 0 : options.port);
  closing.push(() => standIn.close());
  const place = options.door === 'gateway' ? await freePlace(options.port) : standIn;
  const back = `${place.url}${PREFIX}`;
  const provider = await startProvider({
    people,
    random,
    redirectUri: `${back}/callback/example`,
    signedOutUri: `${back}/signed-out`,
    backchannelUri: `http://127.0.0.1:${place.port}${PREFIX}/backchannel-logout/example`,
  });
  closing.push(() => provider.close());
  const folder = await mkdtemp(join(tmpdir(), 'ostiary-demo-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const yamlText = settingsOf(
    { place, standIn, provider, storePath: options.env['OSTIARY_STORE'] ?? join(folder, 'ostiary.sqlite') },
    options,
  );
  const config = configOf(yamlText);
  const configFile = join(folder, 'ostiary.yaml');
  await writeFile(configFile, yamlText, { mode: 0o600 });
  const parts = await openParts(config, { clock, random });
  closing.push(() => parts.close());
  const app = createApp(config, parts);
  const serving = await serve({
    app,
    random,
    log: parts.log,
    sockets: parts.sockets,
    listen: config.listen,
    drainFor: 1,
  });
  closing.push(() => serving.close());
  const prosody = createStandInProsody({
    domain: config.jitsi.xmppDomain,
    appId: config.tokens.appId,
    keyServer: `${serving.addresses.inner}${PREFIX}/asap`,
    clock,
  });
  standIn.open({
    prosody,
    prefix: PREFIX,
    ...(options.door === 'token-service' && { ostiary: serving.addresses.public }),
    room: ROOM,
    settings: {
      domain: config.jitsi.xmppDomain,
      tokenAuthUrl: `${back}/join?room={room}&state={state}&code_challenge={code_challenge}`,
      tokenLogoutUrl: `${PREFIX}/sign-out`,
      ...(options.door === 'token-service' && { pluginHead: failureElement(back, false) }),
    },
  });
  await app.warm();
  return {
    url: place.url,
    inner: serving.addresses.inner,
    issuer: provider.issuer,
    room: ROOM,
    users: people,
    configFile,
  };
}

/** Where a listener is to be: our own is told its address before it listens, because the provider must know it too. */
interface Place {
  readonly url: string;
  readonly port: number;
}

async function freePlace(port: number): Promise<Place> {
  const server = createServer();
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(port, '127.0.0.1', done);
  });
  const taken = (server.address() as AddressInfo).port;
  await new Promise((done) => server.close(done));
  return { url: `http://localhost:${taken}`, port: taken };
}

interface Around {
  readonly place: Place;
  readonly standIn: Place;
  readonly provider: DemoProvider;
  readonly storePath: string;
}

/** As they would stand in `ostiary.yaml`: JSON is YAML too. */
function settingsOf(
  { place: { url, port }, standIn, provider, storePath }: Around,
  { door, upstream, env, logLevel = 'warn' }: DemoOptions,
): string {
  const gateway = door === 'gateway';
  return JSON.stringify({
    publicUrl: url,
    // The provider's back-channel comes by the address, people by the name.
    aliases: [url.replace('localhost', '127.0.0.1')],
    insecureHttp: true,
    trustedProxies: ['127.0.0.1'],
    listen: { public: { port: gateway ? port : 0 }, inner: { port: 0 } },
    ...(gateway && { upstream: { url: upstream ?? standIn.url.replace('localhost', '127.0.0.1') } }),
    jitsi: {
      roles: 'enforced',
      xmppDomain: env['XMPP_DOMAIN'] ?? DOMAIN,
      ...(upstream !== undefined && !gateway && { url: upstream }),
    },
    providers: [
      {
        id: 'example',
        name: 'Example Organisation',
        issuer: provider.issuer,
        clientId: provider.clientId,
        clientSecret: provider.clientSecret.reveal(),
        scopes: ['openid', 'profile', 'email', 'groups', 'offline_access'],
        groups: { claim: 'groups', required: true },
      },
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
    tokens: {
      appId: env['JWT_APP_ID'] ?? APP_ID,
      ...(env['JWT_APP_SECRET'] !== undefined && { secret: env['JWT_APP_SECRET'] }),
    },
    store: { path: storePath },
    pages: { name: 'Example Organisation' },
    log: { level: logLevel },
  });
}

function configOf(yamlText: string) {
  const parsed = parseConfig({ yamlText, env: {}, readFile: () => '', folder: process.cwd() });
  if ('complaints' in parsed)
    throw new Problem('config.unusable', {
      first: parsed.complaints.map(({ path, wrong }) => `${path} ${wrong}`).join('; '),
    });
  return parsed.config;
}
