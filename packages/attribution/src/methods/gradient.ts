import type { Objective } from '@pathwise/model';
import type { Context } from '../context.ts';
import { evaluatePoints, type EvaluationOptions } from '../evaluate/points.ts';
import { inputPaths } from '../input-paths.ts';
import { splitRows } from '../outcome.ts';
import type { Method } from '../method.ts';
import type { StraightPaths } from '../path.ts';

/**
 * The gradient of the target at the input: A = dF/dx. Signed; no absolute value, no normalisation.
 *
 * @source Simonyan, Vedaldi, Zisserman 2013, Deep Inside Convolutional Networks, arXiv:1312.6034, section 3
 */
export const gradient: Method = {
  id: 'gradient',
  title: 'Gradient',
  summary: 'How fast the target changes with each feature at the input.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'none', layer: false, neuron: false, quadrature: false },
  params: [],
  unit: 'per-unit',
  claims: ['dummy', 'linearity', 'symmetry', 'implementation-invariance'],
  reference: 'Simonyan et al. 2013, arXiv:1312.6034',
  async attribute(context) {
    const paths = await gradientPaths(context);
    const gradients = await gradientsAtInput(paths, context.evaluation);
    const batched = (name: string): boolean => context.sources.find((s) => s.name === name)?.batched ?? true;
    return { attributions: splitRows(paths.moving, gradients, batched), outputAtInput: context.outputAtInput };
  },
};

/** Paths from zeros to the input, for methods that look at the input only. */
export async function gradientPaths(
  context: Context,
  objective: Objective = context.target.objective,
): Promise<StraightPaths> {
  const fromZeros = { ...context, request: { ...context.request, baseline: 'zeros' as const } };
  return (await inputPaths(fromZeros, objective)).paths;
}

/** Gradients at the input, all attributed tensors one after another, one vector a row. */
export async function gradientsAtInput(paths: StraightPaths, options: EvaluationOptions): Promise<Float64Array[]> {
  const gradients: Float64Array[] = [];
  const points = Array.from({ length: paths.count }, (_, path) => ({ path, alpha: 1 }));
  await evaluatePoints(paths, points, options, (_, __, vector) => {
    gradients.push(Float64Array.from(vector));
  });
  return gradients;
}
