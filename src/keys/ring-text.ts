/**
 * What the store holds of a ring of keys, and how one state becomes the next.
 *
 * Pure: the text, the hour and a new key are arguments. Knows neither the store nor what a key is made of.
 */
import { Problem } from '../base/problem.ts';
import { Secret } from '../base/secret.ts';
import { carryOut, goneAt, type KeyDates, type Phase, phaseOf, plan, type Timetable } from './rotation.ts';

/** A key with its dates and its secret. */
export interface RingKey extends KeyDates {
  readonly secret: Secret;
}

/** A key as a person sees it in a list; times are unix seconds. */
export interface KeyDescription extends KeyDates {
  readonly phase: Phase | 'revoked';
  /** When it will be dropped, once it is retired. */
  readonly goneAt?: number;
  readonly revokedAt?: number;
}

interface StoredKey extends KeyDates {
  readonly secret: string;
}

interface Revoked {
  readonly kid: string;
  readonly madeAt: number;
  readonly signsFrom: number;
  readonly revokedAt: number;
}

/** The text, read. */
export interface RingContent {
  readonly version: 1;
  /** Goes up by one at each change. */
  readonly revision: number;
  /** Unix seconds: when a node last noted that it looks after these keys. */
  readonly seenAt: number;
  /** How many keys were ever made. */
  readonly made: number;
  /** In the order in which they were made. */
  readonly keys: readonly StoredKey[];
  readonly revoked: readonly Revoked[];
}

/** A key that was made and has no place yet. */
export interface SpareKey {
  readonly secret: string;
  /** 64 random bits in hex. */
  readonly id: string;
}

/** What decides on the next state. */
export interface Turn {
  /** Unix seconds. */
  readonly now: number;
  readonly timetable: Timetable;
  /** Begin a rotation though none is due. */
  readonly hasten?: boolean;
  readonly spare?: SpareKey | undefined;
}

/** The next state. */
export interface Turned {
  readonly content: RingContent;
  /** A key must be made before this is the end of it. */
  readonly wantsKey: boolean;
}

const EMPTY: RingContent = { version: 1, revision: 0, seenAt: 0, made: 0, keys: [], revoked: [] };

/** Revoked kids are kept for people to see, not for ever. */
const MOST_REVOKED = 100;

/** Make, promote and retire, and once more to see that nothing is left. */
const MOST_ROUNDS = 4;

/**
 * Reads the text; no text is no keys. `name` is told to the log.
 * Throws `store.newer`, and `key.unusable` for a broken text: that must not pass for "no keys yet", or new ones
 * would take the place of those others trust.
 */
export function readRing(name: string, text: string | undefined): RingContent {
  if (text === undefined) return EMPTY;
  const content = parsed(text) as Partial<RingContent> | null;
  if (typeof content?.version === 'number' && content.version > 1)
    throw new Problem('store.newer', { keys: name });
  if (content?.version !== 1 || !Array.isArray(content.keys))
    throw new Problem('key.unusable', { keys: name, why: 'unreadable' });
  return content as RingContent;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // The cause would quote the text, and the text is keys.
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
}

/** The text of a changed state, one revision on. */
export function writeRing(content: RingContent): string {
  return JSON.stringify({ ...content, revision: content.revision + 1 });
}

/** What is remembered, less what either of the two revoked. */
export function restored(stored: RingContent, remembered: RingContent): RingContent {
  const byKid = new Map([...stored.revoked, ...remembered.revoked].map((entry) => [entry.kid, entry]));
  const keys = remembered.keys.filter(({ kid }) => !byKid.has(kid));
  return { ...remembered, keys, revoked: [...byKid.values()].slice(-MOST_REVOKED) };
}

/** The state after everything the timetable wants now; the same object where it wants nothing. */
export function turned(content: RingContent, { now, timetable, hasten = false, spare }: Turn): Turned {
  let state = content;
  let unused = spare;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const actions = plan(state.keys, now, { ...timetable, hasten: hasten && round === 0 });
    if (actions.length === 0) break;
    state = { ...state, keys: carryOut(state.keys, actions, now) };
    const make = actions.find((action) => action.kind === 'make');
    if (make === undefined) continue;
    if (unused === undefined) return { content: state, wantsKey: true };
    const key = {
      kid: `k${state.made + 1}-${unused.id}`,
      madeAt: now,
      signsFrom: make.signsFrom,
      secret: unused.secret,
    };
    state = { ...state, made: state.made + 1, keys: [...state.keys, key] };
    unused = undefined;
  }
  return { content: state, wantsKey: false };
}

/** The state without this key; the same object if it was revoked before. Throws `key.unusable` for a kid there is not. */
export function revokedIn(content: RingContent, kid: string, now: number): RingContent {
  if (content.revoked.some((entry) => entry.kid === kid)) return content;
  const key = content.keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new Problem('key.unusable', { kid, why: 'unknown' });
  const entry = { kid, madeAt: key.madeAt, signsFrom: key.signsFrom, revokedAt: now };
  return {
    ...content,
    keys: content.keys.filter((other) => other !== key),
    revoked: [...content.revoked, entry].slice(-MOST_REVOKED),
  };
}

const ORDER: Readonly<Record<Phase, number>> = { signing: 0, coming: 1, retired: 2 };

/** The keys to work with: the one in use first, then the coming ones, then the retired, the newest before the older. */
export function keysOf({ keys }: RingContent): readonly RingKey[] {
  const sorted = keys.toReversed().toSorted((a, b) => ORDER[phaseOf(a)] - ORDER[phaseOf(b)]);
  return sorted.map(({ secret, ...dates }) => ({ ...dates, secret: new Secret(secret) }));
}

/** The keys for people to see, the newest first, without their secrets. */
export function describedKeys(
  { keys, revoked }: RingContent,
  timetable: Timetable,
): readonly KeyDescription[] {
  const living = keys.map(({ secret: _, ...dates }): KeyDescription => {
    const gone = goneAt(dates, timetable);
    return { ...dates, phase: phaseOf(dates), ...(gone === undefined ? {} : { goneAt: gone }) };
  });
  const dead = revoked.map((entry): KeyDescription => ({ ...entry, phase: 'revoked' }));
  return [...dead, ...living].toReversed().toSorted((a, b) => b.madeAt - a.madeAt);
}
