/**
 * Who is known to the TURN server, one row for one session in one room: written when credentials are given, gone when
 * the session ends or the person is put out of the room, and what runs under it ended then.
 *
 * What time alone ended keeps its allocations for a meeting's grace. Knows nothing of SQLite, nor of coturn's words.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import type { Audit, Log } from '../base/log.ts';
import { digest, type Random, spokenId } from '../base/random.ts';
import { type Room, roomFromClaim } from '../base/room.ts';
import type { Store } from '../base/store.ts';
import type { EndAllocations, TurnUsers } from '../base/turn-server.ts';
import type { Sessions, Standing } from '../identity/session.ts';
import { type TurnCredentials, turnKey } from '../tokens/turn.ts';
import type { Kicks } from './kick.ts';
import type { Grant } from './outcome.ts';
import type { Inside } from './prosody/inside.ts';

/** What it works with. */
export interface TurnKeeperParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly audit: Audit;
  readonly sessions: Pick<Sessions, 'standing'>;
  readonly kicks: Pick<Kicks, 'look'>;
  /** The TURN server's own list. */
  readonly users: TurnUsers;
  /** Ends what runs; absent where nobody can. */
  readonly endAllocations?: EndAllocations;
  readonly realm: string;
  /** Seconds for which a meeting goes on after the time of its session alone has ended. */
  readonly meetingGrace: number;
}

/** Who may have credentials: whom `admit` let in, or whom Prosody did by a token of ours. */
export type TurnHolder = Grant | Inside;

/** The rows of this installation. */
export interface TurnKeeper {
  /** Makes these credentials known. Throws what the store and the TURN server's list throw. */
  add(holder: TurnHolder, credentials: TurnCredentials & { readonly expires: number }): Promise<void>;
  /** One look: whose session ended is taken out. Never fails; what failed is tried again at the next one. */
  look(): Promise<void>;
  /** Looks once a second, until it is closed. */
  start(): void;
  close(): void;
}

/** A row, as we remember it. */
interface Row {
  readonly session: string;
  readonly person: string;
  readonly provider: string;
  readonly room: string;
  readonly tenant?: string;
  readonly username: string;
  /** Unix seconds. */
  readonly expires: number;
}

const PREFIX = 'turn/';
/** Milliseconds between two looks. */
const LOOK = 1000;
/** Seconds after which the store is read again: a server that was replaced may have written last. */
const READ_AGAIN = 60;
/** Seconds for which a row is remembered after its time, so that it is taken out though nobody looked at that moment. */
const AFTERWARDS = 604_800;
/** What began while its row was being taken out is ended by one of these looks. */
const LOOKS_AFTERWARDS = 3;
/** After a failure so many are left out: what hangs would hold up everybody else. */
const LOOKS_MISSED = 5;
/** Rows of one session: each reload in a meeting makes one. The oldest makes room. */
const MOST = 64;

