/**
 * What Lua makes of base64url, JSON and numbers.
 *
 * Prosody reads tokens with basexx and lua-cjson, which take more than RFC 4648 and RFC 8259 allow: `=` anywhere,
 * `0x1F`, `nan`, a raw newline in a string. A judge that read more strictly would name the wrong reason.
 * Pure. Refuses to know what the bytes are for.
 */

/** A value out of JSON; an object and a list are both tables to Lua. */
export type LuaValue =
  | string
  | number
  | boolean
  | null
  | readonly LuaValue[]
  | { readonly [key: string]: LuaValue };

/** The bytes of base64url text, `=` ignored wherever it stands; undefined where another character does. */
export function fromUrl64(text: string): Uint8Array | undefined {
  return /^[\w=-]*$/.test(text) ? Buffer.from(text.replaceAll('=', ''), 'base64url') : undefined;
}

/** Upper to lower case as Lua does in the C locale: A to Z and nothing else. */
export function luaLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * A number as Lua 5.4 writes it: fourteen digits, and `.0` behind a whole one, because all of cjson's are floats.
 * @see Lua 5.4, lobject.c, `tostringbuff`
 */
export function luaNumber(value: number): string {
  if (Number.isNaN(value)) return '-nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const { digits, power } = inFourteenDigits(Math.abs(value));
  const sign = value < 0 ? '-' : '';
  if (power >= -4 && power < 14) {
    const text = withoutTail(placed(digits, power));
    return `${sign}${text.includes('.') ? text : `${text}.0`}`;
  }
  const mantissa = withoutTail(`${digits.slice(0, 1)}.${digits.slice(1)}`);
  return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Rounded as C's `printf` does: halfway goes to the even digit, where JavaScript goes away from zero. */
function inFourteenDigits(value: number): { readonly digits: string; readonly power: number } {
  const [exact = '', exactPower = '0'] = value.toExponential(100).replace('.', '').split('e');
  const [head, tail] = [exact.slice(0, 14), exact.slice(14)];
  if (/^50*$/.test(tail) && Number(head.at(-1)) % 2 === 0) return { digits: head, power: Number(exactPower) };
  const [rounded = '', power = '0'] = value.toExponential(13).replace('.', '').split('e');
  return { digits: rounded, power: Number(power) };
}

function placed(digits: string, power: number): string {
  if (power < 0) return `0.${'0'.repeat(-power - 1)}${digits}`;
  return `${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`;
}

function withoutTail(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0*$/, '') : digits;
}

