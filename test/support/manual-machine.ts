/**
 * A machine on which the commands of the manual are run as they stand: folders of its own in place of `/etc`, `/opt`,
 * `/var` and the home, and a PATH on which nothing stands but what the manual may call.
 *
 * `ostiary` is the real command line, run by the test itself. What would change the real machine, or needs another
 * one, is a stand-in that knows which words it may be given: anything else fails.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { Secret } from '../../src/base/secret.ts';
import { runCli } from '../../src/cli/program.ts';
import { needCommand } from './real/need.ts';

const CHECKOUT = resolve(import.meta.dirname, '../..');

/** Programs that are run as they are: inside the folders of this machine they can do no harm. */
const REAL = ['bash', 'cat', 'chmod', 'cp', 'date', 'grep', 'head', 'ln', 'mkdir', 'openssl', 'sed', 'sh'];

/**
 * Programs that are stood in for, as scripts of bash in which `no` refuses a word: why, and what of them is held true.
 * Where the real one is run is said beside each.
 */
const STAND_INS: Readonly<Record<string, string>> = {
  // Becomes another user: what stands behind it is run all the same.
  sudo: 'exec "$@"',
  runuser: '[ "$1 $2 $3" = "-u ostiary --" ] || no "$@"; shift 3; exec "$@"',
  // Users, groups and owners of the real machine. Only those that the manual made, or that packages bring.
  adduser: '[ "$*" = "--system --group --home $MACHINE/var/lib/ostiary ostiary" ] || no "$@"',
  usermod: '[ "$*" = "-a -G turnserver ostiary" ] || no "$@"',
  chown: '[ "$1 $2" = "-R 1000" ] && [ -e "$3" ] || no "$@"',
  chgrp: '[ "$1" = ostiary ] && [ -e "$2" ] || no "$@"',
  install:
    'words=(); while [ $# -gt 0 ]; do case "$1" in -o) [ "$2" = root ] || [ "$2" = ostiary ] || no "$@"; shift;; -g) case "$2" in ostiary|prosody|turnserver);; *) no "$@";; esac; shift;; *) words+=("$1");; esac; shift; done; exec "$INSTALL" "${words[@]}"',
  // Services of the real machine: the units are those that the manual or Jitsi's packages put there.
  systemctl:
    'case "$1" in daemon-reload) [ $# = 1 ];; enable) [ "$2 $3" = "--now ostiary" ] && [ -e "$MACHINE/etc/systemd/system/ostiary.service" ];; start|stop|restart|reload) shift; for unit in "$@"; do case "$unit" in ostiary|prosody|jicofo|nginx|coturn);; *) no "$unit";; esac; done;; *) false;; esac || no "$@"',
  journalctl: '[ "$1 $2" = "-u ostiary" ] || no "$@"; cat "$MACHINE/log"',
  // nginx -t is run by test/e2e/manual-nginx.test.ts, with the packaged files by the tests of each door.
  nginx: '[ "$*" = "-t" ] || no "$@"',
  // Nothing is downloaded: packages that Debian and Ubuntu have.
  apt: '[ "$1" = install ] || no "$@"; shift; for name in "$@"; do case "$name" in coturn|lua-basexx|lua-cjson|lua-inspect|lua-luaossl);; *) no "$name";; esac; done',
  npm: 'case "$1" in ci) [ $# = 1 ] || [ "$2" = --omit=dev ];; test) grep -q "\\"test\\":" "$MACHINE/opt/ostiary/package.json";; run) grep -q "\\"$2\\":" "$MACHINE/opt/ostiary/package.json";; *) false;; esac || no "$@"',
  // Where Debian's packages put the two modules whose Lua it depends on.
  'lua5.4': 'LUA_PATH="$MACHINE/usr/share/lua/5.2/?.lua;$MACHINE/usr/share/lua/5.3/?.lua;;" exec "$LUA" "$@"',
  // Our program from the checkout, as it is called where nothing is installed.
  node: '[ "$1" = ../ostiary/bin/ostiary.js ] || no "$@"; shift; exec ostiary "$@"',
  // No docker here: of a container that runs our image the words behind are run, everything else is a word of docker's.
  docker:
    'case "$1 $2 $3 $4" in "compose run --rm ostiary") shift 4; cd "$MACHINE/home/docker-jitsi-meet/ostiary"; exec ostiary "$@";; "compose exec ostiary ostiary") shift 4; cd "$MACHINE/home/docker-jitsi-meet/ostiary"; exec ostiary "$@";; "compose build ostiary "|"compose logs ostiary "|"compose kill -s HUP"|"compose up -d --force-recreate") ;; *) no "$@";; esac',
};

/** What one block of commands did. */
export interface BlockRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The machine of one block. */
export interface Machine {
  readonly folder: string;
  /** Runs the lines in one shell that stops at the first failure. */
  run(lines: string): Promise<BlockRun>;
  away(): Promise<void>;
}

