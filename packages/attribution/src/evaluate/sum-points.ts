import type { PathPoint, PathSums } from '@pathwise/model';
import { featureCount, type StraightPaths } from '../path.ts';
import { BlockSum } from './block-sum.ts';
import { evaluatePoints, withinEngine, type EvaluationOptions } from './points.ts';

/**
 * Sums the gradients at points of several paths, once for each list of weights (one weight a point). The points of a
 * path follow each other. Constant memory: nothing is kept of a point but F, which `visit` gets in any order.
 *
 * @param meanwhile - done once beside the points: first, unless the model computes them in other threads
 */
export async function sumPoints(
  paths: StraightPaths,
  points: readonly PathPoint[],
  weights: readonly Float64Array[],
  options: EvaluationOptions,
  visit: (index: number, output: number) => void,
  meanwhile?: () => Promise<void>,
): Promise<PathSums> {
  const summed = await withinEngine(paths, points, weights, options, visit, meanwhile);
  if (summed !== null) return summed;
  await meanwhile?.();
  const size = featureCount(paths);
  const sums = new Map<number, BlockSum[]>();
  await evaluatePoints(paths, points, options, (i, output, gradient) => {
    const { path } = points[i];
    let own = sums.get(path);
    if (own === undefined) sums.set(path, (own = weights.map(() => new BlockSum(size))));
    for (const [list, sum] of own.entries()) sum.add(weights[list][i], gradient);
    visit(i, output);
  });
  return new Map([...sums].map(([path, own]) => [path, own.map((sum) => sum.total())]));
}
