import { argumentError, type Warning } from '@pathwise/model';
import type { PlayerCoalitions } from '../coalitions/coalitions.ts';
import { evaluateCoalitions, gameOf, type Game } from '../coalitions/game.ts';
import { ordersOf, ordersPerUnit, pairings, type Pairing } from '../coalitions/orders.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { playerCoalitions } from '../coalitions/player-coalitions.ts';
import { playersOf, type PlayerMap } from '../coalitions/players.ts';
import { isAccurate, toleranceParam } from '../coalitions/accuracy.ts';
import { Moments } from '../evaluate/moments.ts';
import type { Method } from '../method.ts';
import { coalitionMethod } from './occlusion.ts';

/** Samples between two looks at the standard errors: fixed, so that nothing depends on tiles. */
const SAMPLES_A_LOOK = 16;

/**
 * Shapley values from random orders: the mean of what a player adds when it joins those before it. Every order sums to
 * F(x) - F(x'), so the estimate does.
 *
 * @source Castro, Gomez, Tejada 2009; Strumbelj, Kononenko 2010; antithetic orders: Mitchell et al. 2022, arXiv:2104.12199
 */
export const shapleySampling: Method = {
  ...coalitionMethod,
  id: 'shapley-sampling',
  title: 'Sampled Shapley values',
  summary: 'Shapley values estimated from random orders of the features, with standard errors.',
  random: true,
  params: [
    { name: 'samples', type: 'integer', default: 200, min: 2, doc: 'Orders at most.' },
    {
      name: 'pairing',
      type: 'choice',
      default: 'antithetic',
      choices: pairings,
      doc: 'What is drawn together: an order and its reverse, all rotations of an order, or single orders.',
    },
    toleranceParam,
  ],
  telescopes: true,
  claims: [
    'completeness',
    'sensitivity-a',
    'dummy',
    'linearity',
    'implementation-invariance',
    'affine-scale-invariance',
    'non-decreasing-positivity',
  ],
  reference: 'Castro, Gomez, Tejada 2009; Strumbelj, Kononenko 2010; Mitchell et al. 2022, arXiv:2104.12199',
  async attribute(context) {
    const { params, request, method } = context;
    const players = playersOf(context);
    const pairing = params['pairing'] as Pairing;
    const each = ordersPerUnit(pairing, players.count);
    const units = Math.floor(Number(params['samples']) / each);
    if (units < 1) {
      const expected = `at least ${each} with pairing=${pairing} and ${players.count} players`;
      throw argumentError(method, 'parameter samples', expected, params['samples']);
    }
    const game = await gameOf(context, players);
    const plan = { pairing, units, tolerance: Number(params['tolerance']), seed: request.seed ?? 0 };
    const means = await sampleOrders(game, players, plan);
    const errors = means.map((mean) => mean.standardErrors());
    const known = errors.filter((own) => own !== null);
    const outcome = playerOutcome(
      context,
      game,
      players,
      means.map(({ mean }) => mean),
      known.length === errors.length ? known : null,
    );
    return { ...outcome, warnings: [...(outcome.warnings ?? []), ...(known.length === 0 ? [ONE_SAMPLE] : [])] };
  },
};

const ONE_SAMPLE: Warning = {
  code: 'no-standard-errors',
  message: 'one sample shows no spread, so nothing is said about the error. Raise samples',
};

interface Plan {
  readonly pairing: Pairing;
  readonly units: number;
  readonly tolerance: number;
  readonly seed: number;
}

/** Means over samples, one a row. A row that is accurate enough takes no more; which others there are does not matter. */
async function sampleOrders(game: Game, players: PlayerMap, plan: Plan): Promise<Moments[]> {
  const { rows, evaluation } = game;
  const means = Array.from({ length: rows }, () => new Moments(players.count));
  let open = Array.from({ length: rows }, (_, row) => row);
  for (let start = 0; start < plan.units && open.length > 0; start += SAMPLES_A_LOOK) {
    const units = Math.min(SAMPLES_A_LOOK, plan.units - start);
    const orders = Array.from({ length: units }, (_, k) =>
      ordersOf(plan.pairing, players.count, plan.seed, start + k),
    ).flat();
    const each = orders.length / units;
    const values = await evaluateCoalitions(game, prefixes(players, orders), {
      rows: open,
      onDone: (done) => {
        const share = start * each + Math.floor(done / Math.max(1, players.count - 1));
        evaluation.onProgress?.({ phase: 'orders', done: share, total: plan.units * each });
      },
    });
    for (const [at, row] of open.entries()) {
      const valueOf = (order: number, size: number): number => {
        if (size === 0) return game.atBaseline[row];
        if (size === players.count) return game.atInput[row];
        return values[(order * (players.count - 1) + size - 1) * open.length + at];
      };
      for (let k = 0; k < units; k++) means[row].add(marginals(orders, k * each, each, players.count, valueOf));
    }
    if (start + units < plan.units)
      open = open.filter((row) => !isAccurate(means[row].mean, means[row].standardErrors(), plan.tolerance));
  }
  return means;
}

/** Coalition order * (n - 1) + size - 1: the first `size` players of the order. */
function prefixes(players: PlayerMap, orders: readonly (readonly number[])[]): PlayerCoalitions {
  const inner = players.count - 1;
  return playerCoalitions(players, orders.length * inner, (k, present) => {
    const size = (k % inner) + 1;
    for (const [at, player] of orders[Math.floor(k / inner)].entries()) present[player] = at < size ? 1 : 0;
  });
}

/** What players add when they join, the mean over the orders from `first` on. */
function marginals(
  orders: readonly (readonly number[])[],
  first: number,
  count: number,
  players: number,
  valueOf: (order: number, size: number) => number,
): Float64Array {
  const sums = new Float64Array(players);
  for (let order = first; order < first + count; order++) {
    for (const [at, player] of orders[order].entries()) sums[player] += valueOf(order, at + 1) - valueOf(order, at);
  }
  return sums.map((sum) => sum / count);
}
