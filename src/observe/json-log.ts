/**
 * Events as lines of JSON, one an event, on standard output or wherever `write` leads.
 *
 * A door to pino. Whatever stands in an event, it stays one line that no terminal
 * obeys, and what opens doors is masked. Knows nothing of what the events mean.
 */
import { inspect } from 'node:util';
import { destination, pino } from 'pino';
import { type Clock, systemClock } from '../base/clock.ts';
import type { Log, LogFacts } from '../base/log.ts';
import { isProblem } from '../base/problem.ts';
import { redact } from './redact.ts';

/** From which level on events are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a log is made of. */
export interface JsonLogParts {
  readonly level: LogLevel;
  /** Takes one line with its line feed; standard output if left out. */
  readonly write?: (line: string) => void;
  readonly clock?: Clock;
}

/** The names of a line's own members; a fact of that name gets a `_` behind it. */
const OWN: ReadonlySet<string> = new Set(['level', 'time', 'event', 'error']);

/** Characters of a value that are written, and of a stack. */
const LONGEST_VALUE = 1000;
const LONGEST_STACK = 6000;

/** How many causes behind a cause are told. */
const DEEPEST = 4;

/**
 * What JSON may hold as it is but a terminal or a reader of lines obeys: DEL, the C1 controls (0x9b begins
 * an escape sequence), line separators, and what turns the direction of writing.
 */
const OBEYED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function inOneLine(line: string): string {
  return line.replace(OBEYED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function short(text: string, longest: number): string {
  const safe = redact(text);
  return safe.length > longest ? `${safe.slice(0, longest)}…`.toWellFormed() : safe;
}

function toldFacts(facts: LogFacts): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(facts))
    told[OWN.has(name) ? `${name}_` : name] = typeof value === 'string' ? short(value, LONGEST_VALUE) : value;
  return told;
}

/** A cause for the log: code, message, stack, a Problem's facts, and what was behind it. */
function toldCause(cause: unknown, depth = 0): Record<string, unknown> {
  if (!(cause instanceof Error)) return { value: short(inspect(cause, { depth: 1 }), LONGEST_VALUE) };
  const behind = cause instanceof AggregateError ? (cause.cause ?? cause.errors[0]) : cause.cause;
  return {
    name: cause.name,
    ...('code' in cause && typeof cause.code === 'string' ? { code: cause.code } : {}),
    message: short(cause.message, LONGEST_VALUE),
    ...(isProblem(cause) ? { facts: toldFacts(cause.facts) } : {}),
    stack: short(cause.stack ?? '', LONGEST_STACK),
    ...(behind !== undefined && depth < DEEPEST ? { cause: toldCause(behind, depth + 1) } : {}),
  };
}

/** Makes a log that writes each event from `level` on as one line of JSON. */
export function createJsonLog({ level, write, clock = systemClock }: JsonLogParts): Log {
  // Written at once: the last line before a crash is the one that is needed.
  const sink = write === undefined ? destination({ dest: 1, sync: true }) : { write };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => sink.write(inOneLine(line)) },
  );
  const told = (event: string, facts: LogFacts = {}, cause?: unknown) => ({
    event,
    ...toldFacts(facts),
    ...(cause === undefined ? {} : { error: toldCause(cause) }),
  });
  return {
    debug: (event, facts) => {
      if (logger.isLevelEnabled('debug')) logger.debug(told(event, facts));
    },
    info: (event, facts) => {
      if (logger.isLevelEnabled('info')) logger.info(told(event, facts));
    },
    warn: (event, facts, cause) => {
      if (logger.isLevelEnabled('warn')) logger.warn(told(event, facts, cause));
    },
    error: (event, facts, cause) => logger.error(told(event, facts, cause)),
  };
}
