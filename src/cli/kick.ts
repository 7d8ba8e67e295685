/**
 * Putting somebody out of one room for a time.
 */
import type { Kick } from '../admission/kick.ts';
import { parseSpan } from '../base/duration.ts';
import { spokenId } from '../base/random.ts';
import type { Room } from '../base/room.ts';
import { CONFIG, type Command, complain, type ExitCode, type Given, type Io, JSON_OUT } from './command.ts';
import { type TerminalParts, withParts } from './open.ts';
import { ROOM, roomGiven, roomText, TENANT } from './room.ts';
import { columns, hour, iso, json, plain } from './text.ts';

/** So much of a handle at least must be written. */
const SHORTEST = 8;
/** Seconds: for longer than this a rule is the place. */
const LONGEST = 365 * 86_400;
/** Characters of a reason that the page shows. */
const LONGEST_REASON = 400;

/** `ostiary kick` */
export const kick: Command = {
  name: 'kick',
  does: 'put somebody out of one room for a time',
  about:
    'One of --person and --session must be given. Where we are a gateway, or our module in Prosody (mod_ostiary) reports, they are out of the meeting within two seconds; by every door they are refused for that room until the time is over. Other rooms stay open to them. Elsewhere a meeting they are in goes on. A guest without an account is known by their session alone, and one who throws away their cookies is another guest.',
  options: [
    { flags: '--person <id>', does: 'the id of the person, as "ostiary sessions list" shows it' },
    {
      flags: '--session <handle>',
      does: `in place of --person: the handle of a session of theirs, or its first ${SHORTEST} characters or more`,
    },
    ROOM,
    TENANT,
    { flags: '--for <time>', does: 'how long', otherwise: '2h' },
    { flags: '--reason <sentence>', does: 'a sentence for them' },
    { flags: '--undo', does: 'let them in again, as the rules say' },
    CONFIG,
    JSON_OUT,
  ],
  run: async (io, given) => {
    const seconds = parseSpan(given.text('for') ?? '2h') ?? 0;
    if (seconds <= 0 || seconds > LONGEST)
      return complain(
        io,
        `"${plain(given.text('for') ?? '')}" is no span of time for --for.`,
        'Write for example 30m, 2h or 7d; at most 365d.',
      );
    const reason = given.text('reason');
    if (reason !== undefined && (reason.trim() === '' || reason.length > LONGEST_REASON))
      return complain(io, 'That is no reason.', `Write one sentence, of up to ${LONGEST_REASON} characters.`);
    if ((given.text('person') === undefined) === (given.text('session') === undefined))
      return complain(
        io,
        'Whom?',
        'Name --person and an id, or --session and a handle; "ostiary sessions list" shows both.',
      );
    const id = given.text('person');
    if (id !== undefined && !id.includes('#'))
      return complain(
        io,
        `${plain(id)} is no id of a person.`,
        'Write it as "ostiary sessions list" shows it, as keycloak#8d7f; a name is not enough.',
      );
    return withParts(io, given, async (parts) => {
      const room = roomGiven(given, parts.config);
      const person = await personMeant(given, parts);
      if (person === 'several')
        return complain(io, 'More than one handle begins like that.', 'Write more of it.');
      if (person === undefined)
        return complain(
          io,
          'No session has that handle: it has ended, or never was.',
          'Name the person with --person ("ostiary sessions end" told the id; "ostiary sessions list" shows who is signed in).',
        );
      if (given.flag('undo')) return undo(io, given, { person, room, parts });
      const made = await parts.kicks.add({
        ...{ ...person, room, seconds },
        ...(reason !== undefined && { reason }),
      });
      await note(made, 'kicked', parts);
      if (given.flag('json')) io.out(json(asJson(made)));
      else {
        io.out(plain(`Put ${whoOf(made)} out of ${roomText(room)} until ${hour(made.until / 1000)}.`));
        if (!person.known)
          io.err('They are not signed in at this moment; should they sign in before then, they are refused.');
      }
      return 0;
    });
  },
};

/** `ostiary kicks` */
export const kicks: Command = {
  name: 'kicks',
  does: 'show who was put out of which room',
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withParts(io, given, async (parts) => {
      const all = await parts.kicks.list();
      if (given.flag('json')) io.out(json(all.map(asJson)));
      else if (all.length === 0) io.out('Nobody is put out of any room.');
      else
        io.out(
          columns(
            ['PERSON', 'NAME', 'ROOM', 'UNTIL', 'BY', 'REASON'],
            all.map(({ person, name, room, until, reason, by }) => [
              person,
              name ?? '',
              roomText(room),
              hour(until / 1000),
              by ?? 'operator',
              reason ?? '',
            ]),
          ),
        );
      return 0;
    }),
};

interface Meant {
  readonly person: string;
  readonly name?: string;
  /** Do they hold a session? */
  readonly known: boolean;
}

async function personMeant(
  given: Given,
  { sessions }: TerminalParts,
): Promise<Meant | 'several' | undefined> {
  const [id, handle = ''] = [given.text('person'), given.text('session')];
  const all = await sessions.list();
  if (id === undefined && handle.length < SHORTEST) return undefined;
  const theirs = all.filter((one) =>
    id === undefined ? one.handle.startsWith(handle) : one.person.id === id,
  );
  if (id === undefined && theirs.length > 1) return 'several';
  const found = theirs[0]?.person;
  const person = id ?? found?.id;
  if (person === undefined) return undefined;
  return { person, known: found !== undefined, ...(found?.name !== undefined && { name: found.name }) };
}

async function undo(
  io: Io,
  given: Given,
  {
    person: { person },
    room,
    parts,
  }: { readonly person: Meant; readonly room: Room; readonly parts: TerminalParts },
): Promise<ExitCode> {
  const undone = await parts.kicks.undo(person, room);
  if (undone === undefined)
    return complain(
      io,
      `${plain(person)} is not put out of ${plain(roomText(room))}.`,
      'Run "ostiary kicks": it shows who is.',
    );
  await note({ ...undone, id: spokenId(parts.random) }, 'kick-undone', parts);
  if (given.flag('json')) io.out(json(asJson(undone)));
  else io.out(plain(`${whoOf(undone)} may enter ${roomText(room)} again, as the rules say.`));
  return 0;
}

function whoOf({ person, name }: Kick): string {
  return name === undefined ? person : `${person} (${name})`;
}

async function note(
  { id, person, name, room, until, reason }: Kick,
  event: 'kicked' | 'kick-undone',
  { audit, clock }: TerminalParts,
): Promise<void> {
  await audit.record({
    at: clock.now(),
    ...{ id, event, person, room: room.name },
    ...(room.tenant !== undefined && { tenant: room.tenant }),
    ...(name !== undefined && { name }),
    ...(event === 'kicked' && { until, ...(reason !== undefined && { reason }) }),
  });
}

function asJson({ id, person, name, room, at, until, reason, by }: Kick) {
  return { id, person, name, room: roomText(room), at: iso(at / 1000), until: iso(until / 1000), reason, by };
}
