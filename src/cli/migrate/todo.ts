/**
 * What an earlier change left to people: it does not follow from the changed files any more, so it is kept with their
 * copies, and told again until the change is taken back.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plain } from '../text.ts';
import type { Step } from './step.ts';

/** Its name, beside the copies. */
export const TO_DO = 'todo.json';

/** Each a line for whoever does it. */
export function todoOf(steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ byHand, afterwards = [] }) => [
    ...byHand.map((line) => `By hand: ${line}`),
    ...afterwards.map((line) => `Afterwards: ${line}`),
  ]);
}

/** What the changes in these folders left to do, the oldest first; without what `now` says anyway. */
export function stillToDo(places: readonly string[], now: readonly string[]): readonly string[] {
  const kept = places
    .map((place) => join(place, TO_DO))
    .filter(existsSync)
    .flatMap((file): readonly string[] => JSON.parse(readFileSync(file, 'utf8')));
  return [...new Set(kept)].filter((line) => !now.includes(line));
}

/** As people read it at the terminal. */
export function stillText(lines: readonly string[]): string {
  return ['===== Left by an earlier --apply, if not done yet', ...lines.map(plain)].join('\n');
}
