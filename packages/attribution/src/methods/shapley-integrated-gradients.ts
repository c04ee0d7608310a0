import { argumentError, PathwiseError } from '@pathwise/model';
import { integrateCoalitions, sumByPlayer, type CoalitionPath } from '../coalitions/coalition-paths.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { playersOf } from '../coalitions/players.ts';
import type { Context } from '../context.ts';
import { allCoalitions, cyclicWindows, keyOf, type Round } from '../evaluate/coalition-rounds.ts';
import { l1, relativeError, type Integration } from '../evaluate/integral.ts';
import { Moments } from '../evaluate/moments.ts';
import { resolveIntegration } from '../integration.ts';
import type { Method, Outcome } from '../method.ts';
import { oneBaselinePaths } from './baseline-set.ts';

const DEFAULT_STEPS = 16;
/** A sum of attributions below this share of their absolute sum is rounding. */
const CANCELLED = 1e-12;
/** Players of sampled coalitions, and of all of them. */
const MOST_PLAYERS = 64;
const MOST_OF_ALL = 12;

/**
 * Integrated gradients from a set of baselines that are matched with the coalitions of the Shapley value: features of a
 * coalition are at the input already, the others at the baseline. Coalitions of every size have the same weight.
 *
 * @source Liu et al. 2023, arXiv:2310.04821, for the idea (its abstract and opening); sampling by cyclic windows and the
 *   three ways to combine are ours
 */
export const shapleyIntegratedGradients: Method = {
  id: 'shapley-integrated-gradients',
  title: 'Shapley integrated gradients',
  summary: 'Integrated gradients over baselines made of coalitions of features, near in proportion to Shapley values.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'one', layer: false, neuron: false, quadrature: true, featureMask: true },
  random: true,
  params: [
    { name: 'rounds', type: 'integer', default: 1, min: 1, doc: 'Permutations whose windows are taken.' },
    {
      name: 'contribution',
      type: 'choice',
      default: 'set-mean',
      choices: ['set-mean', 'conditional', 'marginal'],
      doc: 'Mean over the baselines, over those that lack the feature, or differences of the target and no gradients.',
    },
    {
      name: 'coalitions',
      type: 'choice',
      default: 'sampled',
      choices: ['sampled', 'all'],
      doc: 'Windows of random permutations, or all coalitions (12 players at most).',
    },
    {
      name: 'normalize',
      type: 'choice',
      default: 'none',
      choices: ['none', 'sum'],
      doc: 'Scale the attributions so that they sum to the change of the target.',
    },
  ],
  unit: 'contribution',
  claims: ['dummy', 'linearity', 'implementation-invariance', 'non-decreasing-positivity'],
  reference: 'Liu et al. 2023, arXiv:2310.04821',
  async attribute(context) {
    const { method, outputAtInput, params, request, rows, target } = context;
    if (request.standardErrors === true) {
      throw argumentError(method, 'standardErrors', 'rounds of at least 2, which give them', true);
    }
    const integration = integrationOf(context);
    const players = playersOf(context);
    const size = players.count;
    const rounds = roundsOf(context, size);
    const single = await oneBaselinePaths(context, target.objective);
    const distinct = [...new Map(rounds.flatMap((r) => r.coalitions).map((c) => [keyOf(c), c])).values()];
    // All players at the input are no baseline: the path would not move.
    const baselines = distinct.filter((coalition) => coalition.size < size);
    const indexOf = new Map(baselines.map((coalition, c) => [keyOf(coalition), c]));
    const isMarginal = params['contribution'] === 'marginal';
    const paths: (Omit<CoalitionPath, 'contributions'> & { readonly perPlayer: Float64Array | null })[] = [];
    const warnings = await integrateCoalitions(context, single.paths, players, baselines, {
      integration: isMarginal ? null : integration,
      visit: ({ contributions, ...path }) =>
        paths.push({ ...path, perPlayer: contributions && sumByPlayer(contributions, players) }),
    });
    const values = (row: number, key: string): number => {
      const c = indexOf.get(key);
      return c === undefined ? outputAtInput[row] : paths[row * baselines.length + c].output;
    };
    const empty = outputAtInput.map((_, row) => values(row, '0'.repeat(size)));

    const means = Array.from({ length: rows }, () => new Moments(size));
    const totals = new Array<number>(rows).fill(0);
    const meanOutputs = new Array<number>(rows).fill(0);
    for (const round of rounds) {
      const keys = round.coalitions.map(keyOf);
      for (let row = 0; row < rows; row++) {
        const own = new Float64Array(size);
        if (isMarginal) {
          for (const { player, before, after, weight } of round.joinings) {
            own[player] += weight * (values(row, keys[after]) - values(row, keys[before]));
          }
        } else {
          for (const [c, coalition] of round.coalitions.entries()) {
            if (coalition.size === size) continue;
            const weight = weightOf(round, c, size, params['contribution'] === 'conditional');
            const path = paths[row * baselines.length + (indexOf.get(keys[c]) as number)];
            path.perPlayer?.forEach((value, player) => {
              own[player] += weight * value;
            });
            totals[row] += (weight * (path.error ?? 0)) / rounds.length;
            meanOutputs[row] += (round.share[c] * values(row, keys[c])) / size / rounds.length;
          }
        }
        means[row].add(own);
      }
    }

    const normalized = params['normalize'] === 'sum';
    const sums = means.map(({ mean }, row) =>
      normalized ? scaleToSum(mean, outputAtInput[row] - empty[row], method, row) : mean,
    );
    const isSetMean = params['contribution'] === 'set-mean' && !normalized;
    const errors = normalized ? [] : means.flatMap((moments) => moments.standardErrors() ?? []);
    const game = { ...single, rows, atInput: outputAtInput, atBaseline: isSetMean ? meanOutputs : empty };
    const outcome = playerOutcome(context, game, players, sums, errors.length === rows ? errors : null);
    return {
      ...outcome,
      ...(isMarginal || normalized ? {} : statedErrors(paths, sums, totals)),
      ...(!isMarginal && integration.kind === 'exact' ? { exact: true } : {}),
      warnings: [...(outcome.warnings ?? []), ...warnings],
    };
  },
};

