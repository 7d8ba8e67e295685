/**
 * The shape of what is changed: steps, each with the files it touches, the reason, and the way back.
 */
import type { Edit } from './edit.ts';
import { edited } from './edit.ts';
import type { Source } from './reader.ts';

/** One file as it is and as it shall be. */
export interface FileChange {
  readonly file: string;
  /** Undefined for a file that is made. */
  readonly before?: string;
  readonly after: string;
}

/** What belongs together. */
export interface Step {
  readonly title: string;
  /** What it does, and what happens if it is left out. */
  readonly why: string;
  readonly changes: readonly FileChange[];
  /** What only a person can do: lines to write, files to copy. */
  readonly byHand: readonly string[];
  /** Commands to run once all of it is done. */
  readonly afterwards?: readonly string[];
  /** How to be where one was before it. */
  readonly back: string;
}

/** The change of a file by these edits; nothing where they change nothing. */
export function changeOf({ path, text }: Source, edits: readonly Edit[]): readonly FileChange[] {
  const after = edited(text, edits);
  return after === text ? [] : [{ file: path, before: text, after }];
}

/** Is there anything to do in it? */
export function isDone({ changes, byHand, afterwards = [] }: Step): boolean {
  return changes.length + byHand.length + afterwards.length === 0;
}
