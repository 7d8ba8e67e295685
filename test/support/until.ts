/**
 * Waiting for what no event tells of.
 */

/** Resolves when this holds: looked at often, and not for ever. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = AbortSignal.timeout(15_000);
  while (!(await holds())) {
    if (end.aborted) throw new Error(`it never came to that: ${holds}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}
