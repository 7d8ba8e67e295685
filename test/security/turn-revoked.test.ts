/**
 * What becomes of TURN when a session ends, in both grades: by the secret alone, and with coturn told of each session.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseRoomPath } from '../../src/base/room.ts';
import { Secret } from '../../src/base/secret.ts';
import { turnCredentials } from '../../src/tokens/turn.ts';
import { SESSION_COOKIE } from '../../src/web/cookies.ts';
import { makeDatabase, namesIn } from '../support/real/coturn.ts';
import { privateDirectory } from '../support/real/program.ts';
import { PREFIX, startStage } from '../support/server-stage.ts';
import type { Allocation } from '../support/turn-client.ts';
import {
  BRIDGE,
  made,
  openPeer,
  type Peer,
  shownIn,
  startTurnStage,
  TURN_SECRET,
  type TurnStage,
  turnSettings,
} from '../support/turn-stage.ts';
import { until } from '../support/until.ts';

const HOUR = 3600;
let bridge: Peer;
before(async () => {
  bridge = await openPeer(BRIDGE);
});
after(() => bridge?.close());

/** Somebody in a room, with an allocation from which they speak to the bridge. */
interface Inside {
  readonly cookie: string;
  readonly shown: { readonly username: string; readonly password: string };
  readonly mine: Allocation;
}

async function enter(turn: TurnStage, name: string, room = 'standup'): Promise<Inside> {
  const cookie = await turn.person(name);
  const shown = shownIn(await turn.ask(room, { cookie }));
  const mine = made(await turn.allocate({ shown }));
  assert.equal(await mine.permit(bridge.at), 200);
  await speaks(mine);
  return { cookie, shown, mine };
}

/** Said until it is heard: nobody answers what is sent, and on a busy machine some of it is lost. */
async function speaks(mine: Allocation): Promise<void> {
  const say = () => mine.send(bridge.at, `hear me at ${mine.relayed.port}`);
  const again = setInterval(say, 500);
  try {
    say();
    for (;;) {
      const { data, from } = await bridge.next();
      if (data !== `hear me at ${mine.relayed.port}`) continue;
      return assert.deepEqual(from, mine.relayed);
    }
  } finally {
    clearInterval(again);
  }
}

/** Ends the session of somebody, and has the server look: on its own it does once a second. */
async function end(turn: TurnStage, { cookie }: Pick<Inside, 'cookie'>): Promise<void> {
  const { sessions } = turn.stage.parts;
  const session = (await sessions.read(cookie.split('=')[1] ?? '')) ?? assert.fail('no session');
  await sessions.end(session.handle, 'signed-out');
  await turn.stage.app.warm();
}

const databaseOf = (turn: TurnStage) => turn.stage.config.turn.database ?? assert.fail();

/**
 * All that ran by these credentials was ended: coturn says so itself, a moment after it was told. Whoever refreshes one
 * of them then is a stranger who may not begin.
 */
async function areEnded(
  { coturn }: TurnStage,
  { username }: Inside['shown'],
  ...all: readonly Allocation[]
): Promise<void> {
  const isEnd = (line: string) =>
    line.includes(`closed (2nd stage), user <${username}>`) && line.includes('reason: Forceful shutdown');
  await until(() => coturn.log().split('\n').filter(isEnd).length >= all.length);
  for (const mine of all) assert.equal(await mine.refresh(600), 401);
}

async function withTurn(
  options: Parameters<typeof startTurnStage>[0],
  work: (turn: TurnStage) => Promise<void>,
): Promise<void> {
  const turn = await startTurnStage(options);
  try {
    await work(turn);
  } finally {
    await turn.close();
  }
}

test('by the secret alone an allocation that runs lives on after the time of its credentials, as long as it is refreshed', async () => {
  await withTurn({}, async (turn) => {
    const { username, password } = turnCredentials(
      { id: 'sso#ada', room: parseRoomPath('/standup'), expires: Math.floor(Date.now() / 1000) + 2 },
      new Secret(TURN_SECRET),
    );
    const shown = { username, password: password.reveal() };
    const mine = made(await turn.allocate({ shown }));
    assert.equal(await mine.permit(bridge.at), 200);
    // coturn's own clock says when.
    await until(async () => (await turn.allocate({ shown })) === 401);
    assert.equal(await mine.refresh(600), 200);
    await speaks(mine);
  });
});

