/**
 * Other applications that let people in by a token in a link: who they are, how their tokens are judged, and whom
 * a token speaks of. Which room it opens is decided elsewhere.
 */
import type { Clock } from '../base/clock.ts';
import { type Person, personId } from '../base/person.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import type { Role } from '../base/role.ts';
import type { Secret } from '../base/secret.ts';
import { type JwtClaims, type RemoteKeys, verifyJwt } from '../keys/jwt.ts';
import { type Claims, toPerson } from './profile.ts';
import { namesRepeat } from './repeated-names.ts';
import { parseObject } from './session-record.ts';

/** One application, and what it may say. */
export interface Issuer {
  /** Compared character by character. */
  readonly iss: string;
  readonly keys: Secret | RemoteKeys;
  /** The one value of `alg`. */
  readonly algorithm: string;
  /** What `aud` must be; not looked at without it. */
  readonly audience?: string;
  /** Globs over the names of rooms it may speak for. */
  readonly rooms: readonly string[];
  /** Globs over tenants, the empty text for none; every tenant its tokens name if there are none. */
  readonly tenants?: readonly string[];
  /** What its links propose at most. */
  readonly role: Role;
  /** What `room: "*"` is worth: the room that is asked for, or nothing. */
  readonly wildcard: 'narrow' | 'refuse';
}

/** All of them, by `iss`. */
export type Issuers = ReadonlyMap<string, Issuer>;

/** What a token says that held. */
export interface LinkSays {
  readonly issuer: Issuer;
  /** Whom it speaks of, not bound to any room yet. */
  readonly person: Person;
  /** As what it proposes them. */
  readonly role: Role;
  /** Its `room` as it stands there. */
  readonly room: unknown;
  /** Its `sub`, which names the tenant, in lower case. */
  readonly sub?: string;
  /** Unix seconds. */
  readonly until: number;
}

/** More than any of Jitsi's own tokens; what an address can hold. */
const LONGEST = 8192;
/** So many characters of an `iss` that nobody vouches for are told to the operator, who compares it with their own. */
const LONGEST_NAMED = 64;
/** How far the other clock may be off, in seconds: applications write `nbf` as the second in which they sign. */
const LEEWAY = 30;

/**
 * Judges a token as Prosody would, and more strictly: the issuer's one algorithm and keys, `typ`, `exp`, `nbf`, no
 * member named twice, no pattern for a room. Throws `link.unacceptable`, `link.expired` and `issuer.unreachable`,
 * whose facts never hold the token.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `process_and_verify_token`; RFC 8725, section 3
 */
export async function readLinkToken(
  token: string,
  { issuers, clock }: { readonly issuers: Issuers; readonly clock: Clock },
): Promise<LinkSays> {
  if (token.length > LONGEST) throw unacceptable({ why: 'too-long' });
  // Believed only for choosing whose keys it is held against.
  const named = issuerNamedBy(token);
  const issuer = issuers.get(named ?? '');
  if (issuer === undefined) throw unacceptable({ why: 'issuer', ...issuerToTell(token) });
  const claims = await verified(token, issuer, clock);
  if (token.split('.', 2).some((segment) => namesRepeat(textOf(segment))))
    throw unacceptable({ why: 'repeated', iss: issuer.iss });
  const until = Math.floor(Number(claims['exp']));
  // Prosody forgives no second of `exp`, and neither does a session that ends with it.
  if (until <= Math.floor(clock.now() / 1000)) throw new Problem('link.expired', { iss: issuer.iss });
  const context = record(claims['context']);
  const pattern = record(context['room'])['regex'];
  if (pattern === true || pattern === 'true') throw unacceptable({ why: 'regex', iss: issuer.iss });
  const user = record(context['user']);
  const sub = text(claims['sub'])?.toLowerCase();
  return {
    issuer,
    person: personOf(user, token, issuer),
    role: roleOf(user),
    room: claims['room'],
    ...(sub !== undefined && { sub }),
    until,
  };
}

