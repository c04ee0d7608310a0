import type { Method } from '../method.ts';
import { relevanceOutcome } from '../propagation/relevance-outcome.ts';
import { relevanceParams, relevancePropagation, stabilizerParam } from '../propagation/relevance-params.ts';
import { lrpEpsilon } from './lrp-epsilon.ts';

/**
 * LRP with the z-plus rule: relevance is shared in proportion to the positive parts of x_j w_jk, a positive bias
 * included. It is alpha-beta with alpha = 1; relevance of nodes without a positive part is lost.
 *
 * @source Bach et al. 2015, PLoS ONE 10(7) e0130140, equation 60 with alpha = 1; Montavon et al. 2017, arXiv:1512.02479
 */
export const lrpZPlus: Method = {
  ...lrpEpsilon,
  id: 'lrp-z-plus',
  title: 'LRP-z-plus',
  summary: 'LRP that follows positive parts only.',
  params: [stabilizerParam, ...relevanceParams],
  reference: 'Montavon et al. 2017, arXiv:1512.02479',
  propagation: (params) => relevancePropagation(params, { rule: 'z-plus', stabilizer: params['stabilizer'] as number }),
  attribute: (context) => relevanceOutcome(context, lrpZPlus),
};
