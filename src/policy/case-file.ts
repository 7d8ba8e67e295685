/**
 * Policy as text: rules above a line, questions with their answers below it.
 *
 * Pure: text in, rules and questions out, or what is wrong on which line.
 */
import { type Person, personId } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import { ROLES, type Role } from '../base/role.ts';
import { type Room, roomFromPath, roomOf, tenantFromPath } from '../base/room.ts';
import { expandAccess } from './access.ts';
import { decide } from './decide.ts';
import type { Decision, Facts, Rule, Then, When } from './rule.ts';

/** What a question may expect: what a rule may say. */
const OUTCOMES: readonly Then[] = ['host', 'participant', 'guest', 'sign-in', 'wait', 'knock', 'refuse'];

/** One line below the line: who asks for what, and what should come of it. */
export interface PolicyCase {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly facts: Facts;
  readonly outcome: Then;
  /** The rule that should have said it; absent where the line names none. */
  readonly rule?: string;
}

/** A file of rules and questions. */
export interface CaseFile {
  readonly rules: readonly Rule[];
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
  readonly outcome: Then;
  readonly rule: string;
  readonly passed: boolean;
}

/** What a line is refused with; caught where the file is read. */
type Fault = { readonly wrong: string };

const LIST_WORDS = ['rooms', 'tenants', 'groups', 'emails', 'emailDomains', 'providers', 'persons'] as const;

function isRole(word: string): word is Role {
  return (ROLES as readonly string[]).includes(word);
}

function isThen(word: string): word is Then {
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
  if (key === 'signedIn' && (said === 'true' || said === 'false')) return { signedIn: said === 'true' };
  if ((key === 'pass' || key === 'bound') && isRole(said)) return { [key]: said };
  return { wrong: `"${word}" is no condition` };
}

function readRule(line: string): Rule | Fault {
  const [before = '', then = '', ...more] = line.split('->').map((part) => part.trim());
  if (more.length > 0 || !isThen(then)) return { wrong: `after -> stands one of: ${OUTCOMES.join(', ')}` };
  const all = words(before);
  const first = all.findIndex((word) => word.includes('='));
  const name = all.slice(0, first < 0 ? undefined : first).join(' ');
  if (name === '') return { wrong: 'a rule begins with its name' };
  let when: When = {};
  for (const word of first < 0 ? [] : all.slice(first)) {
    const read = condition(word);
    if ('wrong' in read) return read;
    when = { ...when, ...read };
  }
  return { name, when, then };
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

/** `ana/staff,mail=ana@example.org`: a name, then groups, and with a word before `=` what else is known. */
function readPerson(word: string, room: Room): Person | Fault {
  const at = word.indexOf('/');
  const name = at < 0 ? word : word.slice(0, at);
  const details = at < 0 ? [] : values(word.slice(at + 1));
  const said = (key: string) => details.find((detail) => detail.startsWith(`${key}=`))?.slice(key.length + 1);
  const provider = said('provider') ?? 'case';
  const email = said('mail') ?? said('unverified');
  const pass = readEntry(said('pass'), room);
  if (pass !== undefined && 'wrong' in pass) return pass;
  const bound = readEntry(said('bound'), room);
  if (bound !== undefined && 'wrong' in bound) return bound;
  return {
    id: personId(provider, name),
    provider,
    name,
    emailVerified: said('mail') !== undefined,
    groups: details.filter((detail) => !/^(mail|unverified|provider|pass|bound)=/.test(detail)),
    ...(email === undefined ? {} : { email }),
    ...(pass === undefined ? {} : { pass }),
    ...(bound === undefined ? {} : { bound }),
  };
}

function readCase(text: string, line: number): PolicyCase | Fault {
  const [, asked = '', outcome = '', , rule] = /^(.*?)=>\s*(\S+)\s*(\((.*)\))?$/.exec(text.trim()) ?? [];
  const [where, who, ...more] = words(asked);
  if (where === undefined || who === undefined || more.length > 0)
    return { wrong: 'a question is: room, person or -, =>, outcome, (rule)' };
  if (!isThen(outcome)) return { wrong: `after => stands one of: ${OUTCOMES.join(', ')}` };
  const room = readRoom(where);
  if ('wrong' in room) return room;
  const person = who === '-' ? undefined : readPerson(who, room);
  if (person !== undefined && 'wrong' in person) return person;
  return {
    line,
    text: text.trim(),
    facts: person === undefined ? { room } : { room, person },
    outcome,
    ...(rule === undefined ? {} : { rule }),
  };
}

/** What stands above the line: `rules` with indented lines, and the short words `access members` and `hosts a,b`. */
interface Head {
  readonly rules: Rule[];
  access?: 'members';
  hosts?: readonly string[];
  given: boolean;
}

function readHead(text: string, head: Head): Fault | undefined {
  const line = text.trim();
  if (/^access\s+members$/.test(line)) head.access = 'members';
  else if (/^hosts\s+\S/.test(line)) head.hosts = values(line.slice(5)).map((entry) => entry.trim());
  else if (line === 'rules') head.given = true;
  else if (head.given && /^\s/.test(text)) {
    const rule = readRule(line);
    if ('wrong' in rule) return rule;
    head.rules.push(rule);
  } else
    return { wrong: 'above the line stand "access members", "hosts …", and "rules" with its lines indented' };
  return undefined;
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
  const head: Head = { rules: [], given: false };
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
  return faults.length > 0 ? { faults } : { rules: rulesOf(head), cases };
}

/** A decision in the word of the rule that makes it. */
export function thenOf(decision: Decision): Then {
  if (decision.kind !== 'admit') return decision.kind;
  return decision.lobby ? 'knock' : decision.role;
}

/** Answers every question of a file. */
export function answerCases({ rules, cases }: CaseFile): readonly CaseResult[] {
  return cases.map((one) => {
    const decision = decide(one.facts, rules);
    const outcome = thenOf(decision);
    return {
      case: one,
      outcome,
      rule: decision.rule,
      passed: outcome === one.outcome && (one.rule === undefined || one.rule === decision.rule),
    };
  });
}