test('with the database whoever is let in is known to coturn for their session and room, and to nobody by any secret', async () => {
  await withTurn({ database: 'alone' }, async (turn) => {
    const { shown } = await enter(turn, 'ada');
    assert.match(shown.username, /^\d+:sso%23ada@standup~[\w-]{12}$/);
    assert.deepEqual(namesIn(databaseOf(turn)), [shown.username]);
    const other = await enter(turn, 'ada');
    assert.notEqual(other.shown.username, shown.username);
    const { username, password } = turnCredentials(
      { id: 'sso#eve', room: parseRoomPath('/standup'), expires: Math.floor(Date.now() / 1000) + HOUR },
      new Secret(TURN_SECRET),
    );
    assert.equal(await turn.allocate({ shown: { username, password: password.reveal() } }), 401);
    assert.equal(await turn.allocate({ shown: { ...shown, password: 'another' } }), 401);
  });
});

test('with the database nothing new begins once the session has ended; what runs does, where nobody may end it', async () => {
  await withTurn({ database: 'alone' }, async (turn) => {
    const [ada, bob] = [await enter(turn, 'ada'), await enter(turn, 'bob')];
    await end(turn, ada);
    assert.deepEqual(namesIn(databaseOf(turn)), [bob.shown.username]);
    assert.equal(await turn.allocate({ shown: ada.shown }), 401);
    assert.equal(await ada.mine.refresh(600), 200);
    await speaks(ada.mine);
    made(await turn.allocate({ shown: bob.shown }));
  });
});

test('with the command line what runs ends too, that of this session alone, and the audit says so', async () => {
  await withTurn({ database: 'cli' }, async (turn) => {
    const [ada, again, bob] = [await enter(turn, 'ada'), await enter(turn, 'ada'), await enter(turn, 'bob')];
    const second = made(await turn.allocate({ shown: ada.shown }));
    await end(turn, ada);
    await areEnded(turn, ada.shown, ada.mine, second);
    assert.equal(await turn.allocate({ shown: ada.shown }), 401);
    for (const { mine } of [again, bob]) {
      assert.equal(await mine.refresh(600), 200);
      await speaks(mine);
    }
    const ended = (await turn.stage.parts.records.list({ person: 'sso#ada' })).filter(
      ({ event }) => event === 'turn-ended',
    );
    assert.deepEqual(
      ended.map(({ room }) => room),
      ['standup'],
    );
  });
});

test('who is put out of a room is out of it by TURN too, and of no other room', async () => {
  await withTurn({ database: 'cli' }, async (turn) => {
    const [here, there] = [await enter(turn, 'ada'), await enter(turn, 'ada', 'board')];
    await turn.stage.parts.kicks.add({ person: 'sso#ada', room: parseRoomPath('/standup'), seconds: HOUR });
    await turn.stage.app.warm();
    await areEnded(turn, here.shown, here.mine);
    assert.equal(await turn.allocate({ shown: here.shown }), 401);
    await speaks(there.mine);
    made(await turn.allocate({ shown: there.shown }));
  });
});

test('time alone ends no meeting: whose session has run out keeps what they have until its grace is over', async () => {
  await withTurn({ database: 'cli', turn: { lifetime: '48h' } }, async (turn) => {
    const ada = await enter(turn, 'ada');
    const { idle, meetingGrace } = turn.stage.config.session;
    turn.stage.clock.advance(idle + 1);
    await turn.stage.app.warm();
    assert.equal((await turn.ask('standup', { cookie: ada.cookie })).status, 401);
    made(await turn.allocate({ shown: ada.shown }));
    await speaks(ada.mine);
    turn.stage.clock.advance(meetingGrace);
    await turn.stage.app.warm();
    await areEnded(turn, ada.shown, ada.mine);
    assert.equal(await turn.allocate({ shown: ada.shown }), 401);
  });
});

