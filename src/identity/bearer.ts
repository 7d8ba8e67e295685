/**
 * Tokens that somebody else signed and a caller brings with each request (RFC 6750): whose word counts, and whom it
 * speaks of. What they may do is decided elsewhere.
 */
import type { Clock } from '../base/clock.ts';
import { isProblem, Problem, type ProblemCode, type ProblemFacts } from '../base/problem.ts';
import type { Secret } from '../base/secret.ts';
import { type JwtClaims, type RemoteKeys, verifyJwt } from '../keys/jwt.ts';
import { claimsUnjudged, issuerNamedBy } from './issuer.ts';
import { type ProfileMapping, toPerson } from './profile.ts';
import type { SignedIn } from './provider.ts';
import { namesRepeat } from './repeated-names.ts';
import { parseObject } from './session-record.ts';

/** One who signs such tokens, and what is asked of them. */
export interface BearerIssuer {
  /** Compared character by character. */
  readonly iss: string;
  /** The id of a provider whose people these are, or one of its own. */
  readonly provider: string;
  readonly keys: Secret | RemoteKeys;
  /** The one value of `alg`. */
  readonly algorithm: string;
  /** What `aud` must name: us, and nobody else's service. */
  readonly audience: string;
  /** What `aud` may name beside. */
  readonly alsoFor: readonly string[];
  /** A word that must stand in `scope`. @see RFC 8693, section 4.2 */
  readonly scope?: string;
  readonly mapping: ProfileMapping;
}

/** All of them, by `iss`. */
export type BearerIssuers = ReadonlyMap<string, BearerIssuer>;

/** What a token says whose signature holds. Times in Unix seconds. */
export interface BearerSays {
  readonly signedIn: SignedIn & { readonly until: number };
  /** One session there: what its tokens have in common, however often they are renewed. */
  readonly thread: readonly [iss: string, sid: string, subject: string];
  readonly issuedAt: number;
  /** Its time is over: it opens nothing new. */
  readonly expired: boolean;
}

/** As everywhere. */
const LONGEST = 8192;
const MAX_SID = 256;
/** How far the other clock may be off, in seconds. */
const LEEWAY = 30;

/** What signed texts say they are that are shown as they are: nothing, a token, an access token (RFC 9068, section 2.1). */
const SHOWN_AS_THEY_ARE: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt'];

/** @see Microsoft identity platform, "Access tokens": those for Microsoft Graph are for Graph alone to judge. */
const GRAPH: readonly unknown[] = [
  'https://graph.microsoft.com',
  'https://graph.microsoft.com/',
  '00000003-0000-0000-c000-000000000000',
];

/**
 * Judges a token. Undefined for one that nobody of the list signed. Throws `bearer.unacceptable`, `bearer.graph` and
 * `bearer.unreachable`, whose facts never hold the token; that its time is over is an answer.
 * @see RFC 8725, section 3; RFC 9068, section 4
 */
export async function readBearer(
  token: string,
  { issuers, clock }: { readonly issuers: BearerIssuers; readonly clock: Clock },
): Promise<BearerSays | undefined> {
  // Believed only for choosing whose keys it is held against.
  const named = issuerNamedBy(token);
  const issuer = issuers.get(named ?? '');
  if (isForGraph(token, named)) throw new Problem('bearer.graph');
  if (issuer === undefined) return undefined;
  const unacceptable = (why: string) => new Problem('bearer.unacceptable', { why, iss: issuer.iss });
  const { claims, expired } = await verified(token, issuer, clock);
  const texts = token.split('.', 2).map((segment) => Buffer.from(segment, 'base64url').toString());
  if (texts.some(namesRepeat)) throw unacceptable('repeated');
  const { typ } = parseObject(texts[0] ?? '') ?? {};
  if (!SHOWN_AS_THEY_ARE.includes(typeof typ === 'string' ? typ.toLowerCase() : typ))
    throw unacceptable('typ');
  // A logout token speaks of the same person with the same keys.
  if (claims['events'] !== undefined) throw unacceptable('events');
  // Good only together with a key that the caller would have to show (RFC 7800): here anybody could bring it.
  if (claims['cnf'] !== undefined) throw unacceptable('cnf');
  if (!isForUs(claims, issuer)) throw unacceptable('audience');
  if (issuer.scope !== undefined && !scopesOf(claims).includes(issuer.scope)) throw unacceptable('scope');
  return { ...saysOf(claims, issuer), expired };
}

