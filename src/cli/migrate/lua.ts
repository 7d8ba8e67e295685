/**
 * Prosody's configuration, read as data: which host and component says what, and on which lines. It is Lua, and
 * never run: what does not follow from plain assignments is named and left alone. The only door to luaparse.
 *
 * Pure.
 * @see Prosody, util/configmanager: `VirtualHost`, `Component`, and global options before the first of them
 */
import luaparse, { type Expression, type Statement, type TableConstructorExpression } from 'luaparse';

/** A value that could be read. */
export type LuaValue = string | number | boolean | readonly LuaValue[] | LuaTable;

/** A table by names; a name whose value does not follow from the text is there, and undefined. */
export interface LuaTable {
  readonly [name: string]: LuaValue | undefined;
}

/** One entry of a list. */
export interface LuaItem {
  readonly value: LuaValue;
  readonly line: number;
}

/** One option as it is set. */
export interface LuaOption {
  readonly name: string;
  /** Undefined where it does not follow from the text. */
  readonly value: LuaValue | undefined;
  /** Of a list, its entries. */
  readonly items: readonly LuaItem[];
  readonly first: number;
  readonly last: number;
  /** The column behind it, in bytes. */
  readonly endColumn: number;
  /** The column it begins at, in bytes. */
  readonly column: number;
}

/** What stands under one `VirtualHost` or `Component`, or before all of them. */
export interface LuaSection {
  readonly kind: 'global' | 'VirtualHost' | 'Component';
  readonly name: string;
  /** `muc` and its like. */
  readonly type?: string;
  /** The lines of its heading; 0 for what stands before all headings. */
  readonly first: number;
  readonly last: number;
  /** The last line of what it holds. */
  readonly end: number;
  readonly options: readonly LuaOption[];
}

/** A file. */
export interface LuaFile {
  readonly sections: readonly LuaSection[];
  /** What was not understood. */
  readonly left: readonly { readonly line: number; readonly says: string }[];
}

interface Growing {
  kind: LuaSection['kind'];
  name: string;
  type?: string;
  first: number;
  last: number;
  end: number;
  options: LuaOption[];
}

/** Reads a file; or where it stops being one. */
export function readLua(text: string): LuaFile | { readonly fault: string; readonly line: number } {
  try {
    const { body } = luaparse.parse(bytes(text), {
      locations: true,
      comments: false,
      luaVersion: '5.3',
      encodingMode: 'pseudo-latin1',
    });
    return sectionsOf(body);
  } catch (thrown) {
    // The parser goes as deep as the text does, and so do we, until the stack ends.
    if (thrown instanceof RangeError) return { fault: 'goes too deep', line: 1 };
    if (!(thrown instanceof SyntaxError)) throw thrown;
    const [, line = '1', fault = thrown.message] = /^\[(\d+):\d+\] (.*)$/s.exec(thrown.message) ?? [];
    // The parser tells what it stumbled over, which may be the secret itself.
    const [said = ''] = /^(?:'[^']{1,8}' expected|[^']*)/.exec(fault) ?? [];
    return { fault: said.replace(/ near $/, '').trim(), line: Number(line) };
  }
}

/** Longer than any name or address of use: texts that are joined to themselves grow without end. */
const LONGEST = 4096;

/** Lua knows bytes, the parser letters: each byte is one letter to it. */
function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function sectionsOf(body: readonly Statement[]): LuaFile {
  const left: { line: number; says: string }[] = [];
  const locals = new Map<string, LuaValue>();
  const sections: Growing[] = [{ kind: 'global', name: '', first: 0, last: 0, end: 0, options: [] }];
  for (const statement of body) {
    const line = statement.loc?.start.line ?? 1;
    const heading = headingOf(statement);
    if (heading !== undefined) sections.push(heading);
    if (heading?.name === '') left.push({ line, says: 'a heading whose name does not follow from the text' });
    const section = sections.at(-1) as Growing;
    section.end = Math.max(section.end, statement.loc?.end.line ?? line);
    if (heading !== undefined) continue;
    if (statement.type === 'LocalStatement') {
      for (const [at, { name }] of statement.variables.entries()) {
        const value = worthOf(statement.init[at], locals);
        if (value !== undefined) locals.set(name, value);
      }
      continue;
    }
    const options = optionsOf(statement, locals);
    if (options === undefined && !isInclude(statement)) left.push({ line, says: whatIs(statement) });
    else section.options.push(...(options ?? []));
  }
  return { sections, left };
}

