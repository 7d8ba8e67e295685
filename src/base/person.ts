/**
 * Who someone has proved to be. Nothing of HTTP, nothing of what they may do.
 */

/** A person as a provider vouches for them. */
export interface Person {
  /** Stable for ever at this provider and never given to somebody else: `<provider>#<subject>`. */
  readonly id: string;
  /** The id of the provider in our configuration. */
  readonly provider: string;
  readonly name?: string;
  readonly email?: string;
  /** Did the provider say, or the operator promise, that the address is theirs? */
  readonly emailVerified: boolean;
  /** An https address. */
  readonly avatar?: string;
  readonly groups: readonly string[];
  /** What else the provider said of them, under the names that our configuration gives it. */
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  /** How they proved it (OpenID Connect Core 2, `acr`). */
  readonly acr?: string;
  /** Unix seconds of the proof itself, if the provider told it. */
  readonly authenticatedAt?: number;
  /** Set on somebody who gave a name and showed nothing. */
  readonly guest?: true;
  /** Set on somebody who came by a one-time entry made on the machine: good for that room and role alone. */
  readonly pass?: PersonPass;
  /** Set on somebody another application vouched for: good for that room alone, and in no higher role. */
  readonly bound?: PersonBound;
  /** Set on somebody who was invited: good for that room alone, and in no higher role. */
  readonly invite?: PersonInvite;
}

/** What a one-time entry, or the word of an application, is good for. */
export interface PersonPass {
  /** The claim form of the room. */
  readonly room: string;
  readonly tenant?: string;
  readonly role: 'host' | 'participant' | 'guest';
  /** Unix seconds. */
  readonly until: number;
}

/** What the word of an application is good for. */
export interface PersonBound extends PersonPass {
  /** Of a link, and of nothing else: tells the token they came with from another, and no more of it. */
  readonly mark?: number;
}

/** What an invitation is good for. */
export interface PersonInvite extends PersonPass {
  /** By which the invitation is listed and revoked; it opens nothing. */
  readonly id: string;
}

/** Unix seconds after which nothing new is opened for this person; undefined for whom their session's own end is the end. */
export function untilOf({ pass, bound, invite }: Person): number | undefined {
  return (pass ?? bound ?? invite)?.until;
}

/** The provider's name on everybody who came by a one-time entry made on the machine. */
export const PASS_PROVIDER = 'pass';

/** The provider's name on everybody who only gave a name. */
export const GUEST_PROVIDER = 'guest';

/** The provider's name on everybody who was invited. */
export const INVITE_PROVIDER = 'invite';

/** Nothing that vouches for people is called so: neither a provider nor an application. Machines are no people, and are never taken for one. */
export const OWN_PROVIDERS: ReadonlySet<string> = new Set([
  PASS_PROVIDER,
  GUEST_PROVIDER,
  INVITE_PROVIDER,
  'machine',
]);

/** The id under which a person is known everywhere. */
export function personId(provider: string, subject: string): string {
  return `${provider}#${subject}`;
}
