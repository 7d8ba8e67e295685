/**
 * A person, a room and a role become the claims Jitsi reads.
 *
 * Pure: hour and id are arguments. Whether somebody may enter was decided before; here nothing is asked again but
 * that the token opens one room, and that what a person wrote about themselves cannot become anything else.
 */
import type { Person } from '../base/person.ts';
import { Problem } from '../base/problem.ts';
import { digest } from '../base/random.ts';
import { type Role, toAffiliation } from '../base/role.ts';
import { type Room, tenantClaim } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';

/** Who enters where, as what. */
export interface Entry {
  readonly person: Person;
  readonly room: Room;
  readonly role: Role;
  /** Must this person knock at Jitsi's own lobby? */
  readonly lobby: boolean;
}

/** What the operator set, and what belongs to this one token. */
export interface ClaimOptions {
  /** `app_id` in Prosody. */
  readonly issuer: string;
  readonly audience: string;
  /** The domain of Prosody's main VirtualHost; `meet.jitsi` in docker-jitsi-meet. */
  readonly xmppDomain: string;
  /** Seconds. */
  readonly lifetime: number;
  /** Unix seconds. */
  readonly now: number;
  readonly jti: string;
  /** The handle of the session it was made for; not in what others than Prosody are handed. */
  readonly sid?: string;
  /** May the address stand in the token, where stock clients show it to everybody? Only a verified one does. */
  readonly email: boolean;
  /** What Jitsi should let this person do; absent or empty leaves it to Jitsi. */
  readonly features?: Readonly<Record<string, boolean>>;
  readonly group?: string;
  /** Whether this person knocks at the lobby, where it is otherwise than their role has it. */
  readonly lobbyFor?: 'knock' | 'pass';
  /** Whether the room has a lobby from now on. */
  readonly roomLobby?: boolean;
  /** Of the room from now on. Whoever holds the token can read it. */
  readonly password?: Secret;
  /** Stands behind the name of whoever only gave one, so that nobody passes for somebody else. */
  readonly guestMark?: string;
}

/** What Jitsi's modules and clients read about the person. */
export interface JitsiUser {
  readonly id: string;
  readonly name?: string;
  readonly email?: string;
  readonly avatar?: string;
  readonly affiliation: 'owner' | 'member';
  readonly moderator: boolean;
  readonly lobby_bypass?: true;
  readonly lobby?: true;
  readonly security_bypass?: true;
}

/** The claims of a Jitsi token. @see lib-jitsi-meet, doc/tokens.md */
export interface JitsiClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly room: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly jti: string;
  readonly sid?: string;
  readonly context: {
    readonly user: JitsiUser;
    readonly group?: string;
    readonly features?: Readonly<Record<string, boolean>>;
    readonly room?: { readonly lobby?: boolean; readonly password?: string };
  };
}

