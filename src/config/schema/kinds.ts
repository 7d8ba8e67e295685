/**
 * The kinds of value a setting can have, each with the words that say what would be right.
 *
 * Knows nothing of any one setting, of files or of the environment.
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration, parseSpan } from '../../base/duration.ts';
import { isoMoment } from '../../base/moment.ts';
import { Secret } from '../../base/secret.ts';

/** How a kind of value is written in the environment, and what is right to say of it. */
export interface Kind {
  readonly name: 'text' | 'secret' | 'path' | 'flag' | 'number' | 'duration' | 'list' | 'choice';
  /** Ends the sentence "This should be …". */
  readonly right: string;
}

/** Which kind a schema is; wrappers (default, optional) are looked through by the walk. */
export const kinds = z.registry<Kind>();

function named(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/**
 * Is its host a name or an address? URLs take quotes and semicolons in one, and what we print for the web server, Prosody
 * and docker would not. @see WHATWG URL, forbidden domain code points
 */
export function isNamed({ hostname }: URL): boolean {
  return /^(?:[\w-]+(?:\.[\w-]+)*\.?|\[[\da-f:.]+\])$/.test(hostname);
}

/** Is this text `https://host[:port]` (or http), with nothing behind it but perhaps one slash? */
function isOrigin(value: string): boolean {
  const url = named(value);
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false;
  if (!isNamed(url)) return false;
  return url.username === '' && url.password === '' && `${url.origin}/` === url.href && !/[?#]/.test(value);
}

function isWebAddress(value: string): boolean {
  const url = named(value);
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false;
  if (!isNamed(url)) return false;
  return url.username === '' && url.password === '' && !/[?#\s]/.test(value);
}

function isAddressRange(value: string): boolean {
  const [address = '', bits, ...more] = value.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** One line of text that is not empty. */
export const text = z
  .string()
  .refine((value) => value.trim() !== '' && !/[\r\n\0]/.test(value), 'is empty or longer than one line')
  .register(kinds, { name: 'text', right: 'one line of text' });

/** A secret: wrapped at once, so that nothing downstream can print it. */
export const secret = z
  .string()
  .refine((value) => value.trim() !== '', 'is empty')
  .transform((value) => new Secret(value))
  .register(kinds, {
    name: 'secret',
    right: 'text, or where to find it: { file: … }, { env: … } or { credential: … }',
  });

/** A path on this machine; made absolute against the folder of the configuration file by `references.ts`. */
export const path = z
  .string()
  .refine((value) => value.trim() !== '' && !value.includes('\0'), 'is empty')
  .register(kinds, { name: 'path', right: 'a path on this machine' });

/** True or false. */
export const flag = z.boolean().register(kinds, { name: 'flag', right: 'true or false' });

/** A span of time, kept in seconds. */
export const seconds = z
  .union([z.string(), z.number().int().nonnegative()])
  .transform((value, context) => {
    const read = parseSpan(String(value));
    if (read !== undefined && read > 0) return read;
    const bare = parseDuration(String(value)) ?? 0;
    const message = bare > 0 ? 'is a number without a unit' : 'is no duration above nothing';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .register(kinds, { name: 'duration', right: 'a duration: a number with s, m, h, d or w behind it' });

/** A share of a hundred. */
export const percent = z
  .number()
  .int()
  .min(1)
  .max(100)
  .register(kinds, { name: 'number', right: 'a whole number from 1 to 100' });

/** A date, which means its beginning in UTC, or a moment with its zone; kept as a moment in UTC. */
export const moment = z
  .string()
  .transform((value, context) => {
    const at = isoMoment(value);
    if (at !== undefined) return at;
    context.addIssue({ code: 'custom', message: 'is no date' });
    return z.NEVER;
  })
  .register(kinds, { name: 'text', right: 'a date, or a date and time with its zone' });

/** Where something is reached, without a path: kept without the slash at its end. */
export const origin = z
  .string()
  .refine(isOrigin, 'is no plain address of a server')
  .transform((value) => new URL(value).origin)
  .register(kinds, { name: 'text', right: 'https://, a host name and perhaps a port, with nothing behind' });

/** A web address that may have a path; kept exactly as written, because issuers are compared letter by letter. */
export const webAddress = z
  .string()
  .refine(isWebAddress, 'is no web address')
  .register(kinds, { name: 'text', right: 'a web address without question mark or hash' });

/** A web address whose query says what is there. */
export const queryAddress = z
  .string()
  .refine((text) => !text.includes('#') && isWebAddress(text.split('?')[0] ?? ''), 'is no web address')
  .register(kinds, { name: 'text', right: 'a web address without hash' });

/** A glob over names that are lower case already. */
export const nameGlob = z
  .string()
  .transform((glob) => glob.normalize('NFKC').toLowerCase())
  .register(kinds, { name: 'text', right: 'a name, with * and ? where it is open' });

/** The name of a host, in lower case. */
export const hostName = z
  .string()
  .toLowerCase()
  .regex(
    /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/,
    'is no host name',
  )
  .register(kinds, { name: 'text', right: 'a host name' });

/** An address a socket can be bound to. */
export const bindAddress = z
  .string()
  .refine((value) => isIP(value) !== 0 || value === 'localhost', 'is no address of this machine')
  .register(kinds, { name: 'text', right: 'an IP address of this machine (0.0.0.0 or :: for all of them)' });

/** An IP address, or a range of them. */
export const addressRange = z
  .string()
  .refine(isAddressRange, 'is neither an IP address nor a range')
  .register(kinds, { name: 'text', right: 'an IP address or a range such as 10.0.0.0/8' });

/** A TCP port; 0 lets the machine choose. */
export const port = z
  .number()
  .int()
  .min(0)
  .max(65_535)
  .register(kinds, { name: 'number', right: 'a port from 0 to 65535 (0: any that is free)' });

/** A whole number from one upwards. */
export const count = z
  .number()
  .int()
  .min(1)
  .max(10_000_000)
  .register(kinds, { name: 'number', right: 'a whole number from 1 upwards' });

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(
  ...words: T
): z.ZodEnum<{ [K in T[number]]: K }> {
  return z.enum(words).register(kinds, { name: 'choice', right: `one of: ${words.join(', ')}` });
}

/** A list with something in it. Zod's own `min` asks whatever has a `length`, and falls over a section that has one. */
export function filled<T extends z.ZodType>(array: z.ZodArray<T>): z.ZodArray<T> {
  return array.refine((entries) => entries.length > 0, 'is empty');
}

/** A list of plain values; in the environment they stand side by side, with commas between. */
export function list<T extends z.ZodType>(of: T, atLeast: 0 | 1 = 0): z.ZodArray<T> {
  const each = kinds.get(of)?.right ?? 'values';
  return (atLeast > 0 ? filled(z.array(of)) : z.array(of)).register(kinds, {
    name: 'list',
    right: `a list; each entry ${each}`,
  });
}
