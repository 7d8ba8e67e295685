/**
 * Does every sign-in service answer, and take us?
 */
import { type DoctorCheck, grey } from './check.ts';
import { fromFinding } from './from-finding.ts';

/** Nobody is signed in by it. */
export const checkTheProviders: DoctorCheck = {
  name: 'providers',
  group: 'providers',
  asks: 'Does every sign-in service answer, and take our client id and secret?',
  docs: 'how-to/providers.md',
  async run({ providers }) {
    const { keys, providers: seen } = await providers();
    // Whether it sends people back is another question.
    const found = seen.map(({ finding, back }) =>
      back?.sends === false && finding.complaints.length === 0
        ? { subject: finding.subject, says: 'answers, and takes us', complaints: [] }
        : finding,
    );
    const verdicts = [...keys, ...found].flatMap((finding) => fromFinding(finding));
    return verdicts.length > 0 ? verdicts : grey('There is none: nobody signs in here.');
  },
};
