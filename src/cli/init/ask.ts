/**
 * One question of `ostiary init`, answered by a flag, by a default, or by a line.
 */
import type { Given, Io } from '../command.ts';
import { plain } from '../text.ts';

/** What was left out, or cannot be meant: the flag and what would be right. */
export interface Unanswered {
  readonly flag: string;
  readonly wrong: string;
  readonly right: string;
}

/** The input was over before this was answered. */
export interface Ended {
  readonly ended: string;
}

/** What is asked. */
export interface Question {
  /** The name of its flag, as it is written. */
  readonly flag: string;
  readonly asks: string;
  readonly otherwise?: string;
  /** What holds otherwise is taken without a word, unless a flag says something else. */
  readonly unasked?: true;
  readonly right: string;
  readonly fits: (answer: string) => boolean;
}

/** As often somebody who types is asked again. */
const TRIES = 3;

/** One after the other; what could not be answered is kept, and nothing is asked once the input has ended. */
export interface Asking {
  /** The answer; empty where there is none. */
  say(question: Question): Promise<string>;
  /** A question for yes or no. */
  yes(question: string, otherwise: boolean): Promise<boolean>;
  /** Why no answers came of it, if so. */
  failed(): readonly Unanswered[] | Ended | undefined;
}

/** Begins to ask. */
export function beginAsking(io: Io, given: Given): Asking {
  const missing: Unanswered[] = [];
  let ended: Ended | undefined;
  return {
    async say(question) {
      if (ended !== undefined) return '';
      const answer = await answered(io, given, question);
      if (typeof answer === 'string') return answer;
      if ('ended' in answer) ended = answer;
      else missing.push(answer);
      return '';
    },
    async yes(question, otherwise) {
      if (ended !== undefined) return false;
      const answer = await yes(io, question, otherwise);
      if (typeof answer === 'boolean') return answer;
      ended = answer;
      return false;
    },
    failed: () => ended ?? (missing.length > 0 ? missing : undefined),
  };
}

/** The word behind the flag of this name. Commander knows it without its hyphens. */
export function flagText(given: Given, flag: string): string | undefined {
  return given.text(flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()))?.trim();
}

async function answered(io: Io, given: Given, question: Question): Promise<string | Unanswered | Ended> {
  const { flag, asks, otherwise, unasked, right, fits } = question;
  const written = flagText(given, flag);
  const said = written ?? (unasked || given.flag('yes') ? otherwise : undefined);
  if (said !== undefined) return fits(said) ? said : { flag, wrong: 'cannot be used', right };
  if (given.flag('yes')) return { flag, wrong: 'is missing', right };
  const prompt = `${asks}${otherwise === undefined ? '' : ` [${plain(otherwise)}]`} `;
  // What is piped in is not waited for a second time.
  for (let tries = io.typed() ? TRIES : 1; tries > 0; tries -= 1) {
    const line = await io.ask(prompt);
    if (line === undefined) return { ended: `${asks} (--${flag})` };
    const typed = line.trim() || (otherwise ?? '');
    if (fits(typed)) return typed;
    if (tries > 1) io.err(`Right would be: ${right}.`);
  }
  return { flag, wrong: 'was not answered', right };
}

/** A question for yes or no. */
export async function yes(io: Io, question: string, otherwise: boolean): Promise<boolean | Ended> {
  const line = await io.ask(`${question} [${otherwise ? 'yes' : 'no'}] `);
  if (line === undefined) return { ended: question };
  return line.trim() === '' ? otherwise : /^y/i.test(line.trim());
}
