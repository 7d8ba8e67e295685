/**
 * Does every sign-in service answer, and take us?
 */
import type { Finding } from '../finding.ts';
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
    const verdicts = [...keys, ...found.map(byItsId)].flatMap((finding) => fromFinding(finding));
    return verdicts.length > 0 ? verdicts : grey('There is none: nobody signs in here.');
  },
};

/** The check says already that it is a provider, and its id which: where it stands in the file says nothing more. */
function byItsId({ subject, complaints, ...finding }: Finding): Finding {
  return {
    ...finding,
    subject: subject.replace(/^provider /, ''),
    complaints: complaints.map(({ path, ...one }) => ({
      ...one,
      path: path.replace(/^providers\[\d+\]\.?/, ''),
    })),
  };
}
