/**
 * Do the settings hold, and is what is secret kept from others on this machine?
 */
import { checkCertificate } from '../check-certificate.ts';
import { filesOpenToOthers } from '../check-files.ts';
import { checkStages } from '../check-stages.ts';
import { counted } from '../text.ts';
import { type DoctorCheck, green } from './check.ts';
import { fromFinding } from './from-finding.ts';

/** That they can be read at all was found out before anything else was asked. */
export const checkSettings: DoctorCheck = {
  name: 'config',
  group: 'ours',
  asks: 'Can the settings be used, and does nobody else read their secrets?',
  docs: 'reference/config.md',
  async run({ config, file, now }) {
    const { rules, access } = config;
    const who = rules === undefined ? `access: ${access ?? 'members'}` : counted(rules.length, 'rule');
    const judged = [
      filesOpenToOthers(config, file),
      ...checkCertificate(config),
      ...checkStages(config, now),
    ].flatMap((finding) => fromFinding(finding));
    return [green(`${file ?? 'From the environment'}; ${who}.`), ...judged];
  },
};
