import type { Warning } from '@pathwise/model';
import { dot } from '../evaluate/integral.ts';
import { evaluatePoints } from '../evaluate/points.ts';
import { endsOf } from '../input-paths.ts';
import { curveSteps } from '../integration.ts';
import type { Method } from '../method.ts';
import { contributionOutcome } from '../outcome.ts';
import { featureCount, isStill } from '../path.ts';
import { oneBaselinePaths } from './baseline-set.ts';

/**
 * Important-direction gradient integration on the straight path: each step's change of F is shared among the features by
 * their squared gradients at the step's start, A_i = sum over steps of (F(k+1) - F(k)) g_i^2 / |g|^2. Where that gradient
 * is zero, the one at the step's end is taken (ours); where both are, the change is left out and shows in the delta.
 *
 * @source Yang, Wang, Bilgic 2023, arXiv:2303.14242
 */
export const idgi: Method = {
  id: 'idgi',
  title: 'IDGI',
  summary: 'The change of the target along the path, shared among the features by their squared gradients.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'one', layer: false, neuron: false, quadrature: 'steps' },
  params: [],
  unit: 'contribution',
  telescopes: true,
  claims: ['completeness', 'dummy', 'symmetry', 'implementation-invariance'],
  reference: 'Yang, Wang, Bilgic 2023, arXiv:2303.14242',
  async attribute(context) {
    const { evaluation, outputAtInput, rows, target } = context;
    const steps = curveSteps(context.method, context.request.steps);
    const path = await oneBaselinePaths(context, target.objective);
    const { paths } = path;
    const ends = await endsOf(context, path, outputAtInput);
    const size = featureCount(paths);
    const attributions = Array.from({ length: rows }, () => new Float64Array(size));
    const moving = Array.from({ length: rows }, (_, row) => row).filter((row) => !isStill(paths, row));
    const lost = new Set<number>();
    const share = (row: number, change: number, gradient: ArrayLike<number>): boolean => {
      if (change === 0) return true;
      const norm = dot(gradient, gradient);
      for (let i = 0; norm > 0 && i < size; i++) attributions[row][i] += (change * gradient[i] * gradient[i]) / norm;
      return norm > 0;
    };

    const points = moving.flatMap((row) => Array.from({ length: steps }, (_, k) => ({ path: row, alpha: k / steps })));
    const total = points.length;
    let start = { output: 0, gradient: new Float64Array(0) };
    const openAtEnd: { readonly row: number; readonly change: number }[] = [];
    await evaluatePoints(paths, points, evaluation, (i, value, vector) => {
      const row = points[i].path;
      const output = i % steps === 0 ? ends.from[row] : value;
      if (i % steps > 0 && !share(row, output - start.output, start.gradient)) {
        if (!share(row, output - start.output, vector)) lost.add(row);
      }
      start = { output, gradient: Float64Array.from(vector) };
      const change = ends.to[row] - output;
      if (i % steps === steps - 1 && !share(row, change, start.gradient)) openAtEnd.push({ row, change });
      evaluation.onProgress?.({ phase: 'path', done: i + 1, total });
    });
    const inputs = openAtEnd.map(({ row }) => ({ path: row, alpha: 1 }));
    await evaluatePoints(paths, inputs, evaluation, (i, _, vector) => {
      const { row, change } = openAtEnd[i];
      if (!share(row, change, vector)) lost.add(row);
    });
    return {
      ...contributionOutcome(context, paths, attributions, [...ends.from]),
      warnings: lost.size === 0 ? [] : [zeroGradient([...lost])],
    };
  },
};

function zeroGradient(rows: readonly number[]): Warning {
  const message =
    `in row ${rows.join(', ')} the target changes in a step with zero gradients at both ends; ` +
    'that change is in no attribution. Raise steps';
  return { code: 'zero-gradient', message };
}
