import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  expectedOf,
  type Files,
  filesBelow,
  type Machine,
  machineOf,
  migrateCases,
} from '../../../test/cases/migrate.ts';
import { type Failing, onDisk } from '../../../test/support/failing-disk.ts';
import { type Applied, apply, undo } from './apply.ts';

const applied = migrateCases().filter((name) => Object.keys(expectedOf(name).after).length > 0);

async function on(context: TestContext, name = 'debian-plain'): Promise<Machine> {
  const machine = machineOf(name);
  context.after(machine.away);
  assert.equal((await machine.migrate('../in')).code, 0);
  return machine;
}

/** Three files that change: one grows, one shrinks, and one is made in folders that are made. */
const BEFORE: Files = { grows: 'a = 1\nb = 2\n', 'sub/shrinks': `${'-- long\n'.repeat(50)}c = 3\n` };
const AFTER: Files = {
  grows: `a = 1\n${'b = 3\n'.repeat(40)}`,
  'new/folder/made': 'x\n'.repeat(20),
  'sub/shrinks': 'c\n',
};

interface Place {
  readonly folder: string;
  /** The files that are changed; what is kept for the way back is not among them. */
  files(): Files;
  apply(): Applied;
  undo(): Applied;
}

async function inFolder(work: (place: Place) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-apply-'));
  const out = join(folder, 'out');
  mkdirSync(join(folder, 'in/sub'), { recursive: true });
  mkdirSync(out);
  for (const [name, text] of Object.entries(BEFORE)) writeFileSync(join(folder, 'in', name), text);
  const changes = Object.entries(AFTER).map(([name, after]) => {
    const before = BEFORE[name];
    return { file: join(folder, 'in', name), after, ...(before !== undefined && { before }) };
  });
  try {
    await work({
      folder,
      files: () => filesBelow(join(folder, 'in')),
      apply: () => apply(out, changes),
      undo: () => undo(out),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Back to the very bytes, and nothing is left lying about. */
function backAgain({ folder, files, undo: back }: Place): void {
  for (let times = 0; 'files' in back(); times += 1) assert.ok(times < 2);
  assert.deepEqual(files(), BEFORE);
  assert.deepEqual(readdirSync(join(folder, 'in')).sort(), ['grows', 'sub']);
  assert.deepEqual(readdirSync(join(folder, 'out')), []);
}

/** Does it with a disk that fails at the first call, at the second, and so on until there is none left to fail. */
async function sweep(
  how: Failing['how'],
  work: (place: Place, broken: (work: () => void) => Promise<boolean>) => Promise<void>,
): Promise<number> {
  for (let call = 1; ; call += 1) {
    let made = 0;
    await inFolder((place) =>
      work(place, async (act) => {
        const { calls, isStopped } = await onDisk({ how, call }, async () => act());
        made = calls;
        return isStopped;
      }),
    );
    if (made < call) return made;
  }
}

test('wherever a change is cut off, also in the middle of a file, --undo gives back every byte', async () => {
  const seen = new Set<string>();
  const calls = await sweep('stop', async (place, broken) => {
    await broken(() => void place.apply());
    seen.add(JSON.stringify(place.files()));
    backAgain(place);
  });
  // Every file was met as it was, half, and done.
  assert.ok(calls > 20 && seen.size > 6, `${calls} calls, ${seen.size} states`);
  assert.ok(seen.has(JSON.stringify(AFTER)));
});

test('wherever the way back is cut off, going back once more leads to every byte', async () => {
  const calls = await sweep('stop', async (place, broken) => {
    place.apply();
    await broken(() => void place.undo());
    backAgain(place);
  });
  assert.ok(calls > 10);
});

for (const how of ['once', 'full'] as const)
  test(`a disk that ${how === 'once' ? 'fails' : 'is full'} at any moment leaves every file as it was, and says so`, async () => {
    let told = 0;
    const calls = await sweep(how, async (place, broken) => {
      const said: Applied[] = [];
      await broken(() => void said.push(place.apply()));
      const [done] = said;
      assert.ok(done);
      if ('files' in done) return;
      told += 1;
      assert.match(done.hindrance, how === 'once' ? /\(EIO\)/ : /\(ENOSPC\)/);
      assert.deepEqual(place.files(), BEFORE, done.hindrance);
      backAgain(place);
    });
    assert.ok(told > 10 && calls >= told);
  });

test('what was cut off is taken back before anything else is read or changed', async (context) => {
  const machine = await on(context);
  const before = machine.files('in');
  for (let call = 1; ; call += 1) {
    await onDisk({ how: 'stop', call }, () => machine.migrate('../in', '--apply'));
    if (JSON.stringify(machine.files('in')) !== JSON.stringify(before)) break;
    await machine.migrate('--undo');
  }
  const half = machine.files('in');
  for (const words of [['../in'], ['../in', '--apply']]) {
    const { code, err } = await machine.migrate(...words);
    assert.equal(code, 1);
    assert.match(err, /interrupted.*\n.*ostiary migrate --undo --out/);
  }
  assert.deepEqual(machine.files('in'), half);
  assert.equal((await machine.migrate('--undo')).code, 0);
  assert.deepEqual(machine.files('in'), before);
  assert.match((await machine.migrate('../in', '--apply')).out, /4 files changed/);
});

test('a file that changes between reading and writing is left as it is, and so is every other', (context) => {
  const machine = machineOf('debian-plain');
  context.after(machine.away);
  const [one, other] = ['one', 'other'].map((name) => join(machine.root, name)) as [string, string];
  writeFileSync(one, 'a\n');
  writeFileSync(other, 'somebody was here\n');
  const before = filesBelow(machine.root);
  const done = apply(machine.root, [
    { file: one, before: 'a\n', after: 'b\n' },
    { file: other, before: 'a\n', after: 'b\n' },
  ]);
  assert.ok('hindrance' in done && /other has changed since it was read/.test(done.hindrance));
  assert.deepEqual(filesBelow(machine.root), before);
});

test('a file that somebody changes while others are written stays theirs, and the others go back', (context) => {
  const machine = machineOf('debian-plain');
  context.after(machine.away);
  const [one, other] = ['one', 'other'].map((name) => join(machine.root, name)) as [string, string];
  writeFileSync(one, 'a\n');
  writeFileSync(other, 'a\n');
  const done = apply(machine.root, [
    { file: one, before: 'a\n', after: 'b\n' },
    {
      file: other,
      before: 'a\n',
      // Read when the first file is written already: somebody is at work just then.
      get after() {
        if (readFileSync(one, 'utf8') === 'b\n') writeFileSync(other, 'theirs\n');
        return 'b\n';
      },
    },
  ]);
  assert.ok('hindrance' in done && /somebody else meanwhile/.test(done.hindrance), JSON.stringify(done));
  assert.deepEqual([readFileSync(one, 'utf8'), readFileSync(other, 'utf8')], ['a\n', 'theirs\n']);
  assert.equal(existsSync(join(machine.root, 'ostiary-undo')), false);
});

test('files that this user may not write are named before one of them is touched', async (context) => {
  const machine = await on(context);
  const isRoot = process.geteuid?.() === 0;
  const all = [
    machine.root,
    ...readdirSync(machine.root, { recursive: true }).map((name) => join(machine.root, String(name))),
  ];
  if (isRoot) for (const one of all) chownSync(one, 65_534, 65_534);
  const file = join(machine.root, 'in/etc/jitsi/jicofo/jicofo.conf');
  chmodSync(file, 0o444);
  const before = machine.files('in');
  if (isRoot) process.seteuid?.(65_534);
  try {
    const { code, err } = await machine.migrate('../in', '--apply');
    assert.equal(code, 1);
    assert.match(
      err,
      /^\/etc\/jitsi\/jicofo\/jicofo\.conf may not be written by this user \(EACCES\)\. Nothing was done\.\n/,
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  assert.deepEqual(machine.files('in'), before);
  assert.equal(existsSync(join(machine.root, 'out', 'ostiary-undo')), false);
});

test('settings that cannot be written are told in two lines, and no secret is left behind', async (context) => {
  for (let call = 1; ; call += 1) {
    const machine = machineOf('debian-external-jwt');
    context.after(machine.away);
    const said: { code: number; err: string }[] = [];
    const { calls } = await onDisk({ how: 'once', call }, async () => {
      said.push(await machine.migrate('../in'));
    });
    if (calls < call) break;
    assert.equal(said[0]?.code, 1);
    assert.match(
      said[0]?.err ?? '',
      /^\/etc\/ostiary\S* could not be written \(EIO\)\. Nothing was written\.\n[^\n]+$/,
    );
    assert.deepEqual(machine.files('out'), {});
    assert.equal((await machine.migrate('../in')).code, 0);
  }
});

test('a site that is enabled by a link is changed once, by whichever way it is found, and stays a link', async (context) => {
  const machine = await on(context, 'debian-shibboleth');
  const nginx = join(machine.root, 'in/etc/nginx');
  const site = join(nginx, 'sites-available/meet.uni.example.conf');
  mkdirSync(join(nginx, 'sites-enabled'));
  symlinkSync('../sites-available/meet.uni.example.conf', join(nginx, 'sites-enabled/meet.uni.example.conf'));
  const hard = join(machine.root, 'the-same');
  linkSync(site, hard);
  const before = readFileSync(site, 'utf8');
  const { out } = await machine.migrate('../in', '--apply');
  assert.equal(out.match(/^\+\+\+ .*meet\.uni\.example\.conf$/gm)?.length, 1);
  assert.notEqual(readFileSync(site, 'utf8'), before);
  assert.equal(readFileSync(hard, 'utf8'), readFileSync(site, 'utf8'));
  await machine.migrate('--undo');
  assert.deepEqual([readFileSync(site, 'utf8'), readFileSync(hard, 'utf8')], [before, before]);
  assert.equal(statSync(hard).ino, statSync(site).ino);
});

test('sites in a folder that is only linked to are read, and a link that leads back is no loop', async (context) => {
  const machine = machineOf('debian-shibboleth');
  context.after(machine.away);
  const nginx = join(machine.root, 'in/etc/nginx');
  const elsewhere = join(machine.root, 'srv');
  renameSync(join(nginx, 'sites-available'), elsewhere);
  symlinkSync(elsewhere, join(nginx, 'sites-enabled'));
  symlinkSync('..', join(nginx, 'again'));
  symlinkSync('nowhere', join(nginx, 'gone'));
  const { out } = await machine.migrate('../in', '--apply');
  assert.match(out, /^\+\+\+ .*srv\/meet\.uni\.example\.conf$/m);
  assert.match(out, /^\? .*gone: cannot be read \(ENOENT\)$/m);
});

/** Every file of a folder with its text changed. */
function rewritten(folder: string, change: (text: string) => string): void {
  for (const [name, text] of Object.entries(filesBelow(folder)))
    writeFileSync(join(folder, name), change(text));
}

for (const name of applied) {
  test(`${name}: with the line ends of another system the same changes are made, with those line ends, and go back`, async (context) => {
    const machine = machineOf(name);
    context.after(machine.away);
    rewritten(join(machine.root, 'in'), (text) => text.replace(/\r?\n/g, '\r\n'));
    const before = machine.files('in');
    await machine.migrate('../in', '--apply');
    const now = machine.files('in');
    const made = machine.files('out')['secrets/prosody'] ?? 'none was made';
    for (const [file, text] of Object.entries(expectedOf(name).after)) {
      const said = now[file]?.replaceAll(made, 'SECRET-THAT-WAS-MADE');
      assert.equal(said, before[file] === undefined ? text : text.replace(/\r?\n/g, '\r\n'), file);
    }
    assert.equal((await machine.migrate('--undo')).code, 0);
    assert.deepEqual(machine.files('in'), before);
  });

  test(`${name}: without a newline at the end of any file the same changes are made, and go back`, async (context) => {
    const machine = machineOf(name);
    context.after(machine.away);
    rewritten(join(machine.root, 'in'), (text) => text.replace(/\n$/, ''));
    const before = machine.files('in');
    await machine.migrate('../in', '--apply');
    const now = machine.files('in');
    const made = machine.files('out')['secrets/prosody'] ?? 'none was made';
    for (const [file, text] of Object.entries(expectedOf(name).after))
      assert.equal(
        now[file]?.replaceAll(made, 'SECRET-THAT-WAS-MADE').replace(/\n$/, ''),
        text.replace(/\n$/, ''),
        file,
      );
    assert.equal((await machine.migrate('--undo')).code, 0);
    assert.deepEqual(machine.files('in'), before);
  });
}

test('a file whose lines end in CR alone is named and left alone', async (context) => {
  const machine = machineOf('debian-plain');
  context.after(machine.away);
  const file = join(machine.root, 'in/etc/prosody/conf.avail/meet.example.org.cfg.lua');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r'));
  const { out } = await machine.migrate('../in', '--apply');
  assert.match(out, /cfg\.lua: has lines that end in CR alone/);
  assert.doesNotMatch(out, /^\+\+\+ .*cfg\.lua$/m);
});

test('what was never begun leaves nothing to take back', (context) => {
  const machine = machineOf('debian-plain');
  context.after(machine.away);
  mkdirSync(join(machine.root, 'ostiary-undo', '3'), { recursive: true });
  const done = undo(machine.root);
  assert.ok('hindrance' in done && /nothing to take back/.test(done.hindrance));
  assert.equal(existsSync(join(machine.root, 'ostiary-undo')), false);
});
