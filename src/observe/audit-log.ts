/**
 * The audit: who entered where, as what, by which rule; a line in the log, and
 * for people we know, and of whatever somebody did about a room, a record that the operator can look up, and delete.
 *
 * A stranger writes nothing into the store, and what a log cannot forget (name,
 * e-mail address, groups, what was written about them) goes to the record alone. Knows nothing of tokens.
 */
import type { Audit, AuditEntry, Log } from '../base/log.ts';
import type { Store } from '../base/store.ts';

/** What an audit is made of. */
export interface AuditParts {
  readonly log: Log;
  readonly store: Store;
  /** Seconds a record is kept. */
  readonly keep: number;
}

/** Which records to list. */
export interface AuditQuery {
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly person?: string;
}

/** The audit as the operator reads it. */
export interface AuditReader {
  /** The records under the id that somebody reads from their page, the oldest first. */
  find(id: string): Promise<readonly AuditEntry[]>;
  /** The records, the oldest first. */
  list(query?: AuditQuery): Promise<readonly AuditEntry[]>;
  /** Removes every record of a person, and of what they did to others, and says how many there were. */
  forget(person: string): Promise<number>;
}

const PREFIX = 'audit/';

/** Makes the audit. `record` throws the store's problems: who cannot be written down does not enter. */
export function createAudit({ log, store, keep }: AuditParts): Audit {
  /** How many records the last ids have, so that the thousandth is not looked for nine hundred and ninety-nine times. */
  const counts = new Map<string, number>();
  return {
    async record(entry) {
      if (entry.person !== undefined || entry.by !== undefined) await append(entry, { store, keep, counts });
      const { event, at, name, email, groups, reason, ...facts } = entry;
      log.info(`audit.${event}`, facts);
    },
  };
}

interface Appending extends Pick<AuditParts, 'store' | 'keep'> {
  readonly counts: Map<string, number>;
}

const MOST_COUNTED = 1000;

/** One id may belong to several records, as of one request that signed in and entered: each has a key of its own. */
async function append(entry: AuditEntry, { store, keep, counts }: Appending): Promise<void> {
  const { id } = entry;
  const value = JSON.stringify(entry);
  for (let count = 1 + (counts.get(id) ?? 0); ; count += 1) {
    const key = count === 1 ? `${PREFIX}${id}` : `${PREFIX}${id}~${count}`;
    if (!(await store.swap(key, undefined, value, keep))) continue;
    counts.delete(id);
    counts.set(id, count);
    const [oldest] = counts.keys();
    if (counts.size > MOST_COUNTED && oldest !== undefined) counts.delete(oldest);
    return;
  }
}

/** Reads and clears what `createAudit` wrote. */
export function readAudit(store: Store): AuditReader {
  async function all(prefix: string): Promise<AuditEntry[]> {
    const entries = (await store.list(prefix)).map(({ value }): AuditEntry => JSON.parse(value));
    return entries.sort((a, b) => a.at - b.at);
  }
  return {
    async find(id) {
      return (await all(`${PREFIX}${id}`)).filter((entry) => entry.id === id);
    },
    async list({ since, person } = {}) {
      const entries = await all(PREFIX);
      return entries.filter(
        (entry) =>
          (since === undefined || entry.at >= since) && (person === undefined || entry.person === person),
      );
    },
    async forget(person) {
      let forgotten = 0;
      for (const { key, value } of await store.list(PREFIX)) {
        const entry: AuditEntry = JSON.parse(value);
        if ([entry.person, entry.by].includes(person) && (await store.take(key)) !== undefined)
          forgotten += 1;
      }
      return forgotten;
    },
  };
}
