/**
 * The made-up people of the demo. Their passwords are made anew at each start.
 */
import { type Random, spokenId } from '../src/base/random.ts';
import type { Role } from '../src/base/role.ts';

/** Somebody who can sign in at the demo's provider. `role` is null for who may not enter. */
export interface DemoPerson {
  readonly username: string;
  readonly password: string;
  readonly role: Role | null;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

const CAST: readonly Omit<DemoPerson, 'password'>[] = [
  { username: 'ada', role: 'host', name: 'Ada Lövelace', email: 'ada@example.org', groups: ['staff'] },
  {
    username: 'grace',
    role: 'participant',
    name: 'Grace Hopper',
    email: 'grace@example.org',
    groups: ['members'],
  },
  {
    username: 'mallory',
    role: null,
    name: 'Mallory',
    email: 'mallory@elsewhere.example',
    groups: ['suspended'],
  },
];

/** The cast with fresh passwords. */
export function demoPeople(random: Random): readonly DemoPerson[] {
  return CAST.map((person) => ({ ...person, password: spokenId(random).toLowerCase() }));
}
