import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';
import { makeInvite } from '../admission/invite.ts';
import { unixSeconds } from '../base/clock.ts';
import type { Person } from '../base/person.ts';
import { parseRoomPath } from '../base/room.ts';

interface Told {
  readonly id: string;
  readonly link: string;
  readonly room: string;
  readonly role: string;
  readonly from: string;
  readonly until: string;
  readonly used: string;
  readonly madeBy?: string;
}

test('an invitation is made, listed, shown and taken back, and its link is told once', async (context) => {
  const terminal = openTerminal(context);
  await terminal.server();
  const { link, id, ...made } = await terminal.json<Told>(
    'invite',
    'make',
    '--room',
    'Stand-Up',
    '--about',
    'Budget',
  );
  assert.match(link, /^https:\/\/meet\.example\.org\/_ostiary\/invite\?code=[0-9a-z]{28}$/);
  assert.deepEqual(
    [made.room, made.role, made.used, made.until],
    ['stand-up', 'participant', '0 of 1', '2026-03-09T09:00:00.000Z'],
  );
  for (const words of [['list'], ['show', id.toLowerCase()], ['list', '--json'], ['show', id, '--json']]) {
    const { out } = await terminal.run('invite', ...words);
    assert.match(out, /Budget/);
    assert.ok(!out.includes(link.split('=')[1] ?? ''));
  }
  assert.match((await terminal.run('invite', 'revoke', id)).out, /^Took back .*, and ended 0 sessions\.$/);
  assert.match((await terminal.run('invite', 'list')).out, /^There is no invitation\.$/);
  assert.equal((await terminal.run('invite', 'revoke', id)).code, 1);
});

test('moments are written with their zone, or as spans', async (context) => {
  const terminal = openTerminal(context);
  await terminal.server();
  const words = ['--from', '2026-04-01T09:00+02:00', '--until', '40d', '--uses', 'any', '--role', 'host'];
  const { from, until, used, role } = await terminal.json<Told>('invite', 'make', '--room', 'x', ...words);
  assert.deepEqual(
    [from, until, used, role],
    ['2026-04-01T07:00:00.000Z', '2026-04-11T09:00:00.000Z', 'any', 'host'],
  );
});

test('it is told as a text in the language asked for, and as an entry for calendars', async (context) => {
  const terminal = openTerminal(context);
  await terminal.server();
  const words = ['invite', 'make', '--room', 'x', '--by', 'Grace', '--about', 'Budget; last, questions'];
  const text = await terminal.run(...words, '--text', '--language', 'de', '--starts', '2026-03-03T10:00Z');
  assert.match(
    text.out,
    /^Grace lädt Sie .*\nBudget; last, questions\n.*2026.*UTC\n\nhttps:\/\/meet\.example\.org\//,
  );
  const { out } = await terminal.run(...words, '--ics', '--starts', '2026-03-03T10:00Z', '--lasts', '90m');
  assert.match(out, /^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\n/);
  assert.match(out, /\r\nDTSTART:20260303T100000Z\r\nDTEND:20260303T113000Z\r\n/);
  assert.match(out, /\r\nSUMMARY:Budget\\; last\\, questions\r\n/);
  for (const line of out.split('\r\n')) assert.ok(Buffer.byteLength(line) <= 75, line);
  assert.match(
    out.replaceAll('\r\n ', ''),
    /\r\nURL;VALUE=URI:https:\/\/meet\.example\.org\/_ostiary\/invite\?code=\w{28}\r\n/,
  );
});

test('the text of a link that is good from now on names no hour at which a meeting would begin', async (context) => {
  const terminal = openTerminal(context);
  await terminal.server();
  const words = ['invite', 'make', '--room', 'x', '--by', 'Grace', '--text'];
  assert.match(
    (await terminal.run(...words)).out,
    /^Grace invites you to this meeting\.\n\nhttps:\/\/meet\.example\.org\//,
  );
  assert.match((await terminal.run(...words, '--from', '2026-03-03T10:00Z')).out, /March 3, 2026.*UTC\n/);
});

