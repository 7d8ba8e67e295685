/**
 * A Grant becomes credentials for the TURN server: whoever may enter a room may come to its bridge, and nobody else.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { untilOf } from '../base/person.ts';
import type { Secret } from '../base/secret.ts';
import { userIdOf } from '../tokens/claims.ts';
import { type TurnCredentials, turnCredentials } from '../tokens/turn.ts';
import type { Grant } from './outcome.ts';

/** What giving credentials needs. */
export interface TurnParts {
  /** Where the TURN server is, the first choice first. @see RFC 7065 */
  readonly urls: readonly string[];
  /** What it shares with us. */
  readonly secret: Secret;
  /** Seconds. */
  readonly lifetime: number;
  readonly clock: Clock;
}

/** Credentials, and what may be told about them. */
export interface TurnGiven extends TurnCredentials {
  readonly urls: readonly string[];
  /** Unix seconds. */
  readonly expires: number;
}

/** Makes the one function that turns a Grant into TURN credentials. */
export function createTurn({ urls, secret, lifetime, clock }: TurnParts): (grant: Grant) => TurnGiven {
  return ({ person, room }) => {
    const now = unixSeconds(clock);
    // What is good for one room for a time opens nothing after its end.
    const expires = Math.min(now + lifetime, untilOf(person) ?? Number.POSITIVE_INFINITY);
    return { urls, expires, ...turnCredentials({ id: userIdOf(person), room, expires }, secret) };
  };
}
