/**
 * What policy says, in sentences for the terminal.
 */
import type { Explanation, Missed } from '../policy/explain.ts';
import type { Decision, When } from '../policy/rule.ts';
import { localAt, windowText } from '../policy/times.ts';
import { hour } from './text.ts';

/** How each condition reads after "would have to". */
const WANTED: { readonly [K in keyof Required<When>]: (wanted: NonNullable<When[K]>) => string } = {
  rooms: (globs) => `be in a room called ${some(globs)}`,
  tenants: (globs) => `be in the tenant ${some(globs.map((glob) => glob || '(none)'))}`,
  groups: (names) => `be in the group ${some(names)}`,
  emails: (addresses) => `have the verified e-mail address ${some(addresses)}`,
  emailDomains: (domains) => `have a verified e-mail address at ${some(domains)}`,
  providers: (ids) => `sign in at ${some(ids)}`,
  persons: (ids) => `be ${some(ids)}`,
  acr: (contexts) => `sign in by ${some(contexts)}`,
  attributes: (wanted) =>
    Object.entries(wanted)
      .map(([name, values]) => `have the attribute ${name} ${some(values)}`)
      .join(', and '),
  times: (windows) => `come at ${some(windows.map(windowText))}`,
  networks: (ranges) => `come from ${some(ranges)}`,
  clients: (kinds) => `come with ${some(kinds)}, as the client says of itself`,
  hostPresent: (wanted) => (wanted ? 'come while a host is there' : 'come while no host is there'),
  signedIn: (wanted) => (wanted ? 'sign in' : 'not be signed in'),
  pass: (role) => `have a one-time entry as ${role} for this room`,
  bound: (role) => `be vouched for as ${role} by an application, for this room`,
  invited: (wanted) => (wanted ? 'be invited to this room' : 'not come by an invitation'),
  invite: (role) => `be invited to this room as ${role}`,
};

function some(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(' or ');
}

function wanted<K extends keyof When>(name: K, value: When[K]): string {
  return value === undefined ? name : WANTED[name](value as NonNullable<When[K]>);
}

/** What each rule that lets people in found missing, a line each. */
export function missedLines(wouldLetIn: readonly Missed[]): readonly string[] {
  const byRule = wouldLetIn.filter(
    ({ missed }) => !missed.some(({ name }) => name === 'pass' || name === 'bound' || name === 'invite'),
  );
  return [
    ...byRule.map(({ rule, then, missed, behind }) => {
      const needs = missed.map(({ name, wanted: value }) => wanted(name, value)).join(', and ');
      const stands =
        behind === undefined ? '' : `${needs === '' ? '' : '; '}rule "${behind}" speaks before it`;
      return `  as ${then} by rule "${rule}": ${needs === '' ? '' : `would have to ${needs}`}${stands}`;
    }),
    '  by an invitation made here: ostiary invite make --room …',
    '  once, by an entry made here: ostiary pass --room …',
  ];
}

/** What today's rules say to somebody who was turned away. */
export function wantedLines(
  now:
    | {
        readonly outcome: string;
        readonly rule: string;
        readonly wouldLetIn: readonly Missed[];
        readonly putOut?: { readonly until: string; readonly by: string; readonly undo: string };
      }
    | undefined,
): readonly string[] {
  if (now === undefined) return [];
  const { putOut, ...byRules } = now;
  if (putOut !== undefined)
    return [
      `Put out of the room until ${putOut.until}, by ${putOut.by}, whatever the rules say. To allow it again:`,
      `  ${putOut.undo}`,
      ...wantedLines(byRules),
    ];
  const lines = missedLines(now.wouldLetIn);
  if (now.outcome === 'closed')
    return [`By today's rules they would be let in, by rule "${now.rule}", were the room open at that time.`];
  if (now.wouldLetIn.length === 0)
    return [`By today's rules they would be let in: ${now.outcome}, by rule "${now.rule}".`];
  return ["What would let them in, by today's rules:", ...lines];
}

/** When a room with times opens or closes, by the clocks that were meant. */
export function timeLines(decision: Decision): readonly string[] {
  if (decision.kind === 'admit')
    return decision.closes === undefined
      ? []
      : [`  until ${hour(decision.closes / 1000)}, when the room closes`];
  if (decision.kind !== 'closed') return [];
  const { opens, zone, title } = decision.shut;
  const on = title === undefined ? '' : `, for "${title}"`;
  return [
    opens === undefined || zone === undefined
      ? '  no time is known at which the room opens'
      : `  the room opens ${clocks(opens, zone)}${on}`,
  ];
}

/** As `2026-12-01 09:00 Europe/Berlin`; milliseconds since 1970. */
function clocks(at: number, zone: string): string {
  const { date, time } = localAt(at, zone);
  return `${date} ${time} ${zone}`;
}

/** Every rule up to the one that decided, and how it fared. */
export function stepLines({ steps }: Explanation): readonly string[] {
  const decided = steps.findIndex((step) => step.decided);
  return steps.slice(0, decided < 0 ? undefined : decided + 1).map(({ rule, then, conditions, matched }) => {
    const fared = conditions.map(({ name, held }) => `${name} ${held ? 'yes' : 'no'}`).join(', ');
    return `  ${matched ? 'speaks' : 'silent'}  ${rule} -> ${then}${fared === '' ? '' : `  (${fared})`}`;
  });
}
