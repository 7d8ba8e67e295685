import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';
import { parseRoomPath } from '../base/room.ts';

const ROOM = parseRoomPath('/standup');

async function withAda(context: Parameters<typeof openTerminal>[0]) {
  const terminal = openTerminal(context);
  const server = await terminal.server();
  const person = { id: 'idp#ada', provider: 'idp', name: 'Ada', emailVerified: false, groups: [] };
  const { session } = await server.sessions.issue({ person });
  return { terminal, server, handle: session.handle };
}

test('somebody is put out of one room until the time is over, and the server feels it', async (context) => {
  const { terminal, server } = await withAda(context);
  assert.equal(await server.kicks.of('idp#ada', ROOM), undefined);
  const kicking = [
    'kick',
    '--person',
    'idp#ada',
    '--room',
    'Standup',
    '--for',
    '90m',
    '--reason',
    'Too loud.',
  ];
  const { code, out, err } = await terminal.run(...kicking);
  assert.deepEqual([code, out, err], [0, 'Put idp#ada (Ada) out of standup until 2026-03-02 10:30Z.', '']);
  terminal.clock.advance(2);
  assert.equal((await server.kicks.of('idp#ada', ROOM))?.reason, 'Too loud.');
  assert.equal(await server.kicks.of('idp#ada', parseRoomPath('/other')), undefined);
  const { out: list } = await terminal.run('kicks');
  assert.match(
    list,
    /^PERSON +NAME +ROOM +UNTIL +BY +REASON\nidp#ada +Ada +standup +2026-03-02 10:30Z +operator +Too loud\.$/,
  );
  const { out: undone } = await terminal.run('kick', '--undo', '--person', 'idp#ada', '--room', 'standup');
  assert.equal(undone, 'idp#ada (Ada) may enter standup again, as the rules say.');
  assert.equal((await terminal.run('kicks')).out, 'Nobody is put out of any room.');
  const written = (await server.records.list({ person: 'idp#ada' })).map(({ event, room, reason }) => [
    event,
    room,
    reason,
  ]);
  assert.deepEqual(written, [
    ['kicked', 'standup', 'Too loud.'],
    ['kick-undone', 'standup', undefined],
  ]);
});

test('a session names whose it is, and the room of a tenant is another', async (context) => {
  const { terminal, server, handle } = await withAda(context);
  const told = await terminal.json<{ person: string; room: string }>(
    ...['kick', '--session', handle.slice(0, 10), '--room', 'standup', '--tenant', 'sales'],
  );
  assert.deepEqual([told.person, told.room], ['idp#ada', 'sales/standup']);
  assert.equal(await server.kicks.of('idp#ada', ROOM), undefined);
  assert.ok(await server.kicks.of('idp#ada', parseRoomPath('/sales/standup')));
});

for (const session of ['-aB3_xyz-9', '--B3_xyz-90', '_aB3_xyz-9'])
  test(`"kick --session ${session}" means a handle, whatever it begins with`, async (context) => {
    const { terminal } = await withAda(context);
    const { err } = await terminal.run('kick', '--session', session, '--room', 'standup');
    assert.match(err, /^No session has that handle/);
  });

for (const [said, told] of [
  [['--person', 'a', '--session', 'b'], /^Whom\?/],
  [[], /^Whom\?/],
  [['--session', 'short'], /^No session has that handle/],
  [['--person', 'a', '--for', '2y'], /^"2y" is no span/],
  [['--person', 'a', '--for', '366d'], /^"366d" is no span/],
  [['--person', 'a', '--for', '30'], /^"30" is no span/],
  [['--person', 'Ada'], /^Ada is no id of a person\./],
  [['--person', 'a', '--reason', ' '], /^That is no reason/],
  [['--person', 'idp#a', '--undo'], /^idp#a is not put out of standup/],
] as const)
  test(`"kick ${said.join(' ')}" does nothing and says what would`, async (context) => {
    const { terminal, server } = await withAda(context);
    const { code, err } = await terminal.run('kick', '--room', 'standup', ...said);
    assert.equal(code, 1);
    assert.match(err, told);
    assert.deepEqual(await server.kicks.list(), []);
  });

test('whose session was ended before is put out by their id, and what that means is said', async (context) => {
  const { terminal, handle } = await withAda(context);
  const { out } = await terminal.run('sessions', 'end', handle);
  assert.equal(out, 'Ended 1 session of idp#ada.');
  const gone = await terminal.run('kick', '--session', handle, '--room', 'standup');
  assert.equal(gone.code, 1);
  assert.match(gone.err, /has ended.*\n.*--person/);
  const { code, err } = await terminal.run('kick', '--person', 'idp#ada', '--room', 'standup');
  assert.deepEqual(
    [code, err],
    [0, 'They are not signed in at this moment; should they sign in before then, they are refused.'],
  );
});
