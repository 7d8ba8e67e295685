/**
 * The claims in an answer that leads into a room. The signature is not looked at.
 */
import type { ProsodyClaims } from '../../src/tokens/prosody.ts';
import { openAddress } from './jitsi-address.ts';
import type { Answer } from './server-stage.ts';

/** The token that Jitsi's client finds in the way back; throws where there is none. */
export function tokenIn({ headers }: Pick<Answer, 'headers'>): string {
  const { jwt } = openAddress(headers.get('location') ?? '');
  if (typeof jwt !== 'string') throw new Error('no token');
  return jwt;
}

/** Its claims. */
export function claimsOf(answer: Pick<Answer, 'headers'>): ProsodyClaims {
  const [, payload = ''] = tokenIn(answer).split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as ProsodyClaims;
}
