/**
 * The ports for what we tell the operator: an event has a name and facts, never
 * a sentence glued from values.
 */
import type { Role } from './role.ts';

/** The plain values that may stand beside an event. */
export type LogFacts = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where events go. A `cause` is told with its stack, to the log alone. */
export interface Log {
  debug(event: string, facts?: LogFacts): void;
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts, cause?: unknown): void;
  error(event: string, facts?: LogFacts, cause?: unknown): void;
}

/** A log for tests that want silence. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What happened at the door, in the words of the audit. */
export type AuditEvent =
  | 'signed-in'
  | 'sign-in-failed'
  | 'signed-out'
  | 'session-ended'
  | 'kicked'
  | 'kick-undone'
  | 'let-in'
  | 'turned-away'
  | 'room-times-set'
  | 'room-times-removed'
  | 'entered'
  | 'refused'
  | 'pass-used'
  | 'invite-made'
  | 'invite-used'
  | 'invite-revoked'
  | 'guest-named'
  | 'bearer-taken'
  | 'link-followed'
  | 'link-refused'
  | 'app-refused'
  | 'turn-given'
  | 'turn-refused'
  | 'turn-ended'
  | 'connection-ended'
  | 'stream-refused'
  | 'jitsi-refused'
  | 'machine'
  | 'probed';

/** One line of the audit: who, where, as what, by which rule. Never a token. */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The spoken id that the person's page shows too. */
  readonly id: string;
  readonly event: AuditEvent;
  readonly person?: string;
  readonly name?: string;
  readonly provider?: string;
  readonly groups?: readonly string[];
  readonly email?: string;
  readonly room?: string;
  readonly tenant?: string;
  readonly role?: string;
  /** Whose act it was: the id of a host, or an application. */
  readonly by?: string;
  /** An invitation, by the id it is listed under; it opens nothing. */
  readonly invite?: string;
  /** As what an invitation or another application's link proposed them. */
  readonly proposed?: Role;
  readonly rule?: string;
  readonly code?: string;
  /** The times of a room, as they are written. */
  readonly times?: string;
  /** When it is over, in milliseconds since 1970. */
  readonly until?: number;
  /** What the operator wrote for the person. */
  readonly reason?: string;
  readonly address?: string;
  readonly jti?: string;
  /** A machine of the operator's list, by the name it has there. */
  readonly machine?: string;
}

/** Where the audit goes; failing to write is a failure of the request. */
export interface Audit {
  record(entry: AuditEntry): Promise<void>;
}
