import { randomPick, randomUniform, randomWord, streams } from '@pathwise/model';

/** A baseline of the set and a place on the path from it. */
export interface Draw {
  readonly baseline: number;
  readonly alpha: number;
}

/** Sample s: one of `count` baselines with equal chance, and alpha uniform in (0, 1), independent of the others. */
export function independentDraw(seed: number, count: number, sample: number): Draw {
  return {
    baseline: randomPick(seed, streams.pick, count, { sample }),
    alpha: randomUniform(seed, streams.alpha, { sample }),
  };
}

/**
 * One stratified replicate of `size` draws (a multiple of `count`): every baseline has one alpha in each of size / count
 * equal strata, and each of `size` finer strata is used once. For a baseline and stratum alpha is uniform, so means over
 * the draws are unbiased.
 *
 * @param first - number of the replicate's first sample
 */
export function stratifiedDraws(seed: number, count: number, size: number, first: number): readonly Draw[] {
  const draws: Draw[] = [];
  for (let block = 0; block < size; block += count) {
    const words = Array.from({ length: count }, (_, i) =>
      randomWord(seed, streams.stratum, { sample: first + block + i }),
    );
    const order = words.map((_, i) => i).sort((i, j) => words[i] - words[j] || i - j);
    const ranks = new Array<number>(count);
    for (const [rank, i] of order.entries()) ranks[i] = rank;
    for (let i = 0; i < count; i++) {
      const jitter = randomUniform(seed, streams.alpha, { sample: first + block + i });
      draws.push({ baseline: i, alpha: (block + ranks[i] + jitter) / size });
    }
  }
  return draws;
}
