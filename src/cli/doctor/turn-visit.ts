/**
 * Comes to our TURN server as somebody who was let into a room, as a stranger, and as somebody with a wrong password.
 */
import { Secret } from '../../base/secret.ts';
import type { TurnSeen } from '../../outbound/probe-turn.ts';
import { turnCredentials } from '../../tokens/turn.ts';
import type { Around } from './around.ts';

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

/** What the server does, at the first of `turn.urls` unless another is named. Undefined where we have no secret to make credentials with. */
export async function comesToTurn(
  { config, now, room, turn }: Around,
  who: TurnVisitor,
  { family = 4, peers = [], at }: TurnErrand = {},
): Promise<TurnSeen | undefined> {
  const { urls, secret } = config.turn;
  const url = at ?? urls[0];
  if (url === undefined || secret === undefined) return undefined;
  const expires = Math.floor(now() / 1000) + LIFETIME;
  const { username, password } = turnCredentials({ id: 'ostiary-doctor', room, expires }, secret);
  const wrong = new Secret([...password.reveal()].reverse().join(''));
  const shown = { username, password: who === 'right' ? password : wrong };
  return turn(url, { family, peers, ...(who !== 'nobody' && { shown }) });
}
