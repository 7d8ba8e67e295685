/**
 * Runs all checks side by side, each with an end. Nothing that a check throws stops another: what could not be found out
 * is told as that.
 */
import { isProblem } from '../../base/problem.ts';
import { failureLines } from '../failure.ts';
import type { Around } from './around.ts';
import { type DoctorCheck, grey, type Light, type Verdict, waiting } from './check.ts';
import { WEB_SERVER, webServerAway } from './check-web-server.ts';
import { reasonOf } from './words.ts';

/** One line of the answer. */
export interface Told extends Verdict {
  readonly check: DoctorCheck;
}

/** Runs them; the answer has the order of the table. `within` in milliseconds, for each. */
export async function runChecks(
  checks: readonly DoctorCheck[],
  around: Around,
  within: number,
): Promise<readonly Told[]> {
  const all = await Promise.all(checks.map((check) => runOne(check, around, within)));
  return all.flat();
}

async function runOne(check: DoctorCheck, around: Around, within: number): Promise<readonly Told[]> {
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<Verdict>((done) => {
    deadline = setTimeout(
      () => done(grey(`Could not tell: no end within ${within / 1000} s.`, 'Give it longer: --timeout.')),
      within,
    );
  });
  try {
    const found = await Promise.race([verdictOf(check, around), late]);
    const verdicts = 'light' in found ? [found] : found;
    return verdicts.map((verdict) => ({ ...verdict, check }));
  } finally {
    clearTimeout(deadline);
  }
}

async function verdictOf(check: DoctorCheck, around: Around): Promise<Verdict | readonly Verdict[]> {
  try {
    return await check.run(around);
  } catch (thrown) {
    if (isProblem(thrown, 'outbound.failed') && (await webServerAway(around)) !== undefined)
      return waiting(`Could not tell: no answer (${reasonOf(thrown)}).`, WEB_SERVER);
    if (isProblem(thrown)) {
      const [what, whatToDo] = failureLines(thrown);
      return grey(`Could not tell: ${what}.`, whatToDo);
    }
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return grey(`Could not tell: ${why}.`);
  }
}

/** The worst of them all. */
export function worst(told: readonly Verdict[]): Light {
  const lights: readonly Light[] = ['red', 'yellow', 'green'];
  return lights.find((light) => told.some((one) => one.light === light)) ?? 'grey';
}
