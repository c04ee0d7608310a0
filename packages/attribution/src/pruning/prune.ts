import { argumentError, throwIfAborted, type Attribution, type DifferentiableModel } from '@pathwise/model';
import { pointOf, type PrunePoint, type RowDrop } from './drops.ts';
import { gatedModel } from './gated-model.ts';
import { mapOf, scoreRows, sumsOfMap, type PrunedRow } from './pruned-row.ts';
import { isRandom, orderOf, rankings as allRankings, type Ranking } from './rankings.ts';
import type { PruneCount, PruneRequest } from './request.ts';

export interface PruneCurve {
  readonly ranking: Ranking;
  /** By ascending count; of random rankings over all runs. */
  readonly points: readonly PrunePoint[];
}

export interface PruneResult {
  readonly engine: string;
  readonly layer: string;
  /** Units of the layer. */
  readonly units: number;
  /** What is explained, by row. */
  readonly target: readonly string[];
  readonly steps: number;
  readonly ablate: 'zero' | 'baseline';
  readonly seed: number;
  readonly randomRuns: number;
  /** The region's share of the sum of the maps before, over all rows. */
  readonly regionShare: number;
  /** F(x) before, by row. */
  readonly outputs: readonly number[];
  readonly curves: readonly PruneCurve[];
  /** The map of row 0 before, and after `count` units by `ranking` were removed. */
  readonly maps: {
    readonly ranking: Ranking;
    readonly count: number;
    readonly before: Attribution;
    readonly after: Attribution;
  };
}

const DEFAULT_STEPS = 64;
const DEFAULT_RANDOM_RUNS = 5;
const DEFAULT_COUNTS: readonly PruneCount[] = [{ share: 0.005 }, { share: 0.01 }, { share: 0.02 }, { share: 0.05 }];

/**
 * Removes the units of a layer that a ranking holds responsible for a region of the input's map, computes the map again,
 * and says how much of the region and of the rest went.
 *
 * @throws PathwiseError BAD_ARGUMENT, BAD_SHAPE, UNSUPPORTED_METHOD, NON_FINITE, CANCELLED
 * @source Lundstrom, Huang, Razaviyayn 2022, A Rigorous Study of Integrated Gradients Method and Extensions to Internal
 *   Neuron Attributions, arXiv:2202.11912
 */
export async function prune(model: DifferentiableModel, request: PruneRequest): Promise<PruneResult> {
  const { layer, seed = 0, ablate = 'zero', rankings = allRankings } = request;
  const steps = positive('steps', request.steps ?? DEFAULT_STEPS);
  const randomRuns = positive('randomRuns', request.randomRuns ?? DEFAULT_RANDOM_RUNS);
  if (rankings.length === 0) throw argumentError('prune', 'rankings', `some of ${allRankings.join(', ')}`, 'none');
  const rows = await scoreRows(model, request, steps);
  const [first] = rows as [PrunedRow];
  const units = first.scores.region.length;
  const counts = countsOf(request.prune ?? DEFAULT_COUNTS, units);
  const runsOf = (ranking: Ranking): number => (isRandom(ranking) ? randomRuns : 1);
  const total = rows.length * counts.length * rankings.reduce((sum, ranking) => sum + runsOf(ranking), 0);
  const shown = { ranking: rankings[0], count: counts[Math.min(1, counts.length - 1)] };
  let done = 0;
  const shownMaps: Attribution[] = [];
  const curves: PruneCurve[] = [];
  for (const ranking of rankings) {
    const drops = counts.map((): RowDrop[] => []);
    for (let run = 0; run < runsOf(ranking); run++) {
      for (const row of rows) {
        const order = orderOf(ranking, row.scores, { seed, run });
        for (const [k, count] of counts.entries()) {
          throwIfAborted(request.signal);
          const map = await mapWithout(model, row, { layer, removed: order.slice(0, count), steps });
          if (run === 0 && row === first && ranking === shown.ranking && count === shown.count) shownMaps.push(map);
          drops[k].push({ run, before: row.sums, after: sumsOfMap(map, row.mask) });
          request.onProgress?.({ phase: 'prune', done: ++done, total });
        }
      }
    }
    curves.push({ ranking, points: counts.map((count, k) => pointOf(count, drops[k])) });
  }
  return {
    engine: model.engine,
    layer,
    units,
    target: rows.map(({ map }) => map.target[0]),
    steps,
    ablate,
    seed,
    randomRuns,
    regionShare: regionShare(rows),
    outputs: rows.map(({ sums }) => sums.output),
    curves,
    maps: { ...shown, before: first.map, after: shownMaps[0] },
  };
}

function mapWithout(
  model: DifferentiableModel,
  { scores, replacement, request }: PrunedRow,
  { layer, removed, steps }: { layer: string; removed: readonly number[]; steps: number },
): Promise<Attribution> {
  const keep = new Float64Array(scores.region.length).fill(1);
  for (const unit of removed) keep[unit] = 0;
  return mapOf(gatedModel(model, { layer, keep, replacement }), request, steps);
}

function regionShare(rows: readonly PrunedRow[]): number {
  const region = rows.reduce((sum, { sums }) => sum + sums.region, 0);
  return region / rows.reduce((sum, { sums }) => sum + sums.region + sums.rest, 0);
}

function countsOf(asked: readonly PruneCount[], units: number): number[] {
  const counts = asked.map((one) => {
    const isValid = 'share' in one ? one.share > 0 && one.share <= 1 : Number.isInteger(one.count);
    const count = 'share' in one ? Math.max(1, Math.round(one.share * units)) : one.count;
    if (isValid && count >= 1 && count <= units) return count;
    throw argumentError('prune', 'prune', `numbers of units from 1 to ${units}, or shares above 0 up to 1`, one);
  });
  if (counts.length === 0) throw argumentError('prune', 'prune', 'at least one number of units', 'none');
  return [...new Set(counts)].sort((a, b) => a - b);
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw argumentError('prune', name, 'an integer of 1 or more', value);
}
