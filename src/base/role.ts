/**
 * What somebody is in a room, and the words Jitsi has for it.
 */

/** What a person is in a room. */
export type Role = 'host' | 'participant' | 'guest';

/** All roles, the most powerful first. */
export const ROLES: readonly Role[] = ['host', 'participant', 'guest'];

/** The less powerful of two. */
export function lowerRole(one: Role, other: Role): Role {
  return ROLES.indexOf(one) < ROLES.indexOf(other) ? other : one;
}

/** What Jitsi's Prosody modules read for a role. */
export interface JitsiAffiliation {
  readonly affiliation: 'owner' | 'member';
  readonly moderator: boolean;
}

/**
 * A role in Jitsi's words: an owner moderates.
 * @see jitsi-meet, resources/prosody-plugins/mod_token_affiliation.lua
 */
export function toAffiliation(role: Role): JitsiAffiliation {
  return role === 'host'
    ? { affiliation: 'owner', moderator: true }
    : { affiliation: 'member', moderator: false };
}
