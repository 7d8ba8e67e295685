/**
 * Another application asks for somebody: what it may ask, and whom we take the person for.
 *
 * Only here somebody is vouched for. They are the application's and nobody else's: `app:<name>#<id>`, for one room,
 * up to one role, until one moment. Whether they are let in, `admit` decides.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { type Person, type PersonBound, personId } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { lowerRole, ROLES, type Role } from '../base/role.ts';
import type { Room } from '../base/room.ts';
import { cleanName } from '../identity/profile.ts';
import { fitsGlob } from '../policy/glob.ts';
import type { Recognised } from './outcome.ts';

declare const vouchedBrand: unique symbol;

/** Somebody for whom an application vouched within what it may: only `vouchFor` makes one. */
export interface Vouched extends Recognised {
  readonly [vouchedBrand]: true;
}

/** What an application may ask for. */
export interface AppMay {
  readonly name: string;
  /** Globs over the room's decoded, lower-case name. */
  readonly rooms: readonly string[];
  /** Globs over the tenant; the empty text stands for "no tenant". */
  readonly tenants: readonly string[];
  /** The highest role. */
  readonly role: Role;
  /** Seconds for which a person may enter. */
  readonly lifetime: number;
}

/** What it asks for, as it wrote it. */
export interface AppWish {
  readonly room: Room;
  readonly role?: string;
  readonly subject?: string;
  readonly name?: string;
  readonly email?: string;
}

/** The provider's name on everybody an application vouches for: no provider's id can hold a colon. */
export function appProvider(name: string): string {
  return `app:${name}`;
}

/** May this application's people, and its pages, be in this room? */
export function mayUse(
  { rooms, tenants }: Pick<AppMay, 'rooms' | 'tenants'>,
  { name, tenant }: Room,
): boolean {
  return (
    rooms.some((glob) => fitsGlob(glob, name)) &&
    tenants.some((glob) => (tenant === undefined ? glob === '' : glob !== '' && fitsGlob(glob, tenant)))
  );
}

/**
 * Takes the application's word for somebody. `session` is what the grant hangs on.
 * Throws `client.room`, `client.role` and `client.subject`.
 */
export function vouchFor(
  app: AppMay,
  wish: AppWish,
  { clock, session }: { readonly clock: Clock; readonly session: string },
): Vouched {
  const { room } = wish;
  if (!mayUse(app, room)) throw new Problem('client.room', { app: app.name });
  const person: Person = {
    id: personId(appProvider(app.name), subjectOf(wish.subject)),
    provider: appProvider(app.name),
    ...named(wish),
    // It says so. Nothing of ours was proved by it.
    emailVerified: false,
    groups: [],
    bound: {
      room: room.claim,
      ...(room.tenant !== undefined && { tenant: room.tenant }),
      role: roleOf(app, wish.role),
      until: unixSeconds(clock) + app.lifetime,
    },
  };
  return Object.freeze({ person, session }) as Vouched;
}

/**
 * Takes the word of another issuer for somebody, as far as the application that brought it may ask too: the lower of
 * the two roles, and the earlier end. Throws `client.room` and `client.role`.
 */
export function vouchForSubject(
  app: AppMay,
  { subject, wish }: { readonly subject: Person & { readonly bound: PersonBound }; readonly wish: AppWish },
  { clock, session }: { readonly clock: Clock; readonly session: string },
): Vouched {
  if (!mayUse(app, wish.room)) throw new Problem('client.room', { app: app.name });
  const role = lowerRole(subject.bound.role, app.role);
  const until = Math.min(subject.bound.until, unixSeconds(clock) + app.lifetime);
  const bound = {
    ...subject.bound,
    until,
    role: wish.role === undefined ? role : roleOf({ ...app, role }, wish.role),
  };
  return Object.freeze({ person: { ...subject, bound }, session }) as Vouched;
}

function named({ name, email }: AppWish): Pick<Person, 'name' | 'email'> {
  const called = cleanName(name);
  const reached = email !== undefined && /^[^@\s]{1,64}@[^@\s]{1,255}$/.test(email) ? email : undefined;
  return {
    ...(called !== undefined && { name: called }),
    ...(reached !== undefined && { email: reached }),
  };
}

const LONGEST_SUBJECT = 255;

/** Can this be what an application calls somebody? @see OpenID Connect Core 1.0, section 2, `sub` */
export function isSubject(subject: string): boolean {
  return subject.length <= LONGEST_SUBJECT && /^[\x21-\x7e]+$/.test(subject);
}

function subjectOf(subject = ''): string {
  if (!isSubject(subject))
    throw new Problem('client.subject', { why: subject === '' ? 'missing' : 'characters' });
  return subject;
}

/** Who asks for none gets what is asked for most; never more than the application may. */
function roleOf(app: AppMay, asked: string | undefined): Role {
  if (asked === undefined) return lowerRole(app.role, 'participant');
  const role = ROLES.find((one) => one === asked);
  if (role === undefined || lowerRole(role, app.role) !== role)
    throw new Problem('client.role', { app: app.name, why: role === undefined ? 'unknown' : 'too-high' });
  return role;
}
