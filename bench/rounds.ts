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

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Runs both sides five times in turns, after one round each that does not count. */
export async function compare(ours: Side, peer: Side): Promise<Figure> {
  await peer();
  await ours();
  const rounds: { ours: number; peer: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Every second round begins with the other side.
    if (round % 2 === 0) {
      const theirs = await peer();
      rounds.push({ peer: theirs, ours: await ours() });
    } else {
      const mine = await ours();
      rounds.push({ ours: mine, peer: await peer() });
    }
  }
  const ratios = rounds.map((round) => round.ours / round.peer);
  return {
    ratio: median(ratios),
    ours: median(rounds.map((round) => round.ours)),
    peer: median(rounds.map((round) => round.peer)),
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