function headingOf(statement: Statement): Growing | undefined {
  if (statement.type !== 'CallStatement') return undefined;
  const name = calleeOf(statement.expression);
  if (name !== 'VirtualHost' && name !== 'Component') return undefined;
  const [, host = '', type] = callOf(statement.expression);
  const first = statement.loc?.start.line ?? 1;
  const last = statement.loc?.end.line ?? first;
  return { kind: name, name: host, ...(type !== undefined && { type }), first, last, end: last, options: [] };
}

function calleeOf(call: Expression): string | undefined {
  if (call.type === 'Identifier') return call.name;
  const isCall = call.type === 'StringCallExpression' || call.type === 'CallExpression';
  return isCall ? calleeOf(call.base) : undefined;
}

/** `f "a" "b"` and `f("a")("b")`: the name and the texts. */
function callOf(call: Expression): readonly string[] {
  if (call.type === 'Identifier') return [call.name];
  const argument =
    call.type === 'StringCallExpression'
      ? call.argument
      : call.type === 'CallExpression'
        ? call.arguments[0]
        : undefined;
  const base = call.type === 'StringCallExpression' || call.type === 'CallExpression' ? call.base : undefined;
  if (base === undefined || argument?.type !== 'StringLiteral') return [];
  return [...callOf(base), textOf(argument.value)];
}

function textOf(value: string): string {
  return Buffer.from(value, 'latin1').toString('utf8');
}

function optionsOf(
  statement: Statement,
  locals: ReadonlyMap<string, LuaValue>,
): readonly LuaOption[] | undefined {
  if (statement.type !== 'AssignmentStatement') return undefined;
  const options = statement.variables.map((variable, at): LuaOption | undefined => {
    const init = statement.init[at];
    if (variable.type !== 'Identifier' || init === undefined) return undefined;
    const first = statement.loc?.start.line ?? 1;
    return {
      name: variable.name,
      value: worthOf(init, locals),
      items: itemsOf(init, locals),
      first,
      last: statement.loc?.end.line ?? first,
      column: statement.loc?.start.column ?? 0,
      endColumn: statement.loc?.end.column ?? 0,
    };
  });
  return options.every((option) => option !== undefined) ? options : undefined;
}

function itemsOf(init: Expression, locals: ReadonlyMap<string, LuaValue>): readonly LuaItem[] {
  if (init.type !== 'TableConstructorExpression') return [];
  return init.fields.flatMap((field) => {
    const value = field.type === 'TableValue' ? worthOf(field.value, locals) : undefined;
    return value === undefined ? [] : [{ value, line: field.loc?.start.line ?? 1 }];
  });
}

function worthOf(init: Expression | undefined, locals: ReadonlyMap<string, LuaValue>): LuaValue | undefined {
  switch (init?.type) {
    case 'StringLiteral':
      return textOf(init.value);
    case 'NumericLiteral':
    case 'BooleanLiteral':
      return init.value;
    case 'Identifier':
      return locals.get(init.name);
    case 'BinaryExpression': {
      const [left, right] = [worthOf(init.left, locals), worthOf(init.right, locals)];
      const joined = init.operator === '..' && typeof left === 'string' && typeof right === 'string';
      return joined && left.length + right.length <= LONGEST ? left + right : undefined;
    }
    case 'TableConstructorExpression': {
      const values = init.fields.map((field) =>
        field.type === 'TableValue' ? worthOf(field.value, locals) : undefined,
      );
      if (values.every((value) => value !== undefined)) return values;
      const named = init.fields.map((field) => [nameOf(field), worthOf(field.value, locals)] as const);
      return named.every(([name]) => name !== undefined) ? Object.fromEntries(named) : undefined;
    }
    default:
      return undefined;
  }
}

/** `name = …` and `["name"] = …` in a table. */
function nameOf(field: TableConstructorExpression['fields'][number]): string | undefined {
  if (field.type === 'TableKeyString') return field.key.name;
  return field.type === 'TableKey' && field.key.type === 'StringLiteral'
    ? textOf(field.key.value)
    : undefined;
}

/** Another file, which is read where it is named. */
function isInclude(statement: Statement): boolean {
  return statement.type === 'CallStatement' && callOf(statement.expression)[0] === 'Include';
}

function whatIs(statement: Statement): string {
  return statement.type === 'CallStatement' ? 'calls a function' : 'is more than an assignment';
}

/** What a section says under this name; the last one counts. */
export function optionOf(section: LuaSection | undefined, name: string): LuaOption | undefined {
  return section?.options.findLast((option) => option.name === name);
}

/** A list of texts; one text alone is a list of it, as Prosody takes it. */
export function textsOf(value: LuaValue | undefined): readonly string[] {
  const all = Array.isArray(value) ? value : [value];
  return all.filter((one) => typeof one === 'string');
}
