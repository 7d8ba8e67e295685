/**
 * The two lines most sites need, spelt out as rules.
 *
 * Pure. What a site wrote itself comes before what we add to it.
 */
import { ROLES } from '../base/role.ts';
import type { Rule } from './rule.ts';

/** What an operator says about access. */
export interface Access {
  /** `members`: whoever signs in may take part. */
  readonly access?: 'members';
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

const SIGN_IN: Rule = { name: 'sign in first', when: { signedIn: false }, then: 'sign-in' };

const MEMBERS: Rule = { name: 'members', when: { signedIn: true }, then: 'participant' };

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
 * All rules in the order in which they are asked: one-time entries, sign in first,
 * the operator's own, whom other applications vouch for, hosts, members. With rules and without `access` silence refuses.
 */
export function expandAccess({ access, hosts, rules, vouched = false }: Access): readonly Rule[] {
  const members = access === 'members' || (access === undefined && rules === undefined);
  return [
    ...PASSES,
    SIGN_IN,
    ...(rules ?? []),
    ...(vouched ? BOUND : []),
    ...hostRules(hosts),
    ...(members ? [MEMBERS] : []),
  ];
}
