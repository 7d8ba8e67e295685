/**
 * Reads a script as data: which values its variables hold at its end, as far as
 * that follows from literals, concatenation, plain assignments and conditions
 * on what is known. Everything else is unknown, and what an unknown thing could
 * have touched is unknown too. Nothing is ever run.
 *
 * Pure. Does not know what the script is for.
 */
import { type ModuleDeclaration, type Program, parse, type Statement, type VariableDeclaration } from 'acorn';
import { Problem } from '../base/problem.ts';
import { tableOf, truthOf, UNKNOWN, type Value } from './script-table.ts';
import { assign, deeper, maybe, type Reading, worth } from './script-values.ts';

/** A script that was understood as text. */
export interface Script {
  /** Its variables at the end. Throws `upstream.unusable` where it goes too deep. */
  read(given?: ScriptGiven): ReadonlyMap<string, Value>;
}

/** What is known beside the text. */
export interface ScriptGiven {
  /** Names that are there before the script begins. */
  readonly names?: Readonly<Record<string, Value>>;
  /** What a variable holds that the text declares as the empty string: a web server fills it in. */
  readonly filledIn?: Readonly<Record<string, string>>;
}

interface ScriptReading extends Reading {
  readonly filledIn: Readonly<Record<string, string>>;
}

/** Letters of a script; Jitsi's own has 80,000. */
const LARGEST = 1_048_576;

/** Understands a script. Throws `upstream.unusable` where it is none, too large or too deep. */
export function parseScript(text: string): Script {
  if (text.length > LARGEST) throw new Problem('upstream.unusable', { what: 'script', why: 'too-large' });
  const { body } = programOf(text);
  return {
    read({ names = {}, filledIn = {} } = {}) {
      const scope = tableOf(Object.entries(names), { open: true });
      const reading: ScriptReading = {
        scope,
        filledIn,
        maybe: false,
        depth: 0,
        run: (statements) => {
          for (const statement of statements) run(statement, reading);
        },
      };
      // A variable is there from the start, and empty: `var config = config || {}`.
      for (const statement of body)
        if (statement.type === 'VariableDeclaration')
          for (const { id } of statement.declarations)
            if (id.type === 'Identifier' && !scope.members.has(id.name))
              scope.members.set(id.name, undefined);
      for (const statement of body) run(statement, reading);
      return scope.members;
    },
  };
}

function programOf(text: string): Program {
  try {
    return parse(text, { ecmaVersion: 'latest', sourceType: 'script' });
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    // The parser goes as deep as the text does, until the stack ends.
    const why = /stack/.test(cause.message) ? 'too-deep' : 'syntax';
    throw new Problem('upstream.unusable', { what: 'script', why });
  }
}

function run(node: Statement | ModuleDeclaration, reading: ScriptReading): void {
  deeper(reading, () => runShallow(node, reading));
}

function runShallow(node: Statement | ModuleDeclaration, reading: ScriptReading): void {
  switch (node.type) {
    case 'VariableDeclaration':
      declare(node, reading);
      return;
    case 'ExpressionStatement':
      worth(node.expression, reading);
      return;
    case 'BlockStatement':
      for (const statement of node.body) run(statement, reading);
      return;
    case 'IfStatement': {
      const test = truthOf(worth(node.test, reading));
      const [yes, no] = [node.consequent, node.alternate];
      if (test === true) run(yes, reading);
      else if (test === false && no) run(no, reading);
      else if (test === UNKNOWN) maybe(reading, () => reading.run(no ? [yes, no] : [yes]));
      return;
    }
    case 'TryStatement':
      run(node.block, reading);
      maybe(reading, () => node.handler && run(node.handler.body, reading));
      if (node.finalizer) run(node.finalizer, reading);
      return;
    case 'ForStatement':
    case 'ForInStatement':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
      maybe(reading, () => run(node.body, reading));
      return;
    case 'SwitchStatement':
      maybe(reading, () => {
        for (const { consequent } of node.cases) reading.run(consequent);
      });
      return;
    default:
  }
}

function declare({ declarations }: VariableDeclaration, reading: ScriptReading): void {
  for (const { id, init } of declarations) {
    if (!init) continue;
    const value = worth(init, reading);
    if (id.type !== 'Identifier') assign(id, UNKNOWN, reading);
    else {
      const filled = Object.hasOwn(reading.filledIn, id.name) ? reading.filledIn[id.name] : undefined;
      assign(id, value === '' ? (filled ?? '') : value, reading);
    }
  }
}
