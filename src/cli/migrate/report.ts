/**
 * What was found and what is to be done, as people read it at the terminal. Pure.
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

/** The steps with their diffs; those with nothing to do are only named. */
export function stepsText(steps: readonly Step[]): string {
  return steps
    .map((step, at) => {
      const heading = `===== Step ${at + 1}: ${step.title}`;
      if (isDone(step)) return `${heading}\nNothing to do: it is so already.`;
      return [
        heading,
        step.why,
        `Back: ${step.back}.`,
        ...step.changes.map((change) => `\n${plainLines(diffOf(change))}`),
        ...(step.byHand.length > 0
          ? [
              '',
              ...step.byHand.map((line) =>
                plain(`${line.startsWith('Afterwards: ') ? '' : 'By hand: '}${line}`),
              ),
            ]
          : []),
      ].join('\n');
    })
    .join('\n\n');
}

function plainLines(text: string): string {
  return text
    .split('\n')
    .map((line) => plain(line.replace(/\r$/, '').replaceAll('\t', '    ')))
    .join('\n');
}

/** One line on what would change. */
export function summary(steps: readonly Step[]): string {
  const files = steps.flatMap(({ changes }) => changes);
  const hands = steps.flatMap(({ byHand }) => byHand);
  if (files.length === 0 && hands.length === 0) return 'Nothing is to be changed.';
  return `${counted(files.length, 'file')} to change, ${counted(hands.length, 'thing')} to do by hand.`;
}
