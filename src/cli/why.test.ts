import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal, type Terminal } from '../../test/support/terminal.ts';
import type { AuditEntry } from '../base/log.ts';

const RULES = [
  { name: 'suspended', when: { groups: ['suspended'] }, then: 'refuse' },
  { name: 'board', when: { rooms: ['board-*'], groups: ['directors'] }, then: 'host' },
  { name: 'staff', when: { groups: ['staff'], emailDomains: ['example.org'] }, then: 'participant' },
];

async function recorded(terminal: Terminal, entry: Partial<AuditEntry>) {
  terminal.configure({ rules: RULES, hosts: [] });
  const { audit, clock } = await terminal.server();
  await audit.record({
    at: clock.now(),
    id: 'AB12-CD34',
    event: 'refused',
    person: 'idp#mallory',
    name: 'Mallory',
    provider: 'idp',
    groups: ['guests'],
    email: 'mallory@example.net',
    room: 'board-2026',
    rule: '(no rule matched)',
    code: 'entry.refused',
    address: '192.0.2.9',
    ...entry,
  });
}

test('who was turned away, from which room, by which rule, and what would have let them in', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, {});
  const { code, out } = await terminal.run('why', 'ab12 cd34');
  assert.equal(code, 0);
  assert.equal(
    out,
    `when:    2026-03-02T09:00:00.000Z
what:    refused: The rules do not let this person into this room
who:     Mallory, idp#mallory
email:   mallory@example.net
groups:  guests
room:    board-2026
rule:    (no rule matched)
address: 192.0.2.9
What would let them in, by today's rules:
  as host by rule "board": would have to be in the group "directors"
  as participant by rule "staff": would have to be in the group "staff", and have a verified e-mail address at "example.org"
  by an invitation made here: ostiary invite make --room …
  once, by an entry made here: ostiary pass --room …`,
  );
});

test('a rule that stands before is named', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, { groups: ['directors', 'suspended'], rule: 'suspended' });
  assert.match(
    (await terminal.run('why', 'AB12CD34')).out,
    /by rule "board": rule "suspended" speaks before it/,
  );
});

test('where the rules have changed since, it says what they say now', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, { groups: ['directors'] });
  assert.match(
    (await terminal.run('why', 'AB12CD34')).out,
    /By today's rules they would be let in: host, by rule "board"\.$/,
  );
});

test('who entered is shown with role and rule, and nothing is said of what would let them in', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, { event: 'entered', role: 'host', rule: 'board', tenant: 'sales' });
  const { out } = await terminal.run('why', 'AB12-CD34');
  assert.match(out, /^room: +sales\/board-2026\nrole: +host\nrule: +board$/m);
  assert.ok(!out.includes('let them in'));
});

test('programs read the same as JSON', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, {});
  const [told] = await terminal.json<
    { id: string; at: string; now: { outcome: string; wouldLetIn: unknown[] } }[]
  >('why', 'AB12-CD34');
  assert.equal(told?.id, 'AB12-CD34');
  assert.equal(told?.at, '2026-03-02T09:00:00.000Z');
  assert.equal(told?.now.outcome, 'refuse');
});

test('of an id nobody knows it says where else to look', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, {});
  const { code, err } = await terminal.run('why', 'ZZZZ-ZZZZ');
  assert.equal(code, 1);
  assert.match(
    err,
    /^Nothing is known under ZZZZ-ZZZZ\.\nWhat is kept is who signed in, entered, or was not let in by a rule or by Jitsi\. Every other page stands in the log alone/,
  );
  assert.match(err, /^ {2}journalctl -u ostiary \| grep ZZZZ-ZZZZ$/m);
  assert.match(err, /^ {2}docker compose logs ostiary \| grep ZZZZ-ZZZZ$/m);
});

for (const typed of ['AB12', 'AB12-CD34-5', 'AB12-CDU4', 'people'])
  test(`"${typed}" is no reference`, async (context) => {
    const terminal = openTerminal(context);
    const { code, err } = await terminal.run('why', typed);
    assert.equal(code, 1);
    assert.match(err, new RegExp(`^${typed} is no reference\\.\\n`));
  });

test('a reference read over the telephone may have I, L and O in it', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, {});
  assert.match((await terminal.run('why', 'oi ll2cd3')).err, /^Nothing is known under 0111-2CD3\./);
});

test('a room of a record that no longer can be one stops nothing', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, { room: 'a/b' });
  const { code, out } = await terminal.run('why', 'AB12-CD34');
  assert.equal(code, 0);
  assert.match(out, /^room: +a\/b$/m);
});

test('of a link it tells the application’s person, what was proposed, and why it opened nothing', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, {
    ...{ event: 'link-refused', person: 'moodle#17', provider: 'moodle', room: 'other' },
    ...{ proposed: 'host', code: 'link.other-room' },
  });
  const { out } = await terminal.run('why', 'AB12-CD34');
  assert.match(out, /^what: +link-refused: The token in the link is for another room$/m);
  assert.match(out, /^who: .*moodle#17$/m);
  assert.match(out, /^proposed: +host$/m);
});

test('what today’s rules say to somebody by a link is what they said at the door', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, { person: 'moodle#17', provider: 'moodle', groups: [], proposed: 'host' });
  terminal.configure({
    rules: [],
    hosts: [],
    upstream: { url: 'http://127.0.0.1:9' },
    insecureHttp: true,
    issuers: [{ iss: 'moodle', secret: 'a secret of thirty-two bytes, or of some more' }],
  });
  const { out } = await terminal.run('why', 'AB12-CD34', '--json');
  assert.match(out, /"outcome": "host"/);
  assert.match(out, /"rule": "vouched for as host"/);
});

test('somebody put out of the room is told by whom, until when, and how that is taken back', async (context) => {
  const terminal = openTerminal(context);
  await recorded(terminal, { person: 'idp#mallory', code: 'entry.kicked', rule: '(put out of the room)' });
  await terminal.run('kick', '--person', 'idp#mallory', '--room', 'board-2026', '--for', '1h');
  const { out } = await terminal.run('why', 'AB12-CD34');
  assert.match(
    out,
    /^Put out of the room until 2026-03-02T10:00:00\.000Z, by operator, whatever the rules say\. To allow it again:\n {2}(.*)\nWhat would let them in/m,
  );
  const { code } = await terminal.run('kick', '--undo', '--room', 'board-2026', '--person', 'idp#mallory');
  assert.equal(code, 0);
  assert.ok(!(await terminal.run('why', 'AB12-CD34')).out.includes('Put out'));
});
