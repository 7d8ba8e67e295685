/**
 * The port for every request that leaves us: one fetch with limits.
 */

/** Limits of one outbound request. */
export interface OutboundOptions {
  /** What the request is for, as a metric's label: `discovery`, `jwks`, `token`, `userinfo`, and `authorization` where a trial looks at it. */
  readonly purpose: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds until the whole exchange is given up; the adapter's default is 5,000. */
  readonly timeout?: number;
  /** Bytes an answer may have once inflated; the adapter's default is 1 MiB. */
  readonly maxBytes?: number;
}

/**
 * Sends one request to an address an operator configured or a provider's metadata named.
 * Follows no redirect, holds size and time limits, and reads the body to its end.
 * Throws `outbound.forbidden`, `outbound.failed` or `outbound.too-large`.
 */
export type Outbound = (url: string, options: OutboundOptions) => Promise<Response>;
