/**
 * `ostiary demo`: starts everything on this machine and says how to look at it.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { startDemo } from '../../demo/demo.ts';
import { isProblem, Problem } from '../base/problem.ts';
import { parseRoomPath } from '../base/room.ts';
import { thenOf } from '../policy/case-file.ts';
import { decide } from '../policy/decide.ts';
import { timesFor } from '../policy/room-times.ts';
import { complain, type ExitCode, type Given, type Io } from './command.ts';
import { isPortTaken } from './failure.ts';
import { rulesOf } from './open.ts';

/** Runs the demo, or tells what is wrong with the settings that were given over its own. */
export async function runDemo(io: Io, given: Given): Promise<ExitCode> {
  try {
    return await run(io, given);
  } catch (thrown) {
    const first = isProblem(thrown, 'config.unusable') ? thrown.facts['first'] : undefined;
    if (typeof first !== 'string' || given.text('with') === undefined) throw thrown;
    return complain(io, first, 'The demo takes the rest from itself: mend the file that --with names.');
  }
}

/** Runs the demo until it is told to stop. Standard output carries one line with `--json`, when everything answers. */
async function run(io: Io, given: Given): Promise<ExitCode> {
  const port = Number(given.text('port') ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return complain(
      io,
      `${given.text('port')} is no port.`,
      'Give a number from 1 to 65535, or leave it out.',
    );
  const upstream = upstreamOf(io);
  const door = given.text('door') ?? (upstream === undefined ? 'gateway' : 'token-service');
  if (door !== 'gateway' && door !== 'token-service')
    return complain(io, `${door} is no door.`, 'Give gateway or token-service, or leave --door out.');
  const logLevel = LEVELS.find((level) => level === (given.text('log') ?? 'warn'));
  if (logLevel === undefined)
    return complain(io, `${given.text('log')} is no level of the log.`, `Give ${LEVELS.join(', ')}.`);
  const settings = readSettings(given.text('with'), io);
  const demo = await started({
    ...{ port, door, logLevel, env: io.env },
    ...(upstream !== undefined && { upstream }),
    ...(settings !== undefined && { settings }),
  });
  if (demo === undefined) return complain(io, `Port ${port} is taken.`, 'Give another, or leave --port out.');
  const users = demo.users.map(({ username, password, role }) => ({ username, password, role }));
  if (given.flag('json'))
    io.out(
      JSON.stringify({
        url: demo.url,
        inner: demo.inner,
        room: demo.room,
        users,
        app: demo.app,
        link: demo.link,
        config: demo.configFile,
        pid: process.pid,
      }),
    );
  else io.out(told(demo, io.now(), door === 'gateway' ? undefined : upstream));
  await new Promise<void>((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) io.on(signal, done);
    const stop = io.orphaned?.(() => {
      stop?.();
      done();
    });
  });
  await demo.close();
  return 0;
}

type Demo = Awaited<ReturnType<typeof startDemo>>;

/** Nothing where the port is taken. */
async function started(options: Parameters<typeof startDemo>[0]): Promise<Demo | undefined> {
  try {
    return await startDemo(options);
  } catch (thrown) {
    const taken = isProblem(thrown)
      ? isPortTaken(thrown)
      : thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE';
    if (taken) return undefined;
    throw thrown;
  }
}

/** Settings of somebody's own. Throws `config.unusable` where the file cannot be read. */
function readSettings(file: string | undefined, { cwd }: Io): Parameters<typeof startDemo>[0]['settings'] {
  if (file === undefined) return undefined;
  const name = resolve(cwd, file);
  try {
    return { text: readFileSync(name, 'utf8'), name: file, folder: dirname(name) };
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause)
      throw new Problem('config.unusable', { first: `${file} cannot be read (${cause.code})` });
    throw cause;
  }
}

function upstreamOf({ env }: Io): string | undefined {
  const said = env['OSTIARY_UPSTREAM'];
  if (!said) return undefined;
  if (!URL.canParse(said) || !/^https?:$/.test(new URL(said).protocol))
    throw new Problem('config.unusable', { setting: 'OSTIARY_UPSTREAM', why: 'is no web address' });
  return new URL(said).origin;
}

/** How to come in from another application: by its page, and by its link. */
function othersTold(url: string, { name, secret }: Demo['app'], link: Demo['link']): readonly string[] {
  return [
    'A meeting in the page of another application (examples/embed, in a checkout):',
    '  npx node tools/sdk.ts',
    `  APP_NAME=${name} APP_SECRET=${secret} MEETINGS=${url} npx node examples/embed/server.ts`,
    '',
    ...(link === undefined
      ? []
      : ['A link as another application sends it, good for a day:', `  ${link}`, '']),
  ];
}

const LEVELS = ['warn', 'info', 'debug'] as const;

const WIDTH = 12;

/** What becomes of somebody at the door, by the rules there are. */
const BECOMES: Readonly<Record<ReturnType<typeof thenOf>, string>> = {
  ...{ host: 'host', participant: 'participant', guest: 'guest', knock: 'knocks at the lobby' },
  ...{ wait: 'waits for a host', refuse: 'may not enter', closed: 'finds the room shut' },
  'sign-in': 'signs in first',
};

function becomes({ username, email, groups }: Demo['users'][number], { room, config }: Demo, now: number) {
  const provider = config.providers[0]?.id ?? '';
  const person = { id: `${provider}#${username}`, provider, email, emailVerified: true, groups };
  const at = parseRoomPath(`/${room}`);
  const roomTimes = timesFor(config.rooms, at);
  return BECOMES[thenOf(decide({ room: at, now, person, roomTimes }, rulesOf(config)))];
}

function told(demo: Demo, now: number, upstream?: string): string {
  const { url, inner, room, users, app, link, configFile } = demo;
  const people = users.map((user) =>
    [user.username, user.password, becomes(user, demo, now)]
      .map((word) => word.padEnd(WIDTH))
      .join('')
      .trimEnd(),
  );
  const meeting =
    upstream === undefined
      ? [`Open ${url}/${room} and sign in as one of:`]
      : [
          `At the service of ${upstream}. Put this into its config.js, and open a room there:`,
          `  config.tokenAuthUrl = '${url}/_ostiary/join?room={room}&state={state}';`,
          `Its Prosody fetches our keys from ${inner}/_ostiary/asap (asap_key_server), unless JWT_APP_SECRET is its app_secret.`,
          'Sign in as one of:',
        ];
  return [
    '',
    ...meeting,
    '',
    ...people.map((line) => `  ${line}`),
    '',
    ...(upstream === undefined ? othersTold(url, app, link) : []),
    'Who is turned away sees eight characters. What they stand for, and who is signed in:',
    `  npx ostiary why THE-CHARACTERS --config ${configFile}`,
    `  npx ostiary sessions list --config ${configFile}`,
    '',
    'Why a link, a token or a frame was refused: the log of a demo that is started with --log info.',
    `Keys, health and metrics: ${inner}/_ostiary/ready`,
    'Ctrl+C ends it; nothing is kept.',
    '',
  ].join('\n');
}
