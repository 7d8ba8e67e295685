/**
 * A sealed text for a cookie of which there may be many: the JWE of `seal` without its header.
 *
 * Nothing in that header is news to us: it follows from the purpose, the end and the key. So only the end is
 * carried, and the header is written again for each of our keys. It is still what the tag was made over: whoever
 * changes the end, or brings another purpose's text, makes a header under which nothing opens.
 */
import { type JwtClaims, type OpenOptions, open, type SealOptions, seal, sealedHeader } from './jwt.ts';

/** As `seal`, some 130 characters shorter. Throws what `seal` throws. */
export async function sealShort(payload: object, options: SealOptions): Promise<string> {
  const [header = '', , ...body] = (await seal(payload, options)).split('.');
  const { exp } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { exp: number };
  return [exp.toString(36), ...body].join('.');
}

/** What `sealShort` sealed; undefined for whatever does not hold, as `open`. */
export async function openShort(text: string, options: OpenOptions): Promise<JwtClaims | undefined> {
  const [, end = '', body = ''] = /^([0-9a-z]{1,8})\.([^.]+\.[^.]+\.[^.]+)$/.exec(text) ?? [];
  const exp = Number.parseInt(end, 36);
  // One end is written in one way.
  if (Number.isNaN(exp) || exp.toString(36) !== end) return undefined;
  for (const key of options.keys) {
    const header = Buffer.from(sealedHeader(key, options.purpose, exp)).toString('base64url');
    const opened = await open(`${header}..${body}`, { ...options, keys: [key] });
    if (opened !== undefined) return opened;
  }
  return undefined;
}
