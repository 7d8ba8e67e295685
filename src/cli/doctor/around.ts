/**
 * What the checks share: the settings, the ways to ask, the tokens of this run, and what several of them want to know
 * and only one shall ask for.
 *
 * Opens things when they are asked for, and closes what it opened.
 */
import { statSync } from 'node:fs';
import { createProbeTokens, type ProbeTokens, throwAwayRoom } from '../../admission/probe-token.ts';
import { mintOptions } from '../../app/options.ts';
import type { TurnVisit } from '../../app.ts';
import { silentLog } from '../../base/log.ts';
import { isProblem, type Problem } from '../../base/problem.ts';
import { type Random, randomToken, systemRandom } from '../../base/random.ts';
import { prosodyNode, type Room } from '../../base/room.ts';
import { Secret } from '../../base/secret.ts';
import type { Complaint } from '../../config/complaints.ts';
import type { Config } from '../../config/load.ts';
import { passesSome } from '../../config/stage-lines.ts';
import { type ConfigJs, type JitsiValues, readConfigJs } from '../../gateway/config-js.ts';
import type { Joined, RoomRefusal, StreamRefusal, Visit, Visitor } from '../../identity/prosody/visit.ts';
import { seal } from '../../keys/jwt.ts';
import type { KeySet } from '../../keys/signing-key.ts';
import type { Probe, ProbeAnswer } from '../../outbound/probe.ts';
import type { TurnSeen } from '../../outbound/probe-turn.ts';
import { type TurnCredentials, turnKey } from '../../tokens/turn.ts';
import { SEEN_PURPOSE } from '../../web/routes/seen.ts';
import { seeProviders } from '../check-running.ts';
import { hindranceAt } from '../open.ts';
import { isStandIn } from './demo.ts';

/** What somebody wrote behind `ostiary doctor`. */
export interface Wanted {
  /** Where people find Jitsi: scheme, host and port. */
  readonly origin: string;
  /** Where Prosody's own HTTP is, past every gate. */
  readonly prosody?: string;
  /** Where Prosody fetches our keys, where that is not what the settings say. */
  readonly keyServer?: string;
  /** A log in which tokens are looked for. */
  readonly log?: string;
  /** The turnserver.conf of coturn. */
  readonly turnFile?: string;
  /** The page that embeds meetings. */
  readonly embed?: string;
  /** Milliseconds for one exchange. */
  readonly timeout: number;
}

/** How somebody comes to Prosody. */
export interface Coming {
  readonly over?: 'websocket' | 'bosh';
  readonly token?: Secret;
  /** The VirtualHost, where it is not that of our settings. */
  readonly domain?: string;
}

/** What became of a sign-in with a token as it should be. */
export type SignIn =
  | { readonly kind: 'in' }
  /** It is the demo's, which speaks no XMPP. */
  | { readonly kind: 'stand-in' }
  | StreamRefusal
  | { readonly kind: 'unreached'; readonly problem: Problem }
  | ({ readonly kind: 'hindered' } & Hindered);

/** Something that cannot be asked here, and how it could. */
export interface Hindered {
  readonly why: string;
  readonly fix?: string;
  /** The check that tells it. */
  readonly waitsFor?: string;
}

