/**
 * Comes to our TURN server as somebody who was let into a room, as a stranger, and as somebody with a wrong password.
 */
import { Secret } from '../../base/secret.ts';
import type { TurnSeen } from '../../outbound/probe-turn.ts';
import { type TurnCredentials, turnCredentials } from '../../tokens/turn.ts';
import { type Around, isHindered } from './around.ts';

/** What is no business of anybody's who comes by TURN, in every dress an address has. @see CVE-2020-26262, CVE-2026-27624 */
export const INNER_PEERS = {
  4: ['127.0.0.1', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '169.254.169.254'],
  6: ['::1', '::', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', 'fd00::1', 'fe80::1'],
} as const;

/** Seconds for which they are good. */
const LIFETIME = 120;

/** What somebody comes for. */
export interface TurnErrand {
  readonly family?: 4 | 6;
  readonly peers?: readonly string[];
  /** One of `turn.urls`. */
  readonly at?: string;
}

/** Who comes. */
export type TurnVisitor = 'right' | 'wrong' | 'nobody';

/**
 * What the server does, at the first of `turn.urls` unless another is named. Undefined where we have no
 * credentials. Throws `outbound.failed`, and what coturn's database throws.
 */
export async function comesToTurn(
  around: Around,
  who: TurnVisitor,
  { family = 4, peers = [], at }: TurnErrand = {},
): Promise<TurnSeen | undefined> {
  const { config, turn } = around;
  const { urls, secret } = config.turn;
  const url = at ?? urls[0];
  if (url === undefined || secret === undefined) return undefined;
  if (who === 'nobody') return turn(url, { family, peers });
  const credentials = await credentialsOf(around, secret);
  if (credentials === undefined) return undefined;
  const { username, password } = credentials;
  const wrong = new Secret([...password.reveal()].reverse().join(''));
  const shown = { username, password: who === 'right' ? password : wrong };
  return turn(url, { family, peers, shown });
}

/** By the secret that coturn has too, or by a row of its own. */
async function credentialsOf(
  { config, now, room, turnRow }: Around,
  secret: Secret,
): Promise<TurnCredentials | undefined> {
  if (config.turn.database !== undefined) {
    const row = await turnRow(config.turn.database);
    return isHindered(row) ? undefined : row;
  }
  const expires = Math.floor(now() / 1000) + LIFETIME;
  return turnCredentials({ id: 'ostiary-doctor', room, expires }, secret);
}
