/**
 * One line that is typed, shown or without being shown, or what is piped in.
 */
import { Secret } from '../base/secret.ts';

/** Where somebody types. A part of `process.stdin`. */
export interface Typed extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** Longer than any password. */
const LONGEST = 4096;

/** A key that ends what is typed: return, or the end of the input. */
const DONE = /[\r\n\u0004]/;
const GIVEN_UP = '\u0003';
const BACK = /[\u007f\b]/;

/** Both ways to ask for a line, of one input. */
export interface TypedLines {
  readonly secret: (prompt: string) => Promise<Secret>;
  /** Undefined where the input has ended before a letter of the line. */
  readonly shown: (prompt: string) => Promise<string | undefined>;
}

/** Reads lines that are typed without being shown, one at each call. Ends at the end of what is piped in. */
export function secretLines(input: Typed, show: (text: string) => void): (prompt: string) => Promise<Secret> {
  return typedLines(input, show).secret;
}

/** The same, and lines that the terminal shows while they are typed. */
export function typedLines(input: Typed, show: (text: string) => void): TypedLines {
  const line = lineReader(input, show);
  return {
    secret: async (prompt) => (await line(prompt, true)) ?? new Secret(''),
    shown: async (prompt) => (await line(prompt, false))?.reveal(),
  };
}

function lineReader(
  input: Typed,
  show: (text: string) => void,
): (prompt: string, hidden: boolean) => Promise<Secret | undefined> {
  let rest = '';
  let chunks: AsyncIterator<Uint8Array | string> | undefined;
  const decoder = new TextDecoder();
  return async (prompt, hidden) => {
    const typed = input.isTTY === true && input.setRawMode !== undefined;
    // What is shown is left to the terminal, which echoes it and knows how to take a letter back.
    const raw = typed && hidden;
    if (typed) show(prompt);
    if (raw) input.setRawMode?.(true);
    try {
      chunks ??= input[Symbol.asyncIterator]();
      let line = '';
      for (;;) {
        for (const [at, key] of [...rest].entries()) {
          if (DONE.test(key)) {
            const left = [...rest].slice(at + 1).join('');
            rest = key === '\r' ? left.replace(/^\n/, '') : left;
            return new Secret(line);
          }
          if (raw && key === GIVEN_UP) return new Secret('');
          line = raw && BACK.test(key) ? [...line].slice(0, -1).join('') : line + key;
          if (line.length > LONGEST) return new Secret(line);
        }
        rest = '';
        const next = await chunks.next();
        if (next.done) return line === '' ? undefined : new Secret(line);
        rest = typeof next.value === 'string' ? next.value : decoder.decode(next.value, { stream: true });
      }
    } finally {
      if (raw) {
        input.setRawMode?.(false);
        show('\n');
      }
    }
  };
}
