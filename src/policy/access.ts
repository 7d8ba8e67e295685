/**
 * The two lines most sites need, spelt out as rules.
 *
 * Pure. What a site wrote itself comes before what we add to it.
 */
import { ROLES } from '../base/role.ts';
import type { Rule } from './rule.ts';

/** The one word most sites need beside their hosts. */
export const ACCESS = ['members', 'members-wait', 'guests-wait', 'guests-knock', 'open'] as const;
/** One of these words. */
export type AccessMode = (typeof ACCESS)[number];

/** What an operator says about access. */
export interface Access {
  readonly access?: AccessMode;
  /** Groups, and e-mail addresses (whatever holds an `@`), of those who lead every room. */
  readonly hosts: readonly string[];
  readonly rules?: readonly Rule[];
  /** Are there applications that vouch for people? */
  readonly vouched?: boolean;
}

/** A one-time entry was made on the machine itself: no rule stands before it. */
const PASSES: readonly Rule[] = ROLES.map((role) => ({
  name: `one-time entry as ${role}`,
  when: { pass: role },
  then: role,
}));

/** Another application's word: after the operator's own rules, which may say less. Never more: see `decide`. */
const BOUND: readonly Rule[] = ROLES.map((role) => ({
  name: `vouched for as ${role}`,
  when: { bound: role },
  then: role,
}));

/**
 * An invitation: after the operator's own rules, as above, and it needs no account. Where people wait, only who shall
 * lead does not; where guests knock, so does who is invited as one.
 */
function invited(mode: AccessMode | undefined): readonly Rule[] {
  return ROLES.flatMap((role): readonly Rule[] => {
    const name = `invited as ${role}`;
    if (role === 'guest' && mode === 'guests-knock') return [{ name, when: { invite: role }, then: 'knock' }];
    if (role === 'host' || (mode !== 'members-wait' && mode !== 'guests-wait'))
      return [{ name, when: { invite: role }, then: role }];
    return [
      { name: `${name}, once a host is there`, when: { invite: role, hostPresent: true }, then: role },
      { name: `${name}, waits for a host`, when: { invite: role }, then: 'wait' },
    ];
  });
}

const SIGN_IN: Rule = {
  name: 'sign in first',
  when: { signedIn: false, invited: false },
  then: 'sign-in',
};

const MEMBERS: Rule = { name: 'members', when: { signedIn: true }, then: 'participant' };

/** Whether a host is there may be unknown: only the sure knowledge lets anybody in. */
const MEMBERS_WAIT: readonly Rule[] = [
  { name: 'members once a host is there', when: { signedIn: true, hostPresent: true }, then: 'participant' },
  { name: 'members wait for a host', when: { signedIn: true }, then: 'wait' },
];

const GUESTS_WAIT: readonly Rule[] = [
  { name: 'guests once a host is there', when: { signedIn: false, hostPresent: true }, then: 'guest' },
  { name: 'guests wait for a host', when: { signedIn: false }, then: 'wait' },
];

/** What each word comes to, after hosts and the operator's own rules. Where none speaks of strangers, they sign in first. */
const MODES: Readonly<Record<AccessMode, readonly Rule[]>> = {
  members: [MEMBERS],
  'members-wait': MEMBERS_WAIT,
  'guests-wait': [MEMBERS, ...GUESTS_WAIT],
  'guests-knock': [MEMBERS, { name: 'guests knock', when: { signedIn: false }, then: 'knock' }],
  open: [MEMBERS, { name: 'guests', when: { signedIn: false }, then: 'guest' }],
};

/** Does this rule speak of strangers and nobody else? */
const isOfStrangers = ({ when }: Rule) => when.signedIn === false;

/** Does this word let in people who have no account? */
export function letsGuestsIn({ access, rules = [] }: Pick<Access, 'access' | 'rules'>): boolean {
  const said = [...rules, ...(access === undefined ? [] : MODES[access])];
  return said.some((rule) => isOfStrangers(rule) && rule.then !== 'sign-in' && rule.then !== 'refuse');
}

/** Does what anybody may depend on whether a host is there? Then somebody must see one come. */
export function waitsForHosts({ access, rules = [] }: Pick<Access, 'access' | 'rules'>): boolean {
  const said = [...rules, ...(access === undefined ? [] : MODES[access])];
  return said.some(({ when }) => when.hostPresent !== undefined);
}

/** Where strangers may come, a closed door tells them to sign in: behind their account they may be somebody else. */
function withSignIn(rules: readonly Rule[]): readonly Rule[] {
  return rules.flatMap((rule) =>
    rule.then === 'refuse' && rule.when.signedIn === undefined
      ? [
          {
            name: `${rule.name} (sign in first)`,
            when: { ...rule.when, signedIn: false },
            then: 'sign-in' as const,
          },
          rule,
        ]
      : [rule],
  );
}

/** Two rules of one name: within a rule every condition must hold, and a host is either in the group or has the address. */
function hostRules(hosts: readonly string[]): readonly Rule[] {
  const emails = hosts.filter((entry) => entry.includes('@'));
  const groups = hosts.filter((entry) => !entry.includes('@'));
  return [
    ...(groups.length === 0 ? [] : [{ name: 'hosts', when: { groups }, then: 'host' } satisfies Rule]),
    ...(emails.length === 0 ? [] : [{ name: 'hosts', when: { emails }, then: 'host' } satisfies Rule]),
  ];
}

/**
 * All rules in the order in which they are asked: one-time entries, the operator's own about people who have not signed
 * in, sign in first, the operator's others, whom other applications vouch for, who is invited, hosts, and what `access`
 * says of everybody else. With rules and without `access` silence refuses. Where `access` lets guests in, nobody need sign in first.
 */
export function expandAccess({ access, hosts, rules, vouched = false }: Access): readonly Rule[] {
  const mode = access ?? (rules === undefined ? 'members' : undefined);
  const rest = mode === undefined ? [] : MODES[mode];
  const takesGuests = rest.some(isOfStrangers);
  const own = rules ?? [];
  const others = own.filter((rule) => !isOfStrangers(rule));
  return [
    ...PASSES,
    ...own.filter(isOfStrangers),
    ...(takesGuests ? withSignIn(others) : [SIGN_IN, ...others]),
    ...(vouched ? BOUND : []),
    ...invited(mode),
    ...hostRules(hosts),
    ...rest,
  ];
}
