/**
 * Who is connected to Prosody, in which rooms and as what, as our module there reports; and whom it has to end.
 *
 * A report is what changed since the one before it, and only the next of its Prosody counts: one that was heard before,
 * or out of turn, changes nothing and is answered with "tell everything". A report that is too old is no knowledge: then
 * nobody is a host. Knows nothing of HTTP.
 */
import { type Clock, unixSeconds } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../../base/metrics.ts';
import { isProblem } from '../../base/problem.ts';
import { digest, type Random, randomToken } from '../../base/random.ts';
import { keyOfProsodyNode } from '../../base/room.ts';
import type { Soon } from '../../base/soon.ts';
import type { Store } from '../../base/store.ts';
import type { Standing } from '../../identity/session.ts';
import type { Kicks } from '../kick.ts';
import { type MeetingGrace, meetingEnd } from '../meeting-end.ts';
import type { Presence } from '../presence.ts';
import type { Report, Reported } from './report.ts';
import { createSharedHosts } from './shared-hosts.ts';
import { isMeant, type RevokedKey, sessionWord, standingWords, type Word } from './words.ts';

/** What the module is answered with. */
export interface ReportAnswer {
  /** The next report has to name it. */
  readonly after: string;
  /** The report changed nothing: the next must tell everything. */
  readonly resync?: true;
  /** To be ended now, and not let in again. */
  readonly end?: readonly Word[];
  /** The whole list of those who are out until that is taken back, where it has another one. */
  readonly refuse?: { readonly tag: string; readonly words: readonly Word[] };
  /** For TURN servers of these names it asks for credentials, and makes none. */
  readonly turn?: readonly string[];
}

/** What one reading of the configuration says. */
export interface ReportOptions extends MeetingGrace {
  /** What `iss` says in tokens of ours. */
  readonly issuer: string;
  /** Seconds; no token of ours lives longer. */
  readonly tokenLifetime: number;
  /** Keys we trust no more. */
  readonly revoked: () => Promise<readonly RevokedKey[]>;
  /** Hosts of the TURN server, where it is told of everybody by us. */
  readonly turnHosts?: readonly string[];
}

/** What reports are made of. */
export interface ReportsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly presence: Pick<Presence, 'reported'>;
  readonly kicks: Pick<Kicks, 'list'>;
  /** How sessions stand, straight from the store. */
  readonly standing: (sessions: readonly string[]) => Promise<ReadonlyMap<string, Standing>>;
  /** Being in a meeting is use. */
  readonly touch: (session: string) => Soon<unknown>;
  /** Told once of each connection that is to be ended, and why: for the audit. */
  readonly ended?: (connection: Reported, word: Word) => void;
}

/** How it stands with the Prosodys that report. */
export interface ReportsState {
  /** Each Prosody that was heard of a moment ago. Times in seconds. */
  readonly heard: readonly { readonly age: number; readonly connections: number }[];
}

/** What Prosody reports. */
export interface Reports {
  /** Takes a report, and says what has to happen. Never throws for a store that is away: then nobody is ended. */
  take(report: Report): Promise<ReportAnswer>;
  /** From now on these settings hold, and what other processes were told is asked for once a second. */
  follow(options: ReportOptions): void;
  /** One look at what other processes were told; the next report has every session looked at. Never throws. */
  tick(): Promise<void>;
  state(): ReportsState;
  /** How many Prosodys report to any process on this store, and how many people are connected to them. Throws what the store throws. */
  known(): Promise<{ readonly prosodys: number; readonly connections: number }>;
  close(): void;
}

/** Seconds after which a report is no knowledge any more: the module tells every second, and every two where nobody is. */
export const BELIEVED = 8;
/** Seconds between two writings of what did not change. */
const SHARE_EVERY = 3;
/** Seconds between two signs that a session is in use. */
const TOUCH = 60;
/** Milliseconds. */
const TICK = 1000;
/** Sessions asked for in one go; between two, others have their turn. */
const SLICE = 200;
/** More Prosodys than that do not serve one installation. */
const MOST_SERVERS = 32;

