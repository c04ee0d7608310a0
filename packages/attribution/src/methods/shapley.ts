import { PathwiseError } from '@pathwise/model';
import type { AxiomId } from '../axioms/axiom.ts';
import { allValues, valuesOfMasks } from '../coalitions/all-values.ts';
import { gameOf } from '../coalitions/game.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { owenCoalitions, owenCount, owenValues, unionsOf } from '../coalitions/owen-values.ts';
import { playersOf } from '../coalitions/players.ts';
import { shapleyValues } from '../coalitions/shapley-values.ts';
import type { Method } from '../method.ts';
import type { ParamSpec } from '../params.ts';
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

export const maxPlayersParam: ParamSpec = {
  name: 'maxPlayers',
  type: 'integer',
  default: 16,
  min: 1,
  max: MOST_PLAYERS,
  doc: 'Above this number of players it fails instead of evaluating 2^n coalitions; with unions, above 2^maxPlayers.',
};

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
    maxPlayersParam,
    {
      name: 'unions',
      type: 'numbers',
      default: [],
      min: 0,
      file: true,
      doc: 'A union for each player, in ascending order of their ids: Owen values, players of a union together.',
    },
  ],
  telescopes: true,
  claims,
  reference: 'Shapley 1953; Lundberg, Lee 2017, arXiv:1705.07874',
  async attribute(context) {
    const { method, params } = context;
    const players = playersOf(context);
    const most = Number(params['maxPlayers']);
    const given = params['unions'] as readonly number[];
    if (given.length === 0) {
      checkCount(method, players.count, most);
      const game = await gameOf(context, players);
      const perPlayer = (await allValues(game, players)).map((v) => shapleyValues(v, players.count));
      return { ...playerOutcome(context, game, players, perPlayer), exact: true };
    }
    const unions = unionsOf(method, given, players.count);
    checkUnions(method, owenCount(unions), most);
    const game = await gameOf(context, players);
    const values = await valuesOfMasks(game, players, owenCoalitions(unions));
    const perPlayer = values.map((v) => owenValues(v, unions));
    return { ...playerOutcome(context, game, players, perPlayer), exact: true };
  },
};

function checkUnions(method: string, count: number, most: number): void {
  if (count <= 2 ** most) return;
  const message = `${method}: these unions need ${count} evaluations a row; maxPlayers ${most} allows ${2 ** most}`;
  throw new PathwiseError('LIMIT_EXCEEDED', `${message}. Raise maxPlayers, or form smaller unions`);
}

/** 2^n evaluations are refused above the number that the user allows. */
export function checkCount(method: string, count: number, most: number): void {
  if (count <= most) return;
  const cost = count <= 60 ? `${2 ** count} evaluations a row` : `2^${count} evaluations a row`;
  const advice =
    count <= MOST_PLAYERS
      ? 'Raise maxPlayers, group features with a feature mask, or use shapley-sampling or kernel-shap'
      : `Group features with a feature mask (at most ${MOST_PLAYERS} players), or use shapley-sampling or kernel-shap`;
  throw new PathwiseError(
    'LIMIT_EXCEEDED',
    `${method}: ${count} players need ${cost}; maxPlayers is ${most}. ${advice}`,
  );
}
