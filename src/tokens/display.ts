/**
 * The token a page holds while a gateway stands in front of Jitsi: the claims the client shows, and in place of a
 * signature two words that say what it is. It opens nothing anywhere, so nobody need ever judge one.
 *
 * Pure.
 */
import { Secret } from '../base/secret.ts';
import type { JitsiClaims } from './claims.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64url');

/** @see RFC 7519, section 6.1; Jitsi's client wants three segments and reads the second alone */
const HEADER = encoded('{"alg":"none","typ":"JWT"}');
const SIGNATURE = encoded('display-only');

/** Claims for a page's eyes. A Secret all the same: what stands in it concerns somebody. */
export function displayToken(claims: JitsiClaims): Secret {
  return new Secret(`${HEADER}.${encoded(JSON.stringify(claims))}.${SIGNATURE}`);
}

/** Is this a display token, whoever's? It is recognised so that it can be passed over; what it says is not looked at. */
export function isDisplayToken(token: string): boolean {
  return (
    token.startsWith(`${HEADER}.`) &&
    token.endsWith(`.${SIGNATURE}`) &&
    /^[\w-]+$/.test(token.slice(HEADER.length + 1, -SIGNATURE.length - 1))
  );
}

/** Which room a display token speaks of. Nobody signed it: what it says is asked for, never believed. */
export function displayClaims(token: string): Pick<JitsiClaims, 'room' | 'sub'> | undefined {
  if (!isDisplayToken(token)) return undefined;
  try {
    const said: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const { room, sub } = Object(said) as Record<string, unknown>;
    return typeof room === 'string' && typeof sub === 'string' ? { room, sub } : undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
