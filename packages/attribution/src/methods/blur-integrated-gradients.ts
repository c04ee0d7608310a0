import { evaluateFree, outputsFree, type FreePoint } from '../evaluate/free-points.ts';
import { curveSteps } from '../integration.ts';
import type { Method } from '../method.ts';
import { contributionOutcome } from '../outcome.ts';
import { featureCount } from '../path.ts';
import { blurParams, blurPath } from './blur-path.ts';
import { gradientPaths } from './gradient.ts';

const DEFAULT_STEPS = 100;
/** Width of the authors' difference quotient, in elements of sigma. */
const DIFFERENCE = 0.01;

/**
 * Integrated gradients along the path of blurred inputs L(sigma), from the input blurred with sigmaMax to the input:
 * A_i = integral of dF/dx_i at L(sigma) times dL_i/dsigma. No baseline is needed: what is missing is detail.
 *
 * @source Xu, Venugopalan, Sundararajan 2020, arXiv:2004.03383; the chord rule is ours
 */
export const blurIntegratedGradients: Method = {
  id: 'blur-integrated-gradients',
  title: 'Blur integrated gradients',
  summary: 'What each feature contributed as the input came into focus from a blurred copy of itself.',
  modalities: ['image', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'none', layer: false, neuron: false, quadrature: 'steps' },
  params: [
    ...blurParams,
    {
      name: 'derivative',
      type: 'choice',
      default: 'chord',
      choices: ['chord', 'forward-difference'],
      doc: 'Differences between the blurred inputs themselves, or the quotient that the authors use.',
    },
  ],
  unit: 'contribution',
  claims: ['completeness', 'dummy', 'linearity', 'implementation-invariance'],
  reference: 'Xu, Venugopalan, Sundararajan 2020, arXiv:2004.03383',
  async attribute(context) {
    const { evaluation, params, request, rows, target } = context;
    const steps = curveSteps(context.method, request.steps ?? DEFAULT_STEPS);
    const { blurred, sigmaAt } = blurPath(context, steps);
    const paths = await gradientPaths(context, target.objective);
    const starts = await outputsFree(
      paths,
      rows,
      (row) => ({ path: row, values: blurred(row, sigmaAt(steps)) }),
      evaluation,
    );
    const sums = Array.from({ length: rows }, () => new Float64Array(featureCount(paths)));
    const moves = new Map<number, Float64Array>();
    // From the input outwards: the end of a step is the start of the next.
    let end: { readonly at: number; readonly values: Float64Array } = { at: -1, values: new Float64Array(0) };
    const pointAt = (i: number): FreePoint => {
      const [row, k] = [Math.floor(i / steps), i % steps];
      const near = end.at === i ? end.values : blurred(row, sigmaAt(k));
      if (params['derivative'] === 'forward-difference') {
        const further = blurred(row, sigmaAt(k) + DIFFERENCE);
        const width = (sigmaAt(k + 1) - sigmaAt(k)) / DIFFERENCE;
        moves.set(
          i,
          near.map((value, j) => width * (value - further[j])),
        );
        return { path: row, values: near };
      }
      const far = blurred(row, sigmaAt(k + 1));
      end = { at: k + 1 < steps ? i + 1 : -1, values: far };
      moves.set(
        i,
        near.map((value, j) => value - far[j]),
      );
      return { path: row, values: near.map((value, j) => (value + far[j]) / 2) };
    };
    const total = rows * steps;
    await evaluateFree(paths, total, pointAt, evaluation, (i, _, gradient) => {
      const move = moves.get(i) as Float64Array;
      moves.delete(i);
      const own = sums[Math.floor(i / steps)];
      for (let j = 0; j < own.length; j++) own[j] += move[j] * gradient[j];
      evaluation.onProgress?.({ phase: 'path', done: i + 1, total });
    });
    return contributionOutcome(context, paths, sums, [...starts]);
  },
};
