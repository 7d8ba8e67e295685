/**
 * What `admit` may answer. Values, never exceptions.
 */
import type { AppClient } from '../base/client.ts';
import type { Person } from '../base/person.ts';
import type { Room } from '../base/room.ts';
import type { Shut } from '../policy/room-times.ts';
import type { Admission } from '../policy/rule.ts';

declare const grantBrand: unique symbol;

/** Somebody proved to be live here: the person, and by which session. */
export interface Recognised {
  readonly person: Person;
  /** What the session is known by in the store; it opens nothing. */
  readonly session: string;
}

/** A "yes": only `admit` makes one, and only a Grant can be minted. */
export interface Grant {
  readonly [grantBrand]: true;
  readonly person: Person;
  readonly session: string;
  readonly room: Room;
  readonly decision: Admission;
  /** The app it is for, where it is for one. */
  readonly client?: AppClient;
  /** For a connection that was here a moment ago and goes on: of this nothing is made that lasts. */
  readonly resumes?: true;
  /** To lead the room from its page: nothing is made of this at all. */
  readonly anyHour?: true;
}

/** What the spine says to a door. */
export type Outcome =
  | { readonly kind: 'admitted'; readonly grant: Grant }
  | ({ readonly kind: 'seen' } & Recognised)
  /** `guests`: the rules would take somebody who only gives a name. */
  | { readonly kind: 'sign-in'; readonly rule: string; readonly guests?: true }
  /** `byHand`: that a host comes is not enough, one has to let them in. */
  | ({ readonly kind: 'wait'; readonly rule: string; readonly byHand?: true } & Recognised)
  | {
      readonly kind: 'refused';
      readonly rule: string;
      readonly reason?: string;
      readonly person?: Person;
      /** They were put out of this room until then, in milliseconds since 1970. */
      readonly kickedUntil?: number;
      /** The rules would let them in, and the room is shut at this hour; and by which session they came. */
      readonly shut?: Shut & { readonly session: string };
      /** They waited, and a host did not let them in. */
      readonly turnedAway?: true;
    };

/** Under which code somebody who is not let in is told so. */
export function refusalOf(
  outcome: Extract<Outcome, { kind: 'wait' | 'refused' }>,
): 'entry.wait' | 'entry.refused' | 'entry.kicked' | 'entry.turned-away' | 'entry.early' | 'entry.closed' {
  if (outcome.kind === 'wait') return 'entry.wait';
  if (outcome.turnedAway) return 'entry.turned-away';
  if (outcome.shut !== undefined) return outcome.shut.opens === undefined ? 'entry.closed' : 'entry.early';
  return outcome.kickedUntil === undefined ? 'entry.refused' : 'entry.kicked';
}
