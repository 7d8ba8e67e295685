/**
 * What contradicts itself where we stand in front of Jitsi.
 */
import type { Complaint } from './complaints.ts';
import { repeated } from './repeated.ts';
import type { Settings } from './schema/settings.ts';

/** Everything wrong with the gateway's sections, beside what each setting says of itself. */
export function gatewayComplaints({
  upstream,
  forwardAuth,
  publicUrl,
  jitsi,
  machines = [],
  tokenServices = [],
  trustedProxies,
}: Partial<Settings>): readonly Complaint[] {
  const complaints = repeated(
    machines.map(({ name }) => name),
    (at) => `machines[${at}].name`,
  );
  for (const [at, { networks, header }] of machines.entries())
    if (networks === undefined && header === undefined)
      complaints.push({
        path: `machines[${at}]`,
        wrong: 'does not say how it is known',
        right: 'networks, or a secret header from a trusted proxy',
      });
  for (const [at, path] of tokenServices.entries())
    if (!/^\/[\w./-]*\/$/.test(path) || path === '/' || path.includes('//') || path.includes('..'))
      complaints.push({
        path: `tokenServices[${at}]`,
        wrong: 'is no path below which something lives',
        right: 'a path that begins and ends with a slash, as /file-sharing/',
      });
  if (forwardAuth?.enabled && trustedProxies?.length === 0)
    complaints.push({
      path: 'trustedProxies',
      wrong: 'names nobody, so no proxy may ask us (forwardAuth.enabled)',
      right: 'the address of the proxy that asks, as [127.0.0.1]',
    });
  if (upstream?.url === undefined && !forwardAuth?.enabled) return complaints;
  if (upstream?.url !== undefined && upstream.url === publicUrl)
    complaints.push({
      path: 'upstream.url',
      wrong: 'is our own public address: we would ask ourselves',
      right: "the inner address of Jitsi's web server",
    });
  if (jitsi?.url !== undefined && publicUrl !== undefined && jitsi.url !== publicUrl)
    complaints.push({
      path: 'jitsi.url',
      wrong: `is another address than publicUrl, but ${upstream?.url === undefined ? 'with forwardAuth we are' : 'a gateway is'} where Jitsi is`,
      right: `no jitsi.url beside ${upstream?.url === undefined ? 'forwardAuth' : 'upstream.url'}`,
    });
  return complaints;
}
