import { argumentError, PathwiseError } from '@pathwise/model';
import { evaluateCoalitions, gameOf } from '../coalitions/game.ts';
import { kernelDesign, weightsWithout, type KernelDesign } from '../coalitions/kernel-design.ts';
import { kernelSolver, type KernelSolver } from '../coalitions/kernel-regression.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { playersOf } from '../coalitions/players.ts';
import type { Method } from '../method.ts';
import { coalitionMethod } from './occlusion.ts';

/** The regression solves as many equations. */
const MOST_PLAYERS = 512;
/** Parts that draws are left out by, for standard errors. */
const BLOCKS = 10;

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
    { name: 'ridge', type: 'number', default: 0, min: 0, doc: 'Penalty on squared values; the weights sum to 1.' },
  ],
  claims: ['completeness', 'linearity', 'implementation-invariance', 'affine-scale-invariance'],
  reference: 'Lundberg, Lee 2017, arXiv:1705.07874; Covert, Lee 2021, arXiv:2012.01536',
  async attribute(context) {
    const { params, request, method, evaluation, rows } = context;
    const players = playersOf(context);
    const { count } = players;
    if (count > MOST_PLAYERS) {
      const advice = 'Group features with a feature mask, or use shapley-sampling';
      throw new PathwiseError('LIMIT_EXCEEDED', `${method}: ${count} players; at most ${MOST_PLAYERS}. ${advice}`);
    }
    const asked = Number(params['samples']);
    const samples = Math.min(2 ** count - 2, asked === 0 ? 2 * count + 2048 : asked);
    const design = kernelDesign(count, samples, request.seed ?? 0);
    const ridge = Number(params['ridge']);
    const solve = kernelSolver(count, design.coalitions, design.weights, ridge);
    if (solve === null) {
      const expected = `at least ${Math.min(2 ** count - 2, 2 * (count - 1))}, better many more, for ${count} players`;
      throw argumentError(method, 'parameter samples', expected, asked);
    }
    const game = await gameOf(context);
    const total = design.coalitions.length;
    const values = await evaluateCoalitions(
      game,
      {
        count: total,
        mark(k, present) {
          const coalition = design.coalitions[k];
          for (const [e, player] of players.ofElement.entries()) present[e] = player < 0 ? 1 : coalition[player];
        },
        describe: (k) => `players ${players.ids.filter((_, player) => design.coalitions[k][player] === 1).join(', ')}`,
      },
      { onDone: (done) => evaluation.onProgress?.({ phase: 'coalitions', done, total }) },
    );
    const solveRows = (solver: KernelSolver): Float64Array[] =>
      Array.from({ length: rows }, (_, row) =>
        solver((k) => values[k * rows + row] - game.atBaseline[row], game.atInput[row] - game.atBaseline[row]),
      );
    const exact = total === 2 ** count - 2;
    const errors = exact ? null : jackknife(design, count, ridge, solveRows);
    const outcome = playerOutcome(context, game, players, solveRows(solve), errors);
    const unknown = { code: 'no-standard-errors', message: 'too few draws to state an error. Raise samples' };
    return {
      ...outcome,
      params: { samples: total },
      ...(exact && ridge === 0 ? { exact } : {}),
      warnings: [...(outcome.warnings ?? []), ...(exact || errors !== null ? [] : [unknown])],
    };
  },
};

/**
 * Standard errors from solving without a tenth of the draws, ten times; null when draws are too few for that.
 * @source Efron, Stein 1981, The jackknife estimate of variance
 */
function jackknife(
  design: KernelDesign,
  players: number,
  ridge: number,
  solveRows: (solver: KernelSolver) => Float64Array[],
): Float64Array[] | null {
  if (design.draws.length < 2 * BLOCKS) return null;
  const parts: Float64Array[][] = [];
  for (let block = 0; block < BLOCKS; block++) {
    const weights = weightsWithout(design, (draw) => draw % BLOCKS === block);
    const solver = kernelSolver(players, design.coalitions, weights, ridge);
    if (solver === null) return null;
    parts.push(solveRows(solver));
  }
  return parts[0].map((first, row) =>
    first.map((_, player) => {
      const own = parts.map((part) => part[row][player]);
      const mean = own.reduce((a, b) => a + b, 0) / BLOCKS;
      const squares = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      return Math.sqrt(((BLOCKS - 1) / BLOCKS) * squares);
    }),
  );
}
