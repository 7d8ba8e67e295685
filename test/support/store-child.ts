/**
 * A process of its own with the store open, for tests of what processes do to one another.
 *
 * `node store-child.ts FILE take|swap COUNT` waits for a line with the moment of the start (milliseconds since 1970),
 * then races for `key/0`…; its one line of output names what it won. `node store-child.ts FILE write FROM` writes
 * for ever and says each step once it is answered. `node store-child.ts FILE fill` writes until it cannot and says why.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/base/clock.ts';
import { Problem } from '../../src/base/problem.ts';
import type { Store } from '../../src/base/store.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';

/** Written at once, so that a line which was read is a line which was said. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

async function race(store: Store, how: string, count: number): Promise<void> {
  say('ready');
  let start = 0;
  for await (const line of createInterface({ input: process.stdin })) start = Number(line);
  const won: number[] = [];
  for (let index = 0; index < count; index += 1) {
    // Both reach for each key at the same moment; one after the other they would never meet.
    while (performance.timeOrigin + performance.now() < start + index / 2);
    const mine =
      how === 'take'
        ? await store.take(`key/${index}`)
        : await store.swap(`key/${index}`, undefined, `${process.pid}`, 3600);
    if (mine !== undefined && mine !== false) won.push(index);
  }
  say(JSON.stringify(won));
}

async function write(store: Store, from: number): Promise<never> {
  for (let step = from; ; step += 1) {
    await store.put(`step/${step}`, `${step} ${'x'.repeat(600)}`, 3600);
    await store.swap('last', step === 1 ? undefined : `${step - 1}`, `${step}`, 3600);
    await store.take(`step/${step - 2}`);
    say(`${step}`);
  }
}

async function fill(store: Store): Promise<void> {
  await store.put('first', 'value', 3600);
  for (let index = 0; index < 10_000; index += 1) {
    try {
      await store.put(`fill/${index}`, 'x'.repeat(1000), 3600);
    } catch (cause) {
      if (!(cause instanceof Problem)) throw cause;
      say(`${cause.code} ${await store.get(`fill/${index}`)} ${await store.get('first')}`);
      return;
    }
  }
}

const [file = '', task = '', number = '0'] = process.argv.slice(2);
const store = createSqliteStore({ path: file, clock: systemClock });
if (task === 'write') await write(store, Number(number));
else if (task === 'fill') await fill(store);
else await race(store, task, Number(number));
await store.close();
process.stdin.destroy();
