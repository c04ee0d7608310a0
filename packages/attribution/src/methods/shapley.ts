import { PathwiseError } from '@pathwise/model';
import type { AxiomId } from '../axioms/axiom.ts';
import { evaluateCoalitions, gameOf, type Game } from '../coalitions/game.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { playersOf, type PlayerMap } from '../coalitions/players.ts';
import { shapleyValues } from '../coalitions/shapley-values.ts';
import type { Method } from '../method.ts';
import { coalitionMethod } from './occlusion.ts';

/** Of exact Shapley values. */
const claims: readonly AxiomId[] = [
  'completeness',
  'sensitivity-a',
  'dummy',
  'linearity',
  'symmetry',
  'implementation-invariance',
  'affine-scale-invariance',
  'non-decreasing-positivity',
];

/** Above this, 2^n outputs are not to be had. */
const MOST_PLAYERS = 24;

/**
 * The Shapley value of every player, over all 2^n coalitions: the mean over all orders of what the target gains when the
 * player joins those before it.
 *
 * @source Shapley 1953; of models: Strumbelj, Kononenko 2010; Lundberg, Lee 2017, arXiv:1705.07874, equation 8
 */
export const shapley: Method = {
  ...coalitionMethod,
  id: 'shapley',
  title: 'Shapley values',
  summary: 'The fair share of each feature, or group, in the change of the target, over all coalitions.',
  params: [
    {
      name: 'maxPlayers',
      type: 'integer',
      default: 16,
      min: 1,
      max: MOST_PLAYERS,
      doc: 'Above this number of players it fails instead of evaluating 2^n coalitions.',
    },
  ],
  claims,
  reference: 'Shapley 1953; Lundberg, Lee 2017, arXiv:1705.07874',
  async attribute(context) {
    const players = playersOf(context);
    checkCount(players.count, Number(context.params['maxPlayers']));
    const game = await gameOf(context);
    const perPlayer = (await allValues(game, players)).map((v) => shapleyValues(v, players.count));
    return { ...playerOutcome(context, game, players, perPlayer), exact: true };
  },
};

function checkCount(count: number, most: number): void {
  if (count <= most) return;
  const cost = count <= 60 ? `${2 ** count} evaluations a row` : `2^${count} evaluations a row`;
  const advice =
    count <= MOST_PLAYERS
      ? 'Raise maxPlayers, group features with a feature mask, or use shapley-sampling or kernel-shap'
      : `Group features with a feature mask (at most ${MOST_PLAYERS} players), or use shapley-sampling or kernel-shap`;
  throw new PathwiseError('LIMIT_EXCEEDED', `shapley: ${count} players need ${cost}; maxPlayers is ${most}. ${advice}`);
}

/** v of all coalitions by bit mask, one list a row; bit i set: player i is present. */
async function allValues(game: Game, players: PlayerMap): Promise<Float64Array[]> {
  const { rows, atInput, atBaseline, evaluation } = game;
  const inner = 2 ** players.count - 2;
  const values = await evaluateCoalitions(
    game,
    {
      count: inner,
      mark(k, present) {
        for (const [e, player] of players.ofElement.entries()) present[e] = player < 0 ? 1 : ((k + 1) >>> player) & 1;
      },
      describe: (k) => `players ${players.ids.filter((_, player) => ((k + 1) >>> player) & 1).join(', ')}`,
    },
    { onDone: (done) => evaluation.onProgress?.({ phase: 'coalitions', done, total: inner }) },
  );
  return Array.from({ length: rows }, (_, row) => {
    const v = new Float64Array(inner + 2);
    v[0] = atBaseline[row];
    for (let k = 0; k < inner; k++) v[k + 1] = values[k * rows + row];
    v[inner + 1] = atInput[row];
    return v;
  });
}
