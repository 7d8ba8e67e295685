/**
 * What contradicts itself in the settings of Prosody's accounts.
 */
import type { Complaint } from './complaints.ts';
import { isLoopback } from './loopback.ts';
import type { Said } from './provider-kinds.ts';

/** Everything that does not go together for one provider. */
export function prosodyComplaints({ kind, prosody }: Said, path: string): Complaint[] {
  if (kind !== 'prosody') return [];
  const complaints: Complaint[] = [];
  const { domain, url, insecurePlainHttp } = prosody;
  if (domain === undefined)
    complaints.push({
      path: `${path}.prosody.domain`,
      wrong: 'is missing',
      right: 'the VirtualHost of Prosody whose accounts they are',
    });
  if (url.startsWith('http:') && !insecurePlainHttp && !isLoopback(new URL(url).hostname))
    complaints.push({
      path: `${path}.prosody.url`,
      wrong: 'is http on a host others can reach',
      right: 'https, this machine, or insecurePlainHttp: true within a network of containers',
    });
  return complaints;
}
