import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { isProblem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { createCoturnCli, idsIn } from './coturn-cli.ts';

/** What coturn 4.6.1 says of two allocations whose names begin alike. */
const RUNNING = [
  '',
  '    1) id=001000000000000003, user <9:ada@x~1>:',
  '      realm: meet.example.org',
  '',
  '    2) id=000000000000000007, user <9:ada@x~12>:',
  '      realm: meet.example.org',
  '',
  '  Total sessions: 2',
  '',
  '> ',
].join('\r\n');

test('of the allocations that are listed those are meant whose whole name it is', () => {
  assert.deepEqual(idsIn(RUNNING, '9:ada@x~1'), ['001000000000000003']);
  assert.deepEqual(idsIn(RUNNING, '9:ada@x~12'), ['000000000000000007']);
  assert.deepEqual(idsIn(RUNNING, '9:ada@x~'), []);
});

/** Somebody at the port: what they say first, and to each line. */
async function at(t: TestContext, first: string, answer: (line: string) => string | undefined) {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.write(first);
    socket.on('data', (chunk) => {
      for (const line of String(chunk).split('\r\n').filter(Boolean)) {
        heard.push(line);
        const said = answer(line);
        if (said === undefined) socket.destroy();
        else socket.write(said);
      }
    });
    t.after(() => socket.destroy());
  });
  t.after(() => server.close());
  const port = await new Promise<number>((done) =>
    server.listen(0, '127.0.0.1', () => done(Number(Object(server.address()).port))),
  );
  return { heard, end: createCoturnCli({ port, password: new Secret('open') }) };
}

const GREETING = "TURN Server\r\nCoturn-4.6.1 'Gorst'\r\n\r\nType '?' for help\r\nEnter password: \r\n";

test('each allocation of a name is ended once, however long coturn goes on listing it', async (t) => {
  const { heard, end } = await at(t, GREETING, (line) => (line.startsWith('ps') ? RUNNING : '> '));
  assert.equal(await end(['9:ada@x~1']), 1);
  assert.deepEqual(heard, ['open', 'ps 9:ada@x~1', 'cs 001000000000000003', 'ps 9:ada@x~1']);
});

for (const [what, first, answer] of [
  ['asks for the password again', GREETING, () => 'Enter password: \r\n'],
  ['hangs up', GREETING, () => undefined],
] as const)
  test(`a failure is told where coturn ${what}`, async (t) => {
    const { end } = await at(t, first, answer);
    await assert.rejects(end(['x']), (thrown) => isProblem(thrown, 'outbound.failed'));
  });
