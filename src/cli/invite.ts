/**
 * Invitations: made, listed, shown, taken back. The link is told once, where it is made; what is kept opens nothing.
 */
import {
  type InviteWish,
  listInvites,
  makeInvite,
  revokeInvite,
  revokeInvitesBy,
  sessionsOf,
} from '../admission/invite.ts';
import { type Invite, MOST_USES, makerId, placesLeft, roomOfInvite } from '../admission/invite-record.ts';
import { parseSpan } from '../base/duration.ts';
import { readMoment } from '../base/moment.ts';
import { readSpokenId, spokenId } from '../base/random.ts';
import { roomPath } from '../base/room.ts';
import { cleanEmail, cleanName } from '../identity/profile.ts';
import { invitationCalendar, invitationText } from '../pages/invitation.ts';
import { WORDS } from '../pages/words/language.ts';
import { CONFIG, type Command, complain, type Given, type Io, JSON_OUT } from './command.ts';
import { type TerminalParts, withParts } from './open.ts';
import { ROLE, roleGiven } from './role.ts';
import { ROOM, roomGiven, roomText, TENANT } from './room.ts';
import { columns, counted, hour, iso, json, pairs } from './text.ts';

const ID = { name: 'id', does: 'the eight characters that "ostiary invite list" shows' } as const;

/** How long one is good for, unless it is said. */
const A_WEEK = '7d';

/** `ostiary invite make` */
export const inviteMake: Command = {
  name: 'invite make',
  does: 'invite people to one room, by a link',
  about:
    'Prints the link once. To open it spends nothing; the button on its page does. Who comes by it is good for that one room, in that one role, until its end, also where no guests are let in; your own rules may still say less.',
  options: [
    ROOM,
    TENANT,
    ROLE,
    {
      flags: '--from <when>',
      does: 'when it begins to be good: 2026-12-01T09:00Z, with +01:00 or the like in place of Z, or a span from now as 2h',
      otherwise: 'now',
    },
    {
      flags: '--until <when>',
      does: 'when it ends, for the link and for everybody who came by it; written as above',
      otherwise: A_WEEK,
    },
    {
      flags: '--uses <number>',
      does: `so many people may come by it, ${MOST_USES} at most; or "any"`,
      otherwise: '1',
    },
    { flags: '--email <address>', does: 'only for who signs in with this verified address' },
    { flags: '--about <text>', does: 'what it is for, as the page, the text and the calendar show it' },
    { flags: '--by <name>', does: 'who invites, as they show it', otherwise: 'the name under pages' },
    { flags: '--text', does: 'print a text to be sent on, with the link in it' },
    { flags: '--ics', does: 'print an entry for calendars (iCalendar), with the link in it' },
    {
      flags: '--starts <when>',
      does: 'for text and calendar: when the meeting begins; without this and --from the text names no hour',
      otherwise: '--from',
    },
    { flags: '--lasts <time>', does: 'for the calendar: how long the meeting is', otherwise: '1h' },
    { flags: '--language <language>', does: 'of text and calendar: en, de, fr, es', otherwise: 'en' },
    CONFIG,
    JSON_OUT,
  ],
  run: async (io, given) => {
    if (given.flag('text') && given.flag('ics'))
      return complain(
        io,
        'One link is told once: as --text or as --ics?',
        'Write one of the two; the entry for calendars has the text in it.',
      );
    const wish = wishOf(io, given);
    return 'wrong' in wish ? complain(io, ...wish.wrong) : make(io, given, wish);
  },
};

type Wrong = { readonly wrong: readonly [what: string, whatToDo: string] };

interface Said extends Omit<InviteWish, 'room'> {
  readonly from: number;
  /** When the meeting begins, where somebody said so. */
  readonly starts?: number;
  readonly lasts: number;
  readonly language: keyof typeof WORDS;
}

