/**
 * A token that somebody shows in the header of a request. Pure.
 *
 * @see RFC 6750, section 2.1
 */
import type { Asked } from '../admission/arrival.ts';
import { Secret } from '../base/secret.ts';

/** A token in the header: browsers cannot set one there, other clients can. */
export function bearerOf({ header }: Asked): Secret | undefined {
  const token = header('authorization')?.match(/^Bearer +(\S+)$/i)?.[1];
  return token === undefined ? undefined : new Secret(token);
}
