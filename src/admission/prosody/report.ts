/**
 * What our Prosody module tells: who is connected, and in which rooms. Pure.
 *
 * Read as strictly as anything from outside: whoever holds the secret is a machine of the operator's, and machines
 * have faults too.
 *
 * @see prosody/mod_ostiary.lua
 */
import { Problem } from '../../base/problem.ts';
import { parseObject } from '../../identity/session-record.ts';

/** One connection to Prosody, as their verified token and the MUC have it; of who showed none, the rooms alone. */
export interface Reported {
  readonly iss?: string;
  /** The handle of our session, in tokens of ours. */
  readonly sid?: string;
  readonly jti?: string;
  /** The id as the token has it. */
  readonly person?: string;
  /** The room of the token, as `prosodyNode` names it. */
  readonly room?: string;
  /** Does the token call them a host? */
  readonly host: boolean;
  /** The rooms they are in. */
  readonly rooms: readonly string[];
}

/** What changed since the report that `after` answered; `full` where nothing is known. */
export interface Report {
  /** The module since it was loaded: another one after each restart. */
  readonly from: string;
  /** What our last answer to it ended in. */
  readonly after?: string;
  readonly full: boolean;
  /** There was more to tell than one report holds: the next follows at once. */
  readonly more: boolean;
  /** Which list of words it has. */
  readonly refuse?: string;
  readonly come: ReadonlyMap<string, Reported>;
  readonly gone: readonly string[];
}

/** Bytes. The module tells at most a thousand changes at once, each of some hundred bytes. */
export const LARGEST_REPORT = 2 * 1024 * 1024;
/** Changes in one report. */
const MOST_CHANGES = 5000;
const MOST_ROOMS = 16;
const LONGEST = { id: 64, claim: 512, room: 1023 } as const;

function refuse(what: string): never {
  throw new Problem('request.malformed', { what });
}

function textIn(value: unknown, longest: number, what: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '' || value.length > longest) refuse(what);
  return value;
}

function flagIn(value: unknown, what: string): boolean {
  if (value !== undefined && typeof value !== 'boolean') refuse(what);
  return value === true;
}

function listIn(value: unknown, { most, longest }: { most: number; longest: number }, what: string) {
  // Lua has one word for an empty list and an empty object.
  if (value === undefined || (isObject(value) && Object.keys(value).length === 0)) return [];
  if (!Array.isArray(value) || value.length > most) refuse(what);
  return value.map((one: unknown) => textIn(one, longest, what) ?? refuse(what));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reportedIn(value: unknown): Reported {
  if (!isObject(value)) refuse('come');
  const claims = ['iss', 'sid', 'jti', 'person'] as const;
  const said = claims.flatMap((name) => {
    const text = textIn(value[name], LONGEST.claim, name);
    return text === undefined ? [] : [[name, text] as const];
  });
  const room = textIn(value['room'], LONGEST.room, 'room');
  return {
    ...Object.fromEntries(said),
    ...(room !== undefined && { room }),
    host: flagIn(value['host'], 'host'),
    rooms: listIn(value['rooms'], { most: MOST_ROOMS, longest: LONGEST.room }, 'rooms'),
  };
}

/** A report as it came. Throws `request.malformed`. */
export function readReport(text: string): Report {
  const said = parseObject(text) ?? refuse('json');
  if (said['v'] !== 1) refuse('version');
  const from = textIn(said['from'], LONGEST.id, 'from') ?? refuse('from');
  const after = textIn(said['after'], LONGEST.id, 'after');
  const tag = textIn(said['refuse'], LONGEST.id, 'refuse');
  const come = said['come'] ?? {};
  if (!isObject(come)) refuse('come');
  const entries = Object.entries(come);
  if (entries.length > MOST_CHANGES) refuse('come');
  return {
    from,
    ...(after !== undefined && { after }),
    full: flagIn(said['full'], 'full'),
    more: flagIn(said['more'], 'more'),
    ...(tag !== undefined && { refuse: tag }),
    come: new Map(
      entries.map(([id, one]) => [textIn(id, LONGEST.id, 'come') ?? refuse('come'), reportedIn(one)]),
    ),
    gone: listIn(said['gone'], { most: MOST_CHANGES, longest: LONGEST.id }, 'gone'),
  };
}
