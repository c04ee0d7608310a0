import { evaluateFree } from '../evaluate/free-points.ts';
import { endsOf } from '../input-paths.ts';
import { curveSteps } from '../integration.ts';
import type { Method } from '../method.ts';
import { contributionOutcome } from '../outcome.ts';
import { featureCount } from '../path.ts';
import { oneBaselinePaths } from './baseline-set.ts';
import { guidedParams, walkGuided } from './guided-walk.ts';

const DEFAULT_STEPS = 200;

/**
 * Integrated gradients along a path that the model chooses: at every step the elements with the smallest |gradient| move
 * first, which keeps the path out of regions where the gradient is large for no reason of the input.
 *
 * @source Kapishnikov, Venugopalan, Avci, Wedin, Terry, Bolukbasi 2021, arXiv:2106.09788; the trapezoid is ours
 */
export const guidedIntegratedGradients: Method = {
  id: 'guided-integrated-gradients',
  title: 'Guided integrated gradients',
  summary: 'What each feature contributed along a path on which features with small gradients move first.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'one', layer: false, neuron: false, quadrature: 'steps' },
  params: [
    ...guidedParams,
    {
      name: 'panelRule',
      type: 'choice',
      default: 'trapezoid',
      choices: ['trapezoid', 'left'],
      doc: 'The mean of the gradients at both ends of a step, or the gradient at its start as the authors do.',
    },
  ],
  unit: 'contribution',
  claims: ['completeness', 'sensitivity-a', 'dummy', 'implementation-invariance', 'non-decreasing-positivity'],
  reference: 'Kapishnikov et al. 2021, arXiv:2106.09788',
  async attribute(context) {
    const { evaluation, method, outputAtInput, params, request, rows, target } = context;
    const steps = curveSteps(method, request.steps ?? DEFAULT_STEPS);
    const isTrapezoid = params['panelRule'] === 'trapezoid';
    const path = await oneBaselinePaths(context, target.objective);
    const { paths } = path;
    const ends = await endsOf(context, path, outputAtInput);
    const sums = Array.from({ length: rows }, () => new Float64Array(featureCount(paths)));
    const add = (row: number, step: Float64Array, gradient: ArrayLike<number>, weight: number): void => {
      const own = sums[row];
      for (let i = 0; i < own.length; i++) own[i] += weight * step[i] * gradient[i];
    };
    /** The step that led to where a row is. */
    const last = new Map<number, Float64Array>();
    const endLast = (row: number, gradient: ArrayLike<number>): void => {
      const step = last.get(row);
      if (step !== undefined) add(row, step, gradient, 0.5);
    };
    const reached = await walkGuided(context, paths, params, steps, ({ row, gradient, step }) => {
      if (isTrapezoid) endLast(row, gradient);
      add(row, step, gradient, isTrapezoid ? 0.5 : 1);
      last.set(row, step);
    });
    if (isTrapezoid) {
      const at = [...reached].map(([row, values]) => ({ path: row, values }));
      await evaluateFree(
        paths,
        at.length,
        (i) => at[i],
        evaluation,
        (i, _, gradient) => endLast(at[i].path, gradient),
      );
    }
    return contributionOutcome(context, paths, sums, [...ends.from]);
  },
};
