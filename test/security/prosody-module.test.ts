/**
 * Where our Prosody module reports: nobody else can say that a host is there, nor learn whom Prosody has to end.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { parseRoomPath } from '../../src/base/room.ts';
import { APP_ID, PREFIX, type Sent, type Stage, startStage } from '../support/server-stage.ts';

const SECRET = 'what the module in Prosody shows us: thirty-two bytes and more';
const WHERE = `${PREFIX}/prosody`;
let stage: Stage;
before(async () => {
  stage = await startStage({
    config: { prosodyModule: { secret: SECRET }, access: 'members-wait', hosts: ['staff'] },
  });
});
after(() => stage.close());

const host = { iss: APP_ID, host: true, rooms: ['standup'] };
const isHostThere = () => stage.parts.presence.isHostThere(parseRoomPath('/standup'));
const report = (said: object, { headers, ...sent }: Sent = {}) =>
  stage.ask(WHERE, {
    ...{ on: 'inner', method: 'POST', body: JSON.stringify({ v: 1, from: 'b00t', ...said }) },
    headers: { authorization: `Bearer ${SECRET}`, accept: 'application/json', ...headers },
    ...sent,
  });
const codeOf = ({ text }: { text: string }) => /"code":"([\w.-]+)"/.exec(text)?.[1];

test('from outside there is nothing at that address, whatever is shown', async () => {
  for (const headers of [{}, { 'x-forwarded-for': '127.0.0.1' }, { accept: 'application/json' }]) {
    const answer = await report({ full: true, come: { c1: host } }, { on: 'public', headers });
    assert.equal(answer.status, 404);
  }
  assert.equal(isHostThere(), false);
});

test('without the secret nobody is believed; that is said once in the log, and holds no secret', async () => {
  const before = stage.lines.length;
  for (const authorization of [
    '',
    'Bearer',
    'Bearer wrong',
    `Basic ${SECRET}`,
    SECRET,
    `Bearer ${SECRET}x`,
  ]) {
    const answer = await report({ full: true, come: { c1: host } }, { headers: { authorization } });
    assert.deepEqual([answer.status, codeOf(answer)], [401, 'prosody.secret'], authorization);
  }
  assert.equal(isHostThere(), false);
  const said = () => stage.lines.slice(before).filter((line) => line.includes('prosody-secret-refused'));
  assert.equal(said().length, 1);
  await report({});
  await report({}, { headers: { authorization: 'Bearer wrong' } });
  assert.equal(said().length, 2, 'it was right in between');
  assert.ok(stage.lines.every((line) => !line.includes(SECRET) && !line.includes('wrong"')));
});

test('a report that was overheard is worth nothing when it is said again', async () => {
  const first = JSON.parse((await report({ full: true })).text);
  const overheard = { full: true, after: first.after, come: { c1: host } };
  assert.equal(JSON.parse((await report(overheard)).text).resync, undefined);
  assert.equal(isHostThere(), true);
  stage.clock.advance(8 + stage.config.waiting.hostGrace);
  assert.equal(isHostThere(), false);
  assert.equal(JSON.parse((await report(overheard)).text).resync, true);
  assert.equal(JSON.parse((await report({ ...overheard, from: 'another' })).text).resync, true);
  assert.equal(isHostThere(), false);
});

test('what is no report, or too much of one, is refused and changes nothing', async () => {
  const huge = JSON.stringify({ v: 1, from: 'x'.repeat(3 * 1024 * 1024) });
  const answers = [
    await report({}, { body: '' }),
    await report({}, { body: '{"v":1' }),
    await report({ come: { c1: { rooms: 'standup' } } }),
    await report({}, { body: huge }),
    await report({}, { body: huge, headers: { 'transfer-encoding': 'chunked' } }),
  ];
  assert.deepEqual(
    answers.map((answer) => [answer.status, codeOf(answer)]),
    [
      [400, 'request.malformed'],
      [400, 'request.malformed'],
      [400, 'request.malformed'],
      [413, 'request.too-large'],
      [413, 'request.too-large'],
    ],
  );
  assert.equal((await report({}, { method: 'GET' as const, body: '' })).status, 405);
  assert.equal(isHostThere(), false);
});

test('where no module is listened to there is nothing at that address', async (t) => {
  const bare = await startStage();
  t.after(() => bare.close());
  const sent: Sent = {
    on: 'inner',
    method: 'POST',
    headers: { authorization: 'Bearer undefined' },
    body: '{}',
  };
  assert.equal((await bare.ask(WHERE, sent)).status, 404);
});
