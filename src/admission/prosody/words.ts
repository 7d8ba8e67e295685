/**
 * What our Prosody module is told of people: whom all that is named fits is put out, and not let in again. Pure.
 *
 * Only tokens of ours are named, so that nobody who came with another issuer's is put out by mistake.
 */
import { prosodyNode } from '../../base/room.ts';
import { userIdOf } from '../../tokens/claims.ts';
import type { Kick } from '../kick.ts';
import type { MeetingEnd } from '../meeting-end.ts';
import type { Reported } from './report.ts';

/** Why somebody is put out. */
export type WordWhy = MeetingEnd | 'kicked' | 'key-revoked';

/** Somebody, by what stands in their token, and until when they are out (Unix seconds). */
export interface Word {
  readonly iss?: string;
  readonly sid?: string;
  readonly kid?: string;
  readonly person?: string;
  /** As Prosody names it: of the token, or one they are in. */
  readonly room?: string;
  readonly why: WordWhy;
  readonly until: number;
  /** A sentence of the operator's for the person. */
  readonly text?: string;
}

/** A key that we trust no more, and since when (Unix seconds). */
export interface RevokedKey {
  readonly kid: string;
  readonly revokedAt: number;
}

/** What it takes to name somebody. `now` in Unix seconds, `tokenLifetime` in seconds: nobody's token outlives it. */
export interface WordOptions {
  readonly issuer: string;
  readonly tokenLifetime: number;
  readonly now: number;
}

/** A session is over: whatever token was made for it opens nothing more. */
export function sessionWord(sid: string, why: MeetingEnd, { issuer, tokenLifetime, now }: WordOptions): Word {
  return { iss: issuer, sid, why, until: now + tokenLifetime };
}

/**
 * What holds until it is taken back: who was put out of which room, and which keys are revoked.
 *
 * Half a character is no text to Prosody: it would take nothing of the whole answer, and end nobody.
 */
export function standingWords(
  { kicks, revoked }: { readonly kicks: readonly Kick[]; readonly revoked: readonly RevokedKey[] },
  { issuer, tokenLifetime, now }: WordOptions,
): readonly Word[] {
  const people = kicks.map(
    ({ person, room, until, reason }): Word => ({
      iss: issuer,
      person: userIdOf({ id: person }).toWellFormed(),
      room: prosodyNode(room),
      why: 'kicked',
      until: Math.ceil(until / 1000),
      ...(reason !== undefined && { text: reason.toWellFormed() }),
    }),
  );
  const keys = revoked
    .map(({ kid, revokedAt }): Word => ({ kid, why: 'key-revoked', until: revokedAt + tokenLifetime }))
    .filter(({ until }) => until > now);
  return [...people, ...keys];
}

/** Is this connection meant, as far as a report tells? */
export function isMeant(word: Word, { iss, sid, person, room, rooms }: Reported): boolean {
  if (word.kid !== undefined || word.iss !== iss) return false;
  if (word.sid !== undefined && word.sid !== sid) return false;
  if (word.person !== undefined && word.person !== person) return false;
  return word.room === undefined || word.room === room || rooms.includes(word.room);
}
