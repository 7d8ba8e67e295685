/**
 * The composition root: Config → App. The only file that knows every module and
 * names adapters. It wires and decides nothing.
 */
import { lookup } from 'node:dns/promises';
import { type Bookings, createBookings } from './admission/booked-times.ts';
import { createDoorBook, type DoorBook } from './admission/door-book.ts';
import {
  inviteOf,
  listInvites,
  makeInvite,
  readInvite,
  revokeInvite,
  spendInvite,
} from './admission/invite.ts';
import { createKicks, type Kicks } from './admission/kick.ts';
import { createLobby, type Lobby } from './admission/lobby.ts';
import { createPresence, type Presence } from './admission/presence.ts';
import type { Reports } from './admission/prosody/reports.ts';
import { appsOf } from './app/apps.ts';
import { bearerIssuersOf } from './app/bearer.ts';
import { deepLinkingOf } from './app/deep-linking.ts';
import { ldapOptionsOf, prosodyOptionsOf } from './app/directories.ts';
import { type Door, doorsOf, readiness } from './app/doors.ts';
import { forwardAuthOf } from './app/forward-auth.ts';
import { gatewayOf, type Jitsi } from './app/gateway.ts';
import { headerOptionsOf } from './app/headers.ts';
import { byIssuers, issuersOf, linksOf } from './app/issuers.ts';
import {
  brandingOf,
  errorPageOf,
  jitsiLookOptions,
  limitsOf,
  oidcOptionsOf,
  outboundOptions,
  placesOf,
  sessionLimitsOf,
  upstreamOptions,
  usersFileOptionsOf,
  waitingOf,
} from './app/options.ts';
import type { PageFiles } from './app/page-files.ts';
import { followReports, reportsOf } from './app/prosody-reports.ts';
import { samlEntityId, samlOptionsOf, samlPlacesOf } from './app/saml.ts';
import { createSpine } from './app/spine.ts';
import { guardingOf, measureGuarding, observedOf, stagesIn, unheard } from './app/stages.ts';
import { type TheirKeys, theirKeys } from './app/their-keys.ts';
import { turnOf } from './app/turn.ts';
import { type Clock, systemClock } from './base/clock.ts';
import { type Audit, type Log, silentLog } from './base/log.ts';
import type { Outbound } from './base/outbound.ts';
import { Problem } from './base/problem.ts';
import { type Random, systemRandom } from './base/random.ts';
import type { Store } from './base/store.ts';
import type { TurnUsers } from './base/turn-server.ts';
import type { Config } from './config/load.ts';
import { auditEnded } from './gateway/audit-ended.ts';
import { type BoshStreams, createBoshStreams } from './gateway/bosh-streams.ts';
import { createJitsiLook } from './gateway/jitsi-look.ts';
import { createSockets, type Sockets } from './gateway/sockets.ts';
import { createUpstreamHttp } from './gateway/upstream-http.ts';
import { createUpstreamSocket } from './gateway/upstream-socket.ts';
import { createHashing } from './identity/accounts/hashing.ts';
import { createUsersFileProvider } from './identity/accounts/users-file.ts';
import type { BearerIssuers } from './identity/bearer.ts';
import { createHeaderProvider } from './identity/header.ts';
import type { Issuers } from './identity/issuer.ts';
import { createLdapProvider } from './identity/ldap/ldap.ts';
import { createOidcProvider } from './identity/oidc.ts';
import { usePass } from './identity/pass.ts';
import { visitAt, visitProsody } from './identity/prosody/coming.ts';
import { createProsodyProvider } from './identity/prosody/prosody.ts';
import type { Provider } from './identity/provider.ts';
import { createSamlDoor, type SamlDoor } from './identity/saml/door.ts';
import { createJudgingThread } from './identity/saml/judging-thread.ts';
import { createSamlProvider } from './identity/saml/saml.ts';
import { createSessions, type Sessions } from './identity/session.ts';
import {
  type CertifiedKeys,
  createCertifiedKeyFiles,
  createStoredCertifiedKeys,
  type StoredCertifiedKeys,
} from './keys/certified-keys.ts';
import type { RemoteKeys } from './keys/jwt.ts';
import { createPemKeys } from './keys/pem-files.ts';
import { createSealingKeys } from './keys/sealing-keys.ts';
import { createSharedSecretKeys } from './keys/shared-secret.ts';
import type { KeySet, SealingKeys } from './keys/signing-key.ts';
import { createStoredKeys, type StoredKeys } from './keys/stored-keys.ts';
import { type AuditReader, createAudit, readAudit } from './observe/audit-log.ts';
import { createJsonLog } from './observe/json-log.ts';
import { createPrometheus, type Prometheus } from './observe/prometheus.ts';
import { createCoturnCli } from './outbound/coturn-cli.ts';
import { createOutbound } from './outbound/fetch.ts';
import { createProbe, type Probe } from './outbound/probe.ts';
import { seeTurn, type TurnAsk, type TurnSeen, turnPlace } from './outbound/probe-turn.ts';
import { trusting } from './outbound/trust.ts';
import { createMemoryStore } from './store/memory.ts';
import { createSqliteStore } from './store/sqlite.ts';
import { createCoturnUsers } from './store/sqlite-coturn.ts';
import { appSites } from './web/app-sites.ts';
import { createChoices } from './web/choices.ts';
import { createLimits } from './web/limits.ts';
import type { WebParts } from './web/parts.ts';