/** Every claim we write, in words; the reference is printed from this table. */
export const CLAIMS = [
  { claim: 'iss', meaning: 'The app id', readBy: 'Prosody: must be one of its accepted issuers' },
  {
    claim: 'aud',
    meaning: 'The audience, as a text: a list is refused',
    readBy: 'Prosody: must be one of its accepted audiences',
  },
  {
    claim: 'sub',
    meaning: 'The tenant with dots as underscores; without a tenant the XMPP domain',
    readBy: 'Prosody, with enable_domain_verification',
  },
  {
    claim: 'room',
    meaning: 'The one room this token opens, percent-encoded in lower case; never `*`',
    readBy: 'Prosody: compared with the room at each join',
  },
  { claim: 'iat', meaning: 'When it was made, in unix seconds', readBy: 'nobody' },
  {
    claim: 'nbf',
    meaning: 'A minute before that, because Prosody forgives no clock',
    readBy: 'Prosody, once, at the sign-in; the web client',
  },
  {
    claim: 'exp',
    meaning: 'When it ends; always there, though Prosody would take a token without',
    readBy: 'Prosody, once, at the sign-in; the web client before it reconnects',
  },
  { claim: 'jti', meaning: 'An id that also stands in the audit', readBy: 'nobody' },
  {
    claim: 'sid',
    meaning: 'What the session it was made for is known by; opens nothing, and names nobody',
    readBy: 'our module mod_ostiary, which ends connections when their session ends',
  },
  {
    claim: 'context.user.id',
    meaning: 'Stable at this sign-in service and never given to somebody else',
    readBy: 'the web client and its statistics; mod_muc_flip',
  },
  {
    claim: 'context.user.name',
    meaning: 'The name shown in the meeting',
    readBy: 'the web client; everybody in the meeting sees it',
  },
  {
    claim: 'context.user.email',
    meaning: 'The verified address; only where it is switched on',
    readBy: 'the web client; everybody in the meeting may see it',
  },
  {
    claim: 'context.user.avatar',
    meaning: 'The address of a picture, https only',
    readBy: 'the web client; everybody in the meeting loads it',
  },
  {
    claim: 'context.user.affiliation',
    meaning: '`owner` for a host, else `member`',
    readBy: 'mod_token_affiliation',
  },
  { claim: 'context.user.moderator', meaning: '`true` for a host', readBy: 'mod_token_affiliation' },
  {
    claim: 'context.user.lobby_bypass',
    meaning:
      '`true` for hosts and participants, and where a rule says `lobby.person: pass`; not for who knocks',
    readBy: 'token_lobby_bypass (jitsi-contrib)',
  },
  {
    claim: 'context.features.lobby_bypass',
    meaning:
      'The same once more, where a rule says `lobby.person: pass`; for a host only where features are named, because alone it would forbid them everything else',
    readBy: 'other versions of token_lobby_bypass (jitsi-contrib)',
  },
  {
    claim: 'context.user.lobby',
    meaning: '`true` for who knocks: `then: knock`, or `lobby.person: knock`',
    readBy: 'token_lobby_ondemand (jitsi-contrib), which opens a lobby for them',
  },
  {
    claim: 'context.user.security_bypass',
    meaning:
      '`true` where the rule says the password of the room, for who does not knock; towards Prosody alone',
    readBy: 'token_security_ondemand (jitsi-contrib)',
  },
  {
    claim: 'context.room.lobby',
    meaning: 'Whether the room has a lobby from now on, where a rule says `lobby.room`',
    readBy: 'token_security_ondemand, lobby_deactivate (jitsi-contrib)',
  },
  {
    claim: 'context.room.password',
    meaning:
      'The password of the room from now on, where a rule says one; never in a token that a browser gets',
    readBy: 'token_security_ondemand (jitsi-contrib)',
  },
  {
    claim: 'context.group',
    meaning: 'A group, where a rule says one',
    readBy: 'the web client; mod_presence_identity shows it to everybody',
  },
  {
    claim: 'context.features',
    meaning:
      'What Jitsi lets this person do, by their role and their rule; left out unless configured, because an empty one forbids even hosts',
    readBy: 'the web client; mod_filter_iq_jibri, mod_filter_iq_rayo',
  },
] as const satisfies readonly { readonly claim: string; readonly meaning: string; readonly readBy: string }[];

/** Prosody forgives no clock, and no token is made before it is wanted. */
const BACKDATED = 60;

/** What stands behind the name of a guest, unless the operator says otherwise. */
export const GUEST_MARK = '(guest)';

/** UTF-8 bytes. With the header, a signature of 4096 bits and base64url this is a token under 4 kB. */
const MOST_BYTES = 2300;

const LONGEST = { id: 256, name: 100, shortName: 30, email: 254, avatar: 512, group: 100 } as const;

/**
 * What may not stand in a value: controls, line separators, bidirectional overrides and isolates, byte order marks,
 * noncharacters, and halves of surrogate pairs, which Prosody's JSON reader does not take.
 */
const UNCLEAN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff\p{Noncharacter_Code_Point}]/gu;

