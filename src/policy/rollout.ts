/**
 * What is guarded while Ostiary is rolled out in stages: nothing until a date, then a part, then everything. Pure.
 *
 * Whatever cannot be read as a room is guarded where rooms decide: a name that we cannot read may be one to Jitsi.
 */
import { createHash } from 'node:crypto';
import { type AddressRanges, addressRanges } from '../base/address-ranges.ts';
import { type Room, roomKey } from '../base/room.ts';
import { fitsGlob } from './glob.ts';

/** The part that is guarded first: what fits one of these is, and everything else passes. */
export interface Rollout {
  /** Globs over the room's decoded, lower-case name, as in rules. */
  readonly rooms: readonly string[];
  /** Addresses and ranges that callers come from. */
  readonly networks: readonly string[];
  /** So many of a hundred rooms, 0 to 100. */
  readonly percent: number;
}

/** What a request says of itself. `unreadable`: it names a room that is none to us. */
export interface Staged {
  readonly address: string;
  readonly room?: Room | 'unreadable';
}

/** The stages, as one configuration has them. */
export interface Stages {
  /** Is a request guarded at this time (milliseconds since 1970)? */
  guards(about: Staged, now: number): boolean;
  /** Is a room guarded by its name, whoever asks? Then who passed unguarded must not get into it. */
  guardsRoom(room: Room | 'unreadable'): boolean;
  /** Does anything pass unguarded at this time, and because of which setting? */
  standing(now: number): 'nothing-guarded' | 'part-guarded' | 'all-guarded';
  /** Until when nothing is guarded, in milliseconds since 1970; absent where that was never said. */
  readonly until?: number;
  readonly rollout?: Rollout;
  /** Do names of rooms decide? */
  readonly byRoom: boolean;
}

/**
 * A room's place among a hundred, from 0 up to 100: the same for everybody, on every node and after every start, so that
 * all of one meeting are treated alike, and whoever is guarded at 10 percent is at 20.
 */
export function shareOf(room: Room): number {
  const digest = createHash('sha256')
    .update(`rollout ${roomKey(room)}`)
    .digest();
  return (digest.readUIntBE(0, 6) / 2 ** 48) * 100;
}

/** Makes the stages. Without `until` and `rollout` everything is guarded. */
export function stagesOf({
  until,
  rollout,
}: {
  readonly until?: number;
  readonly rollout?: Rollout;
}): Stages {
  const networks: AddressRanges = addressRanges(rollout?.networks ?? []);
  const byRoom = rollout !== undefined && (rollout.rooms.length > 0 || rollout.percent > 0);
  const guardsRoom: Stages['guardsRoom'] = (room) => {
    if (rollout === undefined || !byRoom) return false;
    if (room === 'unreadable') return true;
    return rollout.rooms.some((glob) => fitsGlob(glob, room.name)) || shareOf(room) < rollout.percent;
  };
  const standing: Stages['standing'] = (now) => {
    if (until !== undefined && now < until) return 'nothing-guarded';
    return rollout === undefined ? 'all-guarded' : 'part-guarded';
  };
  return {
    guards({ address, room }, now) {
      const stands = standing(now);
      if (stands !== 'part-guarded') return stands === 'all-guarded';
      return networks.includes(address) || (room !== undefined && guardsRoom(room));
    },
    guardsRoom,
    standing,
    byRoom,
    ...(until !== undefined && { until }),
    ...(rollout !== undefined && { rollout }),
  };
}
