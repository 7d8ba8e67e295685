/**
 * Who entered can be looked up under the id they read out, and forgotten.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '../base/clock.ts';
import type { AuditEntry, LogFacts } from '../base/log.ts';
import { silentLog } from '../base/log.ts';
import { isProblem } from '../base/problem.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createAudit, readAudit } from './audit-log.ts';

const ADA = 'example#ada';

function parts() {
  const clock = fixedClock();
  const store = createMemoryStore({ clock });
  const events: { event: string; facts: LogFacts | undefined }[] = [];
  const log = { ...silentLog, info: (event: string, facts?: LogFacts) => events.push({ event, facts }) };
  const entry = (more: Partial<AuditEntry> = {}): AuditEntry => ({
    at: clock.now(),
    id: 'ABCD-EFGH',
    event: 'entered',
    ...more,
  });
  return {
    clock,
    store,
    events,
    entry,
    audit: createAudit({ log, store, keep: 3600 }),
    reader: readAudit(store),
  };
}

test('an entry is a line in the log and a record under its id', async () => {
  const { audit, reader, events, entry } = parts();
  const entered = entry({ person: ADA, room: 'standup', role: 'host', rule: 'staff host' });
  await audit.record(entered);
  assert.deepEqual(events, [
    {
      event: 'audit.entered',
      facts: { id: 'ABCD-EFGH', person: ADA, room: 'standup', role: 'host', rule: 'staff host' },
    },
  ]);
  assert.deepEqual(await reader.find('ABCD-EFGH'), [entered]);
});

test('a stranger writes a line and nothing into the store', async () => {
  const { audit, store, events, entry } = parts();
  await audit.record(entry({ event: 'refused', code: 'pass.unknown', address: '192.0.2.7' }));
  assert.deepEqual(events[0], {
    event: 'audit.refused',
    facts: { id: 'ABCD-EFGH', code: 'pass.unknown', address: '192.0.2.7' },
  });
  assert.deepEqual(await store.list(''), []);
});

test('name, e-mail address and groups stand in the record, which can be forgotten, and not in the log, which cannot', async () => {
  const { audit, reader, events, entry } = parts();
  await audit.record(entry({ person: ADA, name: 'Ada', email: 'ada@example.org', groups: ['staff'] }));
  assert.doesNotMatch(JSON.stringify(events), /Ada|example\.org|staff/);
  assert.deepEqual((await reader.find('ABCD-EFGH'))[0]?.groups, ['staff']);
});

test('records of one id are all kept, and those of a longer id are not among them', async () => {
  const { audit, reader, entry, clock } = parts();
  for (const event of ['signed-in', 'entered', 'signed-out'] as const) {
    await audit.record(entry({ event, person: ADA }));
    clock.advance(1);
  }
  await audit.record(entry({ id: 'ABCD-EFGH-JKMN', person: ADA }));
  assert.deepEqual(
    (await reader.find('ABCD-EFGH')).map(({ event }) => event),
    ['signed-in', 'entered', 'signed-out'],
  );
  assert.deepEqual(await reader.find('ABCD'), []);
});

test('records written at once under one id are all kept', async () => {
  const { audit, reader, entry } = parts();
  await Promise.all(
    Array.from({ length: 12 }, (_, count) => audit.record(entry({ person: ADA, room: `${count}` }))),
  );
  assert.equal(new Set((await reader.find('ABCD-EFGH')).map(({ room }) => room)).size, 12);
});

test('the last of a thousand records of one id costs as much as the first', async () => {
  const { store, clock, entry } = parts();
  let swaps = 0;
  const swap: typeof store.swap = (...words) => {
    swaps += 1;
    return store.swap(...words);
  };
  const audit = createAudit({ log: silentLog, store: { ...store, swap }, keep: 3600 });
  for (let at = 0; at < 1000; at += 1) await audit.record(entry({ person: ADA }));
  assert.equal(swaps, 1000);
  // Another process, or this one after a start, writes over none of them.
  await createAudit({ log: silentLog, store, keep: 3600 }).record(entry({ person: ADA, at: clock.now() }));
  assert.equal((await readAudit(store).list()).length, 1001);
});

test('a record is gone when its time is over', async () => {
  const { audit, reader, entry, clock } = parts();
  await audit.record(entry({ person: ADA }));
  clock.advance(3600);
  assert.deepEqual(await reader.list(), []);
});

test('records are listed from the oldest on, since an hour, or of one person', async () => {
  const { audit, reader, entry, clock } = parts();
  await audit.record(entry({ id: 'ZZZZ-ZZZZ', person: ADA }));
  clock.advance(60);
  const since = clock.now();
  await audit.record(entry({ id: 'AAAA-AAAA', person: 'example#grace' }));
  assert.deepEqual(
    (await reader.list()).map(({ id }) => id),
    ['ZZZZ-ZZZZ', 'AAAA-AAAA'],
  );
  assert.deepEqual(
    (await reader.list({ since })).map(({ id }) => id),
    ['AAAA-AAAA'],
  );
  assert.deepEqual(
    (await reader.list({ person: ADA })).map(({ id }) => id),
    ['ZZZZ-ZZZZ'],
  );
  assert.deepEqual(await reader.list({ person: ADA, since }), []);
});

test('a person who is forgotten leaves no record, and nobody else loses one', async () => {
  const { audit, reader, entry, store } = parts();
  await audit.record(entry({ person: ADA, name: 'Ada' }));
  await audit.record(entry({ person: ADA, room: 'standup' }));
  await audit.record(entry({ id: 'AAAA-AAAA', person: 'example#adam' }));
  assert.equal(await reader.forget(ADA), 2);
  assert.deepEqual(
    (await store.list('')).map(({ key }) => key),
    ['audit/AAAA-AAAA'],
  );
  assert.equal(await reader.forget(ADA), 0);
});

test('who cannot be written down is not told as having entered', async () => {
  const { audit, store, events, entry } = parts();
  await store.close();
  await assert.rejects(audit.record(entry({ person: ADA })), (thrown) =>
    isProblem(thrown, 'store.unavailable'),
  );
  assert.deepEqual(events, []);
});

test('what somebody did about a room is kept, though it was done to nobody', async () => {
  const { audit, reader, entry } = parts();
  await audit.record(entry({ event: 'room-times-set', by: 'app:crm', room: 'standup', times: 'mon UTC' }));
  const [kept] = await reader.find('ABCD-EFGH');
  assert.deepEqual([kept?.event, kept?.by, kept?.times], ['room-times-set', 'app:crm', 'mon UTC']);
});
