/**
 * A role as somebody writes it at the terminal.
 */
import { ROLES, type Role } from '../base/role.ts';
import type { Given, Option } from './command.ts';

const OTHERWISE: Role = 'participant';

/** What people are handed in a room. */
export const ROLE: Option = {
  flags: '--role <role>',
  does: `what they are there: ${ROLES.join(', ')}`,
  otherwise: OTHERWISE,
};

/** The role meant; or what is wrong with it, and what to do, as `complain` takes them. */
export function roleGiven(
  given: Given,
): Role | { readonly wrong: readonly [what: string, whatToDo: string] } {
  const word = given.text('role') ?? OTHERWISE;
  return (
    ROLES.find((role) => role === word) ?? {
      wrong: [`"${word}" is no role.`, `It is one of: ${ROLES.join(', ')}.`],
    }
  );
}
