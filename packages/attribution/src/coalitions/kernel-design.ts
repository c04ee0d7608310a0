import { randomPermutation, randomUniform, streams } from '@pathwise/model';
import type { Design } from './drawn-design.ts';

/**
 * Coalitions for the Shapley kernel k(s) = (n - 1) / (C(n, s) s (n - s)): sizes from the outside in are taken whole while
 * the budget holds their share; the rest of the budget goes to random coalitions of the other sizes, each together with
 * its complement. With a budget of 2^n - 2 all coalitions are there and nothing is drawn.
 *
 * @source Lundberg, Lee 2017, arXiv:1705.07874, theorem 2; complements: Covert, Lee 2021, arXiv:2012.01536
 */
export function kernelDesign(players: number, budget: number, seed: number): Design {
  const shells = shellsOf(players);
  const coalitions: Uint8Array[] = [];
  const weights: number[] = [];
  let left = budget;
  let share = 1;
  let taken = 0;
  for (const { sizes, count, weight } of shells) {
    // Shares are sums of rounded numbers: half a coalition decides nothing.
    if (left < count || (left * weight) / share < count - 0.5) break;
    for (const size of sizes) {
      for (const coalition of subsets(players, size)) {
        coalitions.push(coalition);
        weights.push(weight / count);
      }
    }
    left -= count;
    share -= weight;
    taken++;
  }
  const rest = shells.slice(taken);
  if (rest.length === 0) return { coalitions, weights: Float64Array.from(weights), draws: [], sampledWeight: 0 };
  const enumerated = coalitions.length;
  const draws = drawPairs(players, rest, seed, left, coalitions);
  const counts = new Float64Array(coalitions.length);
  for (const draw of draws) for (const k of draw) counts[k]++;
  const all = Float64Array.from(counts, (count, k) =>
    k < enumerated ? weights[k] : (share * count) / (2 * draws.length),
  );
  return { coalitions, weights: all, draws, sampledWeight: share };
}

/** Sizes s and n - s together. */
interface Shell {
  readonly sizes: readonly number[];
  readonly count: number;
  /** Of all weight. */
  readonly weight: number;
}

function shellsOf(players: number): Shell[] {
  const shells: Shell[] = [];
  let binomial = 1;
  let total = 0;
  for (let size = 1; size <= players / 2; size++) {
    binomial = (binomial * (players - size + 1)) / size;
    const sizes = size * 2 === players ? [size] : [size, players - size];
    const weight = sizes.length / (size * (players - size));
    total += weight;
    shells.push({ sizes, count: sizes.length * binomial, weight });
  }
  return shells.map((shell) => ({ ...shell, weight: shell.weight / total }));
}

/** Adds drawn coalitions and their complements to the list until the budget is used up, or repeats become the rule. */
function drawPairs(
  players: number,
  shells: readonly Shell[],
  seed: number,
  budget: number,
  coalitions: Uint8Array[],
): number[][] {
  const known = new Map<string, number>();
  const draws: number[][] = [];
  const total = shells.reduce((sum, { weight }) => sum + weight, 0);
  const place = (coalition: Uint8Array): number => {
    const key = coalition.join('');
    const at = known.get(key) ?? coalitions.length;
    if (at === coalitions.length) coalitions.push(coalition);
    known.set(key, at);
    return at;
  };
  for (let sample = 0; known.size + 2 <= budget && sample < 4 * budget; sample++) {
    // The words 0 .. n - 1 of a sample make its order, the next one its size.
    let rest = total * randomUniform(seed, streams.coalition, { sample, element: players });
    const shell = shells.find(({ weight }) => (rest -= weight) < 0) ?? (shells.at(-1) as Shell);
    const coalition = new Uint8Array(players);
    const order = randomPermutation(seed, streams.coalition, players, { sample });
    for (const player of order.slice(0, shell.sizes[0])) coalition[player] = 1;
    draws.push([place(coalition), place(coalition.map((present) => 1 - present))]);
  }
  return draws;
}

/** All subsets of a size, in lexicographic order. */
function* subsets(players: number, size: number): Generator<Uint8Array> {
  const chosen = Array.from({ length: size }, (_, k) => k);
  for (;;) {
    const coalition = new Uint8Array(players);
    for (const player of chosen) coalition[player] = 1;
    yield coalition;
    let at = size - 1;
    while (at >= 0 && chosen[at] === players - size + at) at--;
    if (at < 0) return;
    chosen[at]++;
    for (let k = at + 1; k < size; k++) chosen[k] = chosen[k - 1] + 1;
  }
}
