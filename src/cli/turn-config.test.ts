import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';

const SECRET = 'forty-three-characters-that-nobody-could-guess';
const TURN = { urls: ['turn:turn.example.org'], secret: SECRET, bridges: ['10.0.0.7'] };

test('what is printed can be put in its place as it stands, and holds no secret', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({ turn: TURN });
  const { code, out, err } = await terminal.run('turn-config', '--profile', 'bridges-only');
  assert.deepEqual([code, err], [0, '']);
  for (const line of out.split('\n')) assert.match(line, /^(?:#.*|[a-z0-9-]+(?:=\S+)?)$/);
  assert.match(out, /^realm=meet\.example\.org$/m);
  assert.ok(!out.includes(SECRET));
});

for (const [said, turn, words] of [
  [/no such profile/, TURN, ['--profile', 'open']],
  [/--profile/, TURN, []],
  [/no turn\.urls/, {}, ['--profile', 'relay']],
  [/no turn\.bridges/, { ...TURN, bridges: [] }, ['--profile', 'bridges-only']],
] as const)
  test(`nothing is printed where ${said.source} is told`, async (context) => {
    const terminal = openTerminal(context);
    terminal.configure({ turn });
    const { code, out, err } = await terminal.run('turn-config', ...words);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, said);
  });
