/**
 * What a rule may say beside a role: what Jitsi lets somebody do, its lobby, its password, a group, a shorter token.
 *
 * Pure. It belongs to the rule that decided and to nobody else, and what gives somebody more than the role does goes
 * to nobody who came out as less than that role.
 */
import { formatDuration, parseDuration } from '../base/duration.ts';
import { Secret } from '../base/secret.ts';
import type { Beside } from './rule.ts';

/** Every name that may stand there. */
export const BESIDE = [
  'features',
  'lobby',
  'password',
  'group',
  'lifetimes',
] as const satisfies readonly (keyof Beside)[];

/** What this rule says beside its role; undefined where it says nothing. */
export function besideOf(rule: Beside): Beside | undefined {
  const said = BESIDE.filter((name) => rule[name] !== undefined);
  if (said.length === 0) return undefined;
  return Object.fromEntries(said.map((name) => [name, rule[name]]));
}

/** What of it holds for somebody who came out as less than the rule's role: what it denies, and nothing it gives. */
export function lessOf({ features = {}, lobby, lifetimes }: Beside): Beside | undefined {
  const denied = Object.entries(features).filter(([, allowed]) => !allowed);
  return besideOf({
    ...(denied.length > 0 && { features: Object.fromEntries(denied) }),
    ...(lobby?.person === 'knock' && { lobby: { person: 'knock' } }),
    ...(lifetimes && { lifetimes }),
  });
}

/** The same in words, in one order: `feature.recording=true lobby=pass`. Of a password that there is one. */
export function besideWords({
  features = {},
  lobby = {},
  password,
  group,
  lifetimes = {},
}: Beside = {}): readonly string[] {
  const said = [
    ...Object.entries(features)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, allowed]): [string, string] => [`feature.${name}`, String(allowed)]),
    ['lobby', lobby.person],
    ['room-lobby', lobby.room === undefined ? undefined : String(lobby.room)],
    ['group', group],
    ['client', lifetimes.client === undefined ? undefined : formatDuration(lifetimes.client)],
    ['app', lifetimes.app === undefined ? undefined : formatDuration(lifetimes.app)],
  ] as const;
  const words = said.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return password === undefined ? words : [...words, 'password'];
}

/** Reads words such as `besideWords` writes; a rule also says which password it is. Undefined for what is no such word. */
export function readBeside(words: readonly string[]): Beside | { readonly wrong: string } {
  let all: Beside = {};
  for (const word of words) {
    const read = besideIn(word);
    if (read === undefined) return { wrong: `"${word}" is nothing a rule can say beside a role` };
    all = {
      ...all,
      ...read,
      ...(read.features && { features: { ...all.features, ...read.features } }),
      ...(read.lobby && { lobby: { ...all.lobby, ...read.lobby } }),
      ...(read.lifetimes && { lifetimes: { ...all.lifetimes, ...read.lifetimes } }),
    };
  }
  return all;
}

function besideIn(word: string): Beside | undefined {
  const [, name = '', said = ''] = /^([^=]+)=(.+)$/.exec(word.replaceAll('"', '')) ?? [];
  const truth = said === 'true' ? true : said === 'false' ? false : undefined;
  const [, feature] = /^feature\.([a-z-]+)$/.exec(name) ?? [];
  if (feature !== undefined && truth !== undefined) return { features: { [feature]: truth } };
  if (word === 'password') return { password: new Secret('') };
  if (said === '') return undefined;
  switch (name) {
    case 'lobby':
      return said === 'pass' || said === 'knock' ? { lobby: { person: said } } : undefined;
    case 'room-lobby':
      return truth === undefined ? undefined : { lobby: { room: truth } };
    case 'group':
      return { group: said };
    case 'password':
      return { password: new Secret(said) };
    case 'client':
    case 'app': {
      const seconds = parseDuration(said);
      return seconds === undefined ? undefined : { lifetimes: { [name]: seconds } };
    }
    default:
      return undefined;
  }
}
