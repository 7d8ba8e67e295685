import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal, type Terminal } from '../../test/support/terminal.ts';
import { makeInvite } from '../admission/invite.ts';
import { parseRoomPath } from '../base/room.ts';
import { Secret } from '../base/secret.ts';

const HOUR = 3600;

async function withPeople(terminal: Terminal) {
  const server = await terminal.server();
  const signIn = (name: string) =>
    server.sessions.issue(
      {
        person: { id: `idp#${name}`, provider: 'idp', name, emailVerified: false, groups: ['staff'] },
        refreshToken: new Secret('refresh-canary'),
      },
      { address: '192.0.2.7' },
    );
  const people = { ada: await signIn('ada'), again: await signIn('ada'), grace: await signIn('grace') };
  return { server, people };
}

test('the list shows who is signed in, since when and from where', async (context) => {
  const terminal = openTerminal(context);
  await withPeople(terminal);
  const { code, out } = await terminal.run('sessions', 'list');
  assert.equal(code, 0);
  assert.match(out, /^HANDLE +PERSON +NAME +SIGNED IN +LAST SEEN +ADDRESS$/m);
  assert.match(out, /^[\w-]{12} +idp#grace +grace +2026-03-02 09:00Z +2026-03-02 09:00Z +192\.0\.2\.7$/m);
  assert.equal(out.split('\n').length, 4);
});

test('the list can be of one person, and of nobody', async (context) => {
  const terminal = openTerminal(context);
  await withPeople(terminal);
  const listed = await terminal.json<{ person: string }[]>('sessions', 'list', '--person', 'idp#ada');
  assert.deepEqual(
    listed.map(({ person }) => person),
    ['idp#ada', 'idp#ada'],
  );
  assert.deepEqual(await terminal.json('sessions', 'list', '--person', 'idp#nobody'), []);
  assert.equal(
    (await terminal.run('sessions', 'list', '--person', 'idp#nobody')).out,
    'Nobody is signed in.',
  );
});

test('nothing that opens a session stands in the list', async (context) => {
  const terminal = openTerminal(context);
  const { people } = await withPeople(terminal);
  for (const out of [
    (await terminal.run('sessions', 'list', '--json')).out,
    (await terminal.run('sessions', 'list')).out,
  ]) {
    assert.ok(!out.includes(people.ada.id.reveal()));
    assert.ok(!out.includes(people.ada.session.sealed ?? 'sealed'));
    assert.ok(!out.includes('canary'));
  }
});

test('a session ends by the beginning of its handle, and the server feels it within two seconds', async (context) => {
  const terminal = openTerminal(context);
  const { server, people } = await withPeople(terminal);
  assert.ok(await server.sessions.read(people.ada.id.reveal()));
  const { code, out } = await terminal.run('sessions', 'end', people.ada.session.handle.slice(0, 12));
  assert.deepEqual([code, out], [0, 'Ended 1 session of idp#ada.']);
  terminal.clock.advance(2);
  assert.equal(await server.sessions.read(people.ada.id.reveal()), undefined);
  assert.ok(await server.sessions.read(people.again.id.reveal()));
});

test('all sessions of a person end together, and each end stands in the audit', async (context) => {
  const terminal = openTerminal(context);
  const { server, people } = await withPeople(terminal);
  assert.equal(
    (await terminal.run('sessions', 'end', '--person', 'idp#ada')).out,
    'Ended 2 sessions of idp#ada.',
  );
  terminal.clock.advance(2);
  assert.ok(await server.sessions.read(people.grace.id.reveal()));
  const records = (await server.store.list('audit/')).map(({ value }) => JSON.parse(value));
  assert.deepEqual(
    records.map(({ event, person }) => `${event} ${person}`),
    ['session-ended idp#ada', 'session-ended idp#ada'],
  );
});

for (const [words, told] of [
  [[], /^Which session\?\n/],
  [['abcdefghijkl', '--person', 'idp#ada'], /^Which session\?\n/],
  [['abcdefghijkl'], /^There is no such session\.\n/],
  [['a'], /^There is no such session\.\n/],
  [['--person', 'idp#nobody'], /^There is no such session\.\n/],
] as const)
  test(`"sessions end ${words.join(' ')}" ends nothing and says why`, async (context) => {
    const terminal = openTerminal(context);
    const { server } = await withPeople(terminal);
    const { code, err } = await terminal.run('sessions', 'end', ...words);
    assert.equal(code, 1);
    assert.match(err, told);
    assert.equal((await server.sessions.list()).length, 3);
  });

test('a name that would move the cursor is shown without that', async (context) => {
  const terminal = openTerminal(context);
  const server = await terminal.server();
  const person = {
    id: 'idp#x\u009b2J',
    provider: 'idp',
    name: '\u001b[2Jroot\u202e',
    emailVerified: false,
    groups: [],
  };
  await server.sessions.issue({ person });
  const { out } = await terminal.run('sessions', 'list');
  assert.match(out, /idp#x\?2J +\?\[2Jroot\?/);
});

test('everything about a person can be forgotten', async (context) => {
  const terminal = openTerminal(context);
  const { server, people } = await withPeople(terminal);
  await server.audit.record({
    at: terminal.clock.now(),
    id: 'AAAA-BBBB',
    event: 'entered',
    person: 'idp#ada',
    room: 'x',
  });
  await server.audit.record({
    at: terminal.clock.now(),
    id: 'AAAA-CCCC',
    event: 'entered',
    person: 'idp#grace',
    room: 'x',
  });
  const room = parseRoomPath('/standup');
  const ada = { id: 'idp#ada', provider: 'idp', name: 'Ada', emailVerified: false, groups: [] };
  await server.door.waiting.note(ada, room);
  await server.door.lately.note(ada, room);
  await server.door.letIns.add(ada.id, room);
  await makeInvite(
    { room, role: 'guest', until: terminal.clock.now() / 1000 + 3600 },
    { role: 'host', maker: { kind: 'person', person: ada, address: '' } },
    server,
  );
  const { out } = await terminal.run('forget', '--person', 'idp#ada');
  assert.equal(out, 'Deleted 2 sessions, 4 records and 1 invitation of idp#ada.');
  assert.ok(!JSON.stringify(await server.store.list('')).includes('ada'));
  terminal.clock.advance(HOUR);
  assert.ok(await server.sessions.read(people.grace.id.reveal()));
});
