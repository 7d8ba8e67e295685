/**
 * An identity provider's metadata, kept fresh: read from a file or fetched, checked, and used for as long as it holds.
 *
 * What cannot be used changes nothing: the last good one stands until the end it named itself, and the log says so.
 */
import { readFile, stat } from 'node:fs/promises';
import { type Clock, unixSeconds } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Outbound } from '../../base/outbound.ts';
import { isProblem, Problem } from '../../base/problem.ts';
import type { JudgingThread } from './judging-thread.ts';
import type { IdpMetadata } from './metadata.ts';

/** Seconds after which it is looked for again; and after a failure. */
const REFRESH = 3600;
const AGAIN = 60;
const LARGEST = 8 * 1024 * 1024;

/** Where it is and who must have signed it. */
export interface MetadataPlace {
  readonly url?: string;
  readonly file?: string;
  readonly entityId?: string;
  /** A PEM file: one of its certificates must have signed the document. */
  readonly certFile?: string;
}

/** Metadata for whoever needs it. */
export interface MetadataSource {
  /** What holds now. Throws `provider.unreachable` or `provider.misconfigured` where nothing does. */
  current(): Promise<IdpMetadata>;
  /** What is known, without asking; undefined where nothing holds. */
  known(): IdpMetadata | undefined;
}

/** What a source is made of. */
export interface MetadataParts {
  readonly id: string;
  readonly place: MetadataPlace;
  readonly outbound: Outbound;
  readonly thread: JudgingThread;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes a source; nothing is asked yet. */
export function createMetadataSource({
  id,
  place,
  outbound,
  thread,
  clock,
  log,
}: MetadataParts): MetadataSource {
  let good: IdpMetadata | undefined;
  let lookAt = 0;
  let failed: Problem | undefined;
  let looking: Promise<void> | undefined;
  const now = () => unixSeconds(clock);

  const holds = () =>
    good !== undefined && now() < (good.validUntil ?? Number.POSITIVE_INFINITY) ? good : undefined;

  async function look(): Promise<void> {
    try {
      const found = await judged();
      if (isOlder(found, holds())) log.warn('saml.metadata-older', { provider: id });
      else good = found;
      failed = undefined;
      lookAt = now() + REFRESH;
    } catch (thrown) {
      if (!isProblem(thrown)) throw thrown;
      failed = thrown;
      lookAt = now() + AGAIN;
      // Nobody notices while the last one holds: so that somebody does before it ends.
      if (holds() !== undefined)
        log.warn('saml.metadata-kept', { ...thrown.facts, provider: id, code: thrown.code });
    }
  }

  async function judged(): Promise<IdpMetadata> {
    const certificates =
      place.certFile === undefined ? [] : certificatesIn(await fileText(id, place.certFile));
    if (place.certFile !== undefined && certificates.length === 0) throw misconfigured(id, 'no-certificate');
    const xml = place.url === undefined ? await fileText(id, place.file ?? '') : await fetched(place.url);
    const result = await thread.judgeMetadata({
      kind: 'metadata',
      xml,
      certificates,
      now: now(),
      ...(place.entityId !== undefined && { entityId: place.entityId }),
    });
    if ('fault' in result) throw misconfigured(id, result.fault);
    return result.metadata;
  }

  async function fetched(url: string): Promise<string> {
    try {
      const answer = await outbound(url, {
        purpose: 'metadata',
        headers: { accept: 'application/samlmetadata+xml, */*;q=0.5' },
      });
      if (answer.status !== 200)
        throw new Problem('provider.unreachable', { provider: id, asked: 'metadata', status: answer.status });
      return await answer.text();
    } catch (thrown) {
      if (!isProblem(thrown) || !thrown.code.startsWith('outbound.')) throw thrown;
      throw new Problem('provider.unreachable', { ...thrown.facts, provider: id, asked: 'metadata' }, thrown);
    }
  }

  return {
    known: holds,
    current: async () => {
      if (now() >= lookAt || (holds() === undefined && failed === undefined)) {
        looking ??= look().finally(() => {
          looking = undefined;
        });
        await looking;
      }
      const metadata = holds();
      if (metadata !== undefined) return metadata;
      throw failed ?? misconfigured(id, 'expired');
    },
  };
}

/** Somebody who keeps an old document may hand it out again, with keys that were withdrawn since. */
function isOlder(found: IdpMetadata, known: IdpMetadata | undefined): boolean {
  return (
    known !== undefined &&
    known.validUntil !== undefined &&
    (found.validUntil === undefined || found.validUntil < known.validUntil)
  );
}

function misconfigured(provider: string, why: string): Problem {
  return new Problem('provider.misconfigured', { provider, asked: 'metadata', why });
}

async function fileText(provider: string, file: string): Promise<string> {
  try {
    if ((await stat(file)).size > LARGEST) throw misconfigured(provider, 'too-large');
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && !isProblem(cause))
      throw new Problem('provider.misconfigured', { provider, asked: 'metadata', file, why: cause.code });
    throw cause;
  }
}

function certificatesIn(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
