import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import type { AuditEntry, Log } from '../base/log.ts';
import { roomFromPath, roomOf } from '../base/room.ts';
import { auditEnded } from './audit-ended.ts';
import type { Connection, ConnectionEnd } from './sockets-look.ts';

function writing(fails?: Error) {
  const entries: AuditEntry[] = [];
  const failures: unknown[] = [];
  const log = { error: (...said: unknown[]) => void failures.push(said) } as unknown as Log;
  const audit = {
    async record(entry: AuditEntry) {
      if (fails) throw fails;
      entries.push(entry);
    },
  };
  return { entries, failures, ended: auditEnded({ audit, log, clock: fixedClock() }) };
}

const CONNECTION: Connection = {
  kind: 'xmpp',
  session: 'handle',
  person: 'sso#1',
  room: roomOf(roomFromPath('standup'), undefined),
  address: '192.0.2.7',
  since: 0,
  id: 'AAAA-BBBB',
};

test('a connection that ended with its session is written down: whose, where, and under the reference of its beginning', () => {
  const { entries, ended } = writing();
  ended(CONNECTION, 'session-ended');
  const [entry] = entries;
  assert.deepEqual(
    [entry?.event, entry?.person, entry?.room, entry?.id, entry?.code],
    ['connection-ended', 'sso#1', 'standup', 'AAAA-BBBB', 'session-ended'],
  );
});

for (const why of ['silent', 'draining', 'protocol', 'slow'] satisfies ConnectionEnd[])
  test(`a connection that ended because it was ${why} is nobody's doing and stands in no audit`, () => {
    const { entries, ended } = writing();
    ended(CONNECTION, why);
    assert.deepEqual(entries, []);
  });

test('where it cannot be written down the log says so, and nothing is thrown', async () => {
  const { failures, ended } = writing(new Error('full'));
  ended(CONNECTION, 'session-ended');
  await new Promise((done) => setImmediate(done));
  assert.equal(failures.length, 1);
});
