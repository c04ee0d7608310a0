import type { Method } from '../method.ts';
import { relevanceOutcome } from '../propagation/relevance-outcome.ts';
import { relevanceParams, relevancePropagation, stabilizerParam } from '../propagation/relevance-params.ts';
import { lrpEpsilon } from './lrp-epsilon.ts';

/**
 * LRP with the gamma rule: parts x_j w_jk of the sign of z_k are enlarged by 1 + gamma before relevance is shared.
 * For x >= 0 and z > 0: R_j = sum_k x_j (w_jk + gamma max(w_jk, 0)) R_k / sum of the same.
 *
 * @source Montavon, Binder, Lapuschkin, Samek, Mueller 2019, Layer-Wise Relevance Propagation: An Overview, section 10.2.3
 */
export const lrpGamma: Method = {
  ...lrpEpsilon,
  id: 'lrp-gamma',
  title: 'LRP-gamma',
  summary: 'LRP in which parts of the sign of the sum count more than those against it.',
  params: [
    { name: 'gamma', type: 'number', default: 0.25, min: 0, doc: 'How much more parts of the sign of the sum count.' },
    stabilizerParam,
    ...relevanceParams,
  ],
  reference: 'Montavon et al. 2019, LRP: An Overview',
  propagation: (params) =>
    relevancePropagation(params, {
      rule: 'gamma',
      stabilizer: params['stabilizer'] as number,
      gamma: params['gamma'] as number,
    }),
  attribute: (context) => relevanceOutcome(context, lrpGamma),
};
