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
import { isFor, matches } from '../policy/match.ts';
import type { NoTicket, TicketProof } from './ticket.ts';
import { type AppMay, mayUse } from './vouched.ts';

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

/** What following a gate ticket needs. */
export interface TicketLinkParts {
  readonly readTicket: (token: string) => Promise<TicketProof | NoTicket>;
  /** Whose session is it, without counting as use? */
  readonly peek: (handle: string) => Promise<{ readonly person: Person } | undefined>;
}

/**
 * A gate ticket as a link: that of an application opens its room in a browser as its links do. Undefined for what is
 * no ticket of ours; and the ticket of somebody with an account is none for a browser. Throws `link.expired`.
 */
export async function followTicket(
  token: string,
  room: Room,
  { readTicket, peek }: TicketLinkParts,
): Promise<Followed | undefined> {
  const proof = await readTicket(token);
  if (proof === 'not-ours') return undefined;
  const session = typeof proof === 'string' ? undefined : await peek(proof.session);
  if (typeof proof === 'string' || session === undefined) throw new Problem('link.expired');
  const { person } = session;
  if (person.bound === undefined) return { kind: 'ours' };
  if (!isFor(person.bound, room))
    return { kind: 'refused', person, problem: new Problem('link.other-room', { why: 'room' }) };
  return { kind: 'followed', person: { ...person, bound: { ...person.bound, mark: markOfToken(token) } } };
}

/** Applications that vouch for people. */
export interface Vouchers {
  /** By links, by `iss`. */
  readonly issuers: Issuers;
  /** At the token endpoint, by the name their people have for a provider. */
  readonly apps: ReadonlyMap<string, Pick<AppMay, 'rooms' | 'tenants' | 'role'>>;
}

/**
 * Whether the application may still say so: what the operator took from it since is gone. For whom no application
 * vouched is nobody's business here.
 */
export function stillVouched(person: Person, { issuers, apps }: Vouchers): Person | undefined {
  const { bound, provider } = person;
  if (bound === undefined) return person;
  const room = roomFromClaim(bound.room, bound.tenant);
  const app = apps.get(provider);
  const issuer = app === undefined ? issuers.get(provider) : undefined;
  const may = (app !== undefined && mayUse(app, room)) || (issuer !== undefined && maySpeakFor(issuer, room));
  const highest = (app ?? issuer)?.role;
  if (!may || highest === undefined) return undefined;
  const role = lowerRole(bound.role, highest);
  return role === bound.role ? person : { ...person, bound: { ...bound, role } };
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

/** Somebody by a link, in the words of the audit. */
export function linkFacts({ id, provider, name, bound }: Person, room: Room) {
  return {
    person: id,
    provider,
    ...(name !== undefined && { name }),
    room: room.name,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    ...(bound && { proposed: bound.role }),
  };
}
