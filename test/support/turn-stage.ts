/**
 * A server that hands out TURN credentials, a real coturn that takes them, and a bridge and sinks behind it.
 */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { fixedClock } from '../../src/base/clock.ts';
import { type TurnProfile, turnserverText } from '../../src/config/turn-lines.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { type Coturn, freeTurnPort, makeDatabase, startCoturn, withSecrets } from './real/coturn.ts';
import { privateDirectory } from './real/program.ts';
import { type Answer, PREFIX, type Stage, type StageOptions, startStage } from './server-stage.ts';
import { type Allocation, type At, allocate, type Shown, type Wish } from './turn-client.ts';

/** What coturn and we share. */
export const TURN_SECRET = 'a secret for a turn server, of some length'.replaceAll(' ', '-');
/** Where coturn is, and from where it relays, in both families. */
export const TURN_ADDRESS = '127.0.0.2';
/** What opens coturn's command line. */
export const CLI_PASSWORD = 'a-password-for-the-command-line-of-coturn';
/** The one bridge. */
export const BRIDGE = '127.0.0.1';

/** The section `turn` of a stage. */
export function turnSettings(port: number, more: Readonly<Record<string, unknown>> = {}) {
  return {
    urls: [`turn:${TURN_ADDRESS}:${port}?transport=udp`],
    secret: TURN_SECRET,
    bridges: [BRIDGE],
    addresses: [TURN_ADDRESS, '::1'],
    port,
    ...more,
  };
}

/** Both of them. */
export interface TurnStage {
  readonly stage: Stage;
  readonly coturn: Coturn;
  /** What `turn-config` prints. */
  readonly file: string;
  /** Signs somebody in and gives the cookie they have then. */
  person(name: string, groups?: readonly string[]): Promise<string>;
  /** Asks for credentials. */
  ask(room: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Credentials of somebody who is let in. */
  shown(name: string, room?: string): Promise<Shown>;
  allocate(wish: Omit<Wish, 'server'>): Promise<Allocation | number>;
  close(): Promise<void>;
}

/** How a stage may differ. */
export interface TurnStageOptions extends StageOptions {
  readonly profile?: TurnProfile;
  readonly turn?: Readonly<Record<string, unknown>>;
  /** coturn is told of each session; with `cli` its command line is on. */
  readonly database?: 'alone' | 'cli';
  /** Changes the file that coturn reads, after the secrets were put in. */
  readonly file?: (text: string) => string;
}

/** Starts both; time is that of the machine, because coturn's is. */
export async function startTurnStage({
  profile = 'bridges-only',
  turn,
  file: changed = (text) => text,
  ...options
}: TurnStageOptions = {}): Promise<TurnStage> {
  const port = await freeTurnPort();
  const clock = options.clock ?? fixedClock(Date.now());
  const dir = options.database === undefined ? undefined : await privateDirectory('turndb');
  const database = dir && join(dir, 'turndb');
  if (database !== undefined) makeDatabase(database);
  const said = turnSettings(port, {
    ...(database !== undefined && { database, cliPort: await freeTurnPort() }),
    ...(options.database === 'cli' && { cliPassword: CLI_PASSWORD }),
    ...turn,
  });
  const stage = await startStage({
    ...options,
    clock,
    config: { access: 'members', ...options.config, turn: said },
  });
  const file = turnserverText(stage.config, profile);
  const { secret, otherSecret } = stage.config.turn;
  const secrets = [secret, otherSecret].map((one) => one?.reveal() ?? '');
  const text = withSecrets(file, secrets).replace(/^#cli-password=$/m, `cli-password=${CLI_PASSWORD}`);
  const coturn = await startCoturn(changed(text), { address: TURN_ADDRESS, port }).catch(async (cause) => {
    await stage.close();
    throw cause;
  });
  const open = new Set<Allocation>();
  const ask: TurnStage['ask'] = (room, headers = {}) =>
    stage.ask(`${PREFIX}/turn?room=${encodeURIComponent(room)}`, {
      headers: { accept: 'application/json', ...headers },
    });
  const person: TurnStage['person'] = async (name, groups = []) => {
    const about = { id: `sso#${name}`, provider: 'sso', name, emailVerified: false, groups };
    const { id } = await stage.parts.sessions.issue({ person: about });
    return `${SESSION_COOKIE}=${id.reveal()}`;
  };
  return {
    stage,
    coturn,
    file,
    person,
    ask,
    shown: async (name, room = 'standup') => shownIn(await ask(room, { cookie: await person(name) })),
    allocate: async (wish) => {
      const made = await allocate({ ...wish, server: coturn.at });
      if (typeof made !== 'number') open.add(made);
      return made;
    },
    close: async () => {
      for (const one of open) one.close();
      // Each by itself: one that cannot be closed must not leave the others open, which would keep the process for ever.
      const closed = await Promise.allSettled([coturn.stop(), stage.close()]);
      if (dir !== undefined) await rm(dir, { recursive: true, force: true });
      for (const one of closed) if (one.status === 'rejected') throw one.reason;
    },
  };
}

/** The credentials in an answer. */
export function shownIn(answer: Answer): Shown {
  assert.equal(answer.status, 200, answer.text);
  const { username, password } = JSON.parse(answer.text);
  return { username, password };
}

/** An allocation that must have been made. */
export function made(answer: Allocation | number): Allocation {
  return typeof answer === 'number' ? assert.fail(`no allocation: ${answer}`) : answer;
}

/** Somebody at the other end, who writes down what comes. */
export interface Peer {
  readonly at: At;
  readonly heard: readonly string[];
  /** What comes next, and from where. */
  next(): Promise<{ readonly data: string; readonly from: At }>;
  say(to: At, data: string): void;
  /** Resolves once everything that had come before this call was written down. */
  settled(): Promise<void>;
  close(): void;
}

/** Opens a UDP socket; `0.0.0.0` and `::` hear whatever comes to this machine. */
export async function openPeer(address: string): Promise<Peer> {
  const socket: Socket =
    isIP(address) === 6 ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4');
  const heard: string[] = [];
  socket.on('message', (bytes) => void heard.push(bytes.toString()));
  socket.bind(0, address);
  await once(socket, 'listening');
  const at = { address, port: socket.address().port };
  return {
    at,
    heard,
    next: async () => {
      const [bytes, from] = await once(socket, 'message', { signal: AbortSignal.timeout(10_000) });
      return { data: bytes.toString(), from: { address: from.address, port: from.port } };
    },
    say: (to, data) => socket.send(data, to.port, to.address),
    settled: async () => {
      // One socket is one queue: what came before this has been read when this is.
      const mark = `mark ${heard.length} ${performance.now()}`;
      const self = isIP(address) === 6 ? '::1' : '127.0.0.1';
      const read = new Promise<void>((done) => {
        const look = (bytes: Buffer) => {
          if (bytes.toString() !== mark) return;
          socket.off('message', look);
          heard.splice(heard.indexOf(mark), 1);
          done();
        };
        socket.on('message', look);
      });
      socket.send(mark, at.port, self);
      await read;
    },
    close: () => socket.close(),
  };
}
