import { randomPermutation, randomUniform, streams } from '@pathwise/model';

/** Points of a path, its ends among them. */
const POINTS = 32;
/** Least and most of the two exponents of a coordinate's course. */
const [LEAST, MOST] = [0.3, 3];

/** How many paths of each kind. */
export interface PathCounts {
  /** Each coordinate on a course of its own. */
  readonly curved: number;
  /** One coordinate after another, in a random order. */
  readonly ordered: number;
}

/**
 * Points of a random path from `from` to `x` on which every coordinate moves in one direction only: the first `curved` paths
 * by t -> 1 - (1 - t^a)^b for each coordinate (Kumaraswamy's distribution, a and b uniform in [0.3, 3]), the others one
 * coordinate at a time. Each starts at one of the baselines, in turn.
 */
export function monotonePath(
  x: Float64Array,
  baselines: readonly Float64Array[],
  { curved }: PathCounts,
  path: number,
  seed: number,
): Float64Array[] {
  const from = baselines[path % baselines.length];
  const shareAt = path < curved ? curvedShares(x.length, path, seed) : orderedShares(x.length, path, seed);
  return Array.from({ length: POINTS }, (_, k) =>
    x.map((value, i) => {
      const share = shareAt(k / (POINTS - 1), i);
      return (1 - share) * from[i] + share * value;
    }),
  );
}

type Shares = (t: number, element: number) => number;

function curvedShares(size: number, path: number, seed: number): Shares {
  const exponent = (element: number): number =>
    LEAST + (MOST - LEAST) * randomUniform(seed, streams.noise, { sample: path, element });
  const exponents = Array.from({ length: 2 * size }, (_, i) => exponent(i));
  return (t, i) => 1 - (1 - t ** exponents[2 * i]) ** exponents[2 * i + 1];
}

function orderedShares(size: number, path: number, seed: number): Shares {
  const place = new Int32Array(size);
  for (const [at, element] of randomPermutation(seed, streams.coalition, size, { sample: path }).entries())
    place[element] = at;
  return (t, i) => Math.min(1, Math.max(0, Math.round(t * size) - place[i]));
}