for (const [words, told] of [
  [['--role', 'boss'], /^"boss" is no role\./],
  [['--until', '2026-12-01T09:00'], /^"2026-12-01T09:00" is no moment for --until\.\n/],
  [['--from', 'tomorrow', '--until', '2d'], /^"tomorrow" is no moment for --from\.\n/],
  [['--starts', '9:00'], /^"9:00" is no moment for --starts\.\n/],
  [['--from', '2d', '--until', '1d'], /^It would be over before it begins\./],
  [['--until', '0s'], /^It would be over before it begins\./],
  [['--uses', '0'], /^That is no number of people\./],
  [['--uses', '1001'], /^That is no number of people\./],
  [['--email', 'ada'], /^That is no e-mail address\./],
  [['--language', 'la'], /^We do not speak that language\./],
  [['--lasts', 'ever'], /^"ever" is no span of time for --lasts\.\n/],
  [['--lasts', '90'], /^"90" is no span of time for --lasts\.\n/],
  [['--until', '2'], /^"2" is no moment for --until\.\n/],
  [['--text', '--ics'], /^One link is told once/],
  [['--room', 'a/b/c'], /^The room name cannot be used/],
  [['--room', 'https://elsewhere.example/x'], /a link of another site, ours: meet\.example\.org/],
] as const)
  test(`no invitation is made for ${words.join(' ')}`, async (context) => {
    const terminal = openTerminal(context);
    const { store } = await terminal.server();
    const { code, err } = await terminal.run('invite', 'make', '--room', 'x', ...words);
    assert.equal(code, 1);
    assert.match(err, told);
    assert.deepEqual(await store.list('invite/'), []);
  });

test('all that somebody made is taken back at once, with what was handed on, and nothing else', async (context) => {
  const terminal = openTerminal(context);
  const server = await terminal.server();
  const now = unixSeconds(terminal.clock);
  const wish = { room: parseRoomPath('/standup'), role: 'host', until: now + 3600 } as const;
  const ada = { id: 'idp#ada', provider: 'idp', emailVerified: false, groups: [] };
  const by = (person: Person) => ({ kind: 'person', person, address: '' }) as const;
  const first = await makeInvite(wish, { role: 'host', maker: by(ada) }, server);
  const good = { id: first.invite.id, room: 'standup', role: 'host', until: now + 3600 } as const;
  const deputy = { ...ada, id: 'invite#x', invite: good };
  await makeInvite(wish, { role: 'host', maker: by(deputy) }, server);
  await makeInvite(wish, { role: 'host', maker: { kind: 'app', name: 'crm' } }, server);
  const mine = await makeInvite(wish, { role: 'host' }, server);
  await server.sessions.issue({ person: deputy });
  assert.match(
    (await terminal.run('invite', 'revoke', '--by', 'idp#ada')).out,
    /^Took back ....-...., ....-...., and ended 1 session\.$/,
  );
  assert.equal((await terminal.run('invite', 'revoke', '--by', 'idp#ada')).code, 1);
  const left = await terminal.json<readonly Told[]>('invite', 'list');
  assert.deepEqual(left.map(({ madeBy }) => madeBy).toSorted(), ['app:crm', undefined]);
  assert.equal((await terminal.run('invite', 'revoke', '--by', 'app:crm')).code, 0);
  assert.deepEqual(
    (await terminal.json<readonly Told[]>('invite', 'list')).map(({ id }) => id),
    [mine.invite.id],
  );
});

test('which invitation is to be taken back is said in one way', async (context) => {
  const terminal = openTerminal(context);
  await terminal.server();
  for (const words of [[], ['AAAA-AAAA', '--by', 'idp#ada']]) {
    const { code, err } = await terminal.run('invite', 'revoke', ...words);
    assert.equal(code, 1);
    assert.match(err, /^Which invitation\?/);
  }
});
