/**
 * A token for Jitsi, shown to us again: who holds it may be in its room, as long as the session stands for which it was
 * made. Our module in Prosody holds nothing else, nor does an app.
 */
import type { Clock } from '../base/clock.ts';
import { isProblem } from '../base/problem.ts';
import { type Room, tenantClaim } from '../base/room.ts';
import type { Sessions } from '../identity/session.ts';
import { type JwtClaims, verifyJwt } from '../keys/jwt.ts';
import type { KeySet } from '../keys/signing-key.ts';
import { type NoTicket, type TicketProof, ticketOf } from './ticket.ts';

/** What reading one needs. */
export interface JitsiTokenParts {
  readonly keys: KeySet;
  /** What every token of this installation says. */
  readonly claims: { readonly issuer: string; readonly audience: string; readonly xmppDomain: string };
  readonly clock: Clock;
  readonly sessions: Pick<Sessions, 'standing'>;
}

/**
 * Judges it for one room: signature, dates, room and tenant, and whether its session stands, asked at every use. What
 * it proves is no more than a gate ticket does. Throws what the stores throw.
 */
export async function readJitsiToken(
  token: string,
  room: Room,
  { keys, claims, clock, sessions }: JitsiTokenParts,
): Promise<TicketProof | NoTicket> {
  const says = await verified(token, { keys, claims, clock });
  if (says === 'expired') return 'expired';
  const sub = room.tenant === undefined ? claims.xmppDomain : tenantClaim(room.tenant);
  const { sid } = says ?? {};
  if (says === undefined || typeof sid !== 'string' || says['room'] !== room.claim || says['sub'] !== sub)
    return 'not-ours';
  const standing = (await sessions.standing([sid])).get(sid);
  return standing === undefined || standing === 'gone' ? 'session-gone' : ticketOf(sid, room);
}

async function verified(
  token: string,
  { keys, claims, clock }: Pick<JitsiTokenParts, 'keys' | 'claims' | 'clock'>,
): Promise<JwtClaims | 'expired' | undefined> {
  const { algorithm, secret } = await keys.signing();
  try {
    return await verifyJwt(token, {
      keys: algorithm === 'HS256' ? secret : await keys.published(),
      algorithms: [algorithm],
      issuer: claims.issuer,
      audience: claims.audience,
      typ: 'JWT',
      requiredClaims: ['exp', 'nbf', 'jti', 'sid', 'room', 'sub'],
      clock,
      leewaySeconds: 0,
    });
  } catch (thrown) {
    if (!isProblem(thrown, 'token.unacceptable')) throw thrown;
    return thrown.facts['jose'] === 'ERR_JWT_EXPIRED' ? 'expired' : undefined;
  }
}
