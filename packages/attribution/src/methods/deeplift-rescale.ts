import { toFloat64, type MovingTensor, type Propagation, type Tensor } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { LayerTensor } from '../evaluate/layer-points.ts';
import type { Method, Outcome } from '../method.ts';
import { pathOutcome } from '../outcome.ts';
import { differentiated } from '../path.ts';
import { deepLiftParams, deepLiftPropagation, multiplyByInputsParam } from '../propagation/deep-lift-params.ts';
import { propagatePaths } from '../propagation/propagate-paths.ts';
import type { InputPaths } from '../input-paths.ts';
import { oneBaselinePaths } from './baseline-set.ts';
import { cutOf, layerTensors } from './layer-paths.ts';

/**
 * DeepLIFT with the rescale rule: A = m * (x - x'), m the product of the slopes of all nodes between baseline and input
 * (not at the input) along the chain rule. Complete: the sum is F(x) - F(x'). At a layer, its values take the place of x.
 *
 * @source Shrikumar, Greenside, Kundaje 2017, arXiv:1704.02685, sections 3.2, 3.5.1 and 3.5.2
 */
export const deepliftRescale: Method = {
  id: 'deeplift-rescale',
  title: 'DeepLIFT, rescale',
  summary: 'What each feature contributed to the change from the baseline, by slopes between the two at every node.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['propagate'],
  takes: { target: true, baseline: 'one', layer: 'optional', neuron: false, quadrature: false },
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

/** Multipliers of every path times its displacement, or that of the layers, averaged over the baselines of a row. */
export async function deepLiftOutcome(context: Context, method: Method, path: InputPaths): Promise<Outcome> {
  const propagation = method.propagation?.(context.params) as Propagation;
  const layers = layerTensors(context);
  const wrt = layers.length === 0 ? differentiated(path.paths.moving) : layers;
  const result = await propagatePaths(path.paths, propagation, context.evaluation, wrt);
  const { vectors, outputs, outputsAtBaseline } = result;
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
  const options = { multiply, exact: false, outputAtInput };
  if (layers.length === 0) return pathOutcome(context, path, ends, integral, options);
  const { complete, warnings: ofCut } = cutOf(context);
  const moving = layers.map((layer): MovingTensor => movingLayer(context, path, layer, layers, result.innerAtBaseline));
  const outcome = pathOutcome(context, { ...path, paths: { ...path.paths, moving } }, ends, integral, options);
  return { ...outcome, complete, warnings: [...(outcome.warnings ?? []), ...ofCut] };
}

/** A layer from its value at every baseline to that at the input. */
function movingLayer(
  { layerValues, sources }: Context,
  { paths, baselines }: InputPaths,
  layer: LayerTensor,
  layers: readonly LayerTensor[],
  starts: readonly Float64Array[],
): MovingTensor {
  const { name, size } = layer;
  const source = paths.moving.find((moving) => moving.name === name && sources.some((s) => s.name === name));
  if (source !== undefined) return source;
  const inner = layers.filter((other) => !sources.some((s) => s.name === other.name));
  const offset = inner.slice(0, inner.indexOf(layer)).reduce((sum, other) => sum + other.size, 0);
  const values = toFloat64((layerValues[name] as Tensor).data);
  const [from, to] = [new Float64Array(paths.count * size), new Float64Array(paths.count * size)];
  for (let p = 0; p < paths.count; p++) {
    const row = Math.floor(p / baselines.count);
    to.set(values.subarray(row * size, (row + 1) * size), p * size);
    from.set((starts[p] as Float64Array).subarray(offset, offset + size), p * size);
  }
  return { ...layer, from, to, differentiate: true };
}
