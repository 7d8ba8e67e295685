/**
 * A string that refuses to be printed: a careless log line shows `[secret]`.
 */
import { inspect } from 'node:util';

/** A secret value; only `reveal()` gives it away, so that one search finds every place that does. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it as late as can be. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
