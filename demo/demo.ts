/**
 * The whole main job on one machine: sign-in service, stand-ins of Jitsi and
 * Prosody, and Ostiary itself, in one process and on loopback alone.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPageFiles } from '../src/app/page-files.ts';
import { createApp, openParts } from '../src/app.ts';
import { type Clock, systemClock } from '../src/base/clock.ts';
import { Problem } from '../src/base/problem.ts';
import { type Random, systemRandom } from '../src/base/random.ts';
import { formatComplaints } from '../src/config/complaints.ts';
import { type Complaint, type Config, parseConfig } from '../src/config/load.ts';
import { prepare } from '../src/config/prepare.ts';
import { settings } from '../src/config/schema/settings.ts';
import { readYaml, type YamlFile } from '../src/config/yaml.ts';
import { failureElement } from '../src/pages/failure-script.ts';
import { serve } from '../src/serve.ts';
import { type DemoApp, demoApplications, demoLink } from './applications.ts';
import { takePort } from './jitsi.ts';
import { type DemoPerson, demoPeople } from './people.ts';
import { createStandInProsody } from './prosody.ts';
import { startProvider } from './provider.ts';
import { demoSettings, type Place, withSettings } from './settings.ts';

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
  /** Settings of somebody's own over those of the demo: a file's text, its name, and the folder its paths start from. */
  readonly settings?: { readonly text: string; readonly name: string; readonly folder: string };
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
  /** An application that may ask for tokens, and embed meetings. */
  readonly app: DemoApp;
  /** A link as another application sends it; beside the meeting such links lead past us. */
  readonly link?: string;
  /** The file with its settings, for the other commands; gone with the demo. */
  readonly configFile: string;
  /** As the server reads it. */
  readonly config: Config;
  close(): Promise<void>;
}

const ROOM = 'Standup';
const PREFIX = '/_ostiary';

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
  const applications = demoApplications(random);
  const storePath = options.env['OSTIARY_STORE'] ?? join(folder, 'ostiary.sqlite');
  const around = { place, standIn, provider, storePath, applications };
  const listening = (innerPort: number) =>
    configured(demoSettings({ ...around, innerPort }, options), options.settings, options.env);
  const { config } = listening(0);
  const parts = await openParts(config, { clock, random });
  closing.push(() => parts.close());
  const app = createApp(config, parts, readPageFiles(config.pages));
  const serving = await serve({
    app,
    random,
    log: parts.log,
    sockets: parts.sockets,
    listen: config.listen,
    drainFor: 1,
  });
  closing.push(() => serving.close());
  // Other commands ask at the inner listener, which has a port only now.
  const written = listening(Number(new URL(serving.addresses.inner).port));
  const configFile = join(folder, 'ostiary.yaml');
  await writeFile(configFile, written.yamlText, { mode: 0o600 });
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
    app: applications.app,
    ...(options.door === 'gateway' && {
      link: demoLink(applications.issuer, { url: place.url, domain: config.jitsi.xmppDomain, clock }),
    }),
    configFile,
    config: written.config,
  };
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

/** The settings as text, and as the server takes them. Throws `config.unusable` with every complaint. */
function configured(demo: Record<string, unknown>, own: DemoOptions['settings'], env: DemoOptions['env']) {
  const complaints: Complaint[] = [];
  const file = readYaml(own?.text ?? '');
  const { folder = process.cwd(), name } = own ?? {};
  const refuse = (all: readonly Complaint[]) => {
    throw new Problem('config.unusable', { first: formatComplaints(all, name) });
  };
  if ('complaints' in file) return refuse(file.complaints);
  // Other commands read the same text elsewhere: so paths are made whole, and secrets fetched, before it is written.
  const around = { env, folder, complaints, secretFiles: new Set<string>(), readFile: readText };
  const more = prepare(file.value, settings, { path: [], around }) as Record<string, unknown>;
  const yamlText = JSON.stringify(withSettings(demo, more));
  const parsed = parseConfig({ yamlText, env: {}, readFile: readText, folder });
  if ('complaints' in parsed) complaints.push(...parsed.complaints);
  if (complaints.length > 0 || !('config' in parsed))
    return refuse(
      complaints.map(({ line: _, ...complaint }) => ({ ...complaint, ...lineIn(file, complaint.path) })),
    );
  return { yamlText, config: parsed.config };
}

const readText = (path: string) => readFileSync(path, 'utf8');

/** Where somebody's own file says it. */
function lineIn({ lineOf }: YamlFile, path: string): { readonly line?: number } {
  const line = lineOf(path);
  return line === undefined ? {} : { line };
}
