/**
 * Whom other applications vouch for, as the rules see them: for asking the rules without a door.
 */

import type { Person } from '../base/person.ts';
import { isProblem } from '../base/problem.ts';
import type { Room } from '../base/room.ts';
import type { Config } from '../config/load.ts';
import { decide } from '../policy/decide.ts';
import { rulesOf } from './open.ts';
import { roomFromTerminal } from './room.ts';

/** Seconds: longer than any question takes. */
const A_WHILE = 3600;

/** What an application's word comes to in this room, at most; nothing where the provider is no application. */
export function boundAt(
  { apps, issuers }: Pick<Config, 'apps' | 'issuers'>,
  provider: string,
  { room, now }: { readonly room: Room; readonly now: number },
): Pick<Person, 'bound'> {
  const role =
    apps.find(({ name }) => provider === `app:${name}`)?.role ??
    issuers.find(({ iss }) => provider === iss)?.role;
  if (role === undefined) return {};
  const { claim, tenant } = room;
  return {
    bound: { room: claim, role, until: Math.floor(now / 1000) + A_WHILE, ...(tenant && { tenant }) },
  };
}

/** The rule that refuses an application's people in every room it may speak of; undefined where it lets them into one. */
function refusedEverywhere(
  config: Config,
  {
    provider,
    rooms,
    now,
  }: { readonly provider: string; readonly rooms: readonly string[]; readonly now: number },
): string | undefined {
  const rules = rulesOf(config);
  let refusing: string | undefined;
  for (const room of rooms.flatMap(sample)) {
    const person = { id: `${provider}#somebody`, provider, groups: [], emailVerified: false };
    const bound = boundAt(config, provider, { room, now });
    const decision = decide({ room, now, person: { ...person, ...bound } }, rules);
    if (decision.kind !== 'refuse') return undefined;
    refusing ??= decision.rule;
  }
  return refusing;
}

/** That an application's people are refused by rules that end in "refuse everybody", and what would be right; undefined where they are not. */
export function refusedWord(
  config: Config,
  about: {
    readonly name: string;
    readonly provider: string;
    readonly rooms: readonly string[];
    readonly now: number;
  },
): string | undefined {
  const rule = refusedEverywhere(config, about);
  return (
    rule &&
    `its people are refused by the rule "${rule}"; right would be one above it: { name: ${about.name}, when: { providers: [${about.provider}] }, then: host }`
  );
}

/** A room of such a name: a glob's stars stand for something. */
function sample(glob: string): readonly Room[] {
  try {
    return [roomFromTerminal(glob.replace(/[*?]/g, 'x'))];
  } catch (thrown) {
    if (!isProblem(thrown)) throw thrown;
    return [];
  }
}
