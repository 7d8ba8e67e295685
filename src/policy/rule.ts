/**
 * The words of policy: what a rule may speak of, and what it may say.
 */
import type { Client } from '../base/client.ts';
import type { Person } from '../base/person.ts';
import type { Role } from '../base/role.ts';
import type { Room } from '../base/room.ts';
import type { Secret } from '../base/secret.ts';
import type { RoomTimes, Shut } from './room-times.ts';
import type { TimeWindow } from './times.ts';

/**
 * Everything a rule may look at. `person` is absent for somebody who has not signed in; whatever else is absent is
 * not known, and a condition about it does not hold.
 */
export interface Facts {
  readonly room: Room;
  readonly person?: Person;
  /** Milliseconds since 1970. */
  readonly now?: number;
  /** The caller's address. */
  readonly address?: string;
  /** With what they come, as it says itself. */
  readonly client?: Client;
  /** Is a host in the room? */
  readonly hostPresent?: boolean;
  /** When the room is open, by everybody who says so; empty or absent where nobody does. */
  readonly roomTimes?: readonly RoomTimes[];
  /** Did a host let them in by hand? Then no rule makes them wait. */
  readonly letIn?: boolean;
}

/**
 * When a rule speaks. Every condition that is present must hold; within a list
 * one entry is enough. Globs know `*` (any run of characters) and `?` (one).
 */
export interface When {
  /** Globs over the room's decoded, lower-case name; `{person.id}` in one stands for who asks. */
  readonly rooms?: readonly string[];
  /** Globs over the tenant; the empty text stands for "no tenant". */
  readonly tenants?: readonly string[];
  /** Exact group names. */
  readonly groups?: readonly string[];
  /** Exact verified e-mail addresses, compared without case. */
  readonly emails?: readonly string[];
  /** Exact domains of verified e-mail addresses, compared without case. */
  readonly emailDomains?: readonly string[];
  /** Ids of providers. */
  readonly providers?: readonly string[];
  /** Ids of persons. */
  readonly persons?: readonly string[];
  /** How they signed in (`acr`), exactly. */
  readonly acr?: readonly string[];
  /** By the name of an attribute the values of which the person must have one, exactly; every attribute that is named. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly signedIn?: boolean;
  /** Windows of time. */
  readonly times?: readonly TimeWindow[];
  /** Addresses and ranges. */
  readonly networks?: readonly string[];
  /** With what they come, as it says itself: no protection. */
  readonly clients?: readonly Client[];
  readonly hostPresent?: boolean;
  /** Came by a one-time entry made on the machine, good for this room in this role. */
  readonly pass?: Role;
  /** Vouched for by another application, for this room and up to this role. */
  readonly bound?: Role;
  /** Invited to this room, in whatever role. */
  readonly invited?: boolean;
  /** Invited to this room in this role. */
  readonly invite?: Role;
}

/** What a rule says: a role, or what to do instead of letting in. */
export type Then = Role | 'sign-in' | 'wait' | 'knock' | 'refuse';

/** What a rule may say beside a role; what is absent is left to the installation, and to Jitsi. */
export interface Beside {
  /** What Jitsi lets somebody do, over what their role says of the same. */
  readonly features?: Readonly<Record<string, boolean>>;
  readonly lobby?: {
    /** Whether the room has a lobby from the moment somebody with this enters. */
    readonly room?: boolean;
    /** Whether this person knocks there. */
    readonly person?: 'knock' | 'pass';
  };
  /** Of the room, from that moment. For Prosody alone. */
  readonly password?: Secret;
  readonly group?: string;
  /** Seconds for which tokens hold that are handed to a browser, and to an app. */
  readonly lifetimes?: { readonly client?: number; readonly app?: number };
}

/** One line of policy. The first rule that matches wins. */
export interface Rule extends Beside {
  readonly name: string;
  readonly when: When;
  readonly then: Then;
  /** A sentence for the person who is refused. */
  readonly reason?: string;
}

/** What the rules say about one arrival, with the name of the rule that said it. */
export type Decision =
  | {
      readonly kind: 'admit';
      readonly role: Role;
      readonly lobby: boolean;
      readonly rule: string;
      /** What that rule says beside the role. */
      readonly beside?: Beside;
      /** When the room closes, in milliseconds since 1970, where it has times. */
      readonly closes?: number;
    }
  | { readonly kind: 'sign-in'; readonly rule: string }
  | { readonly kind: 'wait'; readonly rule: string }
  /** By that rule they would be let in or wait, were the room open. */
  | { readonly kind: 'closed'; readonly rule: string; readonly shut: Shut }
  | { readonly kind: 'refuse'; readonly rule: string; readonly reason?: string };

/** A decision that lets somebody in. */
export type Admission = Extract<Decision, { kind: 'admit' }>;
