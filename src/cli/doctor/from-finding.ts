/**
 * What `ostiary check` found, as the doctor tells it.
 */
import { rightText } from '../../config/complaints.ts';
import type { Finding } from '../finding.ts';
import { green, red, type Verdict, yellow } from './check.ts';

/** One verdict for each complaint; one for all else. The subject is left out where the check has its name. */
export function fromFinding(
  { subject, says, warning, complaints }: Finding,
  check?: string,
): readonly Verdict[] {
  const about = subject === check ? '' : `${subject}: `;
  if (complaints.length > 0)
    return complaints.map(({ path, wrong, right }) =>
      red(`${about}${`${path} ${wrong.replace(/\.$/, '')}`.trim()}.`, rightText(right)),
    );
  if (warning === undefined) return [green(`${about}${says ?? 'nothing to complain of'}.`)];
  const [what = warning, right] = warning.split('; right would be ');
  const told = `${about}${what}.`;
  // Without another word it says itself what to do.
  return [right === undefined ? { light: 'yellow', says: told } : yellow(told, rightText(right))];
}
