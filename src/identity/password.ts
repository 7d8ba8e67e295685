/**
 * What the providers share that are asked with a name and a password typed into a page of ours.
 *
 * Pure. It says what may be such a name and such a password, and what is told where they are not right: the same
 * for every reason, so that nobody learns which accounts there are.
 */
import { Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import type { StartOptions } from './provider.ts';

/** Where, below our prefix, people type name and password. */
export const PASSWORD_PAGE = '/password';

/** The longest name and password taken, in characters. */
export const PASSWORD_LIMITS = { username: 256, password: 512 } as const;

/** What somebody typed. */
export interface Credentials {
  readonly username: string;
  readonly password: Secret;
}

/**
 * Name and password from the fields of the form. Throws `sign-in.wrong-password` for what can be nobody's: above all
 * an empty password, which a directory takes for an anonymous bind and answers with yes (RFC 4513, section 5.1.2).
 */
export function readCredentials(fields: URLSearchParams, provider: string): Credentials {
  const username = (fields.get('username') ?? '').trim();
  const password = fields.get('password') ?? '';
  const usable =
    isTyped(username, PASSWORD_LIMITS.username) &&
    !/\p{C}/u.test(username) &&
    isTyped(password, PASSWORD_LIMITS.password);
  if (!usable) throw wrongPassword(provider, 'unusable');
  return { username, password: new Secret(password) };
}

function isTyped(text: string, longest: number): boolean {
  return text !== '' && text.length <= longest && text.isWellFormed() && !text.includes('\0');
}

/** No: whether for the name, the password or the account, `why` tells the log alone. */
export function wrongPassword(provider: string, why: string): Problem {
  return new Problem('sign-in.wrong-password', { provider, why });
}

/** The page, for this attempt of this browser. */
export function passwordPageFor({ redirectUri, memory }: StartOptions): string {
  return `${redirectUri}?state=${memory.state}#`;
}
