/**
 * One line that is typed without being shown, or what is piped in.
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

/** Reads lines, one at each call. Ends at the end of what is piped in. */
export function secretLines(input: Typed, show: (text: string) => void): (prompt: string) => Promise<Secret> {
  let rest = '';
  let chunks: AsyncIterator<Uint8Array | string> | undefined;
  const decoder = new TextDecoder();
  return async (prompt) => {
    const raw = input.isTTY === true && input.setRawMode !== undefined;
    if (raw) {
      show(prompt);
      input.setRawMode?.(true);
    }
    try {
      chunks ??= input[Symbol.asyncIterator]();
      let line = '';
      for (;;) {
        for (const [at, key] of [...rest].entries()) {
          if (DONE.test(key)) {
            rest = [...rest]
              .slice(at + 1)
              .join('')
              .replace(/^\n/, '');
            return new Secret(line);
          }
          if (raw && key === GIVEN_UP) return new Secret('');
          line = raw && BACK.test(key) ? [...line].slice(0, -1).join('') : line + key;
          if (line.length > LONGEST) return new Secret(line);
        }
        rest = '';
        const next = await chunks.next();
        if (next.done) return new Secret(line);
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
