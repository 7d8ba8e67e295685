/**
 * What an expression of a script comes to, as far as it follows from the text.
 * What may be evaluated or not leaves unknown what it assigns.
 *
 * Pure. Runs nothing, calls nothing.
 */
import type {
  AssignmentExpression,
  CallExpression,
  Expression,
  MemberExpression,
  ObjectExpression,
  Pattern,
  Statement,
  UnaryExpression,
} from 'acorn';
import { Problem } from '../base/problem.ts';
import {
  answerOf,
  compared,
  isTable,
  memberAt,
  plus,
  pour,
  smudge,
  type Table,
  tableOf,
  truthOf,
  UNKNOWN,
  type Value,
} from './script-table.ts';

/** A reading under way. */
export interface Reading {
  /** The variables. */
  readonly scope: Table;
  /** In what may run or not: whatever is assigned is unknown afterwards. */
  maybe: boolean;
  depth: number;
  /** Goes through statements inside an expression. */
  readonly run: (body: readonly Statement[]) => void;
}

const DEEPEST = 1000;

/** Does something that the script may do or not. */
export function maybe(reading: Reading, work: () => void): void {
  const before = reading.maybe;
  reading.maybe = true;
  work();
  reading.maybe = before;
}

/** Does something one level further down. Throws `upstream.unusable` where there are too many. */
export function deeper<T>(reading: Reading, work: () => T): T {
  reading.depth += 1;
  if (reading.depth > DEEPEST) throw new Problem('upstream.unusable', { what: 'script', why: 'too-deep' });
  const made = work();
  reading.depth -= 1;
  return made;
}

/** What an expression comes to; assignments in it are made. */
export function worth(node: Expression, reading: Reading): Value {
  return deeper(reading, () => worthShallow(node, reading));
}

