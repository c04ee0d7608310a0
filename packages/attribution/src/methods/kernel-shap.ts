import { argumentError } from '@pathwise/model';
import { toleranceParam } from '../coalitions/accuracy.ts';
import { checkRegressed, fitRows, type Fit } from '../coalitions/drawn-design.ts';
import { gameOf } from '../coalitions/game.ts';
import { kernelDesign } from '../coalitions/kernel-design.ts';
import { kernelSolver } from '../coalitions/kernel-regression.ts';
import { fittedOutcome } from '../coalitions/outcome.ts';
import { playersOf } from '../coalitions/players.ts';
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
    const solverFor: Fit['solverFor'] = (weights) => kernelSolver(count, design.coalitions, weights, ridge);
    const solver = solverFor(design.weights);
    if (solver === null) {
      const expected = `at least ${Math.min(2 ** count - 2, 2 * (count - 1))}, better many more, for ${count} players`;
      throw argumentError(method, 'parameter samples', expected, asked);
    }
    const game = await gameOf(context, players);
    const estimates = await fitRows(game, players, {
      design,
      solver,
      solverFor,
      tolerance: Number(params['tolerance']),
    });
    const drawn = design.draws.length > 0;
    const outcome = fittedOutcome(context, game, players, { estimates, drawn });
    return drawn || ridge !== 0 ? outcome : { ...outcome, exact: true };
  },
};
