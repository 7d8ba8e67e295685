/**
 * One identity provider's metadata, kept fresh: read from a file or fetched, checked, and used for as long as it holds.
 */
import { type Clock, unixSeconds } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { createFresh, type Fresh } from './fresh.ts';
import type { JudgingThread } from './judging-thread.ts';
import type { IdpMetadata } from './metadata.ts';
import { metadataText, misconfigured, type PlaceParts, tooDear, trustedSigners } from './metadata-place.ts';

/** Metadata for whoever needs it. `current` throws `provider.unreachable` or `provider.misconfigured`. */
export type MetadataSource = Fresh<IdpMetadata>;

/** What a source is made of. */
export interface MetadataParts extends PlaceParts {
  readonly thread: JudgingThread;
  /** For large documents: nobody's sign-in waits behind one. */
  readonly slowThread: JudgingThread;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes a source; nothing is asked yet. */
export function createMetadataSource(parts: MetadataParts): MetadataSource {
  const { id, place, clock } = parts;
  return createFresh({
    ...parts,
    find: async () => {
      const certificates = await trustedSigners(parts);
      const xml = await metadataText(parts);
      const result = await tooDear(
        id,
        threadFor(xml, parts).judgeMetadata({
          kind: 'metadata',
          xml,
          certificates,
          now: unixSeconds(clock),
          // Who is asked for one member is asked again and again, by whoever stands between.
          ends: place.query !== undefined,
          ...(place.entityId !== undefined && { entityId: place.entityId }),
        }),
      );
      if ('fault' in result) throw misconfigured(id, result.fault);
      return result.metadata;
    },
  });
}

/** Characters from which on a document is a large one. */
const LARGE = 1024 * 1024;

/** Which thread judges a document. */
export function threadFor(
  xml: string,
  { thread, slowThread }: Pick<MetadataParts, 'thread' | 'slowThread'>,
): JudgingThread {
  return xml.length > LARGE ? slowThread : thread;
}
