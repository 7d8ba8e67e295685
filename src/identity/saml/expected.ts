/**
 * What a message is held against. Plain data, because it crosses into a thread.
 */
import type { Legacy } from './algorithms.ts';

/** One identity provider, as its metadata says. */
export interface IdpTrust {
  readonly entityId: string;
  /** PEM; whichever of them made the signature. */
  readonly certificates: readonly string[];
}

/** Seconds by which the clocks may differ. */
export const LEEWAY = 60;

/** What every message has to agree with. Times are Unix seconds. */
export interface Held {
  readonly now: number;
  /** Seconds by which the clocks may differ. */
  readonly leeway: number;
  readonly idp: IdpTrust;
  /** Old algorithms that are taken at this moment. */
  readonly legacy: readonly Legacy[];
  /** Our private keys for decryption, PEM. */
  readonly keys: readonly string[];
}

/** Everything a response has to agree with. */
export interface Expected extends Held {
  /** Our own entity id. */
  readonly audience: string;
  /** The address the response is for. */
  readonly acs: string;
  /** The id of the request it answers; undefined where it must answer none. */
  readonly requestId: string | undefined;
  /** What has to be signed. */
  readonly signed: 'assertion' | 'response' | 'both';
  /** Seconds since the person proved themselves. */
  readonly maxAge: number;
  /** How they must have proved it: one of these, where there are any. */
  readonly contexts: readonly string[];
}

/** What a response says that held. */
export interface Statement {
  /** Of the assertion: it is taken once. */
  readonly id: string;
  /** Unix seconds after which it would not be taken anyway. */
  readonly expires: number;
  readonly nameId?: NameId;
  /** By the name the identity provider gave them; a name may stand twice. */
  readonly attributes: readonly (readonly [name: string, values: readonly string[]])[];
  readonly authenticatedAt: number;
  readonly context?: string;
  readonly sessionIndex?: string;
  /** Unix seconds at which the identity provider ends the session. */
  readonly sessionEnds?: number;
}

/** Who a subject is called. */
export interface NameId {
  readonly value: string;
  readonly format: string;
  readonly nameQualifier?: string;
  readonly spNameQualifier?: string;
}

/** Why a response is refused: a word for the log, and which of our codes it is. */
export interface Refusal {
  readonly kind: 'refused';
  readonly code:
    | 'saml.unacceptable'
    | 'provider.refused'
    | 'provider.reauthentication'
    | 'provider.clock'
    | 'sign-in.cancelled';
  readonly why: string;
}

/** What a response turned out to be. */
export type Judged =
  | { readonly kind: 'statement'; readonly statement: Statement }
  | { readonly kind: 'needs-person' }
  | Refusal;
