/**
 * A token in the header, and how it is asked for.
 * @see RFC 6750, sections 2.1 and 3
 */
import type { Asked } from '../admission/arrival.ts';
import type { Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';

/** A token in the header: browsers cannot set one there, other clients can. */
export function bearerOf({ header }: Pick<Asked, 'header'>): Secret | undefined {
  const token = header('authorization')?.match(/^Bearer +(\S+)$/i)?.[1];
  return token === undefined ? undefined : new Secret(token);
}

/** What of ours is wrong with a token that was shown. */
const ABOUT_TOKENS = /^(?:bearer|ticket|token|link)\./;

/** How a 401 says what would open the door; where a token was shown, that it does not. */
export function challenge({ code, status, message }: Problem): Readonly<Record<string, string>> {
  if (status !== 401) return {};
  if (ABOUT_TOKENS.test(code))
    return {
      'www-authenticate': `Bearer realm="ostiary", error="invalid_token", error_description="${message}"`,
    };
  return code === 'session.required' ? { 'www-authenticate': 'Bearer realm="ostiary"' } : {};
}
