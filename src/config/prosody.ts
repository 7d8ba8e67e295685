/**
 * What contradicts itself in the settings of Prosody's accounts.
 */
import type { Complaint } from './complaints.ts';
import type { Settings } from './schema/settings.ts';

/** Everything that does not go together for one provider. `isLoopback`: is this host the machine itself? */
export function prosodyComplaints(
  { kind, prosody }: Settings['providers'][number],
  path: string,
  isLoopback: (host: string) => boolean,
): Complaint[] {
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
