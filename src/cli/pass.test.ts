import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';
import { unixSeconds } from '../base/clock.ts';
import { usePass } from '../identity/pass.ts';

const HOUR = 3600;

interface Told {
  readonly link: string;
  readonly room: string;
  readonly person: string;
}

test('the link lets one person into that room, in that role, for that long', async (context) => {
  const terminal = openTerminal(context);
  const { store } = await terminal.server();
  const { code, out, err } = await terminal.run(
    'pass',
    '--room',
    'Stand-Up',
    '--role',
    'host',
    '--for',
    '2h',
  );
  assert.equal(code, 0);
  assert.match(out, /^https:\/\/meet\.example\.org\/_ostiary\/pass#[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
  assert.match(err, /stand-up as host; can be used once, until 2026-03-02 11:00Z/);
  const { pass } = await usePass(out.split('#')[1] ?? '', { store, clock: terminal.clock });
  assert.deepEqual(pass, { room: 'stand-up', role: 'host', until: unixSeconds(terminal.clock) + 2 * HOUR });
});

for (const [words, room] of [
  [['--room', 'Größe und Maß'], 'größe und maß'],
  [['--room', 'https://meet.example.org/Sales/a+b?x=1#y'], 'sales/ab'],
  [['--room', 'sales/standup'], 'sales/standup'],
  [['--room', '/standup', '--tenant', 'Sales'], 'sales/standup'],
  [['--room', 'gr%C3%B6%C3%9Fe'], 'größe'],
  [['--room', '100% sure'], '100% sure'],
] as const)
  test(`${words.join(' ')} is the room ${room}`, async (context) => {
    const terminal = openTerminal(context);
    await terminal.server();
    assert.equal((await terminal.json<Told>('pass', ...words)).room, room);
  });

for (const [words, told] of [
  [['--room', 'x', '--role', 'boss'], /^"boss" is no role\.\nIt is one of: host, participant, guest\.$/],
  [['--room', 'x', '--for', 'ever'], /^"ever" is no span of time for --for\.\n/],
  [['--room', 'x', '--for', '0h'], /^"0h" is no span of time for --for\.\n/],
  [['--room', 'x', '--for', '3'], /^"3" is no span of time for --for\.\n/],
  [['--room', 'a/b/c'], /^The room name cannot be used \(room\.unusable/],
  [['--room', '*'], /^The address names no room|^The room name cannot be used/],
  [['--room', '\ud800'], /^The room name cannot be used/],
  [['--room', 'x', '--tenant', '../y'], /^The tenant name cannot be used/],
] as const)
  test(`no entry is made for ${JSON.stringify(words)}`, async (context) => {
    const terminal = openTerminal(context);
    const { store } = await terminal.server();
    const { code, err } = await terminal.run('pass', ...words);
    assert.equal(code, 1);
    assert.match(err, told);
    assert.equal(err.split('\n').length, 2);
    assert.deepEqual(await store.list('pass/'), []);
  });

test('where the server never ran, no store is made that it could not open', async (context) => {
  const terminal = openTerminal(context);
  const { code, err } = await terminal.run('pass', '--room', 'x');
  assert.equal(code, 1);
  assert.match(err, /^There is no store at .*\nStart the server first/);
});

test('a store in memory is out of reach, and that is said', async (context) => {
  const terminal = openTerminal(context);
  terminal.configure({ store: { path: ':memory:' } });
  assert.match((await terminal.run('pass', '--room', 'x')).err, /^The store is in the memory of the server/);
});
