/**
 * Does the store open?
 */
import { checkStore } from '../check-running.ts';
import { hindranceAt } from '../open.ts';
import { type DoctorCheck, grey } from './check.ts';
import { fromFinding } from './from-finding.ts';

/** A store that is not there yet is not made. */
export const checkTheStore: DoctorCheck = {
  name: 'store',
  group: 'ours',
  asks: 'Does the store open, and can it be written to?',
  docs: 'how-to/operate.md',
  async run({ config, now }) {
    const keyless = { ...config, issuers: [], apps: [], bearer: { ...config.bearer, issuers: [] } };
    const found = await checkStore(keyless, now);
    const [what, whatToDo] = hindranceAt(config.store.path) ?? [];
    // A server that was never started is no fault, and nothing that depends on it can be told.
    return found.complaints.length === 0 && what !== undefined && config.store.path !== ':memory:'
      ? grey(what, whatToDo)
      : fromFinding(found, 'store');
  },
};
