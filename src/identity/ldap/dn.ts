/**
 * Distinguished names, as far as the name of a group asks for it.
 *
 * Pure.
 *
 * @see RFC 4514, section 3 (Parsing a String Back to a Distinguished Name)
 */

/** One part of a name: `cn=staff`. The type is in lower case. */
export interface Rdn {
  readonly type: string;
  readonly value: string;
}

/** The parts of a name, the nearest first; undefined for what is no name. A part with several values is taken by its first. */
export function parseDn(text: string): readonly Rdn[] | undefined {
  const parts = splitOn(text, /[,;]/);
  const read = parts?.map((part) => readRdn(splitOn(part, /\+/)?.[0] ?? ''));
  return read?.every((rdn) => rdn !== undefined) ? (read as readonly Rdn[]) : undefined;
}

/** Is this name that one, or below it? Capitals and spaces do not count. */
export function isAtOrBelow(dn: readonly Rdn[], base: readonly Rdn[]): boolean {
  if (dn.length < base.length) return false;
  return base.every((rdn, at) => {
    const other = dn[dn.length - base.length + at];
    return other?.type === rdn.type && plain(other.value) === plain(rdn.value);
  });
}

function plain(value: string): string {
  return value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Splits where the sign is not escaped and not inside of quotes. */
function splitOn(text: string, at: RegExp): readonly string[] | undefined {
  const parts: string[] = [''];
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i] ?? '';
    if (letter === '\\') {
      parts[parts.length - 1] += letter + (text[i + 1] ?? '');
      i += 1;
      continue;
    }
    if (letter === '"') quoted = !quoted;
    if (!quoted && at.test(letter)) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return quoted ? undefined : parts;
}

function readRdn(text: string): Rdn | undefined {
  const [, type, raw = ''] = /^\s*([A-Za-z][\w.-]*|\d+(?:\.\d+)*)\s*=\s*(.*?)\s*$/s.exec(text) ?? [];
  if (type === undefined) return undefined;
  const value = unescaped(raw.replace(/^"(.*)"$/s, '$1'));
  return value === undefined ? undefined : { type: type.toLowerCase(), value };
}

/** Escapes are of one sign, or of bytes of UTF-8. */
function unescaped(raw: string): string | undefined {
  const bytes: Buffer[] = [];
  for (const [, hex, sign, other] of raw.matchAll(/\\([0-9a-fA-F]{2})|\\(.)|([^\\]+)/gsu)) {
    if (hex !== undefined) bytes.push(Buffer.from(hex, 'hex'));
    else bytes.push(Buffer.from(sign ?? other ?? ''));
  }
  const text = Buffer.concat(bytes).toString();
  return text === '' || text.includes('\ufffd') ? undefined : text;
}
