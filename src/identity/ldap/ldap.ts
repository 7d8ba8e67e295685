/**
 * Adapter: a directory that is spoken with by LDAP, Active Directory among them.
 *
 * Finds the one entry of whoever typed their name, shows the directory that entry's name and the password, and reads
 * who it is. It keeps no connection and no password.
 *
 * @see RFC 4511 (LDAP: The Protocol), RFC 4513 (Authentication Methods)
 */
import type { SecureContext } from 'node:tls';
import { type Clock, unixSeconds } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../../base/metrics.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { type Random, randomToken } from '../../base/random.ts';
import { Secret } from '../../base/secret.ts';
import { readCredentials, wrongPassword } from '../password.ts';
import { createPasswordProvider } from '../password-provider.ts';
import { type Claims, type ProfileMapping, toPerson } from '../profile.ts';
import type { ClientTrial, Provider, Recheck, SignedIn } from '../provider.ts';
import { createHealth, type Health, watched } from '../provider-health.ts';
import { type Conversation, converse, type DirectoryWay } from './directory.ts';
import { type Entry, groupNames, memberOf, SHUT_BY, textOf, whyShut } from './entry.ts';
import { equalityFilter, fillFilter, GROUPS_OF, NESTED_GROUPS_OF } from './filter.ts';

