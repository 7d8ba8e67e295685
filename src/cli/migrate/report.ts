/**
 * What was found and what is to be done, as people read it at the terminal, and as programs do. Pure.
 */
import { counted, plain } from '../text.ts';
import { diffOf } from './diff.ts';
import type { Reading, Told } from './reader.ts';
import { isDone, type Step } from './step.ts';

function place({ file, line }: Told): string {
  return line === undefined ? file : `${file}:${line}`;
}

function lines(said: readonly Told[], mark: string): readonly string[] {
  return said.map((one) => plain(`${mark} ${place(one)}: ${one.says}`));
}

/** What each reader found; what is dangerous stands first, and is not to be overlooked. */
export function foundText(readings: readonly Reading[], unread: readonly Told[]): string {
  const alarms = readings.flatMap((one) => one.alarms);
  const left = [...readings.flatMap((one) => one.left), ...unread];
  const blocks = [
    ...(alarms.length > 0 ? [['===== LOOK AT THIS FIRST', ...lines(alarms, '!!')]] : []),
    ...readings
      .filter(({ found }) => found.length > 0)
      .map(({ what, found }) => [`===== Found: ${what}`, ...lines(found, '-')]),
    ...(left.length > 0 ? [['===== Not taken over, or not understood', ...lines(left, '?')]] : []),
  ];
  return blocks.map((block) => block.join('\n')).join('\n\n');
}

/** The same for programs: a list each, every entry with its file and, where one is known, its line. */
export function foundJson(readings: readonly Reading[], unread: readonly Told[]) {
  return {
    alarms: readings.flatMap(({ alarms }) => alarms),
    found: readings.flatMap(({ what, found }) => found.map((one) => ({ what, ...one }))),
    unknown: [...readings.flatMap(({ left }) => left), ...unread],
  };
}

/** The steps with their diffs; those with nothing to do are only named. */
export function stepsText(steps: readonly Step[]): string {
  return steps
    .map((step, at) => {
      const heading = `===== Step ${at + 1}: ${step.title}`;
      if (isDone(step)) return `${heading}\nNothing to do: it is so already.`;
      const { changes, byHand, afterwards = [] } = step;
      const said = [
        ...byHand.map((line) => plain(`By hand: ${line}`)),
        ...afterwards.map((line) => plain(`Afterwards: ${line}`)),
      ];
      return [
        heading,
        step.why,
        `Back: ${step.back}.`,
        ...changes.map((change) => `\n${plainLines(diffOf(change))}`),
        ...(said.length > 0 ? ['', ...said] : []),
      ].join('\n');
    })
    .join('\n\n');
}

/** The same for programs. In a diff every secret reads `[secret]`. */
export function stepsJson(steps: readonly Step[]) {
  return steps.map((step) => ({
    title: step.title,
    why: step.why,
    done: isDone(step),
    files: step.changes.map((change) => ({
      file: change.file,
      isNew: change.before === undefined,
      diff: diffOf(change),
    })),
    byHand: step.byHand,
    afterwards: step.afterwards ?? [],
    back: step.back,
  }));
}

function plainLines(text: string): string {
  return text
    .split('\n')
    .map((line) => plain(line.replace(/\r$/, '').replaceAll('\t', '    ')))
    .join('\n');
}

/** What is left to do once the files are changed; undefined where nothing is. */
function leftToDo(steps: readonly Step[]): string | undefined {
  const hands = steps.flatMap(({ byHand }) => byHand).length;
  const commands = steps.flatMap(({ afterwards = [] }) => afterwards).length;
  const said = [
    ...(hands > 0 ? [`${counted(hands, 'thing')} to do by hand`] : []),
    ...(commands > 0 ? [`${counted(commands, 'command')} to run afterwards`] : []),
  ];
  return said.length === 0 ? undefined : said.join(', ');
}

/** One line on what would change. */
export function summary(steps: readonly Step[]): string {
  const files = steps.flatMap(({ changes }) => changes).length;
  const left = leftToDo(steps);
  if (files === 0) return left === undefined ? 'Nothing is to be changed.' : `No file to change, ${left}.`;
  return `${[`${counted(files, 'file')} to change`, left].filter(Boolean).join(', ')}. Nothing was changed yet: --apply does it.`;
}

/** One line on what was changed. */
export function appliedText(steps: readonly Step[], files: readonly string[], folder: string): string {
  const left = leftToDo(steps);
  return [
    `${counted(files.length, 'file')} changed. Back: ostiary migrate --undo --out ${folder}`,
    ...(left === undefined ? [] : [`Still to do, as the steps say: ${left}.`]),
  ].join('\n');
}
