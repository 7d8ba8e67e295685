/**
 * What happened at the door, by the id that somebody reads from their page: who,
 * which room, which rule, and what would have let them in.
 */
import type { Kick } from '../admission/kick.ts';
import type { AuditEntry } from '../base/log.ts';
import type { Person, PersonBound } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import { readSpokenId } from '../base/random.ts';
import type { Role } from '../base/role.ts';
import { type Room, roomFromQuery, roomOf, tenantFromPath } from '../base/room.ts';
import { thenOf } from '../policy/case-file.ts';
import { explain } from '../policy/explain.ts';
import { timesFor } from '../policy/room-times.ts';
import { CONFIG, type Command, complain, JSON_OUT } from './command.ts';
import { titleOf } from './failure.ts';
import { rulesOf, type TerminalParts, withParts } from './open.ts';
import { wantedLines } from './policy-words.ts';
import { roomText } from './room.ts';
import { iso, json, pairs, plain } from './text.ts';

/** What `readSpokenId` makes of the ids we give. */
const REFERENCE = /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/;

/** `ostiary why` */
export const why: Command = {
  name: 'why',
  does: 'tell why somebody was let in or turned away',
  about:
    'Every page on which somebody is not let in shows a reference, as K7QF-2M9X; the log has it too. Says who it was, which rule or which failure decided, and what would have to change.',
  takes: [{ name: 'id', does: 'the reference: eight letters and digits, as AB12-CD34' }],
  options: [CONFIG, JSON_OUT],
  run: async (io, given) => {
    const id = readSpokenId(given.words[0] ?? '');
    if (!REFERENCE.test(id))
      return complain(
        io,
        `${plain(given.words[0] ?? '')} is no reference.`,
        'Give the eight letters and digits that stand on the page, as AB12-CD34.',
      );
    return withParts(io, given, async (parts) => {
      const entries = await parts.records.find(id);
      if (entries.length === 0)
        return complain(
          io,
          `Nothing is known under ${id}.`,
          [
            'What is kept is who signed in, entered, or was not let in by a rule or by Jitsi. Every other page stands in the log alone, and older records are gone after audit.keep. Look there:',
            `  journalctl -u ostiary | grep ${id}`,
            `  docker compose logs ostiary | grep ${id}`,
          ].join('\n'),
        );
      const told = await Promise.all(
        entries.map(async (entry) => ({ entry, now: await today(entry, parts) })),
      );
      if (given.flag('json'))
        io.out(
          json(told.map(({ entry, now }) => ({ ...entry, at: iso(entry.at / 1000), ...(now && { now }) }))),
        );
      else
        io.out(told.map(({ entry, now }) => [asPairs(entry), ...wantedLines(now)].join('\n')).join('\n\n'));
      return 0;
    });
  },
};

/** What today's rules say to somebody who was turned away; nothing where they were not, or where too little was kept. */
export interface Today {
  readonly outcome: string;
  readonly rule: string;
  readonly wouldLetIn: ReturnType<typeof explain>['wouldLetIn'];
  /** Stands before all rules, and still holds. */
  readonly putOut?: { readonly until: string; readonly by: string; readonly undo: string };
}

async function today(
  entry: AuditEntry,
  { config, bookings, kicks }: TerminalParts,
): Promise<Today | undefined> {
  const room = entry.event === 'refused' ? roomOfEntry(entry) : undefined;
  if (room === undefined) return undefined;
  const person = personOfEntry(entry, room);
  const { at: now, address } = entry;
  const roomTimes = [...timesFor(config.rooms, room), ...(await bookings.of(room))];
  const facts = {
    ...{ room, now, roomTimes },
    ...(person && { person }),
    ...(address !== undefined && { address }),
  };
  const { decision, wouldLetIn } = explain(facts, rulesOf(config));
  const kick = entry.person === undefined ? undefined : await kicks.of(entry.person, room);
  return {
    ...{ outcome: thenOf(decision), rule: decision.rule, wouldLetIn },
    ...(kick && { putOut: asPutOut(kick) }),
  };
}

function asPutOut({ person, room: { name, tenant }, until, by = 'operator' }: Kick) {
  const where = tenant === undefined ? '' : ` --tenant ${tenant}`;
  return {
    ...{ until: iso(until / 1000), by },
    undo: `ostiary kick --undo --room ${name}${where} --person '${person}'`,
  };
}

function roomOfEntry({ room, tenant }: AuditEntry): Room | undefined {
  if (room === undefined) return undefined;
  try {
    return roomOf(roomFromQuery(room), tenant === undefined ? undefined : tenantFromPath(tenant));
  } catch (thrown) {
    // Written by a version with other rules for names.
    if (isProblem(thrown)) return undefined;
    throw thrown;
  }
}

/** The audit keeps an address only if it was verified. */
function personOfEntry(entry: AuditEntry, room: Room): Person | undefined {
  const { person, provider, groups = [], email, proposed, invite } = entry;
  if (person === undefined || provider === undefined) return undefined;
  return {
    ...(proposed &&
      (invite === undefined
        ? { bound: linkOf(room, proposed) }
        : { invite: { ...linkOf(room, proposed), id: invite } })),
    id: person,
    provider,
    groups,
    emailVerified: email !== undefined,
    ...(email !== undefined && { email }),
  };
}

/** As it was when they stood at the door: what counts is the room, and what was proposed. */
function linkOf({ claim, tenant }: Room, role: Role): PersonBound {
  return { room: claim, ...(tenant !== undefined && { tenant }), role, until: Infinity };
}

function asPairs(entry: AuditEntry): string {
  const {
    at,
    event,
    person,
    name,
    email,
    groups,
    room,
    tenant,
    role,
    proposed,
    invite,
    by,
    rule,
    code,
    address,
  } = entry;
  return pairs({
    when: iso(at / 1000),
    what: code === undefined ? event : `${event}: ${plain(titleOf(code))}`,
    who:
      person === undefined
        ? 'nobody who had signed in'
        : [name, person].filter((word) => word !== undefined).join(', '),
    by,
    email,
    groups: groups?.join(', ') || undefined,
    room: room === undefined ? undefined : roomText({ name: room, ...(tenant !== undefined && { tenant }) }),
    role,
    proposed,
    invite,
    rule,
    address,
  });
}
