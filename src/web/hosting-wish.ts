/**
 * An invitation as a form or an application asks for it. Pure.
 */
import type { InviteWish, Inviting } from '../admission/invite.ts';
import { MOST_USES } from '../admission/invite-record.ts';
import { readMoment } from '../base/moment.ts';
import { Problem } from '../base/problem.ts';
import { lowerRole, ROLES, type Role } from '../base/role.ts';
import { cleanEmail, cleanName } from '../identity/profile.ts';
import { single } from './visit.ts';

/** Seconds for which one is good, unless it is said. */
export const GOOD_FOR = 7 * 86_400;
/** Seconds: nobody invites for longer than about a year ahead. */
const LONGEST = 400 * 86_400;

/** What is known beside the fields. */
interface Known {
  /** Unix seconds. */
  readonly now: number;
  readonly inviting: Inviting;
}

/** Reads it. Throws `host.unusable`, and `client.role` for a role there is none of or that is too high. */
export function invitationWish(fields: URLSearchParams, { now, inviting }: Known): Omit<InviteWish, 'room'> {
  const said = (name: string) => single(fields, name)?.trim() || undefined;
  const from = momentIn(said('from'), now) ?? now;
  const until = momentIn(said('until'), now) ?? from + GOOD_FOR;
  if (until <= Math.max(from, now) || until > now + LONGEST) unusable('until');
  const [uses, email] = [usesIn(single(fields, 'uses') ?? '1'), said('email')];
  const address = cleanEmail(email);
  if (email !== undefined && address === undefined) unusable('email');
  const [title, by] = [cleanName(said('about')), cleanName(said('by'))];
  return {
    ...{ role: roleIn(said('role'), inviting), from, until },
    ...(uses !== undefined && { uses }),
    ...(address !== undefined && { email: address }),
    ...(title !== undefined && { title }),
    // A person invites in their own name; an application says whose.
    ...(by !== undefined && inviting.maker?.kind === 'app' && { by }),
  };
}

function unusable(what: string): never {
  throw new Problem('host.unusable', { what });
}

/** A field for times sends no zone: it says beside it that the time is UTC. */
function momentIn(said: string | undefined, now: number): number | undefined {
  if (said === undefined) return undefined;
  const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/.test(said) ? `${said}Z` : said;
  return readMoment(zoned, now) ?? unusable('time');
}

/** Empty, or "any": however many. */
function usesIn(said: string): number | undefined {
  if (said === '' || said === 'any') return undefined;
  const uses = /^\d{1,4}$/.test(said) ? Number(said) : 0;
  return uses >= 1 && uses <= MOST_USES ? uses : unusable('uses');
}

function roleIn(said: string | undefined, { role: highest }: Inviting): Role {
  if (said === undefined) return lowerRole('participant', highest);
  const role = ROLES.find((one) => one === said);
  if (role === undefined || lowerRole(role, highest) !== role)
    throw new Problem('client.role', { why: role === undefined ? 'unknown' : 'too-high' });
  return role;
}
