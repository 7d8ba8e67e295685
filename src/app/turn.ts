/**
 * TURN, wired: credentials by the shared secret, or known to coturn one by one and taken back with their session.
 */
import { createTurn, type TurnGiven } from '../admission/turn.ts';
import {
  createTurnKeeper,
  type TurnHolder,
  type TurnKeeper,
  type TurnKeeperParts,
} from '../admission/turn-users.ts';
import type { Secret } from '../base/secret.ts';
import type { EndAllocations, TurnUsers } from '../base/turn-server.ts';
import type { Config } from '../config/load.ts';
import { turnOptionsOf } from './options.ts';

/** The adapters. */
export interface TurnWays {
  readonly usersIn: (path: string) => TurnUsers;
  readonly cli: (at: { readonly port: number; readonly password: Secret }) => EndAllocations;
}

/** What hands out credentials, and what looks after them where coturn is told of each. */
export interface Turn {
  readonly give: (holder: TurnHolder) => Promise<TurnGiven>;
  readonly keeper?: TurnKeeper;
}

type Ground = Pick<TurnKeeperParts, 'store' | 'clock' | 'random' | 'log' | 'audit' | 'sessions' | 'kicks'>;

/** Undefined where there is no TURN server. Opens nothing yet. */
export function turnOf(config: Config, ground: Ground, { usersIn, cli }: TurnWays): Turn | undefined {
  const options = turnOptionsOf(config);
  if (options === undefined) return undefined;
  const { database, cliPassword: password, cliPort: port, realm } = config.turn;
  if (database === undefined) return { give: createTurn({ ...options, clock: ground.clock }) };
  const keeper = createTurnKeeper({
    ...ground,
    users: usersIn(database),
    ...(password !== undefined && { endAllocations: cli({ port, password }) }),
    realm,
    meetingGrace: config.session.strict ? 0 : config.session.meetingGrace,
  });
  return { give: createTurn({ ...options, clock: ground.clock, keeper }), keeper };
}