/** What the checks work with. */
export interface Around {
  readonly config: Config;
  /** The file of the settings. */
  readonly file: string | undefined;
  readonly wanted: Wanted;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Jitsi as people find it. */
  readonly front: Probe;
  /** Our own pages as people find them: the same, or a host of its own. */
  readonly ours: Probe;
  /** Does something still pass unguarded, because the settings say so? */
  readonly inStages: boolean;
  /** Any other server, asked from here. */
  at(origin: string): Probe;
  /** Does something stand between people and Prosody: we, or a proxy that asks us? */
  readonly gated: boolean;
  /** Where XMPP goes past every gate; or why nobody can go there from here. */
  readonly xmpp: Probe | Hindered;
  /** Our keys; or why they cannot be had from here. */
  keys(): Promise<KeySet | Hindered>;
  /** Mints a token of this run. Ask `keys` before. */
  mint: ProbeTokens['mint'];
  /** Proves to our server that we read its store; or why that cannot be. */
  seenProof(): Promise<string | Hindered>;
  /** The room of this run. */
  readonly room: Room;
  /** What becomes of a token as it should be, as host; asked once. */
  signIn(over: 'websocket' | 'bosh'): Promise<SignIn>;
  /** The first of the two ways on which Prosody answers at all. */
  way(): Promise<'websocket' | 'bosh' | undefined>;
  /** Comes to Prosody. Throws `outbound.failed`. */
  visit(coming: Coming): Promise<Visit>;
  /** Comes, does something, and leaves; a refusal is given back as it is. */
  asVisitor<T>(coming: Coming, work: (visitor: Visitor) => Promise<T>): Promise<T | Exclude<Visit, Visitor>>;
  /** Joins the room of this run, or another, asking Jicofo for it before. */
  join(visitor: Visitor, room?: Room): Promise<Joined | RoomRefusal>;
  /** Comes to a TURN server. Throws `outbound.failed`. */
  turn(url: string, ask: Omit<TurnVisit, 'timeout'>): Promise<TurnSeen>;
  /** Credentials that coturn is told of by a row in this database, until the run ends. Throws `store.unavailable` and `store.full`. */
  turnRow(database: string): Promise<TurnCredentials | Hindered>;
  /** Every sign-in service, asked once. */
  providers(): ReturnType<typeof seeProviders>;
  /** The front page of Jitsi, asked once. */
  page(): Promise<ProbeAnswer>;
  /** What Jitsi's config.js says; undefined where there is none that can be read. */
  configJs(): Promise<JitsiValues | undefined>;
  /** Its text. */
  configText(): Promise<string | undefined>;
}

/** Is it something that cannot be asked here? */
export function isHindered(what: object): what is Hindered {
  return 'why' in what;
}

/** Settings that hold, or what is wrong with them. */
export type Settings = { readonly config: Config } | { readonly complaints: readonly Complaint[] };

/** What is made for one run. */
export interface Opened {
  readonly around: Around;
  close(): Promise<void>;
}

const IN_MEMORY = ':memory:';
/** One name for every run: what a run that was cut off left behind opens nothing, and the next one takes it out. */
const TURN_USER = 'ostiary-doctor';
/** Seconds. */
const PROOF = 60;

