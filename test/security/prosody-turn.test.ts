/**
 * Where our Prosody module asks for TURN credentials: nobody else is given any there, and nobody gets them who has to go.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseRoomPath } from '../../src/base/room.ts';
import { makeDatabase, namesIn } from '../support/real/coturn.ts';
import { privateDirectory } from '../support/real/program.ts';
import { APP_ID, PREFIX, type Sent, type Stage, startStage } from '../support/server-stage.ts';
import { TURN_SECRET, turnSettings } from '../support/turn-stage.ts';

const SECRET = 'what the module in Prosody shows us: thirty-two bytes and more';
const WHERE = `${PREFIX}/prosody/turn`;
let stage: Stage;
let database: string;
before(async () => {
  database = join(await privateDirectory('turndb'), 'turndb');
  makeDatabase(database);
  stage = await startStage({
    config: {
      ...{ prosodyModule: { secret: SECRET }, access: 'members' },
      turn: turnSettings(3478, { database }),
    },
  });
});
after(() => stage.close());

async function person(name: string) {
  const about = { id: `sso#${name}`, provider: 'sso', name, emailVerified: false, groups: [] };
  return (await stage.parts.sessions.issue({ person: about })).session.handle;
}

const ask = (said: object, { headers, ...sent }: Sent = {}, at: Pick<Stage, 'ask'> = stage) =>
  at.ask(WHERE, {
    ...{ on: 'inner', method: 'POST', body: JSON.stringify({ v: 1, iss: APP_ID, room: 'standup', ...said }) },
    headers: { authorization: `Bearer ${SECRET}`, accept: 'application/json', ...headers },
    ...sent,
  });
const codeOf = ({ text }: { text: string }) => /"code":"([\w.-]+)"/.exec(text)?.[1];

test('who stands in a room by a session of ours is given credentials of their own, for that room', async () => {
  const sid = await person('ada');
  const answer = await ask({ sid, room: '[sales_eu]gr%c3%b6%c3%9fe' });
  const { username, password, expires, ...rest } = JSON.parse(answer.text);
  assert.deepEqual([answer.status, rest], [200, {}]);
  assert.match(
    username,
    new RegExp(`^${expires}:sso%23ada@%5bsales_eu%5dgr%25c3%25b6%25c3%259fe~[\\w-]{12}$`),
  );
  assert.ok(namesIn(database).includes(username));
  const all = stage.lines.join('\n');
  assert.ok(!all.includes(password) && !all.includes(TURN_SECRET) && !all.includes(SECRET));
});

test('with another secret, or none, or from outside, nobody is given any', async () => {
  const sid = await person('bob');
  const before = namesIn(database);
  for (const authorization of ['', 'Bearer wrong', `Basic ${SECRET}`, `Bearer ${TURN_SECRET}`]) {
    const answer = await ask({ sid }, { headers: { authorization } });
    assert.deepEqual([answer.status, codeOf(answer)], [401, 'prosody.secret'], authorization);
  }
  for (const headers of [{}, { 'x-forwarded-for': '127.0.0.1' }])
    assert.equal((await ask({ sid }, { on: 'public', headers })).status, 404);
  assert.equal((await ask({ sid }, { method: 'GET', body: '' })).status, 405);
  assert.deepEqual(namesIn(database), before);
});

test('whose token is somebody else’s, whose session is gone, and who was put out of the room are given none', async () => {
  const [gone, out] = [await person('carl'), await person('dora')];
  await stage.parts.sessions.end(gone, 'operator');
  await stage.parts.kicks.add({ person: 'sso#dora', room: parseRoomPath('/standup'), seconds: 3600 });
  const before = namesIn(database);
  stage.clock.advance(2);
  for (const [said, status, code] of [
    [{ sid: out, iss: 'another' }, 401, 'ticket.unacceptable'],
    [{ sid: gone }, 401, 'ticket.unacceptable'],
    [{ sid: 'of-nobody' }, 401, 'ticket.unacceptable'],
    [{ sid: out }, 403, 'entry.kicked'],
  ] as const) {
    const answer = await ask(said);
    assert.deepEqual([answer.status, codeOf(answer)], [status, code], JSON.stringify(said));
  }
  assert.deepEqual(namesIn(database), before);
  assert.equal((await ask({ sid: out, room: 'board' })).status, 200, 'of another room they may be');
});

test('whose session ran out keeps their meeting for its grace, and no longer', async () => {
  const sid = await person('emil');
  const { idle, meetingGrace } = stage.config.session;
  stage.clock.advance(idle + 1);
  assert.equal((await ask({ sid })).status, 200);
  stage.clock.advance(meetingGrace);
  assert.equal((await ask({ sid })).status, 401);
});

test('what is no question is refused, and names no room that there cannot be', async () => {
  const sid = await person('fred');
  const answers = [
    await ask({}, { body: '' }),
    await ask({}, { body: '[]' }),
    await ask({ sid, v: 2 }),
    await ask({ sid: 7 }),
    await ask({ sid, room: '' }),
    await ask({ sid, iss: { $ne: '' } }),
    await ask({ sid, room: '*' }),
    await ask({ sid, room: 'a/../b' }),
    await ask({ sid, room: '[a]b]c' }),
    await ask({ sid, room: 'x'.repeat(9000) }),
  ];
  assert.deepEqual(
    answers.map((answer) => [answer.status, codeOf(answer)]),
    [
      ...Array(6).fill([400, 'request.malformed']),
      ...Array(3).fill([400, 'room.unusable']),
      [413, 'request.too-large'],
    ],
  );
});

test('where coturn is told of nobody by us, or there is none, there is nothing at that address', async (t) => {
  for (const turn of [turnSettings(3478), {}]) {
    const bare = await startStage({ config: { prosodyModule: { secret: SECRET }, turn } });
    t.after(() => bare.close());
    assert.equal((await ask({ sid: 'x' }, {}, bare)).status, 404);
  }
});
