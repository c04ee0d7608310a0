import { toFloat64, type Tensor } from '@pathwise/model';

/** What removing `count` units does, over all rows: in per cent of the region's and the rest's sum before. */
export interface PrunePoint {
  readonly count: number;
  /** 100 (1 - sum of A_in after / sum of A_in before); above 100 when what is left votes against the target. */
  readonly regionDrop: number;
  readonly restDrop: number;
  /** regionDrop - restDrop, in points. */
  readonly selectivity: number;
  /** Medians of the rows' own drops, over rows whose sums are worth a ratio; null if there is none. */
  readonly medianRegionDrop: number | null;
  readonly medianRestDrop: number | null;
  /** F(x) of each row after; of random rankings, in the first run. */
  readonly outputs: readonly number[];
}

/** Sums of a row's map, and its output. */
export interface Sums {
  readonly region: number;
  readonly rest: number;
  readonly output: number;
  /** |F(x) - F(x')|. */
  readonly change: number;
}

/** A row before and after; `run` counts the runs of a random ranking. */
export interface RowDrop {
  readonly run: number;
  readonly before: Sums;
  readonly after: Sums;
}

/** Rows whose sum in or out of the region is below this share of F(x) - F(x') have no ratio worth a median. */
const SMALLEST_SHARE = 0.05;

/** Sums of a map of one row, in and out of a region; weights of the region between 0 and 1 share an element. */
export function sumsOf(map: Tensor, mask: Float64Array, output: number, outputAtBaseline: number): Sums {
  const sums = { region: 0, rest: 0 };
  for (const [i, value] of toFloat64(map.data).entries()) {
    sums.region += mask[i] * value;
    sums.rest += (1 - mask[i]) * value;
  }
  return { ...sums, output, change: Math.abs(output - outputAtBaseline) };
}

/** The drops of one ranking at one count: ratios of sums over all rows, and medians. */
export function pointOf(count: number, drops: readonly RowDrop[]): PrunePoint {
  const regionDrop = dropOfSums(drops, 'region');
  const restDrop = dropOfSums(drops, 'rest');
  return {
    count,
    regionDrop,
    restDrop,
    selectivity: regionDrop - restDrop,
    medianRegionDrop: medianDrop(drops, 'region'),
    medianRestDrop: medianDrop(drops, 'rest'),
    outputs: drops.filter(({ run }) => run === 0).map(({ after }) => after.output),
  };
}

function dropOfSums(drops: readonly RowDrop[], part: 'region' | 'rest'): number {
  const total = (when: 'before' | 'after'): number => drops.reduce((sum, drop) => sum + drop[when][part], 0);
  return percent(total('after'), total('before'));
}

function medianDrop(drops: readonly RowDrop[], part: 'region' | 'rest'): number | null {
  const sound = drops.filter(({ before }) => Math.abs(before[part]) >= SMALLEST_SHARE * before.change);
  return median(sound.map(({ before, after }) => percent(after[part], before[part])));
}

function percent(after: number, before: number): number {
  return 100 * (1 - after / before);
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
