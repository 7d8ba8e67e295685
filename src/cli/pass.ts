/**
 * A one-time entry, for the morning the sign-in service is down.
 */
import { parseSpan } from '../base/duration.ts';
import type { Role } from '../base/role.ts';
import { makePass } from '../identity/pass.ts';
import { CONFIG, type Command, complain, type Given, type Io, JSON_OUT } from './command.ts';
import { withParts } from './open.ts';
import { ROLE, roleGiven } from './role.ts';
import { ROOM, roomGiven, roomText, TENANT } from './room.ts';
import { hour, iso, json, plain } from './text.ts';

/** `ostiary pass` */
export const pass: Command = {
  name: 'pass',
  does: 'let one person into one room without the sign-in service',
  about:
    'Prints a link once; whoever opens it first is let in, under the name they give. The code stands behind the #, which no server and no log sees.',
  options: [
    ROOM,
    TENANT,
    ROLE,
    {
      flags: '--for <time>',
      does: 'how long they stay signed in, from the moment the link is used, and how long it can be used',
      otherwise: '2h',
    },
    CONFIG,
    JSON_OUT,
  ],
  run: async (io, given) => {
    const role = roleGiven(given);
    if (typeof role !== 'string') return complain(io, ...role.wrong);
    const seconds = parseSpan(given.text('for') ?? '2h') ?? 0;
    if (seconds <= 0)
      return complain(
        io,
        `"${plain(given.text('for') ?? '')}" is no span of time for --for.`,
        'Write for example 30m, 2h or 1d.',
      );
    return give(io, given, { role, for: seconds });
  },
};

function give(
  io: Io,
  given: Given,
  wish: { readonly role: Role; readonly for: number },
): ReturnType<Command['run']> {
  return withParts(io, given, async ({ config, ...parts }) => {
    const room = roomGiven(given, config);
    const { code, person, usableUntil } = await makePass({ ...wish, room }, parts);
    const link = `${config.publicUrl}${config.prefix}/pass#${code.reveal()}`;
    if (given.flag('json'))
      io.out(json({ link, room: roomText(room), role: wish.role, person, usableUntil: iso(usableUntil) }));
    else {
      io.out(link);
      io.err(
        `Lets one person into ${roomText(room)} as ${wish.role}; can be used once, until ${hour(usableUntil)}. The audit calls them ${person}.`,
      );
    }
    return 0;
  });
}
