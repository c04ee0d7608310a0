import { outputsOf } from '../input-paths.ts';
import { straightPathClaims } from '../axioms/axiom.ts';
import type { Method } from '../method.ts';
import { neuronTarget } from '../neuron.ts';
import { integrateInputs, multiplyByInputs } from './integrated-gradients.ts';
import { requireReached } from './layer-paths.ts';

/**
 * Integrated gradients of a neuron, or of the sum of several: A = (x - x') * integral of dh_j/dx along the path.
 * Complete against h_j(x) - h_j(x').
 *
 * @source Sundararajan, Taly, Yan 2017, arXiv:1703.01365, equation 1, with F := h_j
 */
export const neuronIntegratedGradients: Method = {
  id: 'neuron-integrated-gradients',
  title: 'Neuron integrated gradients',
  summary: 'What each feature contributed to the change of an inner unit from the baseline to the input.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  takes: { target: true, baseline: 'set', layer: true, neuron: true, quadrature: true },
  params: [multiplyByInputs],
  unit: 'contribution',
  claims: straightPathClaims,
  reference: 'Sundararajan, Taly, Yan 2017, arXiv:1703.01365, at a neuron',
  async attribute(context) {
    const { objective, descriptions, layer } = neuronTarget(context);
    requireReached(context, objective);
    const outcome = await integrateInputs(context, objective, outputsOf(objective, context.layerValues[layer]));
    return { ...outcome, target: descriptions };
  },
};
