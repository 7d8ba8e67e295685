/**
 * How the doctor speaks: grouped for people, flat for programs.
 *
 * Pure.
 */
import { counted, plain } from '../text.ts';
import { GROUPS, type Light } from './check.ts';
import { type Told, worst } from './run.ts';

const COLOURS: Readonly<Record<Light, string>> = {
  green: '\u001b[32m',
  yellow: '\u001b[33m',
  red: '\u001b[31m',
  grey: '\u001b[90m',
};
const NONE = '\u001b[0m';
const WIDTH = 100;
const INDENT = ' '.repeat(9);

function painted(light: Light, text: string, coloured: boolean): string {
  return coloured ? `${COLOURS[light]}${text}${NONE}` : text;
}

/** A text in lines of at most so many characters, all but the first one indented. */
function wrapped(text: string): string {
  const lines = [''];
  for (const word of plain(text).split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length + 1 > WIDTH - INDENT.length) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${INDENT}`);
}

/** For people: by group, the name of each check, what was found, and what to do. */
export function asText(told: readonly Told[], coloured: boolean): string {
  const groups = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).flatMap((group) => {
    const inIt = told.filter(({ check }) => check.group === group);
    return inIt.length === 0 ? [] : [[GROUPS[group], ...inIt.map((one) => lines(one, coloured))].join('\n')];
  });
  return [...groups, summary(told, coloured)].join('\n\n');
}

function lines({ light, says, fix, check }: Told, coloured: boolean): string {
  const what = `  ${painted(light, light.padEnd(6), coloured)} ${wrapped(`${check.name}: ${says}`)}`;
  const help = fix === undefined || light === 'green' ? [] : [`${INDENT}→ ${wrapped(fix)}`];
  const more = light === 'red' || light === 'yellow' ? [`${INDENT}  docs/${check.docs}`] : [];
  return [what, ...help, ...more].join('\n');
}

function summary(told: readonly Told[], coloured: boolean): string {
  const count = (light: Light) => told.filter((one) => one.light === light).length;
  const light = worst(told);
  const counts = (['red', 'yellow', 'green', 'grey'] as const)
    .map((one) => `${count(one)} ${one}`)
    .join(', ');
  const words: Readonly<Record<Light, string>> = {
    red: `${counted(count('red'), 'thing')} to mend`,
    yellow: 'Nothing is broken',
    green: 'All is well',
    grey: 'Nothing could be told',
  };
  return `${painted(light, words[light], coloured)} (${counts}).`;
}

/** For programs. */
export function asJson(told: readonly Told[]) {
  return {
    light: worst(told),
    checks: told.map(({ check, light, says, fix }) => ({
      name: check.name,
      group: check.group,
      light,
      says,
      ...(fix !== undefined && { fix }),
      docs: `docs/${check.docs}`,
    })),
  };
}