/** A directory as the operator described it, and the parts it works with. */
export interface LdapOptions {
  readonly id: string;
  readonly name: string;
  /** In the order in which they are asked: a later one where an earlier one does not answer. */
  readonly urls: readonly string[];
  readonly startTls: boolean;
  readonly secureContext: SecureContext;
  /** Milliseconds of each step. */
  readonly timeout: number;
  /** Who looks people up; nobody in particular where the directory lets itself be read by everybody. */
  readonly account?: { readonly dn: string; readonly password: Secret };
  readonly base: string;
  /** With `{username}`. */
  readonly filter: string;
  readonly groups: 'memberOf' | 'search' | 'nested' | 'none';
  readonly groupBase?: string;
  /** With `{dn}`, `{uid}` or `{username}`, in place of ours. */
  readonly groupFilter?: string;
  readonly mapping: Omit<ProfileMapping, 'groups'> & { readonly groupsRequired: boolean };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A person in more groups than this is in too many for anybody to look through. */
const MOST_GROUPS = 1000;

interface Parts {
  readonly options: LdapOptions;
  readonly health: Health;
}

/** Makes a provider of this directory. Asks nothing yet. */
export function createLdapProvider(options: LdapOptions): Provider {
  const health = createHealth(options);
  const parts: Parts = { options, health };
  return createPasswordProvider(
    { ...options, kind: 'ldap', health },
    {
      finish: (fields) => finish(parts, fields),
      recheck: (filter) => watched(health, () => recheck(parts, filter)),
      look: () => look(parts),
      tryEach: () => lookAtEach(parts),
    },
  );
}

/** The first server that answers is the one that is asked. What the last one failed with is thrown. */
async function ask<T>({ options, health }: Parts, work: (with_: Conversation) => Promise<T>): Promise<T> {
  const { id, urls, log } = options;
  let last: Problem | undefined;
  for (const url of urls) {
    try {
      const answer = await askOne(options, url, work);
      health.good();
      return answer;
    } catch (thrown) {
      if (!isProblem(thrown, 'provider.unreachable')) throw thrown;
      log.warn('ldap.server-away', { ...thrown.facts }, thrown);
      last ??= thrown;
    }
  }
  throw last ?? new Problem('provider.misconfigured', { provider: id, asked: 'urls' });
}

function askOne<T>(options: LdapOptions, url: string, work: (with_: Conversation) => Promise<T>): Promise<T> {
  const { id, startTls, secureContext, timeout } = options;
  const way: DirectoryWay = { id, url, startTls, secureContext, timeout };
  return converse(way, async (with_) => {
    await introduce(options, with_);
    return work(with_);
  });
}

async function introduce({ id, account }: LdapOptions, with_: Conversation): Promise<void> {
  if (account === undefined) return;
  const no = await with_.bind(account.dn, account.password);
  if (no !== undefined) throw new Problem('provider.misconfigured', { provider: id, asked: 'bind', why: no });
}

/** Is the directory there, does it take the account, and is the base in it? */
async function look(parts: Parts): Promise<void> {
  await ask(parts, (with_) => lookAt(parts.options, with_, 'base'));
}

/**
 * Asks every server, also where an earlier one answers: what is wrong with a later one would show on the day it is
 * needed. What all fail with, or one says that answers, is thrown.
 */
async function lookAtEach({ options, health }: Parts): Promise<ClientTrial> {
  const { id, urls, groups, groupBase } = options;
  const away: Problem[] = [];
  for (const url of urls)
    try {
      await askOne(options, url, async (with_) => {
        await lookAt(options, with_, 'base');
        // A slip there puts everybody in no group, and nothing else tells.
        if (groups !== 'none' && groupBase !== undefined) await lookAt(options, with_, 'groupBase');
      });
      health.good();
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      const problem = urls.length === 1 ? thrown : at(url, thrown);
      if (thrown.code !== 'provider.unreachable') throw problem;
      away.push(problem);
    }
  const [first = new Problem('provider.misconfigured', { provider: id, asked: 'urls' })] = away;
  if (away.length === urls.length) throw first;
  return away.length === 0 ? {} : { away };
}

/** The same failure, with the one of several servers it is about. */
function at(server: string, { code, facts, cause }: Problem): Problem {
  return new Problem(code, { ...facts, server }, cause);
}

async function lookAt(
  { id, base, groupBase = base }: LdapOptions,
  with_: Conversation,
  asked: 'base' | 'groupBase',
): Promise<void> {
  const found = await with_.search(asked === 'base' ? base : groupBase, {
    filter: '(objectClass=*)',
    attributes: [],
    most: 1,
    scope: 'base',
  });
  if (typeof found === 'string' || found.length === 0)
    throw new Problem('provider.misconfigured', { provider: id, asked, why: 'nothing-there' });
}

async function finish(parts: Parts, fields: URLSearchParams): Promise<SignedIn> {
  const { options } = parts;
  const { id, clock } = options;
  const { username, password } = readCredentials(fields, id);
  const filter = fillFilter(options.filter, { username });
  const signedIn = await ask(parts, async (with_) => {
    const found = await findOne(options, with_, filter);
    // Whoever is not there costs the directory as many steps as who is.
    const no = await with_.bind(found?.dn ?? nobodyIn(options), password);
    if (found === undefined) throw wrongPassword(id, 'unknown');
    if (no !== undefined) throw wrongPassword(id, `bind ${no}`);
    const shut = whyShut(found, unixSeconds(clock));
    if (shut !== undefined) throw wrongPassword(id, shut);
    await introduce(options, with_);
    return read(options, with_, { entry: found, filter, username });
  });
  return { ...signedIn, person: { ...signedIn.person, authenticatedAt: unixSeconds(clock) } };
}

/** A name below the base that nobody has. */
function nobodyIn({ base, random }: LdapOptions): string {
  return `cn=nobody-${randomToken(random, 9)},${base}`;
}

/** The entry this filter finds. Several are nobody: who could say which of them is meant? */
async function findOne(
  options: LdapOptions,
  with_: Conversation,
  filter: string,
): Promise<Entry | undefined> {
  const { id, base, log } = options;
  const found = await with_.search(base, { filter, attributes: attributesOf(options), most: 1 });
  if (found === 'no-base')
    throw new Problem('provider.misconfigured', { provider: id, asked: 'base', why: 'nothing-there' });
  if (found === 'too-many') {
    log.warn('ldap.several', { provider: id });
    return undefined;
  }
  return found[0];
}

function attributesOf({ mapping, groups }: LdapOptions): readonly string[] {
  return [
    ...new Set([
      ...mapping.id,
      ...(mapping.name ?? []),
      ...(mapping.email === undefined ? [] : [mapping.email]),
      'uid',
      'sAMAccountName',
      ...SHUT_BY,
      ...(groups === 'memberOf' ? ['memberOf'] : []),
    ]),
  ];
}

/** Who it is. `filter` is that by which they were found. */
async function read(
  options: LdapOptions,
  with_: Conversation,
  { entry, filter, username }: { readonly entry: Entry; readonly filter: string; readonly username: string },
): Promise<SignedIn> {
  const { id, mapping } = options;
  const { groupsRequired, ...profile } = mapping;
  const groups = await groupsOf(options, with_, { entry, username });
  const claims: Record<string, unknown> = Object.create(null);
  for (const name of attributesOf(options)) claims[name] = textOf(entry, name);
  if (groups.length > 0 || !groupsRequired) claims['groups'] = groups;
  const person = toPerson(
    claims as Claims,
    { ...profile, groups: { claim: 'groups', required: groupsRequired } },
    id,
  );
  return {
    person,
    // No secret: by this the same person is found again, and the same filter must still let them in.
    refreshToken: new Secret(JSON.stringify([`(&${idFilter(mapping.id, entry)}${filter})`, username])),
  };
}

function idFilter(names: readonly string[], entry: Entry): string {
  return equalityFilter(
    names.map((name) => [name, entry.attributes.get(name.toLowerCase())?.[0] ?? ''] as const),
  );
}

async function groupsOf(
  options: LdapOptions,
  with_: Conversation,
  { entry, username }: { readonly entry: Entry; readonly username: string },
): Promise<readonly string[]> {
  const { id, groups, groupBase, groupFilter } = options;
  const missing = (why: string) =>
    new Problem('provider.groups-missing', { provider: id, claim: 'groups', why });
  if (groups === 'none') return [];
  if (groups === 'memberOf') {
    const dns = memberOf(entry);
    if (dns === 'too-many') throw missing('too-many');
    return groupNames(dns, groupBase);
  }
  const uid = textOf(entry, 'uid') ?? textOf(entry, 'sAMAccountName') ?? username;
  const filter = groupFilter ?? (groups === 'nested' ? NESTED_GROUPS_OF : GROUPS_OF);
  const found = await with_.search(groupBase ?? options.base, {
    filter: fillFilter(filter, { dn: entry.dn, uid, username }),
    attributes: ['cn'],
    most: MOST_GROUPS,
  });
  if (found === 'too-many') throw missing('too-many');
  if (found === 'no-base')
    throw new Problem('provider.misconfigured', { provider: id, asked: 'groupBase', why: 'nothing-there' });
  return found.flatMap((group) => textOf(group, 'cn') ?? []);
}

async function recheck(parts: Parts, found: Secret): Promise<Recheck> {
  const { options } = parts;
  const [filter, username] = JSON.parse(found.reveal()) as [string, string];
  return ask(parts, async (with_): Promise<Recheck> => {
    const entry = await findOne(options, with_, filter);
    if (entry === undefined) return { kind: 'gone', why: 'unknown' };
    const shut = whyShut(entry, unixSeconds(options.clock));
    if (shut !== undefined) return { kind: 'gone', why: shut };
    const { person } = await read(options, with_, { entry, filter, username });
    return { kind: 'still', signedIn: { person, refreshToken: found } };
  });
}
