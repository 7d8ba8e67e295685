import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openTerminal } from '../../test/support/terminal.ts';
import { createSharedHosts } from '../admission/prosody/shared-hosts.ts';
import { createSqliteStore } from '../store/sqlite.ts';

const prosodyModule = { secret: 'what the module shows us: thirty-two bytes, or some more' };

/** What `check` says of the module; `before` happens to the store first. */
async function said(
  t: TestContext,
  settings: object,
  reported?: { readonly seconds: number },
): Promise<string> {
  const terminal = openTerminal(t);
  const path = join(terminal.folder, 'ostiary.sqlite');
  terminal.configure({ ...settings, store: { path } });
  if (reported !== undefined) {
    const { clock } = terminal;
    const store = createSqliteStore({ path, clock });
    const until = clock.now() + reported.seconds * 1000;
    await createSharedHosts({ store, clock }).write('b00t', { led: ['/standup'], connections: 3, until });
    await store.close();
  }
  const { out } = await terminal.run('check');
  return out.split('\n').find((line) => line.includes('prosody module')) ?? '';
}

test('whether the module reports is told, and how many people it sees', async (t) => {
  assert.equal(
    await said(t, { prosodyModule }, { seconds: 600 }),
    'fine   prosody module: reports: 1 Prosody, 3 connections',
  );
});

test('a module that does not report is warned of, with what would be right', async (t) => {
  for (const reported of [undefined, { seconds: 0 } as const]) {
    const told = await said(t, { prosodyModule }, reported);
    assert.match(told, /^warn .*nothing was reported .* waits in vain; right would be .*mod_ostiary loaded/);
    assert.ok(!told.includes(prosodyModule.secret));
  }
});

test('where no module is listened to nothing is said of one', async (t) => {
  assert.equal(await said(t, {}), '');
});