interface Server {
  /** What its next report has to name. */
  next: string;
  heardAt: number;
  connections: ReadonlyMap<string, Reported>;
  /** What is told in several reports, until it is whole. */
  building: Map<string, Reported> | undefined;
  /** Everything was told since we know of it. */
  whole: boolean;
  /** A second is over since every session was looked at. */
  due: boolean;
  /** Those whose end was told already. */
  readonly over: Set<string>;
  shared: { readonly led: string; readonly at: number } | undefined;
}

/** Makes them. */
export function createReports(parts: ReportsParts): Reports {
  const { clock, random, metrics, presence, log } = parts;
  const servers = new Map<string, Server>();
  const shared = createSharedHosts(parts);
  const quiet = onceAway(log);
  const judge = createJudge(parts);
  let options: ReportOptions | undefined;
  let every: NodeJS.Timeout | undefined;

  const nextToken = () => randomToken(random, 12);
  const isOld = ({ heardAt }: Server) => Math.abs(clock.now() - heardAt) >= BELIEVED * 1000;

  function serverOf(from: string): Server {
    const known = servers.get(from);
    if (known !== undefined) return known;
    for (const [name, server] of servers) if (isOld(server)) servers.delete(name);
    const oldest = servers.keys().next().value;
    if (servers.size >= MOST_SERVERS && oldest !== undefined) servers.delete(oldest);
    const server: Server = {
      ...{ next: nextToken(), heardAt: clock.now(), connections: new Map(), building: undefined },
      ...{ whole: false, due: true, over: new Set<string>(), shared: undefined },
    };
    servers.set(from, server);
    return server;
  }

  function counted(): void {
    const all = [...servers.values()].filter((server) => !isOld(server));
    const here = all.reduce((sum, { connections }) => sum + connections.size, 0);
    metrics.observe('ostiary_prosody_connections', {}, here);
  }

  async function tellHosts(from: string, server: Server): Promise<void> {
    const led = ledIn(server.connections);
    const until = clock.now() + BELIEVED * 1000;
    presence.reported(from, led, until);
    const text = JSON.stringify([...led]);
    const { shared: before } = server;
    if (text === before?.led && Math.abs(clock.now() - before.at) < SHARE_EVERY * 1000) return;
    await quiet('prosody-hosts-not-shared', async () => {
      await shared.write(from, { led: [...led], connections: server.connections.size, until });
      server.shared = { led: text, at: clock.now() };
    });
  }

  async function tick(): Promise<void> {
    for (const server of servers.values()) server.due = true;
    counted();
    const others = await quiet('prosody-hosts-not-read', () => shared.read());
    // What was heard here is newer than what was written down of it.
    for (const [from, { led, until }] of others ?? [])
      if (!servers.has(from)) presence.reported(from, new Set(led), until);
  }

  async function taken(report: Report): Promise<ReportAnswer> {
    const server = serverOf(report.from);
    if (
      options === undefined ||
      report.after !== server.next ||
      !(server.whole || report.full || server.building)
    ) {
      metrics.count('ostiary_prosody_reports_total', { outcome: 'resync' });
      return { after: server.next, resync: true };
    }
    const { come } = report;
    merge(server, report);
    server.next = nextToken();
    server.heardAt = clock.now();
    metrics.count('ostiary_prosody_reports_total', { outcome: 'taken' });
    if (!server.whole) return { after: server.next };
    counted();
    await tellHosts(report.from, server);
    const said = await quiet('prosody-not-looked-after', () => judge(server, { come, report }, options));
    return { after: server.next, ...said };
  }

  return {
    async take(report) {
      const answer = await taken(report);
      const turn = options?.turnHosts;
      return turn === undefined ? answer : { ...answer, turn };
    },
    follow(now) {
      options = now;
      every ??= setInterval(() => void tick(), TICK).unref();
    },
    tick,
    state: () => ({
      heard: [...servers.values()]
        .filter((server) => server.whole && !isOld(server))
        .map(({ heardAt, connections }) => ({
          age: Math.max(0, Math.round((clock.now() - heardAt) / 1000)),
          connections: connections.size,
        })),
    }),
    async known() {
      const all = [...(await shared.read()).values()];
      return { prosodys: all.length, connections: all.reduce((sum, one) => sum + one.connections, 0) };
    },
    close: () => clearInterval(every),
  };
}

