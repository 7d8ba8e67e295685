/**
 * A link of another application, followed: its token is bound to the one room that was asked for.
 *
 * What comes of it is a person like any other, whom the rules may lower and never raise. Knows no HTTP and no store.
 */
import type { Clock } from '../base/clock.ts';
import type { Person, PersonBound } from '../base/person.ts';
import { isProblem, Problem, type ProblemCode } from '../base/problem.ts';
import { lowerRole } from '../base/role.ts';
import { type Room, roomFromClaim, tenantClaim } from '../base/room.ts';
import {
  type Issuer,
  type Issuers,
  issuerNamedBy,
  type LinkSays,
  markOfToken,
  readLinkToken,
} from '../identity/issuer.ts';
import { matches } from '../policy/match.ts';

/** What following a link needs. */
export interface LinkParts {
  readonly issuers: Issuers;
  readonly clock: Clock;
  /** What `sub` is called where no tenant is; any text where Prosody does not compare it. */
  readonly domains: readonly string[] | 'any';
  /** What our own tokens name as `iss`. */
  readonly own: string;
}

/** Somebody whose link held for this room, or who would be somebody but for the room. */
export type Followed =
  | { readonly kind: 'followed'; readonly person: Person & { readonly bound: PersonBound } }
  | { readonly kind: 'refused'; readonly person: Person; readonly problem: Problem }
  /** It says that we made it: no link of anybody, and nothing to complain of. */
  | { readonly kind: 'ours' };

/**
 * Judges a token for one room. Throws `link.unacceptable`, `link.expired` and `issuer.unreachable` where nobody is
 * vouched for; where somebody is, and not here, that is an answer: `link.other-room` or `link.not-allowed`.
 */
export async function followLink(token: string, room: Room, parts: LinkParts): Promise<Followed> {
  if (!parts.issuers.has(parts.own) && issuerNamedBy(token) === parts.own) return { kind: 'ours' };
  const says = await readLinkToken(token, parts);
  const { issuer, person, role, until } = says;
  const wrong = wrongRoom(says, room, parts);
  if (wrong !== undefined) {
    const [code, why] = wrong;
    return { kind: 'refused', person, problem: new Problem(code, { why, iss: issuer.iss }) };
  }
  const bound: PersonBound = {
    room: room.claim,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    role: lowerRole(role, issuer.role),
    until,
    mark: markOfToken(token),
  };
  return { kind: 'followed', person: { ...person, bound } };
}

/**
 * Whether the application may still say so: what the operator took from it since is gone. Whoever came by no link is
 * nobody's business here.
 */
export function stillVouched(person: Person, issuers: Issuers): Person | undefined {
  const { bound: link, provider } = person;
  if (link?.mark === undefined) return person;
  const issuer = issuers.get(provider);
  if (issuer === undefined || !maySpeakFor(issuer, roomFromClaim(link.room, link.tenant))) return undefined;
  const role = lowerRole(link.role, issuer.role);
  return role === link.role ? person : { ...person, bound: { ...link, role } };
}

function wrongRoom(
  { issuer, room: claim, sub }: LinkSays,
  asked: Room,
  { domains }: LinkParts,
): readonly [ProblemCode, string] | undefined {
  if (claim === '*') {
    if (issuer.wildcard === 'refuse') return ['link.not-allowed', 'wildcard'];
  } else if (claimOf(claim) !== asked.claim) return ['link.other-room', 'room'];
  if (!namesTenant(sub, asked, domains)) return ['link.other-room', 'tenant'];
  return maySpeakFor(issuer, asked) ? undefined : ['link.not-allowed', 'rooms'];
}

/** Prosody compares the claim in lower case with the percent-encoded name; applications also write the name itself. */
function claimOf(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined;
  try {
    return roomFromClaim(claim).claim;
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}

/**
 * A tenant must be named, whatever Prosody is set to; where none is, `sub` is the domain, if anybody looks.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `verify_room`
 */
function namesTenant(sub: string | undefined, { tenant }: Room, domains: LinkParts['domains']): boolean {
  if (sub === '*') return true;
  if (tenant !== undefined) return sub === tenantClaim(tenant) || sub === tenant;
  return sub === undefined || domains === 'any' || domains.includes(sub);
}

function maySpeakFor({ rooms, tenants }: Issuer, room: Room): boolean {
  return matches({ rooms, ...(tenants && { tenants }) }, { room });
}
