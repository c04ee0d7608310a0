import { sumOverLayers } from '../evaluate/layer-points.ts';
import { endsOf, inputPaths } from '../input-paths.ts';
import { resolveFixed } from '../integration.ts';
import type { Method } from '../method.ts';
import { isStill } from '../path.ts';
import { quadrature } from '../quadrature/rules.ts';
import { cutOf, layerOutcome, layerTensors } from './layer-paths.ts';

/**
 * The mean gradient of the target by a layer on the straight path of the input: A = integral of dF/dh at
 * (1 - alpha) x' + alpha x. It is not multiplied by how far the layer moves.
 *
 * @source Leino, Sen, Datta, Fredrikson, Li 2018, arXiv:1802.03788, with the uniform distribution on the segment
 */
export const internalInfluence: Method = {
  id: 'internal-influence',
  title: 'Internal influence',
  summary: 'How strongly the target reacts to each unit of a layer, on average between the baseline and the input.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  takes: { target: true, baseline: 'set', layer: true, neuron: false, quadrature: 'fixed' },
  params: [],
  unit: 'per-unit',
  claims: ['sensitivity-a', 'dummy', 'linearity', 'symmetry'],
  reference: 'Leino et al. 2018, arXiv:1802.03788',
  async attribute(context) {
    const { request, target, evaluation, outputAtInput } = context;
    const { rule, steps } = resolveFixed(request, 'gauss-legendre');
    const path = await inputPaths(context, target.objective);
    const ends = await endsOf(context, path, outputAtInput);
    const nodes = quadrature(rule, steps);
    const here = { alphas: [1], weights: [1] };
    const nodesOf = (at: number) => (isStill(path.paths, at) ? here : nodes);
    const means = await sumOverLayers(
      path.paths,
      (at) => nodesOf(at).alphas,
      { layers: layerTensors(context) },
      evaluation,
      (sum, { gradient }, { path: at, k }) => sum.add(nodesOf(at).weights[k], gradient),
    );
    const {
      attributions,
      perBaseline,
      warnings = [],
      outputAtBaseline = null,
    } = layerOutcome(context, path, ends, means, { unit: 'per-unit' });
    const notes = cutOf(context).warnings.filter(({ code }) => code !== 'no-cut');
    const still = warnings.filter(({ code }) => code === 'input-is-baseline');
    return {
      attributions,
      ...(perBaseline === undefined ? {} : { perBaseline }),
      outputAtInput,
      outputAtBaseline,
      warnings: [...still, ...notes],
    };
  },
};
