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

/** One line of the answer for people: checks that say the same, and those that wait for them. */
interface Line {
  readonly first: Told;
  readonly names: readonly string[];
  readonly waiting: readonly string[];
}

/** The check behind which one stands at last; undefined where it is not told, so that nothing is lost. */
function rootOf(
  { check, waitsFor }: Told,
  told: readonly Told[],
  seen: readonly string[] = [],
): string | undefined {
  if (waitsFor === undefined) return check.name;
  const next = told.filter((one) => one.check.name === waitsFor);
  if (next.length === 0 || seen.includes(waitsFor)) return undefined;
  const standing = next.find((one) => one.waitsFor === undefined) ?? (next[0] as Told);
  return rootOf(standing, told, [...seen, waitsFor]);
}

/** What depends on one cause stands with the cause; what does not apply for one reason stands on one line. */
function collapsed(told: readonly Told[]): readonly Line[] {
  const behind = new Map<string, Set<string>>();
  const standing = told.filter((one) => {
    const root = one.waitsFor === undefined ? undefined : rootOf(one, told);
    if (root === undefined || root === one.check.name) return true;
    behind.set(root, (behind.get(root) ?? new Set()).add(one.check.name));
    return false;
  });
  const first = new Map<string, Told[]>();
  for (const one of standing) {
    const { check, light, says, fix = '' } = one;
    const key = JSON.stringify([check.group, light === 'grey' ? '' : check.name, light, says, fix]);
    first.set(key, [...(first.get(key) ?? []), one]);
  }
  const lines = [...first.values()];
  /** Of several lines of one check that which tells what is wrong. */
  const carrier = (name: string) => {
    const its = lines.filter((line) => line.some(({ check }) => check.name === name));
    return its.find(([one]) => one?.light === 'red') ?? its.find(([one]) => one?.light !== 'green') ?? its[0];
  };
  return lines.map((line) => ({
    first: line[0] as Told,
    names: [...new Set(line.map(({ check }) => check.name))],
    waiting: [...behind].flatMap(([root, names]) => (carrier(root) === line ? [...names] : [])),
  }));
}

/** For people: by group, the name of each check, what was found, and what to do. */
export function asText(told: readonly Told[], coloured: boolean): string {
  const all = collapsed(told);
  const groups = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).flatMap((group) => {
    const inIt = all.filter(({ first }) => first.check.group === group);
    return inIt.length === 0 ? [] : [[GROUPS[group], ...inIt.map((one) => lines(one, coloured))].join('\n')];
  });
  const waiting = new Set(all.flatMap((one) => one.waiting)).size;
  return [...groups, summary(told, { waiting, coloured })].join('\n\n');
}

function lines({ first: { light, says, fix, check }, names, waiting }: Line, coloured: boolean): string {
  const what = `  ${painted(light, light.padEnd(6), coloured)} ${wrapped(`${names.join(', ')}: ${says}`)}`;
  const help = fix === undefined || light === 'green' ? [] : [`${INDENT}→ ${wrapped(fix)}`];
  const more = light === 'red' || light === 'yellow' ? [`${INDENT}  docs/${check.docs}`] : [];
  const wait =
    waiting.length === 0
      ? []
      : [`${INDENT}${wrapped(`${waits(waiting.length)} for this: ${waiting.join(', ')}.`)}`];
  return [what, ...help, ...more, ...wait].join('\n');
}

/** `1 check waits`, `27 checks wait` */
function waits(count: number): string {
  return `${counted(count, 'check')} wait${count === 1 ? 's' : ''}`;
}

function summary(
  told: readonly Told[],
  { waiting, coloured }: { readonly waiting: number; readonly coloured: boolean },
): string {
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
  const rest = waiting === 0 ? '' : `; ${waits(waiting)} for what stands above`;
  const first = waiting > 0 && light === 'green' ? 'Nothing wrong was found' : words[light];
  return `${painted(light, first, coloured)}${rest} (${counts}).`;
}

/** For programs. */
export function asJson(told: readonly Told[]) {
  return {
    light: worst(told),
    checks: told.map(({ check, light, says, fix, waitsFor }) => ({
      name: check.name,
      group: check.group,
      light,
      says,
      ...(fix !== undefined && { fix }),
      ...(waitsFor !== undefined && { waitsFor }),
      docs: `docs/${check.docs}`,
    })),
  };
}
