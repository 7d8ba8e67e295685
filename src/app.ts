/**
 * The composition root: Config → App. The only file that knows every module and
 * names adapters. It wires and decides nothing.
 */
import {
  brandingOf,
  gatewayOptions,
  limitsOf,
  oidcOptionsOf,
  outboundOptions,
  placesOf,
  sessionLimitsOf,
  upstreamOptions,
} from './app/options.ts';
import { createSpine, type Spine } from './app/spine.ts';
import { type Clock, systemClock } from './base/clock.ts';
import { type Audit, type Log, silentLog } from './base/log.ts';
import type { Problem } from './base/problem.ts';
import { type Random, systemRandom } from './base/random.ts';
import type { Store } from './base/store.ts';
import type { Config } from './config/load.ts';
import { createBrake } from './gateway/brake.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { createNoToken } from './gateway/no-token.ts';
import { createSockets, type Sockets } from './gateway/sockets.ts';
import { createUpstreamHttp } from './gateway/upstream-http.ts';
import { createUpstreamSocket } from './gateway/upstream-socket.ts';
import { createOidcProvider } from './identity/oidc.ts';
import { usePass } from './identity/pass.ts';
import type { Provider } from './identity/provider.ts';
import { createSessions, type Sessions } from './identity/session.ts';
import { createPemKeys } from './keys/pem-files.ts';
import { createSealingKeys } from './keys/sealing-keys.ts';
import { createSharedSecretKeys } from './keys/shared-secret.ts';
import type { KeySet, SealingKeys } from './keys/signing-key.ts';
import { createStoredKeys, type StoredKeys } from './keys/stored-keys.ts';
import { type AuditReader, createAudit, readAudit } from './observe/audit-log.ts';
import { createJsonLog } from './observe/json-log.ts';
import { createPrometheus, type Prometheus } from './observe/prometheus.ts';
import { createOutbound } from './outbound/fetch.ts';
import { trusting } from './outbound/trust.ts';
import { createMemoryStore } from './store/memory.ts';
import { createSqliteStore } from './store/sqlite.ts';
import { authoritiesOf, type CanonicalParts } from './web/canonical.ts';
import { createLimits } from './web/limits.ts';
import { trustedProxies } from './web/origin.ts';
import type { Readiness, WebParts } from './web/parts.ts';
import { mount, type Route, type WebHandler } from './web/routes.ts';
import { ROUTES } from './web/table.ts';

/** What outlives a reading of the configuration: the drawer, the log, the counts. */
export interface Ground {
  readonly store: Store;
  readonly log: Log;
  readonly metrics: Prometheus;
  readonly clock: Clock;
  readonly random: Random;
  /** What is open through the gateway: it stays open when the configuration is read again. */
  readonly sockets: Sockets;
}

/** What the command line works with beside the ground. */
export interface Parts extends Ground {
  readonly sessions: Sessions;
  readonly keys: KeySet;
  /** The keys we make and rotate; absent where the operator brought theirs or shares a secret. */
  readonly storedKeys?: StoredKeys;
  readonly sealing: SealingKeys;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly audit: Audit;
  /** What the audit kept, for people. */
  readonly records: AuditReader;
  close(): Promise<void>;
}

/** One listener: how its requests are judged, and who answers them. */
export interface Door {
  readonly canonical: CanonicalParts;
  readonly handle: WebHandler;
  /** The path all our own addresses begin with. */
  readonly prefix: string;
  /** Answers for everything else, where we stand in front of Jitsi. */
  readonly gateway?: Gateway;
  /** Told of a request that could not be judged; it was answered already. */
  refusedEarly(problem: Problem, id: string): void;
}

/** Both listeners, and what keeps the process company. */
export interface App {
  readonly public: Door;
  readonly inner: Door;
  /** Fetches what providers publish, so that the first person does not wait. Never throws. */
  warm(): Promise<void>;
  /** From now on `ready` says no. */
  drain(): void;
  /** Lets go of what this reading of the configuration opened, once nobody asks it any more. */
  close(): Promise<void>;
}

/** Opens the drawer and what stands beside it. Throws `store.newer` and `store.unavailable`. */
export function openGround(config: Config, given: Partial<Ground> = {}): Ground {
  const clock = given.clock ?? systemClock;
  const random = given.random ?? systemRandom;
  const log =
    given.log ??
    (config.log.level === 'silent'
      ? silentLog
      : createJsonLog({ level: config.log.level, write: (line) => void process.stderr.write(line) }));
  const metrics = given.metrics ?? createPrometheus();
  const store = given.store ?? openStore(config, clock);
  const open = { clock, random, log, metrics, store };
  return { ...open, sockets: given.sockets ?? socketsOf(config, open) };
}

function socketsOf(config: Config, ground: Omit<Ground, 'sockets'>): Sockets {
  const { session } = config;
  const { standing, touch } = createSessions({ ...ground, options: sessionLimitsOf(config) });
  return createSockets({
    ...ground,
    standing,
    touch,
    options: { perSession: session.sockets, meetingGrace: session.meetingGrace, strict: session.strict },
  });
}

function openStore(config: Config, clock: Clock): Store {
  return config.store.path === ':memory:'
    ? createMemoryStore({ clock })
    : createSqliteStore({ path: config.store.path, clock });
}

/** Everything of one reading of the configuration, on the ground given. Throws `key.unusable`. */
export async function createParts(config: Config, ground: Ground): Promise<Parts> {
  const { store, clock, random, log } = ground;
  const audit = createAudit({ log, store, keep: config.audit.keep });
  const sessions = createSessions({ store, clock, random, options: sessionLimitsOf(config) });
  return {
    ...ground,
    sessions,
    ...(await keysOf(config, ground)),
    sealing: createSealingKeys({ store, clock, random, log }),
    providers: providersOf(config, ground),
    audit,
    records: readAudit(store),
    close: () => store.close(),
  };
}

