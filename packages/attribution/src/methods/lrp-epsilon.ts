import type { Method } from '../method.ts';
import { relevanceOutcome } from '../propagation/relevance-outcome.ts';
import { relevanceParams, relevancePropagation } from '../propagation/relevance-params.ts';

/**
 * Layer-wise relevance propagation with the epsilon rule: at z_k = sum_j x_j w_jk + b_k,
 * R_j = sum_k x_j w_jk R_k / (z_k + epsilon sign(z_k)). Starts at R = F; epsilon 0 is LRP-0.
 *
 * @source Bach, Binder, Montavon, Klauschen, Mueller, Samek 2015, PLoS ONE 10(7) e0130140, equation 58
 */
export const lrpEpsilon: Method = {
  id: 'lrp-epsilon',
  title: 'LRP-epsilon',
  summary: 'Relevance flows back from the target in proportion to what each input of a node adds.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['propagate'],
  fromLogits: true,
  takes: { target: true, baseline: 'none', layer: 'optional', neuron: false, quadrature: false },
  params: [
    {
      name: 'epsilon',
      type: 'number',
      default: 1e-6,
      min: 0,
      doc: 'Added to denominators, with their sign; it absorbs relevance.',
    },
    {
      name: 'epsilonScale',
      type: 'choice',
      default: 'absolute',
      choices: ['absolute', 'rms'],
      doc: 'Epsilon as it is, or times the root mean square of the outputs of the node (weights only).',
    },
    ...relevanceParams,
  ],
  unit: 'contribution',
  claims: [],
  reference: 'Bach et al. 2015, PLoS ONE 10(7) e0130140',
  propagation: (params) =>
    relevancePropagation(params, {
      rule: 'epsilon',
      stabilizer: params['epsilon'] as number,
      stabilizerScale: params['epsilonScale'] as 'absolute',
    }),
  attribute: (context) => relevanceOutcome(context, lrpEpsilon),
};
