/**
 * What does coturn's own file say, where it is named?
 */
import { readFileSync, statSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { isLoopback } from '../../config/loopback.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, green, grey, red, type Verdict, yellow } from './check.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

/** `name=value` or `name value`, a line each. @see coturn, README.turnserver */
function linesOf(text: string): Lines {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^\s*-{0,2}([a-z0-9-]+)(?:\s*[=\s]\s*(.*?))?\s*$/i.exec(line) ?? [];
    if (name === '') continue;
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

type Rule = (lines: Lines, around: Around) => Verdict | undefined;

const LINES = '"ostiary turn-config --profile …" prints the whole file.';

/** IPv4 in the dress of IPv6, and inner networks there: what a list of IPv4 alone lets through. */
const SIXES = ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', 'fd00::1', 'fe80::1'];

/** Those of them that no range of these holds: `first-last`, or one address. */
function letThrough(ranges: readonly string[]): readonly string[] {
  const denied = new BlockList();
  for (const range of ranges) {
    const [first = '', last = first] = range.split('-');
    // A range of IPv4 would hold the mapped addresses here, and does not in coturn.
    if (isIP(first) === 6 && isIP(last) === 6) denied.addRange(first, last, 'ipv6');
  }
  return SIXES.filter((address) => !denied.check(address, 'ipv6'));
}

const RULES: readonly Rule[] = [
  (lines) =>
    lines.has('denied-peer-ip')
      ? undefined
      : red(
          'It denies no peer (denied-peer-ip): whoever has credentials comes to every inner network.',
          LINES,
        ),
  (lines) => {
    const ranges = lines.get('denied-peer-ip') ?? [];
    const through = ranges.length === 0 ? [] : letThrough(ranges);
    if (through.length === 0) return undefined;
    return red(
      `It denies too few peers of IPv6: ${through.join(', ')} would be let through (CVE-2026-27624).`,
      `Add denied-peer-ip=::ffff:0.0.0.0-::ffff:255.255.255.255, 64:ff9b::-64:ff9b::ffff:ffff, fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff and fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff. ${LINES}`,
    );
  },
  (lines, { config }) =>
    lines.has('allow-loopback-peers') && ![...config.turn.bridges, ...config.turn.addresses].some(isLoopback)
      ? red(
          'It lets people through to its own machine (allow-loopback-peers).',
          `Take that line out. ${LINES}`,
        )
      : undefined,
  (lines) =>
    lines.has('user')
      ? red(
          'It knows an account with a password that never ends (user=).',
          `Take it out, and everything that knows the password: credentials of ours end by themselves. ${LINES}`,
        )
      : undefined,
  (lines) =>
    lines.has('realm')
      ? undefined
      : red('It names no realm.', `Add realm= and the name of the server. ${LINES}`),
  (lines) =>
    lines.has('no-auth') || !(lines.has('use-auth-secret') || lines.has('lt-cred-mech'))
      ? red(
          'It asks nobody for credentials (no-auth, or neither use-auth-secret nor lt-cred-mech).',
          `Set use-auth-secret and static-auth-secret. ${LINES}`,
        )
      : undefined,
  (lines) =>
    lines.has('no-cli') || lines.get('cli-password')?.some((password) => password !== '')
      ? undefined
      : yellow('Its command line is open to whoever is on its machine.', `Add no-cli. ${LINES}`),
];

/** For whoever may read its secret may make credentials. */
const FOR_OTHERS = 0o004;

function modeOf(file: string, lines: Lines): Verdict | undefined {
  const mode = statSync(file).mode & 0o777;
  const holds = lines.has('static-auth-secret') || lines.has('user') || lines.has('cli-password');
  return holds && (mode & FOR_OTHERS) !== 0
    ? red(
        `Others on this machine may read its secret (${mode.toString(8)}).`,
        `chown root:turnserver ${file}; chmod 640 ${file}`,
      )
    : undefined;
}

/** @see coturn, README.turnserver; CVE-2020-26262, CVE-2026-27624 */
export const checkTurnFile: DoctorCheck = {
  name: 'turn-file',
  group: 'turn',
  asks: 'Does the turnserver.conf that was named let nobody further than they may?',
  docs: 'how-to/turn-as-the-only-way-in.md',
  async run(around) {
    const { turnFile: file } = around.wanted;
    if (file === undefined)
      return grey(
        'No turnserver.conf was named.',
        'Name it on its machine: --turn-file /etc/turnserver.conf.',
      );
    let lines: Lines;
    try {
      lines = linesOf(readFileSync(file, 'utf8'));
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown)) throw thrown;
      return grey(
        `Could not tell: ${file} cannot be read (${thrown.code}).`,
        'Name a file that this user may read.',
      );
    }
    const found = [...RULES.map((rule) => rule(lines, around)), modeOf(file, lines)].filter(
      (verdict) => verdict !== undefined,
    );
    return found.length > 0 ? found : green(`${file} lets nobody further than they may.`);
  },
};
