/**
 * What the maker of an invitation may still give, at the moment it is used, as far as that is known without them.
 *
 * Known are: the rules of now, over what the rules saw of them when they made it; whether they were put out of the
 * room; whether their sign-in service, or the application, is still in the configuration; and for accounts that we
 * keep ourselves, the account. Who lost a group elsewhere since is not known before they sign in again.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { type Person, untilOf } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import type { Role } from '../base/role.ts';
import type { Room } from '../base/room.ts';
import type { Recheck } from '../identity/provider.ts';
import { decide } from '../policy/decide.ts';
import type { Rule } from '../policy/rule.ts';
import { type Invite, type InviteMaker, roomOfInvite } from './invite-record.ts';
import type { Kicks } from './kick.ts';
import { type AppMay, mayUse } from './vouched.ts';

/** What is asked. */
export interface MakerParts {
  readonly clock: Clock;
  rules(): readonly Rule[];
  readonly kicks: Pick<Kicks, 'of'>;
  /** By the name that an application has. */
  readonly apps: ReadonlyMap<string, AppMay>;
  /** Sign-in services by their id; some can be asked whether they know somebody. */
  readonly providers: ReadonlyMap<string, { knows?(person: Person): Promise<Recheck> }>;
  /** Whom another application vouched for, as far as it still may. */
  stillVouched(person: Person): Person | undefined;
}

/**
 * The highest role the maker of this invitation may give now; undefined for none. Of the operator's it is every role.
 * Throws what the store throws.
 */
export async function mayGive(invite: Invite, parts: MakerParts): Promise<Role | undefined> {
  const { maker } = invite;
  const room = roomOfInvite(invite);
  if (maker === undefined) return 'host';
  if (maker.kind === 'person') return byPerson(maker, room, parts);
  const app = parts.apps.get(maker.name);
  return app !== undefined && mayUse(app, room) ? app.role : undefined;
}

async function byPerson(
  { person: remembered, address }: Extract<InviteMaker, { kind: 'person' }>,
  room: Room,
  parts: MakerParts,
): Promise<Role | undefined> {
  const { clock, kicks, rules } = parts;
  const person = await stillThere(remembered, parts);
  if (person === undefined || (await kicks.of(person.id, room)) !== undefined) return undefined;
  const decision = decide({ room, person, now: clock.now(), address }, rules());
  return decision.kind === 'admit' && decision.role === 'host' ? 'host' : undefined;
}

/** As they are known now; undefined for whom nobody vouches any more. */
async function stillThere(person: Person, { clock, providers, stillVouched }: MakerParts) {
  const until = untilOf(person);
  if (until !== undefined) return unixSeconds(clock) < until ? stillVouched(person) : undefined;
  const provider = providers.get(person.provider);
  if (provider === undefined) return undefined;
  const known = await askedFor(person, provider);
  if (known?.kind === 'gone') return undefined;
  return known?.kind === 'still' ? known.signedIn.person : person;
}

/** A service that does not answer takes nothing from anybody. */
async function askedFor(
  person: Person,
  { knows }: { knows?(person: Person): Promise<Recheck> },
): Promise<Recheck | undefined> {
  try {
    return await knows?.(person);
  } catch (thrown) {
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}
