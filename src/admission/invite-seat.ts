/**
 * The places of an invitation that is counted: each has a name of its own, and the session that holds it now. Pure.
 */
import { digest } from '../base/random.ts';
import type { Room } from '../base/room.ts';
import { type Invite, roomOfInvite } from './invite-record.ts';

/** The id of the session that a browser holds for a room, live or not: who took a place before keeps it. */
export type Before = (room: Room) => string | undefined;

/** A place, and by which session it is held; being taken, by none yet. */
export interface Seat {
  readonly place: string;
  readonly handle?: string;
}

/** As it stands in the record. */
export function seatText({ place, handle }: Seat): string {
  return handle === undefined ? `taken-${place}` : `${place}.${handle}`;
}

/** The place that this browser took before. */
export function seatOf(invite: Invite, before: Before): Seat | undefined {
  const id = before(roomOfInvite(invite));
  const handle = id === undefined ? undefined : digest(id);
  const place = invite.seats.map((seat) => seat.split('.', 2)).find(([, held]) => held === handle)?.[0];
  return handle === undefined || place === undefined ? undefined : { place, handle };
}

/** The place under its session's name; without one it is given back. */
export function reseat(place: string, handle?: string) {
  return (invite: Invite): Invite => ({
    ...invite,
    seats: invite.seats.flatMap((seat) =>
      seat !== seatText({ place }) ? [seat] : handle === undefined ? [] : [seatText({ place, handle })],
    ),
  });
}
