import type { Method } from '../method.ts';
import { relevanceOutcome } from '../propagation/relevance-outcome.ts';
import { relevanceParams, relevancePropagation, stabilizerParam } from '../propagation/relevance-params.ts';
import { lrpEpsilon } from './lrp-epsilon.ts';

/**
 * LRP with the alpha-beta rule: positive and negative parts x_j w_jk are shared out separately, each in proportion to its
 * own sum, times alpha and -beta = 1 - alpha. Where a node has no negative part, alpha times its relevance arrives.
 *
 * @source Bach, Binder, Montavon, Klauschen, Mueller, Samek 2015, PLoS ONE 10(7) e0130140, equation 60
 */
export const lrpAlphaBeta: Method = {
  ...lrpEpsilon,
  id: 'lrp-alpha-beta',
  title: 'LRP-alpha-beta',
  summary: 'LRP that shares out positive and negative parts separately, alpha and 1 - alpha times.',
  params: [
    {
      name: 'alpha',
      type: 'number',
      default: 2,
      min: 1,
      doc: 'Weight of positive parts; negative ones get 1 - alpha.',
    },
    stabilizerParam,
    ...relevanceParams,
  ],
  reference: 'Bach et al. 2015, PLoS ONE 10(7) e0130140',
  propagation: (params) =>
    relevancePropagation(params, {
      rule: 'alpha-beta',
      stabilizer: params['stabilizer'] as number,
      alpha: params['alpha'] as number,
    }),
  attribute: (context) => relevanceOutcome(context, lrpAlphaBeta),
};
