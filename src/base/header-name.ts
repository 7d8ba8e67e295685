/**
 * Names of HTTP headers, as the laxest server reads them. Pure.
 */

/** A header's name as the laxest server reads it: CGI and its heirs write every odd character as one. */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

/** A name as it may stand in a request: a token. @see RFC 9110, section 5.1 */
export const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
