/**
 * Policy as text: rules above a line, questions with their answers below it.
 *
 * Pure: text in, rules and questions out, or what is wrong on which line.
 */

import { CLIENTS, type Client } from '../base/client.ts';
import { parseDuration } from '../base/duration.ts';
import { type Person, personId } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import { ROLES, type Role } from '../base/role.ts';
import { type Room, roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import { ACCESS, type AccessMode, expandAccess } from './access.ts';
import { besideWords, readBeside } from './beside.ts';
import { decide } from './decide.ts';
import { type NamedRoomTimes, timesFor } from './room-times.ts';
import type { Decision, Facts, Rule, Then, When } from './rule.ts';
import { readTimeWindow, type TimeWindow } from './times.ts';

/** What a rule may say, and what a question may expect. */
const THENS: readonly Then[] = ['host', 'participant', 'guest', 'sign-in', 'wait', 'knock', 'refuse'];
const OUTCOMES: readonly CaseOutcome[] = [...THENS, 'closed'];

/** What may come of a question: what a rule may say, or that the room is shut at that hour. */
export type CaseOutcome = Then | 'closed';

/** One line below the line: who asks for what, and what should come of it. */
export interface PolicyCase {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly facts: Facts;
  readonly outcome: CaseOutcome;
  /** The rule that should have said it; absent where the line names none. */
  readonly rule?: string;
  /** What it should have said beside a role, and nothing else; absent where the line does not ask. */
  readonly beside?: readonly string[];
}

/** A file of rules and questions. */
export interface CaseFile {
  readonly rules: readonly Rule[];
  /** Rooms that are open at their times alone. */
  readonly rooms: readonly NamedRoomTimes[];
  readonly cases: readonly PolicyCase[];
}

/** A line that cannot be read. */
export interface CaseFault {
  /** From 1. */
  readonly line: number;
  readonly wrong: string;
}

/** One question answered. */
export interface CaseResult {
  readonly case: PolicyCase;
  readonly outcome: CaseOutcome;
  readonly rule: string;
  /** What the rule says beside the role, in words. */
  readonly beside: readonly string[];
  readonly passed: boolean;
}

/** What a line is refused with; caught where the file is read. */
type Fault = { readonly wrong: string };

const LIST_WORDS = [
  'rooms',
  'tenants',
  'groups',
  'emails',
  'emailDomains',
  'providers',
  'persons',
  'acr',
  'networks',
] as const;
const TRUTHS = ['signedIn', 'hostPresent', 'invited'] as const;

function isRole(word: string): word is Role {
  return (ROLES as readonly string[]).includes(word);
}

function isThen(word: string): word is Then {
  return (THENS as readonly string[]).includes(word);
}

function isOutcome(word: string): word is CaseOutcome {
  return (OUTCOMES as readonly string[]).includes(word);
}

/** Words by white space; what stands in double quotes stays together. */
function words(text: string): readonly string[] {
  return text.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
}

function values(text: string): readonly string[] {
  return (text.match(/(?:[^,"]|"[^"]*")+/g) ?? ['']).map((value) => value.replaceAll('"', ''));
}

function condition(word: string): When | Fault {
  const at = word.indexOf('=');
  const [key, said] = [word.slice(0, at), word.slice(at + 1)];
  const list = LIST_WORDS.find((one) => one === key);
  if (list !== undefined) return { [list]: values(said) };
  const truth = TRUTHS.find((one) => one === key);
  if (truth !== undefined && (said === 'true' || said === 'false')) return { [truth]: said === 'true' };
  if (key === 'clients' && values(said).every(isClient)) return { clients: values(said).filter(isClient) };
  if (key.startsWith('attribute.')) return { attributes: { [key.slice(10)]: values(said) } };
  const window = key === 'times' ? readTimeWindow(said.replaceAll('"', '')) : undefined;
  if (window !== undefined) return { times: [window] };
  if ((key === 'pass' || key === 'bound' || key === 'invite') && isRole(said)) return { [key]: said };
  return { wrong: `"${word}" is no condition` };
}

function isClient(word: string): word is Client {
  return (CLIENTS as readonly string[]).includes(word);
}

function readRule(line: string): Rule | Fault {
  const [before = '', after = '', ...more] = line.split('->').map((part) => part.trim());
  const [then = '', ...said] = words(after);
  if (more.length > 0 || !isThen(then)) return { wrong: `after -> stands one of: ${THENS.join(', ')}` };
  const all = words(before);
  const first = all.findIndex((word) => word.includes('='));
  const name = all.slice(0, first < 0 ? undefined : first).join(' ');
  if (name === '') return { wrong: 'a rule begins with its name' };
  let when: When = {};
  for (const word of first < 0 ? [] : all.slice(first)) {
    const read = condition(word);
    if ('wrong' in read) return read;
    const attributes = read.attributes && { ...when.attributes, ...read.attributes };
    when = { ...when, ...read, ...(attributes && { attributes }) };
  }
  const beside = readBeside(said);
  return 'wrong' in beside ? beside : { name, when, then, ...beside };
}

function readRoom(word: string): Room | Fault {
  const at = word.indexOf('@');
  try {
    return at < 0
      ? roomOf(roomFromPath(word))
      : roomOf(roomFromPath(word.slice(0, at)), tenantFromPath(word.slice(at + 1)));
  } catch (thrown) {
    if (isProblem(thrown)) return { wrong: `"${word}" is no room (${thrown.code})` };
    throw thrown;
  }
}

/** What is good for one room alone: `host`, or `host:other-room`. */
function readEntry(said: string | undefined, room: Room): Person['pass'] | Fault {
  if (said === undefined) return undefined;
  const [role = '', where] = said.split(':');
  if (!isRole(role)) return { wrong: `"${said}" is no entry to one room` };
  const good = where === undefined ? room : readRoom(where);
  if ('wrong' in good) return good;
  return {
    room: good.claim,
    role,
    until: Number.MAX_SAFE_INTEGER,
    ...(good.tenant === undefined ? {} : { tenant: good.tenant }),
  };
}

const KNOWN_OF_PEOPLE = /^(?:mail|unverified|provider|pass|bound|invite|acr|attribute\.[^=]+)=/;

/**
 * `ana/staff,mail=ana@example.org`: a name, then groups, and with a word before `=` what else is known. `~ana` gave that
 * name and showed nothing.
 */
function readPerson(word: string, room: Room): Person | Fault {
  const at = word.indexOf('/');
  const isGuest = word.startsWith('~');
  const name = word.slice(isGuest ? 1 : 0, at < 0 ? undefined : at);
  const details = at < 0 ? [] : values(word.slice(at + 1));
  const said = (key: string) => details.find((detail) => detail.startsWith(`${key}=`))?.slice(key.length + 1);
  const provider = said('provider') ?? 'case';
  const email = said('mail') ?? said('unverified');
  const pass = readEntry(said('pass'), room);
  if (pass !== undefined && 'wrong' in pass) return pass;
  const bound = readEntry(said('bound'), room);
  if (bound !== undefined && 'wrong' in bound) return bound;
  const invite = readEntry(said('invite'), room);
  if (invite !== undefined && 'wrong' in invite) return invite;
  return {
    id: personId(provider, name),
    provider,
    name,
    emailVerified: said('mail') !== undefined,
    groups: details.filter((detail) => !KNOWN_OF_PEOPLE.test(detail)),
    ...(isGuest && { guest: true }),
    ...(said('acr') !== undefined && { acr: said('acr') as string }),
    ...(details.some((detail) => detail.startsWith('attribute.')) && { attributes: attributesIn(details) }),
    ...(email === undefined ? {} : { email }),
    ...(pass === undefined ? {} : { pass }),
    ...(bound === undefined ? {} : { bound }),
    ...(invite === undefined ? {} : { invite: { ...invite, id: 'case' } }),
  };
}

/** `attribute.affiliation=staff`, as often as there are values. */
function attributesIn(details: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  for (const detail of details) {
    const [, name, value] = /^attribute\.([^=]+)=(.*)$/.exec(detail) ?? [];
    if (name !== undefined && value !== undefined) found[name] = [...(found[name] ?? []), value];
  }
  return found;
}

/** What is known beside room and person: `at=2026-12-01T09:00:00Z from=192.0.2.1 client=mobile host=present`; or `door=let-in`. */
function readAround(said: readonly string[]): Omit<Facts, 'room' | 'person'> | Fault {
  let facts: Omit<Facts, 'room' | 'person'> = {};
  for (const word of said) {
    const at = word.indexOf('=');
    const [key, value] = [word.slice(0, at), word.slice(at + 1)];
    if (key === 'at' && !Number.isNaN(Date.parse(value))) facts = { ...facts, now: Date.parse(value) };
    else if (key === 'from') facts = { ...facts, address: value };
    else if (key === 'client' && isClient(value)) facts = { ...facts, client: value };
    else if (key === 'host' && (value === 'present' || value === 'absent'))
      facts = { ...facts, hostPresent: value === 'present' };
    else if (word === 'door=let-in') facts = { ...facts, hostPresent: true, letIn: true };
    else return { wrong: `"${word}" is nothing a question can say` };
  }
  return facts;
}

/** `with feature.recording=true lobby=pass`, or `with nothing`. */
function readWith(said: string | undefined): readonly string[] | Fault | undefined {
  if (said === undefined) return undefined;
  if (said === 'nothing') return [];
  const beside = readBeside(words(said));
  return 'wrong' in beside ? beside : besideWords(beside);
}

function readCase(text: string, line: number): PolicyCase | Fault {
  const [, asked = '', outcome = '', , rule, said] =
    /^(.*?)=>\s*(\S+)\s*(\((.*?)\)(?=$|\s+with\s))?(?:\s*with\s+(.*))?$/.exec(text.trim()) ?? [];
  const [where, who, ...more] = words(asked);
  if (where === undefined || who === undefined)
    return { wrong: 'a question is: room, person or -, what else is known, =>, outcome, (rule)' };
  const around = readAround(more);
  if ('wrong' in around) return around;
  if (!isOutcome(outcome)) return { wrong: `after => stands one of: ${OUTCOMES.join(', ')}` };
  const room = readRoom(where);
  if ('wrong' in room) return room;
  const person = who === '-' ? undefined : readPerson(who, room);
  if (person !== undefined && 'wrong' in person) return person;
  const beside = readWith(said);
  if (beside !== undefined && 'wrong' in beside) return beside;
  return {
    line,
    text: text.trim(),
    facts: { room, ...(person && { person }), ...around },
    outcome,
    ...(rule === undefined ? {} : { rule }),
    ...(beside === undefined ? {} : { beside }),
  };
}

/**
 * What stands above the line: `rules` with indented lines, the short words `access members` and `hosts a,b`, and rooms
 * with times.
 */
interface Head {
  readonly rules: Rule[];
  readonly rooms: NamedRoomTimes[];
  access?: AccessMode;
  hosts?: readonly string[];
  given: boolean;
}

function readHead(text: string, head: Head): Fault | undefined {
  const line = text.trim();
  const mode = ACCESS.find((word) => word === /^access\s+(\S+)$/.exec(line)?.[1]);
  if (mode !== undefined) head.access = mode;
  else if (/^hosts\s+\S/.test(line)) head.hosts = values(line.slice(5)).map((entry) => entry.trim());
  else if (line === 'rules') head.given = true;
  else if (/^open\s/.test(text)) {
    const rooms = readRoomTimes(words(line.slice(5)));
    if ('wrong' in rooms) return rooms;
    head.rooms.push(rooms);
  } else if (head.given && /^\s/.test(text)) {
    const rule = readRule(line);
    if ('wrong' in rule) return rule;
    head.rules.push(rule);
  } else
    return {
      wrong: `above the line stand "access" with one of ${ACCESS.join(', ')}, "hosts …", "open …", and "rules" with its lines indented`,
    };
  return undefined;
}

/** `open exam-*@law times="mon 09:00-11:00 Europe/Berlin" early=15m`; without a window the room is shut. */
function readRoomTimes([where = '', ...said]: readonly string[]): NamedRoomTimes | Fault {
  const [name = '', tenant] = where.split('@');
  const times: TimeWindow[] = [];
  let hostsEarly = 0;
  for (const word of said) {
    const [, key, text = ''] = /^(times|early)=(.+)$/.exec(word.replaceAll('"', '')) ?? [];
    const window = key === 'times' ? readTimeWindow(text) : undefined;
    const early = key === 'early' ? parseDuration(text) : undefined;
    if (window !== undefined) times.push(window);
    else if (early !== undefined) hostsEarly = early;
    else return { wrong: `"${word}" is neither times=… nor early=…` };
  }
  return { names: [name], times, hostsEarly, ...(tenant !== undefined && { tenants: [tenant] }) };
}

/** With `access` or `hosts` the rules are spelt out as the server does it; without, they stand alone. */
function rulesOf({ rules, access, hosts, given }: Head): readonly Rule[] {
  if (access === undefined && hosts === undefined) return rules;
  return expandAccess({
    hosts: hosts ?? [],
    vouched: true,
    ...(access === undefined ? {} : { access }),
    ...(given ? { rules } : {}),
  });
}

/** Reads a file of rules and questions; everything wrong with it at once. */
export function readCaseFile(text: string): CaseFile | { readonly faults: readonly CaseFault[] } {
  const head: Head = { rules: [], rooms: [], given: false };
  const cases: PolicyCase[] = [];
  const faults: CaseFault[] = [];
  let below = false;
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    if (!below && /^-{5,}$/.test(line.trim())) {
      below = true;
      continue;
    }
    const read = below ? readCase(line, at + 1) : readHead(line, head);
    if (read !== undefined && 'wrong' in read) faults.push({ line: at + 1, wrong: read.wrong });
    else if (read !== undefined) cases.push(read);
  }
  if (faults.length === 0 && cases.length === 0)
    faults.push({ line: 1, wrong: 'there is no question below a line of hyphens' });
  return faults.length > 0 ? { faults } : { rules: rulesOf(head), rooms: head.rooms, cases };
}

/** A decision in the word of the rule that makes it. */
export function thenOf(decision: Decision): CaseOutcome {
  if (decision.kind !== 'admit') return decision.kind;
  return decision.lobby ? 'knock' : decision.role;
}

/** Answers every question of a file. */
export function answerCases({ rules, rooms, cases }: CaseFile): readonly CaseResult[] {
  return cases.map((one) => {
    const roomTimes = timesFor(rooms, one.facts.room);
    const decision = decide({ ...one.facts, roomTimes }, rules);
    const outcome = thenOf(decision);
    const beside = besideWords(decision.kind === 'admit' ? decision.beside : undefined);
    return {
      case: one,
      outcome,
      rule: decision.rule,
      beside,
      passed:
        outcome === one.outcome &&
        (one.rule === undefined || one.rule === decision.rule) &&
        (one.beside === undefined || one.beside.join(' ') === beside.join(' ')),
    };
  });
}
