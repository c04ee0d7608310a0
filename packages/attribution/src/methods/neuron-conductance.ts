import { asFloats, throwIfAborted, type PathPoint, type Tensor } from '@pathwise/model';
import type { Context } from '../context.ts';
import { BlockSum } from '../evaluate/block-sum.ts';
import { feedsAt, gradientsAt, joinRow, tileSize } from '../evaluate/points.ts';
import { endsOf, inputPaths } from '../input-paths.ts';
import { resolveFixed } from '../integration.ts';
import type { Method } from '../method.ts';
import { neuronTarget } from '../neuron.ts';
import { pathOutcome } from '../outcome.ts';
import { differentiated, featureCount, isStill, type StraightPaths } from '../path.ts';
import type { Nodes } from '../quadrature/nodes.ts';
import { quadrature } from '../quadrature/rules.ts';
import { multiplyByInputs } from './integrated-gradients.ts';
import { requireReached } from './layer-paths.ts';

/**
 * The part of integrated gradients that flows through a neuron: A = (x - x') * integral of dF/dh_j dh_j/dx along the
 * path. Of several neurons: the sum of their single results. Over the features it sums to the conductance of the neuron.
 *
 * @source Dhamdhere, Sundararajan, Yan 2018, arXiv:1805.12233, definition 1, before summing over the features
 */
export const neuronConductance: Method = {
  id: 'neuron-conductance',
  title: 'Neuron conductance',
  summary: 'What each feature contributed to the change of the target by way of an inner unit.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  takes: { target: true, baseline: 'set', layer: true, neuron: 'through', quadrature: 'fixed' },
  params: [
    {
      ...multiplyByInputs,
      doc: 'Multiply by the difference to the baseline; without it the result is the mean of dF/dh_j dh_j/dx.',
    },
  ],
  unit: 'contribution',
  claims: ['dummy', 'linearity', 'affine-scale-invariance'],
  reference: 'Dhamdhere, Sundararajan, Yan 2018, arXiv:1805.12233',
  async attribute(context) {
    const { request, target, params, outputAtInput } = context;
    const neuron = neuronTarget(context);
    requireReached(context, neuron.objective);
    const [selection] = neuron.objective.rows;
    const multiply = params['multiplyByInputs'] === true;
    const { rule, steps } = resolveFixed(request, 'gauss-legendre');
    const path = await inputPaths(context, target.objective);
    const ends = await endsOf(context, path, outputAtInput);
    const nodes = quadrature(rule, steps);
    const still: Nodes = multiply
      ? { alphas: new Float64Array(0), weights: new Float64Array(0) }
      : { alphas: Float64Array.of(1), weights: Float64Array.of(1) };
    const gradients = await integrateThrough(
      context,
      path.paths,
      neuron.layer,
      selection.kind === 'linear' ? selection.weights : new Float64Array(0),
      (at) => (isStill(path.paths, at) ? still : nodes),
    );
    const integral = { gradients, errors: null, met: null, largestChange: gradients.map(() => 0), warnings: [] };
    const outcome = pathOutcome(context, path, ends, integral, { multiply, exact: false, outputAtInput });
    const warnings = context.structure.reaches(neuron.layer, target.objective.tensor)
      ? []
      : [
          {
            code: 'no-influence',
            message: `the layer "${neuron.layer}" does not influence the target: all zeros`,
          },
        ];
    return {
      ...outcome,
      target: target.descriptions.map((text, row) => `${text} through ${neuron.descriptions[row]}`),
      // The sum is the neuron's conductance, at the same nodes up to rounding: it says nothing of the error.
      convergenceDelta: null,
      warnings: [...(outcome.warnings ?? []), ...warnings],
    };
  },
};

/** Integrals of (dF/dh restricted to the selection) dh/dx, one vector a path. */
async function integrateThrough(
  { evaluation }: Context,
  paths: StraightPaths,
  layer: string,
  selection: Float64Array,
  nodesOf: (path: number) => Nodes,
): Promise<Float64Array[]> {
  const sums = Array.from({ length: paths.count }, () => new BlockSum(featureCount(paths)));
  const points = sums.flatMap((_, path) => Array.from(nodesOf(path).alphas, (alpha, k) => ({ path, alpha, k })));
  const tile = tileSize(paths, evaluation.maxBytes);
  for (let start = 0; start < points.length; start += tile) {
    throwIfAborted(evaluation.signal);
    const here = points.slice(start, start + tile);
    const pulled = await gradientsThrough(paths, here, layer, selection, evaluation);
    for (const [i, vector] of pulled.entries()) {
      const { path, k } = here[i];
      sums[path].add(nodesOf(path).weights[k], vector);
      evaluation.onProgress?.({ phase: 'path', done: start + i + 1, total: points.length });
    }
  }
  return sums.map((sum) => sum.total());
}

async function gradientsThrough(
  paths: StraightPaths,
  points: readonly PathPoint[],
  layer: string,
  selection: Float64Array,
  evaluation: Context['evaluation'],
): Promise<Float64Array[]> {
  const feeds = feedsAt(paths, points);
  const { gradients } = await gradientsAt(paths, points, feeds, { wrt: [layer] }, evaluation);
  const whole = gradients[layer] as Tensor;
  const cotangent = Float64Array.from(asFloats(whole.data), (g, i) => g * selection[i % selection.length]);
  const wrt = differentiated(paths.moving);
  const names = wrt.map(({ name }) => name);
  const cotangents = { [layer]: { ...whole, data: cotangent } };
  const pulled = await paths.model.pullback({ feeds, cotangents, wrt: names }, evaluation);
  const data = names.map((name) => asFloats((pulled[name] as Tensor).data));
  const sizes = wrt.map(({ size }) => size);
  return points.map((_, row) => Float64Array.from(joinRow(data, sizes, row)));
}
