import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';
import { parseRoomPath } from '../base/room.ts';

const SET = ['times', 'set', '--room', 'Exam', '--tenant', 'law'];

test('a room is said to be open at its times, the server feels it, and it is taken back', async (context) => {
  const terminal = openTerminal(context);
  const server = await terminal.server();
  const room = parseRoomPath('/law/exam');
  assert.deepEqual(await server.bookings.of(room), []);
  const window = '2027-03-01T09:00..2027-03-01T11:00 Europe/Berlin';
  const said = await terminal.run(...SET, '--times', window, '--title', 'Exam', '--early', '15m');
  assert.deepEqual(said, {
    code: 0,
    err: '',
    out: `law/exam is open ${window}, and at no other time said here.`,
  });
  terminal.clock.advance(2);
  const [booked] = await server.bookings.of(room);
  assert.deepEqual([booked?.by, booked?.hostsEarly, booked?.title], ['operator', 900, 'Exam']);
  const { out } = await terminal.run('times', 'list');
  assert.match(out, /^ROOM +BY +OPEN +TITLE +FORGOTTEN\nlaw\/exam +operator +2027-03-01T09:00/);
  const [listed] = await terminal.json<readonly { room: string; times: readonly string[] }[]>(
    'times',
    'list',
  );
  assert.deepEqual([listed?.room, listed?.times], ['law/exam', [window]]);
  assert.equal(
    (await terminal.run('times', 'remove', '--room', 'law/exam')).out,
    'Taken back: the times of law/exam.',
  );
  terminal.clock.advance(2);
  assert.deepEqual(await server.bookings.of(room), []);
  assert.equal(
    (await terminal.run('times', 'list')).out,
    'Nothing was said of any room, beside the configuration.',
  );
  const again = await terminal.run('times', 'remove', '--room', 'law/exam');
  assert.deepEqual([again.code, again.err.split('\n')[0]], [1, 'Nothing was said of the times of law/exam.']);
});

test('what is no time, or over, or no span, is told, and nothing is said of the room', async (context) => {
  const terminal = openTerminal(context);
  const server = await terminal.server();
  for (const [more, wrong] of [
    [
      ['--times', 'sometimes'],
      '"sometimes" is no window of time: "sometimes" is neither days, nor hours, nor dates, nor a zone.',
    ],
    [
      ['--times', 'mon; 2026-12-02..2026-12-01'],
      '"2026-12-02..2026-12-01" is no window of time: it ends before it begins.',
    ],
    [['--times', '2001-01-01..2001-01-02'], 'That time is over.'],
    [['--times', 'mon', '--early', 'soon'], '"soon" is no span of time for --early.'],
    [['--times', 'mon', '--early', '15'], '"15" is no span of time for --early.'],
  ] as const) {
    const { code, err } = await terminal.run(...SET, ...more);
    assert.deepEqual([code, err.split('\n')[0]], [1, wrong]);
  }
  assert.deepEqual(await server.bookings.list(), []);
});

test('why somebody was too early is told by today’s times', async (context) => {
  const terminal = openTerminal(context);
  const server = await terminal.server();
  await terminal.run(...SET, '--times', '2027-03-01T09:00..2027-03-01T11:00');
  await server.audit.record({
    ...{ at: terminal.clock.now(), id: 'AB12-CD34', event: 'refused', code: 'entry.early' },
    ...{ person: 'idp#ada', provider: 'idp', room: 'exam', tenant: 'law', rule: 'members' },
  });
  const { out } = await terminal.run('why', 'AB12-CD34');
  assert.match(out, /refused: This room opens later/);
  assert.match(
    out,
    /By today's rules they would be let in, by rule "members", were the room open at that time\./,
  );
});
