/**
 * An invitation as it is sent on: a text to paste, and an entry for calendars. Pure.
 */
import { fillText } from './markup.ts';
import type { Words } from './words/en.ts';

/** What both say. Times in Unix seconds. */
export interface InvitationProps {
  /** The whole link. */
  readonly link: string;
  /** By which calendars know the entry again; no secret. */
  readonly id: string;
  /** The name of our host, behind the id. */
  readonly host: string;
  readonly by: string;
  readonly about?: string;
  readonly madeAt: number;
  readonly starts: number;
  /** Seconds. */
  readonly lasts: number;
}

/** A text to be pasted into a mail or a chat. The room is not named: the link leads there. */
export function invitationText(words: Words, { link, by, about, starts }: InvitationProps): string {
  const when = new Intl.DateTimeFormat(words.language, {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(starts * 1000);
  return [
    fillText(words.invite.by, { by }),
    ...(about === undefined ? [] : [about]),
    `${when} UTC`,
    '',
    link,
  ].join('\n');
}

/**
 * An entry for calendars, lines of 75 octets at most.
 * @see RFC 5545, sections 3.1 and 3.6.1
 */
export function invitationCalendar(words: Words, props: InvitationProps): string {
  const { link, id, host, by, about, madeAt, starts, lasts } = props;
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Ostiary//Invitation//EN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${id}@${host}`,
    `DTSTAMP:${stamp(madeAt)}`,
    `DTSTART:${stamp(starts)}`,
    `DTEND:${stamp(starts + lasts)}`,
    `SUMMARY:${escaped(about ?? words.invite.card)}`,
    `DESCRIPTION:${escaped(`${fillText(words.invite.by, { by })}\n\n${link}`)}`,
    `LOCATION:${escaped(link)}`,
    `URL:${link}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map(folded).join('\r\n');
}

function stamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
}

function escaped(text: string): string {
  return text.replace(/[\\;,]/g, (mark) => `\\${mark}`).replace(/\r?\n/g, '\\n');
}

const MOST_OCTETS = 75;

/** No character is cut in two. */
function folded(line: string): string {
  const pieces: string[] = [];
  let piece = '';
  for (const character of line) {
    if (Buffer.byteLength(piece + character) > MOST_OCTETS) {
      pieces.push(piece);
      piece = ' ';
    }
    piece += character;
  }
  return [...pieces, piece].join('\r\n');
}