/** Makes the keeper. */
export function createTurnKeeper(parts: TurnKeeperParts): TurnKeeper {
  const { store, clock, log, users, realm } = parts;
  const rows = new Map<string, Row>();
  const ending = new Map<string, number>();
  const state = { readAt: Number.NEGATIVE_INFINITY, failing: false, pause: 0 };
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function readAll(): Promise<void> {
    const now = unixSeconds(clock);
    if (now - state.readAt < READ_AGAIN) return;
    for (const { value } of await store.list(PREFIX)) {
      // We wrote it ourselves.
      const row = JSON.parse(value) as Row;
      rows.set(row.username, row);
    }
    state.readAt = now;
  }

  /** But for those given anew meanwhile, which are known to the TURN server again. */
  async function forget(gone: readonly Row[]): Promise<void> {
    for (const row of gone) {
      if (rows.get(row.username) !== row) continue;
      rows.delete(row.username);
      await store.take(keyOf(row.username));
    }
  }

  /** First nothing new, then nothing that runs; a row is remembered until both are done. */
  async function end(found: readonly Row[]): Promise<void> {
    const over = found.filter((row) => rows.get(row.username) === row);
    const names = over.map(({ username }) => username);
    users.remove(realm, names);
    const running = [...names, ...ending.keys()];
    if (parts.endAllocations !== undefined && running.length > 0) await parts.endAllocations(running);
    for (const [name, left] of ending)
      if (left <= 1) ending.delete(name);
      else ending.set(name, left - 1);
    for (const name of names) ending.set(name, LOOKS_AFTERWARDS);
    for (const row of over) await recordEnded(row, parts);
    await forget(over);
  }

  async function lookOnce(): Promise<void> {
    await readAll();
    const now = unixSeconds(clock);
    const all = [...rows.values()];
    const expired = all.filter(({ expires }) => expires <= now);
    if (expired.length > 0)
      users.remove(
        realm,
        expired.map(({ username }) => username),
      );
    await forget(expired);
    const alive = all.filter(({ expires }) => expires > now);
    const over = await overAmong(alive, parts);
    if (over.length > 0 || ending.size > 0) await end(over);
  }

  async function tried(): Promise<void> {
    try {
      await lookOnce();
      state.failing = false;
    } catch (cause) {
      if (!state.failing) log.error('turn-not-looked-after', {}, cause);
      state.failing = true;
      state.pause = LOOKS_MISSED;
    }
  }

  /** A slow store is not asked twice at once; and who asks is told of a look that began after they asked. */
  async function look(): Promise<void> {
    while (looking !== undefined) await looking;
    looking = tried();
    await looking;
    looking = undefined;
  }

  function tick(): void {
    if (looking !== undefined) return;
    if (state.failing && state.pause > 0) state.pause -= 1;
    else void look();
  }

  return {
    look,
    async add({ session, person, room }, { username, password, expires }) {
      const row: Row = {
        ...{ session, person: person.id, provider: person.provider, username, expires },
        room: room.claim,
        ...(room.tenant !== undefined && { tenant: room.tenant }),
      };
      // Who was put out and is let in again a moment later is given the same name.
      ending.delete(username);
      rows.delete(username);
      rows.set(username, row);
      // Remembered first: a row that nobody remembers would never be taken out.
      const ttl = expires - unixSeconds(clock) + AFTERWARDS;
      await store.put(keyOf(username), JSON.stringify(row), ttl);
      users.put({ realm, name: username, key: turnKey({ username, password }, realm) });
      const theirs = [...rows.values()].filter((one) => one.session === session);
      const crowded = theirs.slice(0, -MOST);
      users.remove(
        realm,
        crowded.map((one) => one.username),
      );
      await forget(crowded);
    },
    start() {
      timer ??= setInterval(tick, LOOK).unref();
    },
    close() {
      clearInterval(timer);
      users.close();
    },
  };
}

function keyOf(username: string): string {
  return PREFIX + digest(username);
}

/** Whose session somebody ended, or has run out for longer than a meeting may go on, and who was put out of the room. */
async function overAmong(
  rows: readonly Row[],
  { sessions, kicks, clock, meetingGrace }: TurnKeeperParts,
): Promise<readonly Row[]> {
  if (rows.length === 0) return [];
  const standings = await sessions.standing([...new Set(rows.map(({ session }) => session))]);
  const kickOf = await kicks.look();
  const isOver = (standing: Standing | undefined) =>
    standing === undefined ||
    standing === 'gone' ||
    (standing !== 'live' && unixSeconds(clock) >= standing.ranOutAt + meetingGrace);
  return rows.filter(
    (row) => isOver(standings.get(row.session)) || kickOf(row.person, roomOf(row)) !== undefined,
  );
}

function roomOf({ room, tenant }: Row): Room {
  return roomFromClaim(room, tenant);
}

function recordEnded(row: Row, { audit, clock, random }: TurnKeeperParts): Promise<void> {
  const { person, provider, tenant } = row;
  return audit.record({
    at: clock.now(),
    event: 'turn-ended',
    id: spokenId(random),
    person,
    provider,
    room: roomOf(row).name,
    ...(tenant !== undefined && { tenant }),
  });
}
