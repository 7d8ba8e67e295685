/**
 * An invitation as it is sent on: a text to paste, and an entry for calendars. Pure. The only door to ical-generator.
 */
import ical, { ICalCalendarMethod } from 'ical-generator';
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
export function invitationText(
  words: Words,
  { link, by, about, starts }: Pick<InvitationProps, 'link' | 'by' | 'about'> & Partial<InvitationProps>,
): string {
  const how = { dateStyle: 'full', timeStyle: 'short', timeZone: 'UTC' } as const;
  return [
    fillText(words.invite.by, { by }),
    ...(about === undefined ? [] : [about]),
    // Whoever does not know the hour is told none.
    ...(starts === undefined
      ? []
      : [`${new Intl.DateTimeFormat(words.language, how).format(starts * 1000)} UTC`]),
    '',
    link,
  ].join('\n');
}

/**
 * An entry for calendars.
 * @see RFC 5545, section 3.6.1
 */
export function invitationCalendar(words: Words, props: InvitationProps): string {
  const { link, id, host, by, about, madeAt, starts, lasts } = props;
  const at = (seconds: number) => new Date(seconds * 1000);
  const calendar = ical({ prodId: '//Ostiary//Invitation//EN', method: ICalCalendarMethod.PUBLISH });
  calendar.createEvent({
    id: `${id}@${host}`,
    stamp: at(madeAt),
    start: at(starts),
    end: at(starts + lasts),
    summary: about ?? words.invite.card,
    description: `${fillText(words.invite.by, { by })}\n\n${link}`,
    location: link,
    url: link,
  });
  return calendar.toString();
}
