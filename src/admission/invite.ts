/**
 * An invitation: a link for one room, in one role, until one moment.
 *
 * Made by whoever may, kept by the digest of its code, looked at by anybody who holds it, spent by who presses the
 * button. What comes of it is a person like any other, whom the rules may lower and never raise. Knows no HTTP.
 */
import { type Clock, unixSeconds } from '../base/clock.ts';
import { INVITE_PROVIDER, type Person, type PersonInvite, personId } from '../base/person.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { type Random, randomToken, spokenId } from '../base/random.ts';
import { lowerRole, type Role } from '../base/role.ts';
import type { Room } from '../base/room.ts';
import { Secret } from '../base/secret.ts';
import type { Store } from '../base/store.ts';
import { LONGEST_GUEST_NAME } from '../identity/guest.ts';
import { cleanName } from '../identity/profile.ts';
import type { Session, Sessions } from '../identity/session.ts';
import { isVerifiedAs } from '../policy/match.ts';
import {
  CHARACTERS,
  changeInvite,
  type Invite,
  type InviteMaker,
  keptFor,
  keyOf,
  keyOfCode,
  listed,
  MOST_USES,
  makerId,
  readKept,
} from './invite-record.ts';
import { type Before, reseat, type Seat, seatOf, seatText } from './invite-seat.ts';

/** What an invitation shall be good for. Times in Unix seconds. */
export interface InviteWish {
  readonly room: Room;
  readonly role: Role;
  /** The first moment; now, if it is left out. */
  readonly from?: number;
  /** The end: of the link, and of everybody who came by it. */
  readonly until: number;
  /** So many people may come by it; however many, if it is left out. */
  readonly uses?: number;
  /** Only who has signed in with this verified address. */
  readonly email?: string;
  /** What it is for, as the person who is invited reads it. */
  readonly title?: string;
  /** Who invites, as the person who is invited reads it. */
  readonly by?: string;
}

/** What invitations are made of. */
export interface InviteParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** What judging one needs. */
export interface JudgeParts extends Pick<InviteParts, 'store' | 'clock'> {
  /** What its maker may still give; everything, where nobody says. */
  readonly mayGive?: (invite: Invite) => Promise<Role | undefined>;
}

/** What spending one needs besides: it makes the session. */
export interface SpendParts extends InviteParts, JudgeParts {
  readonly sessions: Pick<Sessions, 'issue' | 'end'>;
}

/** Who spends it. */
export interface Guest {
  /** How they want to be called; not asked of who has an account. */
  readonly name?: string | undefined;
  /** As whom they have signed in. */
  readonly account?: Person | undefined;
  readonly before: Before;
  readonly address: string;
  /** The session that ends with the new one. */
  readonly follows?: string | undefined;
}

/** Whoever makes one. */
export interface Inviting {
  /** The highest role they may give. */
  readonly role: Role;
  /** Unix seconds after which they may give nothing. */
  readonly until?: number | undefined;
  /** Who they are; the operator is nobody here. */
  readonly maker?: InviteMaker;
}

/** So many invitations of one maker are good for something at a time. */
export const MOST_BY_ONE = 200;

/**
 * Makes one, in no higher role than its maker has, and for no longer. The code is in the answer and nowhere else.
 * Throws `request.too-many` for who has made too many, and `invite.unknown` where what they came by was taken back.
 */
export async function makeInvite(
  wish: InviteWish,
  { role: highest, until: last, maker }: Inviting,
  { store, clock, random }: InviteParts,
): Promise<{ readonly code: Secret; readonly invite: Invite }> {
  const now = unixSeconds(clock);
  const code = spokenId(random, CHARACTERS);
  const { room, role, from = now, uses, email, title, by } = wish;
  const until = Math.min(wish.until, last ?? Number.POSITIVE_INFINITY);
  if (maker !== undefined && (await livingOf(maker, now, store)) >= MOST_BY_ONE)
    throw new Problem('request.too-many', { invitations: MOST_BY_ONE });
  const invite: Invite = {
    id: spokenId(random),
    room: room.claim,
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    role: lowerRole(role, highest),
    madeAt: now,
    from,
    until,
    ...(uses !== undefined && { uses: Math.min(uses, MOST_USES) }),
    seats: [],
    ...(email !== undefined && { email }),
    ...(title !== undefined && { title }),
    ...(by !== undefined && { by }),
    ...(maker !== undefined && { maker }),
  };
  await store.put(keyOf(code), JSON.stringify(invite), keptFor(invite, now));
  await stillInvited(maker, { key: keyOf(code), store });
  return { code: new Secret(code.replaceAll('-', '').toLowerCase()), invite };
}