/** Opens all parts. Throws as `openGround` and `createParts`. */
export async function openParts(config: Config, given: Partial<Ground> = {}): Promise<Parts> {
  const ground = openGround(config, given);
  try {
    return await createParts(config, ground);
  } catch (thrown) {
    await ground.store.close();
    throw thrown;
  }
}

/** The mode follows what Prosody has: its shared secret, the operator's own keys, or keys we make and rotate. */
async function keysOf(
  config: Config,
  { store, clock, random, log }: Ground,
): Promise<Pick<Parts, 'keys' | 'storedKeys'>> {
  const { secret, keyFiles, lifetime, rotateEvery } = config.tokens;
  if (secret !== undefined) return { keys: createSharedSecretKeys(secret) };
  if (keyFiles !== undefined) return { keys: await createPemKeys(keyFiles) };
  const storedKeys = createStoredKeys({ store, clock, random, log, tokenLifetime: lifetime, rotateEvery });
  return { keys: storedKeys, storedKeys };
}

function providersOf(config: Config, ground: Ground): ReadonlyMap<string, Provider> {
  const { log, metrics, clock } = ground;
  const outbound = createOutbound({
    ...outboundOptions(config),
    allowedOrigins: () => 'any-https',
    metrics,
    log,
    clock,
  });
  return new Map(
    oidcOptionsOf(config).map((options) => [
      options.id,
      createOidcProvider({ ...options, outbound, clock, log, metrics }),
    ]),
  );
}

/** Wires one reading of the configuration. `extraCss` is the operator's stylesheet, read already. */
export function createApp(config: Config, parts: Parts, extraCss?: string): App {
  const { store, clock, random } = parts;
  let draining = false;
  const spine = createSpine(config, parts);
  const web: WebParts & { random: Random } = {
    places: placesOf(config),
    branding: brandingOf(config, extraCss),
    ...(extraCss !== undefined && { extraCss }),
    sessionLifetime: config.session.absolute,
    limits: createLimits(limitsOf(config)),
    ...spine,
    attempts: { clock, random, keys: parts.sealing, store },
    takePass: (code, name) => usePass(code, { store, clock }, name),
    providers: parts.providers,
    sessions: parts.sessions,
    keys: parts.keys,
    audit: parts.audit,
    log: parts.log,
    metrics: parts.metrics,
    metricsText: async () => ({ text: await parts.metrics.text(), type: parts.metrics.contentType }),
    readiness: () => readiness(parts, draining),
    clock,
    random,
  };
  const gateway = gatewayOf(config, { parts, web, spine });
  return {
    ...doorsOf(config, web, gateway),
    warm: async () => {
      await Promise.all([...parts.providers.values()].map((provider) => provider.warm()));
    },
    drain: () => {
      draining = true;
    },
    close: async () => gateway?.close(),
  };
}

/** What stands in front of Jitsi, where we do. Throws `config.unusable` for an authority that cannot be read. */
function gatewayOf(
  config: Config,
  { parts, web, spine }: { readonly parts: Parts; readonly web: WebParts; readonly spine: Spine },
): (Gateway & { close(): Promise<void> }) | undefined {
  const ways = upstreamOptions(config);
  if (ways === undefined) return undefined;
  const { random, clock, sockets } = parts;
  const way = { ...ways, secureContext: trusting(config.upstream.caFile, 'upstream.caFile') };
  const upstream = createUpstreamHttp(way);
  const noToken = createNoToken({ xmppDomain: config.jitsi.xmppDomain, random });
  const gateway = createGateway({
    ...gatewayOptions(config),
    web,
    random,
    upstream,
    upstreamSocket: createUpstreamSocket(way),
    readTicket: spine.readTicket,
    lookAgain: spine.lookAgain,
    sockets,
    noToken,
    brake: createBrake(clock, config.upstream.maxJoinsPerSecond),
  });
  return {
    ...gateway,
    close: async () => {
      noToken.close();
      await upstream.close();
    },
  };
}

/** The same routes behind two listeners; what one does not serve is not there. */
function doorsOf(
  config: Config,
  web: WebParts & { random: Random },
  gateway: Gateway | undefined,
): Pick<App, 'public' | 'inner'> {
  const { random, log, metrics } = web;
  const routes = ROUTES.flatMap((of): readonly Route[] => of(web));
  const trusted = trustedProxies(config.trustedProxies);
  const door = (listener: 'public' | 'inner'): Door => ({
    canonical: {
      trusted,
      random,
      authorities: listener === 'public' ? authoritiesOf([config.publicUrl, ...config.aliases]) : undefined,
    },
    handle: mount(routes, listener, web),
    prefix: config.prefix,
    ...(listener === 'public' && gateway && { gateway }),
    refusedEarly: (problem, id) => {
      metrics.count('ostiary_refused_total', { reason: problem.code });
      log.info('refused-early', { ...problem.facts, code: problem.code, id });
    },
  });
  return { public: door('public'), inner: door('inner') };
}

/** No only for what another node would do better: a provider's outage must not empty the load balancer. */
async function readiness({ store, providers }: Parts, draining: boolean): Promise<Readiness> {
  const states = Object.fromEntries(
    [...providers.values()].map((provider) => [provider.id, provider.state()]),
  );
  const stored = await store.ping().then(
    () => true,
    () => false,
  );
  return { ready: stored && !draining, body: { store: stored, draining, providers: states } };
}
