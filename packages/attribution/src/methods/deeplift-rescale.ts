import type { Propagation } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Method, Outcome } from '../method.ts';
import { pathOutcome } from '../outcome.ts';
import { deepLiftParams, deepLiftPropagation, multiplyByInputsParam } from '../propagation/deep-lift-params.ts';
import { propagatePaths } from '../propagation/propagate-paths.ts';
import type { InputPaths } from '../input-paths.ts';
import { oneBaselinePaths } from './baseline-set.ts';

/**
 * DeepLIFT with the rescale rule: A = m * (x - x'), m the product of the slopes of all nodes between baseline and input
 * (not at the input) along the chain rule. Complete: the sum is F(x) - F(x').
 *
 * @source Shrikumar, Greenside, Kundaje 2017, arXiv:1704.02685, sections 3.2, 3.5.1 and 3.5.2
 */
export const deepliftRescale: Method = {
  id: 'deeplift-rescale',
  title: 'DeepLIFT, rescale',
  summary: 'What each feature contributed to the change from the baseline, by slopes between the two at every node.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['propagate'],
  takes: { target: true, baseline: 'one', layer: false, neuron: false, quadrature: false },
  params: [...deepLiftParams, multiplyByInputsParam],
  unit: 'contribution',
  telescopes: true,
  claims: ['completeness', 'sensitivity-a', 'linearity', 'affine-scale-invariance'],
  reference: 'Shrikumar et al. 2017, arXiv:1704.02685',
  propagation: (params) => deepLiftPropagation(params, 'rescale'),
  async attribute(context) {
    const path = await oneBaselinePaths(context, context.target.objective);
    return deepLiftOutcome(context, deepliftRescale, path);
  },
};

/** Multipliers of every path times its displacement, averaged over the baselines of a row. */
export async function deepLiftOutcome(context: Context, method: Method, path: InputPaths): Promise<Outcome> {
  const propagation = method.propagation?.(context.params) as Propagation;
  const { vectors, outputs, outputsAtBaseline } = await propagatePaths(path.paths, propagation, context.evaluation);
  const ends = { from: Float64Array.from(outputsAtBaseline ?? []), to: Float64Array.from(outputs) };
  const integral = {
    gradients: vectors,
    errors: null,
    met: null,
    largestChange: vectors.map(() => 0),
    warnings: [],
  };
  const multiply = context.params['multiplyByInputs'] === true;
  const { outputAtInput } = context;
  return pathOutcome(context, path, ends, integral, { multiply, exact: false, outputAtInput });
}
