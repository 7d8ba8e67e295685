/**
 * The table of commands as docs/reference/commands.md. Pure: what it returns, tools/docs.ts writes.
 */
import type { Command, Option } from './command.ts';
import { COMMANDS } from './commands.ts';

const INTRODUCTION = `# Commands

<!-- Printed from src/cli/commands.ts by "npm run docs". -->

In a checkout \`npx ostiary …\` works as well. \`ostiary --help\` and \`ostiary COMMAND --help\` tell the same as this page.

- **Answers** go to standard output, complaints and warnings to standard error.
- **\`--json\`** prints the answer as JSON; times are then RFC 3339.
- **Exit code**: 0 for done, 1 for anything that went wrong. A failure is two lines: what happened, and what to do.
- **The store** is the file the server uses, whether it runs or not: run these commands as its user. What they change is felt within two seconds.
- **Secrets** are never taken from the command line, where every user of the machine could read them.
`;

/** docs/reference/commands.md */
export function commandsReference(): string {
  return [INTRODUCTION, ...COMMANDS.map(section)].join('\n');
}

function section(command: Command): string {
  const rows = [
    ...(command.takes ?? []).map(({ name, does }) => row(`\`${name}\``, does)),
    ...(command.options ?? []).map((option) => row(`\`${option.flags}\``, meaning(option))),
  ];
  const about = command.about === undefined ? '' : ` ${command.about}`;
  const table = rows.length === 0 ? [] : ['', '| | |', '|---|---|', ...rows];
  return [`## \`${usage(command)}\``, '', `${sentence(command.does)}${about}`, ...table, ''].join('\n');
}

function usage({ name, takes = [], options = [] }: Command): string {
  const words = takes.map((word) => {
    const name = word.many ? `${word.name}…` : word.name;
    return word.optional ? `[${name}]` : name;
  });
  const needed = options.filter((option) => option.needed).map(({ flags }) => flags);
  return ['ostiary', name, ...words, ...needed].join(' ');
}

function meaning({ does, otherwise, needed }: Option): string {
  if (needed) return `${does}; must be given`;
  return otherwise === undefined ? does : `${does}; otherwise ${otherwise}`;
}

function row(name: string, does: string): string {
  return `| ${name} | ${does.replaceAll('|', '\\|')} |`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
