/**
 * When rooms are open: said at the terminal, beside the configuration and what applications say.
 */
import { type BookedTimes, OPERATOR } from '../admission/booked-times.ts';
import { parseSpan } from '../base/duration.ts';
import type { AuditEvent } from '../base/log.ts';
import { spokenId } from '../base/random.ts';
import { cleanName } from '../identity/profile.ts';
import { opensAfter } from '../policy/next-time.ts';
import { isWithin, readTimeWindow, type TimeWindow, whyNoWindow, windowText } from '../policy/times.ts';
import { CONFIG, type Command, complain, JSON_OUT } from './command.ts';
import { type TerminalParts, withParts } from './open.ts';
import { ROOM, roomGiven, roomText, TENANT } from './room.ts';
import { columns, hour, iso, json, plain } from './text.ts';

const AN_EXAMPLE =
  'Write it as "2026-12-01T09:00..2026-12-01T11:00 Europe/Berlin" or "mon,wed 10:00-11:30 Europe/Berlin".';

/** `ostiary times set` */
export const timesSet: Command = {
  name: 'times set',
  does: 'say when a room is open',
  about:
    'Felt within a second, without a restart. Takes the place of what was said here of this room before; what the configuration and applications say of it stays, and it is open whenever one of them says so. A month after the end of the last time it is forgotten, and what has no end after 400 days.',
  options: [
    ROOM,
    TENANT,
    {
      flags: '--times <windows>',
      does: "when, as under rooms[].times: '2026-12-01T09:00..2026-12-01T11:00 Europe/Berlin'; several with semicolons between",
      needed: true,
    },
    { flags: '--title <text>', does: 'what is on, for who comes too early' },
    { flags: '--early <time>', does: 'how long before hosts are let in', otherwise: 'as the others' },
    CONFIG,
    JSON_OUT,
  ],
  run: async (io, given) => {
    const times = windowsIn(given.text('times') ?? '');
    if ('wrong' in times) return complain(io, times.wrong, AN_EXAMPLE);
    if (times.every((window) => !isWithin(window, io.now()) && opensAfter(window, io.now()) === undefined))
      return complain(io, 'That time is over.', AN_EXAMPLE);
    const early = given.text('early');
    const hostsEarly = early === undefined ? 0 : parseSpan(early);
    if (hostsEarly === undefined)
      return complain(
        io,
        `"${plain(early ?? '')}" is no span of time for --early.`,
        'Write for example --early 15m.',
      );
    const title = cleanName(given.text('title'));
    return withParts(io, given, async (parts) => {
      const room = roomGiven(given, parts.config);
      const booked = await parts.bookings.set({
        ...{ by: OPERATOR, room, times, hostsEarly },
        ...(title !== undefined && { title }),
      });
      await note(booked, 'room-times-set', parts);
      if (given.flag('json')) io.out(json(asJson(booked)));
      else
        io.out(
          plain(
            `${roomText(room)} is open ${times.map(windowText).join('; ')}, and at no other time said here.`,
          ),
        );
      return 0;
    });
  },
};

/** `ostiary times list` */
export const timesList: Command = {
  name: 'times list',
  does: 'show when rooms are open, as it was said here and by applications',
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withParts(io, given, async ({ bookings }) => {
      const all = await bookings.list();
      if (given.flag('json')) io.out(json(all.map(asJson)));
      else if (all.length === 0) io.out('Nothing was said of any room, beside the configuration.');
      else
        io.out(
          columns(
            ['ROOM', 'BY', 'OPEN', 'TITLE', 'FORGOTTEN'],
            all.map(({ room, by, times, title, until }) => [
              roomText(room),
              by,
              times.map(windowText).join('; '),
              title ?? '',
              hour(until / 1000),
            ]),
          ),
        );
      return 0;
    }),
};

/** `ostiary times remove` */
export const timesRemove: Command = {
  name: 'times remove',
  does: 'take back what was said of the times of a room, here and by applications',
  about:
    'What the configuration says stays. A room of which nothing is said any more is open to whom the rules let in.',
  options: [ROOM, TENANT, CONFIG, JSON_OUT],
  run: (io, given) =>
    withParts(io, given, async (parts) => {
      const room = roomGiven(given, parts.config);
      const gone = await parts.bookings.remove(room);
      if (gone === undefined)
        return complain(
          io,
          `Nothing was said of the times of ${plain(roomText(room))}.`,
          'Run "ostiary times list": it shows of which rooms.',
        );
      for (const one of gone) await note(one, 'room-times-removed', parts);
      if (given.flag('json')) io.out(json(gone.map(asJson)));
      else io.out(plain(`Taken back: the times of ${roomText(room)}.`));
      return 0;
    }),
};

function windowsIn(text: string): readonly TimeWindow[] | { readonly wrong: string } {
  const windows = text.split(';').map((one) => readTimeWindow(one));
  const read = windows.filter((window) => window !== undefined);
  if (read.length === windows.length) return read;
  const bad = text.split(';').find((one) => readTimeWindow(one) === undefined) ?? '';
  return { wrong: plain(`"${bad.trim()}" ${whyNoWindow(bad)}.`) };
}

async function note(
  { room, times }: BookedTimes,
  event: Extract<AuditEvent, 'room-times-set' | 'room-times-removed'>,
  { audit, clock, random }: TerminalParts,
): Promise<void> {
  await audit.record({
    at: clock.now(),
    ...{
      id: spokenId(random),
      event,
      by: OPERATOR,
      room: room.name,
      times: times.map(windowText).join('; '),
    },
    ...(room.tenant !== undefined && { tenant: room.tenant }),
  });
}

function asJson({ room, by, times, title, hostsEarly, at, until }: BookedTimes) {
  return {
    ...{ room: roomText(room), by, times: times.map(windowText), title, hostsEarly },
    ...{ at: iso(at / 1000), forgottenAt: iso(until / 1000) },
  };
}
