import { displacement, featureCount, type StraightPaths } from '../path.ts';
import { steer } from './affine-prefix.ts';
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
import { BlockSum } from './block-sum.ts';

const FIRST_PANELS = 4;

/**
 * Equal panels, doubled until the stated error is reached, in the memory of three vectors:
 * T_2n = T_n / 2 + h * (sum over new nodes), error = max(|T_2n - T_n|_1, sum of |panel residuals|).
 */
export async function integrateDoubling(
  paths: StraightPaths,
  ends: PathEnds,
  { tolerance, maxEvaluations }: Integration & { kind: 'adaptive' },
  options: IntegrationOptions,
): Promise<PathIntegral> {
  const { paths: inner, pull } = await steer(paths, options, false);
  const size = featureCount(inner);
  const rows: { gradient: Float64Array; error: number; met: boolean; largestChange: number }[] = [];
  for (let path = 0; path < paths.count; path++) {
    const outer = displacement(paths, path);
    const steps = displacement(inner, path);
    const nodes = new Map<number, { output: number; slope: number }>(); // by alpha
    let [mean] = await pull([await addNodes(FIRST_PANELS, true)], [path]);
    let row = { gradient: mean, error: Infinity, met: false, largestChange: 0 };
    for (let panels = 2 * FIRST_PANELS; panels + 1 <= Math.max(maxEvaluations, 2 * FIRST_PANELS + 1); panels *= 2) {
      const [added] = await pull([await addNodes(panels, false)], [path]);
      const finer = mean.map((value, i) => value / 2 + added[i]);
      const difference = finer.map((value, i) => value - mean[i]);
      const { residuals, largestChange } = scan(nodes);
      const norm = l1OfProduct(finer, outer);
      const delta = Math.abs(dot(finer, outer) - (ends.to[path] - ends.from[path]));
      const error = Math.max(l1OfProduct(difference, outer), residuals, delta);
      mean = finer;
      row = { gradient: mean, error: relativeError(error, norm), met: error <= tolerance * norm, largestChange };
      options.onProgress?.({
        phase: 'path',
        done: nodes.size,
        total: row.met ? nodes.size : 2 * nodes.size - 1,
        error: row.error,
      });
      if (row.met) break;
    }
    rows.push(row);

    /** The new nodes of a level, weighted as the composite trapezoid with `panels` panels weights them. */
    async function addNodes(panels: number, all: boolean): Promise<Float64Array> {
      const alphas = Array.from({ length: panels + 1 }, (_, k) => k / panels).filter((_, k) => all || k % 2 === 1);
      const sum = new BlockSum(size);
      await evaluatePoints(
        inner,
        alphas.map((alpha) => ({ path, alpha })),
        options,
        (i, output, gradient) => {
          const isEnd = alphas[i] === 0 || alphas[i] === 1;
          sum.add((isEnd ? 0.5 : 1) / panels, gradient);
          nodes.set(alphas[i], { output, slope: dot(gradient, steps) });
        },
      );
      return sum.total();
    }
  }
  return {
    gradients: rows.map(({ gradient }) => gradient),
    errors: rows.map(({ error }) => error),
    met: rows.map(({ met }) => met),
    largestChange: rows.map(({ largestChange }) => largestChange),
    warnings: [
      {
        code: 'budget',
        message:
          'the byte budget is too small to keep the gradients: equal panels were doubled instead of refined. ' +
          'Raise maxBytes for fewer evaluations',
      },
    ],
  };
}

function scan(nodes: ReadonlyMap<number, { output: number; slope: number }>): {
  residuals: number;
  largestChange: number;
} {
  const sorted = [...nodes].sort(([a], [b]) => a - b);
  let residuals = 0;
  let largestChange = 0;
  for (let k = 1; k < sorted.length; k++) {
    const [[a, start], [b, end]] = [sorted[k - 1], sorted[k]];
    const change = end.output - start.output;
    residuals += Math.abs(((b - a) * (start.slope + end.slope)) / 2 - change);
    largestChange = Math.max(largestChange, Math.abs(change));
  }
  return { residuals, largestChange };
}
