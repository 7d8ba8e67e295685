/**
 * A provider's word that somebody signed out there.
 *
 * Judges the token; which sessions it ends, and whether it was seen before, others know.
 */
import type { Clock } from '../base/clock.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { type JwtClaims, type RemoteKeys, verifyJwt } from '../keys/jwt.ts';
import type { LogoutNotice } from './provider.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MAX_BYTES = 8192;
const MAX_ID = 256;

/** What a logout token is held against. */
export interface LogoutParts {
  readonly id: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly algorithms: readonly string[];
  readonly keys: RemoteKeys;
  readonly clock: Clock;
  readonly leeway: number;
}

/**
 * What a logout token says, if it holds. `subject` is its `sub`, to be compared with that of ID tokens.
 * Throws `logout-token.unacceptable`, and what fetching the provider's keys throws.
 *
 * @see OpenID Connect Back-Channel Logout 1.0, section 2.6
 */
export async function readLogoutToken(token: string, parts: LogoutParts): Promise<LogoutNotice> {
  const { id, issuer, clientId, algorithms, keys, clock, leeway } = parts;
  const unacceptable = (why: string) => new Problem('logout-token.unacceptable', { provider: id, why });
  // An access token of the same provider is signed by the same keys, and says so here.
  if (!['', 'jwt', 'logout+jwt'].includes(typOf(token))) throw unacceptable('typ');
  const claims = await verified(token, {
    keys,
    algorithms,
    issuer,
    audience: clientId,
    requiredClaims: ['iss', 'aud', 'iat', 'exp', 'jti', 'events'],
    clock,
    leewaySeconds: leeway,
    maxBytes: MAX_BYTES,
  });
  const { jti, sid, sub, iat, exp, events } = claims;
  if (claims['nonce'] !== undefined) throw unacceptable('nonce');
  if (!isLogoutEvent(events)) throw unacceptable('events');
  if (!isId(jti)) throw unacceptable('jti');
  if ((sid !== undefined && !isId(sid)) || (sub !== undefined && !isId(sub))) throw unacceptable('subject');
  if ((iat as number) * 1000 > clock.now() + leeway * 1000) throw unacceptable('iat');
  if (sub === undefined && sid === undefined) throw unacceptable('subject');
  return {
    jti,
    expires: exp as number,
    ...(sid !== undefined && { sid }),
    ...(sub !== undefined && { subject: sub }),
  };

  async function verified(...judged: Parameters<typeof verifyJwt>): Promise<JwtClaims> {
    try {
      return await verifyJwt(...judged);
    } catch (thrown) {
      if (isProblem(thrown, 'token.unacceptable'))
        throw new Problem('logout-token.unacceptable', { ...thrown.facts, provider: id }, thrown);
      throw thrown;
    }
  }
}

/** The `typ` a token claims for itself, in lower case and without `application/`; `?` for what cannot be read. */
function typOf(token: string): string {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(token.slice(0, MAX_BYTES).split('.')[0] ?? '', 'base64url').toString(),
    );
    if (typeof header !== 'object' || header === null) return '?';
    const { typ } = header as { typ?: unknown };
    return typ === undefined
      ? ''
      : String(typ)
          .toLowerCase()
          .replace(/^application\//, '');
  } catch (cause) {
    if (cause instanceof SyntaxError) return '?';
    throw cause;
  }
}

function isLogoutEvent(events: unknown): boolean {
  if (typeof events !== 'object' || events === null || !Object.hasOwn(events, EVENT)) return false;
  const event = (events as Readonly<Record<string, unknown>>)[EVENT];
  return typeof event === 'object' && event !== null && !Array.isArray(event);
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID;
}
