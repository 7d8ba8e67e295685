/**
 * The identity providers of a federation, of which people choose one: whom its metadata vouches for, and whom the
 * operator lets in of those.
 *
 * Either the federation is asked for one member at a time, or all of them stand in one document.
 */
import { hash } from 'node:crypto';
import { unixSeconds } from '../../base/clock.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import { createFresh, type Fresh } from './fresh.ts';
import type { Aggregate, IdpMetadata } from './metadata.ts';
import { metadataText, misconfigured, tooDear, trustedSigners } from './metadata-place.ts';
import {
  createMetadataSource,
  type MetadataParts,
  type MetadataSource,
  threadFor,
} from './metadata-source.ts';

/** Members, for whoever needs one. */
export interface Members {
  /**
   * The one of this entity id. Throws `provider.member-unknown`, `provider.unreachable` and `provider.misconfigured`.
   */
  of(entityId: string): Promise<IdpMetadata>;
  /** The same without asking; undefined where nothing that holds is known. */
  known(entityId: string): IdpMetadata | undefined;
  /** Those for a list of our own, at most `MOST_LISTED`. Throws as `of`. */
  listed(): Promise<readonly IdpMetadata[]>;
  /** Fetches what can be fetched before somebody has chosen. Throws as `of`. */
  warm(): Promise<void>;
}

/** What they are made of. */
interface MembersParts extends MetadataParts {
  /** The only ones that are let in; whoever the metadata vouches for where it is absent. */
  readonly only?: readonly string[];
  /** Do people choose here, from a list of ours? */
  readonly listed: boolean;
}

/** Nobody looks through a longer list; for more there are discovery services. */
export const MOST_LISTED = 50;
/** Characters: it becomes part of the ids of people. */
const LONGEST_MEMBER = 256;
/** Members asked for one by one, of whom something is kept. */
const MOST_KEPT = 500;

/** Makes them; nothing is asked yet. */
export function createMembers(parts: MembersParts): Members {
  const among = parts.place.query === undefined ? fromAggregate(parts) : byQuery(parts);
  const unknown = (entityId: string) =>
    new Problem('provider.member-unknown', {
      provider: parts.id,
      entityId: entityId.slice(0, LONGEST_MEMBER),
    });
  // In an address a dot or two are no name but a folder.
  const isOne = (entityId: string) =>
    !/^\.{0,2}$/.test(entityId) &&
    entityId.length <= LONGEST_MEMBER &&
    (parts.only?.includes(entityId) ?? true);
  return {
    ...among,
    of: async (entityId) => {
      const member = isOne(entityId) ? await among.of(entityId) : undefined;
      if (member === undefined) throw unknown(entityId);
      return member;
    },
    known: (entityId) => (isOne(entityId) ? among.known(entityId) : undefined),
    listed: async () => {
      const all = (await among.listed()).filter(({ entityId, hidden }) => isOne(entityId) && !hidden);
      if (all.length > MOST_LISTED) throw tooMany(parts.id, all.length);
      return all;
    },
    warm: async () => {
      await among.warm();
    },
  };
}

function tooMany(provider: string, members: number): Problem {
  const facts = { provider, asked: 'metadata', why: 'too-many-members', members };
  return new Problem('provider.misconfigured', { ...facts, instead: 'saml.federation.discoveryUrl' });
}

type Among = Omit<Members, 'of'> & { of(entityId: string): Promise<IdpMetadata | undefined> };

/** All stand in one document. */
function fromAggregate(parts: MembersParts): Among {
  const kept = keptAggregate(parts);
  const find = (aggregate: Aggregate | undefined, entityId: string) =>
    aggregate?.members.find((one) => one.entityId === entityId && isInDate(one, parts));
  return {
    of: async (entityId) => find(await kept.current(), entityId),
    known: (entityId) => find(kept.known(), entityId),
    listed: async () => (await kept.current()).members.filter((one) => isInDate(one, parts)),
    warm: async () => {
      const { members } = await kept.current();
      const shown = members.filter((one) => !one.hidden && (parts.only?.includes(one.entityId) ?? true));
      if (parts.listed && shown.length > MOST_LISTED) throw tooMany(parts.id, shown.length);
    },
  };
}

function isInDate({ validUntil }: IdpMetadata, { clock }: MembersParts): boolean {
  return validUntil === undefined || unixSeconds(clock) < validUntil;
}

function keptAggregate(parts: MembersParts): Fresh<Aggregate> {
  const { id, clock, log } = parts;
  let last: { readonly text: string; readonly aggregate: Aggregate } | undefined;
  return createFresh({
    ...parts,
    find: async () => {
      const certificates = await trustedSigners(parts);
      const xml = await metadataText(parts);
      // It changes once a day, and is dear to judge: what was judged need not be again.
      const text = hash('sha256', JSON.stringify([xml, certificates]));
      if (last?.text === text) return last.aggregate;
      const result = await tooDear(
        id,
        threadFor(xml, parts).judgeAggregate({
          kind: 'aggregate',
          xml,
          certificates,
          now: unixSeconds(clock),
          ends: certificates.length > 0,
        }),
      );
      if ('fault' in result) throw misconfigured(id, result.fault);
      const { aggregate } = result;
      if (aggregate.unfit > 0) log.info('saml.members-unfit', { provider: id, members: aggregate.unfit });
      last = { text, aggregate };
      return aggregate;
    },
  });
}

/** One after the other, as people choose them. */
function byQuery(parts: MembersParts): Among {
  // The one asked for longest ago comes first, and goes first.
  const sources = new Map<string, MetadataSource>();

  function sourceOf(entityId: string): MetadataSource {
    const source =
      sources.get(entityId) ?? createMetadataSource({ ...parts, place: { ...parts.place, entityId } });
    sources.delete(entityId);
    sources.set(entityId, source);
    if (sources.size > MOST_KEPT) forgetOne();
    return source;
  }

  /** Of whom nothing holds goes first: anybody can make up names, and nobody is to lose what is known by that. */
  function forgetOne(): void {
    const others = [...sources].slice(0, -1);
    const [name] = others.find(([, source]) => source.known() === undefined) ?? others[0] ?? [];
    if (name !== undefined) sources.delete(name);
  }

  async function all(): Promise<readonly IdpMetadata[]> {
    const found = await Promise.allSettled((parts.only ?? []).map((one) => sourceOf(one).current()));
    const failed = found.find((one) => one.status === 'rejected');
    const good = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    // One that is missing is one button less; where all are, something is wrong.
    if (failed !== undefined && (good.length === 0 || !isProblem(failed.reason))) throw failed.reason;
    return good;
  }

  return {
    of: (entityId) => sourceOf(entityId).current(),
    known: (entityId) => sources.get(entityId)?.known(),
    listed: all,
    warm: async () => {
      await trustedSigners(parts);
      if (parts.listed) await all();
    },
  };
}

/** How somebody is called within a provider that stands for many: two members never share a person. */
export function personOfMember(provider: string, entityId: string, id: string): string {
  return `${provider}#${escaped(entityId)}!${id.slice(provider.length + 1)}`;
}

/** The member somebody came from. */
export function memberOf(provider: string, id: string): string | undefined {
  const [, member] =
    /^([^!]+)!/.exec(id.startsWith(`${provider}#`) ? id.slice(provider.length + 1) : '') ?? [];
  return member?.replaceAll('%21', '!').replaceAll('%25', '%');
}

/** So that the first `!` is the one that ends it. */
function escaped(entityId: string): string {
  return entityId.replaceAll('%', '%25').replaceAll('!', '%21');
}
