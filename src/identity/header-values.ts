/**
 * One header that a proxy in front wrote about a person: there once, spelled right, read as what its bytes mean. Pure.
 *
 * Knows no name of any proxy's, and not whether the proxy is believed.
 */
import { foldName } from '../base/header-name.ts';
import { Problem } from '../base/problem.ts';

/** What the bytes of a value are: UTF-8, Latin-1, or UTF-8 written in percent signs. */
export type HeaderEncoding = 'utf-8' | 'latin1' | 'url';

/** How several values of one header are told apart. */
export interface Separated {
  readonly separator: string;
  /** Is a separator inside a value written with a backslash before it? */
  readonly escaped: boolean;
}

/** Characters of a value; a list of groups is long, anything longer is none. */
const LONGEST = 8192;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The bytes of the one header of this name, each one character; undefined where there is none or nothing in it.
 * Any other spelling a server further down could take for it (`Remote_User`) is a second one, or not the one we know:
 * throws `header.unacceptable`, whose facts never hold the value.
 */
export function oneHeader(raw: readonly string[], name: string): string | undefined {
  const folded = foldName(name);
  let found: string | undefined;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const spelled = raw[at] as string;
    if (foldName(spelled) !== folded) continue;
    if (spelled.toLowerCase() !== name.toLowerCase()) throw unacceptable(name, 'spelling');
    if (found !== undefined) throw unacceptable(name, 'repeated');
    found = raw[at + 1] as string;
  }
  if (found !== undefined && found.length > LONGEST) throw unacceptable(name, 'too-long');
  return found === '' ? undefined : found;
}

/** The same as text. Throws `header.unacceptable` for bytes that are no such text, and for control characters. */
export function headerText(
  raw: readonly string[],
  name: string,
  encoding: HeaderEncoding,
): string | undefined {
  const bytes = oneHeader(raw, name);
  if (bytes === undefined) return undefined;
  const text = decoded(bytes, encoding);
  if (text === undefined) throw unacceptable(name, 'encoding');
  if (/\p{Cc}/u.test(text)) throw unacceptable(name, 'control');
  return text === '' ? undefined : text;
}

function decoded(bytes: string, encoding: HeaderEncoding): string | undefined {
  if (encoding === 'latin1') return bytes;
  try {
    // Escapes of what is no UTF-8 throw as well as bytes of it.
    return encoding === 'url' ? decodeURIComponent(bytes) : utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof URIError) return undefined;
    throw cause;
  }
}

/** The values that stand in one header. An empty one is none. */
export function valuesIn(text: string, { separator, escaped }: Separated): readonly string[] {
  const pieces = text.split(separator);
  const whole: string[] = [];
  for (const [at, piece] of pieces.entries()) {
    const before = whole.at(-1);
    // A backslash before the separator says that it belongs to the value.
    if (escaped && at > 0 && before?.endsWith('\\'))
      whole[whole.length - 1] = `${before.slice(0, -1)}${separator}${piece}`;
    else whole.push(piece);
  }
  return whole.filter((value) => value !== '');
}

/** What is wrong with one header, for the log. */
export function unacceptable(header: string, why: string): Problem {
  return new Problem('header.unacceptable', { header, why });
}
