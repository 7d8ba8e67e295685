/**
 * Somebody whom Prosody let in by a token of ours, as our module there names them: who they are, and whether they may
 * still be where they are.
 *
 * The rules are not asked again: they were when the token was made, and where the person stands and by what they came
 * is not known here. Knows nothing of HTTP.
 */
import type { Clock } from '../../base/clock.ts';
import type { Person } from '../../base/person.ts';
import { Problem } from '../../base/problem.ts';
import { keyOfProsodyNode, type Room, roomFromClaim } from '../../base/room.ts';
import type { Sessions } from '../../identity/session.ts';
import { parseObject } from '../../identity/session-record.ts';
import type { Kicks } from '../kick.ts';
import { type MeetingGrace, meetingEnd } from '../meeting-end.ts';

declare const insideBrand: unique symbol;

/** Their session stands, and nobody put them out of the room: only this file makes one. */
export interface Inside {
  readonly [insideBrand]: true;
  readonly person: Person;
  readonly session: string;
  readonly room: Room;
}

/** Whom the module means, by what stands in their token. */
export interface Named {
  readonly iss: string;
  /** The handle of the session. */
  readonly sid: string;
  readonly room: Room;
}

/** Bytes of the question. */
export const LARGEST_QUESTION = 8192;
const LONGEST = { claim: 512, room: 1023 } as const;

/** A question as it came. Throws `request.malformed`, and what no room may be called. */
export function readNamed(text: string): Named {
  const said = parseObject(text) ?? refuse('json');
  if (said['v'] !== 1) refuse('version');
  const textOf = (name: 'iss' | 'sid' | 'room', longest: number) => {
    const value = said[name];
    return typeof value === 'string' && value !== '' && value.length <= longest ? value : refuse(name);
  };
  const key = keyOfProsodyNode(textOf('room', LONGEST.room));
  const [tenant, claim] = [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)];
  return {
    iss: textOf('iss', LONGEST.claim),
    sid: textOf('sid', LONGEST.claim),
    room: roomFromClaim(claim, tenant === '' ? undefined : tenant),
  };
}

function refuse(what: string): never {
  throw new Problem('request.malformed', { what });
}

/** What it takes to know them. */
export interface InsideParts extends MeetingGrace {
  /** What `iss` says in tokens of ours. */
  readonly issuer: string;
  readonly clock: Clock;
  readonly sessions: Pick<Sessions, 'standing' | 'peek' | 'ranOut'>;
  readonly kicks: Pick<Kicks, 'of'>;
}

/** Looks. Throws `ticket.unacceptable` and `entry.kicked`, and what the store throws. */
export async function insideAs({ iss, sid, room }: Named, parts: InsideParts): Promise<Inside> {
  if (iss !== parts.issuer) throw new Problem('ticket.unacceptable', { why: 'not-ours' });
  const standing = (await parts.sessions.standing([sid])).get(sid) ?? 'gone';
  const over = meetingEnd(standing, parts, parts.clock.now()) !== undefined;
  const session = over ? undefined : ((await parts.sessions.peek(sid)) ?? (await parts.sessions.ranOut(sid)));
  if (session === undefined) throw new Problem('ticket.unacceptable', { why: 'session-gone' });
  const { person } = session;
  if ((await parts.kicks.of(person.id, room)) !== undefined) throw new Problem('entry.kicked');
  return Object.freeze({ person, session: sid, room }) as Inside;
}
