/**
 * Who is signed in, and ending it.
 */
import { spokenId } from '../base/random.ts';
import type { Session } from '../identity/session.ts';
import { recordEnded } from '../identity/session-ended.ts';
import { CONFIG, type Command, complain, JSON_OUT } from './command.ts';
import { type TerminalParts, withParts } from './open.ts';
import { columns, counted, hour, iso, json } from './text.ts';

const PERSON = { flags: '--person <id>', does: 'those of one person' };

/** So much of a handle is shown, and so much at least must be written. */
const SHOWN = 12;
const SHORTEST = 8;

/** `ostiary sessions list` */
export const sessionsList: Command = {
  name: 'sessions list',
  does: 'show who is signed in',
  options: [PERSON, CONFIG, JSON_OUT],
  run: (io, given) =>
    withParts(io, given, async ({ sessions }) => {
      const person = given.text('person');
      const all = (await sessions.list()).filter(
        (session) => person === undefined || session.person.id === person,
      );
      const sorted = all.toSorted((a, b) => b.seenAt - a.seenAt);
      if (given.flag('json')) io.out(json(sorted.map(asJson)));
      else if (sorted.length === 0) io.out('Nobody is signed in.');
      else
        io.out(columns(['HANDLE', 'PERSON', 'NAME', 'SIGNED IN', 'LAST SEEN', 'ADDRESS'], sorted.map(asRow)));
      return 0;
    }),
};

/** `ostiary sessions end` */
export const sessionsEnd: Command = {
  name: 'sessions end',
  does: 'sign somebody out',
  about:
    'One handle or --person must be given. The server feels it within two seconds. Where we are a gateway, or our module in Prosody (mod_ostiary) reports, a meeting they are in ends for them too; elsewhere it goes on, because Prosody asks about a token once.',
  takes: [
    {
      name: 'handle',
      does: `the handle of one session, as "ostiary sessions list" shows it, or its first ${SHORTEST} characters or more`,
      optional: true,
    },
  ],
  options: [{ ...PERSON, does: 'all sessions of one person' }, CONFIG, JSON_OUT],
  run: (io, given) =>
    withParts(io, given, async (parts) => {
      const [handle] = given.words;
      const person = given.text('person');
      if ((handle === undefined) === (person === undefined))
        return complain(
          io,
          'Which session?',
          'Name one handle, or --person and the id of a person; "ostiary sessions list" shows both.',
        );
      const ended =
        person === undefined
          ? await endOne(handle ?? '', parts)
          : await parts.sessions.endAllOf(person, 'operator');
      if (ended === 'several')
        return complain(io, 'More than one handle begins like that.', 'Write more of it.');
      if (ended.length === 0)
        return complain(
          io,
          'There is no such session.',
          'Run "ostiary sessions list": it shows who is signed in.',
        );
      for (const session of ended) await note(session, parts);
      io.out(
        given.flag('json')
          ? json(ended.map(asJson))
          : `Ended ${counted(ended.length, 'session')} of ${ended[0]?.person.id}.`,
      );
      return 0;
    }),
};

async function endOne(start: string, { sessions }: TerminalParts): Promise<readonly Session[] | 'several'> {
  if (start.length < SHORTEST) return [];
  const meant = (await sessions.list()).filter(({ handle }) => handle.startsWith(start));
  if (meant.length > 1) return 'several';
  const ended = meant[0] && (await sessions.end(meant[0].handle, 'operator'));
  return ended ? [ended] : [];
}

function note(session: Session, parts: TerminalParts): Promise<void> {
  const { name } = session.person;
  const facts = { id: spokenId(parts.random), ...(name !== undefined && { name }) };
  return recordEnded([session], facts, parts);
}

function asRow({ handle, person, createdAt, seenAt, address }: Session): readonly string[] {
  return [handle.slice(0, SHOWN), person.id, person.name ?? '', hour(createdAt), hour(seenAt), address ?? ''];
}

/** Never what is sealed: a list is passed around. */
function asJson({ handle, person, createdAt, seenAt, checkedAt, address }: Session) {
  const { id, name, email, provider, groups } = person;
  return {
    handle,
    person: id,
    name,
    email,
    provider,
    groups,
    address,
    signedIn: iso(createdAt),
    lastSeen: iso(seenAt),
    lastChecked: iso(checkedAt),
  };
}
