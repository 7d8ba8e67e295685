/**
 * Prints every figure as a ratio against a peer in the same run; with `--check`
 * it exits 1 when one misses its bar.
 */
import { execFile } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { admit } from '../src/admission/admit.ts';
import { createMint } from '../src/admission/mint.ts';
import { systemClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import { roomFromPath, roomOf } from '../src/base/room.ts';
import { Secret } from '../src/base/secret.ts';
import { expandAccess } from '../src/policy/access.ts';
import { BARS, type Bar, STRANGERS } from './bars.ts';
import { decideFigure } from './decide.ts';
import { authFigure, frontFigure } from './forward.ts';
import { jwtVerifyFigure, openIdConnectFigure, shibbolethFigure } from './peers.ts';
import { processorSeconds } from './processor.ts';
import { FILES, startNginx } from './proxies.ts';
import { compare, type Figure, median, repeat, repeatTogether, type Side } from './rounds.ts';
import { type Server, startServer } from './run-server.ts';
import { samlFigure, samlFloodFigure } from './saml.ts';
import { IDLE, idleBytes, memoryOf, relayFigure, upgradeFigure } from './sockets.ts';
import { flood } from './strangers.ts';
import { WAITING, waitTogether } from './waiting.ts';

const run = promisify(execFile);
/** Milliseconds of a turn. */
const TURN = 1000;
const TOGETHER = 8;

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const payload = Buffer.alloc(620, 'x');

const rawSign: Side = () => repeat(() => sign('RSA-SHA256', payload, privateKey), TURN);

async function mintFigure(): Promise<Figure> {
  const key = { kid: 'bench', algorithm: 'RS256', secret: new Secret(pem) } as const;
  const mint = createMint({
    keys: { signing: async () => key, published: async () => [] },
    clock: systemClock,
    random: systemRandom,
    claims: { issuer: 'ostiary', audience: 'ostiary', xmppDomain: 'meet.jitsi', email: false },
    lifetimes: { client: 21_600, app: 21_600, bearer: 300 },
    gate: { gate: 'bench', sealing: { sealing: async () => [] } },
  });
  const person = { id: 'bench#1', provider: 'bench', name: 'Ada', emailVerified: false, groups: ['members'] };
  const rules = expandAccess({ access: 'members', hosts: [] });
  const asked = {
    method: 'GET',
    path: '/',
    query: '',
    header: () => undefined,
    address: '127.0.0.1',
    id: 'BENC-HBEN',
    socket: '',
    raw: [],
  };
  let round = 0;
  const one = async (at: number) => {
    const room = roomOf(roomFromPath(`r${round}-${at}`));
    const outcome = await admit(
      { asked, wants: { kind: 'enter', room } },
      { recognise: async () => ({ person, session: 's' }), rules: () => rules },
    );
    if (outcome.kind !== 'admitted') throw new Error(outcome.kind);
    await mint(outcome.grant, 'client');
  };
  const ours: Side = () => {
    round += 1;
    return repeatTogether(one, { milliseconds: TURN, together: TOGETHER });
  };
  return compare({ ours, peer: rawSign });
}

/** What wrk runs: each request with the next cookie; a star in the path is the request's number. */
const SCRIPT = `
local cookies, at, pattern = {}, 0, nil
function init(args)
  pattern = args[2]
  for line in io.lines(args[1]) do cookies[#cookies + 1] = line end
end
function request()
  at = at + 1
  local path = pattern and pattern:gsub('%*', at) or '/'
  return wrk.format('GET', path, { Cookie = cookies[at % #cookies + 1] })
end
`;

/** What a load asks for, and by what it is counted: seconds on the clock, or those the server had on a processor. */
interface Load {
  readonly pattern?: string;
  readonly per: 'second' | 'second of processor';
}

/** Requests by wrk, one thread. Any answer that is neither 2xx nor 3xx ends the run. */
async function load(
  { url, cookies, pid }: Pick<Server, 'url' | 'cookies' | 'pid'>,
  { pattern, per }: Load,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'ostiary-wrk-'));
  try {
    await writeFile(join(folder, 'script.lua'), SCRIPT);
    await writeFile(join(folder, 'cookies'), cookies.join('\n'));
    const more = [join(folder, 'cookies'), ...(pattern === undefined ? [] : [pattern])];
    const before = processorSeconds(pid);
    const { stdout } = await run(
      'wrk',
      ['-t1', `-c${TOGETHER}`, `-d${TURN / 1000}s`, '-s', join(folder, 'script.lua'), url, '--', ...more],
      { timeout: TURN * 5 },
    );
    if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${url} failed: ${stdout}`);
    if (per === 'second') return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
    return Number(/(\d+) requests in/.exec(stdout)?.[1]) / (processorSeconds(pid) - before);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error('wrk is needed: apt-get install -y wrk', { cause });
    throw cause;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function joinFigure(): Promise<Figure> {
  const server = await startServer('join');
  let round = 0;
  try {
    const ours: Side = () => {
      round += 1;
      return load(server, { pattern: `/_ostiary/join?room=r${round}-*`, per: 'second' });
    };
    return await compare({ ours, peer: rawSign });
  } finally {
    server.stop();
  }
}

async function sessionFigure(stored: number): Promise<Figure> {
  const [bare, ours] = await Promise.all([startServer('bare'), startServer('session', String(stored))]);
  try {
    const sideOf = (server: Server): Side => {
      return () => load(server, { per: 'second of processor' });
    };
    const figure = await compare({ ours: sideOf(ours), peer: sideOf(bare) }, 'at once');
    return { ...figure, beside: ((await memoryOf(ours.pid)) - (await memoryWithout())) / stored };
  } finally {
    bare.stop();
    ours.stop();
  }
}

/** Bytes of a server that was asked as much, with one session. */
async function memoryWithout(): Promise<number> {
  const server = await startServer('session', '1');
  try {
    await load(server, { per: 'second' });
    return await memoryOf(server.pid);
  } finally {
    server.stop();
  }
}

/** One file through the gateway and through a proxy that asks nobody; nginx has its turn after every two. */
async function proxyFigure(size: keyof typeof FILES): Promise<Figure> {
  const nginx = await startNginx();
  const servers: Server[] = [];
  try {
    const ours = await startServer('gateway', nginx.upstream);
    const bare = await startServer('proxy', nginx.upstream);
    servers.push(ours, bare);
    const beside = { url: nginx.proxy, cookies: bare.cookies, pid: nginx.pid };
    const rates: number[] = [];
    const asked: Load = { pattern: FILES[size], per: 'second' };
    const figure = await compare({
      ours: () => load(ours, asked),
      peer: async () => {
        rates.push(await load(beside, asked));
        return load(bare, asked);
      },
    });
    return { ...figure, beside: median(rates) };
  } finally {
    for (const server of servers) server.stop();
    nginx.stop();
  }
}

const FIGURES: Readonly<Record<keyof typeof BARS, () => Promise<Figure>>> = {
  'decide 10': () => decideFigure(10),
  'decide 100': () => decideFigure(100),
  'decide 1k': () => decideFigure(1000),
  mint: mintFigure,
  join: joinFigure,
  'session 1k': () => sessionFigure(1000),
  'session 10k': () => sessionFigure(10_000),
  'session 100k': () => sessionFigure(100_000),
  'proxy 1 kB': () => proxyFigure('1 kB'),
  'proxy 1 MB': () => proxyFigure('1 MB'),
  auth: authFigure,
  'nginx static': () => frontFigure({ from: 'static', kept: false }),
  'nginx static kept': () => frontFigure({ from: 'static', kept: true }),
  'nginx proxied': () => frontFigure({ from: 'proxied', kept: false }),
  'nginx proxied kept': () => frontFigure({ from: 'proxied', kept: true }),
  mod_auth_openidc: openIdConnectFigure,
  mod_shib: shibbolethFigure,
  jwt_verify: jwtVerifyFigure,
  'relay 500 B': relayFigure,
  upgrade: upgradeFigure,
  saml: samlFigure,
  'saml flood': samlFloodFigure,
};

const only = process.argv.slice(2).filter((word) => !word.startsWith('--'));
let missed = 0;
for (const [name, bar] of Object.entries<Bar>(BARS)) {
  if (only.length > 0 && !only.includes(name)) continue;
  const figure = await FIGURES[name as keyof typeof BARS]();
  const holds = figure.ratio >= bar.atLeast;
  if (!holds) missed += 1;
  process.stdout.write(
    `${name.padEnd(14)} ${figure.ratio.toFixed(2)} (at least ${bar.atLeast}) ${holds ? 'holds ' : 'MISSED'}  ours ${Math.round(figure.ours)}/s, peer ${Math.round(figure.peer)}/s, rounds ${figure.spread.map((ratio) => ratio.toFixed(2)).join('–')}\n               ${bar.ours}\n               : ${bar.peer}\n`,
  );
  if (bar.beside !== undefined && figure.beside !== undefined)
    process.stdout.write(
      `               beside: ${bar.beside}, ${Math.round(figure.beside)}${bar.besideUnit ?? '/s'}\n`,
    );
}
for (const door of ['gateway', 'forward'] as const) {
  const { name, done, counted, times, atMost } = STRANGERS[door];
  if (only.length > 0 && !only.includes(name)) continue;
  const { reached, perSecond, quiet, flooded } = await flood(door, times);
  const holds = reached <= atMost;
  if (!holds) missed += 1;
  process.stdout.write(
    `${name.padEnd(14)} ${reached} (at most ${atMost}) ${holds ? 'holds ' : 'MISSED'}  of ${times}, ${Math.round(perSecond)}/s\n               ${done}\n               : ${counted}\n               beside: 99 of 100 requests of somebody signed in, one after the other: ${quiet.toFixed(1)} ms in quiet, ${flooded.toFixed(1)} ms in the flood\n`,
  );
}
if (only.length === 0 || only.includes(IDLE.name)) {
  const { name, done, counted, times, atMost } = IDLE;
  const bytes = Math.round(await idleBytes(times));
  const holds = bytes <= atMost;
  if (!holds) missed += 1;
  process.stdout.write(
    `${name.padEnd(14)} ${bytes} (at most ${atMost}) ${holds ? 'holds ' : 'MISSED'}  with ${times}\n               ${done}\n               : ${counted}\n`,
  );
}
if (only.length === 0 || only.includes(WAITING.name)) {
  const { name, done, counted, times, atMost } = WAITING;
  const { lost, bytesEach } = await waitTogether(times);
  const holds = lost <= atMost;
  if (!holds) missed += 1;
  process.stdout.write(
    `${name.padEnd(14)} ${lost} (at most ${atMost}) ${holds ? 'holds ' : 'MISSED'}  of ${times}, ${bytesEach} bytes of memory each\n               ${done}\n               : ${counted}\n`,
  );
}
if (process.argv.includes('--check') && missed > 0) process.exitCode = 1;