const HEX = String.raw`0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)(?:p[+-]?\d+)?`;
const DECIMAL = String.raw`(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const WHOLE_NUMBER_TEXT = new RegExp(
  `^[ \\f\\n\\r\\t\\v]*([+-]?(?:${HEX}|${DECIMAL}))[ \\f\\n\\r\\t\\v]*$`,
  'i',
);
/** What C's strtod takes; it stops where the number does. */
const NUMBER_HERE = new RegExp(`[+-]?(?:${HEX}|${DECIMAL}|inf(?:inity)?|nan(?:\\(\\w*\\))?)`, 'iy');

/** The number Lua counts with where a text stands in a sum; undefined where it stops with an error. */
export function luaNumberOf(text: string): number | undefined {
  const number = WHOLE_NUMBER_TEXT.exec(text)?.[1];
  return number === undefined ? undefined : numberIn(number);
}

function numberIn(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const bare = text.replace(/^[+-]/, '').toLowerCase();
  if (bare.startsWith('inf')) return sign * Number.POSITIVE_INFINITY;
  if (bare.startsWith('nan')) return Number.NaN;
  return sign * (bare.startsWith('0x') ? hexValue(bare) : Number(bare));
}

function hexValue(bare: string): number {
  const [digits = '', power = '0'] = bare.slice(2).split('p');
  const [whole = '', part = ''] = digits.split('.');
  return Number.parseInt(`${whole}${part}`, 16) * 2 ** (Number(power) - 4 * part.length);
}

/** Thrown and caught in this file alone: cjson stops here. */
const STOP = Symbol('not JSON to cjson');

/** Where reading stands: bytes as characters, so that positions and comparisons are cjson's. */
interface Reading {
  readonly text: string;
  at: number;
  depth: number;
}

/** As deep as lists and objects may lie in one another. */
const DEEPEST = 1000;

/**
 * The value of JSON text as cjson reads it, wrapped, since `null` is one; undefined where cjson gives up.
 * @see lua-cjson 2.1, lua_cjson.c, `json_decode`
 */
export function readLuaJson(bytes: Uint8Array): { readonly value: LuaValue } | undefined {
  const reading: Reading = { text: Buffer.from(bytes).toString('latin1'), at: 0, depth: 0 };
  // Two bytes of which one is zero look like UTF-16 to it.
  if (bytes.length > 1 && (bytes[0] === 0 || bytes[1] === 0)) return undefined;
  try {
    const value = readValue(reading);
    skipSpace(reading);
    return atEnd(reading) ? { value } : undefined;
  } catch (thrown) {
    if (thrown === STOP) return undefined;
    throw thrown;
  }
}

function skipSpace(reading: Reading): void {
  while (' \t\n\r'.includes(reading.text[reading.at] ?? 'x')) reading.at += 1;
}

/** To C a zero byte is an end. */
function atEnd({ text, at }: Reading): boolean {
  return at >= text.length || text[at] === '\0';
}

function take(reading: Reading, word: string): boolean {
  const found = reading.text.startsWith(word, reading.at);
  if (found) reading.at += word.length;
  return found;
}

function readValue(reading: Reading): LuaValue {
  skipSpace(reading);
  if (take(reading, '"')) return fromLatin1(readString(reading));
  if (take(reading, '{')) return descend(reading, readObject);
  if (take(reading, '[')) return descend(reading, readList);
  if (take(reading, 'true')) return true;
  if (take(reading, 'false')) return false;
  if (take(reading, 'null')) return null;
  return readNumber(reading);
}

function readNumber(reading: Reading): number {
  NUMBER_HERE.lastIndex = reading.at;
  const [text] = NUMBER_HERE.exec(reading.text) ?? [];
  if (text === undefined || text.startsWith('.')) throw STOP;
  reading.at += text.length;
  return numberIn(text);
}

function descend<T>(reading: Reading, read: (reading: Reading) => T): T {
  reading.depth += 1;
  if (reading.depth > DEEPEST) throw STOP;
  const value = read(reading);
  reading.depth -= 1;
  return value;
}

function readList(reading: Reading): LuaValue {
  const list: LuaValue[] = [];
  skipSpace(reading);
  if (take(reading, ']')) return list;
  for (;;) {
    list.push(readValue(reading));
    skipSpace(reading);
    if (take(reading, ']')) return list;
    if (!take(reading, ',')) throw STOP;
  }
}

function readObject(reading: Reading): LuaValue {
  const entries: [string, LuaValue][] = [];
  skipSpace(reading);
  if (take(reading, '}')) return {};
  for (;;) {
    skipSpace(reading);
    if (!take(reading, '"')) throw STOP;
    const key = fromLatin1(readString(reading));
    skipSpace(reading);
    if (!take(reading, ':')) throw STOP;
    entries.push([key, readValue(reading)]);
    skipSpace(reading);
    // Defines each key as its own, `__proto__` too; of two alike the last stays, as in a table.
    if (take(reading, '}')) return Object.fromEntries(entries);
    if (!take(reading, ',')) throw STOP;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readString(reading: Reading): string {
  let text = '';
  for (;;) {
    const character = reading.text[reading.at] ?? '\0';
    if (character === '\0') throw STOP;
    reading.at += 1;
    if (character === '"') return text;
    text += character === '\\' ? readEscape(reading) : character;
  }
}

function readEscape(reading: Reading): string {
  const letter = reading.text[reading.at] ?? '';
  reading.at += 1;
  if (letter !== 'u') return ESCAPES[letter] ?? stop();
  const unit = readUnit(reading);
  if ((unit & 0xf800) !== 0xd800) return utf8(unit);
  if ((unit & 0x400) !== 0 || !take(reading, '\\u')) throw STOP;
  const low = readUnit(reading);
  if ((low & 0xfc00) !== 0xdc00) throw STOP;
  return utf8(((unit & 0x3ff) << 10) + (low & 0x3ff) + 0x10000);
}

function readUnit(reading: Reading): number {
  const digits = reading.text.slice(reading.at, reading.at + 4);
  if (!/^[\da-f]{4}$/i.test(digits)) throw STOP;
  reading.at += 4;
  return Number.parseInt(digits, 16);
}

function stop(): never {
  throw STOP;
}

function utf8(codePoint: number): string {
  return Buffer.from(String.fromCodePoint(codePoint)).toString('latin1');
}

function fromLatin1(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}
