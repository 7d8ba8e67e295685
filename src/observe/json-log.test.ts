/**
 * One event, one line of JSON, whatever stands in it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { fixedClock } from '../base/clock.ts';
import type { LogFacts } from '../base/log.ts';
import { Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { createJsonLog, type LogLevel } from './json-log.ts';

/** A log and the lines it wrote. */
function logged(level: LogLevel = 'debug') {
  const lines: string[] = [];
  return {
    lines,
    log: createJsonLog({
      level,
      write: (line) => lines.push(line),
      clock: fixedClock('2026-03-02T09:00:00Z'),
    }),
  };
}

/** The last line as its reader gets it. */
function lastOf(lines: readonly string[]): Record<string, unknown> {
  return JSON.parse(lines.at(-1) ?? '');
}

test('an event is its level, its time, its name and its facts, in this order', () => {
  const { lines, log } = logged();
  log.info('lobby.let-in', { room: 'standup', count: 2, by: undefined, first: true });
  assert.deepEqual(lines, [
    '{"level":"info","time":"2026-03-02T09:00:00.000Z","event":"lobby.let-in","room":"standup","count":2,"first":true}\n',
  ]);
});

test('events below the level are not written', () => {
  const { lines, log } = logged('warn');
  log.debug('one');
  log.info('two');
  log.warn('three');
  log.error('four');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).event),
    ['three', 'four'],
  );
});

test('a problem is told with its code, its facts, its stack and what was behind it', () => {
  const { lines, log } = logged();
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  log.error(
    'request.failed',
    { id: 'ABCD-EFGH' },
    new Problem('outbound.failed', { purpose: 'token' }, refused),
  );
  const { error } = lastOf(lines) as { error: Record<string, unknown> & { cause: Record<string, unknown> } };
  assert.deepEqual(
    [error.code, error.message, error.facts],
    ['outbound.failed', 'An outbound request failed', { purpose: 'token' }],
  );
  assert.match(String(error.stack), /json-log\.test\.ts/);
  assert.deepEqual(
    [error.cause.code, error.cause.message],
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'],
  );
});

test('causes that go round in a circle are told to some depth', () => {
  const { lines, log } = logged();
  const error = new Error('round');
  error.cause = error;
  log.error('failed', {}, error);
  assert.equal(lastOf(lines).event, 'failed');
});

test('what was thrown and is no error is told too', () => {
  const { lines, log } = logged();
  for (const thrown of ['text', null, 7, Object.create(null), { secret: new Secret('hunter2') }])
    log.error('failed', {}, thrown);
  assert.equal(lines.length, 5);
  assert.doesNotMatch(lines.join(''), /hunter2/);
});

test('tokens, codes and headers in the words of an error are masked, in its stack and its causes too', () => {
  const { lines, log } = logged();
  const inner = new Error('GET https://idp.example.org/cb?code=SplxlOBeZQQY&state=af0ifjsldkj failed');
  log.error('failed', {}, new Error('Authorization: Bearer mF_9.B5f-4.1JqM', { cause: inner }));
  log.warn('failed', {}, new Problem('provider.refused', { why: 'jwt=eyJhbGciOiJub25lIn0.e30.c2ln' }));
  log.info('failed', { url: '/cb?token=2YotnFZFEjr1zCsicMWpAA' });
  assert.doesNotMatch(lines.join(''), /SplxlOBeZQQY|af0ifjsldkj|mF_9|c2ln|2YotnFZFEjr1zCsicMWpAA/);
});

test('a fact cannot pose as the level, the time, the event or the error', () => {
  const { lines, log } = logged();
  log.info('real', { event: 'false', level: 'fatal', time: 'never', error: 'none' });
  assert.equal(
    lines[0],
    '{"level":"info","time":"2026-03-02T09:00:00.000Z","event":"real","event_":"false","level_":"fatal","time_":"never","error_":"none"}\n',
  );
});

test('a long fact is cut', () => {
  const { lines, log } = logged();
  log.info('event', { agent: 'x'.repeat(100_000) });
  assert.ok((lines[0]?.length ?? 0) < 1200);
});

test('line feeds, escape sequences and turned writing in facts and errors stay inside one line of JSON', () => {
  const { lines, log } = logged();
  const evil = 'a\nb\r\u001b[2J\u009b2J\u007f\u0085\u2028\u2029\u202e\u2066\ufeff';
  log.error('event', { room: evil }, new Error(evil));
  assert.equal(lastOf(lines).room, evil);
  assert.match(
    lines.join(''),
    /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]*\n$/,
  );
});

test('any fact comes back from its line as it was, unless it was masked or cut', () => {
  const plain = fc
    .string({ unit: 'binary', maxLength: 100 })
    .filter((text) => !/[=:/]|eyJ|bearer|basic/i.test(text));
  fc.assert(
    fc.property(plain, fc.double(), fc.boolean(), (text, number, flag) => {
      const { lines, log } = logged();
      const facts: LogFacts = { text, number, flag };
      log.info('event', facts);
      assert.equal(lines.length, 1);
      assert.equal(lines[0]?.indexOf('\n'), (lines[0]?.length ?? 0) - 1);
      assert.deepEqual(lastOf(lines).text, text);
      assert.deepEqual(lastOf(lines).flag, flag);
    }),
  );
});

test('without another way to write, standard output gets the line at once', () => {
  const source = `import { createJsonLog } from ${JSON.stringify(join(import.meta.dirname, 'json-log.ts'))};
    createJsonLog({ level: 'info' }).info('started', { port: 8080 }); process.kill(process.pid, 'SIGKILL');`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.match(stdout, /^\{"level":"info","time":"[^"]+","event":"started","port":8080\}\n$/);
});
