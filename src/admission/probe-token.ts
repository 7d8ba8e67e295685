/**
 * Tokens for the doctor: for one room that nobody knows and nobody is in, for two minutes, in the doctor's own name.
 *
 * The one mint without a grant: no person stands behind it, and what it opens is made up here, of 128 random bits, so
 * that nobody can ask it for a room of somebody's. Each run stands in the audit.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import type { Audit } from '../base/log.ts';
import { type Random, randomToken, spokenId } from '../base/random.ts';
import type { Role } from '../base/role.ts';
import { type Room, roomFromClaim } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import type { KeySet } from '../keys/signing-key.ts';
import { type ClaimOptions, toClaims } from '../tokens/claims.ts';
import { mintToken } from '../tokens/mint.ts';

/** What the doctor is called in a meeting, in tokens and in the audit. */
export const DOCTOR = 'Ostiary doctor';

const PERSON = 'ostiary-doctor';

/** Seconds. */
const LIFETIME = 120;

/** How a token differs from a right one, so that it must be refused. */
export interface Twist {
  readonly expired?: true;
  readonly issuer?: string;
  readonly audience?: string;
  /** It is for another tenant's room of the same name. */
  readonly tenant?: string;
}

/** A room of the same run beside the first, so that two looks do not meet in one. */
export function besideRoom({ claim }: Room, word: string): Room {
  return roomFromClaim(`${claim}-${word}`);
}

/** What it is made with. */
export interface ProbeTokenParts {
  readonly keys: KeySet;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: Audit;
  readonly claims: Pick<ClaimOptions, 'issuer' | 'audience' | 'xmppDomain'>;
  /** Of `throwAwayRoom`. */
  readonly room: Room;
}

/** Makes them, all of one run for one room. */
export interface ProbeTokens {
  /** Throws `key.none`, `key.unusable` and what the store throws. */
  mint(role: Role, twist?: Twist & { readonly beside?: string }): Promise<Secret>;
}

/** A room that nobody knows. */
export function throwAwayRoom(random: Random): Room {
  return roomFromClaim(`ostiary-doctor-${Buffer.from(random.bytes(16)).toString('hex')}`);
}

/** Begins a run. */
export function createProbeTokens({
  room,
  keys,
  clock,
  random,
  audit,
  claims,
}: ProbeTokenParts): ProbeTokens {
  const id = spokenId(random);
  let written: Promise<void> | undefined;
  const write = () => {
    written ??= audit.record({
      ...{ at: clock.now(), id, event: 'probed', name: DOCTOR, by: PERSON, room: room.name },
    });
    return written;
  };
  return {
    mint: async (role, twist = {}) => {
      const { expired, issuer = claims.issuer, audience = claims.audience, tenant, beside } = twist;
      const now = unixSeconds(clock) - (expired ? LIFETIME * 2 : 0);
      const here = beside === undefined ? room : besideRoom(room, beside);
      const meant = tenant === undefined ? here : roomFromClaim(here.claim, tenant);
      const jti = randomToken(random, 16);
      const person = { id: PERSON, provider: 'doctor', name: DOCTOR, emailVerified: false, groups: [] };
      await write();
      return mintToken(
        toClaims(
          { person, room: meant, role, lobby: false },
          { ...claims, issuer, audience, lifetime: LIFETIME, now, jti, email: false },
        ),
        keys,
      );
    },
  };
}
