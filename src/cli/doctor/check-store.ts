/**
 * Does the store open?
 */
import { checkStore } from '../check-running.ts';
import type { DoctorCheck } from './check.ts';
import { fromFinding } from './from-finding.ts';

/** A store that is not there yet is not made. */
export const checkTheStore: DoctorCheck = {
  name: 'store',
  group: 'ours',
  asks: 'Does the store open, and can it be written to?',
  docs: 'how-to/operate.md',
  async run({ config, now }) {
    const keyless = { ...config, issuers: [], apps: [], bearer: { ...config.bearer, issuers: [] } };
    return fromFinding(await checkStore(keyless, now), 'store');
  },
};
