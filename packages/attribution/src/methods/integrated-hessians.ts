import { PathwiseError, type Interactions, type Warning } from '@pathwise/model';
import { fromCoalitions } from '../coalitions/coalition-paths.ts';
import { gameOf, type Game } from '../coalitions/game.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { playersOf, type PlayerMap } from '../coalitions/players.ts';
import type { Context } from '../context.ts';
import { nobody, type Coalition } from '../evaluate/coalition-rounds.ts';
import { BREAKPOINT_LIMIT } from '../evaluate/exact.ts';
import { feedsAt } from '../evaluate/points.ts';
import { differencedMatrices } from '../hessians/differenced.ts';
import { kinkedMatrices } from '../hessians/kinked.ts';
import { smoothMatrices } from '../hessians/smooth.ts';
import type { Method } from '../method.ts';
import type { StraightPaths } from '../path.ts';
import { logarithmicRules, type LogarithmicRule } from '../quadrature/gauss-logarithmic.ts';
import { coalitionMethod } from './occlusion.ts';

/** n players are n Hessian products a node. */
const MOST_PLAYERS = 64;

/**
 * Integrated gradients of integrated gradients: G_ij = D_i D_j times the integral over u of (-ln u) u d2F/dx_i dx_j, and on
 * the diagonal also D_i times that of (-ln u) dF/dx_i, at x' + u D, D = x - x'. Rows sum to integrated gradients. One integral:
 * the product of the two variables of the double integral has the density -ln u.
 *
 * @source Janizek, Sturmfels, Lee 2021, arXiv:2002.04138, equations 4 to 6; the single integral and the kinks are ours
 */
export const integratedHessians: Method = {
  ...coalitionMethod,
  id: 'integrated-hessians',
  title: 'Integrated Hessians',
  summary:
    'How pairs of features act together along the path from the baseline, in rows that sum to integrated gradients.',
  needs: ['gradient', 'second-order'],
  params: [
    {
      name: 'nodes',
      type: 'choice',
      default: '16',
      choices: [...logarithmicRules.keys()].map(String),
      doc: 'Nodes of the quadrature of smooth models.',
    },
    {
      name: 'kinks',
      type: 'integer',
      default: BREAKPOINT_LIMIT,
      min: 0,
      max: BREAKPOINT_LIMIT,
      doc: 'Piecewise-linear models are exact up to so many kinks on a path; those with more are sampled.',
    },
    {
      name: 'samples',
      type: 'integer',
      default: 256,
      min: 4,
      doc: 'Points on a path of models with more kinks, or with kinks and smooth parts.',
    },
  ],
  claims: ['dummy', 'symmetry', 'implementation-invariance', 'affine-scale-invariance'],
  reference: 'Janizek, Sturmfels, Lee 2021, arXiv:2002.04138',
  async attribute(context) {
    const players = playersOf(context);
    const { count } = players;
    checkPlayers(context, count);
    const game = await gameOf(context, players);
    const start = new Array<Coalition>(game.paths.count).fill(nobody(count));
    const paths = fromCoalitions(game.paths, players, start);
    const { matrices, isExact, errors } = await matricesOf(context, paths, players);
    const ofRows = meansOfRows(game, matrices);
    const perPlayer = ofRows.map((matrix) =>
      Float64Array.from({ length: count }, (_, i) =>
        matrix.subarray(i * count, (i + 1) * count).reduce((sum, v) => sum + v, 0),
      ),
    );
    const outcome = playerOutcome(context, game, players, perPlayer);
    return {
      ...outcome,
      ...(isExact && { exact: true }),
      ...(errors !== null && { error: worstOfRows(game, errors) }),
      interactions: ofRows.map((matrix) => reported(matrix, count)),
      warnings: [...(outcome.warnings ?? []), ...(errors === null ? [] : [kinksSampled(errors)])],
    };
  },
};

interface Matrices {
  readonly matrices: readonly Float64Array[];
  readonly isExact: boolean;
  /** Relative, one a path, where gradients are sampled. */
  readonly errors: readonly number[] | null;
}