/** Was what the maker came by taken back in between? Whoever did may have looked before this one was there: then it goes here. */
async function stillInvited(
  maker: InviteMaker | undefined,
  { key, store }: { readonly key: string; readonly store: Store },
): Promise<void> {
  const by = maker?.kind === 'person' ? maker.person.invite?.id : undefined;
  if (by === undefined || (await listed(store)).some(({ invite }) => invite.id === by)) return;
  await store.take(key);
  throw new Problem('invite.unknown');
}

async function livingOf(maker: InviteMaker, now: number, store: Store): Promise<number> {
  const all = await listInvites({ store });
  return all.filter((one) => one.until > now && one.maker && makerId(one.maker) === makerId(maker)).length;
}

/**
 * What this code invites to; spends nothing. Case, and letters that look like digits, are forgiven. Throws `invite.unknown`, `invite.expired`, `invite.not-yet`,
 * `invite.used` and `invite.lapsed`. Its role is what its maker may still give.
 */
export async function readInvite(code: string, before: Before, parts: JudgeParts): Promise<Invite> {
  const invite = readKept(await parts.store.get(keyOfCode(code)));
  judged(invite, before, parts);
  if (parts.mayGive === undefined) return invite;
  const highest = await parts.mayGive(invite);
  if (highest === undefined) throw new Problem('invite.lapsed');
  return { ...invite, role: lowerRole(invite.role, highest) };
}

/** What this code invites to, good or not. Throws `invite.unknown`. */
export async function inviteOf(code: string, { store }: Pick<InviteParts, 'store'>): Promise<Invite> {
  return readKept(await store.get(keyOfCode(code)));
}

/**
 * Takes a place and makes a session of it. Throws as `readInvite`, and `invite.other-person` and `guest.name`; what
 * the store throws gives the place back, as far as it can be written.
 */
export async function spendInvite(
  code: string,
  guest: Guest,
  parts: SpendParts,
): Promise<{ readonly id: Secret; readonly session: Session; readonly invite: Invite }> {
  const { sessions, random } = parts;
  const key = keyOfCode(code);
  // The person first: who gives no name takes no place.
  const shown = await readInvite(code, guest.before, parts);
  const called = personBy(shown, guest);
  const fresh: Seat = { place: randomToken(random, 9) };
  let [had, place]: [Seat | undefined, string] = [undefined, fresh.place];
  const taken = (invite: Invite): Invite => {
    judged(invite, guest.before, parts);
    had = seatOf(invite, guest.before);
    place = (had ?? fresh).place;
    const others = invite.seats.filter((seat) => had === undefined || seat !== seatText(had));
    return { ...invite, seats: [...others, seatText({ place })] };
  };
  await changeInvite(key, taken, parts);
  try {
    // Who comes back to their place is who they were: what was said about them holds.
    const person = { ...called, id: personId(INVITE_PROVIDER, `${shown.id}.${place}`) };
    const about = { address: guest.address, ...(guest.follows !== undefined && { follows: guest.follows }) };
    const { id, session } = await sessions.issue({ person }, about);
    return { id, session, invite: await seated(key, { place, session }, parts) };
  } catch (thrown) {
    await giveBack(key, { place, had }, parts);
    throw thrown;
  }
}

/** Revoked in between? Whoever did may have looked for sessions before this one was there: then it ends here. */
async function seated(
  key: string,
  { place, session }: { readonly place: string; readonly session: Session },
  parts: SpendParts,
): Promise<Invite> {
  try {
    return await changeInvite(key, reseat(place, session.handle), parts);
  } catch (thrown) {
    await parts.sessions.end(session.handle, 'operator');
    throw thrown;
  }
}

