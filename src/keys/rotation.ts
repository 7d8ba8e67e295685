/**
 * When to make, promote, retire and drop a key: the timetable. Pure; every time is in unix seconds.
 *
 *     made ──lead──► promoted ──rotateEvery──► retired ──keep──► dropped
 *     published, signs nothing │ signs          │ published, signs nothing │ gone, its kid for ever
 *
 * A key is published ahead of its first use, so that whoever caches our keys has it by then, and stays
 * published until the last token it signed has run out everywhere. A retired key never signs again.
 * Knows nothing of what a key is made of, nor where it is kept.
 */

/** The dates of one key. */
export interface KeyDates {
  readonly kid: string;
  /** Known to everybody who asks from here on. */
  readonly madeAt: number;
  /** Signs nothing before this. */
  readonly signsFrom: number;
  readonly promotedAt?: number;
  /** Its last signature lies before this. */
  readonly retiredAt?: number;
}

/** Durations in seconds. */
export interface Timetable {
  /** How long a key signs. */
  readonly rotateEvery: number;
  /** From being published to the first signature, at least. */
  readonly lead: number;
  /** From the last signature to being dropped. */
  readonly keep: number;
}

/** What is asked of the timetable. */
export interface PlanOptions extends Timetable {
  /** Begin a rotation now, though it is not due. */
  readonly hasten?: boolean;
}

/** One step. `make` needs a key from outside; `carryOut` does the others. */
export type Action =
  | { readonly kind: 'make'; readonly signsFrom: number }
  | { readonly kind: 'hasten'; readonly kid: string; readonly signsFrom: number }
  | { readonly kind: 'promote'; readonly kid: string }
  | { readonly kind: 'retire'; readonly kid: string }
  | { readonly kind: 'drop'; readonly kid: string };

/** What a key does now. */
export type Phase = 'coming' | 'signing' | 'retired';

/** A key signs for a quarter unless told otherwise. */
export const ROTATE_EVERY = 90 * 86_400;

/** A JWKS may be kept for five minutes; ten more for clocks, retries and nodes that are slow to read. */
export const SIGNING_LEAD = 900;

/**
 * Prosody trusts a key for ninety minutes after it left the JWKS; we keep it there as long as that beyond the
 * longest token, so that a token in a running meeting never meets an unknown kid.
 * @see jitsi-meet, resources/prosody-plugins/token/util.lib.lua
 */
export const KEEP_BEYOND_TOKENS = 5400;

/** A date further ahead than this was written under a wrong clock. */
const FUTURE = 86_400;

/** What this key does now. */
export function phaseOf({ promotedAt, retiredAt }: KeyDates): Phase {
  if (retiredAt !== undefined) return 'retired';
  return promotedAt === undefined ? 'coming' : 'signing';
}

/** When a retired key is dropped; undefined for one that is not retired. */
export function goneAt({ retiredAt }: KeyDates, { keep }: Timetable): number | undefined {
  return retiredAt === undefined ? undefined : retiredAt + keep;
}

function inPhase<K extends KeyDates>(keys: readonly K[], phase: Phase): readonly K[] {
  return keys.filter((key) => phaseOf(key) === phase);
}

/** The step that brings a key which is to follow `current`, if it is time. */
function succession(
  current: KeyDates,
  now: number,
  { rotateEvery, lead, hasten }: PlanOptions,
): readonly Action[] {
  const promoted = current.promotedAt ?? now;
  // Promoted under a clock that ran far ahead, it would sign for years.
  if (hasten || promoted > now + FUTURE) return [{ kind: 'make', signsFrom: now + lead }];
  if (now < promoted + rotateEvery - lead) return [];
  return [{ kind: 'make', signsFrom: Math.max(now + lead, promoted + rotateEvery) }];
}

/** The step that lets `next` take over from `current`, if it is time. */
function takeover(
  current: KeyDates,
  next: KeyDates,
  { now, lead, hasten }: PlanOptions & { readonly now: number },
): readonly Action[] {
  if (next.madeAt > now + FUTURE) return [{ kind: 'drop', kid: next.kid }];
  if (next.signsFrom <= now)
    return [
      { kind: 'retire', kid: current.kid },
      { kind: 'promote', kid: next.kid },
    ];
  const earliest = next.madeAt + lead;
  return hasten && earliest < next.signsFrom ? [{ kind: 'hasten', kid: next.kid, signsFrom: earliest }] : [];
}

/**
 * The steps that are due. After they are done there may be more: ask until there are none.
 *
 * The very first key signs at once, because nobody has cached anything. So does the one that was coming when
 * the signing key was revoked: whoever has not fetched it yet refuses our tokens for minutes, which is less
 * than refusing everybody.
 */
export function plan(keys: readonly KeyDates[], now: number, options: PlanOptions): readonly Action[] {
  const [current, ...surplus] = inPhase(keys, 'signing').toSorted(
    (a, b) => (b.promotedAt ?? 0) - (a.promotedAt ?? 0),
  );
  const [next] = inPhase(keys, 'coming').toSorted((a, b) => a.madeAt - b.madeAt);
  const gone = keys.filter((key) => (goneAt(key, options) ?? Number.POSITIVE_INFINITY) <= now);
  return [
    ...surplus.map(({ kid }): Action => ({ kind: 'retire', kid })),
    ...gone.map(({ kid }): Action => ({ kind: 'drop', kid })),
    ...turn(current, next, { ...options, now }),
  ];
}

function turn(
  current: KeyDates | undefined,
  next: KeyDates | undefined,
  options: PlanOptions & { readonly now: number },
): readonly Action[] {
  const { now } = options;
  if (next !== undefined)
    return current === undefined ? [{ kind: 'promote', kid: next.kid }] : takeover(current, next, options);
  return current === undefined ? [{ kind: 'make', signsFrom: now }] : succession(current, now, options);
}

/** The keys after every step but `make`, which brings a key from outside. */
export function carryOut<K extends KeyDates>(
  keys: readonly K[],
  actions: readonly Action[],
  now: number,
): readonly K[] {
  return actions.reduce((rest, action) => stepped(rest, action, now), keys);
}

function stepped<K extends KeyDates>(keys: readonly K[], action: Action, now: number): readonly K[] {
  if (action.kind === 'make') return keys;
  if (action.kind === 'drop') return keys.filter(({ kid }) => kid !== action.kid);
  return keys.map((key) => (key.kid === action.kid ? { ...key, ...newDates(action, now) } : key));
}

function newDates(action: Exclude<Action, { kind: 'make' | 'drop' }>, now: number): Partial<KeyDates> {
  if (action.kind === 'hasten') return { signsFrom: action.signsFrom };
  return action.kind === 'promote' ? { promotedAt: now } : { retiredAt: now };
}
