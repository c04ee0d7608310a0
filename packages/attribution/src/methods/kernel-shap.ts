import { toleranceParam } from '../coalitions/accuracy.ts';
import { checkRegressed } from '../coalitions/drawn-design.ts';
import { kernelDesign } from '../coalitions/kernel-design.ts';
import { kernelSolver } from '../coalitions/kernel-regression.ts';
import { playersOf } from '../coalitions/players.ts';
import { regress } from '../coalitions/regress.ts';
import type { Method } from '../method.ts';
import { coalitionMethod } from './occlusion.ts';

/**
 * Shapley values as a weighted regression on coalitions: over all 2^n - 2 of them the exact values, over some of them an
 * estimate that sums to F(x) - F(x').
 *
 * @source Lundberg, Lee 2017, arXiv:1705.07874, theorem 2; Covert, Lee 2021, arXiv:2012.01536
 */
export const kernelShap: Method = {
  ...coalitionMethod,
  id: 'kernel-shap',
  title: 'Kernel SHAP',
  summary: 'Shapley values estimated by a weighted regression on coalitions of features, with standard errors.',
  random: true,
  params: [
    {
      name: 'samples',
      type: 'integer',
      default: 0,
      min: 0,
      doc: 'Coalitions at most; 0 means 2n + 2048. With 2^n - 2 or more the values are exact.',
    },
    toleranceParam,
    { name: 'ridge', type: 'number', default: 0, min: 0, doc: 'Penalty on squared values; the weights sum to 1.' },
  ],
  telescopes: true,
  claims: ['completeness', 'linearity', 'implementation-invariance', 'affine-scale-invariance'],
  reference: 'Lundberg, Lee 2017, arXiv:1705.07874; Covert, Lee 2021, arXiv:2012.01536',
  async attribute(context) {
    const { params, request, method } = context;
    const players = playersOf(context);
    const { count } = players;
    checkRegressed(method, count);
    const asked = Number(params['samples']);
    const samples = Math.min(2 ** count - 2, asked === 0 ? 2 * count + 2048 : asked);
    const design = kernelDesign(count, samples, request.seed ?? 0);
    const ridge = Number(params['ridge']);
    const { outcome, drawn } = await regress(context, players, {
      design,
      solverFor: (weights) => kernelSolver(count, design.coalitions, weights, ridge),
      enough: `at least ${Math.min(2 ** count - 2, 2 * (count - 1))}, better many more, for ${count} players`,
    });
    return drawn || ridge !== 0 ? outcome : { ...outcome, exact: true };
  },
};