/** What outlives a reading of the configuration: the drawer, the log, the counts. */
export interface Ground {
  readonly store: Store;
  readonly log: Log;
  readonly metrics: Prometheus;
  readonly clock: Clock;
  readonly random: Random;
  /** What is open through the gateway: it stays open when the configuration is read again. */
  readonly sockets: Sockets;
  readonly boshStreams: BoshStreams;
  /** Who leads which room, and who waits before one. */
  readonly presence: Presence;
  readonly lobby: Lobby;
  /** Who was put out of which room. */
  readonly kicks: Kicks;
  /** When rooms are open, as applications and commands say it. */
  readonly bookings: Bookings;
  /** Who waits and who came in lately, and whom hosts let in. */
  readonly door: DoorBook;
  /** Who is in which room, as our module in Prosody reports. */
  readonly reports: Reports;
}

/** What the command line works with beside the ground. */
export interface Parts extends Ground {
  readonly sessions: Sessions;
  readonly keys: KeySet;
  /** The keys we make and rotate; absent where the operator brought theirs or shares a secret. */
  readonly storedKeys?: StoredKeys;
  readonly sealing: SealingKeys;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Our side of SAML, where identity providers speak it. */
  readonly saml?: SamlDoor;
  /** Its keys: ours, or those of files. */
  readonly samlKeys?: CertifiedKeys | StoredCertifiedKeys;
  /** Other applications whose links let people in. */
  readonly issuers: Issuers;
  /** Others whose tokens callers may bring. */
  readonly bearerIssuers: BearerIssuers;
  readonly audit: Audit;
  /** What the audit kept, for people. */
  readonly records: AuditReader;
  close(): Promise<void>;
}

/** Both listeners, and what keeps the process company. */
export interface App {
  readonly public: Door;
  readonly inner: Door;
  /** Fetches what providers publish, so that the first person does not wait, looks at the Jitsi behind us, and from then on after whom the TURN server knows. Never throws. */
  warm(): Promise<void>;
  /** From now on `ready` says no. */
  drain(): void;
  /** Whatever passed unguarded so far is looked at, and written down for the report. Never throws. */
  settled(): Promise<void>;
  /** Lets go of what this reading of the configuration opened, once nobody asks it any more. */
  close(): Promise<void>;
}