/** Everything told at once takes the place of what was known; the rest is added to it. */
function merge(server: Server, { full, more, come, gone }: Report): void {
  const { building } = server;
  const next = full ? new Map<string, Reported>() : (building ?? new Map(server.connections));
  for (const id of gone) next.delete(id);
  for (const [id, one] of come) next.set(id, one);
  server.building = more && (full || building !== undefined) ? next : undefined;
  if (server.building !== undefined) return;
  server.connections = next;
  server.whole = true;
  for (const id of server.over) if (!next.has(id)) server.over.delete(id);
}

/** The rooms where somebody is whom their verified token calls a host. */
function ledIn(connections: ReadonlyMap<string, Reported>): ReadonlySet<string> {
  const led = new Set<string>();
  for (const { host, rooms } of connections.values())
    if (host) for (const node of rooms) led.add(keyOfProsodyNode(node));
  return led;
}

/** Does something that needs the store, and says once that the store is away. */
function onceAway(log: Log) {
  const failing = new Set<string>();
  return async <T>(event: string, what: () => Promise<T>): Promise<T | undefined> => {
    try {
      const done = await what();
      failing.delete(event);
      return done;
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      // Who is inside stays while the store is away: nobody new comes in, and its next answer counts.
      if (!failing.has(event)) log.error(event, { code: thrown.code }, thrown);
      failing.add(event);
      return undefined;
    }
  };
}

interface Asking {
  readonly come: ReadonlyMap<string, Reported>;
  readonly report: Report;
}

/** Makes what looks who has to go: the sessions of all once a second, of who has just come at once. */
function createJudge(parts: ReportsParts) {
  const { clock, log } = parts;
  const touched = new Map<string, number>();

  function inUse(sid: string): void {
    const now = clock.now();
    if (Math.abs(now - (touched.get(sid) ?? Number.NEGATIVE_INFINITY)) < TOUCH * 1000) return;
    touched.set(sid, now);
    void Promise.resolve(parts.touch(sid)).catch((cause: unknown) =>
      log.warn('session-not-touched', {}, cause),
    );
  }

  async function overSessions(ours: readonly string[], options: ReportOptions): Promise<readonly Word[]> {
    const words: Word[] = [];
    const now = unixSeconds(clock);
    for (let from = 0; from < ours.length; from += SLICE) {
      for (const [sid, standing] of await parts.standing(ours.slice(from, from + SLICE))) {
        const why = meetingEnd(standing, options, clock.now());
        if (why !== undefined) words.push(sessionWord(sid, why, { ...options, now }));
        else if (standing === 'live') inUse(sid);
      }
      await new Promise(setImmediate);
    }
    return words;
  }

  return async (server: Server, { come, report }: Asking, options: ReportOptions | undefined) => {
    if (options === undefined) return {};
    const whole = server.due;
    if (!whole && come.size === 0) return {};
    server.due = false;
    const looked = whole ? server.connections : come;
    const ours = [...looked.values()].flatMap(({ iss, sid }) =>
      iss === options.issuer && sid !== undefined ? [sid] : [],
    );
    for (const sid of touched.size > 2 * server.connections.size + 1000 ? touched.keys() : [])
      touched.delete(sid);
    const end = await overSessions([...new Set(ours)], options);
    const kicks = await parts.kicks.list();
    const words = standingWords(
      { kicks, revoked: await options.revoked() },
      { ...options, now: unixSeconds(clock) },
    );
    tellOver(server, [...end, ...words], parts);
    const tag = digest(JSON.stringify(words)).slice(0, 16);
    return { ...(end.length > 0 && { end }), ...(tag !== report.refuse && { refuse: { tag, words } }) };
  };
}

/** Each connection that has to go is told of once. */
function tellOver(server: Server, words: readonly Word[], { ended, metrics }: ReportsParts): void {
  if (words.length === 0) return;
  const bySid = new Map(words.flatMap((word) => (word.sid === undefined ? [] : [[word.sid, word] as const])));
  const others = words.filter(({ sid }) => sid === undefined);
  for (const [id, connection] of server.connections) {
    const own = connection.sid === undefined ? undefined : bySid.get(connection.sid);
    const word = own && isMeant(own, connection) ? own : others.find((one) => isMeant(one, connection));
    if (word === undefined || server.over.has(id)) continue;
    server.over.add(id);
    metrics.count('ostiary_prosody_ended_total', { why: word.why });
    ended?.(connection, word);
  }
}
