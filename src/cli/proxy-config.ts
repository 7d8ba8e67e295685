/**
 * The file for a proxy that asks us before it serves anything.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { diff } from 'node:util';
import { formatComplaints } from '../config/complaints.ts';
import { keptOf, nginxFile } from '../config/forward-nginx.ts';
import { type Behind, type ForwardPlan, forwardPlan } from '../config/forward-plan.ts';
import { CONFIG, type Command, complain, type Given, type Io } from './command.ts';
import { withConfig } from './open.ts';
import { plain } from './text.ts';

/** What is printed, by the name of the proxy. */
const FILES: Readonly<Record<string, (plan: ForwardPlan, before?: string) => string>> = {
  nginx: (plan, before) => nginxFile(plan, before === undefined ? {} : keptOf(before)),
};

const NAMES = Object.keys(FILES).join(', ');

/** `ostiary proxy-config` */
export const proxyConfig: Command = {
  name: 'proxy-config',
  does: 'print the file for a proxy that asks us before it serves Jitsi',
  about:
    'Complete, with the reason for every part. Nothing is written over: with --diff it shows what would change in the file that is there, and keeps what that says of addresses and certificates.',
  takes: [{ name: 'proxy', does: `which proxy: ${NAMES}` }],
  options: [
    { flags: '--debian', does: 'for a Jitsi from Debian packages, whose web server the proxy is' },
    { flags: '--docker', does: 'for docker-jitsi-meet' },
    { flags: '--plain', does: "for any other web server of Jitsi's, at --jitsi" },
    {
      flags: '--jitsi <origin>',
      does: 'where that web server is, as http://10.0.0.5:8000',
      otherwise: 'http://web:8000 with --docker',
    },
    { flags: '--diff <file>', does: 'show what changes in this file, an existing site of nginx' },
    CONFIG,
  ],
  run: (io, given) =>
    withConfig(io, given, async (config) => {
      const [name = ''] = given.words;
      const behind = behindOf(given);
      if (behind === undefined) return complain(io, 'Which Jitsi?', 'Write --debian, --docker or --plain.');
      const print = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
      if (print === undefined)
        return complain(io, `There is no file for ${plain(name)}.`, `Write one of ${NAMES}.`);
      const jitsi = given.text('jitsi');
      const url = jitsi === undefined ? undefined : URL.parse(jitsi);
      if (
        url === null ||
        (url && !/^https?:$/.test(url.protocol)) ||
        (behind === 'plain' && url === undefined)
      )
        return complain(io, "Where is Jitsi's web server?", 'Write --jitsi http://10.0.0.5:8000.');
      const made = forwardPlan(config, { behind, ...(url && { jitsi: url }) });
      if (!('behind' in made)) {
        io.err(formatComplaints(made));
        return 1;
      }
      const before = fileGiven(io, given);
      if (before === null) return 1;
      if (before === undefined) io.out(print(made).trimEnd());
      else for (const line of changes(before, print(made, before))) io.out(line);
      return 0;
    }),
};

function behindOf(given: Given): Behind | undefined {
  const said = (['debian', 'docker', 'plain'] as const).filter((name) => given.flag(name));
  return said.length === 1 ? said[0] : undefined;
}

/** The file named for comparison; null where it cannot be read, which was told then. */
function fileGiven(io: Io, given: Given): string | undefined | null {
  const named = given.text('diff');
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