/** What a machine is made with. */
export interface MachineParts {
  /** Where the public name of the manual is, as `http://127.0.0.1:1234`; nobody's unless said. */
  readonly site?: string;
  /** May this call end with this code? With 0 alone unless said. */
  readonly mayEnd?: (argv: readonly string[], code: number) => boolean;
  /** The same words, with ids that were made by chance in place of the manual's. */
  readonly meant?: (argv: readonly string[]) => readonly string[];
  /** What time it is for a call; now, unless said. */
  readonly now?: (argv: readonly string[]) => number;
}

/** Starts one. `prepare` fills its folder. */
export async function startMachine(
  { site, mayEnd = () => false, meant = (argv) => argv, now = Date.now }: MachineParts,
  prepare: (folder: string) => Promise<void> | void,
): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'ostiary-machine-'));
  const bin = join(folder, 'bin');
  const socket = join(folder, 'ostiary.socket');
  const server = createServer(async (request, response) => {
    const [cwd = folder, ...argv] = (await readText(request)).split('\0').slice(0, -1);
    const said = await ran(meant(argv), { cwd, now: () => now(argv) });
    response.end(`${mayEnd(argv, said.code) ? 0 : said.code}\n${said.out}`);
    if (said.err !== '') errors.push(said.err);
  });
  const errors: string[] = [];
  await once(server.listen(socket), 'listening');

  mkdirSync(bin);
  for (const name of REAL) symlinkSync(needCommand(name, name), join(bin, name));
  const script = (name: string, lines: string) =>
    writeFileSync(
      join(bin, name),
      `#!${needCommand('bash', 'bash')}\nno() { echo "${name}: nobody shows what \\"$*\\" does" >&2; exit 99; }\n${lines}\n`,
      { mode: 0o755 },
    );
  for (const [name, lines] of Object.entries(STAND_INS)) script(name, lines);
  script(
    'ostiary',
    'answer=$(printf "%s\\0" "$PWD" "$@" | "$CURL" -s --unix-socket "$SOCKET" --data-binary @- http://machine/); code=${answer%%$\'\\n\'*}; printf "%s\\n" "${answer#*$\'\\n\'}"; exit "$code"',
  );
  // The manual's server by its public name is the one that runs here.
  if (site !== undefined)
    script('curl', `exec "$CURL" -H 'Host: meet.example.org' "\${@/#https:\\/\\/meet.example.org/${site}}"`);
  else script('curl', 'no "$@"');
  for (const name of ['etc/ostiary', 'opt', 'var/lib/ostiary', 'home', 'usr/local/bin', 'root'])
    mkdirSync(join(folder, name), { recursive: true });
  symlinkSync(CHECKOUT, join(folder, 'opt/ostiary'));
  symlinkSync(CHECKOUT, join(folder, 'home/ostiary'));
  const away = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await prepare(folder);
  } catch (thrown) {
    await away();
    throw thrown;
  }

  return {
    folder,
    async run(lines) {
      const child = spawn(needCommand('bash', 'bash'), ['-euo', 'pipefail', '-c', inside(lines, folder)], {
        cwd: folder,
        env: {
          ...{ PATH: bin, HOME: join(folder, 'home'), MACHINE: folder, SOCKET: socket },
          CURL: needCommand('curl', 'curl'),
          LUA: needCommand('lua5.4', 'lua5.4'),
          INSTALL: needCommand('install', 'coreutils'),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const closed = once(child, 'close');
      const [out, err] = await Promise.all([readText(child.stdout), readText(child.stderr)]);
      const [code] = (await closed) as [number];
      return { code, out, err: [err, ...errors.splice(0)].join('\n') };
    },
    away,
  };
}

/** The same lines, with the folders of this machine in place of the reader's. */
export function moved(lines: string, folder: string): string {
  const ours = /(?<![\w.~:/$\]}\\-])\/(?=(?:etc|opt|var|root|home|run\/secrets|usr\/local|usr\/share)\b)/g;
  return lines.replaceAll(ours, `${folder}/`);
}

/** The same, for a shell. Throws where a name would lead out of the machine; `/staff` is a group with its path. */
function inside(lines: string, folder: string): string {
  const there = moved(lines, folder);
  const outside = there
    .replaceAll(folder, '')
    .replaceAll(/#!\/bin\/sh|^#.*/gm, '')
    .match(/(?<=^|[\s"'=>])\/(?!etc|opt|var|root|home|usr|dev\/null|staff\b)[a-z][\w./-]*/gm);
  if (outside !== null) throw new Error(`outside of the machine: ${outside.join(', ')}`);
  return there;
}

/** Nobody types; what is asked for as a secret is answered. */
async function ran(
  argv: readonly string[],
  { cwd, now }: { readonly cwd: string; readonly now: () => number },
) {
  const said: { out: string[]; err: string[] } = { out: [], err: [] };
  const code = await runCli({
    out: (text) => void said.out.push(text),
    err: (text) => void said.err.push(text),
    env: {},
    argv,
    cwd,
    now,
    secret: async () => new Secret('correct horse battery staple'),
    ask: async () => '',
    typed: () => false,
    on: () => () => {},
  }).catch((thrown: unknown) => {
    said.err.push(String(thrown));
    return 70;
  });
  return { code, out: said.out.join('\n'), err: said.err.join('\n') };
}
