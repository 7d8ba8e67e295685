/**
 * The file for a proxy that asks us before it serves anything.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { diff } from 'node:util';
import { formatComplaints } from '../config/complaints.ts';
import { apacheFile } from '../config/forward-apache.ts';
import { behindFile, behindName } from '../config/forward-behind.ts';
import { caddyFile } from '../config/forward-caddy.ts';
import { haproxyFile, haproxyLua } from '../config/forward-haproxy.ts';
import { keptOf, nginxFile } from '../config/forward-nginx.ts';
import { type Behind, type ForwardPlan, forwardPlan } from '../config/forward-plan.ts';
import { traefikFile } from '../config/forward-traefik.ts';
import type { Config } from '../config/load.ts';
import { isNamed } from '../config/schema/kinds.ts';
import { CONFIG, type Command, complain, type ExitCode, type Given, type Io } from './command.ts';
import { withConfig } from './open.ts';
import { plain } from './text.ts';

/** One file that is printed. */
interface Printed {
  readonly print: (plan: ForwardPlan, before?: string) => string;
  /** `web`: the proxy stands before Jitsi's web server, wherever that comes from. `alone`: it asks nobody. */
  readonly needs?: 'web' | 'alone';
}

/** The files, by the word behind the command. */
const FILES: Readonly<Record<string, Printed>> = {
  nginx: { print: (plan, before) => nginxFile(plan, before === undefined ? {} : keptOf(before)) },
  caddy: { print: caddyFile, needs: 'web' },
  traefik: { print: traefikFile, needs: 'web' },
  haproxy: { print: haproxyFile, needs: 'web' },
  'haproxy-lua': { print: haproxyLua },
  behind: { print: behindLines },
  apache: { print: apacheFile, needs: 'alone' },
};

const NAMES = Object.keys(FILES).join(', ');

/** `ostiary proxy-config` */
export const proxyConfig: Command = {
  name: 'proxy-config',
  does: 'print the file for a proxy that asks us before it serves Jitsi',
  about:
    'For a proxy of your own in front of Jitsi, with forwardAuth in the settings (docs/how-to/forward-auth.md). Complete, with the reason for every part. One of --debian, --docker and --plain says which Jitsi it is. Nothing is written over: with --diff it shows what would change in the file that is there. With --keep, and with --diff, what that says of addresses and certificates stays.',
  takes: [
    {
      name: 'proxy',
      does: `which file: ${NAMES}; \`haproxy-lua\` belongs to haproxy, and \`behind\` are the lines of Jitsi's own web server behind caddy, traefik and haproxy`,
    },
  ],
  options: [
    { flags: '--debian', does: 'for a Jitsi from Debian packages, whose web server nginx is' },
    { flags: '--docker', does: 'for docker-jitsi-meet' },
    {
      flags: '--plain',
      does: "for any other web server of Jitsi's, which --jitsi names; --jitsi alone means the same",
    },
    {
      flags: '--jitsi <origin>',
      does: "where Jitsi's web server is, as http://10.0.0.5:8000; the proxy stands before it",
      otherwise: 'http://web:8000 with --docker',
    },
    {
      flags: '--keep <file>',
      does: 'take over from this file, an existing site of nginx, where it listens and which certificate it has',
    },
    { flags: '--diff <file>', does: 'the same, and show what changes in this file in place of the whole' },
    CONFIG,
  ],
  run: async (io, given) => {
    const [name = ''] = given.words;
    const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (file === undefined)
      return complain(io, `There is no file for ${plain(name)}.`, `Write one of ${NAMES}.`);
    const wanted = wantedOf(io, given, { name, file });
    return wanted === undefined
      ? 1
      : withConfig(io, given, async (config) => printed(io, given, { config, file, ...wanted }));
  },
};

