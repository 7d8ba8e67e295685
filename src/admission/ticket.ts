/**
 * The gate ticket, for clients that cannot hold our cookie: apps, and frames without cookies.
 *
 * It names one session, one room and one tenant, and opens nothing by itself: whoever reads it asks whether that
 * session still stands. Signed by a key made for this alone, so that no other token of ours is one, and it is none.
 */
import { type AppClient, isAppClient } from '../base/client.ts';
import type { Clock } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import { type Room, roomFromClaim } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import type { Sessions } from '../identity/session.ts';
import type { JwtClaims } from '../keys/jwt.ts';
import { signOwnJwt, verifyOwnJwt } from '../keys/own-jwt.ts';
import type { SealingKeys } from '../keys/signing-key.ts';
import type { JitsiClaims } from '../tokens/claims.ts';
import type { Grant } from './outcome.ts';

declare const proofBrand: unique symbol;

/** A ticket that held: only this file makes one. */
export interface TicketProof {
  readonly [proofBrand]: true;
  /** The session's handle. */
  readonly session: string;
  /** The one room it is for. */
  readonly room: Room;
  /** The app it was made for. */
  readonly client?: AppClient;
}

/** Why a token is no ticket that holds. */
export type NoTicket = 'not-ours' | 'expired' | 'session-gone';

/** Whose tickets these are, and what signs them. */
export interface GateParts {
  /** What `aud` says: this gate and no other. */
  readonly gate: string;
  /** The keys that seal our cookies; the ticket's are made of them. */
  readonly sealing: SealingKeys;
}

/** What reading a ticket needs. */
export interface TicketParts extends GateParts {
  /** What `iss` says, as in every token of this installation. */
  readonly issuer: string;
  readonly clock: Clock;
  readonly sessions: Pick<Sessions, 'standing'>;
}

const PURPOSE = 'ticket';

/** Signs a ticket with the claims a page would show. Throws `key.none` and what the store of the keys throws. */
export async function signTicket(claims: JitsiClaims, grant: Grant, parts: GateParts): Promise<Secret> {
  const { session, room, client } = grant;
  const bound = {
    ...{ ...claims, aud: parts.gate, sid: session },
    ...(room.tenant && { tenant: room.tenant }),
    ...(client && { client }),
  };
  return new Secret(await signOwnJwt(bound, { keys: parts.sealing, purpose: PURPOSE }));
}

/**
 * Judges a token somebody brought as a ticket: its signature, its dates, and whether its session still stands,
 * asked at every use. A session that ran out by time still gives a proof: what that is good for, `admit` decides.
 * Throws what the store throws.
 */
export async function readTicket(token: string, parts: TicketParts): Promise<TicketProof | NoTicket> {
  const claims = await verifyOwnJwt(token, {
    keys: parts.sealing,
    purpose: PURPOSE,
    issuer: parts.issuer,
    audience: parts.gate,
    requiredClaims: ['exp', 'nbf', 'jti', 'sid', 'room'],
    clock: parts.clock,
  });
  if (claims === 'expired') return 'expired';
  const proof = claims && proofOf(claims);
  if (proof === undefined) return 'not-ours';
  const standing = (await parts.sessions.standing([proof.session])).get(proof.session);
  return standing === undefined || standing === 'gone' ? 'session-gone' : proof;
}

/** What stands in place of one: the token of a link that was judged for this room, and began this session. */
export function ticketOf(session: string, room: Room, client?: AppClient): TicketProof {
  return Object.freeze({ session, room, ...(client && { client }) }) as TicketProof;
}

function proofOf({ sid, jti, room, tenant, client }: JwtClaims): TicketProof | undefined {
  if (typeof sid !== 'string' || typeof jti !== 'string' || typeof room !== 'string') return undefined;
  if (tenant !== undefined && typeof tenant !== 'string') return undefined;
  try {
    return ticketOf(sid, roomFromClaim(room, tenant), isAppClient(client) ? client : undefined);
  } catch (thrown) {
    // A room that this version of ours names no more.
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}