/** One matrix a path: from kink to kink, by second derivatives, or from gradients beside the path. */
async function matricesOf(
  { params, evaluation }: Context,
  paths: StraightPaths,
  players: PlayerMap,
): Promise<Matrices> {
  const kind = kindOf(paths);
  const smooth = logarithmicRules.get(Number(params['nodes'])) as LogarithmicRule;
  if (kind === 'smooth')
    return { matrices: await smoothMatrices(paths, players, smooth, evaluation), isExact: false, errors: null };
  const followed =
    kind === 'piecewise-linear' ? await kinkedMatrices(paths, players, evaluation, params['kinks'] as number) : null;
  if (followed !== null) return { matrices: followed, isExact: true, errors: null };
  const sampled = await differencedMatrices(paths, players, params['samples'] as number, evaluation);
  return { matrices: sampled.map(({ matrix }) => matrix), isExact: false, errors: sampled.map(({ error }) => error) };
}

/** The largest error over the baselines of each row. */
function worstOfRows({ rows, baselines: { count } }: Game, errors: readonly number[]): number[] {
  return Array.from({ length: rows }, (_, row) => Math.max(...errors.slice(row * count, (row + 1) * count)));
}

function checkPlayers({ method, target }: Context, players: number): void {
  if (target.objective.rows.some(({ kind }) => kind === 'function')) {
    throw new PathwiseError('UNSUPPORTED_METHOD', `${method}: a target given as a function has no second derivatives`);
  }
  if (players <= MOST_PLAYERS) return;
  const message = `${method}: ${players} features have ${players ** 2} pairs; at most ${MOST_PLAYERS} features`;
  throw new PathwiseError('LIMIT_EXCEEDED', `${message}. Group them with a feature mask`);
}

type Kind = 'smooth' | 'piecewise-linear' | 'mixed';

/** What the target is along the paths. */
function kindOf(paths: StraightPaths): Kind {
  const structure = paths.model.structure(feedsAt(paths, [{ path: 0, alpha: 1 }]));
  const { kind } = structure.pathKind(
    paths.moving.map(({ name }) => name),
    paths.objective.tensor,
  );
  return kind === 'affine' ? 'piecewise-linear' : kind;
}

function kinksSampled(errors: readonly number[]): Warning {
  const percent = Number((100 * Math.max(...errors)).toPrecision(2));
  const message =
    `second derivatives do not see kinks, and here are too many to follow, or smooth parts besides: the matrix is made of ` +
    `gradients beside the path and off by about ${percent} % in the L1 norm. Raise samples for less`;
  return { code: 'kinks-sampled', message };
}

/** The weighted mean over the baselines of each row, symmetric to the bit. */
function meansOfRows({ rows, baselines }: Game, matrices: readonly Float64Array[]): Float64Array[] {
  const size = Math.sqrt(matrices[0].length);
  return Array.from({ length: rows }, (_, row) => {
    const mean = new Float64Array(size * size);
    for (const [k, weight] of baselines.weights.entries()) {
      const own = matrices[row * baselines.count + k];
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) mean[i * size + j] += (weight / 2) * (own[i * size + j] + own[j * size + i]);
      }
    }
    return mean;
  });
}

function reported(matrix: Float64Array, players: number): Interactions {
  const [diagonal, others] = [0, 0].map(() => ({ absolute: 0 }));
  let total = 0;
  for (const [k, value] of matrix.entries()) {
    const [i, j] = [Math.floor(k / players), k % players];
    if (i <= j) (i === j ? diagonal : others).absolute += Math.abs(value);
    total += value;
  }
  return {
    index: 'integrated-hessians',
    players,
    pairs: Array.from(matrix),
    sets: [],
    orders: [
      { players: 1, sets: players, absolute: diagonal.absolute, noise: null },
      ...(players > 1
        ? [{ players: 2, sets: (players * (players - 1)) / 2, absolute: others.absolute, noise: null }]
        : []),
    ],
    total,
  };
}