function wishOf(io: Io, given: Given): Said | Wrong {
  const role = roleGiven(given);
  if (typeof role !== 'string') return role;
  const now = Math.floor(io.now() / 1000);
  const moments = momentsOf(given, now);
  if ('wrong' in moments) return moments;
  const from = moments.from ?? now;
  const until = moments.until ?? from + (parseSpan(A_WEEK) ?? 0);
  const starts = moments.starts ?? moments.from;
  if (until <= Math.max(from, now))
    return { wrong: ['It would be over before it begins.', '--until is later than now, and than --from.'] };
  const length = given.text('lasts') ?? '1h';
  const lasts = parseSpan(length) ?? 0;
  if (lasts <= 0)
    return { wrong: [`"${length}" is no span of time for --lasts.`, 'Write for example 45m or 2h.'] };
  const uses = usesOf(given.text('uses') ?? '1');
  if (uses === undefined)
    return { wrong: ['That is no number of people.', `Write 1 to ${MOST_USES}, or any.`] };
  const email = cleanEmail(given.text('email'));
  if (given.text('email') !== undefined && email === undefined)
    return { wrong: ['That is no e-mail address.', 'Write for example ada@example.org.'] };
  const language = given.text('language') ?? 'en';
  if (!isLanguage(language))
    return { wrong: ['We do not speak that language.', `It is one of: ${Object.keys(WORDS).join(', ')}.`] };
  const [title, by] = [cleanName(given.text('about')), cleanName(given.text('by'))];
  return {
    ...{ role, from, until, lasts, language },
    ...(starts !== undefined && { starts }),
    ...(uses !== 'any' && { uses }),
    ...(email !== undefined && { email }),
    ...(title !== undefined && { title }),
    ...(by !== undefined && { by }),
  };
}

interface Moments {
  readonly from?: number;
  readonly until?: number;
  readonly starts?: number;
}

/** Those that were given. */
function momentsOf(given: Given, now: number): Moments | Wrong {
  const moments: { -readonly [name in keyof Moments]: number } = {};
  for (const name of ['from', 'until', 'starts'] as const) {
    const said = given.text(name);
    if (said === undefined) continue;
    const moment = readMoment(said, now);
    if (moment === undefined)
      return {
        wrong: [
          `"${said}" is no moment for --${name}.`,
          'Write 2026-12-01T09:00Z or 2026-12-01T09:00+01:00, or a span as 2h.',
        ],
      };
    moments[name] = moment;
  }
  return moments;
}

async function make(io: Io, given: Given, said: Said): ReturnType<Command['run']> {
  return withParts(io, given, async ({ config, ...parts }) => {
    const room = roomGiven(given, config);
    const { starts, lasts, language, ...wish } = said;
    // Whoever may read the store may do anything: there is no higher role to keep from them.
    const { code, invite } = await makeInvite({ ...wish, room }, { role: 'host' }, parts);
    const link = `${config.publicUrl}${config.prefix}/invite?code=${code.reveal()}`;
    await note('invite-made', invite, { ...parts, config });
    const shown = {
      ...{
        link,
        lasts,
        id: invite.id,
        host: new URL(config.publicUrl).hostname,
        madeAt: invite.madeAt,
      },
      by: invite.by ?? config.pages.name,
      ...(invite.title !== undefined && { about: invite.title }),
    };
    const words = WORDS[language];
    if (given.flag('json')) io.out(json({ link, ...asJson(invite) }));
    else if (given.flag('ics'))
      io.out(invitationCalendar(words, { ...shown, starts: starts ?? invite.from }));
    else
      io.out(
        given.flag('text')
          ? invitationText(words, { ...shown, ...(starts !== undefined && { starts }) })
          : link,
      );
    if (!given.flag('json')) {
      io.err(told(invite));
      io.err(`Hosts see it, and who waits, at ${config.publicUrl}${config.prefix}/room${roomPath(room)}`);
    }
    return 0;
  });
}

function told(invite: Invite): string {
  const { id, role, from, until, uses, madeAt, email } = invite;
  const who = uses === undefined ? 'However many people' : uses === 1 ? 'One person' : `${uses} people`;
  const begins = from > madeAt ? ` from ${hour(from)}` : '';
  const only = email === undefined ? '' : `, signed in as ${email}`;
  return `${who} may come by it into ${roomText(roomOfInvite(invite))} as ${role}${only},${begins} until ${hour(until)}. To take it back: ostiary invite revoke ${id}`;
}

/** `ostiary invite list` */
export const inviteList: Command = {
  name: 'invite list',
  does: 'show the invitations there are',
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withParts(io, given, async (parts) => {
      const all = await listInvites(parts);
      if (given.flag('json')) io.out(json(all.map(asJson)));
      else if (all.length === 0) io.out('There is no invitation.');
      else io.out(columns(['ID', 'ROOM', 'ROLE', 'FROM', 'UNTIL', 'USED', 'ABOUT'], all.map(asRow)));
      return 0;
    }),
};

