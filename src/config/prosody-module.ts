/**
 * What contradicts itself where our module in Prosody is listened to.
 */
import type { Complaint } from './complaints.ts';
import type { Judged } from './finish.ts';
import { WEAK, weakness } from './shared-secret.ts';

/** Whoever can guess it could say that a host is there. */
export function prosodyModuleComplaints({ prosodyModule, tokens }: Judged): readonly Complaint[] {
  const secret = prosodyModule?.secret;
  if (secret === undefined) return [];
  const path = 'prosodyModule.secret';
  const right = 'at least 32 random bytes (openssl rand -base64 48), the same as ostiary_secret in Prosody';
  const weak = weakness(secret, false);
  if (weak !== undefined) return [{ path, wrong: WEAK[weak], right }];
  if (secret.reveal() === tokens?.secret?.reveal())
    return [{ path, wrong: 'is tokens.secret too, with which anybody can sign what they like', right }];
  return [];
}
