import { argumentError } from '@pathwise/model';
import { inputPaths } from '../input-paths.ts';
import type { Method } from '../method.ts';
import {
  deepLiftParams,
  deepLiftPropagation,
  multiplyByInputsParam,
  rescaleAfterParam,
} from '../propagation/deep-lift-params.ts';
import { deepliftRescale, deepLiftOutcome } from './deeplift-rescale.ts';

/**
 * DeepLIFT averaged over a set of baselines: A = mean over b of m_b * (x - b), never DeepLIFT against their mean. Every
 * row goes with every baseline; the sum is F(x) - mean F(b).
 *
 * @source Lundberg and Lee 2017, arXiv:1705.07874, section 4.2 (Deep SHAP)
 */
export const deepshap: Method = {
  ...deepliftRescale,
  id: 'deepshap',
  title: 'DeepSHAP',
  summary: 'DeepLIFT averaged over a set of baselines.',
  takes: { ...deepliftRescale.takes, baseline: 'set' },
  params: [
    {
      name: 'rule',
      type: 'choice',
      default: 'rescale',
      choices: ['rescale', 'reveal-cancel'],
      doc: 'How activations share their change.',
    },
    rescaleAfterParam,
    ...deepLiftParams,
    multiplyByInputsParam,
  ],
  claims: ['completeness', 'linearity', 'affine-scale-invariance'],
  reference: 'Lundberg and Lee 2017, arXiv:1705.07874',
  propagation: (params) => deepLiftPropagation(params, params['rule'] as 'rescale'),
  async attribute(context) {
    if (context.request.baseline === undefined) {
      const expected = 'a set of baselines (set:FILE on the command line), uniform:N or gaussian:N';
      throw argumentError('deepshap', 'baseline', expected, 'nothing');
    }
    if (context.layers.length > 0 && context.params['rule'] === 'reveal-cancel') {
      throw argumentError('deepshap', 'rule', 'rescale at a layer', 'reveal-cancel');
    }
    return deepLiftOutcome(context, deepshap, await inputPaths(context, context.target.objective));
  },
};
