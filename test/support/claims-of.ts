/**
 * The claims in an answer that leads into a room. The signature is not looked at.
 */
import type { ProsodyClaims } from '../../src/tokens/prosody.ts';
import type { Answer } from './server-stage.ts';

/** The token in the fragment of the way back; throws where there is none. */
export function tokenIn({ headers }: Pick<Answer, 'headers'>): string {
  const { hash } = new URL(headers.get('location') ?? '');
  const jwt: unknown = JSON.parse(new URLSearchParams(hash.slice(1)).get('jwt') ?? '');
  if (typeof jwt !== 'string') throw new Error('no token');
  return jwt;
}

/** Its claims. */
export function claimsOf(answer: Pick<Answer, 'headers'>): ProsodyClaims {
  const [, payload = ''] = tokenIn(answer).split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as ProsodyClaims;
}