function worthShallow(node: Expression, reading: Reading): Value {
  switch (node.type) {
    case 'Literal':
      return isPlain(node.value) ? node.value : UNKNOWN;
    case 'TemplateLiteral':
      return node.quasis.reduce<Value>((text, { value }, at) => {
        const next = node.expressions[at];
        const upTo = plus(text, value.cooked ?? UNKNOWN);
        return next === undefined ? upTo : plus(upTo, worth(next, reading));
      }, '');
    case 'Identifier':
      return nameOf(node.name, reading);
    case 'ObjectExpression':
      return objectOf(node, reading);
    case 'ArrayExpression':
      return node.elements.some((element) => element?.type === 'SpreadElement')
        ? UNKNOWN
        : tableOf(
            node.elements.map((element, at) => [
              String(at),
              element && element.type !== 'SpreadElement' ? worth(element, reading) : undefined,
            ]),
            { array: true },
          );
    case 'ParenthesizedExpression':
    case 'ChainExpression':
      return worth(node.expression, reading);
    case 'MemberExpression':
      return memberOf(node, reading);
    case 'AssignmentExpression':
      return assigned(node, reading);
    case 'BinaryExpression':
      if (node.left.type === 'PrivateIdentifier') return UNKNOWN;
      return binary(node.operator, worth(node.left, reading), worth(node.right, reading));
    case 'LogicalExpression':
      return logical(node.operator, worth(node.left, reading), {
        reading,
        right: () => worth(node.right, reading),
      });
    case 'ConditionalExpression': {
      const test = truthOf(worth(node.test, reading));
      if (test !== UNKNOWN) return worth(test ? node.consequent : node.alternate, reading);
      maybe(reading, () => {
        for (const way of [node.consequent, node.alternate]) worth(way, reading);
      });
      return UNKNOWN;
    }
    case 'UnaryExpression':
      return unary(node, reading);
    case 'UpdateExpression':
      assign(node.argument, UNKNOWN, reading);
      return UNKNOWN;
    case 'SequenceExpression':
      return node.expressions.reduce<Value>((_, each) => worth(each, reading), undefined);
    case 'CallExpression':
      return called(node, reading);
    default:
      return UNKNOWN;
  }
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function nameOf(name: string, { scope }: Reading): Value {
  if (name === 'undefined') return undefined;
  if (['window', 'globalThis', 'self'].includes(name)) return scope;
  return scope.members.has(name) ? scope.members.get(name) : UNKNOWN;
}

function objectOf(node: ObjectExpression, reading: Reading): Table {
  const table = tableOf([]);
  for (const property of node.properties) {
    if (property.type === 'SpreadElement') {
      pour(worth(property.argument, reading), table);
      continue;
    }
    const key = keyOf(property.key, property.computed, reading);
    const value = property.kind === 'init' ? worth(property.value, reading) : UNKNOWN;
    if (key === UNKNOWN) smudge(table);
    // `__proto__: …` in a literal makes no member; what it inherits we do not follow.
    else if (key === '__proto__') table.open = true;
    else table.members.set(key, value);
  }
  return table;
}

function keyOf(
  key: Expression | { readonly type: 'PrivateIdentifier' },
  computed: boolean,
  reading: Reading,
): string | typeof UNKNOWN {
  if (key.type === 'PrivateIdentifier') return UNKNOWN;
  if (!computed && key.type === 'Identifier') return key.name;
  const value = worth(key, reading);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : UNKNOWN;
}

function memberOf(node: MemberExpression, reading: Reading): Value {
  if (node.object.type === 'Super') return UNKNOWN;
  const of = worth(node.object, reading);
  const key = keyOf(node.property, node.computed, reading);
  if (key === UNKNOWN) return UNKNOWN;
  if ((of === undefined || of === null) && node.optional) return undefined;
  return memberAt(of, key);
}

/** Gives a name or a member its value; `UNKNOWN` where that may happen or not. */
export function assign(target: Pattern | Expression, value: Value, reading: Reading): void {
  const settled = reading.maybe ? UNKNOWN : value;
  if (target.type === 'Identifier') reading.scope.members.set(target.name, settled);
  else if (target.type === 'MemberExpression' && target.object.type !== 'Super') {
    const of = worth(target.object, reading);
    if (!isTable(of)) return;
    const key = keyOf(target.property, target.computed, reading);
    if (key === UNKNOWN) smudge(of);
    else of.members.set(key, settled);
  } else if (target.type === 'ObjectPattern') {
    for (const property of target.properties)
      if (property.type === 'Property') assign(property.value, UNKNOWN, reading);
  } else if (target.type === 'ArrayPattern')
    for (const element of target.elements) if (element) assign(element, UNKNOWN, reading);
}

function assigned({ operator, left, right }: AssignmentExpression, reading: Reading): Value {
  if (operator === '=') {
    const value = worth(right, reading);
    assign(left, value, reading);
    return value;
  }
  const before =
    left.type === 'Identifier' || left.type === 'MemberExpression' ? worth(left, reading) : UNKNOWN;
  const add = () => worth(right, reading);
  const logic = operator.slice(0, -1);
  const value =
    operator === '+='
      ? plus(before, add())
      : logic === '||' || logic === '&&' || logic === '??'
        ? logical(logic, before, { reading, right: add })
        : UNKNOWN;
  assign(left, value, reading);
  return value;
}

function binary(operator: string, left: Value, right: Value): Value {
  if (operator === '+') return plus(left, right);
  if (operator === '-') return typeof left === 'number' && typeof right === 'number' ? left - right : UNKNOWN;
  return compared(operator, left, right);
}

function logical(
  operator: string,
  left: Value,
  { reading, right }: { readonly reading: Reading; readonly right: () => Value },
): Value {
  const test = operator === '??' ? nothing(left) : truthOf(left);
  if (test === UNKNOWN) {
    maybe(reading, right);
    return UNKNOWN;
  }
  const decided = operator === '||' ? test : !test;
  return decided ? left : right();
}

function nothing(value: Value): boolean | typeof UNKNOWN {
  return value === UNKNOWN ? UNKNOWN : value === undefined || value === null;
}

function unary({ operator, argument }: UnaryExpression, reading: Reading): Value {
  if (operator === 'delete') {
    if (argument.type !== 'MemberExpression') return UNKNOWN;
    assign(argument, undefined, reading);
    return true;
  }
  const value = worth(argument, reading);
  if (operator === 'void') return undefined;
  if (value === UNKNOWN) return UNKNOWN;
  if (operator === '!') return !value;
  if (operator === 'typeof') return isTable(value) ? 'object' : value === null ? 'object' : typeof value;
  return operator === '-' && typeof value === 'number' ? -value : UNKNOWN;
}

function called(node: CallExpression, reading: Reading): Value {
  const given = node.arguments.map((argument) =>
    argument.type === 'SpreadElement' ? UNKNOWN : worth(argument, reading),
  );
  const callee = node.callee.type === 'ParenthesizedExpression' ? node.callee.expression : node.callee;
  // A function that is called where it stands may return before its end, and names of its own may hide ours.
  if (
    (callee.type === 'FunctionExpression' || callee.type === 'ArrowFunctionExpression') &&
    callee.body.type === 'BlockStatement'
  ) {
    const { body } = callee.body;
    maybe(reading, () => reading.run(body));
    return UNKNOWN;
  }
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super') return UNKNOWN;
  const method = keyOf(callee.property, callee.computed, reading);
  if (callee.object.type === 'Identifier' && callee.object.name === 'Object' && method === 'assign') {
    const [into, ...from] = given;
    if (into === undefined || !isTable(into)) return UNKNOWN;
    for (const each of from) pour(reading.maybe ? UNKNOWN : each, into);
    return into;
  }
  const of = worth(callee.object, reading);
  return method === UNKNOWN ? UNKNOWN : answerOf(of, method, given);
}
