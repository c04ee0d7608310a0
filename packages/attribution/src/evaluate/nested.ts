import { clenshawCurtis, clenshawCurtisNode } from '../quadrature/clenshaw-curtis.ts';
import { displacement, featureCount, type StraightPaths } from '../path.ts';
import { steer } from './affine-prefix.ts';
import { BlockSum } from './block-sum.ts';
import {
  dot,
  l1OfProduct,
  relativeError,
  type Integration,
  type IntegrationOptions,
  type PathEnds,
  type PathIntegral,
} from './integral.ts';
import { evaluatePoints } from './points.ts';

const FIRST = 4;

/**
 * Nested Clenshaw-Curtis for smooth functions: 5, 9, 17, 33 ... nodes until
 * max(|A_n - A_n/2|_1, |convergence delta|) / |A_n|_1 is within the tolerance. One sum a level, as weights change.
 */
export async function integrateNested(
  paths: StraightPaths,
  ends: PathEnds,
  { tolerance, maxEvaluations }: Integration & { kind: 'adaptive' },
  options: IntegrationOptions,
): Promise<PathIntegral> {
  const levels = levelsUpTo(Math.max(maxEvaluations, 2 * FIRST + 1));
  const weights = levels.map((n) => clenshawCurtis(n).weights);
  const { paths: inner, pull } = await steer(paths, options, false);
  const rows: { gradient: Float64Array; error: number; met: boolean; largestChange: number }[] = [];
  for (let path = 0; path < paths.count; path++) {
    const delta = displacement(paths, path);
    const sums = levels.map(() => new BlockSum(featureCount(inner)));
    const outputs = new Map<number, number>();
    let previous: Float64Array | null = null;
    for (const [level, n] of levels.entries()) {
      const fresh = Array.from({ length: n + 1 }, (_, k) => k).filter((k) => level === 0 || k % 2 === 1);
      await evaluatePoints(
        inner,
        fresh.map((k) => ({ path, alpha: clenshawCurtisNode(k, n) })),
        options,
        (i, output, gradient) => {
          outputs.set(clenshawCurtisNode(fresh[i], n), output);
          for (let later = level; later < levels.length; later++) {
            sums[later].add(weights[later][fresh[i] * (levels[later] / n)], gradient);
          }
        },
      );
      const [mean] = await pull([sums[level].total()], [path]);
      if (previous !== null) {
        const coarse: Float64Array = previous;
        const difference = l1OfProduct(
          mean.map((g, i) => g - coarse[i]),
          delta,
        );
        const error = Math.max(difference, Math.abs(dot(mean, delta) - (ends.to[path] - ends.from[path])));
        const size = l1OfProduct(mean, delta);
        const met = error <= tolerance * size;
        options.onProgress?.({
          phase: 'path',
          done: outputs.size,
          total: met ? outputs.size : 2 * n + 1,
          error: relativeError(error, size),
        });
        if (met || level === levels.length - 1) {
          rows.push({ gradient: mean, error: relativeError(error, size), met, largestChange: largestGap(outputs) });
          break;
        }
      }
      previous = mean.slice();
    }
  }
  return {
    gradients: rows.map(({ gradient }) => gradient),
    errors: rows.map(({ error }) => error),
    met: rows.map(({ met }) => met),
    largestChange: rows.map(({ largestChange }) => largestChange),
    warnings: [],
  };
}

function levelsUpTo(maxEvaluations: number): number[] {
  const levels: number[] = [];
  for (let n = FIRST; n + 1 <= maxEvaluations; n *= 2) levels.push(n);
  return levels;
}

function largestGap(outputs: ReadonlyMap<number, number>): number {
  const sorted = [...outputs].sort(([a], [b]) => a - b).map(([, output]) => output);
  return sorted.slice(1).reduce((largest, output, i) => Math.max(largest, Math.abs(output - sorted[i])), 0);
}