/** Prepares a run; nothing is asked yet. Throws `config.unusable` for an authority that cannot be read. */
export async function openAround(
  { config, file, now }: Pick<Around, 'config' | 'file' | 'now'>,
  wanted: Wanted,
  random: Random = systemRandom,
): Promise<Opened> {
  const app = await import('../../app.ts');
  const { timeout } = wanted;
  const gated = config.upstream.url !== undefined || config.forwardAuth.enabled;
  const front = app.openProbe(config, { origin: wanted.origin, behind: false, timeout });
  const isOurs = [config.publicUrl, ...config.aliases].includes(wanted.origin);
  const ours = isOurs ? front : app.openProbe(config, { origin: config.publicUrl, behind: false, timeout });
  const inStages = passesSome(config, now());
  const past = wanted.prosody ?? config.upstream.xmpp ?? config.upstream.url;
  const xmpp: Probe | Hindered =
    past !== undefined
      ? app.openProbe(config, { origin: past, behind: true, timeout })
      : gated
        ? {
            why: 'the proxy lets nobody pass without a session, and where Prosody itself answers is not known here',
            fix: "Say where Prosody's own HTTP is: --prosody http://127.0.0.1:5280.",
          }
        : front;
  const closing: (() => Promise<void>)[] = [];
  const parts = once(async () => {
    // A store that is not there is not made, and one of another user not touched.
    const path = hindranceAt(config.store.path) === undefined ? config.store.path : IN_MEMORY;
    const opened = await app.openParts({ ...config, store: { path } }, { clock: { now }, log: silentLog });
    closing.push(opened.close);
    return opened;
  });
  const keys = once(async (): Promise<KeySet | Hindered> => {
    const { secret, keyFiles } = config.tokens;
    const isOurs = secret === undefined && keyFiles === undefined;
    if (isOurs && config.store.path === IN_MEMORY)
      return {
        why: 'our keys are in the memory of the server',
        fix: 'Set store.path to a file, or bring keys of your own (tokens.keyFiles).',
      };
    const [what, whatToDo] = (isOurs && hindranceAt(config.store.path)) || [];
    if (what !== undefined)
      return {
        why: `our keys cannot be had: ${what.replace(/\.$/, '')}`,
        fix: String(whatToDo),
        waitsFor: 'store',
      };
    return (await parts()).keys;
  });
  const seenProof = once(async (): Promise<string | Hindered> => {
    const { path } = config.store;
    const fix = 'Run this as the user of the server, on its machine, with store.path a file.';
    if (path === IN_MEMORY || hindranceAt(path) !== undefined)
      return {
        ...{ why: 'our server does not know us without its store', fix },
        ...(path !== IN_MEMORY && { waitsFor: 'store' }),
      };
    const { sealing, clock } = await parts();
    return seal({}, { keys: await sealing.sealing(), purpose: SEEN_PURPOSE, ttl: PROOF, clock });
  });
  const tokens = once(async (): Promise<ProbeTokens> => {
    const { audit, clock } = await parts();
    const found = await keys();
    if (isHindered(found)) throw new Error(found.why);
    const { claims } = mintOptions(config);
    return createProbeTokens({ room, keys: found, clock, random, audit, claims });
  });
  const room = throwAwayRoom(random);
  const configText = once(async () => {
    // A gate shows it to nobody; behind it stands the real one.
    const from =
      config.upstream.url === undefined
        ? front
        : app.openProbe(config, { origin: config.upstream.url, behind: true, timeout });
    const { status, text } = await from.ask({ path: '/config.js' });
    return status === 200 && /\bconfig\b/.test(text) && !/^\s*</.test(text) ? text : undefined;
  });
  const configJs = once(async () => {
    const text = await configText();
    return text === undefined ? undefined : readable(text, new URL(wanted.origin).host)?.values();
  });
  const muc = once(async (visitor: Visitor) => {
    const said = await mucSaid(configJs);
    if (said !== undefined) return said;
    const { xmppDomain } = config.jitsi;
    const items = await visitor.items(xmppDomain);
    return items.find((jid) => /^(?:conference|muc)\./.test(jid)) ?? `conference.${xmppDomain}`;
  });
  const visit: Around['visit'] = async ({ over, token, domain = config.jitsi.xmppDomain }) => {
    if (isHindered(xmpp)) throw new Error(xmpp.why);
    const { carry } = config.upstream;
    const by = over ?? (await around.way()) ?? 'websocket';
    return app.toProsody.visitProsody(
      xmpp,
      { over: by, carry, domain, ...(token !== undefined && { token }) },
      random,
    );
  };
  const signIn = async (over: 'websocket' | 'bosh'): Promise<SignIn> => {
    if (isHindered(xmpp)) return { kind: 'hindered', ...xmpp };
    if (await isStandIn(xmpp, config.publicUrl)) return { kind: 'stand-in' };
    const found = await keys();
    if (isHindered(found)) return { kind: 'hindered', ...found };
    const token = await around.mint('host');
    try {
      const visitor = await visit({ over, token });
      if (visitor.kind === 'refused') return visitor;
      await visitor.leave();
      return { kind: 'in' };
    } catch (thrown) {
      if (isProblem(thrown)) return { kind: 'unreached', problem: thrown };
      throw thrown;
    }
  };
  /** Without keys of ours it can still be seen whether somebody is there. */
  const answers = async (over: 'websocket' | 'bosh'): Promise<boolean> => {
    try {
      const visitor = await visit({ over });
      if (visitor.kind === 'in') await visitor.leave();
      return true;
    } catch (thrown) {
      if (isProblem(thrown)) return false;
      throw thrown;
    }
  };
  const signIns = { websocket: once(() => signIn('websocket')), bosh: once(() => signIn('bosh')) };
  const around: Around = {
    signIn: (over) => signIns[over](),
    way: once(async () => {
      for (const over of ['websocket', 'bosh'] as const) {
        const { kind } = await signIns[over]();
        if (kind === 'in' || kind === 'refused') return over;
        if (kind === 'hindered' && !isHindered(xmpp) && (await answers(over))) return over;
      }
      return undefined;
    }),
    ...{ seenProof, ours, inStages },
    ...{ config, file, wanted, now, front, gated, xmpp, room, keys, visit, configText, configJs },
    at: (origin) => app.openProbe(config, { origin, behind: false, timeout }),
    mint: async (role, twist) => (await tokens()).mint(role, twist),
    asVisitor: async (coming, work) => {
      const visitor = await visit(coming);
      if (visitor.kind === 'refused') return visitor;
      try {
        return await work(visitor);
      } finally {
        await visitor.leave();
      }
    },
    join: async (visitor, where = room) => {
      const { xmppDomain } = config.jitsi;
      const [at, node] = [await muc(visitor), prosodyNode(where)];
      const isAsked = await visitor.askForRoom(
        node,
        at,
        (await focusSaid(configJs)) ?? `focus.${xmppDomain}`,
      );
      try {
        return await visitor.join(node, at);
      } catch (thrown) {
        // Until Jicofo is in a room, whoever joins is kept waiting and told nothing.
        if (isAsked || !isProblem(thrown) || thrown.facts['reason'] !== 'silence') throw thrown;
        return { kind: 'refused', condition: '', text: '', beside: ['room-does-not-exist'] };
      }
    },
    turn: (url, ask) => app.visitTurn(config, url, { ...ask, timeout }),
    turnRow: once(async (database: string) => {
      // SQLite would leave files beside it that the server may not open.
      const owner = statSync(database, { throwIfNoEntry: false })?.uid;
      if (process.geteuid?.() === 0 && owner !== undefined && owner !== 0)
        return {
          why: `coturn's database at ${database} belongs to another user, and one of its rows has to be ours for a moment`,
          fix: 'Run this as the user of the server.',
        };
      const users = app.openTurnUsers(database);
      const { realm } = config.turn;
      const password = new Secret(randomToken(random));
      const row = { username: TURN_USER, password };
      users.put({ realm, name: TURN_USER, key: turnKey(row, realm) });
      closing.push(async () => {
        users.remove(realm, [TURN_USER]);
        users.close();
      });
      return row;
    }),
    providers: once(() => seeProviders(config, now)),
    page: once(() => front.ask({ path: '/', headers: { accept: 'text/html' } })),
  };
  return {
    around,
    close: async () => {
      for (const close of closing) await close();
    },
  };
}

/** Asked once, whoever asks first. */
function once<A extends readonly unknown[], T>(
  make: (...given: A) => Promise<T>,
): (...given: A) => Promise<T> {
  let made: Promise<T> | undefined;
  return (...given) => {
    made ??= make(...given);
    return made;
  };
}

function readable(text: string, host: string): ConfigJs | undefined {
  try {
    return readConfigJs(text, { host });
  } catch (thrown) {
    if (isProblem(thrown, 'upstream.unusable')) return undefined;
    throw thrown;
  }
}

type Said = () => Promise<JitsiValues | undefined>;

/** Who is asked for config.js may be away; what it would have said is then looked for elsewhere. */
async function saidOf(configJs: Said): Promise<JitsiValues['hosts']> {
  try {
    return (await configJs())?.hosts ?? {};
  } catch (thrown) {
    if (isProblem(thrown)) return {};
    throw thrown;
  }
}

async function mucSaid(configJs: Said): Promise<string | undefined> {
  return (await saidOf(configJs)).muc;
}

async function focusSaid(configJs: Said): Promise<string | undefined> {
  return (await saidOf(configJs)).focus;
}