test('a row goes when its time is over, and what runs by it goes on', async () => {
  await withTurn({ database: 'cli' }, async (turn) => {
    const ada = await enter(turn, 'ada');
    turn.stage.clock.advance(turn.stage.config.turn.lifetime);
    await turn.stage.app.warm();
    assert.deepEqual(namesIn(databaseOf(turn)), []);
    assert.equal(await turn.allocate({ shown: ada.shown }), 401);
    assert.equal(await ada.mine.refresh(600), 200);
    await speaks(ada.mine);
  });
});

/** coturn starts with neither a password nor any peer on this machine, and not with the latter alone. */
const withoutPassword = (text: string) =>
  text.replace(/^cli-password/m, '#$&').replace(/^allow-loopback-peers$/m, '');

test('the command line is off until its password stands in the file; what cannot be ended is told once, and nothing new begins', async () => {
  await withTurn({ database: 'cli', file: withoutPassword }, async (turn) => {
    const refused = await new Promise((done) => {
      const socket = connect(turn.stage.config.turn.cliPort, '127.0.0.1');
      socket.on('error', (cause: NodeJS.ErrnoException) => done(cause.code));
      socket.on('connect', () => done('connected'));
    });
    assert.equal(refused, 'ECONNREFUSED');
    const cookie = await turn.person('ada');
    const shown = shownIn(await turn.ask('standup', { cookie }));
    const mine = made(await turn.allocate({ shown }));
    await end(turn, { cookie });
    await turn.stage.app.warm();
    assert.equal(turn.stage.lines.filter((line) => line.includes('turn-not-looked-after')).length, 1);
    assert.equal(await turn.allocate({ shown }), 401);
    assert.equal(await mine.refresh(600), 200);
  });
});

test('somebody else’s password opens no command line, and the log holds neither', async () => {
  const wrong = 'another-password-for-the-command-line';
  await withTurn(
    { database: 'cli', file: (text) => text.replace(/^cli-password=.*$/m, `cli-password=${wrong}`) },
    async (turn) => {
      const ada = await enter(turn, 'ada');
      await end(turn, ada);
      const all = turn.stage.lines.join('\n');
      assert.match(all, /turn-not-looked-after.*coturn password|coturn password/);
      assert.ok(!all.includes(turn.stage.config.turn.cliPassword?.reveal() ?? assert.fail()));
      await speaks(ada.mine);
    },
  );
});

test('where coturn’s database is not there, nobody is given credentials that would be none', async () => {
  await withTurn(
    {
      database: 'alone',
      turn: { database: '/nonexistent/turndb' },
      file: (text) => text.replace(/^userdb=.*$/m, ''),
    },
    async (turn) => {
      const answer = await turn.ask('standup', { cookie: await turn.person('ada') });
      assert.deepEqual([answer.status, JSON.parse(answer.text).code], [503, 'store.unavailable']);
      assert.ok(!answer.text.includes('password'));
    },
  );
});

test('what looked after the rows looks no more once another reading of the configuration does', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const database = join(await privateDirectory('turndb'), 'turndb');
  makeDatabase(database);
  const stage = await startStage({ config: { access: 'members', turn: turnSettings(3478, { database }) } });
  t.after(() => stage.close());
  const { app, parts } = stage;
  await app.warm();
  const ended = async (name: string) => {
    const person = { id: `sso#${name}`, provider: 'sso', name, emailVerified: false, groups: [] };
    const { id } = await parts.sessions.issue({ person });
    const headers = { cookie: `${SESSION_COOKIE}=${id.reveal()}` };
    const { username } = shownIn(await stage.ask(`${PREFIX}/turn?room=standup`, { headers }));
    await parts.sessions.endAllOf(person.id, 'operator');
    return username;
  };
  const first = await ended('ada');
  assert.deepEqual(namesIn(database), [first]);
  t.mock.timers.tick(1000);
  await until(() => namesIn(database).length === 0);
  await app.close();
  const second = await ended('bob');
  t.mock.timers.tick(10_000);
  // Whoever is answered three times has waited longer than a look takes.
  for (let time = 0; time < 3; time += 1) await stage.ask(`${PREFIX}/health`, { on: 'inner' });
  assert.deepEqual(namesIn(database), [second]);
});
