/**
 * The words of a command line, matched to the table of commands. The only door to commander.
 */
import { CommanderError, Command as Node } from 'commander';
import { isProblem } from '../base/problem.ts';
import {
  type Argument,
  type Command,
  complain,
  type ExitCode,
  type Given,
  type Io,
  type Option,
} from './command.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { failureLines } from './failure.ts';
import { ownVersion } from './version.ts';

const WIDTH = 100;

const START = `
New here? "ostiary demo" shows all of it on this machine. For a Jitsi of your own "ostiary init" makes
the settings, or "ostiary migrate", where people sign in to it today. Then come "ostiary check",
"ostiary jitsi-config", "ostiary serve", and "ostiary doctor" once it runs.`;

/** Runs one command line. Every failure we foresaw is told in two lines; anything else is thrown. */
export async function runCli(io: Io, commands: readonly Command[] = COMMANDS): Promise<ExitCode> {
  let code: ExitCode = 0;
  const done = (ran: ExitCode) => {
    code = ran;
  };
  try {
    await programOf(io, commands, done).parseAsync(handlesLast(io.argv, commands), { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return told(io, thrown);
    if (isProblem(thrown)) return complain(io, ...failureLines(thrown));
    throw thrown;
  }
}

/** A handle may begin with a hyphen, as no option of so many letters does: it goes where options have ended. */
function handlesLast(argv: readonly string[], commands: readonly Command[]): string[] {
  const flags = commands.flatMap(({ options = [] }) => options.map((option) => option.flags.split(' ')));
  const taking = new Set(flags.flatMap(([name = '', value]) => (value === undefined ? [] : [name])));
  // What stands behind an option that takes something is that option's.
  const isHandle = (word: string, at: number) =>
    /^-[A-Za-z0-9_][\w-]{6,41}$/.test(word) && !taking.has(argv[at - 1] ?? '');
  const handles = argv.filter(isHandle);
  return handles.length === 0 || argv.includes('--')
    ? [...argv]
    : [...argv.filter((word, at) => !isHandle(word, at)), '--', ...handles];
}

/** Help and version are answers, everything else is a mistake in what was written. */
function told(io: Io, { code, exitCode, message }: CommanderError): ExitCode {
  if (exitCode === 0) return 0;
  // Nothing was asked: the help has been printed.
  if (code === 'commander.help') return 1;
  const [what = '', hint] = message.replace(/^error: /, '').split('\n');
  const whatToDo =
    hint === undefined
      ? `Run "ostiary ${[...namedIn(io.argv), '--help'].join(' ')}".`
      : hint.replace(/^\(|\)$/g, '');
  const failed = complain(
    io,
    `${what.charAt(0).toUpperCase()}${what.slice(1).replace(/\.$/, '')}.`,
    whatToDo,
  );
  const meant = namedIn(io.argv).join(' ');
  return COMMANDS.find(({ name }) => name === meant)?.misread ?? failed;
}

/** The words of the command that was meant, as far as there is one. */
function namedIn(argv: readonly string[]): readonly string[] {
  const names = COMMANDS.map(({ name }) => name.split(' '));
  const [first = '', second = ''] = argv;
  if (names.some(([group, word]) => group === first && word === second)) return [first, second];
  return names.some(([group]) => group === first) ? [first] : [];
}

function programOf(io: Io, commands: readonly Command[], done: (code: ExitCode) => void): Node {
  const program = new Node('ostiary')
    .description('The doorkeeper for self-hosted Jitsi Meet.')
    .version(`ostiary ${ownVersion()}`, '--version', 'print the version')
    .helpOption('--help', 'print this')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', START)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
      // Told in two lines by `told`.
      outputError: () => {},
      getOutHelpWidth: () => WIDTH,
      getErrHelpWidth: () => WIDTH,
    });
  const groups = new Map<string, Node>();
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ');
    const parent =
      second === undefined
        ? program
        : (groups.get(first) ?? program.command(first).description(GROUPS[first] ?? ''));
    if (second !== undefined) groups.set(first, parent);
    add(io, { command, node: parent.command(second ?? first), done });
  }
  return program;
}

function add(
  io: Io,
  {
    command,
    node,
    done,
  }: { readonly command: Command; readonly node: Node; readonly done: (code: ExitCode) => void },
): void {
  node
    .summary(command.does)
    .description([command.does, command.about].filter((text) => text !== undefined).join('\n\n'));
  for (const { name, does, optional, many } of command.takes ?? []) {
    const word = many ? `${name}...` : name;
    node.argument(optional ? `[${word}]` : `<${word}>`, does);
  }
  for (const option of command.options ?? []) {
    if (option.needed) node.requiredOption(option.flags, `${option.does} (must be given)`);
    else node.option(option.flags, sentence(option));
  }
  const needed = (command.options ?? []).flatMap(({ flags, needed: is }) => (is ? [flags] : []));
  if (needed.length > 0) node.usage(['[options]', ...needed].join(' '));
  node.action(async () => done(await command.run(io, givenBy(node, command.takes ?? []))));
}

function sentence({ does, otherwise }: Option): string {
  return otherwise === undefined ? does : `${does} (otherwise: ${otherwise})`;
}

function givenBy(node: Node, takes: readonly Argument[]): Given {
  const options = node.opts<Readonly<Record<string, unknown>>>();
  return {
    words: takes.at(-1)?.many ? node.args : node.args.slice(0, takes.length),
    text: (name) => (typeof options[name] === 'string' ? options[name] : undefined),
    flag: (name) => options[name] === true,
  };
}
