/**
 * Whom would a provider of kind header believe? What would believe anybody does not start.
 */
import { isIP } from 'node:net';
import { foldName } from '../base/header-name.ts';
import type { Complaint } from './complaints.ts';
import type { Said } from './provider-kinds.ts';
import { weakness } from './shared-secret.ts';

/** A wider range than a network of one's own: 10.0.0.0/8, fc00::/7. */
const WIDEST = { 4: 8, 6: 7 } as const;

/** What is wrong with one provider of this kind; nothing for others. */
export function headerComplaints({ kind, header, subject = [] }: Said, path: string): readonly Complaint[] {
  if (kind !== 'header') return [];
  const at = (name: string) => `${path}.header.${name}`;
  const complaints: Complaint[] = [];
  if (header.from === undefined)
    complaints.push({
      path: at('from'),
      wrong: 'is missing: anybody could say who they are',
      right: 'the addresses the proxy comes from',
    });
  for (const [place, range] of (header.from ?? []).entries())
    if (isTooWide(range))
      complaints.push({
        path: at(`from[${place}]`),
        wrong: 'is nearly everybody: whoever reaches us from there could say who they are',
        right: 'the addresses of the proxy alone',
      });
  const signed = header.preset === 'pomerium';
  if (header.secret === undefined && !signed)
    complaints.push({
      path: at('secret'),
      wrong: 'is missing: whatever else runs at that address could say who somebody is',
      right: 'at least 32 random bytes (openssl rand -base64 48), the same in the proxy',
    });
  if (header.secret !== undefined && weakness(header.secret, false) !== undefined)
    complaints.push({
      path: at('secret'),
      wrong: 'can be guessed, or stands in published examples',
      right: 'at least 32 random bytes (openssl rand -base64 48), the same in the proxy',
    });
  for (const name of ['jwksUri', 'issuer', 'audience'] as const)
    if (signed !== (header[name] !== undefined))
      complaints.push({
        path: at(name),
        wrong: signed ? 'is missing' : 'is for pomerium alone: nothing else here is signed',
        right: signed ? 'what the assertion of the proxy says' : `no ${name}`,
      });
  // What is in a certificate or an assertion says itself how it is written.
  if (signed || header.preset === 'client-certificate')
    for (const name of ['encoding', 'separator'] as const)
      if (header[name] !== undefined)
        complaints.push({
          path: at(name),
          wrong: `is not read for preset: ${header.preset}`,
          right: `no ${name} here`,
        });
  const names = [...subject, header.nameHeader ?? '', header.emailHeader ?? ''].map(foldName);
  if (names.includes(foldName(header.secretHeader)))
    complaints.push({
      path: at('secretHeader'),
      wrong: 'is also a header that says who somebody is',
      right: 'a name of its own',
    });
  return complaints;
}

/** IPv4 addresses in IPv6 clothes are IPv4 addresses: as a range they are mostly all of them. */
function isTooWide(range: string): boolean {
  const [address = '', bits] = range.split('/');
  if (bits === undefined) return false;
  return /^[:0]*:ffff:/i.test(address) || Number(bits) < WIDEST[isIP(address) === 6 ? 6 : 4];
}
