import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTerminal, type Terminal } from '../../test/support/terminal.ts';
import { createObserved, type Observation } from '../admission/observed.ts';
import { silentLog } from '../base/log.ts';
import type { ReportedGroup } from './report.ts';

const DAY = 86_400;
const SEEN: readonly Observation[] = [
  { seenAs: 'page', code: 'sign-in', room: 'standup' },
  { seenAs: 'page', code: 'sign-in', room: 'retro', tenant: 'sales' },
  { seenAs: 'guest', code: 'no-token', room: 'standup' },
  { seenAs: 'link', code: 'link.unacceptable', room: 'standup', issuer: 'old-portal' },
  {
    seenAs: 'recorder',
    code: 'stream.unusable',
    room: 'standup',
    host: 'recorder.meet.example.org',
    address: '10.0.0.9',
  },
  { seenAs: 'person', code: 'entry.refused', room: 'board', rule: 'staff only' },
  { seenAs: 'app', code: 'no-token', room: 'standup' },
  { seenAs: 'site', code: 'outside', room: 'standup' },
  { seenAs: 'path', code: 'request.not-found', path: '/login/…' },
];

interface Reported {
  readonly guarded: string;
  readonly groups: readonly ReportedGroup[];
}

async function written(terminal: Terminal, seen: readonly Observation[]) {
  const { store } = await terminal.server();
  const observed = createObserved({ store, clock: terminal.clock, log: silentLog, keep: 30 * DAY });
  for (const one of seen) observed.note(one);
  await observed.flush();
}

test('everybody who would have been locked out is in a group, with the setting that would let them in', async (t) => {
  const terminal = openTerminal(t);
  await written(terminal, SEEN);
  const { groups, guarded } = await terminal.json<Reported>('report');
  assert.equal(guarded, 'all-guarded');
  assert.deepEqual(
    groups.map(({ group, count }) => [group, count]),
    [
      ['recorders', 1],
      ['apps', 1],
      ['links', 1],
      ['sites', 1],
      ['people', 1],
      ['guests', 3],
      ['paths', 1],
    ],
  );
  const setting = (group: string) => groups.find((one) => one.group === group)?.lines[0]?.setting ?? '';
  assert.match(setting('recorders'), /machines: .*10\.0\.0\.9.*xmppDomain: recorder\.meet\.example\.org/);
  assert.match(setting('links'), /issuers/);
  assert.match(setting('sites'), /apps/);
  assert.match(setting('people'), /access/);
  assert.match(setting('guests'), /access/);
});

test('alike is one line, with its rooms, how often, and when first and last', async (t) => {
  const terminal = openTerminal(t);
  await written(terminal, [SEEN[0], SEEN[1]] as Observation[]);
  terminal.clock.advance(DAY);
  await written(terminal, [SEEN[0]] as Observation[]);
  const { groups } = await terminal.json<Reported>('report');
  const [line] = groups[0]?.lines ?? [];
  assert.deepEqual(
    [line?.count, line?.first, line?.last, line?.rooms],
    [3, '2026-03-02T09:00:00.000Z', '2026-03-03T09:00:00.000Z', ['sales/retro', 'standup']],
  );
  const { out } = await terminal.run('report');
  assert.match(out, /People who have not signed in: 3 times$/m);
  assert.match(out, /3 times, 2026-03-02 09:00Z to 2026-03-03 09:00Z/);
});

test('what is older than it was asked for is not told', async (t) => {
  const terminal = openTerminal(t);
  await written(terminal, SEEN);
  terminal.clock.advance(10 * DAY);
  assert.deepEqual((await terminal.json<Reported>('report', '--since', '7d')).groups, []);
  assert.notDeepEqual((await terminal.json<Reported>('report', '--since', '11d')).groups, []);
  assert.match((await terminal.run('report')).out, /nobody passed who would have been locked out/);
});

test('a span that is none is complained of', async (t) => {
  const { code, err } = await openTerminal(t).run('report', '--since', 'yesterday');
  assert.equal(code, 1);
  assert.match(err, /--since 7d/);
});

test('the report says loudly that nothing is guarded, and check does', async (t) => {
  const terminal = openTerminal(t);
  terminal.configure({ upstream: { url: 'http://127.0.0.1:9' }, insecureObserveOnly: '2026-03-10' });
  await written(terminal, SEEN);
  assert.match((await terminal.run('report')).out, /NOTHING is guarded until 2026-03-10 00:00Z/);
  const { out } = await terminal.run('check');
  assert.match(out, /warn +insecureObserveOnly: NOTHING IS GUARDED until 2026-03-10 00:00Z/);
});

test('a date that is over shuts the door, and check says so, and how to write one that is to come', async (t) => {
  const terminal = openTerminal(t);
  terminal.configure({ upstream: { url: 'http://127.0.0.1:9' }, insecureObserveOnly: '2026-03-01' });
  const { out } = await terminal.run('check');
  assert.match(
    out,
    /warn +insecureObserveOnly: is over since 2026-03-01 00:00Z: EVERYTHING IS GUARDED now\. .*date -u -d '\+2 hours'/,
  );
});

test('what the head counts is what its groups come to: people by themselves, and requests for paths', async (t) => {
  const terminal = openTerminal(t);
  const files = Array.from({ length: 4 }, () => SEEN.at(-1) as Observation);
  await written(terminal, [...SEEN, ...files]);
  const { out } = await terminal.run('report');
  const head = /somebody passed (\d+) times .*; (\d+) requests for files/.exec(out);
  const groups = [...out.matchAll(/^[A-Z].*: (\d+) (time|request)s?$/gm)];
  const sum = (unit: string) =>
    groups.filter(([, , of]) => of === unit).reduce((all, [, count]) => all + Number(count), 0);
  assert.deepEqual([Number(head?.[1]), Number(head?.[2])], [sum('time'), sum('request')]);
  assert.deepEqual([sum('time'), sum('request')], [8, 5]);
});
