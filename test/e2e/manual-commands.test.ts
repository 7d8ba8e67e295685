/**
 * Every block of commands that the manual shows is run as it stands, on a machine made for it; `ostiary` is the real
 * command line, on a real store and a real configuration.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { makeInvite } from '../../src/admission/invite.ts';
import { openParts } from '../../src/app.ts';
import { type FixedClock, fixedClock, unixSeconds } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { systemRandom } from '../../src/base/random.ts';
import { parseRoomPath } from '../../src/base/room.ts';
import { loadConfig } from '../../src/config/load.ts';
import { BLOCKS, type Block, MANUAL, spans } from '../house/manual.ts';
import { type GatewayStage, startGatewayStage } from '../support/gateway-stage.ts';
import { type Machine, moved, startMachine } from '../support/manual-machine.ts';
import { type Op, startOp } from '../support/op.ts';

const CASES = join(import.meta.dirname, '../cases/migrate');

/** Lines of a file and no commands; or run by test/e2e/manual-requests.test.ts. */
const ELSEWHERE = /^(?:curl|printed|gateway): /;

/** What is not a line of a file and not shown elsewhere. CONTRIBUTING's lines are those by which this test itself was started. */
const COMMANDS = BLOCKS.filter(
  ({ language, mark = '', path }) => language === 'sh' && path !== 'CONTRIBUTING.md' && !ELSEWHERE.test(mark),
);

/** What packages have made before anybody reads our manual. */
const FOLDERS = [
  ...['etc/jitsi/meet/jaas', 'etc/nginx/sites-available', 'etc/nginx/sites-enabled', 'etc/shibboleth'],
  ...['etc/systemd/system', 'etc/letsencrypt/renewal-hooks/deploy', 'var/backups', 'var/lib/turn'],
  ...['var/lib/prosody/meet%2eexample%2eorg/accounts', 'var/lib/prosody/people%2emeet%2eexample%2eorg'],
  ...[
    'usr/share/lua/5.2',
    'usr/share/lua/5.3',
    'etc/ostiary/secrets',
    'home/docker-jitsi-meet/ostiary/secrets',
  ],
  'home/.jitsi-meet-cfg/prosody/prosody-plugins-custom',
] as const;
const FILES = ['usr/share/lua/5.2/basexx.lua', 'usr/share/lua/5.3/inspect.lua', 'var/lib/turn/turndb'];

let op: Op;
let gateway: GatewayStage;
before(async () => {
  op = await startOp({ redirectUris: ['https://meet.example.org/_ostiary/callback/campus'] });
  gateway = await startGatewayStage();
});
after(async () => {
  await op?.close();
  await gateway?.close();
});

/** Everything that the blocks of a page say, one after the other; lists are made longer. */
function together(page: string, folder: string): Record<string, unknown> {
  const all: Record<string, unknown> = {};
  for (const { path, language, text } of BLOCKS)
    if (path === page && language === 'yaml')
      for (const [name, said] of Object.entries(parse(moved(text, folder)))) {
        const before = all[name];
        all[name] = Array.isArray(before) && Array.isArray(said) ? [...before, ...said] : said;
      }
  return all;
}

/** The settings that a page shows, over the least there can be; the sign-in service is one that answers. */
function settingsOf(page: string, folder: string): string {
  const { providers, ...rest } = together(page, folder) as { providers?: readonly { id: string }[] };
  const others = new Map((providers ?? []).map((one) => [one.id, one]));
  others.set('campus', {
    ...{ id: 'campus', issuer: op.issuer, clientId: op.clientId },
    ...{ clientSecret: op.clientSecret.reveal() },
  });
  return stringify({
    publicUrl: 'https://meet.example.org',
    insecureHttp: true,
    trustedProxies: ['127.0.0.1'],
    jitsi: { roles: 'enforced' },
    hosts: ['staff'],
    ...rest,
    providers: [...others.values()],
    store: { path: join(folder, 'var/lib/ostiary/ostiary.sqlite') },
  });
}

/** The files that settings name as those of secrets. */
function secretsIn(settings: unknown): readonly string[] {
  if (typeof settings !== 'object' || settings === null) return [];
  if ('file' in settings && typeof settings.file === 'string') return [settings.file];
  return Object.values(settings).flatMap(secretsIn);
}

const SECRET = 'forty-three characters that nobody could guess';

/** What was made by chance, and stands in the manual by another name. */
interface Lived {
  readonly session: string;
  readonly invitation: string;
  readonly key: string;
}