/** So many tabs of one browser wait before rooms. */
const TABS = 8;

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
  const presence = given.presence ?? createPresence({ clock, grace: config.waiting.hostGrace });
  const door = given.door ?? createDoorBook({ store, clock, random });
  const { rung } = door.letIns;
  const lobby =
    given.lobby ?? createLobby({ clock, log, presence, rung, ...config.waiting, ...sharesOf(config) });
  const kicks = given.kicks ?? createKicks({ store, clock, random });
  const bookings = given.bookings ?? createBookings({ store, clock });
  const open = { clock, random, log, metrics, store, presence, lobby, kicks, bookings, door };
  const { standing, touch } = createSessions({ ...open, options: sessionLimitsOf(config) });
  const audit = createAudit({ ...open, keep: config.audit.keep });
  const looking = { ...open, standing, touch, audit };
  const sockets = given.sockets ?? socketsOf(config, looking);
  const reports = given.reports ?? reportsOf(looking);
  return {
    ...{ ...open, sockets, reports },
    boshStreams: given.boshStreams ?? createBoshStreams({ ...open, sockets }),
  };
}

/** No one address takes up more than half of the places, so that others find one. */
function sharesOf({ waiting }: Config) {
  return { perSession: TABS, perAddress: Math.ceil(waiting.most / 2) };
}

type Looking = Omit<Ground, 'sockets' | 'boshStreams' | 'reports'> & Pick<Sessions, 'standing' | 'touch'>;

