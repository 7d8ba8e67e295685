/**
 * The ports for a TURN server that is told of each of its people: who is known to it, and whose allocations end.
 */

/** Somebody known to the TURN server. */
export interface TurnUserRow {
  readonly realm: string;
  readonly name: string;
  /** What name, realm and password come to, in hex: with it nobody finds the password. @see RFC 8489, section 9.2.2 */
  readonly key: string;
}

/** Who is known to it. Everything throws `store.unavailable`, and what writes `store.full` too. */
export interface TurnUsers {
  /** From now on they may have allocations. */
  put(row: TurnUserRow): void;
  /** From now on they get no new one; those that run, run on. */
  remove(realm: string, names: readonly string[]): void;
  close(): void;
}

/**
 * Ends what runs under these names, and says how many there were. Throws `outbound.failed` where the TURN server does
 * not answer, or not to us.
 */
export type EndAllocations = (names: readonly string[]) => Promise<number>;
