/**
 * Where metadata comes from: a file, an address, or a service that is asked for one entity at a time. As text, within
 * a size; what stands in it is judged elsewhere.
 *
 * @see draft-young-md-query, sections 2 and 3; draft-young-md-query-saml, section 2
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Outbound } from '../../base/outbound.ts';
import { isProblem, Problem } from '../../base/problem.ts';

/** Bytes of a document about one entity. */
const LARGEST = 1024 * 1024;
/** Bytes of one about a whole federation: half a minute of work, and some hundred MiB while it lasts. */
const LARGEST_AGGREGATE = 10 * 1024 * 1024;
/** Milliseconds in which it has to come. */
const AGGREGATE_WITHIN = 60_000;

/** Where it is and who must have signed it: one of `url`, `file` and `query`. */
export interface MetadataPlace {
  readonly url?: string;
  readonly file?: string;
  /** The base address of a metadata query service. */
  readonly query?: string;
  /** Which one of several. */
  readonly entityId?: string;
  /** A PEM file: one of its certificates must have signed the document. */
  readonly certFile?: string;
}

/** Reads from a place, for one provider. */
export interface PlaceParts {
  /** Of the provider, for problems. */
  readonly id: string;
  readonly place: MetadataPlace;
  readonly outbound: Outbound;
}

/** Whatever stands there. Throws `provider.unreachable`, `provider.misconfigured` and `provider.member-unknown`. */
export async function metadataText(parts: PlaceParts): Promise<string> {
  const { id, place } = parts;
  if (place.query !== undefined) return queried(place.query, place.entityId ?? '', parts);
  if (place.url === undefined) return fileText(id, place.file ?? '', LARGEST_AGGREGATE);
  const answer = await asked(place.url, parts, LARGEST_AGGREGATE);
  if (answer.status !== 200) throw unanswered(id, answer.status);
  return answer.text();
}

/** PEM of the certificates that may have signed it. Throws `provider.misconfigured`. */
export async function trustedSigners({ id, place }: PlaceParts): Promise<readonly string[]> {
  if (place.certFile === undefined) return [];
  const found =
    (await fileText(id, place.certFile, LARGEST)).match(
      /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g,
    ) ?? [];
  if (found.length === 0) throw misconfigured(id, 'no-certificate');
  return found;
}

/** By its name, and where the service has it under the hash of that alone, by that. */
async function queried(base: string, entityId: string, parts: PlaceParts): Promise<string> {
  const hashed = `{sha1}${createHash('sha1').update(entityId).digest('hex')}`;
  for (const name of [entityId, hashed]) {
    const url = `${base.replace(/\/$/, '')}/entities/${encodeURIComponent(name)}`;
    const answer = await asked(url, parts, LARGEST);
    if (answer.status === 200) return answer.text();
    if (answer.status !== 404) throw unanswered(parts.id, answer.status);
  }
  throw new Problem('provider.member-unknown', { provider: parts.id, entityId });
}

async function asked(url: string, { id, outbound }: PlaceParts, maxBytes: number): Promise<Response> {
  try {
    return await outbound(url, {
      purpose: 'metadata',
      headers: { accept: 'application/samlmetadata+xml, */*;q=0.5' },
      maxBytes,
      ...(maxBytes > LARGEST && { timeout: AGGREGATE_WITHIN }),
    });
  } catch (thrown) {
    if (!isProblem(thrown) || !thrown.code.startsWith('outbound.')) throw thrown;
    if (thrown.code === 'outbound.too-large') throw tooLarge(id, maxBytes);
    throw new Problem('provider.unreachable', { ...thrown.facts, provider: id, asked: 'metadata' }, thrown);
  }
}

/** Settings and metadata that do not fit together; `why` is for the log. */
export function misconfigured(provider: string, why: string): Problem {
  return new Problem('provider.misconfigured', { provider, asked: 'metadata', why });
}

function unanswered(provider: string, status: number): Problem {
  return new Problem('provider.unreachable', { provider, asked: 'metadata', status });
}

/** Whoever publishes so much answers for one member at a time as well. */
function tooLarge(provider: string, limit: number): Problem {
  const facts = { provider, asked: 'metadata', why: 'too-large', limit };
  return new Problem('provider.misconfigured', { ...facts, instead: 'saml.metadataQuery' });
}

/** What takes too long or too much memory is asked for one by one, or not at all. */
export async function tooDear<T>(provider: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (!isProblem(thrown, 'saml.busy')) throw thrown;
    const facts = { ...thrown.facts, provider, asked: 'metadata', instead: 'saml.metadataQuery' };
    throw new Problem('provider.misconfigured', facts, thrown);
  }
}

async function fileText(provider: string, file: string, largest: number): Promise<string> {
  try {
    if ((await stat(file)).size > largest) throw tooLarge(provider, largest);
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && !isProblem(cause))
      throw new Problem('provider.misconfigured', { provider, asked: 'metadata', file, why: cause.code });
    throw cause;
  }
}
