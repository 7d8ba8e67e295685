/**
 * What each figure must reach: a ratio against a peer measured in the same run.
 * Absolute figures depend on the machine and are printed beside it only.
 */

/** One bar. `atLeast` is ours divided by the peer's. */
export interface Bar {
  readonly name: string;
  /** What is compared with what. */
  readonly ours: string;
  readonly peer: string;
  readonly atLeast: number;
}

/** Every bar, by the name under which its rounds are run. */
export const BARS = {
  mint: {
    name: 'mint',
    ours: 'tokens minted from grants, a new room each',
    peer: 'crypto.sign of as many bytes, RS256',
    atLeast: 0.8,
  },
  join: {
    name: 'join',
    ours: 'GET /join with a live session and a new room each, over a socket',
    peer: 'crypto.sign of as many bytes, RS256, without any HTTP',
    atLeast: 0.7,
  },
  'session 1k': {
    name: 'session 1k',
    ours: 'judge, look up one of 1,000 sessions and decide, over a socket',
    peer: 'a bare Node endpoint that hashes the cookie',
    atLeast: 0.8,
  },
  'session 10k': {
    name: 'session 10k',
    ours: 'the same with 10,000 sessions',
    peer: 'the same endpoint',
    atLeast: 0.8,
  },
  'session 100k': {
    name: 'session 100k',
    ours: 'the same with 100,000 sessions',
    peer: 'the same endpoint',
    atLeast: 0.8,
  },
} as const satisfies Record<string, Bar>;
