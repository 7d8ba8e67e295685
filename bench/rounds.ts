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
/**
 * A round goes to and fro: what else the machine does changes from one second to the next, and where it is shared a
 * processor may be taken away in the middle of a turn, uncounted. Of each side the middle turn stands for the round.
 */
const TURNS = 5;

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

type Rates = { readonly ours: number; readonly peer: number };
type Turns = { readonly ours: number[]; readonly peer: number[] };

/** One turn of each side, one after the other. */
async function inTurns({ ours, peer }: Sides, into: Turns): Promise<void> {
  // Every second turn begins with the other side.
  const order = into.ours.length % 2 === 0 ? (['peer', 'ours'] as const) : (['ours', 'peer'] as const);
  for (const side of order) into[side].push(await { ours, peer }[side]());
}

/** One turn of both sides at the same time: only for rates that count what each had of a processor. */
async function atOnce({ ours, peer }: Sides, into: Turns): Promise<void> {
  const [mine, theirs] = await Promise.all([ours(), peer()]);
  into.ours.push(mine);
  into.peer.push(theirs);
}

/** Both sides of a comparison. */
export interface Sides {
  readonly ours: Side;
  readonly peer: Side;
}

/** Runs both sides in five rounds, after one that does not count. */
export async function compare(sides: Sides, how: 'in turns' | 'at once' = 'in turns'): Promise<Figure> {
  const turn = how === 'at once' ? atOnce : inTurns;
  const round = async (): Promise<Rates> => {
    const turns: Turns = { ours: [], peer: [] };
    for (let at = 0; at < TURNS; at += 1) await turn(sides, turns);
    return { ours: median(turns.ours), peer: median(turns.peer) };
  };
  await round();
  const rounds: Rates[] = [];
  for (let at = 0; at < ROUNDS; at += 1) rounds.push(await round());
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
