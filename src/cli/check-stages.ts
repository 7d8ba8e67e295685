/**
 * Is everything guarded? Whatever is not is told, however right the settings are.
 */
import { stagesIn } from '../app/stages.ts';
import type { Config } from '../config/load.ts';
import type { Finding } from './finding.ts';
import { hour } from './text.ts';

/** What of the stages is to be known. */
export function checkStages(config: Config, now: () => number): readonly Finding[] {
  const stages = stagesIn(config);
  if (stages === undefined) return [];
  const { insecureObserveOnly, prosodyModule } = config;
  const standing = stages.standing(now());
  const warn = (subject: string, warning: string): Finding => ({ subject, warning, complaints: [] });
  const findings: Finding[] = [];
  if (standing === 'nothing-guarded')
    findings.push(
      warn(
        'insecureObserveOnly',
        `NOTHING IS GUARDED until ${hour((stages.until ?? 0) / 1000)}: whoever comes gets in; "ostiary report" tells who would not`,
      ),
    );
  else if (insecureObserveOnly !== undefined)
    findings.push(
      warn(
        'insecureObserveOnly',
        `is over since ${hour((stages.until ?? 0) / 1000)}: ${stages.rollout === undefined ? 'EVERYTHING IS GUARDED now' : 'it lets nobody through any more'}. For longer write a date that is to come (date -u -d '+2 hours' +%Y-%m-%dT%H:%MZ); otherwise take it out`,
      ),
    );
  if (stages.rollout !== undefined)
    findings.push(
      warn(
        'rollout',
        `${standing === 'nothing-guarded' ? 'afterwards ' : ''}no more than a part is guarded, and who does not belong to it gets in; "ostiary report" tells who would not`,
      ),
    );
  if (standing !== 'all-guarded' && prosodyModule.secret !== undefined)
    findings.push(
      warn(
        'prosodyModule',
        'our module in Prosody lets nobody in without a token of ours, whatever passes here: take it out of modules_enabled until everything is guarded',
      ),
    );
  return findings;
}
