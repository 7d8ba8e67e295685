/**
 * Whom we believe: one identity provider, or whichever of a federation is meant. What is known of it, where its pages
 * are, and what its messages are held against. It judges none of them.
 */
import { unixSeconds } from '../../base/clock.ts';
import { isProblem } from '../../base/problem.ts';
import { decryptingKeys } from '../../keys/certified-keys.ts';
import { type Health, watched } from '../provider-health.ts';
import { type Held, LEEWAY } from './expected.ts';
import { createMembers, type Members, memberOf } from './members.ts';
import type { IdpMetadata } from './metadata.ts';
import { createMetadataSource, type MetadataSource } from './metadata-source.ts';
import type { Federation, SamlOptions } from './options.ts';

/** One, or many of whom one is meant. */
export type Trust =
  | { readonly kind: 'one'; readonly source: MetadataSource }
  | { readonly kind: 'many'; readonly members: Members; readonly federation: Federation };

/** What a provider is made of: what the operator said, whom it believes by that, and whether those answer. */
export interface SamlParts {
  readonly options: SamlOptions;
  readonly trust: Trust;
  readonly health: Health;
}

/** Whom these settings have us believe. Asks nothing yet. */
export function trustOf(options: SamlOptions): Trust {
  const { federation } = options;
  if (federation === undefined) return { kind: 'one', source: createMetadataSource(options) };
  const { only, discoveryUrl } = federation;
  const members = createMembers({
    ...options,
    listed: discoveryUrl === undefined,
    ...(only !== undefined && { only }),
  });
  return { kind: 'many', members, federation };
}

/**
 * The metadata of whoever is meant. Throws `provider.unreachable`, `provider.misconfigured` and, of many,
 * `provider.member-unknown`, where none is named too.
 */
export function metadataOf(trust: Trust, member: string | undefined): Promise<IdpMetadata> {
  return trust.kind === 'one' ? trust.source.current() : trust.members.of(member ?? '');
}

/** Of many, the one of this entity id; undefined where there is one alone. */
export function memberNamed(trust: Trust, entityId: string): string | undefined {
  return trust.kind === 'one' ? undefined : entityId;
}

/** Of many, the one that was chosen, or where somebody came from; undefined where that is not known yet. */
export function memberMeant(
  { options, trust }: SamlParts,
  { member, person }: { readonly member?: string | undefined; readonly person?: string | undefined },
): string | undefined {
  if (trust.kind === 'one') return undefined;
  return member ?? (person === undefined ? undefined : memberOf(options.id, person));
}

/** Remembers where it does not answer; where one of many does not, the others may. Throws what the work threw. */
export function seen<T>({ trust, health }: SamlParts, work: () => Promise<T>): Promise<T> {
  return trust.kind === 'one' ? watched(health, work) : work();
}

/** Is this the entity id of the one, or of one of the many? False as long as the metadata is not known. */
export async function isEntity(parts: SamlParts, entityId: string): Promise<boolean> {
  const { trust } = parts;
  try {
    const found = await seen(parts, () => metadataOf(trust, memberNamed(trust, entityId)));
    return found.entityId === entityId;
  } catch (thrown) {
    // The answer is in `state()`, and was logged there; of one of many nothing is known.
    if (!isProblem(thrown)) throw thrown;
    return false;
  }
}

/** Asks for the metadata now, and of many also for that of the one whose this person is. The answer is in `health`. */
export async function warm(parts: SamlParts, person: string | undefined): Promise<void> {
  const { trust, health } = parts;
  try {
    await watched<unknown>(health, () =>
      trust.kind === 'one' ? trust.source.current() : trust.members.warm(),
    );
    health.good();
    const member = memberMeant(parts, { person });
    if (member !== undefined) await metadataOf(trust, member);
  } catch (thrown) {
    // The answer is in `state()`, and was logged there; that of one member comes when somebody is sent to it.
    if (!isProblem(thrown)) throw thrown;
  }
}

/** Where a form of ours may lead. A choice of a member is a link, and leads on from there. */
export function originsOf(parts: SamlParts, person: string | undefined): readonly string[] {
  const pages = pagesOf(parts, memberMeant(parts, { person })).filter((url) => url !== undefined);
  return [...new Set(pages.map((url) => new URL(url).origin))];
}

function pagesOf({ trust }: SamlParts, member: string | undefined): readonly (string | undefined)[] {
  if (trust.kind === 'many' && member === undefined) return [trust.federation.discoveryUrl];
  const known = trust.kind === 'one' ? trust.source.known() : trust.members.known(member ?? '');
  return [known?.signOn, known?.logout, known?.logoutAnswers].flatMap((one) => [one?.redirect, one?.post]);
}

/** What every message of this identity provider is held against at this moment. */
export async function heldAgainst(
  { clock, keys, legacy }: SamlOptions,
  { entityId, certificates }: IdpMetadata,
): Promise<Held> {
  const now = unixSeconds(clock);
  return {
    now,
    leeway: LEEWAY,
    idp: { entityId, certificates },
    legacy: legacy.filter(({ until }) => now < until).map(({ algorithm }) => algorithm),
    keys: await decryptingKeys(keys),
  };
}