/** `ostiary invite show` */
export const inviteShow: Command = {
  name: 'invite show',
  does: 'show one invitation, and who is here by it',
  about: 'Never its link: what is kept of that opens nothing.',
  takes: [ID],
  options: [CONFIG, JSON_OUT],
  run: (io, given) =>
    withParts(io, given, async (parts) => {
      const id = readSpokenId(given.words[0] ?? '');
      const invite = (await listInvites(parts)).find((one) => one.id === id);
      if (invite === undefined) return none(io);
      const here = await sessionsOf(id, parts.sessions);
      const people = here.map(({ person }) => ({ person: person.id, name: person.name }));
      if (given.flag('json')) io.out(json({ ...asJson(invite), people }));
      else {
        const { room, from, until, used, ...rest } = asJson(invite);
        io.out(
          pairs({
            ...{
              id,
              room,
              role: rest.role,
              from,
              until,
              used,
              email: rest.email,
              about: rest.about,
              by: rest.by,
              'made by': rest.madeBy,
            },
            here: people.map(({ person, name }) => `${name ?? ''} ${person}`.trim()).join(', ') || 'nobody',
          }),
        );
      }
      return 0;
    }),
};

/** `ostiary invite revoke` */
export const inviteRevoke: Command = {
  name: 'invite revoke',
  does: 'take an invitation back, or all that somebody made',
  about:
    'Its link opens nothing from then on, and who came by it is signed out: as a gateway, or with our module in Prosody (mod_ostiary), they are out of the meeting within two seconds; elsewhere a meeting they are in goes on, because Prosody asks about a token once. What somebody who had come by it handed on is taken back too.',
  takes: [{ ...ID, optional: true }],
  options: [
    {
      flags: '--by <person>',
      does: 'in place of one: all that this person made, by the id that "ostiary why" shows; or "app:" and the name of an application',
    },
    CONFIG,
    JSON_OUT,
  ],
  run: async (io, given) => {
    const [id, by] = [given.words[0], given.text('by')];
    if ((id === undefined) === (by === undefined))
      return complain(io, 'Which invitation?', 'Write its eight characters, or --by and the id of a person.');
    return withParts(io, given, async (parts) => {
      const revoked =
        by === undefined
          ? await revokeInvite(readSpokenId(id ?? ''), parts)
          : await revokeInvitesBy(by, parts);
      if (revoked.length === 0) return none(io);
      for (const { invite } of revoked) await note('invite-revoked', invite, parts);
      const gone = revoked.map(({ invite, ended }) => ({
        ...asJson(invite),
        ended: ended.map(({ person }) => person.id),
      }));
      const sessions = counted(gone.flatMap(({ ended }) => ended).length, 'session');
      if (given.flag('json')) io.out(json(by === undefined && gone.length === 1 ? gone[0] : gone));
      else io.out(`Took back ${gone.map((one) => one.id).join(', ')}, and ended ${sessions}.`);
      return 0;
    });
  },
};

function none(io: Io): 1 {
  return complain(io, 'There is no such invitation.', 'Run "ostiary invite list": it shows those there are.');
}

async function note(
  event: 'invite-made' | 'invite-revoked',
  invite: Invite,
  { audit, clock, random }: TerminalParts,
): Promise<void> {
  const { name, tenant } = roomOfInvite(invite);
  await audit.record({
    ...{ at: clock.now(), id: spokenId(random), event, invite: invite.id, room: name, role: invite.role },
    ...(tenant !== undefined && { tenant }),
  });
}

function asRow(invite: Invite): readonly string[] {
  const { id, role, from, until, title } = invite;
  return [id, roomText(roomOfInvite(invite)), role, hour(from), hour(until), usedOf(invite), title ?? ''];
}

function usedOf(invite: Invite): string {
  const left = placesLeft(invite);
  return left === undefined ? 'any' : `${(invite.uses ?? 0) - left} of ${invite.uses}`;
}

/** Never the places: they are marks of sessions. */
function asJson(invite: Invite) {
  const { id, role, from, until, madeAt, email, title, by } = invite;
  return {
    ...{ id, room: roomText(roomOfInvite(invite)), role, from: iso(from), until: iso(until) },
    ...{ made: iso(madeAt), used: usedOf(invite), email, about: title, by },
    madeBy: invite.maker && makerId(invite.maker),
  };
}

function isLanguage(word: string): word is keyof typeof WORDS {
  return Object.hasOwn(WORDS, word);
}

function usesOf(said: string): number | 'any' | undefined {
  if (said === 'any') return 'any';
  const number = /^\d{1,4}$/.test(said) ? Number(said) : 0;
  return number >= 1 && number <= MOST_USES ? number : undefined;
}