/** Which Jitsi is meant; undefined where that was not said so that it can be used, and that was told. */
function wantedOf(
  io: Io,
  given: Given,
  { name, file }: { readonly name: string; readonly file: Printed },
): { readonly behind: Behind; readonly url?: URL } | undefined {
  const no = (what: string, whatToDo: string) => void complain(io, what, whatToDo);
  const behind = behindOf(given) ?? (file.needs === 'alone' ? 'plain' : undefined);
  if (behind === undefined)
    return no(
      'Which Jitsi?',
      'Write one of --debian, --docker, --plain; --jitsi ORIGIN alone means --plain.',
    );
  const jitsi = given.text('jitsi');
  const url = jitsi === undefined ? undefined : URL.parse(jitsi);
  if (jitsi !== undefined && (!/^https?:$/.test(url?.protocol ?? '') || !url || !isNamed(url)))
    return no(`${plain(jitsi)} is no address of a web server.`, 'Write --jitsi http://10.0.0.5:8000.');
  const isNeeded = file.needs === 'web' ? behind !== 'docker' : name === 'nginx' && behind === 'plain';
  if (isNeeded && url === undefined)
    return no("Where is Jitsi's web server?", 'Write --jitsi http://10.0.0.5:8000.');
  return { behind, ...(url && { url }) };
}

interface Wanted {
  readonly config: Config;
  readonly file: Printed;
  readonly behind: Behind;
  /** Where Jitsi's web server is. */
  readonly url?: URL;
}

function printed(io: Io, given: Given, { config, file, behind, url }: Wanted): ExitCode {
  const plan = forwardPlan(config, { behind, ...(url && { jitsi: url }), asks: file.needs !== 'alone' });
  if (!('behind' in plan)) {
    io.err(formatComplaints(plan));
    return 1;
  }
  const compared = fileGiven(io, given, 'diff');
  const named = fileGiven(io, given, 'keep');
  if (compared === null || named === null) return 1;
  if (named !== undefined && keptOf(named).listen === undefined)
    // What is printed would take its place with another certificate, or with none.
    return complain(
      io,
      'The file to keep says nowhere which certificate it has.',
      'Name the site of nginx in which ssl_certificate stands.',
    );
  const text = file.print(plan, named ?? compared);
  if (compared === undefined) io.out(text.trimEnd());
  else for (const line of changes(compared, text)) io.out(line);
  return 0;
}

/** Networks that a proxy comes from: those docker gives out, or this machine. */
function behindLines(plan: ForwardPlan): string {
  const from = plan.behind === 'docker' ? ['172.16.0.0/12', '192.168.0.0/16'] : ['127.0.0.1', '::1'];
  return `# Printed by "ostiary proxy-config behind --${plan.behind}": ${behindName(plan)}.\n${behindFile(plan, from)}`;
}

function behindOf(given: Given): Behind | undefined {
  const said = (['debian', 'docker', 'plain'] as const).filter((name) => given.flag(name));
  if (said.length === 0 && given.text('jitsi') !== undefined) return 'plain';
  return said.length === 1 ? said[0] : undefined;
}

/** A file that is there; null where it cannot be read, which was told then. */
function fileGiven(io: Io, given: Given, by: 'keep' | 'diff'): string | undefined | null {
  const named = given.text(by);
  if (named === undefined) return undefined;
  try {
    return readFileSync(resolve(io.cwd, named), 'utf8');
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
    complain(
      io,
      `${plain(named)} cannot be read (${String(thrown.code)}).`,
      'Name a file that is there and that you may read.',
    );
    return null;
  }
}

/** Lines that stay, a few of them, around those that go and come. */
const AROUND = 3;

/** What changes, as `diff -u` shows it. */
function changes(before: string, after: string): readonly string[] {
  const lines = diff(before.trimEnd().split('\n'), after.trimEnd().split('\n')).map(([kind, text]) => ({
    changed: kind !== 0,
    text: `${kind === 0 ? ' ' : kind === 1 ? '-' : '+'}${text}`,
  }));
  if (lines.every(({ changed }) => !changed)) return [];
  const near = (at: number) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ changed }) => changed);
  const kept = lines.map(({ text }, at) => (near(at) ? text : undefined));
  return kept.flatMap((text, at) => {
    if (text !== undefined) return [text];
    return kept[at - 1] === undefined && at > 0 ? [] : ['@@'];
  });
}
