/**
 * When a meeting ends for somebody because their session did. Pure.
 */
import type { Standing } from '../identity/session.ts';

/** Their session was ended by somebody, or its time and the grace of the meeting are over. */
export type MeetingEnd = 'session-ended' | 'session-ran-out';

/** For how long a meeting outlives its session. */
export interface MeetingGrace {
  /** Seconds. */
  readonly meetingGrace: number;
  /** The clock ends a meeting as it ends a session. */
  readonly strict: boolean;
}

/** Why the connections of a session have to end, if they have to. `now` in milliseconds since 1970. */
export function meetingEnd(
  standing: Standing,
  { meetingGrace, strict }: MeetingGrace,
  now: number,
): MeetingEnd | undefined {
  if (standing === 'live') return undefined;
  if (standing === 'gone') return 'session-ended';
  const until = standing.ranOutAt + (strict ? 0 : meetingGrace);
  return now >= until * 1000 ? 'session-ran-out' : undefined;
}