/** Whose token it says it is; nothing of it is held against anything yet. */
export function issuerNamedBy(token: string): string | undefined {
  return text(claimsUnjudged(token)['iss']);
}

/** The same for the operator, who compares it with the settings: short, and nothing in it but what can be seen. */
export function issuerToTell(token: string): { readonly named?: string } {
  const named = issuerNamedBy(token);
  return named === undefined ? {} : { named: named.slice(0, LONGEST_NAMED).replace(/[^\x20-\x7e]/g, '?') };
}

/** What stands in a token, nothing of it held against anything: none where it cannot be read, or is too long to. */
export function claimsUnjudged(token: string): Claims {
  if (token.length > LONGEST) return {};
  return parseObject(textOf(token.split('.', 2)[1] ?? '')) ?? {};
}

async function verified(token: string, issuer: Issuer, clock: Clock): Promise<JwtClaims> {
  const { iss, keys, algorithm, audience } = issuer;
  try {
    return await verifyJwt(token, {
      keys,
      algorithms: [algorithm],
      issuer: iss,
      ...(audience !== undefined && { audience }),
      typ: 'JWT',
      requiredClaims: ['exp', 'room'],
      clock,
      leewaySeconds: LEEWAY,
      maxBytes: LONGEST,
    });
  } catch (thrown) {
    if (isProblem(thrown, 'token.unacceptable'))
      throw new Problem(
        // Asked after the signature, so that this is one of theirs.
        thrown.facts['jose'] === 'ERR_JWT_EXPIRED' ? 'link.expired' : 'link.unacceptable',
        { ...thrown.facts, iss },
      );
    if (isProblem(thrown) && thrown.status === 502)
      throw new Problem('issuer.unreachable', { ...thrown.facts, iss, why: thrown.code }, thrown);
    throw thrown;
  }
}

/** Many applications leave `id` out: then the address names somebody, and else each link is a person of its own. */
function personOf(user: Claims, token: string, { iss }: Issuer): Person {
  const given = [user['id'], user['email']].find(
    (value) => (typeof value === 'string' && value.trim() !== '') || typeof value === 'number',
  );
  const id = given ?? `${NAMELESS}${digest(token).slice(0, 16)}`;
  const avatar = user['avatarUrl'] ?? user['avatar'];
  try {
    return toPerson(
      { ...user, id, avatar },
      { id: ['id'], name: ['name'], email: 'email', emailVerified: 'never', avatar: 'avatar' },
      iss,
    );
  } catch (thrown) {
    if (isProblem(thrown, 'provider.id-missing')) throw unacceptable({ why: 'id', iss });
    throw thrown;
  }
}

const NAMELESS = 'link-';

/**
 * As far as one can tell: the same id, or, of an application that gives none, the same name. Only for going on in the
 * browser where the first one was.
 */
export function isSamePerson(one: Person, other: Person): boolean {
  if (one.id === other.id) return true;
  const nameless = [one, other].every(({ id, provider }) => id.startsWith(personId(provider, NAMELESS)));
  return nameless && one.provider === other.provider && one.name === other.name;
}

const LEADING: readonly unknown[] = ['owner', 'moderator', 'teacher'];

/** @see jitsi-meet, resources/prosody-plugins/mod_token_affiliation.lua */
function roleOf(user: Claims): Role {
  const leads =
    LEADING.includes(user['affiliation']) || user['moderator'] === true || user['moderator'] === 'true';
  return leads ? 'host' : 'participant';
}

function unacceptable(facts: Readonly<Record<string, string>>): Problem {
  return new Problem('link.unacceptable', facts);
}

function textOf(segment: string): string {
  return Buffer.from(segment, 'base64url').toString();
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function record(value: unknown): Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/**
 * A number that tells one token from another, for a browser that holds one and a session that came of one. Nobody
 * is let in by it, so any short sum will do (FNV-1a, over the UTF-16 units).
 */
export function markOfToken(token: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < token.length; at += 1) sum = Math.imul(sum ^ token.charCodeAt(at), 0x01000193);
  return sum >>> 0;
}