/** L1 errors of the coalitions add up at most; relative to the L1 norm of the row's attributions. */
function statedErrors(
  paths: readonly Pick<CoalitionPath, 'error' | 'met'>[],
  sums: readonly Float64Array[],
  totals: readonly number[],
): Pick<Outcome, 'error' | 'errorMet'> {
  const perRow = paths.length / sums.length;
  return {
    error: paths.some(({ error }) => error === null)
      ? null
      : totals.map((total, row) => relativeError(total, l1(sums[row]))),
    errorMet: paths.some(({ met }) => met === null)
      ? null
      : sums.map((_, row) => paths.slice(row * perRow, (row + 1) * perRow).every(({ met }) => met)),
  };
}

function integrationOf({ request }: Context): Integration {
  const { steps, tolerance, exact = false, quadrature } = request;
  const isFixed = steps === undefined && tolerance === undefined && !exact && quadrature !== 'adaptive';
  return resolveIntegration(isFixed ? { ...request, steps: DEFAULT_STEPS } : request);
}

function roundsOf({ method, params, request }: Context, players: number): readonly Round[] {
  const isAll = params['coalitions'] === 'all';
  const most = isAll ? MOST_OF_ALL : MOST_PLAYERS;
  if (players > most) {
    const advice = isAll ? 'Sample coalitions, or group features' : 'Group features';
    throw argumentError(method, 'players', `at most ${most}`, players, `${advice} with a feature mask`);
  }
  if (!isAll) {
    const rounds = params['rounds'] as number;
    return Array.from({ length: rounds }, (_, round) => cyclicWindows(request.seed ?? 0, players, round));
  }
  if (params['rounds'] !== 1) {
    throw argumentError(method, 'parameter rounds', '1: all coalitions leave nothing to draw', params['rounds']);
  }
  return [allCoalitions(players)];
}

/** Every size below all players counts the same; conditional: among the coalitions that a player is not in. */
function weightOf({ coalitions, share }: Round, c: number, players: number, conditional: boolean): number {
  return conditional ? share[c] / (players - coalitions[c].size) : share[c] / players;
}

function scaleToSum(values: Float64Array, change: number, method: string, row: number): Float64Array {
  const sum = values.reduce((a, b) => a + b, 0);
  const size = values.reduce((a, b) => a + Math.abs(b), 0);
  if (size === 0 && change === 0) return values;
  if (Math.abs(sum) > CANCELLED * size) return values.map((value) => (value * change) / sum);
  const message = `${method}: the attributions of row ${row} sum to 0 and cannot be scaled to ${change}. Use normalize none`;
  throw new PathwiseError('BAD_ARGUMENT', message, { row });
}