/** Makes a store in which has happened what the manual speaks of. */
async function lived(folder: string, clock: FixedClock): Promise<Lived> {
  const read = loadConfig(join(folder, 'etc/ostiary/ostiary.yaml'), {});
  assert.ok('config' in read, JSON.stringify(read));
  const parts = await openParts(read.config, { clock, log: silentLog });
  try {
    const person = (id: string) => ({
      ...{ id, provider: 'campus', name: 'Ada', groups: ['staff'], emailVerified: false },
    });
    await parts.sessions.issue({ person: person('campus#5d0e') });
    const { session } = await parts.sessions.issue({ person: person('campus#4711') });
    await parts.audit.record({
      ...{ at: clock.now(), id: 'K7QF-2M9X', event: 'refused', person: 'campus#4711', name: 'Ada' },
      ...{
        provider: 'campus',
        groups: [],
        room: 'standup',
        rule: '(no rule matched)',
        code: 'entry.refused',
      },
    });
    const wish = {
      room: parseRoomPath('/standup'),
      role: 'guest',
      until: unixSeconds(clock) + 3600,
    } as const;
    const made = { store: parts.store, clock, random: systemRandom };
    const { invite } = await makeInvite(wish, { role: 'host' }, made);
    await makeInvite(
      wish,
      { role: 'host', maker: { kind: 'person', person: person('keycloak#8d7f'), address: '192.0.2.7' } },
      made,
    );
    const key = (await parts.storedKeys?.rotateNow()) ?? '';
    return { session: session.handle.slice(0, 8), invitation: invite.id, key };
  } finally {
    await parts.close();
  }
}

/** How a sign-in service is asked, which has the time of this machine, and a Jitsi, which is not here. */
const LOOKS = ['check', 'doctor'];

async function machineFor(page: string): Promise<Machine> {
  const clock = fixedClock();
  let made: Lived | undefined;
  const meant = (argv: readonly string[]) =>
    argv.map((word) => {
      if (word === '3f9a1c07') return made?.session ?? word;
      if (word === 'k1-114965c3') return made?.key ?? word;
      return word === 'K7QF-2M9X' && argv[0] === 'invite' ? (made?.invitation ?? word) : word;
    });
  // Where nobody says where Jitsi is, it is looked for at the machine's root.
  const looking = (argv: readonly string[]) =>
    argv[0] === 'init' && !argv.includes('--door') ? [...meant(argv), machine.folder] : meant(argv);
  const machine: Machine = await startMachine(
    {
      meant: looking,
      site: `http://127.0.0.1:${gateway.stage.ports.public}`,
      now: ([name = '']) => (LOOKS.includes(name) ? Date.now() : clock.now()),
      mayEnd: ([name = ''], code) => LOOKS.includes(name) && code === 1,
    },
    async (folder) => {
      cpSync(join(CASES, 'debian-plain/in'), folder, { recursive: true });
      cpSync(join(CASES, 'docker-internal/in/docker'), join(folder, 'home/docker-jitsi-meet'), {
        recursive: true,
      });
      for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true });
      for (const name of FILES) writeFileSync(join(folder, name), '');
      writeFileSync(join(folder, 'log'), `${gateway.stage.lines.join('')}${FOLLOWED}\n`);
      const settings = settingsOf(page, folder);
      for (const place of ['etc/ostiary', 'home/docker-jitsi-meet/ostiary']) {
        writeFileSync(join(folder, place, 'ostiary.yaml'), settings, { mode: 0o600 });
        writeFileSync(join(folder, place, 'ada.json'), ADA);
        for (const file of secretsIn(parse(settings))) {
          const path = resolve(folder, place, file);
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, SECRET, { mode: 0o600 });
        }
      }
      if (COMMANDS.some(({ path, text }) => path === page && /\bostiary [a-z]/.test(text)))
        made = await lived(folder, clock);
      // It writes what is not there yet.
      if (page.endsWith('/init.md'))
        for (const place of ['etc/ostiary', 'home/docker-jitsi-meet/ostiary'])
          rmSync(join(folder, place, 'ostiary.yaml'));
    },
  );
  return machine;
}

/** A line of the log as links that are followed leave it. */
const FOLLOWED = JSON.stringify({ event: 'audit.link-followed', id: 'K7QF-2M9X', provider: 'my-jitsi' });

/** Somebody, as the page about roles shows them. */
const ADA = spans(MANUAL.get('docs/how-to/roles.md') ?? '').find((span) => span.startsWith('{ "id"')) ?? '';

/** Where the reader stands: beside docker-jitsi-meet's files, or where the settings are. */
function placeOf({ path, text }: Block): string {
  return /\.\.\/ostiary|docker compose/.test(text) || path === 'docs/how-to/docker-jitsi-meet.md'
    ? '~/docker-jitsi-meet'
    : '/etc/ostiary';
}

for (const page of new Set(COMMANDS.map(({ path }) => path)))
  test(`the commands in ${page} do what they are shown for`, async (t) => {
    const machine = await machineFor(page);
    t.after(() => machine.away());
    const blocks = COMMANDS.filter(({ path }) => path === page);
    const lines = blocks.map((block) => `cd ${placeOf(block)}\n${block.text}`).join('\n');
    const { code, out, err } = await machine.run(lines);
    assert.equal(code, 0, `${out}\n${err}`);
    // Beside a command stands what is answered.
    for (const answer of lines.matchAll(/# (HTTP\/1\.1 \d+)$/gm))
      assert.ok(out.includes(answer[1] ?? ''), `${answer[1]} is not in ${out}`);
  });

for (const line of [
  'frobnicate',
  'systemctl start cron',
  'ostiary frobnicate',
  'docker run something',
  'ls',
  'cp /etc/passwd /bin/x',
])
  test(`a manual that showed "${line}" would not pass`, async (t) => {
    const machine = await startMachine({}, () => {});
    t.after(() => machine.away());
    await assert.rejects(async () => assert.equal((await machine.run(line)).code, 0));
  });
