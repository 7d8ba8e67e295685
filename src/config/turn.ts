/**
 * What contradicts itself in the settings of the TURN server.
 */
import { isIPv6 } from 'node:net';
import { boundsOf } from '../base/bounds.ts';
import type { Complaint } from './complaints.ts';
import type { Settings } from './schema/settings.ts';
import { WEAK, weakness } from './shared-secret.ts';

const SECRET = 'a secret that nobody chose, as from: openssl rand -base64 48';

/** Everything wrong with `turn`, beside what each setting says of itself. */
export function turnComplaints({ turn, tokens }: Partial<Settings>): readonly Complaint[] {
  if (turn === undefined) return [];
  const complaints: Complaint[] = [];
  const { urls, lifetime, bridges, certFile, keyFile } = turn;
  if (urls.length > 0) complaints.push(...secretComplaints(turn));
  complaints.push(...cliComplaints(turn));
  if (tokens !== undefined && lifetime < tokens.lifetime)
    complaints.push({
      path: 'turn.lifetime',
      wrong: 'is shorter than tokens.lifetime: a client asks once for a whole meeting',
      right: 'at least as long as tokens.lifetime',
    });
  for (const [at, bridge] of bridges.entries()) if (isTooMuch(bridge)) complaints.push(tooMuch(at));
  if ((certFile === undefined) !== (keyFile === undefined))
    complaints.push({
      path: `turn.${certFile === undefined ? 'certFile' : 'keyFile'}`,
      wrong: 'is missing',
      right: 'both files, or neither',
    });
  return complaints;
}

function secretComplaints({ secret, otherSecret }: Settings['turn']): readonly Complaint[] {
  if (secret === undefined) return [{ path: 'turn.secret', wrong: 'is missing', right: SECRET }];
  return Object.entries({ secret, otherSecret }).flatMap(([name, one]) => {
    const weak = one && weakness(one, false);
    return weak === undefined ? [] : [{ path: `turn.${name}`, wrong: WEAK[weak], right: SECRET }];
  });
}

function cliComplaints({ database, cliPassword }: Settings['turn']): readonly Complaint[] {
  if (cliPassword === undefined) return [];
  const weak = weakness(cliPassword, false);
  const complaints: Complaint[] = [];
  if (database === undefined)
    complaints.push({
      path: 'turn.cliPassword',
      wrong: 'stands beside no turn.database: nobody could be told from anybody else',
      right: 'both, or neither',
    });
  if (weak !== undefined) complaints.push({ path: 'turn.cliPassword', wrong: WEAK[weak], right: SECRET });
  return complaints;
}

/** Wider than any site's network, or an IPv4 address in the clothes of IPv6, which coturn takes for another one. */
function isTooMuch(bridge: string): boolean {
  const [address = '', prefix] = bridge.split('/');
  if (isIPv6(address) && /^(?:0*:)*0*ffff:/i.test(address.replace(/^::/, '0:'))) return true;
  // A range that begins at 0.0.0.0 or :: is everything to coturn.
  if (/^0\.0\.0\.0$|^0(?::0){7}$/.test(boundsOf(bridge)[0])) return true;
  return prefix !== undefined && Number(prefix) < (isIPv6(address) ? 48 : 16);
}

function tooMuch(at: number): Complaint {
  return {
    path: `turn.bridges[${at}]`,
    wrong: 'is more than bridges, or IPv4 written as IPv6',
    right: 'single addresses, or a range no wider than /16 (IPv4) or /48 (IPv6)',
  };
}