function cleaned(text: string | undefined, longest: number): string | undefined {
  // Nobody's name is longer than this, and what follows looks at every character.
  const plain = text
    ?.slice(0, longest * 8)
    .replace(UNCLEAN, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  if (plain === undefined || plain === '') return undefined;
  return Array.from(plain).slice(0, longest).join('').trim();
}

/** What `context.user.id` says. An id that had to be changed or cut might be somebody else's; its digest is nobody else's. */
export function userIdOf({ id }: Pick<Person, 'id'>): string {
  return id === cleaned(id, LONGEST.id) && Buffer.byteLength(id) <= LONGEST.id ? id : digest(id);
}

function avatarOf({ avatar }: Person): string | undefined {
  const url = avatar === undefined || avatar.length > LONGEST.avatar ? null : URL.parse(avatar);
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    return undefined;
  return url.href.length > LONGEST.avatar ? undefined : url.href;
}

/** @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua, `Util:verify_room` */
function subOf({ tenant }: Room, xmppDomain: string): string {
  const sub = tenant === undefined ? xmppDomain : tenantClaim(tenant);
  if (sub === '' || sub.includes('*')) throw new Problem('tenant.unusable', { why: 'wildcard' });
  // Such a tenant's token would open the rooms that belong to no tenant.
  if (tenant !== undefined && sub.toLowerCase() === xmppDomain.toLowerCase())
    throw new Problem('tenant.unusable', { why: 'domain' });
  return sub;
}

function roomClaimOf({ claim }: Room): string {
  if (claim === '' || claim.includes('*')) throw new Problem('room.unusable', { why: 'wildcard' });
  return claim;
}

/** How much of what could be left out stands in the token: the longest token that fits is taken. */
interface Detail {
  readonly avatar: boolean;
  readonly email: boolean;
  readonly group: boolean;
  readonly name: number;
}

const DETAILS: readonly [Detail, ...Detail[]] = [
  { avatar: true, email: true, group: true, name: LONGEST.name },
  { avatar: false, email: true, group: true, name: LONGEST.name },
  { avatar: false, email: false, group: true, name: LONGEST.name },
  { avatar: false, email: false, group: false, name: LONGEST.name },
  { avatar: false, email: false, group: false, name: LONGEST.shortName },
];

function nameOf(
  { name, guest }: Person,
  { guestMark = GUEST_MARK }: ClaimOptions,
  longest: number,
): string | undefined {
  const plain = cleaned(name, longest);
  return guest && plain !== undefined ? `${plain} ${guestMark}` : plain;
}

/** How they stand at Jitsi's lobby. @see jitsi-contrib, token_lobby_bypass, token_lobby_ondemand, token_security_ondemand */
function atTheLobby(
  { role, lobby }: Entry,
  { lobbyFor, password }: ClaimOptions,
): Pick<JitsiUser, 'lobby' | 'lobby_bypass' | 'security_bypass'> {
  if (lobby || lobbyFor === 'knock') return { lobby: true };
  if (role === 'guest' && lobbyFor !== 'pass') return {};
  return { lobby_bypass: true, ...(password !== undefined && { security_bypass: true }) };
}

function userOf(entry: Entry, options: ClaimOptions, detail: Detail): JitsiUser {
  const { person, role } = entry;
  const { email: withEmail } = options;
  const name = nameOf(person, options, detail.name);
  const email =
    withEmail && detail.email && person.emailVerified ? cleaned(person.email, LONGEST.email) : undefined;
  const avatar = detail.avatar ? avatarOf(person) : undefined;
  return {
    id: userIdOf(person),
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
    ...(avatar === undefined ? {} : { avatar }),
    ...toAffiliation(role),
    ...atTheLobby(entry, options),
  };
}

/**
 * What Jitsi lets them do. Some versions of token_lobby_bypass look for their word among the features, others beside the
 * name: where a rule asks for it, it stands in both places. But alone among the features it would take everything else
 * from a moderator; from others it takes nothing they have. Elsewhere it is left out: Jitsi's client calls it unknown.
 * @see jitsi-contrib, token_lobby_bypass; jitsi-meet, resources/prosody-plugins/util.lib.lua, `is_feature_allowed`
 */
function featuresOf(
  { role }: Entry,
  { features = {}, lobbyFor }: ClaimOptions,
  { lobby_bypass }: JitsiUser,
): JitsiClaims['context']['features'] {
  const named = Object.keys(features).length > 0;
  if (lobby_bypass && lobbyFor === 'pass' && (named || role !== 'host'))
    return { ...features, lobby_bypass: true };
  return named ? { ...features } : undefined;
}

function contextOf(entry: Entry, options: ClaimOptions, detail: Detail): JitsiClaims['context'] {
  const { group, roomLobby, password } = options;
  const groupName = detail.group ? cleaned(group, LONGEST.group) : undefined;
  const user = userOf(entry, options, detail);
  const features = featuresOf(entry, options, user);
  return {
    user,
    ...(groupName === undefined ? {} : { group: groupName }),
    ...(features && { features }),
    ...(roomLobby === undefined && password === undefined
      ? {}
      : {
          room: {
            ...(roomLobby !== undefined && { lobby: roomLobby }),
            ...(password !== undefined && { password: password.reveal() }),
          },
        }),
  };
}

/**
 * The claims of a token for this person in this room. Values that would make it too long for a header are left out:
 * first the picture, then the address, then the group; then the name is cut.
 * Throws `room.unusable` and `tenant.unusable` for what would open more than this room.
 * @see lib-jitsi-meet, doc/tokens.md; jitsi-meet, react/features/base/jwt/middleware.any.ts
 */
export function toClaims(entry: Entry, options: ClaimOptions): JitsiClaims {
  const { issuer, audience, xmppDomain, lifetime, now, jti, sid } = options;
  const room = roomClaimOf(entry.room);
  const sub = subOf(entry.room, xmppDomain);
  const fixed = {
    iss: issuer,
    aud: audience,
    sub,
    room,
    iat: now,
    nbf: now - BACKDATED,
    exp: now + lifetime,
    jti,
    ...(sid !== undefined && { sid }),
  };
  let claims: JitsiClaims = { ...fixed, context: contextOf(entry, options, DETAILS[0]) };
  for (const detail of DETAILS.slice(1)) {
    if (Buffer.byteLength(JSON.stringify(claims)) <= MOST_BYTES) break;
    claims = { ...fixed, context: contextOf(entry, options, detail) };
  }
  return claims;
}
