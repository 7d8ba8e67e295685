/**
 * Rooms that are open at their times alone.
 *
 * Pure. Asked after the rules: they say who somebody is here, and this says whether anybody is let in now. Of a room
 * that nothing here speaks of, it says nothing.
 */
import type { Room } from '../base/room.ts';
import { matches } from './match.ts';
import { closesAfter, opensAfter } from './next-time.ts';
import type { Decision, Facts } from './rule.ts';
import { isWithin, type TimeWindow } from './times.ts';

/** When a room is open. */
export interface RoomTimes {
  /** Without any it is shut, until somebody else says when it is open. */
  readonly times: readonly TimeWindow[];
  /** Seconds before each for which hosts are let in already. */
  readonly hostsEarly: number;
  /** What is on, as people call it. */
  readonly title?: string | undefined;
}

/** The same for rooms by their names. */
export interface NamedRoomTimes extends RoomTimes {
  /** Globs over the room's decoded, lower-case name. */
  readonly names: readonly string[];
  /** Globs over the tenant; the empty text stands for "no tenant"; without, whichever it is. */
  readonly tenants?: readonly string[] | undefined;
}

/** What is told to somebody who stands before a room that is shut. */
export interface Shut {
  /** When they may enter, in milliseconds since 1970; absent where no time is known. */
  readonly opens?: number;
  /** The zone that was meant when the hour was written. */
  readonly zone?: string;
  readonly title?: string;
}

/** Everything that speaks of this room. */
export function timesFor(list: readonly NamedRoomTimes[], room: Room): readonly RoomTimes[] {
  return list.filter(({ names, tenants }) =>
    matches({ rooms: names, ...(tenants !== undefined && { tenants }) }, { room }),
  );
}

/** So many that follow one another are looked through; behind them no token is left that could end. */
const MOST_WINDOWS = 50;

/** Whether the room is open; and until when, if that is known. A host comes in a little earlier. */
function openUntil(
  all: readonly RoomTimes[],
  { now, host }: { readonly now: number; readonly host: boolean },
): { readonly closes?: number } | undefined {
  const windows = all.flatMap(({ times }) => times);
  let at = now;
  if (!windows.some((window) => isWithin(window, now))) {
    const soon = host ? nextOpening(all, { now, host: true }) : undefined;
    if (soon === undefined || soon.opens > now) return undefined;
    at = soon.begins;
  }
  // What follows without a gap is one time.
  for (let seen = 0; seen < MOST_WINDOWS; seen += 1) {
    const open = windows.filter((window) => isWithin(window, at));
    if (open.length === 0) return { closes: at };
    const ends = open.map((window) => closesAfter(window, at));
    if (ends.includes(undefined)) return {};
    at = Math.max(...ends.map((end) => end ?? 0));
  }
  return {};
}

/** When it opens next, for a host and for others: `begins` is the hour that was written. */
function nextOpening(
  all: readonly RoomTimes[],
  { now, host }: { readonly now: number; readonly host: boolean },
): (Required<Omit<Shut, 'title'>> & Pick<Shut, 'title'> & { readonly begins: number }) | undefined {
  const openings = all.flatMap(({ times, hostsEarly, title }) =>
    times.flatMap((window) => {
      const begins = opensAfter(window, now);
      if (begins === undefined) return [];
      const opens = host ? begins - hostsEarly * 1000 : begins;
      return [{ begins, opens, zone: window.zone, ...(title !== undefined && { title }) }];
    }),
  );
  return openings.toSorted((one, other) => one.opens - other.opens)[0];
}

/** What becomes of a decision before this room: who would be let in, or would wait, is told when it opens. */
export function inTime(decision: Decision, { roomTimes = [], now }: Facts): Decision {
  if (roomTimes.length === 0 || (decision.kind !== 'admit' && decision.kind !== 'wait')) return decision;
  const host = decision.kind === 'admit' && decision.role === 'host';
  const open = now === undefined ? undefined : openUntil(roomTimes, { now, host });
  if (open !== undefined)
    return decision.kind === 'admit' && open.closes !== undefined
      ? { ...decision, closes: open.closes }
      : decision;
  const next = now === undefined ? undefined : nextOpening(roomTimes, { now, host });
  if (next === undefined) return { kind: 'closed', rule: decision.rule, shut: {} };
  const { begins: _, ...shut } = next;
  return { kind: 'closed', rule: decision.rule, shut };
}
