import type { Method } from '../method.ts';
import { relevanceOutcome } from '../propagation/relevance-outcome.ts';
import { relevanceParams, relevancePropagation } from '../propagation/relevance-params.ts';
import { lrpEpsilon } from './lrp-epsilon.ts';

const SHARED: readonly string[] = ['bias', 'add', 'norm', 'attention', 'start'];

/**
 * Layer-wise relevance propagation for transformers: the epsilon rule on weights, half to each factor of a product, the
 * Taylor rule R_i = x_i (R_i - s_i sum R) on softmax, normalizations with their statistics held. Attention `value` sends
 * everything through the values and nothing through the attention weights (CP-LRP).
 *
 * @source Achtibat et al. 2024, AttnLRP, arXiv:2402.05602, propositions 3.1 to 3.4; Ali et al. 2022, arXiv:2202.07304
 */
export const attnLrp: Method = {
  ...lrpEpsilon,
  id: 'attn-lrp',
  title: 'AttnLRP',
  summary: 'LRP for transformers: relevance also flows through attention weights, products and normalizations.',
  modalities: ['text', 'image', 'series', 'audio', 'tabular'],
  params: [
    {
      name: 'epsilon',
      type: 'number',
      default: 1e-6,
      min: 0,
      doc: 'Added to denominators, with their sign; it absorbs relevance.',
    },
    ...relevanceParams.filter(({ name }) => SHARED.includes(name)),
  ],
  reference: 'Achtibat et al. 2024, arXiv:2402.05602',
  propagation: (params) =>
    relevancePropagation(
      { composite: 'none', first: 'same', others: 'rules', ...params, low: [0], high: [1], mul: 'gate-aware' },
      { rule: 'epsilon', stabilizer: params['epsilon'] as number },
    ),
  attribute: (context) => relevanceOutcome(context, attnLrp),
};
