/**
 * What would not have passed while not everything is guarded: counted by what is alike, a day at a time, for a report.
 *
 * Strangers write here, so it is bounded whatever they do: so many kinds of a day, and whatever comes on top is counted
 * without room and name. Holds no person, no token and no code. Knows nothing of requests.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { digest } from '../base/random.ts';
import { amend, type Store } from '../base/store.ts';

/** Who came, as far as can be told: what to do about it differs. */
export type SeenAs =
  /** A browser at a room's page. */
  | 'page'
  /** XMPP from a page of ours. */
  | 'guest'
  /** One of Jitsi's apps, or another that is built like them. */
  | 'app'
  /** XMPP from no page, or to another host than people sign in at: a recorder, Jigasi, a test. */
  | 'recorder'
  /** Somebody with another application's token. */
  | 'link'
  /** Somebody the rules do not let in, or not yet. */
  | 'person'
  /** A page of another site. */
  | 'site'
  /** A file, or whatever else is no room. */
  | 'path';

/** One request that passed and would not have. */
export interface Observation {
  readonly seenAs: SeenAs;
  /** What it would have been told: a problem's code, `sign-in` or `no-token`. */
  readonly code: string;
  readonly room?: string;
  readonly tenant?: string;
  /** The beginning of the path, where no room is named. */
  readonly path?: string;
  /** The rule that would have spoken. */
  readonly rule?: string;
  /** Who says to have signed the token: nobody has looked whether it is so. */
  readonly issuer?: string;
  /** The XMPP host that was spoken to, where it is not the one people sign in at. */
  readonly host?: string;
  /** Of machines alone: which of them it was stands nowhere else. */
  readonly address?: string;
}

/** Those of one day that are alike. */
export interface ObservedKind extends Omit<Observation, 'address'> {
  /** `2026-03-02`, in UTC. */
  readonly day: string;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** A few of those that machines came from. */
  readonly addresses?: readonly string[];
}

/** What is written down. */
export interface Observed {
  /** Counts one. Writes soon, and fails never: nobody is kept out because of a report. */
  note(seen: Observation): void;
  /** Writes what is not written yet. Never throws. */
  flush(): Promise<void>;
}

/** What it is made of. */
export interface ObservedParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Seconds that a day's counts are kept. */
  readonly keep: number;
}

const PREFIX = 'observed/';
/** So many kinds of a day are told apart. */
const MOST_KINDS = 1000;
const MOST_ADDRESSES = 8;
/** Milliseconds that counts may wait for others. */
const SOON = 2000;
/** Characters of anything that a stranger chose. */
const LONGEST = 128;

/** Makes the counting; nothing is read or written before the first. */
export function createObserved(parts: ObservedParts): Observed {
  const { clock, log } = parts;
  const waiting = new Map<string, ObservedKind>();
  const known = new Set<string>();
  let day = '';
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let failing = false;

  async function write(): Promise<void> {
    for (const [key, kind] of [...waiting]) {
      // What comes meanwhile is counted anew.
      waiting.delete(key);
      try {
        await add(key, kind, parts);
        failing = false;
      } catch (cause) {
        // Whatever it is, nobody is kept out because of it, and it is tried again with the next.
        waiting.set(key, merged(kind, waiting.get(key)));
        if (!failing) log.warn('observed-not-written-down', {}, cause);
        failing = true;
        return;
      }
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  }

  return {
    flush,
    note(seen) {
      const at = clock.now();
      const today = new Date(at).toISOString().slice(0, 10);
      if (today !== day) known.clear();
      day = today;
      const { address, ...about } = short(seen);
      const wanted = keyOf(today, about);
      const isNew = !known.has(wanted);
      const kind = isNew && known.size >= MOST_KINDS ? { seenAs: about.seenAs, code: about.code } : about;
      const key = kind === about ? wanted : keyOf(today, kind);
      if (kind === about) known.add(wanted);
      const one = { ...kind, day: today, count: 1, first: at, last: at };
      waiting.set(
        key,
        merged({ ...one, ...(address !== undefined && { addresses: [address] }) }, waiting.get(key)),
      );
      timer ??= setTimeout(() => void flush(), SOON).unref();
    },
  };
}

function keyOf(day: string, about: Omit<Observation, 'address'>): string {
  const { seenAs, code, room, tenant, path, rule, issuer, host } = about;
  return `${PREFIX}${day}/${digest(JSON.stringify([seenAs, code, room, tenant, path, rule, issuer, host]))}`;
}

/** Nothing longer than it must be, and nothing that a terminal would obey. */
function short(seen: Observation): Observation {
  const entries = Object.entries(seen).map(([name, value]: [string, string]) => [
    name,
    value.replace(/\p{Cc}/gu, '?').slice(0, LONGEST),
  ]);
  return Object.fromEntries(entries);
}

function merged(one: ObservedKind, other: ObservedKind | undefined): ObservedKind {
  if (other === undefined) return one;
  const addresses = [...new Set([...(other.addresses ?? []), ...(one.addresses ?? [])])];
  return {
    ...one,
    count: one.count + other.count,
    first: Math.min(one.first, other.first),
    last: Math.max(one.last, other.last),
    ...(addresses.length > 0 && { addresses: addresses.slice(0, MOST_ADDRESSES) }),
  };
}

async function add(key: string, kind: ObservedKind, { store, keep }: ObservedParts): Promise<void> {
  await amend(store, key, keep, (there) =>
    JSON.stringify(merged(kind, there === undefined ? undefined : (JSON.parse(there) as ObservedKind))),
  );
}

/** What was counted since then (milliseconds since 1970), in whole days: every kind of each day. Throws what the store throws. */
export async function readObserved(store: Store, since: number): Promise<readonly ObservedKind[]> {
  const from = new Date(since).toISOString().slice(0, 10);
  return (await store.list(PREFIX))
    .map(({ value }) => JSON.parse(value) as ObservedKind)
    .filter(({ day }) => day >= from);
}
