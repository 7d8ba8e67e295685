/**
 * What the operator said of identity providers that speak SAML, and the parts that work with it.
 */
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../../base/metrics.ts';
import type { Outbound } from '../../base/outbound.ts';
import type { Random } from '../../base/random.ts';
import type { Store } from '../../base/store.ts';
import type { CertifiedKeys } from '../../keys/certified-keys.ts';
import type { SealingKeys } from '../../keys/signing-key.ts';
import type { ProfileMapping } from '../profile.ts';
import type { SamlPlaces } from '../saml-places.ts';
import type { Legacy } from './algorithms.ts';
import type { Expected } from './expected.ts';
import type { JudgingThread } from './judging-thread.ts';
import type { MetadataPlace } from './metadata-place.ts';

/** A federation, of whose members people choose one. */
export interface Federation {
  /** Entity ids of those that are let in; whoever the metadata vouches for where it is absent. */
  readonly only?: readonly string[];
  /** Where people choose; a list of ours where it is absent. */
  readonly discoveryUrl?: string;
  /** The address of our list. */
  readonly listAt: string;
  /** The address to come back to with a choice. */
  readonly chosenAt: string;
}

/** One identity provider, or a federation of them, as the operator described it, and the parts it works with. */
export interface SamlOptions {
  readonly id: string;
  readonly name: string;
  readonly place: MetadataPlace;
  readonly federation?: Federation;
  /** Our own entity id. */
  readonly entityId: string;
  readonly places: SamlPlaces;
  readonly signed: Expected['signed'];
  /** Domains it may speak for, where its metadata names none. */
  readonly scopes?: readonly string[];
  /** Old algorithms, each until a moment in Unix seconds. */
  readonly legacy: readonly { readonly algorithm: Legacy; readonly until: number }[];
  /** Seconds. */
  readonly maxAge: number;
  readonly contexts: readonly string[];
  readonly force: boolean;
  readonly nameIdFormat?: string;
  /** A file with further names of attributes, as mod_shib has one; read at every sign-in. */
  readonly attributeMapFile?: string;
  /** What the operator said of attributes. Without `id` the first that never changes is taken. */
  readonly mapping: Omit<ProfileMapping, 'id'> & { readonly id?: readonly string[] };
  readonly keys: CertifiedKeys;
  readonly sealing: SealingKeys;
  readonly thread: JudgingThread;
  /** For documents about many: nobody's sign-in waits behind one. */
  readonly slowThread: JudgingThread;
  readonly store: Store;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}
