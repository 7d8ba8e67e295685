import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';

const ONE = 'one-secret-of-more-than-thirty-two-characters';
const OTHER = 'another-secret-of-more-than-thirty-two-characters';
const urls = ['turn:turn.example.org'];

for (const [what, turn, says] of [
  ['the secret of coturn', { urls, secret: ONE }, 'turn.secret is prosodyModule.secret too'],
  [
    'the next secret of coturn',
    { urls, secret: OTHER, otherSecret: ONE },
    'turn.otherSecret is prosodyModule.secret too',
  ],
  ['another one', { urls, secret: OTHER }, undefined],
] as const)
  test(`where the module shows ${what}, check ${says === undefined ? 'says nothing' : 'warns'}, and shows neither`, async (t) => {
    const terminal = openTerminal(t);
    terminal.configure({ turn, prosodyModule: { secret: ONE } });
    const { out } = await terminal.run('check');
    const told = out.split('\n').find((line) => line.includes('turn: '));
    if (says === undefined) assert.equal(told, undefined);
    else assert.match(told ?? '', new RegExp(`^warn {3}turn: ${says}.*right would be a secret for each`));
    assert.ok(!out.includes(ONE) && !out.includes(OTHER));
  });

test('where coturn is told of everybody and Prosody cannot ask us, check says that Jitsi’s own clients get nothing', async (t) => {
  const terminal = openTerminal(t);
  const turn = { urls, secret: ONE, database: '/var/lib/turn/turndb' };
  const told = async (more: object) => {
    terminal.configure({ turn, ...more });
    return (await terminal.run('check')).out.split('\n').filter((line) => line.includes('   turn: '));
  };
  const [said = ''] = await told({});
  assert.match(said, /^warn {3}turn: with turn\.database .* right would be our module/);
  assert.deepEqual(await told({ prosodyModule: { secret: OTHER } }), []);
  assert.deepEqual(await told({ turn: { urls, secret: ONE } }), []);
});