async function verified(
  token: string,
  issuer: BearerIssuer,
  clock: Clock,
): Promise<{ readonly claims: JwtClaims; readonly expired: boolean }> {
  const { iss, keys, algorithm } = issuer;
  const judge = (at: Clock) =>
    verifyJwt(token, {
      keys,
      algorithms: [algorithm],
      issuer: iss,
      requiredClaims: ['exp', 'iat', 'aud'],
      clock: at,
      leewaySeconds: LEEWAY,
      maxBytes: LONGEST,
    });
  const refused = (code: ProblemCode, facts: ProblemFacts, cause?: unknown) =>
    new Problem(code, { ...facts, iss }, cause);
  try {
    const claims = await judge(clock);
    // No second of `exp` is forgiven: a session ends with it.
    return { claims, expired: Number(claims['exp']) <= clock.now() / 1000 };
  } catch (thrown) {
    if (isProblem(thrown, 'token.unacceptable')) {
      const end = claimsUnjudged(token)['exp'];
      // Asked after the signature: everything else is held against the moment before its end.
      if (thrown.facts['jose'] === 'ERR_JWT_EXPIRED' && typeof end === 'number')
        return { claims: await judge({ now: () => (end - 1) * 1000 }), expired: true };
      throw refused('bearer.unacceptable', thrown.facts);
    }
    if (isProblem(thrown) && thrown.status === 502)
      throw refused('bearer.unreachable', { ...thrown.facts, why: thrown.code }, thrown);
    throw thrown;
  }
}

function isForGraph(token: string, iss: string | undefined): boolean {
  if (iss === undefined || !/^https:\/\/(?:sts\.windows\.net|login\.microsoftonline\.com)\//.test(iss))
    return false;
  return GRAPH.includes(claimsUnjudged(token)['aud']);
}

/** For us, and for nobody whom the operator did not name beside us: else another service could use it here. */
function isForUs({ aud, azp }: JwtClaims, { audience, alsoFor }: BearerIssuer): boolean {
  const list: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  return (
    list.includes(audience) &&
    (azp === audience ||
      list.every((one) => one === audience || (typeof one === 'string' && alsoFor.includes(one))))
  );
}

function scopesOf({ scope, scp }: JwtClaims): readonly unknown[] {
  const said = scope ?? scp;
  return Array.isArray(said) ? said : typeof said === 'string' ? said.split(' ') : [];
}

function saysOf(claims: JwtClaims, { iss, provider, mapping }: BearerIssuer): Omit<BearerSays, 'expired'> {
  const { sub, sid, acr, auth_time: at, exp, iat } = claims;
  try {
    const person = {
      ...toPerson(claims, mapping, provider),
      ...(typeof acr === 'string' && { acr }),
      ...(typeof at === 'number' && { authenticatedAt: at }),
    };
    const named = typeof sid === 'string' && sid !== '' && sid.length <= MAX_SID ? sid : undefined;
    return {
      signedIn: {
        person,
        ...(named !== undefined && { sid: named }),
        ...(typeof sub === 'string' && { subject: sub }),
        until: Math.floor(Number(exp)),
      },
      thread: [iss, named ?? '', person.id],
      issuedAt: Math.floor(Number(iat)),
    };
  } catch (thrown) {
    if (isProblem(thrown, 'provider.id-missing') || isProblem(thrown, 'provider.groups-missing'))
      throw new Problem('bearer.unacceptable', { ...thrown.facts, why: thrown.code, iss });
    throw thrown;
  }
}
