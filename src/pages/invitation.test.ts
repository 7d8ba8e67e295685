/** An invitation as it is sent on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invitationCalendar, invitationText } from './invitation.ts';
import { WORDS } from './words/language.ts';

const LINK = 'https://meet.example.org/_ostiary/invite?code=abcdefgh12345678abcdefgh1234';
const PROPS = {
  ...{ link: LINK, id: '9AVE-55RD', host: 'meet.example.org', by: 'Ada; of, the\r\nHouse' },
  ...{ about: 'Größe und Maß '.repeat(12).trim(), madeAt: 1_796_000_000, starts: 1_796_119_200, lasts: 2700 },
};

/** The lines of an entry, put together again as calendars do. */
function unfolded(text: string): readonly string[] {
  return text.replaceAll('\r\n ', '').split('\r\n');
}

test('the text names who invites, what for and when, and ends with the link', () =>
  assert.deepEqual(invitationText(WORDS.en, { ...PROPS, by: 'Ada', about: 'Planning' }).split('\n'), [
    'Ada invites you to this meeting.',
    'Planning',
    'Tuesday, December 1, 2026 at 10:00 AM UTC',
    '',
    LINK,
  ]));

test('the entry begins and ends when the meeting does, and leads there', () => {
  const lines = unfolded(invitationCalendar(WORDS.en, PROPS));
  for (const line of [
    'METHOD:PUBLISH',
    'UID:9AVE-55RD@meet.example.org',
    'DTSTART:20261201T100000Z',
    'DTEND:20261201T104500Z',
    `LOCATION:${LINK}`,
    `URL;VALUE=URI:${LINK}`,
  ])
    assert.ok(lines.includes(line), line);
});

test('no line is longer than 75 octets, and none is cut inside of a character', () => {
  for (const line of invitationCalendar(WORDS.de, PROPS).split('\r\n')) {
    assert.ok(Buffer.byteLength(line) <= 75, line);
    assert.ok(line.isWellFormed() && !line.includes('\ufffd'), line);
  }
});

test('what somebody wrote stays a text: it begins no line of its own, and ends no field', () => {
  const lines = unfolded(invitationCalendar(WORDS.en, { ...PROPS, about: 'x\r\nATTENDEE:eve;y,z' }));
  assert.ok(!lines.some((line) => line.startsWith('ATTENDEE') || line.startsWith('House')));
  assert.ok(lines.some((line) => line.startsWith('SUMMARY:x\\nATTENDEE:eve\\;y\\,z')));
});
