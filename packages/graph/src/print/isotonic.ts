/**
 * Positions in the given order, at least `gaps[i]` between the i-th and the next, that minimise the weighted sum of
 * squared distances to `wishes`: isotonic regression by pooling neighbours.
 */
export function isotonicPositions(
  wishes: readonly number[],
  weights: readonly number[],
  gaps: readonly number[],
): number[] {
  const offsets = [0];
  for (const gap of gaps) offsets.push((offsets.at(-1) as number) + gap);
  const pools: { mean: number; weight: number; count: number }[] = [];
  for (const [i, wish] of wishes.entries()) {
    let pool = { mean: wish - (offsets[i] as number), weight: weights[i] as number, count: 1 };
    for (let last = pools.at(-1); last !== undefined && last.mean > pool.mean; last = pools.at(-1)) {
      pools.pop();
      const weight = last.weight + pool.weight;
      pool = {
        mean: (last.mean * last.weight + pool.mean * pool.weight) / weight,
        weight,
        count: last.count + pool.count,
      };
    }
    pools.push(pool);
  }
  return pools
    .flatMap(({ mean, count }) => new Array<number>(count).fill(mean))
    .map((position, i) => position + (offsets[i] as number));
}