function socketsOf({ session }: Config, ground: Looking & { readonly audit: Audit }): Sockets {
  return createSockets({
    ...ground,
    ended: auditEnded(ground),
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
  const sealing = createSealingKeys({ store, clock, random, log });
  return {
    ...ground,
    sessions,
    ...(await keysOf(config, ground)),
    sealing,
    ...identitiesOf(config, { ...ground, sealing }),
    issuers: issuersOf(config, { clock, outbound: outboundOf(config, ground) }),
    bearerIssuers: bearerIssuersOf(config, { clock, outbound: outboundOf(config, ground) }),
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

function outboundOf(
  config: Config,
  { log, metrics, clock }: Pick<Ground, 'log' | 'metrics' | 'clock'>,
): Outbound {
  return createOutbound({
    ...outboundOptions(config),
    allowedOrigins: () => 'any-https',
    metrics,
    log,
    clock,
  });
}

/** To this one place, under whatever name; it may be plain where its setting says so, is near us, and behind no proxy. */
function outboundTo(
  { url, at }: { readonly url: string; readonly at: string },
  config: Config,
  { log, metrics, clock }: Pick<Ground, 'log' | 'metrics' | 'clock'>,
): Outbound {
  const { proxy: _, ...near } = outboundOptions(config);
  return createOutbound({
    ...near,
    allowedOrigins: () => [new URL(url).origin],
    resolve: () => lookup(at, { all: true }),
    metrics,
    log,
    clock,
  });
}

type Identities = Pick<Parts, 'providers' | 'saml' | 'samlKeys'>;

/** Every provider, in the order of the configuration, which is that of the buttons. */
function identitiesOf(config: Config, ground: Ground & Pick<Parts, 'sealing'>): Identities {
  const outbound = outboundOf(config, ground);
  const oidc = oidcOptionsOf(config).map((options) =>
    createOidcProvider({ ...ground, ...options, outbound }),
  );
  const spoken = samlOptionsOf(config);
  const keys = certifiedKeysOf(config, ground);
  const threads = { thread: createJudgingThread(), slowThread: createJudgingThread(FOR_LARGE) };
  const saml = spoken.map((options) =>
    createSamlProvider({ ...ground, ...options, ...threads, outbound, keys }),
  );
  const hashing = createHashing();
  const files = usersFileOptionsOf(config).map((options) =>
    createUsersFileProvider({ ...ground, ...options, hashing }),
  );
  const headers = headerOptionsOf(config, { ...ground, outbound }).map(createHeaderProvider);
  const ldap = ldapOptionsOf(config).map(({ ca, ...options }) =>
    createLdapProvider({ ...ground, ...options, secureContext: trusting(ca.file, ca.setting) }),
  );
  const prosody = prosodyOptionsOf(config).map(({ at, ...options }) =>
    createProsodyProvider({
      ...ground,
      ...options,
      outbound: outboundTo({ ...options, at }, config, ground),
    }),
  );
  const made = [...oidc, ...saml, ...ldap, ...prosody, ...files, ...headers];
  const inOrder = config.providers.flatMap(({ id }) => made.filter((provider) => provider.id === id));
  const providers = new Map(inOrder.map((provider) => [provider.id, provider]));
  if (spoken.length === 0) return { providers };
  const [chosenAt] = spoken.flatMap(({ federation }) => (federation ? [federation.chosenAt] : []));
  const door = {
    entityId: samlEntityId(config),
    places: samlPlacesOf(config),
    name: config.pages.name,
    keys,
    providers: saml,
    allowUnsolicited: config.saml.allowUnsolicited,
    ...(chosenAt !== undefined && { chosenAt }),
  };
  return { providers, saml: createSamlDoor({ ...ground, ...door }), samlKeys: keys };
}

/** Metadata of a whole federation: two minutes on a slow machine, and a GiB. */
const FOR_LARGE = { longest: 120_000, memory: 1024 };

function certifiedKeysOf({ saml, publicUrl }: Config, ground: Ground): CertifiedKeys | StoredCertifiedKeys {
  if (saml.keys.length > 0) return createCertifiedKeyFiles(saml.keys);
  return createStoredCertifiedKeys({ ...ground, commonName: new URL(publicUrl).hostname });
}

/** Wires one reading of the configuration. */
export function createApp(config: Config, parts: Parts, files: PageFiles = {}): App {
  const { store, clock, random } = parts;
  let draining = false;
  const limits = createLimits(limitsOf(config));
  const spine = createSpine(config, { ...parts, limits });
  const jitsi = openJitsi(config, parts);
  const stages = stagesIn(config);
  const turn = turnOf(config, parts, { usersIn: createCoturnUsers, cli: createCoturnCli });
  const web: WebParts & { random: Random } = {
    places: placesOf(config),
    branding: brandingOf(config, files.css),
    ...(files.css !== undefined && { extraCss: files.css }),
    ...errorPageOf(config, files.errorPage),
    sessionLifetime: config.session.absolute,
    limits,
    ...spine,
    ...(turn && { turn: turn.give }),
    attempts: { clock, random, keys: parts.sealing, store },
    ...linksOf(config, {
      ...parts,
      readTicket: (token) => spine.readTicket(token),
      peek: parts.sessions.peek,
    }),
    invites: {
      read: (code, before) => readInvite(code, before, { store, clock, mayGive: spine.mayGive }),
      spend: (code, guest) =>
        spendInvite(code, guest, {
          ...{ store, clock, random, sessions: parts.sessions, mayGive: spine.mayGive },
        }),
      make: (wish, by) => makeInvite(wish, by, { store, clock, random }),
      of: (code) => inviteOf(code, { store }),
      list: () => listInvites({ store }),
      revoke: (id) => revokeInvite(id, { store, sessions: parts.sessions }),
    },
    takePass: (code, name) => usePass(code, { store, clock }, name),
    providers: parts.providers,
    choices: createChoices(config.providers, parts.providers),
    ...(parts.saml && { saml: parts.saml }),
    sessions: parts.sessions,
    apps: appsOf(config, {
      clock,
      sessions: parts.sessions,
      outbound: outboundOf(config, parts),
      subject: byIssuers(config, parts),
    }),
    keys: parts.keys,
    audit: parts.audit,
    log: parts.log,
    metrics: parts.metrics,
    metricsText: async () => {
      measureGuarding(stages, clock.now(), parts.metrics);
      return { text: await parts.metrics.text(), type: parts.metrics.contentType };
    },
    guarding: () => guardingOf(stages, clock.now()),
    readiness: () =>
      readiness({
        ...parts,
        draining,
        guarding: guardingOf(stages, clock.now()),
        ...(jitsi && { jitsi: jitsi.look }),
        ...(config.prosodyModule.secret && { prosody: parts.reports }),
      }),
    ...deepLinkingOf(config, jitsi),
    appSites: appSites(config.jitsi.appLinks, config.prefix),
    clock,
    random,
    lobby: parts.lobby,
    bookings: parts.bookings,
    door: parts.door,
    kicks: parts.kicks,
    ...waitingOf(config),
    ...followReports(config, parts),
  };
  const staging = stages && {
    stages,
    observed: observedOf(config, parts),
    unheard: createSpine(config, { ...parts, limits, ...unheard(parts.audit) }),
  };
  const gateway = jitsi && gatewayOf(config, parts, { jitsi, web, spine, staging });
  const forwardAuth = config.forwardAuth.enabled
    ? forwardAuthOf(config, parts, { web, spine, staging })
    : undefined;
  return {
    ...doorsOf(config, web, { ...(gateway && { gateway }), ...(forwardAuth && { forwardAuth }) }),
    warm: async () => {
      await Promise.all([
        ...[...parts.providers.values()].map((provider) => provider.warm()),
        jitsi?.look.look(),
        turn?.keeper?.look(),
      ]);
      turn?.keeper?.start();
    },
    drain: () => {
      draining = true;
      parts.lobby.close();
    },
    settled: async () => {
      await Promise.all([gateway?.settled(), forwardAuth?.settled()]);
    },
    close: async () => {
      turn?.keeper?.close();
      await forwardAuth?.close();
      await gateway?.close();
    },
  };
}

/** The public keys of another application, where it has keys. Throws `key.unusable` for a file that holds none. */
export function openTheirKeys(
  config: Config,
  said: TheirKeys,
  ground: Pick<Ground, 'clock' | 'log'>,
): RemoteKeys | undefined {
  const outbound = outboundOf(config, { ...ground, metrics: createPrometheus() });
  return theirKeys(said, { ...ground, outbound });
}

/** Where the doctor knocks. */
export interface Knocked {
  /** Scheme, host and port. */
  readonly origin: string;
  /** It is behind us or a proxy: what we call the public host stands in `Host` and in its certificate. */
  readonly behind: boolean;
  /** Milliseconds for one exchange. */
  readonly timeout: number;
}

/** A way to ask one server as the doctor does. Throws `config.unusable` for an authority that cannot be read. */
export function openProbe(config: Config, { origin, behind, timeout }: Knocked): Probe {
  const { hostname, host } = new URL(config.publicUrl);
  const [file, setting] = behind
    ? ([config.upstream.caFile, 'upstream.caFile'] as const)
    : ([config.outbound.caFile, 'outbound.caFile'] as const);
  return createProbe({
    origin,
    ...(behind && { host, servername: hostname }),
    secureContext: trusting(file, setting),
    timeout,
  });
}

/** How the doctor comes to Prosody. */
export const toProsody = { visitAt, visitProsody };

/** How the doctor comes to a TURN server. */
export type TurnVisit = Pick<TurnAsk, 'shown' | 'family' | 'peers' | 'timeout'>;

/** Comes to a TURN server by the address that clients are told. Throws `outbound.failed`. */
export async function visitTurn(config: Config, url: string, ask: TurnVisit): Promise<TurnSeen> {
  const place = turnPlace(url);
  if (place === undefined) throw new Problem('outbound.failed', { reason: 'url' });
  return seeTurn({ ...ask, place, secureContext: trusting(config.outbound.caFile, 'outbound.caFile') });
}

/** coturn's own list of people, for the doctor, who is in it while they ask. Opens nothing yet. */
export function openTurnUsers(path: string): TurnUsers {
  return createCoturnUsers(path);
}

/** Opens the ways to Jitsi; nothing is asked yet. Throws `config.unusable` for an authority that cannot be read. */
export function openJitsi(config: Config, { clock, log }: Pick<Ground, 'clock' | 'log'>): Jitsi | undefined {
  const ways = upstreamOptions(config);
  if (ways === undefined) return undefined;
  const way = { ...ways, secureContext: trusting(config.upstream.caFile, 'upstream.caFile') };
  const upstream = createUpstreamHttp(way);
  return {
    upstream,
    upstreamSocket: createUpstreamSocket(way),
    look: createJitsiLook({ ...jitsiLookOptions(config), ask: upstream.whole, clock, log }),
  };
}
