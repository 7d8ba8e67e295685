/**
 * What contradicts itself in the applications that ask for tokens.
 */
import type { Complaint } from './complaints.ts';
import { repeated } from './repeated.ts';
import type { Settings } from './schema/settings.ts';
import { WEAK, weakness } from './shared-secret.ts';

type AppSettings = Settings['apps'][number];

const RIGHT = 'a secret that nobody chose, as from: openssl rand -base64 32';

/** Everything wrong with `apps`, beside what each setting says of itself. */
export function appComplaints({ apps = [] }: Partial<Settings>): readonly Complaint[] {
  return [
    ...repeated(
      apps.map(({ name }) => name),
      (at) => `apps[${at}].name`,
    ),
    ...apps.flatMap((app, at) => proofComplaints(app, `apps[${at}]`)),
  ];
}

function proofComplaints(
  { secret, jwksUri, publicKeyFile, algorithm }: AppSettings,
  path: string,
): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const proofs = [secret, jwksUri, publicKeyFile].filter((proof) => proof !== undefined).length;
  if (proofs !== 1)
    complaints.push({
      path,
      wrong: proofs === 0 ? 'has nothing to prove itself by' : 'has more than one proof of itself',
      right: 'one of secret, jwksUri and publicKeyFile',
    });
  const weak = secret && weakness(secret, false);
  if (weak !== undefined) complaints.push({ path: `${path}.secret`, wrong: WEAK[weak], right: RIGHT });
  if (secret !== undefined && algorithm !== 'ES256')
    complaints.push({
      path: `${path}.algorithm`,
      wrong: 'speaks of keys, but this application shows a secret',
      right: 'jwksUri or publicKeyFile beside it, or no algorithm',
    });
  return complaints;
}
