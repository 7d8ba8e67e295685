/**
 * A Grant becomes credentials for the TURN server: whoever may enter a room may come to its bridge, and nobody else. So
 * does whom Prosody let in by a token of ours.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { untilOf } from '../base/person.ts';
import { digest } from '../base/random.ts';
import type { Secret } from '../base/secret.ts';
import { userIdOf } from '../tokens/claims.ts';
import { type TurnCredentials, turnCredentials } from '../tokens/turn.ts';
import type { TurnHolder, TurnKeeper } from './turn-users.ts';

/** What giving credentials needs. */
export interface TurnParts {
  /** Where the TURN server is, the first choice first. @see RFC 7065 */
  readonly urls: readonly string[];
  /** What credentials are made with; the TURN server shares it, unless it is told of each of them. */
  readonly secret: Secret;
  /** Seconds. */
  readonly lifetime: number;
  readonly clock: Clock;
  /** The TURN server's own list of people, where it has one. */
  readonly keeper?: Pick<TurnKeeper, 'add'>;
}

/** Credentials, and what may be told about them. */
export interface TurnGiven extends TurnCredentials {
  readonly urls: readonly string[];
  /** Unix seconds. */
  readonly expires: number;
}

/** Makes the one function that gives TURN credentials. It throws what the keeper throws. */
export function createTurn({
  urls,
  secret,
  lifetime,
  clock,
  keeper,
}: TurnParts): (holder: TurnHolder) => Promise<TurnGiven> {
  return async (holder) => {
    const { person, room, session } = holder;
    const now = unixSeconds(clock);
    // What is good for one room for a time opens nothing after its end.
    const end = keeper === undefined ? now + lifetime : onGrid(now + lifetime, lifetime);
    const expires = Math.min(end, untilOf(person) ?? Number.POSITIVE_INFINITY);
    const mark = keeper === undefined ? {} : { mark: digest(`turn ${session}`).slice(0, 12) };
    const credentials = turnCredentials({ id: userIdOf(person), room, expires, ...mark }, secret);
    await keeper?.add(holder, { ...credentials, expires });
    return { urls, expires, ...credentials };
  };
}

/**
 * A TURN server that is told of everybody counts by the whole name, time included: with a new one at each question
 * nobody would ever have too many allocations. So for an eighth of its life the same is given again.
 */
function onGrid(expires: number, lifetime: number): number {
  const step = Math.max(1, Math.floor(lifetime / 8));
  return expires - (expires % step);
}