/** What is told is why it was not taken; that it could not be given back either is less than that. */
async function giveBack(
  key: string,
  { place, had }: { readonly place: string; readonly had: Seat | undefined },
  parts: SpendParts,
): Promise<void> {
  try {
    await changeInvite(key, reseat(place, had?.handle), parts);
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
  }
}

/** All there are, over or not, by when they were made. For people, never on the way into a meeting. */
export async function listInvites({ store }: Pick<InviteParts, 'store'>): Promise<readonly Invite[]> {
  return (await listed(store)).map(({ invite }) => invite).toSorted((a, b) => a.madeAt - b.madeAt);
}

/** What taking back needs. */
export interface RevokeParts extends Pick<InviteParts, 'store'> {
  readonly sessions: Pick<Sessions, 'list' | 'end'>;
}

/** An invitation that was taken back, and whose sessions ended. */
export interface Revoked {
  readonly invite: Invite;
  readonly ended: readonly Session[];
}

/**
 * Takes one back, those that people made who had come by it, and ends every session that was made by any of them.
 * Empty where there is none of this id; the one that was asked for comes first.
 */
export async function revokeInvite(id: string, parts: RevokeParts): Promise<readonly Revoked[]> {
  const all = await listed(parts.store);
  return revokeThose(
    all.filter(({ invite }) => invite.id === id),
    parts,
  );
}

/** The same for all that this person, or this application (`app:` and its name), made. */
export async function revokeInvitesBy(maker: string, parts: RevokeParts): Promise<readonly Revoked[]> {
  const all = await listed(parts.store);
  const theirs = all.filter(({ invite }) => invite.maker !== undefined && makerId(invite.maker) === maker);
  return revokeThose(theirs, parts);
}

type Kept = Awaited<ReturnType<typeof listed>>[number];

async function revokeThose(those: readonly Kept[], parts: RevokeParts): Promise<readonly Revoked[]> {
  const revoked: Revoked[] = [];
  for (const { key, invite } of those) {
    if ((await parts.store.take(key)) === undefined) continue;
    const ended: Session[] = [];
    for (const { handle } of await sessionsOf(invite.id, parts.sessions)) {
      const session = await parts.sessions.end(handle, 'operator');
      if (session !== undefined) ended.push(session);
    }
    revoked.push({ invite, ended });
    // Looked for now that nobody is left who could make more.
    const handedOn = (await listed(parts.store)).filter(
      ({ invite: { maker } }) => maker?.kind === 'person' && maker.person.invite?.id === invite.id,
    );
    revoked.push(...(await revokeThose(handedOn, parts)));
  }
  return revoked;
}

/** Who came by it and still is. */
export async function sessionsOf(id: string, sessions: Pick<Sessions, 'list'>): Promise<readonly Session[]> {
  return (await sessions.list()).filter(({ person }) => person.invite?.id === id);
}

function personBy(invite: Invite, { account, name }: Guest): Omit<Person, 'id'> {
  const { email } = invite;
  if (email !== undefined && (account === undefined || !isVerifiedAs(account, email)))
    throw new Problem('invite.other-person', { why: account === undefined ? 'nobody' : 'address' });
  const given =
    account?.name ??
    Array.from(name ?? '')
      .slice(0, LONGEST_GUEST_NAME)
      .join('');
  const called = cleanName(given) ?? account?.email;
  if (called === undefined) throw new Problem('guest.name');
  const { id, room, tenant, role, until } = invite;
  const good: PersonInvite = { room, ...(tenant !== undefined && { tenant }), role, until, id };
  return {
    provider: INVITE_PROVIDER,
    name: called,
    ...(account?.email !== undefined && { email: account.email }),
    emailVerified: account?.emailVerified ?? false,
    groups: [],
    // A name that nobody vouches for is marked as such.
    ...(account === undefined && { guest: true }),
    invite: good,
  };
}

/** Throws where it cannot be used now, by this browser. */
function judged(invite: Invite, before: Before, { clock }: Pick<InviteParts, 'clock'>): void {
  const now = unixSeconds(clock);
  const { from, until, uses, seats } = invite;
  if (now >= until) throw new Problem('invite.expired');
  if (now < from) throw new Problem('invite.not-yet');
  if (uses !== undefined && seats.length >= uses && seatOf(invite, before) === undefined)
    throw new Problem('invite.used');
}
