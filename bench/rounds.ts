/**
 * Interleaved rounds: peer, ours, peer, ours …, so that a machine that slows
 * down slows both. The median of five ratios is the figure.
 */

/** One measured side: how often a second. */
export type Side = () => Promise<number>;

/** What five rounds gave. */
export interface Figure {
  readonly ratio: number;
  readonly ours: number;
  readonly peer: number;
  readonly spread: readonly [number, number];
  /** What is printed beside it. */
  readonly beside?: number;
}

const ROUNDS = 5;
/** A round goes to and fro: what else the machine does changes from one second to the next. */
const TURNS = 2;

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

type Sums = { ours: number; peer: number };

/** Both sides to and fro. */
async function inTurns({ ours, peer }: Sides): Promise<Sums> {
  const sums = { ours: 0, peer: 0 };
  for (let turn = 0; turn < TURNS; turn += 1) {
    // Every second turn begins with the other side.
    const order = turn % 2 === 0 ? (['peer', 'ours'] as const) : (['ours', 'peer'] as const);
    for (const side of order) sums[side] += (await { ours, peer }[side]()) / TURNS;
  }
  return sums;
}

/** Both sides at the same time: only for rates that count what each had of a processor. */
async function atOnce({ ours, peer }: Sides): Promise<Sums> {
  const [mine, theirs] = await Promise.all([ours(), peer()]);
  return { ours: mine, peer: theirs };
}

/** Both sides of a comparison. */
export interface Sides {
  readonly ours: Side;
  readonly peer: Side;
}

/** Runs both sides in five rounds, after one that does not count. */
export async function compare(sides: Sides, how: 'in turns' | 'at once' = 'in turns'): Promise<Figure> {
  const round = how === 'at once' ? atOnce : inTurns;
  await round(sides);
  const rounds: Sums[] = [];
  for (let at = 0; at < ROUNDS; at += 1) rounds.push(await round(sides));
  const ratios = rounds.map(({ ours, peer }) => ours / peer);
  return {
    ratio: median(ratios),
    ours: median(rounds.map(({ ours }) => ours)),
    peer: median(rounds.map(({ peer }) => peer)),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

/** Repeats something for so many milliseconds, one after the other, and says how often a second. */
export async function repeat(what: (at: number) => unknown, milliseconds: number): Promise<number> {
  const started = performance.now();
  let count = 0;
  while (performance.now() - started < milliseconds) {
    await what(count);
    count += 1;
  }
  return (count / (performance.now() - started)) * 1000;
}

/** The same with so many under way at once. */
export async function repeatTogether(
  what: (at: number) => Promise<unknown>,
  { milliseconds, together }: { milliseconds: number; together: number },
): Promise<number> {
  const started = performance.now();
  let count = 0;
  const one = async () => {
    while (performance.now() - started < milliseconds) {
      count += 1;
      await what(count);
    }
  };
  await Promise.all(Array.from({ length: together }, one));
  return (count / (performance.now() - started)) * 1000;
}
