/**
 * A command's shape: what it is called, what it takes, what it does. Help and
 * documentation are made from it.
 *
 * A command sees the world through `Io` alone, so that no test needs a process.
 */

import type { Secret } from '../base/secret.ts';

/** The signals a command may listen for. */
export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** What a command may touch. */
export interface Io {
  /** One or more lines for whoever reads the answer. */
  readonly out: (text: string) => void;
  /** One or more lines beside the answer: complaints and warnings. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The words after `ostiary`. */
  readonly argv: readonly string[];
  /** The folder relative names start from. */
  readonly cwd: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Asks for one line that is typed without being shown, or takes the next one of what is piped in. */
  readonly secret: (prompt: string) => Promise<Secret>;
  /** Asks for one line that may be seen, or takes the next one of what is piped in; undefined where the input has ended. */
  readonly ask: (prompt: string) => Promise<string | undefined>;
  /** Does somebody type, or is something piped in? */
  readonly typed: () => boolean;
  /** May the answer be coloured? No, unless said. */
  readonly colours?: () => boolean;
  /** Listens for a signal; what it returns stops listening. */
  readonly on: (signal: Signal, heard: () => void) => () => void;
  /** Tells when npm, which started us, has gone without a word; what it returns stops listening. Never, unless npm did. */
  readonly orphaned?: (told: () => void) => () => void;
}

/** One option, as it is written and told. */
export interface Option {
  /** `--person <id>`, or `--json` for a switch. */
  readonly flags: string;
  readonly does: string;
  /** What holds if it is left out. */
  readonly otherwise?: string;
  readonly needed?: true;
}

/** A word a command takes without a name. */
export interface Argument {
  readonly name: string;
  readonly does: string;
  readonly optional?: true;
  /** The last word only: there may be any number of them. */
  readonly many?: true;
}

/** What somebody wrote behind a command. */
export interface Given {
  /** The words without a name, in the order of the command's table. */
  readonly words: readonly string[];
  /** What was written behind `--name`, or what holds otherwise. */
  text(name: string): string | undefined;
  /** Was the switch `--name` written? */
  flag(name: string): boolean;
}

/** 0 for done, 1 for anything that went wrong; 2 for words that were not understood, where a command tells them apart. */
export type ExitCode = 0 | 1 | 2;

/** One command of the table. */
export interface Command {
  /** One word, or two: `sessions list`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly does: string;
  /** More, for the command's own help. */
  readonly about?: string;
  readonly takes?: readonly Argument[];
  readonly options?: readonly Option[];
  /** The exit code for words that were not understood, where that is not 1. */
  readonly misread?: 2;
  run(io: Io, given: Given): Promise<ExitCode>;
}

/** Where the settings are. */
export const CONFIG: Option = {
  flags: '--config <file>',
  does: 'the configuration file',
  otherwise: 'OSTIARY_CONFIG, else ostiary.yaml here or in /etc/ostiary, else the environment alone',
};

/** For programs that read the answer. */
export const JSON_OUT: Option = { flags: '--json', does: 'print JSON' };

/** Says in two lines what went wrong and what to do about it, and gives the exit code for that. */
export function complain(io: Io, what: string, whatToDo: string): 1 {
  io.err(what);
  io.err(whatToDo);
  return 1;
}
