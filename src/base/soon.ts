/**
 * An answer that is there at once most of the time: without a promise the way
 * from a request to its answer stays in one tick.
 */

/** At once, or a promise of it. `await` takes either; what fails may throw or reject. */
export type Soon<T> = T | Promise<T>;

/** Goes on with an answer: in the same tick where it is there already. */
export function whenThere<T, U>(answer: Soon<T>, next: (value: T) => Soon<U>): Soon<U> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}
