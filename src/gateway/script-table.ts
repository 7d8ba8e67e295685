/**
 * Values that follow from a text, and what can be done to them. Nothing here
 * knows how the text is written.
 *
 * Pure.
 */

/** Stands for everything that does not follow from the text. */
export const UNKNOWN: unique symbol = Symbol('unknown');

/** A value that follows from the text, or `UNKNOWN`. */
export type Value = undefined | null | boolean | number | string | Table | typeof UNKNOWN;

/** An object or an array. */
export interface Table {
  readonly array: boolean;
  readonly members: Map<string, Value>;
  /** May hold more than is known. */
  open: boolean;
}

/** Makes an object or array. */
export function tableOf(
  entries: Iterable<readonly [string, Value]>,
  { array = false, open = false }: { readonly array?: boolean; readonly open?: boolean } = {},
): Table {
  return { array, members: new Map(entries), open };
}

/** Is this an object or array that is known? */
export function isTable(value: Value): value is Table {
  return typeof value === 'object' && value !== null;
}

/** From now on anything may stand in it. */
export function smudge(table: Table): void {
  table.open = true;
  for (const key of table.members.keys()) table.members.set(key, UNKNOWN);
}

/** Puts everything that one holds into another; what is not known may have replaced anything. */
export function pour(from: Value, into: Table): void {
  if (from === undefined || from === null) return;
  if (!isTable(from) || from.open) smudge(into);
  if (!isTable(from)) return;
  for (const [key, value] of from.members) into.members.set(key, value);
}

/** What stands under a name in it. */
export function memberAt(of: Value, key: string): Value {
  if (typeof of === 'string') return key === 'length' ? of.length : UNKNOWN;
  if (!isTable(of)) return UNKNOWN;
  if (of.members.has(key)) return of.members.get(key);
  return of.open || of.array || key in Object.prototype ? UNKNOWN : undefined;
}

/** Would a condition hold? */
export function truthOf(value: Value): boolean | typeof UNKNOWN {
  return value === UNKNOWN ? UNKNOWN : Boolean(value);
}

/** Doubling a text a few dozen times would fill the memory. */
const LONGEST_TEXT = 16_384;

function bounded(text: string): Value {
  return text.length > LONGEST_TEXT ? UNKNOWN : text;
}

/** The `+` of two values; only texts and numbers are followed. */
export function plus(left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  if (typeof left !== 'string' && typeof right !== 'string') return UNKNOWN;
  if (left === UNKNOWN || right === UNKNOWN || isTable(left) || isTable(right)) return UNKNOWN;
  return bounded(String(left) + String(right));
}

/** A comparison of two values that are texts, numbers and the like. */
export function compared(operator: string, left: Value, right: Value): Value {
  if (left === UNKNOWN || right === UNKNOWN) return UNKNOWN;
  const loose = (value: Value) => (value === null ? undefined : value);
  switch (operator) {
    case '===':
      return left === right;
    case '!==':
      return left !== right;
    case '==':
    case '!=': {
      const [a, b] = [loose(left), loose(right)];
      // Between two kinds JavaScript converts; that we do not follow.
      if (typeof a !== typeof b && a !== undefined && b !== undefined) return UNKNOWN;
      return (operator === '==') === (a === b);
    }
    default:
      return UNKNOWN;
  }
}

type TextMethod = (text: string, given: readonly Value[]) => Value;

const whole = (value: Value): number | undefined => (typeof value === 'number' ? value : undefined);

/** What a text can be asked without running anything; given what is no text or number, it does not answer. */
const TEXT_METHODS: ReadonlyMap<string, TextMethod> = new Map<string, TextMethod>([
  ['toLowerCase', (text) => text.toLowerCase()],
  ['toUpperCase', (text) => text.toUpperCase()],
  ['trim', (text) => text.trim()],
  ['toString', (text) => text],
  ['substr', (text, [from, length]) => text.substr(whole(from) ?? 0, whole(length))],
  ['substring', (text, [from, to]) => text.substring(whole(from) ?? 0, whole(to))],
  ['slice', (text, [from, to]) => text.slice(whole(from), whole(to))],
  ['startsWith', (text, [start]) => (typeof start === 'string' ? text.startsWith(start) : UNKNOWN)],
  ['endsWith', (text, [end]) => (typeof end === 'string' ? text.endsWith(end) : UNKNOWN)],
  ['includes', (text, [part]) => (typeof part === 'string' ? text.includes(part) : UNKNOWN)],
  [
    'split',
    (text, [by]) =>
      typeof by === 'string'
        ? tableOf(
            text.split(by).map((part, at): readonly [string, Value] => [String(at), part]),
            { array: true },
          )
        : UNKNOWN,
  ],
]);

/** What a method of a value answers; `UNKNOWN` for all but a few that cannot do anything. */
export function answerOf(of: Value, method: string, given: readonly Value[]): Value {
  if (given.some((value) => value === UNKNOWN || isTable(value))) return UNKNOWN;
  if (typeof of === 'string') return TEXT_METHODS.get(method)?.(of, given) ?? UNKNOWN;
  if (!isTable(of)) return UNKNOWN;
  const [first] = given;
  if (method === 'hasOwnProperty' && typeof first === 'string')
    return of.members.has(first) ? true : of.open ? UNKNOWN : false;
  if (method !== 'join' || !of.array || of.open) return UNKNOWN;
  const by = typeof first === 'string' ? first : ',';
  return [...of.members.values()].reduce<Value>(
    (text, part, at) => (typeof part === 'string' ? plus(at === 0 ? '' : plus(text, by), part) : UNKNOWN),
    '',
  );
}
