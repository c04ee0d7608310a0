import type { Method } from '../method.ts';
import { neuronTarget } from '../neuron.ts';
import { outputsOf } from '../input-paths.ts';
import { splitRows } from '../outcome.ts';
import { gradientPaths, gradientsAtInput } from './gradient.ts';
import { requireReached } from './layer-paths.ts';

/**
 * Gradient of a neuron, or of the sum of several, with respect to the input: A = dh_j/dx.
 *
 * @source Simonyan, Vedaldi, Zisserman 2013, arXiv:1312.6034, section 3, with F := h_j
 */
export const neuronGradient: Method = {
  id: 'neuron-gradient',
  title: 'Neuron gradient',
  summary: 'How fast an inner unit changes with each feature at the input.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  takes: { target: true, baseline: 'none', layer: true, neuron: true, quadrature: false },
  params: [],
  unit: 'per-unit',
  claims: ['dummy', 'linearity', 'symmetry', 'implementation-invariance'],
  reference: 'Simonyan et al. 2013, arXiv:1312.6034, at a neuron',
  async attribute(context) {
    const { objective, descriptions, layer } = neuronTarget(context);
    requireReached(context, objective);
    const paths = await gradientPaths(context, objective);
    const gradients = await gradientsAtInput(paths, context.evaluation);
    const batched = (name: string): boolean => context.sources.find((s) => s.name === name)?.batched ?? true;
    return {
      attributions: splitRows(paths.moving, gradients, batched),
      target: descriptions,
      outputAtInput: outputsOf(objective, context.layerValues[layer]),
    };
  },
};
